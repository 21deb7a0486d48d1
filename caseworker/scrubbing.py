"""Make deleted rows vanish from the disk too: what each database keeps of them after a DELETE, and how it is made to let go.

SQLite overwrites deleted cells (``secure_delete``), but its write-ahead log still holds the pages from before: it is emptied after the
commit. PostgreSQL keeps dead rows until a table is written anew: that locks the table, so it is done at night. Its own write-ahead log is
the business of ``wal_recycle = off`` (docs/deploy).
"""

from collections.abc import Iterable

from django.apps import apps
from django.db import connection, transaction

ERASED_FROM = (
    "requests_app.RecordKey",
    "requests_app.SealedField",
    "requests_app.SealedRecord",
    "requests_app.ContactPoint",
    "requests_app.Note",
    "requests_app.VerificationCheck",
    "requests_app.AccessGrant",
    "requests_app.Handover",
    "requests_app.StageSpell",
    "requests_app.StayClock",
    "requests_app.CountryStay",
    "requests_app.Deadline",
    "requests_app.HelpRequest",
    "requests_app.Case",
    "caseworker.CircleGrant",
    "caseworker.CircleEscrow",
    "caseworker.StaffKey",
)
"""Tables that erasing, archiving and the end of a key delete from or overwrite."""


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
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            return
        for table in quoted:
            cursor.execute(f"VACUUM (FULL) {table}")
