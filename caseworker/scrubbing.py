"""Make deleted rows vanish from the disk too: what each database keeps of them after a DELETE, and how it is made to let go.

SQLite overwrites deleted cells (``secure_delete``), but its write-ahead log still holds the pages from before: it is emptied after the
commit. A page that was split may keep a copy even so (one deleted row in some hundreds), so the file is written anew at night. PostgreSQL
keeps dead rows until a table is written anew: that locks the table, so it is done at night too. Its own write-ahead log is the business of
``wal_recycle = off`` (docs/deploy). And it samples columns into its statistics, ciphertext too, so those columns are never sampled.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.apps import AppConfig, apps
from django.db import connection, connections, models, transaction

ERASED_FROM = (
    "requests_app.RecordKey",
    "requests_app.SealedField",
    "requests_app.SealedRecord",
    "requests_app.DuplicateEntry",
    "requests_app.DuplicatePair",
    "requests_app.CaseMerge",
    "requests_app.ContactPoint",
    "requests_app.Task",
    "requests_app.ContactAttempt",
    "requests_app.ChecklistAnswer",
    "requests_app.Note",
    "requests_app.VerificationCheck",
    "requests_app.AccessGrant",
    "requests_app.Handover",
    "requests_app.PersonLink",
    "requests_app.Referral",
    "requests_app.Consent",
    "requests_app.AssetUse",
    "requests_app.StageSpell",
    "requests_app.StayClock",
    "requests_app.CountryStay",
    "requests_app.Deadline",
    "requests_app.RetentionHold",
    "requests_app.CaseLock",
    "requests_app.HelpRequest",
    "requests_app.Case",
    "caseworker.CircleGrant",
    "caseworker.CircleEscrow",
    "caseworker.StaffKey",
)
"""Tables that erasing, archiving and the end of a key delete from or overwrite."""


ALSO_UNSAMPLED: Mapping[str, tuple[str, ...]] = {
    "caseworker.Invitation": ("code_hash",),
    "requests_app.HelpRequest": ("claim_code_hash", "form_token"),
}
"""Columns that tell of a person and are no ciphertext; every binary column is left out of the statistics anyway."""


def scrub_after_commit() -> None:
    """Empty the write-ahead log of SQLite as soon as the present transaction is committed."""
    transaction.on_commit(empty_log)


def empty_log() -> None:
    """Move the write-ahead log of SQLite into the database file and cut it to nothing; PostgreSQL has no such command for clients."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def rewrite_tables(labels: Iterable[str] = ERASED_FROM) -> None:
    """Write the tables anew, without their dead rows. Outside of any transaction; other work on a table waits meanwhile."""
    quoted = [connection.ops.quote_name(apps.get_model(label)._meta.db_table) for label in labels]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return
        for table in quoted:
            cursor.execute(f"VACUUM (FULL) {table}")


def _unsampled(model: type[models.Model]) -> list[str]:
    """Return the columns of *model* that PostgreSQL must not copy into its statistics."""
    named = ALSO_UNSAMPLED.get(model._meta.label, ())
    fields = [one for one in model._meta.local_fields if isinstance(one, models.BinaryField) or one.name in named]
    return [str(field.column) for field in fields]


def keep_out_of_statistics(app_config: AppConfig, using: str, **_kwargs: Any) -> None:
    """Let PostgreSQL sample no ciphertext, key or code of the application, after each migration; SQLite samples no values."""
    with connections[using].cursor() as cursor:
        if connections[using].vendor != "postgresql":
            return
        for model in app_config.get_models():
            table = connections[using].ops.quote_name(model._meta.db_table)
            cursor.execute(
                "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attname = ANY(%s)"
                " AND attstattarget IS DISTINCT FROM 0 AND NOT attisdropped",
                [table, _unsampled(model)],
            )
            for (column,) in cursor.fetchall():
                name = connections[using].ops.quote_name(column)
                cursor.execute(f"ALTER TABLE {table} ALTER COLUMN {name} SET STATISTICS 0")
