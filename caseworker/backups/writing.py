"""Make a backup: two streams from one snapshot, sealed while they are read, read back and compared before anybody can take them for a backup."""

from __future__ import annotations

import datetime as dt
import secrets
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from django.db import connections
from django.db.migrations.loader import MigrationLoader
from django.db.models import BinaryField, ExpressionWrapper, F, Field, Model

from caseworker.backups import folder as files
from caseworker.backups.databases import snapshot
from caseworker.backups.problems import BackupRefused, Problem
from caseworker.backups.records import RecordReader, RecordWriter, Summary
from caseworker.backups.streams import TABLES, model_of
from caseworker.exceptions import PolicyRefused
from caseworker.fields import EnvelopeField
from caseworker.models.audit import AuditHead
from caseworker.recovery_keys import recovery_set, seal_to_recovery
from caseworker.vault.containers import (
    KEY_PURPOSE,
    Encryption,
    Header,
    Lock,
    Stream,
    decrypted,
    read_header,
)
from caseworker.vault.errors import VaultError
from caseworker.version import VERSION

KEY_BYTES = 32
BATCH = 2000
Report = Callable[[str, int, int], None]


def silent(_table: str, _done: int, _of: int) -> None:
    """Report nothing."""


@dataclass(frozen=True)
class Part:
    """One stream that was written and verified."""

    name: str
    stream: Stream
    size: int
    summary: Summary


@dataclass(frozen=True)
class Written:
    """A backup that was made: its parts and the end of the audit chain in it."""

    backup_id: uuid.UUID
    parts: dict[Stream, Part]
    sequence: int
    head: str

    @property
    def rows(self) -> int:
        """Return the number of rows in all streams."""
        return sum(part.summary.total for part in self.parts.values())


def kept_fields(model: type[Model]) -> list[Field[Any, Any]]:
    """Return the stored fields of a model in their order."""
    return list(model._meta.concrete_fields)


def columns_of(model: type[Model]) -> list[str]:
    """Return the names of the stored columns."""
    return [field.attname for field in kept_fields(model)]


def applied_migrations() -> list[str]:
    """Return what was applied to this database, as ``app.name`` in order: the version of its schema.

    What stands for migrations of before counts as soon as they are applied, although ``migrate`` writes it down only afterwards.
    """
    applied = MigrationLoader(connections["default"]).applied_migrations
    return sorted(f"{app}.{name}" for app, name in applied)


def rows_of(model: type[Model]) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a table in the order of its key, never more than a batch in memory; ciphertext as its bytes, whatever they are."""
    raw = {
        f"raw_{field.attname}": ExpressionWrapper(F(field.attname), output_field=BinaryField())
        for field in kept_fields(model)
        if isinstance(field, EnvelopeField)
    }
    names = [f"raw_{name}" if f"raw_{name}" in raw else name for name in columns_of(model)]
    rows = model._base_manager.annotate(**raw).order_by("pk").values_list(*names)
    yield from rows.iterator(chunk_size=BATCH)


def dump(stream: Stream, writer: RecordWriter, about: dict[str, Any], report: Report = silent) -> Summary:
    """Write every table of *stream* from ``default``."""
    writer.put_head(about)
    for label in TABLES[stream]:
        model = model_of(label)
        total = model._base_manager.count()
        writer.begin_table(label, columns_of(model))
        for done, row in enumerate(rows_of(model), 1):
            writer.put_row(row)
            if done % BATCH == 0:
                report(label, done, total)
        report(label, writer.summary.rows[label], total)
    return writer.finish()


def _header(backup_id: uuid.UUID, stream: Stream, key: bytes, now: dt.datetime) -> Header:
    """Return the header with the stream's key sealed to the recovery keys; raises ``BackupRefused`` when there is none that is pinned."""
    try:
        to = recovery_set()
        boxes = seal_to_recovery(key, KEY_PURPOSE, backup_id, int(stream))
    except PolicyRefused:
        raise BackupRefused(Problem.NO_KEY) from None
    locks = tuple(Lock(one.key_id, one.suite, one.public_key, boxes[one.key_id]) for one in to.ordered)
    return Header(backup_id, stream, int(now.timestamp()), to.policy.value, locks)


def verify_part(file: BinaryIO, *, key: bytes, wanted: Summary) -> None:
    """Read a file from its beginning and compare; raises ``BackupRefused`` unless every row is there as it was written."""
    file.seek(0)
    try:
        _header, raw = read_header(file)
        reader = RecordReader(decrypted(file, raw_header=raw, key=key))
        for _ in reader:
            pass
    except VaultError:
        raise BackupRefused(Problem.NOT_VERIFIED) from None
    if reader.summary != wanted:
        raise BackupRefused(Problem.NOT_VERIFIED)


def _write_part(
    folder: Path, stream: Stream, *, backup_id: uuid.UUID, about: dict[str, Any], now: dt.datetime, report: Report
) -> Part:
    """Write one stream under a fresh key, verify it with that key, and forget the key."""
    key = secrets.token_bytes(KEY_BYTES)
    header = _header(backup_id, stream, key, now)
    name = files.file_name(header)
    with files.new_part(folder, name) as file:
        encryption = Encryption(header, key=key, out=file)
        summary = dump(stream, RecordWriter(encryption), about | {"stream": int(stream)}, report)
        encryption.finish()
        size = files.settle(file)
        verify_part(file, key=key, wanted=summary)
    return Part(name, stream, size, summary)


def _about(backup_id: uuid.UUID, now: dt.datetime) -> dict[str, Any]:
    head = AuditHead.objects.filter(id=1).first() or AuditHead()
    return {
        "backup": str(backup_id),
        "made_at": now.astimezone(dt.UTC).isoformat(),
        "software": VERSION,
        "migrations": applied_migrations(),
        "audit_sequence": head.sequence,
        "audit_head": head.hash,
    }


def _write(folder: Path, streams: tuple[Stream, ...], now: dt.datetime, report: Report) -> Written:
    with files.writing_in(folder):
        with snapshot():
            backup_id = uuid.uuid4()
            about = _about(backup_id, now)
            parts = {
                stream: _write_part(folder, stream, backup_id=backup_id, about=about, now=now, report=report)
                for stream in streams
            }
        files.publish(folder, [part.name for part in parts.values()])
    return Written(backup_id, parts, about["audit_sequence"], about["audit_head"])


def write_backup(folder: Path, *, now: dt.datetime, report: Report = silent) -> Written:
    """Make a backup in *folder*: key stream, main stream and the erasure ledger, all of one moment; all of them or none.

    Raises ``BackupRefused``. Whoever writes meanwhile is not kept waiting, and is in the backup whole or not at all.
    """
    return _write(folder, (Stream.KEYS, Stream.MAIN, Stream.LEDGER), now, report)


def write_ledger(folder: Path, *, now: dt.datetime) -> Written:
    """Write the erasure ledger anew in *folder*; raises ``BackupRefused``."""
    return _write(folder, (Stream.LEDGER,), now, silent)
