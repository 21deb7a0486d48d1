"""Several cases at once: the same actions as on the case's page, refusals by row, and 15 minutes to take it back."""

import datetime as dt
import uuid
from typing import Any

import pytest
from django.db import IntegrityError

from caseworker.exceptions import PermissionRefused, PolicyRefused, StaleVersion
from caseworker.models.accounts import Caseworker
from requests_app import bulk
from requests_app.actions import bulk as actions
from requests_app.actions import closure, erasure, grants, stages
from requests_app.actions.bulk import Change
from requests_app.bulk import Pick
from requests_app.clocks import UNDO_WITHIN
from requests_app.enums import BulkKind, Outcome, ReasonCode, RowRefusal, RowResult, Stage, Urgency
from requests_app.models.cases import Case, StageSpell
from requests_app.models.counts import CountCell
from requests_app.models.queues import BulkBatch, BulkChange
from requests_app.tasks import sweep_expired
from tests.cast import START, Cast, audit_verbs
from tests.factories import make_case, verify_case

pytestmark = pytest.mark.django_db
LATER = START + dt.timedelta(minutes=5)
MOVED = Change(BulkKind.STAGE, code=Stage.VERIFICATION)
CLOSED = Change(BulkKind.CLOSE, code=Outcome.ADVICE_ONLY)
URGENT = Change(BulkKind.URGENCY, code=Urgency.NOW)


def pick(case: Case) -> Pick:
    case.refresh_from_db()
    return Pick(case.id, case.version)


def run(cast: Cast, cases: list[Case], change: Change, *, who: str = "boris") -> BulkBatch:
    person = cast.all()[who].person
    return bulk.run([pick(case) for case in cases], change, batch_id=uuid.uuid4(), person=person, now=START)


def state(case: Case) -> dict[str, Any]:
    """Return what a change of several cases may touch, and taking back must restore."""
    names = ("stage", "urgency", "urgency_rank", "due_at", "owner_id", "deputy_id", "is_open", "outcome", "closed_month", "erase_after",
             "next_action_on", "condition", "claimed_until", "clock_started_at", "paused_seconds", "stay_ends_on")  # fmt: skip
    case.refresh_from_db()
    return {name: getattr(case, name) for name in names}


def results(batch: BulkBatch) -> dict[uuid.UUID, tuple[str, str]]:
    return {row.case_id: (row.result, row.refusal) for row in BulkChange.objects.filter(batch=batch)}


CHANGES = {
    "assign": ("eva", lambda cast: Change(BulkKind.ASSIGN, owner=cast.boris.person), ["assign_case"]),
    "urgency": ("boris", lambda _cast: URGENT, ["change_urgency"]),
    "stage": ("boris", lambda _cast: MOVED, ["move_stage"]),
    "close": ("boris", lambda _cast: CLOSED, ["close_case"]),
}


@pytest.mark.parametrize("kind", CHANGES)
def test_every_kind_runs_the_single_action_and_can_be_taken_back(cast: Cast, kind: str) -> None:
    who, make, verbs = CHANGES[kind]
    actor, cases = cast.all()[who].person, [make_case(cast), make_case(cast)]
    Case.objects.update(owner=None)
    before = [state(case) for case in cases]
    batch = run(cast, cases, make(cast), who=who)
    assert audit_verbs()[-3:] == ["change_in_bulk", *verbs, *verbs]
    assert [state(case) for case in cases] != before
    assert set(results(batch).values()) == {(RowResult.CHANGED, "")}
    bulk.take_back(batch, person=actor, now=LATER)
    assert [state(case) for case in cases] == before
    assert set(results(batch).values()) == {(RowResult.UNDONE, "")}
    assert audit_verbs()[-2:] == ["take_back", "take_back"]


@pytest.mark.parametrize("change", [MOVED, CLOSED], ids=["stage", "close"])
def test_a_stage_is_put_back_by_a_spell_that_says_it_was_a_mistake(cast: Cast, change: Change) -> None:
    case = make_case(cast)
    batch = run(cast, [case], change)
    bulk.take_back(batch, person=cast.boris.person, now=LATER)
    spells = list(StageSpell.objects.filter(case=case).order_by("seq").values_list("stage", "reason"))
    assert [stage for stage, _reason in spells] == [
        Stage.RECEIVED,
        change.code if change is MOVED else Stage.CLOSED,
        Stage.RECEIVED,
    ]
    assert spells[-1][1] == ReasonCode.ENTERED_BY_MISTAKE
    assert StageSpell.objects.filter(case=case, left_on=None).count() == 1


def test_what_was_counted_stays_counted_and_is_counted_once(cast: Cast) -> None:
    case = verify_case(cast, make_case(cast))
    there = Change(BulkKind.STAGE, code=Stage.HOSPITAL_EXIT, reason=ReasonCode.NEW_INFORMATION)

    def counted() -> int:
        return sum(CountCell.objects.filter(table="T3").values_list("count", flat=True))

    batch = run(cast, [case], there)
    first = counted()
    bulk.take_back(batch, person=cast.boris.person, now=LATER)
    assert counted() == first == 1
    run(cast, [case], there)
    assert counted() == 1


def test_the_preview_says_what_the_action_would_say_and_changes_nothing(cast: Cast) -> None:
    good, done, stale = make_case(cast), make_case(cast), make_case(cast)
    closure.close_case(done, Outcome.ADVICE_ONLY, version=done.version, actor=cast.boris.person, now=START)
    old = pick(stale)
    stages.change_urgency(stale, Urgency.NOW, version=stale.version, actor=cast.boris.person, now=START)
    before, verbs = [state(case) for case in (good, done, stale)], audit_verbs()
    rows = bulk.rehearse([pick(good), pick(done), old], CLOSED, person=cast.boris.person, now=START)
    said = {row.case.id: str(row.refusal) for row in rows}
    assert said == {
        good.id: "",
        done.id: "The case is closed. A lead can reopen it.",
        stale.id: "Somebody changed this case since you chose it.",
    }
    assert [state(case) for case in (good, done, stale)] == before
    assert audit_verbs() == verbs
    assert StageSpell.objects.filter(case=good).count() == 1


def test_a_refused_row_stops_no_other_and_says_why(cast: Cast) -> None:
    first, stale, last = (make_case(cast) for _ in range(3))
    picks = [pick(case) for case in (first, stale, last)]
    stages.change_urgency(stale, Urgency.NOW, version=stale.version, actor=cast.boris.person, now=START)
    jump = Change(BulkKind.STAGE, code=Stage.PLANNING, reason=ReasonCode.NEW_INFORMATION)
    batch = bulk.run(picks, MOVED, batch_id=uuid.uuid4(), person=cast.boris.person, now=START)
    assert results(batch) == {
        first.id: (RowResult.CHANGED, ""),
        stale.id: (RowResult.REFUSED, RowRefusal.STALE),
        last.id: (RowResult.CHANGED, ""),
    }
    assert results(run(cast, [first], jump))[first.id] == (RowResult.REFUSED, RowRefusal.RULES)


def test_a_case_that_is_only_granted_is_refused_by_row(cast: Cast) -> None:
    case = make_case(cast)
    grants.grant_access(
        case, cast.clara.person, until=START + dt.timedelta(days=1), reason=ReasonCode.EXPERTISE, actor=cast.eva.person, now=START
    )  # fmt: skip
    assert results(run(cast, [case], URGENT, who="clara"))[case.id] == (RowResult.REFUSED, RowRefusal.GONE)


def test_a_case_of_another_circle_is_left_out(cast: Cast) -> None:
    case = make_case(cast)
    before = state(case)
    assert results(run(cast, [case], URGENT, who="clara")) == {}
    assert bulk.rehearse([pick(case)], URGENT, person=cast.clara.person, now=START) == []
    assert state(case) == before


@pytest.mark.parametrize("who", ["boris", "anna", "dmitri", "mallory"])
def test_assigning_several_needs_the_permission_of_assigning_one(cast: Cast, who: str) -> None:
    with pytest.raises(PermissionRefused):
        run(cast, [make_case(cast)], Change(BulkKind.ASSIGN, owner=cast.boris.person), who=who)
    assert not BulkBatch.objects.exists()


def test_a_deputy_stays_unless_they_become_the_owner(cast: Cast) -> None:
    case = make_case(cast)
    Case.objects.update(deputy=cast.boris.person, owner=None)
    run(cast, [case], Change(BulkKind.ASSIGN, owner=cast.boris.person), who="eva")
    case.refresh_from_db()
    assert (case.owner, case.deputy) == (cast.boris.person, None)
    rows = bulk.rehearse(
        [pick(case)], Change(BulkKind.ASSIGN, owner=cast.clara.person), person=cast.eva.person, now=START
    )
    assert "active coordinator of its circle" in str(rows[0].refusal)
    with pytest.raises(PolicyRefused):
        actions.change_one(case, Change(BulkKind.ASSIGN), actions.Turn(1, cast.eva.person, START))


def test_a_batch_counts_once(cast: Cast) -> None:
    case, batch_id = make_case(cast), uuid.uuid4()
    bulk.run([pick(case)], URGENT, batch_id=batch_id, person=cast.boris.person, now=START)
    with pytest.raises(IntegrityError):
        bulk.run([pick(case)], URGENT, batch_id=batch_id, person=cast.boris.person, now=START)


def test_a_case_that_was_changed_since_is_not_taken_back(cast: Cast) -> None:
    changed, untouched = make_case(cast), make_case(cast)
    batch = run(cast, [changed, untouched], URGENT)
    changed.refresh_from_db()
    stages.change_urgency(changed, Urgency.DAYS_3, version=changed.version, actor=cast.eva.person, now=START)
    bulk.take_back(batch, person=cast.boris.person, now=LATER)
    assert results(batch) == {
        changed.id: (RowResult.KEPT, RowRefusal.STALE),
        untouched.id: (RowResult.UNDONE, ""),
    }
    changed.refresh_from_db()
    assert changed.urgency == Urgency.DAYS_3


def test_after_15_minutes_nothing_is_taken_back(cast: Cast) -> None:
    case = make_case(cast)
    batch = run(cast, [case], URGENT)
    bulk.take_back(batch, person=cast.boris.person, now=START + UNDO_WITHIN + dt.timedelta(seconds=1))
    assert results(batch)[case.id] == (RowResult.KEPT, RowRefusal.RULES)


def _row(batch: BulkBatch) -> BulkChange:
    return BulkChange.objects.select_related("batch", "case").get(batch=batch)


def _take(cast: Cast, batch: BulkBatch, person: Caseworker) -> None:
    row = _row(batch)
    actions.take_back(row, row.case, actor=person, now=LATER)


def test_only_whoever_changed_them_takes_them_back(cast: Cast) -> None:
    batch = run(cast, [make_case(cast)], URGENT)
    with pytest.raises(PolicyRefused):
        _take(cast, batch, cast.eva.person)
    with pytest.raises(PermissionRefused):
        _take(cast, batch, cast.dmitri.person)


def test_a_case_that_moved_out_of_sight_stays_and_says_so(cast: Cast) -> None:
    case = verify_case(cast, make_case(cast))
    there = Change(BulkKind.STAGE, code=Stage.BORDER_CROSSING, reason=ReasonCode.NEW_INFORMATION)
    batch = run(cast, [case], there, who="eva")
    assert not Case.objects.visible_to(cast.eva.person, now=LATER).exists()
    bulk.take_back(batch, person=cast.eva.person, now=LATER)
    assert results(batch)[case.id] == (RowResult.KEPT, RowRefusal.GONE)


def test_an_erased_case_is_not_opened_again(cast: Cast) -> None:
    batch = run(cast, [make_case(cast)], CLOSED)
    row = _row(batch)
    erasure.erase_case(row.case, actor=cast.eva.person, now=START)
    with pytest.raises((PolicyRefused, StaleVersion)):
        _take(cast, batch, cast.boris.person)


def test_batches_are_forgotten_after_a_day(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    run(cast, [make_case(cast)], URGENT)
    monkeypatch.setattr("caseworker.clock.now", lambda: START + dt.timedelta(hours=23))
    sweep_expired()
    assert BulkBatch.objects.count() == 1
    monkeypatch.setattr("caseworker.clock.now", lambda: START + dt.timedelta(hours=25))
    sweep_expired()
    assert not BulkBatch.objects.exists()
    assert not BulkChange.objects.exists()
