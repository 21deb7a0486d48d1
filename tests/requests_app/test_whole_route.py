"""The whole table, carried out: every move and every change of condition by every role, allowed and refused, as the table says."""

import datetime as dt
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import transaction

from caseworker.enums import Role
from caseworker.exceptions import CaseworkError, PermissionRefused, PolicyRefused
from caseworker.models.accounts import Caseworker
from caseworker.models.audit import AuditEvent
from requests_app.actions import closure, contacting, stages, tasks, verification
from requests_app.clocks import FAR, check_in_due, hour_of, target_due
from requests_app.enums import Channel, CheckCode, CheckOutcome, Condition, Outcome, ReasonCode, Stage, Urgency
from requests_app.enums_work import ContactResult, TaskKind
from requests_app.models.cases import Case, StageSpell
from requests_app.models.work import Task
from requests_app.rules import CONSEQUENCES
from requests_app.stages import CONDITIONS, NEEDS_REASON, STAGES, MoveKind, move_kind
from tests.cast import START, Cast
from tests.factories import make_case

pytestmark = pytest.mark.django_db
REFUSED_KINDS = {MoveKind.NOWHERE, MoveKind.CLOSING, MoveKind.REOPENING}


@contextmanager
def undone() -> Iterator[None]:
    """Undo whatever happens inside."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def put(case: Case, stage: Stage, condition: Condition, *, set_by: Caseworker | None = None) -> Case:
    """Place a case somewhere, as if it had gone there."""
    closed = stage == Stage.CLOSED
    facts: dict[str, Any] = {"stage": stage, "condition": condition, "is_open": not closed, "check_in_due_at": FAR}
    facts |= {"outcome": Outcome.NO_RESPONSE if closed else "", "verification_level": 4, "asked_level": 4}
    facts |= {"closed_month": START.date().replace(day=1) if closed else None}
    Case.objects.filter(id=case.id).update(**facts)
    StageSpell.objects.filter(case=case, left_on__isnull=True).update(stage=stage, condition=condition, moved_by=set_by)
    case.refresh_from_db()
    return case


def facts_of(case: Case) -> tuple[Any, ...]:
    """Return everything a refused action must leave alone."""
    row = Case.objects.filter(id=case.id).values_list()[0]
    spells = list(StageSpell.objects.filter(case=case).order_by("seq").values_list())
    return (row, spells, Task.objects.filter(case=case).count(), AuditEvent.objects.count())


def is_done(run: Any, case: Case, before: tuple[Any, ...]) -> bool:
    """Run an action and undo it; a refusal must have changed nothing, an action must have added one event and kept one open spell."""
    with undone():
        try:
            run()
        except CaseworkError:
            assert facts_of(case) == before
            return False
        check_carried_out(case, before)
    case.refresh_from_db()
    return True


def check_carried_out(case: Case, before: tuple[Any, ...]) -> None:
    """Check what holds after every action that moves a case."""
    stored = Case.objects.get(id=case.id)
    assert AuditEvent.objects.count() == before[3] + 1
    (spell,) = StageSpell.objects.filter(case=case, left_on__isnull=True)
    assert (spell.stage, spell.condition) == (stored.stage, stored.condition) == (case.stage, case.condition)
    assert stored.check_in_due_at == check_in_due(Stage(case.stage), Condition(case.condition), hour_of(START))
    if stored.next_action_on is None:
        due = target_due(Stage(case.stage), Condition(case.condition), Urgency(case.urgency), START)
        assert stored.due_at == due


def is_due(here: Stage, there: Stage, role: Role, *, with_reason: bool, level: int) -> bool:
    """Say again, in other words than the table's reader, whether a move of an active case is due."""
    kind = move_kind(here, there)
    if kind in REFUSED_KINDS or (kind in NEEDS_REASON and not with_reason):
        return False
    return (kind is not MoveKind.FAR_BACK or role == Role.LEAD) and level >= STAGES[there].min_level


@pytest.mark.parametrize("who", ["boris", "eva"])
@pytest.mark.parametrize("here", Stage)
def test_every_move_is_carried_out_or_refused_as_the_table_says(cast: Cast, who: str, here: Stage) -> None:
    case, actor = put(make_case(cast), here, Condition.ACTIVE), cast.all()[who].person
    before = facts_of(case)
    for there in Stage:
        reasons = (None, ReasonCode.PLAN_CHANGED) if move_kind(here, there) in NEEDS_REASON else (None,)
        for reason in reasons:

            def run(there: Stage = there, reason: ReasonCode | None = reason) -> None:
                stages.move_case(case, there, version=case.version, actor=actor, now=START, reason=reason)

            due = is_due(here, there, Role(actor.role), with_reason=reason is not None, level=4)
            assert is_done(run, case, before) is due, (there, reason)


@pytest.mark.parametrize("there", [stage for stage, row in STAGES.items() if row.min_level])
def test_stages_that_need_verification_are_reached_only_with_it_or_by_those_who_have_left(
    cast: Cast, there: Stage
) -> None:
    case, actor, need = make_case(cast), cast.eva.person, STAGES[there].min_level
    for level in range(5):
        put(case, Stage.RECEIVED, Condition.ACTIVE)
        Case.objects.filter(id=case.id).update(verification_level=level)
        case.refresh_from_db()
        before = facts_of(case)
        for reason in (ReasonCode.PLAN_CHANGED, ReasonCode.ALREADY_LEFT, ReasonCode.ALREADY_ABROAD):

            def run(reason: ReasonCode = reason) -> None:
                stages.move_case(case, there, version=case.version, actor=actor, now=START, reason=reason)

            assert is_done(run, case, before) is (level >= need or reason != ReasonCode.PLAN_CHANGED)


@pytest.mark.parametrize("here", Condition)
def test_every_condition_is_changed_or_refused_as_the_table_says(cast: Cast, here: Condition) -> None:
    case, people, row = make_case(cast), (cast.boris.person, cast.eva.person), CONDITIONS[here]
    until = START.date() + dt.timedelta(days=10)
    for stage, setter in itertools.product((Stage.IN_HIDING, Stage.CLOSED), people):
        put(case, stage, here, set_by=setter)
        before = facts_of(case)
        for there, actor in itertools.product(Condition, people):

            def run(there: Condition = there, actor: Caseworker = actor) -> None:
                asked = until if CONDITIONS[there].needs_date else None
                stages.set_condition(case, there, version=case.version, actor=actor, now=START, until=asked)

            due = stage != Stage.CLOSED and there in row.next and actor.role in row.ended_by
            due = due and not (row.ended_by_another and setter == actor)
            assert is_done(run, case, before) is due, (stage, there, actor.role)


@pytest.mark.parametrize("condition", Condition)
def test_a_case_moves_only_in_conditions_that_move(cast: Cast, condition: Condition) -> None:
    case = put(make_case(cast), Stage.RECEIVED, condition)

    def run() -> None:
        stages.move_case(case, Stage.VERIFICATION, version=case.version, actor=cast.boris.person, now=START)

    assert is_done(run, case, facts_of(case)) is CONDITIONS[condition].moves


@pytest.mark.parametrize("condition", Condition)
def test_closing_and_reopening_is_no_way_around_a_condition(cast: Cast, condition: Condition) -> None:
    case, boris, eva = make_case(cast), cast.boris.person, cast.eva.person
    put(case, Stage.IN_HIDING, condition, set_by=boris)
    closure.close_case(case, Outcome.REFERRED, version=case.version, actor=boris, now=START)
    assert not Task.objects.open().filter(case=case).exists()
    closure.reopen_case(case, ReasonCode.CAME_BACK, version=case.version, actor=eva, now=START)
    stays = CONDITIONS[condition].ended_by_another or condition == Condition.DECEASED
    assert case.condition == (condition if stays else Condition.ACTIVE)
    assert CONSEQUENCES[condition].stays_closed is stays
    if condition == Condition.DETAINED:
        with pytest.raises(PolicyRefused):
            stages.set_condition(case, Condition.ACTIVE, version=case.version, actor=boris, now=START)
        assert Task.objects.open().filter(case=case, kind=TaskKind.LAWYER_NOW).count() == 1


@pytest.mark.parametrize("who", ["anna", "dmitri", "sofia", "olga", "mallory"])
def test_nobody_else_moves_anything(cast: Cast, who: str) -> None:
    case, actor = make_case(cast), cast.all()[who].person
    task = tasks.add_task(case, TaskKind.CALL_BACK, START, actor=cast.boris.person, now=START)
    before, common = facts_of(case), {"actor": actor, "now": START}
    versioned = {"version": case.version, **common}
    for run in (
        lambda: stages.move_case(case, Stage.VERIFICATION, **versioned),
        lambda: stages.set_condition(case, Condition.DETAINED, **versioned),
        lambda: stages.change_urgency(case, Urgency.NOW, **versioned),
        lambda: closure.close_case(case, Outcome.REFERRED, **versioned),
        lambda: closure.reopen_case(case, ReasonCode.CAME_BACK, **versioned),
        lambda: verification.record_check(case, CheckCode.VOUCHED, CheckOutcome.YES, **versioned),
        lambda: verification.approve_verification(case, **versioned),
        lambda: contacting.record_contact(case, ContactResult.MADE, Channel.SIGNAL, **common),
        lambda: tasks.add_task(case, TaskKind.CALL_BACK, START, **common),
        lambda: tasks.finish_task(task, **common),
        lambda: tasks.drop_task(task, **common),
        lambda: tasks.assign_task(task, None, **common),
    ):
        with pytest.raises(PermissionRefused):
            run()
    assert facts_of(case) == before
