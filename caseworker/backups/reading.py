"""Open backup files and put their rows into ``default``, inside the caller's transaction: whoever calls must undo everything when this raises."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.color import no_style
from django.db import DatabaseError, connection
from django.db.models import Field, Model

from caseworker.backups.problems import BackupRefused, Problem
from caseworker.backups.records import RecordReader, Row, Summary, Table
from caseworker.backups.streams import EMPTIED, KEY_TABLES, MAIN_TABLES, TABLES, model_of, models_of
from caseworker.backups.writing import Report, applied_migrations, columns_of, kept_fields, silent
from caseworker.fields import EnvelopeField
from caseworker.vault.containers import Header, Stream, decrypted, read_header
from caseworker.vault.envelope import Envelope
from caseworker.vault.errors import VaultError

BATCH = 500
FOUNDED = ("caseworker.Caseworker", "caseworker.RecoveryKey", "caseworker.AuditEvent", "requests_app.HelpRequest")


@dataclass(frozen=True)
class Opened:
    """A file with the key of its stream; shown as nothing."""

    path: Path
    header: Header
    key: bytes

    def __repr__(self) -> str:
        """Show nothing of the key."""
        return "<Opened>"


@dataclass
class Loaded:
    """What was put in: the first record, the rows of each table, and the rows that were left out because they belong to nothing."""

    about: dict[str, Any] = field(default_factory=dict)
    summary: Summary = field(default_factory=Summary)
    left_out: dict[str, int] = field(default_factory=dict)


@contextlib.contextmanager
def reading(opened: Opened) -> Iterator[RecordReader]:
    """Yield the reader of a stream; any fault of the file, whenever it is found, becomes ``BackupRefused``."""
    try:
        with opened.path.open("rb") as file:
            _header, raw = read_header(file)
            yield RecordReader(decrypted(file, raw_header=raw, key=opened.key))
    except OSError:
        raise BackupRefused(Problem.NOT_READ) from None
    except VaultError:
        raise BackupRefused(Problem.NOT_OPENED) from None


def is_empty() -> bool:
    """Tell whether nobody works here yet and nothing was asked for; what migrations put in does not count."""
    return not any(model_of(label)._base_manager.exists() for label in FOUNDED)


def wipe() -> None:
    """Delete every row of every table that is kept or emptied, append-only ones too, inside the present transaction."""
    models = [*models_of(MAIN_TABLES), *models_of(KEY_TABLES), *models_of(tuple(EMPTIED))]
    tables = [connection.ops.quote_name(model._meta.db_table) for model in models]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
            cursor.execute(f"TRUNCATE {', '.join(tables)}")
            return
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = cursor.fetchall()
        for name, _sql in triggers:
            cursor.execute(f"DROP TRIGGER {connection.ops.quote_name(name)}")
        for table in tables:
            cursor.execute(f"DELETE FROM {table}")  # noqa: S608 names of our own tables
        for _name, sql in triggers:
            cursor.execute(sql)


def check_version(about: Mapping[str, Any]) -> None:
    """Raise ``BackupRefused`` unless this database has exactly the schema that the backup was made with."""
    if about.get("migrations") != applied_migrations():
        raise BackupRefused(Problem.OTHER_VERSION)


class _Loader:
    """Put the rows of one table in, in batches."""

    def __init__(self, label: str, *, only_with_parents: bool) -> None:
        self.model = model_of(label)
        self.label, self.left_out, self._batch = label, 0, list[list[Any]]()
        self._names = columns_of(self.model)
        fields = kept_fields(self.model)
        self._sealed = [n for n, one in enumerate(fields) if isinstance(one, EnvelopeField)]
        self._parents = [(n, one) for n, one in enumerate(fields) if one.is_relation] if only_with_parents else []

    def add(self, values: list[Any]) -> None:
        self._batch.append(values)
        if len(self._batch) >= BATCH:
            self.flush()

    def flush(self) -> None:
        rows = [row for row in self._batch if self._is_whole(row)]
        for place, parent in self._parents:
            rows = self._with_parent(rows, place, parent)
        self.left_out += len(self._batch) - len(rows)
        self._batch = []
        made = [self.model.from_db("default", self._names, row) for row in rows]
        self.model._base_manager.bulk_create(made)

    def _is_whole(self, row: list[Any]) -> bool:
        """Put envelopes in the place of their bytes; bytes that are none would open for nobody and are left out."""
        try:
            for place in self._sealed:
                row[place] = Envelope(row[place])
        except VaultError:
            return False
        return True

    def _with_parent(self, rows: list[list[Any]], place: int, parent: Field[Any, Any]) -> list[list[Any]]:
        """Keep the rows whose parent is there; one that may do without its parent loses it."""
        wanted = {row[place] for row in rows if row[place] is not None}
        manager = parent.related_model._base_manager  # type: ignore[union-attr]
        there = set(manager.filter(pk__in=wanted).values_list("pk", flat=True))
        kept = []
        for row in rows:
            if row[place] is not None and row[place] not in there:
                if not parent.null or parent.name in {"circle_key", "recovery_key"}:
                    continue
                row[place] = None
            kept.append(row)
        return kept


def _expect(table: Table, labels: Iterator[str]) -> None:
    """Raise ``BackupRefused`` unless this is the next table and has the columns that are known here."""
    if table.label != next(labels, None) or list(table.columns) != columns_of(model_of(table.label)):
        raise BackupRefused(Problem.OTHER_VERSION)


def load(opened: Opened, *, only_with_parents: bool = False, report: Report = silent) -> Loaded:
    """Put every row of a stream into ``default``.

    With *only_with_parents* rows that refer to something that is not there are left out: a key stream may be younger than its main stream.
    Raises ``BackupRefused`` for a file that is altered, cut off or of another version, sometimes after rows were put in.
    """
    loaded, labels = Loaded(), iter(TABLES[opened.header.stream])
    with reading(opened) as reader:
        loaded.about = reader.head
        _check_head(opened.header, reader.head)
        check_version(reader.head)
        _load_rows(reader, labels, loaded, only_with_parents, report)
        if next(labels, None) is not None:
            raise BackupRefused(Problem.OTHER_VERSION)
        loaded.summary = reader.summary
    return loaded


def _load_rows(
    reader: RecordReader, labels: Iterator[str], loaded: Loaded, only_with_parents: bool, report: Report
) -> None:
    loader: _Loader | None = None

    def end() -> None:
        if loader is not None:
            loader.flush()
            loaded.left_out[loader.label] = loader.left_out
            report(loader.label, reader.summary.rows[loader.label], reader.summary.rows[loader.label])

    for found in reader:
        if isinstance(found, Table):
            _expect(found, labels)
            end()
            loader = _Loader(found.label, only_with_parents=only_with_parents)
        elif loader is not None:
            loader.add(found.values)
    end()


def _check_head(header: Header, about: Mapping[str, Any]) -> None:
    if about.get("backup") != str(header.backup_id) or about.get("stream") != int(header.stream):
        raise BackupRefused(Problem.NOT_OPENED)


@dataclass(frozen=True)
class LedgerLine:
    """Somebody who was erased."""

    kind: str
    subject_id: UUID
    erased_on: dt.date
    code_hash: bytes | None = None


def read_ledger(opened: Opened) -> list[LedgerLine]:
    """Return the lines of a ledger file; raises ``BackupRefused``."""
    lines: list[LedgerLine] = []
    names = columns_of(model_of(TABLES[Stream.LEDGER][0]))
    with reading(opened) as reader:
        _check_head(opened.header, reader.head)
        for found in reader:
            if isinstance(found, Row):
                row = dict(zip(names, found.values, strict=True))
                lines.append(LedgerLine(row["subject_kind"], row["subject_id"], row["erased_on"], row["code_hash"]))
            elif list(found.columns) != names:
                raise BackupRefused(Problem.OTHER_VERSION)
    return lines


def settle_database(models: Iterable[type[Model]]) -> None:
    """Let new rows be numbered after the old ones, and check that every row's parents are there; raises ``BackupRefused``."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), list(models)):
            cursor.execute(statement)
    try:
        connection.check_constraints()
    except DatabaseError:
        raise BackupRefused(Problem.NOT_FITTING) from None
