"""A circle's key through its life: admitted, removed, renewed, rotated in steps, killed in the middle, attacked."""

import functools
import random
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from caseworker.actions.circle_keys import KeyRefused, begin_version, open_own_grants, remaining_keys
from caseworker.actions.circles import admit_member, check_own_circles, open_circle, remove_member, renew_circle
from caseworker.actions.people import change_role, record_leaving, suspend_person
from caseworker.enums import AccountStatus, CircleKeyState, Role
from caseworker.exceptions import PermissionRefused, PolicyRefused
from caseworker.models.accounts import Caseworker
from caseworker.models.keys import Circle, CircleEscrow, CircleGrant, CircleKey, StaffKey
from caseworker.unlocking import active_key_of, unlock
from caseworker.vault import sealing
from requests_app.actions import rotation
from requests_app.actions.rotation import Step, continue_rotations, rotate_for, rotate_step
from requests_app.enums import SealedKind
from requests_app.models.cases import Case
from requests_app.models.sealed import RecordKey, SealedRecord
from requests_app.sealed import NotReadable, move_record_keys, open_record, seal_record
from tests.cast import START, Cast, Member, audit_verbs
from tests.factories import make_case

pytestmark = pytest.mark.django_db
SignIn = Callable[[Member], Client]


def _notes(cast: Cast, count: int = 3) -> list[SealedRecord]:
    return [
        seal_record(SealedKind.NOTE, {"text": f"fx_{n}"}, owner_id=cast.north.id, circles=[cast.north], now=START)
        for n in range(count)
    ]


def _texts(records: list[SealedRecord], member: Member) -> list[str]:
    ring = member.keyring()
    return [open_record(record, keyring=ring)["text"] for record in records]


def _let_in(cast: Cast, newcomer: Member) -> None:
    admit_member(cast.north, newcomer.person, keyring=cast.boris.keyring(), actor=cast.boris.person, now=START)


def _rotate(cast: Cast, member: Member, **kwargs: Any) -> Step:
    return rotate_step(cast.north, keyring=member.keyring(), actor=member.person, now=START, **kwargs)


def _states(cast: Cast) -> list[tuple[int, str]]:
    return list(CircleKey.objects.filter(circle=cast.north).order_by("version").values_list("version", "state"))


def test_removing_renews_rotates_in_steps_and_destroys(cast: Cast, boris: Member, clara: Member) -> None:
    _let_in(cast, clara)
    records = _notes(cast)
    remove_member(cast.north, clara.person, keyring=boris.keyring(), actor=boris.person, now=START)
    assert _states(cast) == [(1, "retiring"), (2, "active")]
    with pytest.raises(NotReadable):
        _texts(records, clara)
    assert _rotate(cast, boris, limit=2) == Step(2, 0, finished=False)
    assert _texts(records, boris) == ["fx_0", "fx_1", "fx_2"]
    records += _notes(cast, 1)
    assert _rotate(cast, boris, limit=2) == Step(1, 0, finished=True)
    assert _states(cast) == [(1, "destroyed"), (2, "active")]
    old = CircleKey.objects.get(circle=cast.north, version=1)
    assert not CircleGrant.objects.filter(circle_key=old).exists()
    assert not CircleEscrow.objects.filter(circle_key=old).exists()
    assert old.rotated_count == 3
    assert _texts(records, boris) == ["fx_0", "fx_1", "fx_2", "fx_0"]
    assert _rotate(cast, boris) == Step(0, 0, finished=True)


def test_an_old_version_never_comes_back(cast: Cast, boris: Member) -> None:
    renew_circle(cast.north, keyring=boris.keyring(), actor=boris.person, now=START)
    old = CircleKey.objects.filter(circle=cast.north, version=1)
    CircleKey.objects.filter(circle=cast.north, version=2).update(state=CircleKeyState.RETIRING)
    with pytest.raises(IntegrityError), transaction.atomic():
        old.update(state=CircleKeyState.ACTIVE)
    old.update(state=CircleKeyState.DESTROYED)
    with pytest.raises(IntegrityError), transaction.atomic():
        old.update(state=CircleKeyState.RETIRING)


def test_two_rotations_may_overlap(cast: Cast, boris: Member) -> None:
    records = _notes(cast)
    for _ in range(2):
        renew_circle(cast.north, keyring=boris.keyring(), actor=boris.person, now=START)
        records += _notes(cast, 1)
    assert _texts(records, boris) == ["fx_0", "fx_1", "fx_2", "fx_0", "fx_0"]
    step = rotate_for(60, cast.north, keyring=boris.keyring(), member=boris.person, at=START)
    assert step == Step(4, 0, finished=True)
    assert _states(cast) == [(1, "destroyed"), (2, "destroyed"), (3, "active")]
    assert _texts(records, boris) == ["fx_0", "fx_1", "fx_2", "fx_0", "fx_0"]


def test_somebody_let_in_during_a_rotation_reads_everything(cast: Cast, boris: Member, clara: Member) -> None:
    records = _notes(cast)
    renew_circle(cast.north, keyring=boris.keyring(), actor=boris.person, now=START)
    _let_in(cast, clara)
    assert _texts(records, clara) == ["fx_0", "fx_1", "fx_2"]
    assert _rotate(cast, clara).finished
    assert _texts(records, boris) == _texts(records, clara)


def test_a_rotation_stops_when_time_is_up_and_goes_on_at_the_next_unlock(
    cast: Cast, boris: Member, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = _notes(cast)
    renew_circle(cast.north, keyring=boris.keyring(), actor=boris.person, now=START)
    monkeypatch.setattr(rotation, "move_record_keys", functools.partial(_one_at_a_time, move_record_keys))
    step = rotate_for(0, cast.north, keyring=boris.keyring(), member=boris.person, at=START)
    assert step == Step(1, 0, finished=False)
    monkeypatch.setattr(rotation, "AT_UNLOCK", 0)
    sign_in(boris)
    assert _states(cast)[0] == (1, "retiring")
    sign_in(boris)
    assert _states(cast)[0] == (1, "destroyed")
    assert _texts(records, boris) == ["fx_0", "fx_1", "fx_2"]


def _one_at_a_time(move: Any, *args: Any, limit: int, **kwargs: Any) -> Any:
    return move(*args, limit=1, **kwargs)


def test_killed_at_twenty_places_it_always_goes_on(cast: Cast, boris: Member) -> None:
    """Stop the statements of a rotation anywhere: what was begun is undone, everything stays readable, the next step goes on."""
    records = _notes(cast, 6)
    renew_circle(cast.north, keyring=boris.keyring(), actor=boris.person, now=START)
    rng = random.Random(20)
    ring = boris.keyring()

    class Killed(Exception):
        """The process is gone."""

    for _ in range(20):
        left = rng.randrange(1, 18)

        def stop(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            nonlocal left
            left -= 1
            if left == 0:
                raise Killed
            return execute(sql, params, many, context)

        try:
            with transaction.atomic(), connection.execute_wrapper(stop):
                rotate_step(cast.north, keyring=ring, actor=boris.person, now=START, limit=1)
        except Killed:
            pass
        assert RecordKey.objects.filter(record__in=records, circle_key__isnull=False).count() == 6
        assert _texts(records, boris) == [f"fx_{n}" for n in range(6)]
    assert rotate_for(60, cast.north, keyring=ring, member=boris.person, at=START).finished
    assert _texts(records, boris) == [f"fx_{n}" for n in range(6)]
    assert _states(cast) == [(1, "destroyed"), (2, "active")]


def test_a_key_that_opens_nothing_is_dropped_and_does_not_stop_the_others(cast: Cast, boris: Member) -> None:
    records = _notes(cast)
    broken = RecordKey.objects.get(record=records[1], circle_key__isnull=False)
    RecordKey.objects.filter(id=broken.id).update(sealed=bytes(broken.sealed)[:-1] + bytes([broken.sealed[-1] ^ 1]))
    renew_circle(cast.north, keyring=boris.keyring(), actor=boris.person, now=START)
    assert _rotate(cast, boris) == Step(2, 1, finished=True)
    assert "drop_record_key" in audit_verbs()
    assert _texts([records[0], records[2]], boris) == ["fx_0", "fx_2"]
    assert RecordKey.objects.filter(record=records[1]).get().recovery_key_id is not None


def test_a_step_that_only_drops_moves_nothing_and_says_so(cast: Cast, boris: Member) -> None:
    _notes(cast, 1)
    RecordKey.objects.filter(circle_key__isnull=False).update(sealed=b"\x01\x02")
    renew_circle(cast.north, keyring=boris.keyring(), actor=boris.person, now=START)
    assert _rotate(cast, boris) == Step(0, 1, finished=True)
    assert "rotate_keys" not in audit_verbs()


# -- attacks ---------------------------------------------------------------------------------------------------------------------------------


def _plant_key(member: Member) -> None:
    """Exchange the public key of a colleague in the database, as somebody with write access would."""
    planted = sealing.generate_key_pair()
    StaffKey.objects.filter(person=member.person).update(public_key=planted.public_key)


def test_a_member_does_not_seal_a_new_version_to_a_planted_key(cast: Cast, boris: Member, clara: Member) -> None:
    _let_in(cast, clara)
    _plant_key(clara)
    with pytest.raises(KeyRefused):
        renew_circle(cast.north, keyring=boris.keyring(), actor=boris.person, now=START)
    mallory = CircleGrant.objects.filter(staff_key__person=cast.mallory.person)
    assert mallory.exists()
    with pytest.raises(KeyRefused):
        remove_member(cast.north, cast.mallory.person, keyring=boris.keyring(), actor=boris.person, now=START)
    assert mallory.exists()


def test_nothing_old_moves_to_a_version_that_was_sealed_to_a_planted_key(
    cast: Cast, sofia: Member, boris: Member, clara: Member
) -> None:
    """Even a version that the server made itself: the first member to unlock finds the planted key before anything is moved."""
    records = _notes(cast)
    _let_in(cast, clara)
    _plant_key(clara)
    begin_version(cast.north, remaining_keys(cast.north), by=sofia.person, on=START.date())
    with pytest.raises(KeyRefused):
        _rotate(cast, boris)
    assert _states(cast) == [(1, "retiring"), (2, "active")]
    assert _texts(records, boris) == ["fx_0", "fx_1", "fx_2"]


def test_a_stranger_added_to_a_new_version_stops_the_rotation(cast: Cast, boris: Member, clara: Member) -> None:
    _notes(cast)
    begin_version(cast.north, [*remaining_keys(cast.north), active_key_of(clara.person)], by=None, on=START.date())  # type: ignore[list-item]
    with pytest.raises(KeyRefused):
        _rotate(cast, boris)


def test_a_forged_vouch_is_refused(cast: Cast, boris: Member, clara: Member) -> None:
    _let_in(cast, clara)
    CircleGrant.objects.filter(staff_key__person=clara.person, circle_key__circle=cast.north).update(vouch=b"x" * 32)
    with pytest.raises(KeyRefused):
        renew_circle(cast.north, keyring=boris.keyring(), actor=boris.person, now=START)


def test_a_forged_grant_opens_nothing(cast: Cast, clara: Member) -> None:
    """Somebody who can write rows seals a seed of their own choosing to their key and calls it a grant."""
    records, active = _notes(cast), CircleKey.objects.get(circle=cast.north, state=CircleKeyState.ACTIVE)
    key, own = active_key_of(clara.person), CircleGrant.objects.get(staff_key__person=clara.person)
    CircleGrant.objects.create(circle_key=active, staff_key=key, sealed=own.sealed, granted_on=START.date())
    with pytest.raises(NotReadable):
        _texts(records, clara)
    with pytest.raises(KeyRefused):
        open_own_grants(cast.north.id, clara.keyring())


def test_a_false_circle_key_is_found_at_the_next_unlock_and_sealed_to_no_more(
    cast: Cast, boris: Member, sign_in: SignIn
) -> None:
    planted = sealing.generate_key_pair()
    CircleKey.objects.filter(circle=cast.north).update(public_key=planted.public_key)
    sign_in(boris)
    assert audit_verbs()[-1] == "distrust_key"
    assert CircleKey.objects.get(circle=cast.north).distrusted_on is not None
    record = _notes(cast, 1)[0]
    assert RecordKey.objects.get(record=record).recovery_key_id is not None
    assert "is false" in sign_in(boris).get(reverse("circles")).content.decode()
    assert audit_verbs().count("distrust_key") == 1


def test_a_damaged_grant_does_not_accuse_the_circle(cast: Cast, boris: Member) -> None:
    CircleGrant.objects.filter(staff_key__person=boris.person).update(sealed=b"\x01\x02" + b"x" * 1200)
    with pytest.raises(Exception, match="does not open"):
        check_own_circles(boris.person, boris.keyring(), START)
    assert CircleKey.objects.get(circle=cast.north).distrusted_on is None


def test_a_fault_in_the_work_after_unlocking_keeps_nobody_out(cast: Cast, boris: Member, sign_in: SignIn) -> None:
    _notes(cast)
    renew_circle(cast.north, keyring=boris.keyring(), actor=boris.person, now=START)
    CircleGrant.objects.filter(circle_key__version=1, staff_key__person=boris.person).update(vouch=b"")
    assert sign_in(boris).get(reverse("circles")).status_code == 200
    assert _states(cast) == [(1, "retiring"), (2, "active")]


# -- who may -----------------------------------------------------------------------------------------------------------------------------------


def test_refusals(cast: Cast, boris: Member, clara: Member, sofia: Member, eva: Member) -> None:
    ring = boris.keyring()
    with pytest.raises(PolicyRefused, match="PolicyRefused"):
        remove_member(cast.north, clara.person, keyring=ring, actor=boris.person, now=START)
    with pytest.raises(PolicyRefused):
        remove_member(cast.north, boris.person, keyring=ring, actor=boris.person, now=START)
    with pytest.raises(PolicyRefused):
        remove_member(cast.north, cast.mallory.person, keyring=None, actor=boris.person, now=START)
    with pytest.raises(PolicyRefused):
        remove_member(cast.north, cast.mallory.person, keyring=clara.keyring(), actor=clara.person, now=START)
    with pytest.raises(PolicyRefused):
        renew_circle(cast.north, keyring=clara.keyring(), actor=clara.person, now=START)
    with pytest.raises(PolicyRefused):
        renew_circle(cast.north, keyring=ring, actor=clara.person, now=START)
    with pytest.raises(PolicyRefused):
        rotate_step(cast.north, keyring=clara.keyring(), actor=clara.person, now=START)
    with pytest.raises(PermissionRefused):
        remove_member(cast.north, cast.mallory.person, keyring=None, actor=eva.person, now=START)
    with pytest.raises(PermissionRefused):
        admit_member(cast.north, clara.person, keyring=sofia.keyring(), actor=sofia.person, now=START)


def test_a_member_may_leave_when_somebody_stays(cast: Cast, boris: Member, clara: Member, sign_in: SignIn) -> None:
    _let_in(cast, clara)
    client, url = sign_in(boris), reverse("remove_member", args=[cast.north.id, boris.person.id])
    assert "Leave the circle" in client.get(url).content.decode()
    assert client.post(url)["Location"] == reverse("sign_in")
    assert client.get(reverse("circles")).status_code == 302
    assert [key.person for key in remaining_keys(cast.north)] == [clara.person]


def test_a_removed_member_with_an_old_session_reads_nothing(
    cast: Cast, boris: Member, clara: Member, sofia: Member, sign_in: SignIn
) -> None:
    _let_in(cast, clara)
    case = make_case(cast)
    here = sign_in(clara)
    assert here.get(reverse("case", args=[case.id])).status_code == 200
    remove_member(cast.north, clara.person, keyring=None, actor=sofia.person, now=START)
    assert here.get(reverse("case", args=[case.id])).status_code == 302
    assert sign_in(clara).get(reverse("case", args=[case.id])).status_code == 404


@pytest.mark.parametrize("action", [suspend_person, record_leaving])
def test_whoever_goes_leaves_circles_sessions_and_cases(
    cast: Cast, sofia: Member, boris: Member, clara: Member, sign_in: SignIn, action: Any
) -> None:
    _let_in(cast, clara)
    case, client = make_case(cast), sign_in(boris)
    Case.objects.filter(id=case.id).update(deputy=clara.person)
    assert action(boris.person, actor=sofia.person, now=START, typed="boris") == [cast.north]
    assert client.get(reverse("profile")).status_code == 302
    case.refresh_from_db()
    assert (case.owner_id, case.deputy_id) == (None, clara.person.id)
    assert not CircleGrant.objects.filter(staff_key__person=boris.person).exists()
    continue_rotations(clara.person, clara.keyring(), START)
    assert _states(cast) == [(1, "destroyed"), (2, "active")]
    with pytest.raises(PolicyRefused):
        action(Caseworker.objects.get(id=boris.person.id), actor=sofia.person, now=START)


def test_the_deputy_goes_and_the_owner_stays(cast: Cast, sofia: Member, boris: Member, clara: Member) -> None:
    _let_in(cast, clara)
    case = make_case(cast)
    Case.objects.filter(id=case.id).update(deputy=clara.person)
    suspend_person(clara.person, actor=sofia.person, now=START, typed="clara")
    case.refresh_from_db()
    assert (case.owner_id, case.deputy_id) == (boris.person.id, None)


def test_the_last_one_gone_leaves_the_circle_to_recovery(
    cast: Cast, sofia: Member, boris: Member, sign_in: SignIn
) -> None:
    with pytest.raises(PolicyRefused):
        suspend_person(boris.person, actor=sofia.person, now=START)
    with pytest.raises(PolicyRefused):
        change_role(boris.person, Role.LEAD, intake_circle=None, actor=sofia.person, now=START)
    boris.person.refresh_from_db()
    suspend_person(boris.person, actor=sofia.person, now=START, typed="boris")
    assert "only the recovery sheet can" in sign_in(sofia).get(reverse("circles")).content.decode()
    active = CircleKey.objects.get(circle=cast.north, state=CircleKeyState.ACTIVE)
    assert CircleEscrow.objects.filter(circle_key=active).count() == 1


def test_the_officer_is_told_who_is_left_and_types_the_alias_of_the_last(
    cast: Cast, sofia: Member, boris: Member, clara: Member, sign_in: SignIn
) -> None:
    client, page = sign_in(sofia), reverse("person", args=[boris.person.id])
    url, out = (
        reverse("suspend_person", args=[boris.person.id]),
        reverse("remove_member", args=[cast.north.id, boris.person.id]),
    )
    shown = client.get(page).content.decode()
    assert "After this nobody reads North: only the recovery sheet can." in shown
    assert 'id="id_suspend_typed"' in shown
    assert "<button" not in client.get(out).content.decode().split("Nobody would be left")[1].split("</main>")[0]
    assert "Please look at this again" in client.post(url).content.decode()
    assert "Please look at this again" in client.post(url, {"typed": "clara"}).content.decode()
    assert Caseworker.objects.get(id=boris.person.id).status == AccountStatus.ACTIVE
    _let_in(cast, clara)
    assert "After this only clara reads North." in client.get(out).content.decode()
    shown = client.get(page).content.decode()
    assert "After this only clara reads North." in shown
    assert 'id="id_suspend_typed"' not in shown
    assert client.post(url).status_code == 302


@pytest.mark.parametrize("typed", ["", "clara"])
def test_leaving_is_recorded_only_with_the_alias(cast: Cast, sofia: Member, eva: Member, typed: str) -> None:
    with pytest.raises(PolicyRefused):
        record_leaving(eva.person, actor=sofia.person, now=START, typed=typed)
    assert record_leaving(eva.person, actor=sofia.person, now=START, typed="EVA") == []


def test_another_role_leaves_the_circles(cast: Cast, sofia: Member, boris: Member, sign_in: SignIn) -> None:
    client, url = sign_in(sofia), reverse("change_role", args=[boris.person.id])
    assert "Choose the circle" in client.post(url, {"role": "volunteer"}).content.decode()
    assert "this role already" in client.post(url, {"role": "coordinator", "typed": "boris"}).content.decode()
    assert client.post(url, {"role": "volunteer", "intake_circle": cast.south.id, "typed": "boris"}).status_code == 302
    person = Caseworker.objects.get(id=boris.person.id)
    assert (person.role, person.intake_circle_id) == (Role.VOLUNTEER, cast.south.id)
    assert not CircleGrant.objects.filter(staff_key__person=person).exists()
    with pytest.raises(PolicyRefused):
        change_role(sofia.person, Role.LEAD, intake_circle=None, actor=sofia.person, now=START)
    assert "left already" not in client.get(reverse("person", args=[person.id])).content.decode()
    client.post(reverse("record_leaving", args=[person.id]), {"typed": "boris"})
    client.post(reverse("suspend_person", args=[cast.clara.person.id]), {"typed": "clara"})
    assert Caseworker.objects.get(id=cast.clara.person.id).status == AccountStatus.SUSPENDED


def test_an_officer_makes_a_circle_and_does_not_read_it(
    cast: Cast, sofia: Member, boris: Member, clara: Member, sign_in: SignIn
) -> None:
    client = sign_in(sofia)
    data = {"name": "Border", "code": "border", "people": [boris.person.id, clara.person.id]}
    assert "First members" in client.get(reverse("open_circle")).content.decode()
    assert client.post(reverse("open_circle"), data).status_code == 302
    circle = Circle.objects.get(code="border")
    assert Caseworker.objects.members_of(circle.id).count() == 2
    taken = client.post(reverse("open_circle"), data | {"code": "BORDER"}).content.decode()
    assert "short name is taken" in taken
    spaced = client.post(reverse("open_circle"), data | {"code": "two words"}).content.decode()
    assert "Use Latin letters, digits and dashes only" in spaced
    assert "slug" not in spaced
    assert not CircleGrant.objects.filter(staff_key__person=sofia.person).exists()
    for unfit in (cast.eva.person, cast.mallory.person):
        with pytest.raises(PolicyRefused):
            open_circle("x", "X", [unfit], is_intake=False, actor=sofia.person, now=START)
    with pytest.raises(PolicyRefused):
        open_circle("x", "X", [], is_intake=False, actor=sofia.person, now=START)


def test_the_pages_remove_renew_and_rotate(
    cast: Cast, boris: Member, clara: Member, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    _let_in(cast, clara)
    records, client = _notes(cast), sign_in(boris)
    client.post(reverse("remove_member", args=[cast.north.id, clara.person.id]))
    assert _states(cast) == [(1, "destroyed"), (2, "active")]
    monkeypatch.setattr("requests_app.views.circles.rotate_for", lambda *_args, **_kwargs: Step(0, 0, finished=False))
    url = reverse("rotation", args=[cast.north.id])
    assert client.post(reverse("renew_circle", args=[cast.north.id]))["Location"] == url
    page = client.get(url).content.decode()
    assert "0 of 3 records" in page
    assert "?looks=29" in page
    assert "?looks=" not in client.get(url, {"looks": "0"}).content.decode()
    assert "Records not yet rotated</dt><dd>3" in client.get(reverse("circles")).content.decode()
    monkeypatch.undo()
    assert client.post(reverse("rotate", args=[cast.north.id]))["Location"] == url
    assert "The old one is destroyed" in client.get(url).content.decode()
    assert _texts(records, boris) == ["fx_0", "fx_1", "fx_2"]
    client.post(reverse("lock"))
    assert "nothing was done" in client.post(reverse("rotate", args=[cast.north.id])).content.decode()


def test_an_officer_takes_out_without_keys_and_is_told_what_follows(
    cast: Cast, sofia: Member, boris: Member, clara: Member, sign_in: SignIn
) -> None:
    _let_in(cast, clara)
    records, client, page = _notes(cast), sign_in(sofia), reverse("rotation", args=[cast.north.id])
    assert client.post(reverse("remove_member", args=[cast.north.id, clara.person.id]))["Location"] == page
    assert unlock(active_key_of(clara.person), clara.words) is not None
    assert [key.person for key in remaining_keys(cast.north)] == [boris.person]
    shown = client.get(page).content.decode()
    assert "0 of 3 records" in shown
    assert "ask a member to sign in" in shown
    assert client.post(reverse("rotate", args=[cast.north.id])).status_code == 403
    RecordKey.objects.filter(circle_key__circle=cast.north).delete()
    assert "No record is left under the old key" in client.get(page).content.decode()
    sign_in(boris)
    assert "The old one is destroyed" in client.get(page).content.decode()
    assert _states(cast) == [(1, "destroyed"), (2, "active")]
    assert len(records) == 3


def test_twenty_six_thousand_records_do_not_take_fifty_two_sign_ins(
    cast: Cast, boris: Member, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An unlocking does step after step while its time lasts, and nobody has to open a page."""
    records = _notes(cast, 6)
    renew_circle(cast.north, keyring=boris.keyring(), actor=boris.person, now=START)
    monkeypatch.setattr(rotation, "move_record_keys", functools.partial(_one_at_a_time, move_record_keys))
    sign_in(boris)
    assert _states(cast) == [(1, "destroyed"), (2, "active")]
    assert _texts(records, boris) == [f"fx_{n}" for n in range(6)]


def test_a_circle_with_a_planted_key_does_not_stop_the_rotation_of_another(
    cast: Cast, boris: Member, clara: Member
) -> None:
    """Whichever comes first is the one whose vouches are forged."""
    _let_in(cast, clara)
    admit_member(cast.south, boris.person, keyring=clara.keyring(), actor=clara.person, now=START)
    ring, (first, second) = boris.keyring(), sorted((cast.north, cast.south), key=lambda circle: circle.id)
    for circle in (first, second):
        renew_circle(circle, keyring=ring, actor=boris.person, now=START)
    CircleGrant.objects.filter(circle_key__circle=first, circle_key__version=1).update(vouch=b"x" * 32)
    with pytest.raises(KeyRefused):
        continue_rotations(boris.person, ring, START)
    states = CircleKey.objects.filter(version=1).values_list("circle_id", "state")
    assert dict(states) == {first.id: "retiring", second.id: "destroyed"}
