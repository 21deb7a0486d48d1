"""Recovery from end to end: bundle out, tool on a laptop, answer in; and every way in which an answer must be refused."""

import dataclasses
import io
import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from caseworker.actions.circles import admit_member, remove_member, renew_circle
from caseworker.actions.founding import FirstPerson, found_organization
from caseworker.actions.invitations import accept_invitation, reset_words
from caseworker.enums import AuditVerb, CircleKeyState, RecoveryKind, Role
from caseworker.exceptions import PermissionRefused, PolicyRefused
from caseworker.models.accounts import Caseworker
from caseworker.models.keys import Circle, CircleEscrow, CircleGrant, CircleKey, RecoveryKey, StaffKey
from caseworker.models.recovery import RecoveryDrill, RecoveryRequest
from caseworker.offline import caseworker_recover
from caseworker.queries_recovery import drill_is_due
from caseworker.vault import sealing
from caseworker.vault.ceremony import encoded
from requests_app.actions import recovery as actions
from requests_app.actions.closure import close_case, reopen_case
from requests_app.actions.erasure import archive_case
from requests_app.actions.recovery import (
    AnsweredBefore,
    AnswerRefused,
    ChangedMeanwhile,
    Order,
    export_bundle,
    import_grants,
    import_record_keys,
    order_case,
    order_circles,
    order_reseal,
    pass_drill,
    unchanged_bundle,
)
from requests_app.actions.rotation import rotate_for
from requests_app.bundles import NotRecoverable, bundle_code, bundle_of
from requests_app.enums import Outcome, ReasonCode, SealedKind
from requests_app.models.cases import Case
from requests_app.models.help_requests import HelpRequest
from requests_app.models.sealed import RecordKey, SealedRecord
from requests_app.queries.recovery import archived_case
from requests_app.sealed import Archived, open_record, seal_record
from tests.cast import START, Cast, Member, audit_verbs
from tests.factories import CONTACTS, STORY, make_case, verify_case
from tests.offline import Laptop, altered, typed_sheet

pytestmark = pytest.mark.django_db
SignIn = Callable[[Member], Client]
WORDS = "boris has six new words now"


@pytest.fixture
def laptop(tmp_path: Path) -> Laptop:
    return Laptop(tmp_path)


def _forget(cast: Cast) -> Member:
    """Boris, the only member, forgets his words and comes back with a new key that opens nothing."""
    remove_member(cast.north, cast.mallory.person, keyring=None, actor=cast.sofia.person, now=START)
    person = Caseworker.objects.get(id=cast.boris.person.id)
    reset_words(person, actor=cast.sofia.person, now=START, typed=person.alias)
    accept_invitation(person, WORDS, now=START)
    return Member(person, WORDS)


def _note(circle: Circle, text: str = "fx_kept") -> SealedRecord:
    return seal_record(SealedKind.NOTE, {"text": text}, owner_id=circle.id, circles=[circle], now=START)


def _export(cast: Cast, member: Member) -> RecoveryRequest:
    return export_bundle(order_circles(member.person, [cast.north]), actor=cast.sofia.person, now=START)


def _typed(cast: Cast, member: Member) -> list[str]:
    key = StaffKey.objects.get(person=member.person, retired_at__isnull=True)
    return ["yes", typed_sheet(cast.recovery), sealing.fingerprint(key.suite, bytes(key.public_key))]


def _import(asked: RecoveryRequest, raw: bytes, cast: Cast) -> list[CircleGrant]:
    return import_grants(asked, raw, actor=cast.sofia.person, now=START)


def _fails(asked: RecoveryRequest, raw: bytes, cast: Cast, why: type[PolicyRefused]) -> None:
    before = CircleGrant.objects.count()
    with pytest.raises(why), transaction.atomic():
        _import(asked, raw, cast)
    assert CircleGrant.objects.count() == before


# -- the way back in -----------------------------------------------------------------------------------------------------------------------


def test_the_only_member_forgets_and_reads_again(cast: Cast, laptop: Laptop) -> None:
    record = _note(cast.north)
    back = _forget(cast)
    with pytest.raises(PolicyRefused):
        open_record(record, keyring=back.keyring())
    asked = _export(cast, back)
    raw = laptop.answer(bundle_of(asked).file(), _typed(cast, back))
    assert len(_import(asked, raw, cast)) == 2
    assert open_record(record, keyring=back.keyring()) == {"text": "fx_kept"}
    assert audit_verbs()[-2:] == ["export_bundle", "import_grants"]
    step = rotate_for(60, cast.north, keyring=back.keyring(), member=back.person, at=START)
    assert step.finished
    renew_circle(cast.north, keyring=back.keyring(), actor=back.person, now=START)
    admit_member(cast.north, cast.clara.person, keyring=back.keyring(), actor=back.person, now=START)
    assert rotate_for(60, cast.north, keyring=cast.clara.keyring(), member=cast.clara.person, at=START).finished
    assert open_record(record, keyring=cast.clara.keyring()) == {"text": "fx_kept"}


def test_a_bundle_names_nobody(cast: Cast) -> None:
    case = _archived(cast)
    back = _forget(cast)
    for order in (order_circles(back.person, [cast.north]), order_case(Case.objects.get(id=case.id))):
        text = bundle_of(export_bundle(order, actor=cast.sofia.person, now=START)).file().decode()
        for name in ("boris", "North", "north", "sofia", case.reference, case.codename):
            assert name not in text
        assert "seed" not in text


def test_an_answer_is_taken_once(cast: Cast, laptop: Laptop) -> None:
    back = _forget(cast)
    asked = _export(cast, back)
    raw = laptop.answer(bundle_of(asked).file(), _typed(cast, back))
    _import(asked, raw, cast)
    CircleGrant.objects.filter(staff_key__person=back.person).delete()
    _fails(asked, raw, cast, AnsweredBefore)
    with pytest.raises(AnsweredBefore):
        unchanged_bundle(RecoveryRequest.objects.get(id=asked.id))
    with pytest.raises(DatabaseError), transaction.atomic():
        RecoveryRequest.objects.filter(id=asked.id).update(answered_on=None)


def test_an_answer_to_another_bundle_is_refused(cast: Cast, laptop: Laptop) -> None:
    back = _forget(cast)
    asked, other = _export(cast, back), _export(cast, back)
    raw = laptop.answer(bundle_of(other).file(), _typed(cast, back))
    _fails(asked, raw, cast, AnswerRefused)
    _fails(asked, altered(raw, request=str(asked.id), bundle=asked.digest), cast, AnswerRefused)
    assert _import(other, raw, cast)


def test_a_cut_or_altered_answer_is_refused(cast: Cast, laptop: Laptop) -> None:
    back = _forget(cast)
    asked = _export(cast, back)
    raw = laptop.answer(bundle_of(asked).file(), _typed(cast, back))
    for wrong in (
        b"",
        raw[:-1],
        raw[: len(raw) // 2],
        raw[1:],
        b"{}",
        altered(raw, mac=""),
        altered(raw, mac="é" * 64),
    ):
        _fails(asked, wrong, cast, AnswerRefused)
    grants = json.loads(raw)["grants"]
    own_seed = encoded(sealing.seal(b"s" * 32, suite=2, public_key=cast.recovery.public_key, info=b""))
    forged = [grant | {"sealed": own_seed} for grant in grants]
    for parts in ({"grants": forged}, {"grants": grants[:1]}, {"grants": []}, {"kind": "records"}, {"more": 1}):
        _fails(asked, altered(raw, **parts), cast, AnswerRefused)
    assert _import(asked, raw, cast)


def test_an_answer_without_the_sheet_is_refused(cast: Cast, laptop: Laptop) -> None:
    """Somebody who knows the bundle and no sheet makes a challenge of their own."""
    back = _forget(cast)
    asked = _export(cast, back)
    bundle = bundle_of(asked)
    forged = dataclasses.replace(bundle, request_id=uuid.uuid4())
    answer = {
        "format": "casework-recovery-answer/1",
        "request": str(asked.id),
        "bundle": asked.digest,
        "kind": "circles",
    }
    _fails(asked, json.dumps(answer | {"grants": [], "mac": forged.mac_of(answer)}).encode(), cast, AnswerRefused)


MALFORMED: dict[str, Any] = {
    "no list": {"grants": 7},
    "no ids": {"grants": [{"sealed": "", "vouch": ""}]},
    "strings": {"grants": ["x"]},
    "missing": {},
    "nobody": {"grants": []},
}


def test_a_record_key_in_a_wrong_shape_is_refused(cast: Cast) -> None:
    asked = export_bundle(order_case(_archived(cast)), actor=cast.sofia.person, now=START)
    answer: dict[str, Any] = {"format": "casework-recovery-answer/1", "request": str(asked.id), "bundle": asked.digest}
    answer |= {"kind": "records", "keys": [{"record": str(asked.items.get().object_id)}]}
    raw = json.dumps(answer | {"mac": bundle_of(asked).mac_of(answer)}).encode()
    with pytest.raises(AnswerRefused), transaction.atomic():
        import_record_keys(asked, raw, actor=cast.sofia.person, now=START)


@pytest.mark.parametrize("kind", ["circles", "records", "drill"])
def test_the_tool_says_each_thing_in_this_process_too(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    """The other tests run it on its own; here it is measured, with answers as somebody types them."""
    case = _archived(cast)
    back = _forget(cast)
    orders = {
        "circles": lambda: order_circles(back.person, [cast.north]),
        "records": lambda: order_case(case),
        "drill": lambda: Order(RecoveryKind.DRILL),
    }
    asked = export_bundle(orders[kind](), actor=cast.sofia.person, now=START)
    (tmp_path / "bundle.json").write_bytes(bundle_of(asked).file())
    monkeypatch.chdir(tmp_path)

    def answers(*lines: str) -> None:
        given = iter(lines)
        monkeypatch.setattr("builtins.input", lambda _question: next(given))

    answers("yes", typed_sheet(sealing.generate_key_pair()), "aaaaa", *_typed(cast, back)[1:])
    assert caseworker_recover.main(["bundle.json"]) == 0
    printed = capsys.readouterr().out
    assert "This is another sheet" in printed
    assert "Group 1 is not" in printed
    assert (tmp_path / "answer.json").exists() == (kind != "drill")
    answers("no")
    assert caseworker_recover.main(["bundle.json"]) == 1
    assert caseworker_recover.main([]) == 0
    (tmp_path / "bundle.json").write_bytes(b"{}")
    (tmp_path / "answer.json").unlink(missing_ok=True)
    assert caseworker_recover.main(["bundle.json"]) == 1
    (tmp_path / "bundle.json").write_bytes(altered(bundle_of(asked).file(), recovery={}))
    assert caseworker_recover.main(["bundle.json"]) == 1
    assert "Export it again" in capsys.readouterr().out


@pytest.mark.parametrize("shape", MALFORMED)
def test_a_proven_answer_in_a_wrong_shape_is_refused(cast: Cast, shape: str) -> None:
    back = _forget(cast)
    asked = _export(cast, back)
    bundle = bundle_of(asked)
    answer = {
        "format": "casework-recovery-answer/1",
        "request": str(asked.id),
        "bundle": asked.digest,
        "kind": "circles",
    }
    answer |= MALFORMED[shape]
    _fails(asked, json.dumps(answer | {"mac": bundle.mac_of(answer)}).encode(), cast, AnswerRefused)
    ids = [str(one) for one in asked.items.values_list("object_id", flat=True)]
    answer["grants"] = [{"circle": one, "sealed": 7, "vouch": "*"} for one in ids]
    _fails(asked, json.dumps(answer | {"mac": bundle.mac_of(answer)}).encode(), cast, AnswerRefused)


def test_a_circle_key_exchanged_after_the_export_is_refused(cast: Cast, laptop: Laptop) -> None:
    back = _forget(cast)
    asked = _export(cast, back)
    raw = laptop.answer(bundle_of(asked).file(), _typed(cast, back))
    planted = sealing.generate_key_pair()
    CircleKey.objects.filter(circle=cast.north, state=CircleKeyState.ACTIVE).update(public_key=planted.public_key)
    _fails(asked, raw, cast, ChangedMeanwhile)


def test_a_circle_key_exchanged_before_the_export_stops_the_tool(cast: Cast, laptop: Laptop) -> None:
    back = _forget(cast)
    planted = sealing.generate_key_pair()
    CircleKey.objects.filter(circle=cast.north, state=CircleKeyState.ACTIVE).update(public_key=planted.public_key)
    done = laptop.run("bundle.json", typed=_typed(cast, back), bundle=bundle_of(_export(cast, back)).file())
    assert done.returncode == 1
    assert "is not the one of its seed" in done.stdout
    assert not (laptop.folder / "answer.json").exists()


def test_another_key_in_the_persons_place_stops_the_tool_and_the_import(cast: Cast, laptop: Laptop) -> None:
    back = _forget(cast)
    typed = _typed(cast, back)
    own = bytes(StaffKey.objects.get(person=back.person, retired_at__isnull=True).public_key)
    planted = sealing.generate_key_pair()
    StaffKey.objects.filter(person=back.person, retired_at__isnull=True).update(public_key=planted.public_key)
    asked = _export(cast, back)
    done = laptop.run("bundle.json", typed=typed, bundle=bundle_of(asked).file())
    assert "another key stands in the person's place" in done.stdout
    StaffKey.objects.filter(person=back.person, retired_at__isnull=True).update(public_key=own)
    with pytest.raises(ChangedMeanwhile):
        unchanged_bundle(RecoveryRequest.objects.get(id=asked.id))


def test_a_person_who_went_meanwhile_is_not_let_in(cast: Cast, laptop: Laptop) -> None:
    back = _forget(cast)
    asked = _export(cast, back)
    raw = laptop.answer(bundle_of(asked).file(), _typed(cast, back))
    Caseworker.objects.filter(id=back.person.id).update(status="suspended")
    _fails(asked, raw, cast, PolicyRefused)
    Caseworker.objects.filter(id=back.person.id).update(status="active")
    person = Caseworker.objects.get(id=back.person.id)
    reset_words(person, actor=cast.sofia.person, now=START, typed=person.alias)
    _fails(asked, raw, cast, ChangedMeanwhile)


def test_a_colleague_may_be_quicker(cast: Cast, laptop: Laptop) -> None:
    admit_member(cast.north, cast.clara.person, keyring=cast.boris.keyring(), actor=cast.boris.person, now=START)
    back = _forget(cast)
    asked = _export(cast, back)
    raw = laptop.answer(bundle_of(asked).file(), _typed(cast, back))
    admit_member(cast.north, back.person, keyring=cast.clara.keyring(), actor=cast.clara.person, now=START)
    assert _import(asked, raw, cast) == []
    with pytest.raises(PolicyRefused, match="PolicyRefused"):
        order_circles(back.person, [cast.north])


def test_who_may(cast: Cast, eva: Member) -> None:
    back = _forget(cast)
    for wrong in (cast.eva.person, cast.mallory.person):
        with pytest.raises(PolicyRefused):
            order_circles(wrong, [cast.north])
    order = order_circles(back.person, [cast.north])
    asked = export_bundle(order, actor=cast.sofia.person, now=START)
    for refused in (
        lambda: export_bundle(order, actor=eva.person, now=START),
        lambda: import_grants(asked, b"", actor=eva.person, now=START),
        lambda: import_record_keys(asked, b"", actor=eva.person, now=START),
        lambda: pass_drill(asked, "", actor=eva.person, now=START),
    ):
        with pytest.raises(PermissionRefused), transaction.atomic():
            refused()
    with pytest.raises(AnswerRefused), transaction.atomic():
        import_record_keys(asked, b"", actor=cast.sofia.person, now=START)


def test_nothing_is_exported_to_a_planted_recovery_key(cast: Cast, settings: Any) -> None:
    back = _forget(cast)
    settings.RECOVERY_FINGERPRINTS = ["0" * 20]
    with pytest.raises(PolicyRefused), transaction.atomic():
        _export(cast, back)


def test_what_lies_under_no_one_set_is_not_exported(cast: Cast) -> None:
    back = _forget(cast)
    asked = _export(cast, back)
    CircleEscrow.objects.all().delete()
    with pytest.raises(NotRecoverable), transaction.atomic():
        _export(cast, back)
    with pytest.raises(ChangedMeanwhile):
        unchanged_bundle(asked)
    assert repr(dataclasses.replace(bundle_of(_drill(cast)))) == "<Bundle>"


# -- archived cases ------------------------------------------------------------------------------------------------------------------------


def _archived(cast: Cast) -> Case:
    case = make_case(cast)
    verify_case(cast, case, 2)
    close_case(case, Outcome.SAFE_ABROAD, version=case.version, actor=cast.boris.person, now=START)
    archive_case(case, actor=None, now=START)
    return Case.objects.get(id=case.id)


def _records_of(case: Case) -> list[SealedRecord]:
    owners = [case.id, *HelpRequest.objects.filter(case=case).values_list("id", flat=True)]
    return list(SealedRecord.objects.filter(owner_id__in=owners))


def test_an_archived_case_is_read_on_the_laptop_alone(cast: Cast, laptop: Laptop) -> None:
    asked = export_bundle(order_case(_archived(cast)), actor=cast.sofia.person, now=START)
    done = laptop.run(
        "bundle.json", "--show", typed=["yes", typed_sheet(cast.recovery)], bundle=bundle_of(asked).file()
    )
    assert done.returncode == 0
    assert STORY in done.stdout
    assert CONTACTS in done.stdout
    assert sorted(one.name for one in laptop.folder.iterdir()) == ["bundle.json", "caseworker_recover.py"]


def test_an_archived_case_is_given_back_to_its_circle(cast: Cast, laptop: Laptop) -> None:
    case = _archived(cast)
    record = _records_of(case)[0]
    with pytest.raises(Archived):
        open_record(record, keyring=cast.boris.keyring())
    asked = export_bundle(order_case(case), actor=cast.sofia.person, now=START)
    raw = laptop.answer(bundle_of(asked).file(), ["yes", typed_sheet(cast.recovery)])
    with pytest.raises(AnswerRefused), transaction.atomic():
        _import(asked, raw, cast)
    assert import_record_keys(asked, raw, actor=cast.sofia.person, now=START) == 1
    assert open_record(record, keyring=cast.boris.keyring())["story"] == STORY
    assert Case.objects.get(id=case.id).archived_on is None
    with pytest.raises(PolicyRefused):
        order_case(Case.objects.get(id=case.id))


@pytest.mark.parametrize("why", ["reopened", "sealed to recovery alone"])
def test_an_open_case_gets_back_what_only_the_sheet_opens(cast: Cast, laptop: Laptop, why: str) -> None:
    """Somebody comes back after their case was archived; or something was sealed while the circle's key was false."""
    if why == "reopened":
        case = _archived(cast)
        reopen_case(case, ReasonCode.CAME_BACK, version=case.version, actor=cast.eva.person, now=START)
    else:
        CircleKey.objects.update(distrusted_on=START.date())
        case = make_case(cast)
        CircleKey.objects.update(distrusted_on=None)
    record = _records_of(case)[0]
    with pytest.raises(Archived):
        open_record(record, keyring=cast.boris.keyring())
    found = archived_case(case.reference)
    assert found == case
    asked = export_bundle(order_case(found), actor=cast.sofia.person, now=START)
    raw = laptop.answer(bundle_of(asked).file(), ["yes", typed_sheet(cast.recovery)])
    assert import_record_keys(asked, raw, actor=cast.sofia.person, now=START) == 1
    assert open_record(record, keyring=cast.boris.keyring())["story"] == STORY
    assert archived_case(case.reference) is None


def test_an_archived_case_waits_for_a_genuine_circle(cast: Cast, laptop: Laptop) -> None:
    case = _archived(cast)
    asked = export_bundle(order_case(case), actor=cast.sofia.person, now=START)
    CircleKey.objects.filter(circle=cast.north).update(distrusted_on=START.date())
    with pytest.raises(NotRecoverable), transaction.atomic():
        export_bundle(order_case(case), actor=cast.sofia.person, now=START)
    CircleKey.objects.filter(circle=cast.north).update(distrusted_on=None)
    SealedRecord.objects.filter(id=_records_of(case)[0].id).update(commitment=b"x" * 32)
    with pytest.raises(ChangedMeanwhile):
        unchanged_bundle(asked)
    again = export_bundle(order_case(case), actor=cast.sofia.person, now=START)
    done = laptop.run("bundle.json", typed=["yes", typed_sheet(cast.recovery)], bundle=bundle_of(again).file())
    assert "not the one it was sealed with" in done.stdout
    RecordKey.objects.filter(record=_records_of(case)[0]).delete()
    with pytest.raises(NotRecoverable), transaction.atomic():
        export_bundle(order_case(case), actor=cast.sofia.person, now=START)


# -- drills --------------------------------------------------------------------------------------------------------------------------------


def _drill(cast: Cast) -> RecoveryRequest:
    return export_bundle(Order(RecoveryKind.DRILL), actor=cast.sofia.person, now=START)


def _code_in(printed: str) -> str:
    return printed.split("into the page: ")[1].split()[0]


def test_a_drill_is_passed_with_the_sheet_alone(cast: Cast, laptop: Laptop) -> None:
    assert drill_is_due(today=START.date())
    asked = _drill(cast)
    done = laptop.run("bundle.json", typed=["yes", typed_sheet(cast.recovery)], bundle=bundle_of(asked).file())
    for wrong in ("", "AAA-AAA-AAA-AAA", "я"):
        with pytest.raises(PolicyRefused), transaction.atomic():
            pass_drill(asked, wrong, actor=cast.sofia.person, now=START)
    made = pass_drill(asked, _code_in(done.stdout).lower(), actor=cast.sofia.person, now=START)
    assert [one.recovery_key for one in made] == [RecoveryKey.objects.get()]
    assert audit_verbs()[-1] == "pass_drill"
    assert not drill_is_due(today=START.date().replace(year=2026))
    assert drill_is_due(today=START.date().replace(year=2026, day=4))
    with pytest.raises(AnsweredBefore), transaction.atomic():
        pass_drill(asked, _code_in(done.stdout), actor=cast.sofia.person, now=START)
    for alter in (lambda: RecoveryDrill.objects.update(done_on=START.date()), RecoveryDrill.objects.all().delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            alter()


def test_a_drill_of_several_sheets(settings: Any, laptop: Laptop) -> None:
    """With "all" every sheet is typed and every one is drilled; the founding seals to all of them."""
    settings.RECOVERY_POLICY = "all"
    pairs = [sealing.generate_key_pair() for _ in range(3)]
    first = [
        FirstPerson(name, role, words=f"{name} has six words here")
        for name, role in (("sofia", Role.SECURITY_OFFICER), ("boris", Role.COORDINATOR))
    ]
    made = found_organization(pairs, first, circle_name="Intake", now=START)
    sofia, boris = made.people["sofia"].person, made.people["boris"].person
    asked = export_bundle(Order(RecoveryKind.DRILL), actor=sofia, now=START)
    assert len(unchanged_bundle(asked).recovery.keys) == 3
    sheets = [typed_sheet(pair) for pair in pairs]
    file = bundle_of(asked).file()
    short = laptop.run("bundle.json", typed=["yes", *sheets[:2], sheets[0]], bundle=file)
    assert "typed already" in short.stdout
    assert "Nothing more was typed" in short.stdout
    done = laptop.run("bundle.json", typed=["yes", *sheets], bundle=file)
    assert "ALL of these sheets are needed" in done.stdout
    assert len(pass_drill(asked, _code_in(done.stdout), actor=sofia, now=START)) == 3
    record = _note(made.circle)
    CircleGrant.objects.filter(staff_key__person=boris).delete()
    order = order_circles(boris, [made.circle])
    request = export_bundle(order, actor=sofia, now=START)
    key = made.people["boris"].staff_key
    typed = ["yes", *reversed(sheets), sealing.fingerprint(key.suite, key.public_key)]
    raw = laptop.answer(bundle_of(request).file(), typed)
    import_grants(request, raw, actor=sofia, now=START)
    member = Member(boris, made.people["boris"].words)
    assert open_record(record, keyring=member.keyring()) == {"text": "fx_kept"}
    CircleEscrow.objects.filter(recovery_key=made.recovery_keys[0]).delete()
    CircleGrant.objects.filter(staff_key__person=boris).delete()
    with pytest.raises(NotRecoverable), transaction.atomic():
        export_bundle(order, actor=sofia, now=START)


def test_nothing_is_left_to_reseal_without_old_sheets(cast: Cast) -> None:
    with pytest.raises(PolicyRefused):
        order_reseal()
    with pytest.raises(NotRecoverable), transaction.atomic():
        export_bundle(Order(RecoveryKind.RESEAL), actor=cast.sofia.person, now=START)


# -- the tool ------------------------------------------------------------------------------------------------------------------------------


def test_the_tool_names_wrong_groups_and_asks_again(cast: Cast, laptop: Laptop) -> None:
    groups = typed_sheet(cast.recovery).split()
    wrong = groups[4][:-1] + ("a" if groups[4][-1] != "a" else "b")
    typed = ["yes", " ".join([*groups[:4], wrong, *groups[5:]]), *groups[4:]]
    done = laptop.run("bundle.json", typed=typed, bundle=bundle_of(_drill(cast)).file())
    assert "Group 5 is not what the sheet says" in done.stdout
    assert "The sheet opens" in done.stdout


def test_the_tool_says_what_it_will_do_and_stops_when_told(cast: Cast, laptop: Laptop) -> None:
    back = _forget(cast)
    asked = _export(cast, back)
    done = laptop.run("bundle.json", typed=["no"], bundle=bundle_of(asked).file())
    assert done.returncode == 1
    assert "open 2 circle key(s) and seal them to ONE person's new key" in done.stdout
    assert "ANY ONE of these sheets is enough" in done.stdout
    assert "STOP. Nothing was opened." in done.stdout
    other = typed_sheet(sealing.generate_key_pair())
    assert (
        "This is another sheet"
        in laptop.run("bundle.json", typed=["yes", other], bundle=bundle_of(asked).file()).stdout
    )


def test_the_tool_refuses_files_that_are_not_bundles(cast: Cast, laptop: Laptop) -> None:
    raw = bundle_of(_drill(cast)).file()
    typed = ["yes", typed_sheet(cast.recovery)]
    for wrong, why in (
        (raw[:-9], "cut or damaged"),
        (b"[]", "no bundle of this version"),
        (altered(raw, format="casework-recovery-bundle/2"), "no bundle of this version"),
        (altered(raw, made_on="2020-01-01"), "does not open with this sheet"),
        (altered(raw, recovery={}), "damaged"),
        (altered(raw, challenge={}), "nothing that the typed sheets open"),
    ):
        done = laptop.run("bundle.json", typed=typed, bundle=wrong)
        assert done.returncode == 1
        assert why in done.stdout, done.stdout
        assert "Traceback" not in done.stderr
    assert "missing" in laptop.run("nowhere.json", typed=[]).stdout
    assert "new-sheet" in laptop.run(typed=[]).stdout


def test_what_is_shown_cannot_command_the_terminal(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[str] = []
    monkeypatch.setattr("builtins.print", lambda *parts, **_how: lines.append(" ".join(map(str, parts))))
    monkeypatch.setattr("builtins.input", lambda question: {"I": "yes"}.get(question[1], typed_sheet(cast.recovery)))
    case = _archived(cast)
    record = seal_record(
        SealedKind.NOTE, {"text": "fx_\x1b[2J\nзаметка"}, owner_id=case.id, circles=[cast.north], now=START
    )
    Case.objects.filter(id=case.id).update(archived_on=None)
    archive_case(case, actor=None, now=START)
    asked = export_bundle(order_case(Case.objects.get(id=case.id)), actor=cast.sofia.person, now=START)
    bundle = json.loads(bundle_of(asked).file())
    assert caseworker_recover.run(bundle, on_screen=True) is None
    assert "text: fx_?[2J\nзаметка" in lines
    part = next(one for one in bundle["records"] if one["id"] == str(record.id))
    part["fields"]["text"] = part["fields"]["text"][:-8] + "AAAAAAA="
    with pytest.raises(caseworker_recover.Stop, match="does not open with this sheet"):
        caseworker_recover.run(bundle, on_screen=True)
    sheets = caseworker_recover.sheets_in(bundle["recovery"])
    with pytest.raises(caseworker_recover.Stop, match="field of a record was altered"):
        caseworker_recover.show(bundle, sheets, {RecoveryKey.objects.get().id: cast.recovery.seed})


# -- pages ---------------------------------------------------------------------------------------------------------------------------------


def _upload(raw: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("answer.json", raw, content_type="application/json")


def test_the_whole_way_through_the_pages(cast: Cast, sofia: Member, laptop: Laptop, sign_in: SignIn) -> None:
    record, back, client = _note(cast.north), _forget(cast), sign_in(sofia)
    assert "never" in client.get(reverse("recovery")).content.decode()
    assert "Do a drill" in client.get(reverse("people")).content.decode()
    assert "Let a person read again" in client.get(reverse("export_person")).content.decode()
    data = {"person": back.person.id, "circles": [cast.north.id]}
    there = client.post(reverse("export_person"), data)["Location"]
    asked = RecoveryRequest.objects.get()
    page = client.get(there).content.decode()
    assert "For boris" in page
    assert "Circle North, version 2" in page
    file = client.post(reverse("recovery_file", args=[asked.id]))
    assert file["Content-Disposition"] == 'attachment; filename="bundle.json"'
    done = laptop.run("bundle.json", typed=["no"], bundle=file.content)
    assert done.stdout.split("on the page: ")[1].split()[0] in page
    raw = laptop.answer(file.content, _typed(cast, back))
    assert "Choose the file" in client.post(there, {"words": sofia.words}).content.decode()
    assert "not your words" in client.post(there, {"file": _upload(raw), "words": "not mine"}).content.decode()
    assert not CircleGrant.objects.filter(staff_key__person=back.person).exists()
    assert "cut or altered" in client.post(there, {"file": _upload(raw[:-1]), "words": sofia.words}).content.decode()
    big = client.post(there, {"file": _upload(b"x" * (1024 * 1024 + 1)), "words": sofia.words})
    assert "smaller than 1 MB" in big.content.decode()
    assert client.post(there, {"file": _upload(raw), "words": sofia.words})["Location"] == there
    assert open_record(record, keyring=back.keyring()) == {"text": "fx_kept"}
    assert "Now destroy the bundle" in client.get(there).content.decode()
    again = client.post(there, {"file": _upload(raw), "words": sofia.words})
    assert "imported already" in again.content.decode()
    assert client.post(reverse("recovery_file", args=[asked.id])).status_code == 403


def test_archived_cases_and_drills_through_the_pages(
    cast: Cast, sofia: Member, laptop: Laptop, sign_in: SignIn
) -> None:
    case, client = _archived(cast), sign_in(sofia)
    assert (
        "reads these circles already"
        in client.post(
            reverse("export_person"), {"person": cast.boris.person.id, "circles": [cast.north.id]}
        ).content.decode()
    )
    assert "no archived case" in client.post(reverse("export_case"), {"reference": "NOPE"}).content.decode()
    there = client.post(reverse("export_case"), {"reference": case.reference.lower()})["Location"]
    assert case.reference in client.get(there).content.decode()
    client.get(reverse("export_case"))
    there = client.post(reverse("export_drill"))["Location"]
    asked = RecoveryRequest.objects.get(kind=RecoveryKind.DRILL)
    file = client.post(reverse("recovery_file", args=[asked.id])).content
    done = laptop.run("bundle.json", typed=["yes", typed_sheet(cast.recovery)], bundle=file)
    assert "not the code" in client.post(there, {"code": "AAA"}).content.decode()
    assert client.post(there, {"code": _code_in(done.stdout)})["Location"] == reverse("recovery")
    assert "Do a drill" not in client.get(reverse("people")).content.decode()
    assert "A drill is due" not in client.get(reverse("recovery")).content.decode()
    tool = client.post(reverse("recovery_tool"))
    assert tool.content == (laptop.folder / "caseworker_recover.py").read_bytes()


def test_tool_and_bundle_are_written_to_a_stick(cast: Cast, tmp_path: Path) -> None:
    def written(*arguments: str) -> str:
        out = io.StringIO()
        call_command("recovery_files", str(tmp_path), *arguments, stdout=out)
        for one in list(tmp_path.iterdir()):
            kept[one.name] = one.read_bytes()
            one.unlink()
        return out.getvalue()

    kept: dict[str, bytes] = {}
    asked = _drill(cast)
    assert "SHA-256" in written()
    assert set(kept) == {"caseworker_recover.py"}
    assert bundle_code(asked) in written("--request", str(asked.id))
    assert json.loads(kept["bundle.json"])["request"] == str(asked.id)
    RecoveryRequest.objects.filter(id=asked.id).update(answered_on=START.date())
    for arguments, why in (
        (("--request", str(asked.id)), "imported already"),
        (("--request", str(uuid.uuid4())), "no such bundle"),
    ):
        with pytest.raises(CommandError, match=why):
            written(*arguments)
        (tmp_path / "caseworker_recover.py").unlink()
    (tmp_path / "caseworker_recover.py").touch()
    with pytest.raises(CommandError, match="there already"):
        written()
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("recovery_files", str(tmp_path / "nowhere"))


def test_a_wrong_key_is_said_plainly(cast: Cast, sofia: Member, sign_in: SignIn, settings: Any) -> None:
    settings.RECOVERY_FINGERPRINTS = ["0" * 20]
    client = sign_in(sofia)
    assert "not one that is pinned" in client.get(reverse("recovery")).content.decode()
    assert client.get(reverse("people")).status_code == 200
    assert client.get(reverse("circles")).status_code == 200
    assert client.post(reverse("export_drill")).status_code == 403
    assert client.get(reverse("recovery_keys")).status_code == 403


def test_every_kind_has_an_import(cast: Cast) -> None:
    assert {AuditVerb.IMPORT_GRANTS, AuditVerb.IMPORT_RECORD_KEYS, AuditVerb.PASS_DRILL} <= set(AuditVerb)
    assert set(actions.STORES) | {RecoveryKind.CIRCLES, RecoveryKind.DRILL} == set(RecoveryKind)


@pytest.mark.parametrize("columns", [{"kind": "other"}, {"kind": "circles"}, {"kind": "records"}])
def test_the_table_refuses_requests_for_nobody(cast: Cast, columns: dict[str, str]) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        RecoveryRequest.objects.create(made_by=cast.sofia.person, made_on=START.date(), **columns)
    assert connection.is_usable()
