"""Restore: the same rows in either database, erased people stay erased, all or nothing, and no for everything else."""

import datetime as dt
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction
from django.db.migrations.recorder import MigrationRecorder
from django_q.models import OrmQ

from caseworker import audit
from caseworker.actions.people import enrol_person
from caseworker.backups import folder as files
from caseworker.backups import reading, writing
from caseworker.backups.databases import SCRATCH_SCHEMA, scratch
from caseworker.backups.problems import BackupRefused, Problem
from caseworker.backups.reading import LedgerLine, Opened
from caseworker.backups.sheets import open_with_sheets
from caseworker.enums import AuditVerb, Role
from caseworker.models.audit import AuditEvent, AuditHead
from caseworker.models.backups import BackupRun
from caseworker.models.ephemeral import SessionRow
from caseworker.models.keys import CircleGrant, RecoveryKey
from caseworker.offline import caseworker_recover
from caseworker.vault.containers import Stream
from caseworker.vault.envelope import split_data_key
from caseworker.vault.errors import VaultError
from caseworker.vault.formats import ctx
from caseworker.vault.recovery import sheet_groups
from caseworker.vault.sealing import KeyPair, generate_key_pair, open_sealed
from config.databases import database_from_url
from requests_app.actions import casework
from requests_app.actions.erasure import erase_case, erase_request
from requests_app.actions.releases import approve_release
from requests_app.actions.restoring import Source, replay_ledger
from requests_app.actions.triage import promote_request
from requests_app.management.commands import restore_drill
from requests_app.models.cases import Case
from requests_app.models.counts import Release
from requests_app.models.erasure import ErasureEntry
from requests_app.models.help_requests import HelpRequest
from requests_app.models.sealed import RecordKey, SealedField, SealedRecord
from requests_app.sealed import open_record
from tests.backups import as_it_is, back_up, blank_sqlite, contents, opened, restored, source_of
from tests.cast import START, Cast, Member, recovery_pair
from tests.factories import STORY, make_case, make_request
from tests.requests_app.test_erasure import Killed, _kill_after

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
AUDIT = {"caseworker.AuditEvent", "caseworker.AuditHead"}
Rows = dict[str, list[tuple[Any, ...]]]


@pytest.fixture
def kept_in(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for backups, made from the rows of the test."""
    settings.BACKUP_DIR = str(tmp_path)
    monkeypatch.setattr(writing, "snapshot", as_it_is)
    return tmp_path


def full(cast: Cast) -> Case:
    """Make rows in many tables: a case with notes, a request, a release, an outcome of a backup."""
    case = make_case(cast, country="KZ", needs=["papers", "shelter"])
    casework.add_note(case, STORY, actor=cast.boris.person, now=START)
    make_request(cast)
    Release.objects.create(
        period=START.date().replace(day=1), made_by=cast.dmitri.person, proposed_on=START.date(), software="1"
    )
    BackupRun.objects.create(kind="drill", ran_at=START)
    return case


def without(rows: Rows, labels: set[str]) -> Rows:
    return {label: found for label, found in rows.items() if label not in labels}


def refusal(run: Callable[[], object]) -> Problem:
    with pytest.raises(BackupRefused) as caught:
        run()
    return caught.value.problem


# -- the same rows -----------------------------------------------------------------------------------------------------


def test_a_backup_goes_to_the_other_database_and_back(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the database of this run to an SQLite, and a backup of that into the database of this run: on PostgreSQL both ways across."""
    full(cast)
    before = contents()
    first = back_up(tmp_path, START, monkeypatch)
    with blank_sqlite():
        there = restored(source_of(tmp_path, first), now=START)
        assert without(contents(), AUDIT) == without(before, AUDIT)
        second = back_up(tmp_path, START + DAY, monkeypatch)
    back = restored(source_of(tmp_path, second), now=START, replace=True)
    assert without(contents(), AUDIT) == without(before, AUDIT)
    assert (
        contents()["caseworker.AuditEvent"][: len(before["caseworker.AuditEvent"])] == before["caseworker.AuditEvent"]
    )
    assert there.left_out == back.left_out == 0
    assert there.rows == sum(map(len, before.values()))
    verbs = list(AuditEvent.objects.order_by("sequence").values_list("verb", flat=True))
    assert verbs[-2:] == [AuditVerb.RESTORE_BACKUP] * 2
    assert audit.verify().is_whole


def test_what_was_restored_opens_and_goes_on(cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    full(cast)
    written = back_up(tmp_path, START, monkeypatch)
    restored(source_of(tmp_path, written), now=START, replace=True)
    record = SealedRecord.objects.filter(kind="note").get()
    assert open_record(record, keyring=cast.boris.keyring())["text"] == STORY
    make_request(cast)
    assert SealedField.objects.order_by("-id").values_list("id", flat=True)[0] > SealedField.objects.count() - 3
    assert HelpRequest.objects.count() == 3


def test_rows_of_triggers_cannot_be_altered_after_restoring(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = back_up(tmp_path, START, monkeypatch)
    restored(source_of(tmp_path, written), now=START, replace=True)
    with pytest.raises(Exception, match="append-only"), transaction.atomic():
        AuditEvent.objects.update(verb="x")


def test_an_approved_release_is_frozen_after_restoring(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full(cast)
    approve_release(Release.objects.get(), actor=cast.eva.person, now=START)
    written = back_up(tmp_path, START, monkeypatch)
    restored(source_of(tmp_path, written), now=START, replace=True)
    assert OrmQ.objects.count() == 1


# -- the erased stay erased --------------------------------------------------------------------------------------------


def test_a_person_erased_after_the_backup_stays_erased(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, stays = full(cast), make_case(cast)
    alone = HelpRequest.objects.get(case__isnull=True)
    written = back_up(tmp_path, START, monkeypatch)
    erase_case(gone, actor=None, now=START + 3 * DAY)
    erase_request(alone, actor=None, now=START + 3 * DAY)
    (tmp_path / files.LEDGER_NAME).unlink()
    monkeypatch.setattr(writing, "snapshot", as_it_is)
    newer = writing.write_ledger(tmp_path, now=START + 3 * DAY)
    owners = [gone.id, alone.id, *gone.help_requests.values_list("id", flat=True)]  # type: ignore[attr-defined]
    with blank_sqlite():
        unread = restored(source_of(tmp_path, written, ledgers=()), now=START + 4 * DAY)
        assert unread.erased_again == 0
        assert SealedRecord.objects.filter(owner_id__in=owners).exists(), "this backup holds nothing to erase"
    with blank_sqlite():
        source = source_of(tmp_path, written, ledgers=[opened(tmp_path, newer, Stream.LEDGER)])
        assert restored(source, now=START + 4 * DAY).erased_again == 2
        assert not SealedRecord.objects.filter(owner_id__in=owners).exists()
        assert Case.objects.get(id=gone.id).erased_on is not None
        assert HelpRequest.objects.get(id=alone.id).erased_on is not None
        assert Case.objects.get(id=stays.id).erased_on is None
        assert set(ErasureEntry.objects.values_list("subject_id", flat=True)) == set(owners)
        assert audit.verify().is_whole
    again = restored(source_of(tmp_path, written, ledgers=()), now=START + 4 * DAY, replace=True)
    assert again.erased_again == 2, "the ledger of the database that is replaced counts too"


def test_one_erased_who_was_no_case_yet_in_the_backup(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    help_request = make_request(cast)
    written = back_up(tmp_path, START, monkeypatch)
    case = promote_request(help_request, actor=cast.boris.person, now=START + DAY)
    erase_case(case, actor=None, now=START + 2 * DAY)
    assert restored(source_of(tmp_path, written), now=START + 3 * DAY, replace=True).erased_again == 1
    assert not SealedRecord.objects.exists()
    kept = dict(ErasureEntry.objects.values_list("subject_id", "erased_on"))
    assert kept[case.id] == (START + 2 * DAY).date()
    assert ErasureEntry.objects.get(subject_id=help_request.id).code_hash == bytes.fromhex(help_request.claim_code_hash)
    assert set(kept) == {case.id, help_request.id}


def test_nothing_is_served_when_somebody_cannot_be_erased_again(cast: Cast) -> None:
    help_request = make_case(cast).help_requests.get()  # type: ignore[attr-defined]
    for line in (
        LedgerLine("help_request", help_request.id, START.date()),
        LedgerLine("of a later version", help_request.id, START.date()),
    ):
        assert refusal(lambda line=line: replay_ledger([line], now=START)) is Problem.LEDGER_NOT_REPLAYED  # type: ignore[misc]


def data_keys(seed: bytes) -> set[bytes]:
    """Return every data key that the recovery sheet opens in this database."""
    found = set()
    for row in RecordKey.objects.filter(recovery_key__isnull=False).select_related("record"):
        info = ctx("dek", row.record_id, row.record.generation, row.recipient_key_id)
        found.add(open_sealed(bytes(row.sealed), seed=seed, info=info))
    return found


def opens(record: SealedRecord, keys: set[bytes]) -> bool:
    """Tell whether any of the data keys opens the record."""
    for key in keys:
        split = split_data_key(key, record_id=record.id, generation=record.generation)
        if split.commitment == bytes(record.commitment):
            return True
    return False


def test_after_fourteen_days_no_backup_opens_what_was_erased(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The main stream of before still holds the ciphertext; no file that is left holds a key to it, whoever has the recovery sheet."""
    gone, stays = make_case(cast), make_case(cast)
    first = back_up(tmp_path, START, monkeypatch)
    owner = gone.help_requests.get().id  # type: ignore[attr-defined]
    other = stays.help_requests.get().id  # type: ignore[attr-defined]
    seed = recovery_pair().seed
    with blank_sqlite():
        restored(source_of(tmp_path, first, ledgers=()), now=START)
        assert opens(SealedRecord.objects.get(owner_id=owner), data_keys(seed)), "the proof must be able to fail"
    erase_case(gone, actor=None, now=START + DAY)
    last = back_up(tmp_path, START + 16 * DAY, monkeypatch)
    assert files.prune(tmp_path, now=START + 16 * DAY)[Stream.KEYS] == 1
    for path in tmp_path.iterdir():
        assert owner.bytes not in path.read_bytes()
    main, keys = opened(tmp_path, first, Stream.MAIN), opened(tmp_path, last, Stream.KEYS)
    with blank_sqlite():
        both = restored(Source(main, keys, (), younger_keys=True), now=START + 16 * DAY)
        found = data_keys(seed)
        assert opens(SealedRecord.objects.get(owner_id=other), found), "those who were not erased are still read"
        assert SealedField.objects.filter(record__owner_id=owner).exists()
        assert not opens(SealedRecord.objects.get(owner_id=owner), found)
        assert not RecordKey.objects.filter(record__owner_id=owner).exists()
        assert both.main.about["backup"] != both.keys.about["backup"]
    with blank_sqlite():
        restored(Source(main, None, ()), now=START + 16 * DAY)
        assert data_keys(seed) == set()
    files.prune(tmp_path, now=START + 47 * DAY)
    assert [one.header.stream for one in files.stored_in(tmp_path)] == [Stream.LEDGER]


def test_younger_keys_leave_out_what_belongs_to_nothing(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_case(cast)
    first = back_up(tmp_path, START, monkeypatch)
    grants = CircleGrant.objects.count()
    make_case(cast)
    CircleGrant.objects.update(granted_by=cast.boris.person)
    last = back_up(tmp_path, START + DAY, monkeypatch)
    source = source_of(tmp_path, first, keys=opened(tmp_path, last, Stream.KEYS), younger_keys=True)
    with blank_sqlite():
        found = restored(source, now=START)
        assert found.keys.left_out["requests_app.RecordKey"] == 2
        assert RecordKey.objects.count() == 2
        assert CircleGrant.objects.filter(granted_by__isnull=False).count() == grants
    assert (
        refusal(lambda: restored(source_of(tmp_path, first, keys=source.keys), now=START, replace=True))
        is Problem.NOT_TOGETHER
    )
    older = source_of(tmp_path, last, keys=opened(tmp_path, first, Stream.KEYS), younger_keys=True)
    assert refusal(lambda: restored(older, now=START, replace=True)) is Problem.NOT_TOGETHER


def test_a_parent_that_may_be_missing_is_let_go(cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = back_up(tmp_path, START, monkeypatch)
    newcomer = enrol_person("newcomer", Role.LEAD, actor=None, now=START).person
    CircleGrant.objects.filter(staff_key__person=cast.boris.person).update(granted_by=newcomer)
    last = back_up(tmp_path, START + DAY, monkeypatch)
    keys = opened(tmp_path, last, Stream.KEYS)
    with blank_sqlite():
        restored(source_of(tmp_path, first, keys=keys, younger_keys=True), now=START)
        assert CircleGrant.objects.get(staff_key__person=cast.boris.person).granted_by is None


# -- all or nothing ----------------------------------------------------------------------------------------------------


def test_killed_anywhere_a_restore_is_whole_or_not_there(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = full(cast)
    written, rng = back_up(tmp_path, START, monkeypatch), random.Random(11)
    make_request(cast)
    erase_case(gone, actor=None, now=START)
    before, source = contents(), source_of(tmp_path, written)
    places = [1, 2, 3, *(rng.randrange(4, 70) for _ in range(12))]
    for place in places:
        with pytest.raises(Killed), transaction.atomic(), _kill_after(place):
            restored(source, now=START, replace=True)
        assert contents() == before
    assert restored(source, now=START, replace=True).erased_again == 1


@pytest.mark.parametrize("stream", [Stream.MAIN, Stream.KEYS, Stream.LEDGER])
@pytest.mark.parametrize("change", ["cut", "turned", "longer", "gone", "empty"])
def test_an_altered_file_changes_nothing(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stream: Stream, change: str
) -> None:
    full(cast)
    written = back_up(tmp_path, START, monkeypatch)
    source, before = source_of(tmp_path, written), contents()
    path = tmp_path / written.parts[stream].name
    raw = path.read_bytes()
    turned = raw[:-30] + bytes((raw[-30] ^ 1,)) + raw[-29:]
    made = {"cut": raw[:-1], "turned": turned, "longer": raw + b"\0", "gone": None, "empty": b""}[change]
    path.unlink() if made is None else path.write_bytes(made)
    expected = Problem.NOT_READ if change == "gone" else Problem.NOT_OPENED
    assert refusal(lambda: restored(source, now=START, replace=True)) is expected
    assert contents() == before


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        ("database is not empty", Problem.NOT_EMPTY),
        ("two main files", Problem.WRONG_FILES),
        ("keys as main", Problem.WRONG_FILES),
        ("other key", Problem.NOT_OPENED),
        ("renamed backup", Problem.NOT_OPENED),
        ("paper head", Problem.CHAIN_BROKEN),
    ],
)
def test_what_does_not_fit_changes_nothing(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spoil: str, problem: Problem
) -> None:
    written = back_up(tmp_path, START, monkeypatch)
    source, before = source_of(tmp_path, written), contents()
    assert source.keys is not None
    spoiled = {
        "two main files": Source(source.main, source.main),
        "keys as main": Source(source.keys, source.main),
        "other key": Source(Opened(source.main.path, source.main.header, bytes(32)), source.keys),
        "renamed backup": Source(source.main, Opened(source.main.path, source.keys.header, source.main.key)),
    }.get(spoil, source)
    anchor = "ab" * 32 if spoil == "paper head" else None
    replace = spoil != "database is not empty"
    assert refusal(lambda: restored(spoiled, now=START, replace=replace, anchor=anchor)) is problem
    assert contents() == before


def test_another_version_is_refused(cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = back_up(tmp_path, START, monkeypatch)
    source = source_of(tmp_path, written)
    with monkeypatch.context() as patch:
        patch.setattr(reading, "applied_migrations", lambda: ["requests_app.9999_later"])
        assert refusal(lambda: restored(source, now=START, replace=True)) is Problem.OTHER_VERSION
    with monkeypatch.context() as patch:
        patch.setattr(reading, "columns_of", lambda _model: ["id"])
        assert refusal(lambda: restored(source, now=START, replace=True)) is Problem.OTHER_VERSION
        assert refusal(lambda: restored(Source(source.main, None), now=START, replace=True)) is Problem.OTHER_VERSION
    with monkeypatch.context() as patch:
        patch.setitem(reading.TABLES, Stream.MAIN, (*reading.TABLES[Stream.MAIN], "requests_app.Later"))  # type: ignore[arg-type]
        with blank_sqlite():
            assert refusal(lambda: restored(source, now=START)) is Problem.OTHER_VERSION


def test_a_backup_from_before_migrate_wrote_down_what_it_found_is_of_this_version(cast: Cast) -> None:
    here = {"caseworker": ("0001_tables", "0002_append_only"), "requests_app": ("0001_tables", "0004_append_only")}
    before = reading.applied_migrations()
    for app, names in here.items():
        rows = MigrationRecorder(connection).migration_qs.filter(app=app, name__in=names)
        assert rows.delete()[0] == len(names)
    assert reading.applied_migrations() == before
    MigrationRecorder(connection).migration_qs.filter(name="0023_first_consents").delete()
    assert reading.applied_migrations() != before


def test_rows_that_do_not_fit_together_are_refused(cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A forged file: sealed as it should be, with rows that refer to nothing, or twice to one key."""
    make_case(cast)
    rows_of = writing.rows_of

    def without_people(model: Any) -> Any:
        return iter(()) if model._meta.label == "caseworker.Circle" else rows_of(model)

    def twice(model: Any) -> Any:
        yield from rows_of(model)
        if model is RecoveryKey:
            yield from rows_of(model)

    for forged in (without_people, twice):
        with monkeypatch.context() as patch:
            patch.setattr(writing, "rows_of", forged)
            written = back_up(tmp_path, START, monkeypatch)
        assert (
            refusal(lambda written=written: restored(source_of(tmp_path, written), now=START, replace=True))
            is Problem.NOT_FITTING
        )  # type: ignore[misc]


def test_a_broken_chain_is_not_served(cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    AuditHead.objects.update(hash="0" * 64)
    written = back_up(tmp_path, START, monkeypatch)
    assert refusal(lambda: restored(source_of(tmp_path, written), now=START, replace=True)) is Problem.CHAIN_BROKEN


def test_ciphertext_that_is_none_stops_neither_backup_nor_restore(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever can write to the database must not be able to prevent backups with one bad row."""
    make_case(cast)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE requests_app_sealedfield SET envelope = %s WHERE name = 'name'", [b"broken"])
    written = back_up(tmp_path, START, monkeypatch)
    found = restored(source_of(tmp_path, written), now=START, replace=True)
    assert found.left_out == found.main.left_out["requests_app.SealedField"] == 1


# -- the commands ------------------------------------------------------------------------------------------------------


class Holder:
    """Somebody at the terminal with a recovery sheet."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *typed: str) -> None:
        self.left = list(typed) or [" ".join(sheet_groups(recovery_pair()))]
        monkeypatch.setattr("builtins.input", self.type)

    def type(self, _question: str) -> str:
        if not self.left:
            raise EOFError
        return self.left.pop(0)


def sheet(pair: KeyPair) -> str:
    return " ".join(sheet_groups(pair))


def run(capsys: pytest.CaptureFixture[str], *arguments: Any) -> str:
    capsys.readouterr()
    call_command(*map(str, arguments))
    return capsys.readouterr().out


def names(folder: Path, written: Any) -> list[Path]:
    return [folder / written.parts[stream].name for stream in (Stream.MAIN, Stream.KEYS)]


def test_restoring_with_the_sheet(
    cast: Cast,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    sign_in: Callable[[Member], Any],
) -> None:
    full(cast)
    written = back_up(tmp_path, START, monkeypatch)
    sign_in(cast.boris)
    assert SessionRow.objects.exists()
    typo = sheet(recovery_pair()).replace("A", "B", 1).replace("C", "D", 1)
    Holder(monkeypatch, typo, sheet(generate_key_pair()), sheet(recovery_pair()))
    with blank_sqlite():
        said = run(capsys, "restore", *names(tmp_path, written), "--head", written.head)
        assert HelpRequest.objects.count() == 2
    assert not SessionRow.objects.exists()
    assert "Look at these groups again" in said
    assert "not a sheet that opens" in said
    assert "erased again  0" in said
    assert written.head in said


@pytest.fixture
def second(cast: Cast, settings: Any) -> KeyPair:
    """A second recovery sheet, and the policy that both are needed."""
    pair = generate_key_pair()
    RecoveryKey.objects.create(suite=pair.suite, public_key=pair.public_key, created_on=START.date())
    settings.RECOVERY_POLICY = "all"
    return pair


def test_where_both_sheets_are_needed_one_restores_nothing(
    cast: Cast, second: KeyPair, kept_in: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    full(cast)
    call_command("backup")
    main, keys = (
        next(one.path for one in files.stored_in(kept_in) if one.header.stream is stream)
        for stream in (Stream.MAIN, Stream.KEYS)
    )
    first = recovery_pair()
    for one in (first, second):
        assert refusal(lambda one=one: open_with_sheets(files.look_at(main), [one])) is Problem.NOT_OPENED  # type: ignore[misc]
    with blank_sqlite():
        Holder(monkeypatch, sheet(second), sheet(second), sheet(second), sheet(second))
        with pytest.raises(CommandError, match="not the recovery sheet"):
            run(capsys, "restore", main, keys)
        Holder(monkeypatch, sheet(second), sheet(first))
        assert "whole" in run(capsys, "restore", main, keys)
    monkeypatch.setattr(restore_drill, "scratch", lambda _settings: blank_sqlite())
    Holder(monkeypatch, sheet(first), sheet(second))
    assert "opened with the sheet" in run(capsys, "restore_drill")


@pytest.mark.parametrize("policy", ["any", "all"])
def test_the_offline_tool_opens_the_keys_of_backup_files(
    cast: Cast,
    second: KeyPair,
    settings: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    policy: str,
) -> None:
    settings.RECOVERY_POLICY = policy
    written = back_up(tmp_path, START, monkeypatch)
    paths = names(tmp_path, written)
    monkeypatch.chdir(tmp_path)
    Holder(monkeypatch, sheet(recovery_pair()), sheet(second))
    assert caseworker_recover.main(["backup-key", *map(str, paths), files.LEDGER_NAME]) == 0
    made = tmp_path / "backup-keys.txt"
    assert made.stat().st_mode & 0o777 == 0o600
    with blank_sqlite():
        assert "whole" in run(capsys, "restore", *paths, "--key-file", made)
    assert caseworker_recover.main(["backup-key", str(paths[0])]) == 1
    assert "exists already" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (None, "cannot be read"),
        (b"something else", "is cut"),
        (b"CWBK\x01\x00\x00\x00\x1b" + bytes(26), "is cut"),
        (b"CWBK\x01\x00\x00\x00\x1b" + bytes(27), "no backup of this version"),
    ],
)
def test_the_offline_tool_stops_at_other_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], raw: bytes | None, says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    if raw is not None:
        (tmp_path / "x").write_bytes(raw)
    assert caseworker_recover.main(["backup-key", "x"]) == 1
    assert says in capsys.readouterr().out
    assert not (tmp_path / "backup-keys.txt").exists()


def test_the_offline_tool_stops_at_files_of_other_sheets(
    cast: Cast, second: KeyPair, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    written = back_up(tmp_path, START, monkeypatch)
    RecoveryKey.objects.filter(public_key=second.public_key).update(retired_on=START.date())
    later = back_up(tmp_path, START + DAY, monkeypatch)
    monkeypatch.chdir(tmp_path)
    mixed = [str(names(tmp_path, one)[0]) for one in (written, later)]
    assert caseworker_recover.main(["backup-key", *mixed]) == 1
    assert "not sealed to the same sheets" in capsys.readouterr().out


def test_restoring_with_a_key_file(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    written = back_up(tmp_path, START, monkeypatch)
    lines = [
        f"casework-backup-key 1 {written.backup_id} {stream:d} {opened(tmp_path, written, stream).key.hex()}"
        for stream in Stream
    ]
    key_file = tmp_path / "keys.txt"
    key_file.write_text("\n".join(lines) + "\n")
    with blank_sqlite():
        assert "whole" in run(capsys, "restore", *names(tmp_path, written), "--key-file", key_file)
    for text, says in (("\n".join(lines[:2]), "does not open"), ("something", "not a backup"), ("ю", "cannot be read")):
        key_file.write_text(text)
        with pytest.raises(CommandError, match=says):
            run(capsys, "restore", *names(tmp_path, written), "--key-file", key_file, "--replace")


@pytest.mark.parametrize(
    ("chosen", "more", "says"),
    [
        ((0,), (), "one main file"),
        ((1,), ("--without-keys",), "one main file"),
        ((0, 0), (), "one main file"),
        ((0, 1), (), "not empty"),
        ((0, 1, 2), ("--head", "ab" * 32, "--replace"), "audit chain"),
    ],
)
def test_refusals_are_one_sentence(
    cast: Cast,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    chosen: tuple[int, ...],
    more: tuple[str, ...],
    says: str,
) -> None:
    written, before = back_up(tmp_path, START, monkeypatch), contents()
    paths = [tmp_path / written.parts[stream].name for stream in (Stream.MAIN, Stream.KEYS, Stream.LEDGER)]
    Holder(monkeypatch)
    with pytest.raises(CommandError, match=says):
        run(capsys, "restore", *(paths[n] for n in chosen), *more)
    assert contents() == before


def test_without_a_ledger_nothing_is_restored_unless_somebody_says_so(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    written = back_up(tmp_path, START, monkeypatch)
    elsewhere = (tmp_path / files.LEDGER_NAME).rename(tmp_path / "elsewhere.bin")
    with blank_sqlite():
        Holder(monkeypatch)
        with pytest.raises(CommandError, match="no erasure ledger"):
            run(capsys, "restore", *names(tmp_path, written))
        assert "whole" in run(capsys, "restore", *names(tmp_path, written), "--ledger", elsewhere)
    with blank_sqlite():
        Holder(monkeypatch)
        assert "whole" in run(capsys, "restore", *names(tmp_path, written), "--without-ledger")
    with blank_sqlite():
        Holder(monkeypatch)
        main = names(tmp_path, written)[0]
        assert "whole" in run(capsys, "restore", main, "--without-ledger", "--without-keys")
        assert not RecoveryKey.objects.exists()


@pytest.mark.parametrize("typed", [("nonsense",) * 3, ("",) * 3, (sheet(generate_key_pair()),) * 3])
def test_a_wrong_sheet_restores_nothing(
    cast: Cast,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    typed: tuple[str, ...],
) -> None:
    written = back_up(tmp_path, START, monkeypatch)
    Holder(monkeypatch, *typed)
    with pytest.raises(CommandError, match="not the recovery sheet"):
        run(capsys, "restore", *names(tmp_path, written), "--replace")
    Holder(monkeypatch, "one try, then the terminal is gone")
    with pytest.raises(CommandError, match="in a terminal"):
        run(capsys, "restore", *names(tmp_path, written), "--replace")


def test_files_that_are_no_backups(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "x.bin").write_bytes(b"CWBK\x02")
    for name, says in (("x.bin", "not a backup"), ("nowhere.bin", "cannot be read")):
        with pytest.raises(CommandError, match=says):
            run(capsys, "restore", tmp_path / name)


def test_files_that_no_sheet_opens_together(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    written = back_up(tmp_path, START, monkeypatch)
    RecoveryKey.objects.update(retired_on=START.date())
    other = generate_key_pair()
    RecoveryKey.objects.create(suite=other.suite, public_key=other.public_key, created_on=START.date())
    later = back_up(tmp_path, START + DAY, monkeypatch)
    paths = [tmp_path / written.parts[Stream.MAIN].name, tmp_path / later.parts[Stream.KEYS].name]
    with pytest.raises(CommandError, match="not of one backup"):
        run(capsys, "restore", *paths)
    assert refusal(lambda: opened(tmp_path, later, Stream.MAIN)) is Problem.NOT_OPENED


def test_a_box_of_another_backup_does_not_open(cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = back_up(tmp_path, START, monkeypatch), back_up(tmp_path, START, monkeypatch)
    box = files.look_at(tmp_path / first.parts[Stream.MAIN].name).header.locks[0].box
    path = tmp_path / second.parts[Stream.MAIN].name
    own = files.look_at(path).header.locks[0].box
    path.write_bytes(path.read_bytes().replace(own, box))
    assert refusal(lambda: opened(tmp_path, second, Stream.MAIN)) is Problem.NOT_OPENED


# -- the drill ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("records", [0, 1])
def test_a_drill_restores_checks_and_forgets(
    cast: Cast, kept_in: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], records: int
) -> None:
    if records:
        full(cast)
    else:
        monkeypatch.setattr(restore_drill, "scratch", lambda _settings: blank_sqlite())
    call_command("backup")
    before, here = without(contents(), AUDIT | {"caseworker.BackupRun"}), connections["default"]
    Holder(monkeypatch)
    said = run(capsys, "restore_drill")
    assert ("opened with the sheet" if records else "no sealed record") in said
    assert "can be restored" in said
    assert connections["default"] is here
    assert without(contents(), AUDIT | {"caseworker.BackupRun"}) == before
    run_ = BackupRun.objects.filter(kind="drill").order_by("-rows").first()
    assert run_ is not None
    assert (run_.problem, run_.rows > 0) == ("", True)


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        ("no backup", Problem.NO_BACKUP),
        ("wrong sheet", Problem.SHEET_REFUSED),
        ("sample", Problem.NOT_OPENED),
        ("left out", Problem.NOT_FITTING),
    ],
)
def test_a_drill_that_fails_is_written_down(
    cast: Cast,
    kept_in: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    fault: str,
    problem: Problem,
) -> None:
    make_case(cast)
    if fault == "sample":
        sealed = bytes(RecordKey.objects.order_by("id")[0].sealed)
        RecordKey.objects.update(sealed=sealed[:-1] + bytes([sealed[-1] ^ 1]))
    if fault == "left out":
        with connection.cursor() as cursor:
            cursor.execute("UPDATE requests_app_sealedfield SET envelope = %s WHERE name = 'name'", [b"broken"])
    if fault != "no backup":
        call_command("backup")
    monkeypatch.setattr(restore_drill, "scratch", lambda _settings: blank_sqlite())
    Holder(monkeypatch, *(["x"] * 3 if fault == "wrong sheet" else []))
    with pytest.raises(CommandError, match="The drill failed"):
        run(capsys, "restore_drill")
    assert BackupRun.objects.get(kind="drill").problem == problem


@pytest.mark.skipif(
    "EXPECT_VENDOR" not in os.environ or os.environ["EXPECT_VENDOR"] != "postgresql", reason="PostgreSQL only"
)
def test_a_scratch_schema_touches_nothing_else_and_is_gone(
    cast: Cast, kept_in: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    full(cast)
    call_command("backup")
    Holder(monkeypatch)
    url = os.environ["TEST_DATABASE_URL"]
    assert "can be restored" in run(capsys, "restore_drill", "--database-url", url)
    settings = database_from_url(url, fallback=Path("unused"))
    with scratch(settings), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_tables WHERE schemaname = %s", [SCRATCH_SCHEMA])
        assert cursor.fetchone()[0] > 20
        cursor.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
        assert cursor.fetchone()[0] == 0
    with scratch(settings), pytest.raises(VaultError), transaction.atomic():
        raise VaultError
