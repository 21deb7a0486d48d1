"""Somebody who can write every row of the database, and has no secret of the server, gains no reading by planting keys or memberships."""

import secrets
from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from caseworker.actions.circle_keys import KeyRefused
from caseworker.actions.circles import admit_member, check_own_circles, open_circle, remove_member, renew_circle
from caseworker.actions.people import suspend_person
from caseworker.enums import CircleKeyState
from caseworker.exceptions import PolicyRefused
from caseworker.key_proofs import is_genuine, is_proven, prove_all
from caseworker.models.accounts import Caseworker
from caseworker.models.keys import Circle, CircleEscrow, CircleGrant, CircleKey, RecoveryKey, StaffKey
from caseworker.vault import sealing, vouching
from caseworker.vault.formats import ctx
from caseworker.vault.records import Recipient
from requests_app.actions.closure import close_case
from requests_app.actions.erasure import archive_case
from requests_app.actions.handovers import Receiver, offer_handover
from requests_app.actions.recovery import export_bundle, order_case
from requests_app.actions.rotation import rotate_step
from requests_app.bundles import NotRecoverable
from requests_app.enums import Outcome, ReasonCode, SealedKind
from requests_app.models.sealed import RecordKey, SealedRecord
from requests_app.sealed import open_record, seal_record
from tests.cast import START, Cast, Member, audit_verbs
from tests.factories import make_case, verify_case

pytestmark = pytest.mark.django_db
SignIn = Callable[[Member], Client]


def _note(cast: Cast) -> SealedRecord:
    return seal_record(SealedKind.NOTE, {"text": "fx"}, owner_id=cast.north.id, circles=[cast.north], now=START)


def _plant_grant(key: CircleKey, staff_key: StaffKey, seed: bytes) -> CircleGrant:
    """Write a grant as the server would: sealed, and vouched for under a seed that is one's own."""
    info = ctx("circle-seed", key.id, key.version, staff_key.id)
    member = Recipient(staff_key.id, staff_key.suite, bytes(staff_key.public_key))
    return CircleGrant.objects.create(
        circle_key=key,
        staff_key=staff_key,
        sealed=sealing.seal(seed, suite=staff_key.suite, public_key=member.public_key, info=info),
        vouch=vouching.vouch(seed, key.id, key.version, member),
        granted_on=START.date(),
    )


def _plant_grant_over(grant: CircleGrant, staff_key: StaffKey, seed: bytes) -> CircleGrant:
    """Put a grant in another's place and keep its proof."""
    key, proof = grant.circle_key, grant.proof
    grant.delete()
    planted = _plant_grant(key, staff_key, seed)
    CircleGrant.objects.filter(id=planted.id).update(proof=proof)
    return planted


def _plant_version(circle: Circle, members: list[Member], proof: bytes | None = None) -> CircleKey:
    """Plant a version with a known seed and grant it to the true members, escrow and vouches as they should be."""
    CircleKey.objects.filter(circle=circle).update(state=CircleKeyState.RETIRING, retiring_since=START.date())
    pair = sealing.generate_key_pair()
    key = CircleKey.objects.create(circle=circle, version=2, suite=pair.suite, public_key=pair.public_key, proof=proof)
    for member in members:
        _plant_grant(key, StaffKey.objects.get(person=member.person), pair.seed)
    for paper in RecoveryKey.objects.all():
        info = ctx("circle-seed-recovery", key.id, key.version, paper.id)
        box = sealing.seal(pair.seed, suite=paper.suite, public_key=bytes(paper.public_key), info=info)
        CircleEscrow.objects.create(circle_key=key, recovery_key=paper, sealed=box)
    return key


def _rotate(cast: Cast) -> None:
    rotate_step(cast.north, keyring=cast.boris.keyring(), actor=cast.boris.person, now=START)


@pytest.mark.parametrize("forged", [None, b"x" * 32, "copied"], ids=["none", "invented", "copied"])
def test_nothing_moves_to_a_version_that_the_server_did_not_make(cast: Cast, forged: Any) -> None:
    """Every member is the true one and every vouch fits; only the server's own secret tells the planted version apart."""
    record, genuine = _note(cast), CircleKey.objects.get(circle=cast.north)
    planted = _plant_version(cast.north, [cast.boris], bytes(genuine.proof or b"") if forged == "copied" else forged)
    with pytest.raises(KeyRefused):
        _rotate(cast)
    assert not RecordKey.objects.filter(circle_key=planted).exists()
    assert open_record(record, keyring=cast.boris.keyring())["text"] == "fx"


def test_nothing_is_sealed_to_a_version_that_the_server_did_not_make(cast: Cast) -> None:
    planted = _plant_version(cast.north, [cast.boris])
    record = _note(cast)
    assert not RecordKey.objects.filter(circle_key=planted).exists()
    assert RecordKey.objects.get(record=record).recovery_key_id is not None


def test_nothing_is_sealed_to_an_exchanged_key_before_a_member_unlocks(cast: Cast) -> None:
    CircleKey.objects.filter(circle=cast.north).update(public_key=sealing.generate_key_pair().public_key)
    assert RecordKey.objects.get(record=_note(cast)).recovery_key_id is not None


def test_a_planted_version_is_found_at_the_next_unlock(cast: Cast, boris: Member, sign_in: SignIn) -> None:
    planted = _plant_version(cast.north, [boris])
    sign_in(boris)
    assert "distrust_key" in audit_verbs()
    planted.refresh_from_db()
    assert planted.distrusted_on is not None


def test_a_new_circle_whose_seed_went_to_an_exchanged_key_is_found(cast: Cast, clara: Member) -> None:
    """The attacker who got the seed gives it to the true key afterwards, so that everything opens as it should."""
    true_key = StaffKey.objects.get(person=clara.person)
    pair = sealing.generate_key_pair()
    StaffKey.objects.filter(id=true_key.id).update(public_key=pair.public_key)
    circle = open_circle("new", "New", [clara.person], is_intake=False, actor=cast.sofia.person, now=START)
    StaffKey.objects.filter(id=true_key.id).update(public_key=bytes(true_key.public_key))
    key, grant = CircleKey.objects.get(circle=circle), CircleGrant.objects.get(circle_key__circle=circle)
    info = ctx("circle-seed", key.id, key.version, true_key.id)
    seed = sealing.open_sealed(bytes(grant.sealed), seed=pair.seed, info=info)
    genuine = _plant_grant_over(grant, true_key, seed)
    check_own_circles(clara.person, clara.keyring(), START)
    key.refresh_from_db()
    assert genuine.circle_key_id == key.id
    assert key.distrusted_on is not None


def test_records_do_not_go_back_to_an_older_version(cast: Cast) -> None:
    """A version that somebody who left still knows is genuine, and old: put back whole from a copy, it receives nothing."""
    old = CircleKey.objects.get(circle=cast.north)
    grant = CircleGrant.objects.get(circle_key=old, staff_key__person=cast.boris.person)
    remove_member(cast.north, cast.mallory.person, keyring=None, actor=cast.sofia.person, now=START)
    record, present = _note(cast), CircleKey.objects.get(circle=cast.north, state=CircleKeyState.ACTIVE)
    CircleKey.objects.filter(id=old.id).delete()
    CircleKey.objects.filter(id=present.id).update(state=CircleKeyState.RETIRING)
    old.save(force_insert=True)
    grant.save(force_insert=True)
    assert is_genuine(old)
    with pytest.raises(KeyRefused):
        _rotate(cast)
    assert RecordKey.objects.get(record=record, circle_key__isnull=False).circle_key_id == present.id


def test_an_exchanged_circle_key_receives_no_case(cast: Cast) -> None:
    case = make_case(cast)
    CircleKey.objects.filter(circle=cast.south).update(public_key=sealing.generate_key_pair().public_key)
    to = Receiver(cast.clara.person, cast.south)
    ring = cast.boris.keyring()
    with pytest.raises(PolicyRefused) as caught:
        offer_handover(case, to, ReasonCode.HANDOVER, keyring=ring, actor=cast.boris.person, now=START)
    assert "not genuine" in str(caught.value.message)
    assert not RecordKey.objects.filter(circle_key__circle=cast.south).exists()


def test_an_archived_case_is_not_exported_to_a_planted_version(cast: Cast) -> None:
    """The escrow of a planted version opens with the sheet and fits its public key: the offline tool alone could not tell."""
    case = make_case(cast)
    verify_case(cast, case, 2)
    close_case(case, Outcome.SAFE_ABROAD, version=case.version, actor=cast.boris.person, now=START)
    archive_case(case, actor=None, now=START)
    case.refresh_from_db()
    _plant_version(cast.north, [cast.boris])
    with pytest.raises(NotRecoverable):
        export_bundle(order_case(case), actor=cast.sofia.person, now=START)


def _suspend(cast: Cast) -> None:
    suspend_person(cast.boris.person, actor=cast.sofia.person, now=START, typed="boris")


def _remove(cast: Cast) -> None:
    remove_member(cast.north, cast.mallory.person, keyring=None, actor=cast.sofia.person, now=START)


def _members(circle: Circle) -> set[str]:
    active = CircleGrant.objects.filter(circle_key__circle=circle, circle_key__state=CircleKeyState.ACTIVE)
    return set(active.values_list("staff_key__person__alias", flat=True))


@pytest.mark.parametrize("act", [_suspend, _remove])
def test_an_officer_gives_no_new_key_to_a_planted_member(cast: Cast, act: Callable[[Cast], None]) -> None:
    """A grant needs no genuine seed to name somebody a member: the officer, who opens nothing, must not believe it."""
    active = CircleKey.objects.get(circle=cast.north)
    _plant_grant(active, StaffKey.objects.get(person=cast.clara.person), secrets.token_bytes(32))
    act(cast)
    assert CircleKey.objects.filter(circle=cast.north, version=2).exists()
    assert "clara" not in _members(cast.north)


def test_an_officer_gives_no_new_key_to_an_exchanged_one(cast: Cast) -> None:
    ring = cast.boris.keyring()
    admit_member(cast.north, cast.clara.person, keyring=ring, actor=cast.boris.person, now=START)
    planted = sealing.generate_key_pair()
    StaffKey.objects.filter(person=cast.clara.person).update(public_key=planted.public_key)
    _remove(cast)
    assert _members(cast.north) == {"boris"}


def test_a_member_renews_a_planted_version_away(cast: Cast) -> None:
    """A stranger who is vouched for under the planted seed does not come along, and the old records move on."""
    record = _note(cast)
    _plant_version(cast.north, [cast.boris, cast.clara])
    renew_circle(cast.north, keyring=cast.boris.keyring(), actor=cast.boris.person, now=START)
    assert _members(cast.north) == {"boris"}
    _rotate(cast)
    _rotate(cast)
    assert list(CircleKey.objects.filter(circle=cast.north).order_by("version").values_list("state", flat=True)) == [
        "destroyed",
        "destroyed",
        "active",
    ]
    assert open_record(record, keyring=cast.boris.keyring())["text"] == "fx"
    assert RecordKey.objects.filter(record=_note(cast), circle_key__version=3).exists()


def test_a_proof_does_not_move_to_another_person(cast: Cast) -> None:
    grant = CircleGrant.objects.select_related("staff_key").get(staff_key__person=cast.boris.person)
    assert is_proven(grant)
    grant.staff_key.person_id = Caseworker.objects.get(alias="clara").id
    assert not is_proven(grant)


def test_another_secret_asks_for_new_proofs_and_the_same_one_proves_nothing_planted(
    cast: Cast, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    planted = _plant_version(cast.north, [cast.boris])
    assert prove_all() == 0
    assert not is_genuine(CircleKey.objects.get(id=planted.id))
    settings.SECRET_KEY = "another-" + "z" * 50
    south = CircleKey.objects.get(circle=cast.south)
    assert not is_genuine(south)
    call_command("prove_keys")
    assert int(capsys.readouterr().out.split()[1]) == CircleKey.objects.count() + CircleGrant.objects.count()
    south.refresh_from_db()
    assert is_genuine(south)
