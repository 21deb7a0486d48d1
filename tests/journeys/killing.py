"""Run actions in child processes and kill them with SIGKILL, at a statement, before or after a commit, or whenever; look; go on.

Run as a module inside an installation. The parent holds no connection while it forks; what it looks at afterwards is what was committed.
"""

import datetime as dt
import os
import random
import signal
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.journeys.inside import present_cast  # first: it sets Django up

from django.db import connection, connections, transaction  # isort: skip

from caseworker import audit
from caseworker.actions.circles import renew_circle
from caseworker.backups.writing import write_backup
from caseworker.enums import AuditVerb, CircleKeyState
from caseworker.models.audit import AuditEvent
from caseworker.models.keys import CircleEscrow, CircleGrant, CircleKey
from requests_app.actions.claims import ask_for_erasure
from requests_app.actions.closure import close_case
from requests_app.actions.erasure import archive_due, erase_due
from requests_app.actions.releases import freeze_release
from requests_app.actions.rotation import rotate_step
from requests_app.clocks import ARCHIVE_AFTER_CLOSING
from requests_app.enums import Outcome, ReleaseState, SealedKind
from requests_app.models.cases import Case
from requests_app.models.counts import CountCell, PrivacyLedgerEntry, Release, ReleaseCell
from requests_app.models.erasure import ErasureEntry
from requests_app.models.help_requests import HelpRequest
from requests_app.models.sealed import RecordKey, SealedRecord
from requests_app.queries.releases import document_of
from requests_app.sealed import ToSeal, open_record, seal_records
from requests_app.statistics.tables import TABLES
from tests.backups import contents, restored, source_of
from tests.cast import START, Cast
from tests.factories import make_case, make_request

KILLS, RECORDS, CASES = 20, 24, 4
LATER = START + dt.timedelta(days=120)


class Scenario:
    """One action that is killed again and again: ``act`` in the child; ``check`` and ``is_done`` in the parent; ``renew`` when done."""

    statements = 40

    def __init__(self, cast: Cast) -> None:
        self.cast = cast

    def renew(self) -> None:
        """Give the action something to do."""
        raise NotImplementedError

    def act(self) -> None:
        """Do it."""
        raise NotImplementedError

    def check(self) -> None:
        """Raise ``AssertionError`` when something is half done."""
        raise NotImplementedError

    def is_done(self) -> bool:
        """Tell whether nothing is left to do."""
        raise NotImplementedError


class Rotation(Scenario):
    """A circle's records move to a new key, three at a time."""

    def __init__(self, cast: Cast) -> None:
        super().__init__(cast)
        self.ring = cast.boris.keyring()
        texts = [ToSeal(uuid.uuid4(), {"text": f"fx_{n}"}) for n in range(RECORDS)]
        self.records = seal_records(SealedKind.NOTE, texts, circles=[cast.north], now=START)

    def renew(self) -> None:
        renew_circle(self.cast.north, keyring=self.ring, actor=self.cast.boris.person, now=START)

    def act(self) -> None:
        boris = self.cast.boris.person
        while not rotate_step(self.cast.north, keyring=self.ring, actor=boris, now=START, limit=3).finished:
            pass

    def check(self) -> None:
        texts = [open_record(record, keyring=self.ring)["text"] for record in self.records]
        assert texts == [f"fx_{n}" for n in range(RECORDS)], "something is unreadable"
        assert RecordKey.objects.count() == 2 * RECORDS, "a record has not exactly one circle key and one recovery key"
        for key in CircleKey.objects.filter(circle=self.cast.north):
            under = RecordKey.objects.filter(circle_key=key).count()
            sealed = (
                CircleGrant.objects.filter(circle_key=key).count() + CircleEscrow.objects.filter(circle_key=key).count()
            )
            ended = AuditEvent.objects.filter(verb=AuditVerb.DESTROY_CIRCLE_KEY, object_id=key.id).count()
            if key.state == CircleKeyState.DESTROYED:
                assert (under, sealed, ended) == (0, 0, 1), "a destroyed version is left over, or was destroyed twice"
                assert key.rotated_count == RECORDS, "the count of moved records is wrong"
            elif key.state == CircleKeyState.RETIRING:
                assert under, "a retiring version outlives its last record"
                assert (ended, key.rotated_count) == (0, RECORDS - under), "destroyed too early, or counted wrongly"

    def is_done(self) -> bool:
        return not CircleKey.objects.filter(state=CircleKeyState.RETIRING).exists()


class Erasure(Scenario):
    """People whose 48 hours are over are erased."""

    statements = 50

    def renew(self) -> None:
        for _ in range(CASES):
            ask_for_erasure(HelpRequest.objects.get(case=make_case(self.cast)), now=START)

    def act(self) -> None:
        erase_due(LATER)

    def check(self) -> None:
        ledger = set(ErasureEntry.objects.values_list("subject_id", flat=True))
        subjects = [*Case.objects.filter(erasure_due_at__isnull=False), *Case.objects.filter(erased_on__isnull=False)]
        for case in subjects:
            request = HelpRequest.objects.get(case=case)
            records = SealedRecord.objects.filter(owner_id__in=(case.id, request.id)).count()
            is_gone = case.erased_on is not None
            assert (records == 0) is is_gone, "half erased"
            assert (request.erased_on is not None) is is_gone, "half a husk"
            assert ({case.id, request.id} & ledger == {case.id, request.id}) is is_gone, "the ledger is wrong"
        erased = sum(2 for case in subjects if case.erased_on)
        assert len(ledger) == erased, "the ledger holds somebody who is there"

    def is_done(self) -> bool:
        return not Case.objects.filter(erasure_due_at__isnull=False).exists()


class Archive(Scenario):
    """Cases that were closed long ago lose the circle's keys."""

    statements = 16

    def renew(self) -> None:
        for _ in range(CASES):
            case = make_case(self.cast)
            close_case(case, Outcome.SAFE_ABROAD, version=case.version, actor=self.cast.boris.person, now=START)

    def act(self) -> None:
        archive_due(LATER, after=ARCHIVE_AFTER_CLOSING)

    def check(self) -> None:
        for case in Case.objects.filter(outcome=Outcome.SAFE_ABROAD):
            owners = [case.id, *HelpRequest.objects.filter(case=case).values_list("id", flat=True)]
            keys = RecordKey.objects.filter(record__owner_id__in=owners)
            of_circle, of_recovery = (keys.filter(recipient=kind).count() for kind in ("circle", "recovery"))
            assert of_recovery == 1, "the recovery key of an archived record is gone"
            assert of_circle == (0 if case.archived_on else 1), "half archived"

    def is_done(self) -> bool:
        return not Case.objects.filter(outcome=Outcome.SAFE_ABROAD, archived_on__isnull=True).exists()


class Freeze(Scenario):
    """An approved month is drawn and frozen, and its counters die."""

    statements = 16
    cells = sum(len(table.classes) for table in TABLES)

    def renew(self) -> None:
        number = Release.objects.count()
        month = dt.date(2010 + number // 12, number % 12 + 1, 1)
        made = [CountCell(month=month, table=t.code, cls=c, count=70) for t in TABLES for c in t.classes]
        CountCell.objects.bulk_create(made)
        boris, eva = self.cast.boris.person, self.cast.eva.person
        self.release = Release.objects.create(
            id=uuid.uuid4(), epoch=1, period=month, kind="monthly", state=ReleaseState.APPROVED, made_by=boris,
            approved_by=eva, proposed_on=START.date(), software="test",
        )  # fmt: skip

    def act(self) -> None:
        freeze_release(self.release.id, now=START)

    def check(self) -> None:
        for release in Release.objects.all():
            counters = CountCell.objects.filter(month=release.period).count()
            drawn = ReleaseCell.objects.filter(release=release).count()
            charged = PrivacyLedgerEntry.objects.filter(release=release).count()
            if release.state == ReleaseState.APPROVED:
                assert (counters, drawn, charged) == (self.cells, 0, 0), "half frozen"
            else:
                assert (counters, charged) == (0, len(TABLES)), (
                    "the counters outlive the freeze, or the ledger is wrong"
                )
                assert document_of(release).content_hash() == release.content_hash, "cells are missing"

    def is_done(self) -> bool:
        return not Release.objects.filter(state=ReleaseState.APPROVED).exists()


class Restore(Scenario):
    """A backup takes the place of everything: the last scenario, because nothing of the others is left."""

    statements = 70

    def __init__(self, cast: Cast) -> None:
        super().__init__(cast)
        self.folder, self.written, self.later = Path(tempfile.mkdtemp()), None, uuid.UUID(int=0)

    def renew(self) -> None:
        if self.written is None:
            self.written = write_backup(self.folder, now=START)
            self.backed_up = self._ids()
        self.later = make_request(self.cast).id
        self.before = contents()

    def _ids(self) -> dict[str, set[Any]]:
        tables = (Case, HelpRequest, SealedRecord, RecordKey, CircleGrant)
        return {table.__name__: set(table.objects.values_list("id", flat=True)) for table in tables}

    def act(self) -> None:
        restored(source_of(self.folder, self.written), now=START, replace=True)

    def check(self) -> None:
        if self.is_done():
            assert self._ids() == self.backed_up, "half restored"
        else:
            assert contents() == self.before, "half gone"

    def is_done(self) -> bool:
        return not HelpRequest.objects.filter(id=self.later).exists()


@dataclass
class Fuse:
    """Counts statements, and each commit twice, and kills this very process when the count is used up."""

    left: int

    def burn(self) -> None:
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def statement(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.burn()
        return execute(sql, params, many, context)

    def around(self, commit: Callable[[], None]) -> Callable[[], None]:
        def committing() -> None:
            self.burn()
            commit()
            self.burn()

        return committing


def _child(scenario: Scenario, fuse: Fuse | None) -> None:
    """Act, under the fuse or until the parent loses patience; never return."""
    try:
        if fuse is None:
            scenario.act()
        else:
            connection._commit = fuse.around(connection._commit)  # type: ignore[attr-defined]
            with connection.execute_wrapper(fuse.statement):
                scenario.act()
    except BaseException as fault:
        print(type(fault).__name__, fault, getattr(fault, "problem", ""), file=sys.stderr, flush=True)
        os._exit(1)
    os._exit(0)


def _wait_for_the_server() -> None:
    """Let PostgreSQL notice that the client is gone, so that what is looked at does not change meanwhile."""
    if connection.vendor != "postgresql":
        return
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    for _ in range(500):
        with connection.cursor() as cursor:
            cursor.execute(others + " AND backend_type = 'client backend'")
            if cursor.fetchone() == (0,):
                return
        time.sleep(0.01)
    raise AssertionError("the killed client's backend does not end")


def _kill_once(scenario: Scenario, fuse: Fuse | None, patience: float) -> bool:
    """Fork, act, kill; return whether the child was killed in the middle."""
    connections.close_all()
    child = os.fork()
    if child == 0:
        _child(scenario, fuse)
    if fuse is None:
        time.sleep(patience)
        os.kill(child, signal.SIGKILL)
    _pid, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, "the action itself failed"
    _wait_for_the_server()
    return os.WIFSIGNALED(status)


def _points(rng: random.Random, statements: int) -> Iterator[Fuse | None]:
    """Yield where to kill: two times of three at a statement or beside a commit, no place twice in a round; else whenever."""
    while True:
        for turn, place in enumerate(rng.sample(range(1, statements), statements - 1)):
            if turn % 2 == 0:
                yield None
            yield Fuse(place)


def play(scenario: Scenario, rng: random.Random) -> int:
    """Kill twenty times, look after each, then let it finish."""
    killed = 0
    for tries, fuse in enumerate(_points(rng, scenario.statements)):
        if scenario.is_done():
            scenario.renew()
        killed += _kill_once(scenario, fuse, rng.uniform(0.002, 0.06))
        scenario.check()
        if killed >= KILLS or tries > 5 * KILLS:
            break
    scenario.act()
    scenario.check()
    assert scenario.is_done()
    assert audit.verify().is_whole, "the audit chain is broken"
    return killed


if __name__ == "__main__":
    seed = int(sys.argv[1])
    cast = present_cast()
    with transaction.atomic():
        everything = [kind(cast) for kind in (Rotation, Erasure, Archive, Freeze, Restore)]
    for scenario in everything:
        print(type(scenario).__name__.lower(), play(scenario, random.Random(seed)), flush=True)
