"""Where rows come from and go to: a snapshot that nobody waits for, and a scratch database that is gone afterwards.

Both stand in for ``default`` in this thread, so that the same queries and actions run there and nowhere else.
"""

import contextlib
from collections.abc import Iterator
from typing import Any

from django.core.management import call_command
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import load_backend
from psycopg import IsolationLevel

SCRATCH_SCHEMA = "casework_drill"


@contextlib.contextmanager
def stand_in(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Let *connection* be ``default`` in this thread."""
    before = connections["default"]
    connections["default"] = connection
    try:
        yield
    finally:
        connections["default"] = before


def _reader() -> BaseDatabaseWrapper:
    """Return a second connection whose transactions see one moment and keep no writer waiting."""
    live = connections["default"]
    reader: BaseDatabaseWrapper = live.copy()
    options: dict[str, Any] = reader.settings_dict["OPTIONS"]
    if live.vendor == "sqlite":
        options["transaction_mode"] = "DEFERRED"
    else:
        options.pop("pool", None)
        options["isolation_level"] = IsolationLevel.REPEATABLE_READ
    return reader


@contextlib.contextmanager
def snapshot() -> Iterator[None]:
    """See the database as it is now until the end, whoever writes meanwhile; nothing can be written in here."""
    reader = _reader()
    try:
        with stand_in(reader), transaction.atomic():
            with reader.cursor() as cursor:
                cursor.execute("PRAGMA query_only=ON" if reader.vendor == "sqlite" else "SET TRANSACTION READ ONLY")
            yield
    finally:
        reader.close()


def _scratch_connection(settings: dict[str, Any]) -> BaseDatabaseWrapper:
    whole = connections.configure_settings({"default": settings})["default"]
    if whole["ENGINE"].endswith("postgresql"):
        whole["OPTIONS"] = {**whole["OPTIONS"], "options": f"-c search_path={SCRATCH_SCHEMA}"}
    made: BaseDatabaseWrapper = load_backend(whole["ENGINE"]).DatabaseWrapper(whole, "default")
    return made


def _schema(connection: BaseDatabaseWrapper, *, create: bool) -> None:
    """Drop the scratch schema of PostgreSQL, also one that a killed drill left, and make it anew; nothing else there is touched."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"DROP SCHEMA IF EXISTS {SCRATCH_SCHEMA} CASCADE")
            if create:
                cursor.execute(f"CREATE SCHEMA {SCRATCH_SCHEMA}")


@contextlib.contextmanager
def scratch(settings: dict[str, Any]) -> Iterator[None]:
    """Make an empty database, let it be ``default``, and destroy it: a schema of its own in PostgreSQL, for SQLite the memory of this process."""
    connection = _scratch_connection(settings)
    try:
        _schema(connection, create=True)
        with stand_in(connection):
            call_command("migrate", verbosity=0, interactive=False)
            yield
        _schema(connection, create=False)
    finally:
        BaseDatabaseWrapper.close(connection)
