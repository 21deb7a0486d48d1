"""What databases keep of rows beside the rows."""

import contextlib
import sqlite3
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection, models, transaction

from caseworker.scrubbing import ALSO_UNSAMPLED, ERASED_FROM, keep_out_of_statistics, rewrite_tables
from config.databases import sqlite
from requests_app.enums import SealedKind
from requests_app.sealed import destroy_records, seal_record
from requests_app.zone_codes import Zone
from requests_app.zones import ZONES
from tests.cast import START, Cast

pytestmark = pytest.mark.django_db


def test_postgresql_copies_no_ciphertext_and_no_code_into_its_statistics() -> None:
    """Otherwise ANALYZE keeps up to a hundred values of each column in ``pg_statistic``, whoever is erased afterwards."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite samples no values")
    sealed = {
        (model._meta.db_table, field.column)
        for model in apps.get_models()
        for field in model._meta.local_fields
        if isinstance(field, models.BinaryField) or field.name in ALSO_UNSAMPLED.get(model._meta.label, ())
    } - {("caseworker_sessionrow", "payload")}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, attname FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid WHERE attstattarget = 0"
        )
        unsampled = set(cursor.fetchall())
    own = {(table, column) for table, column in sealed if table.startswith(("caseworker_", "requests_app_"))}
    assert own <= unsampled
    assert len(own) > 10


def test_every_sealed_column_is_a_binary_one_and_every_named_one_exists() -> None:
    by_name = {model.__name__: model for model in apps.get_models()}
    for name, zones in ZONES.items():
        for field in zones.get(Zone.SEALED, ()):
            assert isinstance(by_name[name]._meta.get_field(field), models.BinaryField), (name, field)
    for label, names in ALSO_UNSAMPLED.items():
        for name in names:
            assert apps.get_model(label)._meta.get_field(name)
    assert all(apps.get_model(label) for label in ERASED_FROM)


def test_a_second_migration_finds_nothing_to_do() -> None:
    with connection.execute_wrapper(_refuse_alter):
        keep_out_of_statistics(apps.get_app_config("requests_app"), "default")
        call_command("migrate", verbosity=0)


def test_sqlite_overwrites_what_is_deleted(tmp_path: Path) -> None:
    settings = sqlite(tmp_path / "fresh.sqlite3")
    with contextlib.closing(sqlite3.connect(settings["NAME"])) as fresh:
        fresh.executescript(settings["OPTIONS"]["init_command"])
        assert fresh.execute("PRAGMA secure_delete").fetchone() == (1,)


@pytest.mark.django_db(transaction=True)
def test_the_nightly_scrub_leaves_no_free_page_in_sqlite(cast: Cast) -> None:
    """A page that was split may keep a copy of a cell; only a file that is written anew has no such pages."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL has no free list")
    with transaction.atomic():
        for _ in range(40):
            text = {"text": "fx " * 900}
            seal_record(SealedKind.NOTE, text, owner_id=cast.north.id, circles=[cast.north], now=START)
        destroy_records([cast.north.id])

    def free_pages() -> int:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA freelist_count")
            return int(cursor.fetchone()[0])

    assert free_pages() > 0
    rewrite_tables()
    assert free_pages() == 0


def _refuse_alter(execute, sql, params, many, context):  # type: ignore[no-untyped-def]
    assert "ALTER" not in sql
    return execute(sql, params, many, context)
