"""Make backups, keep the erasure ledger beside them, and write down what came of it, whatever came of it."""

import datetime as dt

from django.apps import apps
from django.db import transaction

from caseworker import audit
from caseworker.audit import Identified
from caseworker.backups.folder import LEDGER_NAME, backup_folder, prune
from caseworker.backups.problems import BackupRefused, Problem
from caseworker.backups.streams import LEDGER_TABLES
from caseworker.backups.writing import Report, Written, silent, write_backup, write_ledger
from caseworker.enums import AuditVerb, BackupKind
from caseworker.models.backups import BackupRun
from caseworker.scrubbing import scrub_after_commit
from caseworker.vault.containers import Stream


def _run(kind: BackupKind, written: Written | None, problem: Problem | None, now: dt.datetime) -> BackupRun:
    if written is None:
        return BackupRun(kind=kind, ran_at=now, problem=problem or "")
    sizes = {stream: part.size for stream, part in written.parts.items()}
    return BackupRun(
        kind=kind,
        ran_at=now,
        main_bytes=sizes.get(Stream.MAIN, 0),
        key_bytes=sizes.get(Stream.KEYS, 0),
        rows=written.rows,
        audit_sequence=written.sequence,
    )


@transaction.atomic
def record_backup(run: BackupRun, *, actor: Identified | None, now: dt.datetime) -> None:
    """Write down one attempt; the audit chain names those that left a backup."""
    run.save(force_insert=True)
    if not run.problem:
        audit.record(actor=actor, verb=AuditVerb.MAKE_BACKUP, kind="backup", object_id=run.id, now=now)


@transaction.atomic
def record_drill(problem: Problem | None, *, rows: int, actor: Identified | None, now: dt.datetime) -> BackupRun:
    """Write down that somebody tried to restore a backup, and what came of it."""
    run = BackupRun.objects.create(kind=BackupKind.DRILL, ran_at=now, problem=problem or "", rows=rows)
    audit.record(actor=actor, verb=AuditVerb.DRILL_RESTORE, kind="backup", object_id=run.id, now=now)
    return run


def make_backup(*, now: dt.datetime, report: Report = silent) -> Written:
    """Make a backup in ``BACKUP_DIR`` and write down the outcome; raises ``BackupRefused`` after writing down why. Not inside a transaction."""
    try:
        written = write_backup(backup_folder(), now=now, report=report)
    except BackupRefused as refusal:
        record_backup(_run(BackupKind.BACKUP, None, refusal.problem, now), actor=None, now=now)
        raise
    record_backup(_run(BackupKind.BACKUP, written, None, now), actor=None, now=now)
    scrub_after_commit()
    return written


def prune_backups(*, now: dt.datetime) -> dict[Stream, int]:
    """Delete the files in ``BACKUP_DIR`` that are past their age; raises ``BackupRefused``."""
    return prune(backup_folder(), now=now)


def keep_ledger(*, now: dt.datetime) -> bool:
    """Write the erasure ledger anew when it has more lines than the last that was written or is not there; tell whether it was.

    While a backup is being made it is left to the next run. Raises ``BackupRefused``.
    """
    folder = backup_folder()
    (label,) = LEDGER_TABLES
    lines = apps.get_model(label)._base_manager.count()
    last = BackupRun.objects.filter(kind=BackupKind.LEDGER).order_by("-ran_at", "id").first()
    if last is not None and last.rows >= lines and (folder / LEDGER_NAME).exists():
        return False
    try:
        written = write_ledger(folder, now=now)
    except BackupRefused as refusal:
        if refusal.problem is not Problem.BUSY:
            raise
        return False
    _run(BackupKind.LEDGER, written, None, now).save(force_insert=True)
    return True
