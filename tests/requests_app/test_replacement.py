"""New recovery sheets: prepared, pinned, sealed to in steps, killed in the middle, the old ones retired, archived records moved offline."""

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from caseworker import checks
from caseworker.actions.circle_keys import open_own_grants
from caseworker.actions.circles import renew_circle
from caseworker.enums import RecoveryKind
from caseworker.exceptions import PermissionRefused, PolicyRefused
from caseworker.models.keys import CircleEscrow, CircleGrant, CircleKey, RecoveryKey
from caseworker.models.recovery import RecoveryDrill, RecoveryRequest
from caseworker.offline import caseworker_recover
from caseworker.recovery_keys import old_recovery_set, pinned_recovery_keys, recovery_set, seal_to_recovery
from caseworker.vault import sealing
from caseworker.vault.ceremony import encoded
from caseworker.vault.envelope import check_commitment, split_data_key
from caseworker.vault.recovery import sheet_groups
from caseworker.vault.sealing import KeyPair
from caseworker.vault.shares import RecoverySet, open_from_set
from requests_app.actions import replacement
from requests_app.actions.recovery import (
    AnswerRefused,
    ChangedMeanwhile,
    export_bundle,
    import_record_keys,
    order_circles,
    order_reseal,
    unchanged_bundle,
)
from requests_app.actions.replacement import (
    Sealed,
    continue_resealing,
    prepare_recovery_key,
    reseal_for,
    reseal_step,
    retire_recovery_keys,
)
from requests_app.actions.rotation import rotate_for
from requests_app.bundles import NotRecoverable, bundle_of
from requests_app.enums import SealedKind
from requests_app.models.sealed import RecordKey, SealedRecord
from requests_app.queries.recovery import ReplacementState, replacement_state
from requests_app.sealed import archive_records, open_record, seal_record
from requests_app.sealed_keys import pass_on_to_circle
from tests.cast import START, Cast, Member, audit_verbs
from tests.offline import Laptop, typed_sheet

pytestmark = pytest.mark.django_db
SignIn = Callable[[Member], Client]


@pytest.fixture
def laptop(tmp_path: Path) -> Laptop:
    return Laptop(tmp_path)


def _public_file(pair: KeyPair) -> bytes:
    contents = {"format": "casework-recovery-public/1", "suite": 2, "public_key": encoded(pair.public_key)}
    return json.dumps(contents).encode()


def _print(pair: KeyPair) -> str:
    return sealing.fingerprint(pair.suite, pair.public_key)


def _prepare(cast: Cast, pair: KeyPair) -> RecoveryKey:
    return prepare_recovery_key(_public_file(pair), _print(pair), actor=cast.sofia.person, now=START)


def _pin(settings: Any, *new: KeyPair, old: tuple[KeyPair, ...] = (), policy: str = "any") -> None:
    settings.RECOVERY_FINGERPRINTS, settings.RECOVERY_POLICY = [_print(pair) for pair in new], policy
    settings.RECOVERY_OLD_FINGERPRINTS = [_print(pair) for pair in old]


@pytest.fixture
def new(cast: Cast, settings: Any) -> KeyPair:
    """A new sheet, prepared and pinned; the cast's is being replaced."""
    pair = sealing.generate_key_pair()
    _prepare(cast, pair)
    _pin(settings, pair, old=(cast.recovery,))
    return pair


def _notes(cast: Cast, count: int = 3, *, archived: bool = False) -> list[SealedRecord]:
    made = []
    for n in range(count):
        key = RecoveryKey.objects.order_by("id")[0].id
        owner = key if archived else cast.north.id
        made.append(seal_record(SealedKind.NOTE, {"text": f"fx_{n}"}, owner_id=owner, circles=[cast.north], now=START))
    if archived:
        archive_records([RecoveryKey.objects.order_by("id")[0].id])
    return made


def _opens(records: list[SealedRecord], of: RecoverySet, *pairs: KeyPair) -> bool:
    """Tell whether these sheets open the data key of every record."""
    seeds = {key.key_id: pair.seed for key in of.keys for pair in pairs if pair.public_key == key.public_key}
    for record in records:
        rows = RecordKey.objects.filter(record=record, recovery_key_id__in=[key.key_id for key in of.keys])
        boxes = {row.recipient_key_id: bytes(row.sealed) for row in rows}
        if not boxes:
            return False
        data_key = open_from_set(boxes, seeds, of, "dek", record.id, record.generation)
        check_commitment(split_data_key(data_key, record_id=record.id, generation=1), bytes(record.commitment))
    return True


def _step(cast: Cast, **kwargs: Any) -> Sealed:
    return reseal_step(cast.north, keyring=cast.boris.keyring(), actor=cast.boris.person, now=START, **kwargs)


def _both_circles(cast: Cast) -> None:
    for member, circle in ((cast.boris, cast.north), (cast.clara, cast.south)):
        reseal_for(60, circle, keyring=member.keyring(), member=member.person, at=START)


def _drilled() -> None:
    for key in pinned_recovery_keys():
        person = RecoveryRequest._meta.get_field("made_by").related_model.objects.get(alias="sofia")
        RecoveryDrill.objects.create(recovery_key=key, done_on=START.date(), done_by=person)


def _retire(cast: Cast, *, accept_loss: bool = False) -> int:
    with transaction.atomic():
        return retire_recovery_keys(accept_loss=accept_loss, actor=cast.sofia.person, now=START)


# -- prepared and pinned -------------------------------------------------------------------------------------------------------------------


def test_a_prepared_key_is_sealed_to_only_when_it_is_pinned(cast: Cast, settings: Any) -> None:
    _pin(settings, cast.recovery)
    pair = sealing.generate_key_pair()
    key = _prepare(cast, pair)
    assert checks.check_recovery_key(databases=["default"]) == []
    assert key.id not in seal_to_recovery(b"x", "test")
    settings.RECOVERY_FINGERPRINTS = []
    assert key.id not in seal_to_recovery(b"x", "test")
    _pin(settings, pair, old=(cast.recovery,))
    assert set(seal_to_recovery(b"x", "test")) == {key.id}
    assert checks.check_recovery_key(databases=["default"]) == []
    settings.RECOVERY_OLD_FINGERPRINTS = []
    assert [one.id for one in checks.check_recovery_key(databases=["default"])] == ["casework.E010"]


def test_the_database_alone_weakens_nothing(cast: Cast, settings: Any) -> None:
    """Somebody who writes rows can neither drop a pinned key nor put one in its place twice, nor make it merely prepared."""
    pair = sealing.generate_key_pair()
    _prepare(cast, pair)
    _pin(settings, cast.recovery, pair)
    RecoveryKey.objects.update(is_prepared=True)
    assert len(pinned_recovery_keys()) == 2
    RecoveryKey.objects.filter(fingerprint=_print(pair)).update(retired_on=START.date())
    with pytest.raises(PolicyRefused):
        seal_to_recovery(b"x", "test")
    RecoveryKey.objects.update(retired_on=None)
    RecoveryKey.objects.create(suite=2, public_key=pair.public_key, fingerprint="", created_on=START.date())
    with pytest.raises(PolicyRefused):
        seal_to_recovery(b"x", "test")


def test_without_any_key_nothing_is_sealed(db: None) -> None:
    with pytest.raises(PolicyRefused):
        seal_to_recovery(b"x", "test")


BAD_FILES = {
    "empty": b"",
    "no json": b"{",
    "a list": b"[]",
    "another format": b'{"format": "x", "suite": 2, "public_key": ""}',
    "short": b'{"format": "casework-recovery-public/1", "suite": 2, "public_key": "AAAA"}',
    "no base64": b'{"format": "casework-recovery-public/1", "suite": 2, "public_key": 7}',
    "no key": json.dumps(
        {"format": "casework-recovery-public/1", "suite": 2, "public_key": encoded(b"\xff" * 1216)}
    ).encode(),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_file_that_is_no_key_is_refused(cast: Cast, name: str) -> None:
    with pytest.raises(PolicyRefused), transaction.atomic():
        prepare_recovery_key(BAD_FILES[name], "0" * 20, actor=cast.sofia.person, now=START)


def test_preparing_compares_the_paper_and_refuses_known_keys(cast: Cast) -> None:
    pair = sealing.generate_key_pair()
    with pytest.raises(PolicyRefused), transaction.atomic():
        prepare_recovery_key(_public_file(pair), "0" * 20, actor=cast.sofia.person, now=START)
    with pytest.raises(PermissionRefused), transaction.atomic():
        prepare_recovery_key(_public_file(pair), _print(pair), actor=cast.boris.person, now=START)
    with pytest.raises(PolicyRefused), transaction.atomic():
        _prepare(cast, cast.recovery)
    assert _prepare(cast, pair).is_prepared


def test_a_new_sheet_is_made_on_the_laptop(cast: Cast, laptop: Laptop) -> None:
    """The tool waits for the whole sheet: a first run shows what is printed, and writes nothing when nobody types it back."""
    done = laptop.run("new-sheet", typed=[""])
    assert "RECOVERY SHEET" in done.stdout
    assert done.returncode == 1
    assert not (laptop.folder / "public-key.json").exists()


def test_a_new_sheet_typed_back_is_prepared(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    printed, tries = "", iter([sheet_groups(cast.recovery)])

    def typed(_question: str) -> str:
        nonlocal printed
        printed += capsys.readouterr().out
        mistaken = next(tries, None)
        return " ".join(mistaken or printed.split("fingerprint.\n")[1].split("Fingerprint")[0].split()[1::2])

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("builtins.input", typed)
    assert caseworker_recover.main(["new-sheet"]) == 0
    assert "That is another sheet" in printed
    public = printed.split("Fingerprint: ")[1].splitlines()[0]
    raw = (tmp_path / "public-key.json").read_bytes()
    assert prepare_recovery_key(raw, public, actor=cast.sofia.person, now=START).is_prepared
    assert caseworker_recover.main(["new-sheet"]) == 1
    assert "exists already" in capsys.readouterr().out


# -- step by step --------------------------------------------------------------------------------------------------------------------------


def test_records_and_seeds_move_in_steps_and_both_sheets_open_meanwhile(cast: Cast, settings: Any) -> None:
    records = _notes(cast)
    pair = sealing.generate_key_pair()
    _prepare(cast, pair)
    _pin(settings, pair, old=(cast.recovery,))
    state = replacement_state()
    assert (state.records, state.records_left, state.circles_left, state.undrilled) == (3, 3, 2, 1)
    assert _step(cast, limit=2) == Sealed(2, finished=False)
    old = old_recovery_set()
    assert old is not None
    assert _opens(records, old, cast.recovery)
    assert not _opens(records, recovery_set(), pair)
    assert _step(cast, limit=2) == Sealed(1, finished=True)
    assert _opens(records, old, cast.recovery)
    assert _opens(records, recovery_set(), pair)
    assert _step(cast) == Sealed(0, finished=True)
    assert audit_verbs().count("reseal_to_recovery") == 2
    assert (replacement_state().records_left, replacement_state().circles_left) == (0, 1)


def test_killed_at_twenty_places_it_always_goes_on(cast: Cast, settings: Any) -> None:
    records = _notes(cast, 6)
    pairs = [sealing.generate_key_pair() for _ in range(2)]
    for pair in pairs:
        _prepare(cast, pair)
    _pin(settings, *pairs, old=(cast.recovery,), policy="all")
    ring, rng = cast.boris.keyring(), random.Random(20)

    class Killed(Exception):
        """The process is gone."""

    for _ in range(20):
        left = rng.randrange(1, 20)

        def stop(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            nonlocal left
            left -= 1
            if left == 0:
                raise Killed
            return execute(sql, params, many, context)

        try:
            with transaction.atomic(), connection.execute_wrapper(stop):
                reseal_step(cast.north, keyring=ring, actor=cast.boris.person, now=START, limit=1)
        except Killed:
            pass
        old = old_recovery_set()
        assert old is not None
        assert _opens(records, old, cast.recovery)
        assert RecordKey.objects.filter(record__in=records).count() % 2 == 0
    _both_circles(cast)
    assert _opens(records, recovery_set(), *pairs)
    assert all(
        len(bytes(box)) == 1186
        for box in CircleEscrow.objects.filter(recovery_key__in=pinned_recovery_keys()).values_list("sealed", flat=True)
    )
    assert checks.check_recovery_key(databases=["default"]) == []


def test_a_second_sheet_is_added_beside_the_first(cast: Cast, settings: Any) -> None:
    """With "any" nothing is replaced: what lies under one sheet is sealed to the other too, and recovery works before that is done."""
    records, pair = _notes(cast), sealing.generate_key_pair()
    _prepare(cast, pair)
    _pin(settings, cast.recovery, pair)
    assert replacement_state().is_running
    CircleGrant.objects.filter(circle_key__circle=cast.south).delete()
    asked = export_bundle(order_circles(cast.clara.person, [cast.south]), actor=cast.sofia.person, now=START)
    assert len(bundle_of(asked).recovery.keys) == 1
    _step(cast)
    assert _opens(records, recovery_set(), cast.recovery)
    assert _opens(records, recovery_set(), pair)
    assert RecordKey.objects.filter(record=records[0]).count() == 3


def test_a_row_that_opens_nothing_is_dropped_and_stops_nobody(cast: Cast, new: KeyPair, settings: Any) -> None:
    settings.RECOVERY_FINGERPRINTS, settings.RECOVERY_OLD_FINGERPRINTS = settings.RECOVERY_OLD_FINGERPRINTS, []
    records = _notes(cast)
    RecordKey.objects.filter(record=records[1], circle_key__isnull=False).update(sealed=b"\x01\x02")
    SealedRecord.objects.filter(id=records[2].id).update(commitment=b"x" * 32)
    _pin(settings, new, old=(cast.recovery,))
    assert _step(cast) == Sealed(1, finished=True)
    assert audit_verbs().count("drop_record_key") == 2
    assert replacement_state().archived_left == 2


def test_a_record_under_two_versions_is_sealed_once(cast: Cast, settings: Any) -> None:
    records, pair = _notes(cast, 1), sealing.generate_key_pair()
    renew_circle(cast.north, keyring=cast.boris.keyring(), actor=cast.boris.person, now=START)
    active = CircleKey.objects.get(circle=cast.north, state="active")
    seeds = open_own_grants(cast.north.id, cast.boris.keyring())
    assert pass_on_to_circle([cast.north.id], active, seeds=seeds) == 1
    _prepare(cast, pair)
    _pin(settings, pair, old=(cast.recovery,))
    assert _step(cast) == Sealed(1, finished=True)
    assert _opens(records, recovery_set(), pair)


def test_a_planted_recovery_key_stops_the_step(cast: Cast, new: KeyPair) -> None:
    planted = sealing.generate_key_pair()
    RecoveryKey.objects.filter(fingerprint=_print(new)).update(public_key=planted.public_key)
    with pytest.raises(PolicyRefused), transaction.atomic():
        _step(cast)
    with pytest.raises(PolicyRefused), transaction.atomic():
        reseal_step(cast.north, keyring=cast.clara.keyring(), actor=cast.clara.person, now=START)


def test_every_unlocking_goes_on_with_it(cast: Cast, settings: Any, sign_in: SignIn) -> None:
    records, pair = _notes(cast), sealing.generate_key_pair()
    _prepare(cast, pair)
    sign_in(cast.boris)
    assert replacement_state().records_left == 0
    _pin(settings, pair, old=(cast.recovery,))
    assert replacement_state().records_left == 3
    sign_in(cast.boris)
    assert replacement_state().records_left == 0
    assert _opens(records, recovery_set(), pair)
    settings.RECOVERY_OLD_FINGERPRINTS = ["0" * 20]
    continue_resealing(cast.boris.person, cast.boris.keyring(), START)


def test_it_stops_when_time_is_up(cast: Cast, new: KeyPair, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    _pin(settings, cast.recovery)
    RecoveryKey.objects.filter(fingerprint=_print(new)).update(is_prepared=True)
    _notes(cast)
    _pin(settings, new, old=(cast.recovery,))
    real = replacement.move_to_recovery
    monkeypatch.setattr(replacement, "move_to_recovery", lambda *args, limit: real(*args, limit=1))
    step = reseal_for(0, cast.north, keyring=cast.boris.keyring(), member=cast.boris.person, at=START)
    assert step == Sealed(1, finished=False)
    step = reseal_for(60, cast.north, keyring=cast.boris.keyring(), member=cast.boris.person, at=START)
    assert step == Sealed(2, finished=True)


def test_a_rotation_and_a_replacement_overlap(cast: Cast, settings: Any) -> None:
    records, pair = _notes(cast), sealing.generate_key_pair()
    _prepare(cast, pair)
    _pin(settings, pair, old=(cast.recovery,))
    _step(cast, limit=1)
    renew_circle(cast.north, keyring=cast.boris.keyring(), actor=cast.boris.person, now=START)
    _step(cast)
    assert rotate_for(60, cast.north, keyring=cast.boris.keyring(), member=cast.boris.person, at=START).finished
    _both_circles(cast)
    assert _opens(records, recovery_set(), pair)
    assert not CircleEscrow.objects.filter(circle_key__state="destroyed").exists()
    assert [open_record(one, keyring=cast.boris.keyring())["text"] for one in records] == ["fx_0", "fx_1", "fx_2"]


# -- retiring ------------------------------------------------------------------------------------------------------------------------------


def test_the_old_sheet_is_retired_when_nothing_needs_it(cast: Cast, settings: Any) -> None:
    records, pair = _notes(cast), sealing.generate_key_pair()
    with pytest.raises(PolicyRefused):
        _retire(cast)
    _prepare(cast, pair)
    _pin(settings, pair, old=(cast.recovery,))
    with pytest.raises(PolicyRefused, match="PolicyRefused"):
        _retire(cast)
    _both_circles(cast)
    with pytest.raises(PolicyRefused):
        _retire(cast)
    _drilled()
    with pytest.raises(PermissionRefused), transaction.atomic():
        retire_recovery_keys(accept_loss=False, actor=cast.boris.person, now=START)
    assert _retire(cast) == 3 + 2
    old = RecoveryKey.objects.get(fingerprint=_print(cast.recovery))
    assert old.retired_on == START.date()
    assert not RecordKey.objects.filter(recovery_key=old).exists()
    assert not CircleEscrow.objects.filter(recovery_key=old).exists()
    assert _opens(records, recovery_set(), pair)
    settings.RECOVERY_OLD_FINGERPRINTS = []
    assert checks.check_recovery_key(databases=["default"]) == []
    assert not replacement_state().is_running
    with pytest.raises(PolicyRefused):
        _retire(cast)


def test_archived_records_move_with_the_old_sheet_offline(cast: Cast, settings: Any, laptop: Laptop) -> None:
    records, pairs = _notes(cast, archived=True), [sealing.generate_key_pair() for _ in range(2)]
    for pair in pairs:
        _prepare(cast, pair)
    _pin(settings, *pairs, old=(cast.recovery,), policy="all")
    _both_circles(cast)
    _drilled()
    assert replacement_state().archived_left == 3
    with pytest.raises(PolicyRefused):
        _retire(cast)
    asked = export_bundle(order_reseal(), actor=cast.sofia.person, now=START)
    assert asked.kind == RecoveryKind.RESEAL
    old_sheet, prints = typed_sheet(cast.recovery), [_print(pair) for pair in pairs]
    strange = laptop.run("bundle.json", typed=["yes", old_sheet, "0" * 20], bundle=bundle_of(asked).file())
    assert "No other new key in this bundle has it" in strange.stdout
    twice = laptop.run("bundle.json", typed=["yes", old_sheet, prints[0], prints[0]], bundle=bundle_of(asked).file())
    assert "No other new key in this bundle has it" in twice.stdout
    assert "ALL new sheets are needed" in twice.stdout
    raw = laptop.answer(bundle_of(asked).file(), ["yes", old_sheet, *prints])
    assert import_record_keys(asked, raw, actor=cast.sofia.person, now=START) == 3
    assert _opens(records, recovery_set(), *pairs)
    assert replacement_state().archived_left == 0
    assert _retire(cast) > 0
    assert _opens(records, recovery_set(), *pairs)


def test_a_lost_old_sheet_leaves_archived_records_unreadable_and_says_so(
    cast: Cast, settings: Any, sign_in: SignIn
) -> None:
    records, pair = _notes(cast, archived=True), sealing.generate_key_pair()
    _prepare(cast, pair)
    _pin(settings, pair, old=(cast.recovery,))
    _both_circles(cast)
    _drilled()
    client = sign_in(cast.sofia)
    page = client.get(reverse("recovery_keys")).content.decode()
    assert "3 archived records open only with the old sheets" in page
    there = reverse("retire_recovery_keys")
    assert "lie under the old sheets alone" in client.post(there, {"words": cast.sofia.words}).content.decode()
    answer = client.post(there, {"words": cast.sofia.words, "accept_loss": "on"})
    assert answer["Location"] == reverse("recovery")
    old = old_recovery_set()
    assert old is not None
    assert _opens(records, old, cast.recovery), "the boxes stay, in case the paper is found"
    asked = export_bundle(order_reseal(), actor=cast.sofia.person, now=START)
    assert len(bundle_of(asked).contents["records"]) == 3


def test_an_answer_for_other_new_sheets_is_refused(cast: Cast, settings: Any, laptop: Laptop) -> None:
    _notes(cast, archived=True)
    pair, later = sealing.generate_key_pair(), sealing.generate_key_pair()
    for one in (pair, later):
        _prepare(cast, one)
    _pin(settings, pair, old=(cast.recovery,))
    asked = export_bundle(order_reseal(), actor=cast.sofia.person, now=START)
    raw = laptop.answer(bundle_of(asked).file(), ["yes", typed_sheet(cast.recovery), _print(pair)])
    _pin(settings, later, old=(cast.recovery,))
    with pytest.raises(ChangedMeanwhile), transaction.atomic():
        import_record_keys(asked, raw, actor=cast.sofia.person, now=START)
    _pin(settings, pair, old=(cast.recovery,))
    bundle, answer = unchanged_bundle(asked), json.loads(raw)
    answer["keys"][0]["boxes"] = {}
    answer["mac"] = bundle.mac_of(answer)
    with pytest.raises(AnswerRefused), transaction.atomic():
        import_record_keys(asked, json.dumps(answer).encode(), actor=cast.sofia.person, now=START)
    RecordKey.objects.filter(recovery_key__fingerprint=_print(cast.recovery)).delete()
    with pytest.raises(NotRecoverable):
        bundle_of(asked)


def test_before_the_circles_are_done_recovery_uses_the_old_sheets(cast: Cast, settings: Any) -> None:
    pair = sealing.generate_key_pair()
    _prepare(cast, pair)
    _pin(settings, pair, old=(cast.recovery,))
    CircleGrant.objects.filter(circle_key__circle=cast.south).delete()
    asked = export_bundle(order_circles(cast.clara.person, [cast.south]), actor=cast.sofia.person, now=START)
    assert [key.public_key for key in bundle_of(asked).recovery.keys] == [cast.recovery.public_key]


# -- pages ---------------------------------------------------------------------------------------------------------------------------------


def test_the_pages_prepare_seal_and_retire(cast: Cast, settings: Any, sign_in: SignIn) -> None:
    _notes(cast)
    pair, client = sealing.generate_key_pair(), sign_in(cast.sofia)
    there, file = reverse("prepare_recovery_key"), SimpleUploadedFile("public-key.json", _public_file(pair))
    assert (
        "fingerprint on the paper is not"
        in client.post(there, {"file": file, "fingerprint": "00", "words": cast.sofia.words}).content.decode()
    )
    file = SimpleUploadedFile("public-key.json", _public_file(pair))
    data = {"file": file, "fingerprint": _print(pair).upper(), "words": cast.sofia.words}
    assert client.post(there, data)["Location"] == reverse("recovery_keys")
    assert _print(pair) in client.get(reverse("recovery_keys")).content.decode()
    assert "Choose the file" in client.post(there, {}).content.decode()
    member = sign_in(cast.boris)
    _pin(settings, pair, old=(cast.recovery,))
    page = client.get(reverse("recovery_keys")).content.decode()
    assert "0 of 3 records of the circles" in page
    assert "2 circle keys wait for a member" in page
    seal_there = reverse("reseal_circle", args=[cast.north.id])
    assert "seal the records to them" in member.get(reverse("circles")).content.decode()
    assert "0 of 3 records are sealed" in member.get(seal_there).content.decode()
    assert member.post(seal_there)["Location"] == seal_there
    assert "open with the present sheets" in member.get(seal_there).content.decode()
    assert member.get(reverse("reseal_circle", args=[cast.south.id])).status_code == 404
    assert client.post(reverse("export_archived")).status_code == 403
    assert (
        "Members still have to"
        in client.post(reverse("retire_recovery_keys"), {"words": cast.sofia.words}).content.decode()
    )
    assert "not your words" in client.post(reverse("retire_recovery_keys"), {"words": "x"}).content.decode()
    member.post(reverse("lock"))
    assert "nothing was done" in member.post(seal_there).content.decode()


def test_the_page_sends_archived_records_to_the_laptop(cast: Cast, settings: Any, sign_in: SignIn) -> None:
    _notes(cast, archived=True)
    pair = sealing.generate_key_pair()
    _prepare(cast, pair)
    _pin(settings, pair, old=(cast.recovery,))
    client = sign_in(cast.sofia)
    there = client.post(reverse("export_archived"))["Location"]
    assert "move archived records to new sheets" in client.get(there).content.decode()


def test_a_bar_is_drawn_for_nothing_too() -> None:
    state = ReplacementState([], [], 0, 0, 0, 0, 0)
    assert (state.total, state.moved, state.is_running, state.may_retire) == (1, 0, False, False)
    assert len(sheet_groups(sealing.generate_key_pair())) == 13
    assert CircleKey._meta.get_field("public_key")
