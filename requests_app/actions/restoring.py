"""Put a backup back, erase again whoever was erased since, and let nothing be served before both are done: one transaction around all of it."""

import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from django.db import DatabaseError, transaction

from caseworker import audit
from caseworker.audit import Identified, Verdict
from caseworker.backups.problems import BackupRefused, Problem
from caseworker.backups.reading import LedgerLine, Loaded, Opened, is_empty, load, read_ledger, settle_database, wipe
from caseworker.backups.streams import KEY_TABLES, MAIN_TABLES, models_of
from caseworker.backups.writing import Report, silent
from caseworker.enums import AuditVerb
from caseworker.exceptions import CaseworkError
from caseworker.jobs import enqueue
from caseworker.key_proofs import prove_all
from caseworker.vault.containers import Stream
from requests_app.actions.erasure import erase_case, erase_request
from requests_app.actions.merging import part_again
from requests_app.actions.releases import FREEZE_TASK
from requests_app.enums import ReleaseState
from requests_app.models.cases import Case
from requests_app.models.counts import Release
from requests_app.models.erasure import ErasureEntry
from requests_app.models.help_requests import HelpRequest


@dataclass(frozen=True)
class Source:
    """What is to be put back: the main stream, the key stream of the same backup or a younger one, and the ledgers known."""

    main: Opened
    keys: Opened | None = None
    ledgers: Sequence[Opened] = ()
    younger_keys: bool = False


@dataclass
class Restored:
    """What was put back."""

    main: Loaded
    keys: Loaded = field(default_factory=Loaded)
    erased_again: int = 0
    verdict: Verdict = field(default_factory=lambda: Verdict(0, audit.GENESIS))

    @property
    def rows(self) -> int:
        """Return the number of rows."""
        return self.main.summary.total + self.keys.summary.total

    @property
    def left_out(self) -> int:
        """Return the number of rows that were left out because they belong to nothing."""
        return sum(self.main.left_out.values()) + sum(self.keys.left_out.values())


def check_together(source: Source) -> None:
    """Raise ``BackupRefused`` unless the streams are a main stream and the keys of the same backup, or, where that is asked for, younger ones."""
    streams = [source.main.header.stream, *(one.header.stream for one in source.ledgers)]
    if streams != [Stream.MAIN] + [Stream.LEDGER] * len(source.ledgers):
        raise BackupRefused(Problem.WRONG_FILES)
    if source.keys is None:
        return
    if source.keys.header.stream is not Stream.KEYS:
        raise BackupRefused(Problem.WRONG_FILES)
    same = source.keys.header.backup_id == source.main.header.backup_id
    younger = source.keys.header.made_at > source.main.header.made_at
    if not same and not (source.younger_keys and younger):
        raise BackupRefused(Problem.NOT_TOGETHER)


def _check_chain(about: dict[str, object], anchor: str | None) -> Verdict:
    """Raise ``BackupRefused`` unless the chain is whole, ends where the backup says, and holds the head that was kept on paper."""
    verdict = audit.verify(anchor=anchor)
    if not verdict.is_whole or (verdict.sequence, verdict.head) != (about["audit_sequence"], about["audit_head"]):
        raise BackupRefused(Problem.CHAIN_BROKEN)
    return verdict


def present_ledger() -> list[LedgerLine]:
    """Return the lines of the ledger in this database."""
    rows = ErasureEntry.objects.values_list("subject_kind", "subject_id", "erased_on", "code_hash")
    return [LedgerLine(kind, id_, day, None if code is None else bytes(code)) for kind, id_, day, code in rows]


def _erase_again(line: LedgerLine, named: Collection[uuid.UUID], now: dt.datetime) -> bool:
    """Erase what came back of one line, and tell whether anything did; of most nothing does."""
    if line.kind == "case":
        case = Case.objects.filter(id=line.subject_id, erased_on__isnull=True).first()
        if case is not None:
            part_again(case, named)
            erase_case(case, actor=None, now=now)
        return case is not None
    if line.kind == "help_request":
        found = HelpRequest.objects.filter(id=line.subject_id, erased_on__isnull=True).first()
        if found is not None:
            erase_request(found, actor=None, now=now)
        return found is not None
    raise BackupRefused(Problem.LEDGER_NOT_REPLAYED)


def replay_ledger(lines: Iterable[LedgerLine], *, now: dt.datetime) -> int:
    """Erase everybody the *lines* name who came back, cases first, and keep every line; return how many came back.

    Raises ``BackupRefused`` when one of them cannot be erased: then nothing may be served.
    """
    unique = {line.subject_id: line for line in lines}
    erased = 0
    try:
        for line in sorted(unique.values(), key=lambda one: (one.kind != "case", one.subject_id)):
            erased += _erase_again(line, unique, now)
    except CaseworkError:
        raise BackupRefused(Problem.LEDGER_NOT_REPLAYED) from None
    kept = set(ErasureEntry.objects.values_list("subject_id", flat=True))
    ErasureEntry.objects.bulk_create(
        ErasureEntry(
            subject_kind=line.kind, subject_id=line.subject_id, erased_on=line.erased_on, code_hash=line.code_hash
        )
        for line in unique.values()
        if line.subject_id not in kept
    )
    return erased


def _load(source: Source, report: Report) -> Restored:
    """Put both streams in and settle the numbers; a database that refuses a row refuses the backup."""
    try:
        with transaction.atomic():
            restored = Restored(load(source.main, report=report))
            if source.keys is not None:
                restored.keys = load(source.keys, only_with_parents=source.younger_keys, report=report)
            settle_database(models_of(MAIN_TABLES + KEY_TABLES))
    except DatabaseError:
        raise BackupRefused(Problem.NOT_FITTING) from None
    return restored


def _queue_what_waits() -> None:
    """Put the jobs of approved releases into the queue anew: queue rows are not in a backup."""
    for release_id in Release.objects.filter(state=ReleaseState.APPROVED).order_by("id").values_list("id", flat=True):
        enqueue(FREEZE_TASK, str(release_id))


@transaction.atomic
def restore_backup(
    source: Source,
    *,
    replace: bool,
    anchor: str | None = None,
    report: Report = silent,
    actor: Identified | None,
    now: dt.datetime,
) -> Restored:
    """Put a backup into this database, erase again everybody whom any known ledger names, and verify the audit chain; all or nothing.

    Known are the ledger in the backup, the *ledgers* given, and, with *replace*, the one in the database that is replaced. Raises
    ``BackupRefused`` when the files do not belong together, were altered, or need another version; when the database holds anything and
    *replace* was not asked for; when somebody who was erased cannot be erased again; when the audit chain is broken or without *anchor*.
    """
    check_together(source)
    if not replace and not is_empty():
        raise BackupRefused(Problem.NOT_EMPTY)
    lines = [*present_ledger(), *(line for one in source.ledgers for line in read_ledger(one))]
    wipe()
    restored = _load(source, report)
    restored.verdict = _check_chain(restored.main.about, anchor)
    prove_all()
    restored.erased_again = replay_ledger(lines, now=now)
    audit.record(
        actor=actor, verb=AuditVerb.RESTORE_BACKUP, kind="backup", object_id=source.main.header.backup_id, now=now
    )
    _queue_what_waits()
    return restored
