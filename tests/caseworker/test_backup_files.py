"""Make backups: whole, verified and private, or none at all; forget them in time."""

import datetime as dt
import errno
import io
import os
import random
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connections, transaction
from django.utils import timezone

from caseworker import audit, clock
from caseworker.actions import backups
from caseworker.backups import folder as files
from caseworker.backups import writing
from caseworker.backups.databases import snapshot
from caseworker.backups.problems import BackupRefused, Problem
from caseworker.backups.records import RecordReader
from caseworker.backups.sheets import open_key
from caseworker.enums import AuditVerb, BackupKind
from caseworker.models.audit import AuditEvent
from caseworker.models.backups import BackupRun
from caseworker.models.keys import RecoveryKey
from caseworker.queries_backups import backup_status
from caseworker.vault.containers import Encryption, Stream, decrypted, read_header
from caseworker.vault.sealing import generate_key_pair
from requests_app import tasks
from requests_app.models.erasure import ErasureEntry
from tests.backups import as_it_is, back_up, blank_sqlite, opened, restored, source_of
from tests.cast import START, Cast, audit_verbs, recovery_pair
from tests.factories import make_request

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def kept_in(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for backups, made from the rows of the test."""
    settings.BACKUP_DIR = str(tmp_path)
    monkeypatch.setattr(writing, "snapshot", as_it_is)
    return tmp_path


def said(*arguments: str) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue()


def test_a_backup_is_two_streams_and_a_ledger_for_one_account_only(cast: Cast, kept_in: Path) -> None:
    make_request(cast)
    out = said("backup")
    stored = files.stored_in(kept_in)
    assert {one.header.stream for one in stored} == set(Stream)
    assert {one.path.stat().st_mode & 0o777 for one in stored} == {0o600}
    assert len({one.header.backup_id for one in stored}) == 1
    head = audit.verify().head
    assert "verified" in out
    assert AuditEvent.objects.get(sequence=audit.verify().sequence).previous_hash in out
    run = BackupRun.objects.get()
    assert (run.problem, run.main_bytes > 0, run.key_bytes > 0) == ("", True, True)
    assert audit_verbs()[-1] == AuditVerb.MAKE_BACKUP
    assert not list(kept_in.glob("*.part"))
    names = sorted(path.name for path in kept_in.iterdir())
    assert not [name for name in names if "case" in name.lower()]
    assert head not in out


def test_each_stream_has_a_key_of_its_own(cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = back_up(tmp_path, START, monkeypatch), back_up(tmp_path, START, monkeypatch)
    keys = {opened(tmp_path, one, stream).key for one in (first, second) for stream in (Stream.MAIN, Stream.KEYS)}
    assert len(keys) == 4


def test_nothing_readable_is_on_the_disk(cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    help_request = make_request(cast)
    back_up(tmp_path, START, monkeypatch)
    for path in tmp_path.iterdir():
        content = path.read_bytes()
        for planted in (b"boris", b"kazakhstan", b"requests_app", help_request.id.bytes, str(help_request.id).encode()):
            assert planted not in content


class Full:
    """A file on a disk that is full after some bytes."""

    def __init__(self, file: BinaryIO, left: list[int], code: int) -> None:
        self._file, self._left, self._code = file, left, code

    def write(self, piece: bytes) -> int:
        self._left[0] -= len(piece)
        if self._left[0] < 0:
            raise OSError(self._code, "no")
        return self._file.write(piece)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def __enter__(self) -> "Full":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


@pytest.mark.parametrize("room", [0, 1500, 20_000])
@pytest.mark.parametrize(
    ("code", "problem"),
    [(errno.ENOSPC, Problem.DISK_FULL), (errno.EDQUOT, Problem.DISK_FULL), (errno.EIO, Problem.NOT_WRITTEN)],
)
def test_a_full_disk_leaves_no_half_file_and_says_so(
    cast: Cast, kept_in: Path, monkeypatch: pytest.MonkeyPatch, room: int, code: int, problem: Problem
) -> None:
    new_part, left = files.new_part, [room]
    monkeypatch.setattr(files, "new_part", lambda *a: Full(new_part(*a), left, code))
    with pytest.raises(CommandError, match=str(problem.label)[:30]):
        call_command("backup")
    assert [path.name for path in kept_in.iterdir()] == [".lock"]
    assert BackupRun.objects.get().problem == problem
    assert AuditVerb.MAKE_BACKUP not in audit_verbs()


def test_what_is_not_what_was_written_is_no_backup(cast: Cast, kept_in: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Turn one byte of the file after it was written, as a bad disk does."""
    settle = files.settle

    def bad_disk(file: BinaryIO) -> int:
        size = settle(file)
        file.seek(size - 20)
        file.write(b"\0")
        return size

    monkeypatch.setattr(files, "settle", bad_disk)
    with pytest.raises(CommandError, match="read back"):
        call_command("backup")
    assert [path.name for path in kept_in.iterdir()] == [".lock"]
    assert BackupRun.objects.get().problem == Problem.NOT_VERIFIED


def test_a_row_that_got_lost_on_the_way_is_seen(cast: Cast, kept_in: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reading is compared with what the database gave, not only with what the file says of itself."""
    verify = writing.verify_part

    def one_more(file: BinaryIO, *, key: bytes, wanted: Any) -> None:
        wanted.rows = wanted.rows | {"caseworker.Circle": wanted.rows.get("caseworker.Circle", 0) + 1}
        verify(file, key=key, wanted=wanted)

    monkeypatch.setattr(writing, "verify_part", one_more)
    with pytest.raises(CommandError, match="read back"):
        call_command("backup")


def test_only_one_backup_at_a_time(cast: Cast, kept_in: Path) -> None:
    with files.writing_in(kept_in), pytest.raises(CommandError, match="Another backup"):
        call_command("backup")


def test_half_files_of_a_killed_run_are_removed(cast: Cast, kept_in: Path) -> None:
    (kept_in / "20250101T000000Z-00000000-1.bin.part").write_bytes(b"half")
    said("backup")
    assert not list(kept_in.glob("*.part"))


@pytest.mark.parametrize("name", ["", "/nowhere/at/all"])
def test_without_a_folder_there_is_no_backup_and_a_clear_word(cast: Cast, settings: Any, name: str) -> None:
    settings.BACKUP_DIR = name
    with pytest.raises(CommandError, match="BACKUP_DIR"):
        call_command("backup")
    with pytest.raises(CommandError, match="BACKUP_DIR"):
        call_command("export_ledger", "/nowhere/at/all")


def test_without_a_key_on_paper_there_is_no_backup(cast: Cast, kept_in: Path, settings: Any) -> None:
    settings.RECOVERY_FINGERPRINTS = ["0" * 20]
    with pytest.raises(CommandError, match="recovery key"):
        call_command("backup")
    settings.RECOVERY_FINGERPRINTS = []
    RecoveryKey.objects.update(retired_on=START.date())
    with pytest.raises(CommandError, match="recovery key"):
        call_command("backup")
    with pytest.raises(CommandError, match="recovery key"):
        call_command("export_ledger", str(kept_in))


def test_every_recovery_key_alone_opens_a_backup(cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    second = generate_key_pair()
    RecoveryKey.objects.create(suite=second.suite, public_key=second.public_key, created_on=START.date())
    written = back_up(tmp_path, START, monkeypatch)
    stored = files.look_at(tmp_path / written.parts[Stream.MAIN].name)
    assert len(stored.header.locks) == 2
    assert open_key(stored.header, [second]) == open_key(stored.header, [recovery_pair()])


def test_files_are_forgotten_by_their_age(cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for day in (0, 14, 15, 16, 29):
        back_up(tmp_path, START + day * DAY, monkeypatch)
    (tmp_path / "notes.bin").write_bytes(b"somebody's own file")
    assert files.prune(tmp_path, now=START + 30 * DAY) == {Stream.MAIN: 0, Stream.KEYS: 3}
    assert files.prune(tmp_path, now=START + 30 * DAY) == {Stream.MAIN: 0, Stream.KEYS: 0}
    assert files.prune(tmp_path, now=START + 31 * DAY) == {Stream.MAIN: 1, Stream.KEYS: 1}
    left = files.stored_in(tmp_path)
    days = {stream: [(one.made_at - START).days for one in left if one.header.stream is stream] for stream in Stream}
    assert days == {Stream.MAIN: [29, 16, 15, 14], Stream.KEYS: [29], Stream.LEDGER: [29]}
    assert (tmp_path / "notes.bin").exists()


def test_a_file_from_the_future_is_not_kept_longer(cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that ran ahead must not keep a key alive: the file system knows better."""
    now = timezone.now()
    back_up(tmp_path, now + 900 * DAY, monkeypatch)
    for one in files.stored_in(tmp_path):
        os.utime(one.path, (now.timestamp(), (now - 15 * DAY).timestamp()))
    assert files.prune(tmp_path, now=now)[Stream.KEYS] == 1


def test_the_night_makes_and_forgets(cast: Cast, kept_in: Path, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    monkeypatch.setattr(clock, "now", lambda: START)
    tasks.make_backup()
    monkeypatch.setattr(clock, "now", lambda: START + 15 * DAY)
    tasks.make_backup()
    assert [one.header.stream for one in files.stored_in(kept_in)].count(Stream.KEYS) == 1
    assert BackupRun.objects.filter(kind=BackupKind.BACKUP, problem="").count() == 2
    settings.BACKUP_DIR = ""
    tasks.make_backup()
    tasks.keep_ledger()
    assert BackupRun.objects.count() == 2


def test_the_ledger_is_written_when_somebody_was_erased(cast: Cast, kept_in: Path) -> None:
    tasks.keep_ledger()
    tasks.keep_ledger()
    assert BackupRun.objects.filter(kind=BackupKind.LEDGER).count() == 1
    ErasureEntry.objects.create(subject_kind="case", subject_id=RecoveryKey.objects.get().id, erased_on=START.date())
    before = (kept_in / files.LEDGER_NAME).read_bytes()
    tasks.keep_ledger()
    assert (kept_in / files.LEDGER_NAME).read_bytes() != before
    assert BackupRun.objects.order_by("-rows").first().rows == 1  # type: ignore[union-attr]
    assert "1 lines" in said("export_ledger", str(kept_in))
    (kept_in / files.LEDGER_NAME).unlink()
    with files.writing_in(kept_in):
        assert backups.keep_ledger(now=START) is False
    tasks.keep_ledger()
    assert (kept_in / files.LEDGER_NAME).exists()
    (kept_in / files.LEDGER_NAME).unlink()
    RecoveryKey.objects.update(retired_on=START.date())
    with pytest.raises(BackupRefused):
        backups.keep_ledger(now=START)


def test_outcomes_cannot_be_altered(cast: Cast, kept_in: Path) -> None:
    said("backup")
    for change in (lambda: BackupRun.objects.update(problem=""), lambda: BackupRun.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_the_status_is_loud_when_something_is_overdue(
    cast: Cast, kept_in: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    def status(after: dt.timedelta) -> tuple[bool, ...]:
        one = backup_status(now=START + after)
        return one.backup_is_late, one.keys_are_late, one.drill_is_late, one.is_fine

    assert status(DAY * 0) == (True, False, True, False)
    monkeypatch.setattr(clock, "now", lambda: START)
    backups.make_backup(now=START)
    backups.record_drill(None, rows=1, actor=None, now=START)
    assert status(2 * DAY) == (False, False, False, True)
    assert status(2 * DAY + dt.timedelta(minutes=1)) == (True, False, False, False)
    assert status(17 * DAY)[1] is True
    assert status(366 * DAY)[2] is True
    assert "casework_backup_age_hours 0" in said("backup_status")
    backups.record_drill(Problem.NOT_OPENED, rows=0, actor=None, now=START + DAY)
    assert backup_status(now=START + DAY).drill_problem
    settings.BACKUP_DIR = ""
    with pytest.raises(SystemExit):
        said("backup_status")
    assert backup_status(now=START).key_days is None


def test_a_terminal_sees_one_line_move(cast: Cast, kept_in: Path) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    out = Terminal()
    call_command("backup", stdout=out)
    assert "\rrequests_app.RecordKey" in out.getvalue()
    assert "100 %" in out.getvalue()
    assert "requests_app.RecordKey 0 rows" in said("backup")


def test_a_large_table_is_read_in_pieces(cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "BATCH", 3)
    seen: list[tuple[str, int, int]] = []
    monkeypatch.setattr(writing, "snapshot", as_it_is)
    written = writing.write_backup(tmp_path, now=START, report=lambda *one: seen.append(one))
    steps = [done for table, done, _of in seen if table == "caseworker.Caseworker"]
    assert steps == [3, 6, 8] or steps == [3, 6, 9, 9]
    assert written.parts[Stream.MAIN].summary.rows["caseworker.Caseworker"] in {8, 9}


# -- with real connections ---------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_others_write_while_a_backup_is_made(cast: Cast, tmp_path: Path, settings: Any) -> None:
    """The writers wait for nobody, and the backup is one moment: its chain is whole and every row has its parents."""
    settings.BACKUP_DIR, stop, times = str(tmp_path), threading.Event(), []

    def write() -> None:
        try:
            while not stop.is_set():
                make_request(cast)
                times.append(1)
        finally:
            connections["default"].close()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        while not times:
            stop.wait(0.01)
        begun = len(times)
        made = [backups.make_backup(now=START + n * DAY) for n in range(3)]
        during = len(times) - begun
    finally:
        stop.set()
        writer.join()
    assert during >= 1, "nobody could write meanwhile"
    with blank_sqlite():
        again = restored(source_of(tmp_path, made[-1]), now=START)
    assert again.left_out == 0
    assert again.verdict.is_whole
    assert (again.verdict.sequence, again.verdict.head) == (made[-1].sequence, made[-1].head)


@pytest.mark.django_db(transaction=True)
def test_a_snapshot_is_one_moment_and_writes_nothing(cast: Cast) -> None:
    with snapshot():
        before = AuditEvent.objects.count()

        def write() -> None:
            make_request(cast)
            connections["default"].close()

        other = threading.Thread(target=write)
        other.start()
        other.join()
        assert AuditEvent.objects.count() == before
        with pytest.raises(DatabaseError):
            AuditEvent.objects.create(sequence=10**6, hour=START, verb="x", object_kind="x", previous_hash="x")
    assert AuditEvent.objects.count() == before + 1


class Killed(BaseException):
    """The process is gone, with everything that would have tidied up."""


@pytest.mark.parametrize("seed", range(4))
def test_killed_anywhere_a_backup_is_whole_or_not_there(
    cast: Cast, kept_in: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    make_request(cast)
    steps, rng = [0], random.Random(seed)

    def counted(call: Callable[..., Any]) -> Callable[..., Any]:
        def step(*arguments: Any, **named: Any) -> Any:
            steps[0] -= 1
            if steps[0] == 0:
                raise Killed
            return call(*arguments, **named)

        return step

    with monkeypatch.context() as patch:
        remove_parts = files.remove_parts
        patch.setattr(files, "remove_parts", lambda folder: None if steps[0] == 0 else remove_parts(folder))
        patch.setattr(os, "fsync", counted(os.fsync))
        patch.setattr(Path, "replace", counted(Path.replace))
        patch.setattr(Encryption, "write", counted(Encryption.write))
        patch.setattr(Encryption, "finish", counted(Encryption.finish))
        for _ in range(4):
            steps[0] = rng.randrange(1, 12)
            with pytest.raises(Killed):
                writing.write_backup(kept_in, now=START)
            for one in files.stored_in(kept_in):
                for _found in RecordReader(pieces_of(one)):
                    pass
    said("backup")
    assert not list(kept_in.glob("*.part"))


def pieces_of(one: files.Stored) -> Any:
    with one.path.open("rb") as file:
        _header, raw = read_header(file)
        yield from decrypted(file, raw_header=raw, key=open_key(one.header, [recovery_pair()]))
