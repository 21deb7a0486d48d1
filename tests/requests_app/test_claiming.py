"""Claim next: the server picks in the order of the queue, nobody gets what another has, and an untouched claim is free again."""

import datetime as dt
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, connections

from caseworker.actions.circles import admit_member
from caseworker.enums import Role
from caseworker.exceptions import PermissionRefused, PolicyRefused
from caseworker.models.accounts import Caseworker
from requests_app.actions import casework, grants, reveals, stages
from requests_app.actions.claiming import claim_next
from requests_app.clocks import CLAIM_LASTS
from requests_app.enums import ReasonCode, Urgency
from requests_app.models.cases import Case
from requests_app.models.sealed import SealedRecord
from requests_app.queries import queues
from tests.cast import START, Cast, Member, _enrol, _member, audit_verbs, found_cast
from tests.factories import make_case

AFTER = START + CLAIM_LASTS + dt.timedelta(seconds=1)


def free_case(cast: Cast, **changes: Any) -> Case:
    case = make_case(cast)
    Case.objects.filter(id=case.id).update(owner=None, **changes)
    case.refresh_from_db()
    return case


def second_coordinator(cast: Cast) -> Member:
    galina = _enrol("galina", Role.COORDINATOR)
    admit_member(cast.north, galina.person, keyring=cast.boris.keyring(), actor=cast.boris.person, now=START)
    return _member(galina)


@pytest.mark.django_db
class TestClaimNext:
    def test_takes_the_first_of_the_queue(self, cast: Cast) -> None:
        free_case(cast, due_at=START + dt.timedelta(hours=1))
        late = free_case(cast, due_at=START - dt.timedelta(hours=1))
        taken = claim_next(filters={}, actor=cast.boris.person, now=START)
        assert taken == late
        late.refresh_from_db()
        assert (late.owner, late.claimed_until) == (cast.boris.person, START + CLAIM_LASTS)
        assert audit_verbs()[-1] == "claim_case"

    def test_keeps_to_the_filters(self, cast: Cast) -> None:
        free_case(cast)
        wanted = free_case(cast, country="GE")
        assert claim_next(filters={"country": "GE", "owner": "me"}, actor=cast.boris.person, now=START) == wanted
        assert claim_next(filters={"country": "GE"}, actor=cast.boris.person, now=START) is None

    def test_takes_nothing_from_another_circle(self, cast: Cast) -> None:
        case = free_case(cast)
        assert claim_next(filters={}, actor=cast.clara.person, now=START) is None
        until = START + dt.timedelta(days=1)
        grants.grant_access(
            case, cast.clara.person, until=until, reason=ReasonCode.EXPERTISE, actor=cast.eva.person, now=START
        )
        assert claim_next(filters={}, actor=cast.clara.person, now=START) is None

    @pytest.mark.parametrize(
        "changes", [{"stage": "border_crossing"}, {"erasure_due_at": START}], ids=["border", "wants erasure"]
    )
    def test_leaves_who_must_be_left(self, cast: Cast, changes: dict[str, Any]) -> None:
        free_case(cast, **changes)
        assert claim_next(filters={}, actor=cast.boris.person, now=START) is None

    @pytest.mark.parametrize("who", ["anna", "dmitri", "eva", "sofia", "mallory"])
    def test_is_for_coordinators(self, cast: Cast, who: str) -> None:
        with pytest.raises(PermissionRefused):
            claim_next(filters={}, actor=cast.all()[who].person, now=START)


def add_note(case: Case, cast: Cast) -> None:
    casework.add_note(case, "Called.", actor=cast.boris.person, now=START)


def change_urgency(case: Case, cast: Cast) -> None:
    stages.change_urgency(case, Urgency.NOW, version=case.version, actor=cast.boris.person, now=START)


def reveal(case: Case, cast: Cast) -> None:
    record = SealedRecord.objects.filter(owner_id__in=case.help_requests.values("id")).order_by("id")[0]
    reveals.reveal_record(
        record, case=case, reason=ReasonCode.CONTACT_PERSON, keyring=cast.boris.keyring(), actor=cast.boris.person, now=START
    )  # fmt: skip


@pytest.mark.django_db
class TestAClaimThatLapses:
    def test_is_free_for_others_after_two_hours_and_not_before(self, cast: Cast) -> None:
        galina, case = second_coordinator(cast).person, free_case(cast)
        claim_next(filters={}, actor=cast.boris.person, now=START)
        assert claim_next(filters={}, actor=galina, now=START + CLAIM_LASTS - dt.timedelta(seconds=1)) is None
        assert queues.queue_counts(cast.boris.person, {}, now=AFTER)[0]["mine"] == 0
        assert claim_next(filters={}, actor=galina, now=AFTER) == case
        case.refresh_from_db()
        assert case.owner == galina
        with pytest.raises(PolicyRefused):
            casework.claim_case(case, version=case.version, actor=cast.boris.person, now=AFTER)

    @pytest.mark.parametrize("touch", [add_note, change_urgency, reveal])
    def test_does_not_lapse_once_the_case_was_worked_on(self, cast: Cast, touch: Callable[[Case, Cast], None]) -> None:
        free_case(cast)
        case = claim_next(filters={}, actor=cast.boris.person, now=START)
        assert case is not None
        touch(case, cast)
        assert claim_next(filters={}, actor=second_coordinator(cast).person, now=AFTER) is None
        assert queues.queue_counts(cast.boris.person, {}, now=AFTER)[0]["mine"] == 1


@pytest.mark.django_db(transaction=True)
def test_fifty_at_once_never_take_the_same_case() -> None:
    cast = found_cast()
    people = [cast.boris.person, second_coordinator(cast).person]
    cases = [free_case(cast) for _ in range(8)]
    copies = [
        Case(
            reference=f"C{n:08d}", codename="a b", circle=cast.north, stage=cases[0].stage, urgency=cases[0].urgency,
            urgency_rank=cases[0].urgency_rank, category="mobilized", opened_month=START.date().replace(day=1),
            touched_on=START.date(), due_at=cases[0].due_at,
            clock_started_at=START, condition_at=START, moved_at=START,
        )
        for n in range(32)
    ]  # fmt: skip
    Case.objects.bulk_create(copies)
    taken: list[Any] = []
    faults: list[BaseException] = []
    start = threading.Barrier(50)

    def claim(person: Caseworker) -> None:
        try:
            start.wait(timeout=60)
            taken.append((claim_next(filters={}, actor=person, now=START), person))
        except BaseException as fault:
            faults.append(fault)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=claim, args=(people[n % 2],)) for n in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    assert faults == []
    got = Counter(case.id for case, _person in taken if case)
    assert got == Counter(case.id for case in (*cases, *copies)), "all forty, each once"
    owners = dict(Case.objects.values_list("id", "owner_id"))
    assert all(owners[case.id] == person.id for case, person in taken if case)
    assert connection.vendor in {"sqlite", "postgresql"}
