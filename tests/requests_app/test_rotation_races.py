"""Two things at the same moment, each in a connection of its own: nobody is refused, blocked for good, or sealed to a key that is gone."""

import threading
from collections.abc import Callable

import pytest
from django.db import connections, transaction

from caseworker import audit
from caseworker.actions.circles import renew_circle
from caseworker.actions.people import suspend_person
from caseworker.enums import AuditVerb, CircleKeyState
from caseworker.models.keys import CircleKey
from requests_app.actions.casework import move_case_with_note
from requests_app.actions.rotation import rotate_for
from requests_app.enums import SealedKind, Stage
from requests_app.models.cases import Case
from requests_app.models.sealed import RecordKey, SealedRecord
from requests_app.sealed import open_record, seal_record
from tests.cast import START, Cast, Member
from tests.factories import make_case

pytestmark = pytest.mark.django_db(transaction=True)
A_MOMENT = 0.4


def _beside(work: Callable[[], object]) -> tuple[threading.Thread, list[BaseException]]:
    """Start *work* in a thread with a connection of its own; what it raises is put into the list."""
    raised: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as fault:
            raised.append(fault)
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    return thread, raised


def _seal(cast: Cast) -> SealedRecord:
    with transaction.atomic():
        return seal_record(SealedKind.NOTE, {"text": "fx_1"}, owner_id=cast.north.id, circles=[cast.north], now=START)


def test_a_request_that_is_sealed_while_the_circle_gets_a_new_key_is_not_refused(cast: Cast, boris: Member) -> None:
    ring = boris.keyring()
    with transaction.atomic():
        renew_circle(cast.north, keyring=ring, actor=boris.person, now=START)
        thread, raised = _beside(lambda: _seal(cast))
        thread.join(A_MOMENT)
    thread.join(30)
    assert raised == []
    key = RecordKey.objects.get(circle_key__isnull=False)
    assert CircleKey.objects.get(id=key.circle_key_id).state == CircleKeyState.ACTIVE
    assert open_record(SealedRecord.objects.get(), keyring=ring) == {"text": "fx_1"}


def test_a_move_with_a_note_and_a_request_at_the_same_moment_do_not_block_each_other(cast: Cast, boris: Member) -> None:
    case = make_case(cast)

    def move() -> None:
        there, actor = Stage.VERIFICATION, boris.person
        move_case_with_note(case, there, version=case.version, actor=actor, now=START, note="fx_2")

    with transaction.atomic():
        seal_record(SealedKind.NOTE, {"text": "fx_1"}, owner_id=cast.north.id, circles=[cast.north], now=START)
        thread, raised = _beside(move)
        thread.join(A_MOMENT)
        audit.record(actor=None, verb=AuditVerb.ADD_NOTE, kind="case", object_id=None, now=START)
    thread.join(30)
    assert raised == []
    assert Case.objects.get(id=case.id).stage == Stage.VERIFICATION


def test_a_suspension_and_a_request_at_the_same_moment_do_not_block_each_other(
    cast: Cast, boris: Member, sofia: Member
) -> None:
    """Whoever seals holds a version of the key and then wants the audit chain; whoever suspends must not take them the other way round."""
    Case.objects.filter(id=make_case(cast).id).update(owner=boris.person)
    with transaction.atomic():
        seal_record(SealedKind.NOTE, {"text": "fx_1"}, owner_id=cast.north.id, circles=[cast.north], now=START)
        thread, raised = _beside(lambda: suspend_person(boris.person, actor=sofia.person, now=START, typed="boris"))
        thread.join(A_MOMENT)
        audit.record(actor=None, verb=AuditVerb.ADD_NOTE, kind="case", object_id=None, now=START)
    thread.join(30)
    assert raised == []
    assert list(CircleKey.objects.filter(circle=cast.north).order_by("version").values_list("state", flat=True)) == [
        "retiring",
        "active",
    ]


def test_whoever_finds_the_rotation_ended_by_somebody_else_is_not_told_of_a_false_key(
    cast: Cast, boris: Member
) -> None:
    record, ring, other = _seal(cast), boris.keyring(), boris.keyring()
    renew_circle(cast.north, keyring=ring, actor=boris.person, now=START)

    def rotate() -> None:
        assert rotate_for(30, cast.north, keyring=other, member=boris.person, at=START).finished

    with transaction.atomic():
        rotate_for(30, cast.north, keyring=ring, member=boris.person, at=START)
        thread, raised = _beside(rotate)
        thread.join(A_MOMENT)
    thread.join(30)
    assert raised == []
    assert open_record(record, keyring=ring) == {"text": "fx_1"}
