"""The route as a table: total, reachable, and every move allowed or refused as it says."""

import itertools
from collections.abc import Callable

import pytest

from caseworker.enums import Role
from caseworker.permissions import ROLE_PERMISSIONS, Permission
from requests_app.catalogue import load_catalogue
from requests_app.clocks import FAR, erase_after, monday_of, target_due
from requests_app.enums import Condition, ReasonCode, Stage, Urgency
from requests_app.policies import CONDITION_SENTENCES, MOVE_SENTENCES
from requests_app.stages import (
    CONDITIONS,
    STAGES,
    ConditionRefusal,
    MoveKind,
    MoveRefusal,
    move_kind,
    refusal_of_condition,
    refusal_of_move,
)
from tests.cast import START


def test_tables_are_total() -> None:
    assert set(STAGES) == set(Stage)
    assert set(CONDITIONS) == set(Condition)
    assert set(MOVE_SENTENCES) == set(MoveRefusal)
    assert set(CONDITION_SENTENCES) == set(ConditionRefusal)
    assert set(ROLE_PERMISSIONS) == set(Role)
    assert set().union(*ROLE_PERMISSIONS.values()) == set(Permission)


def test_every_stage_is_reachable_and_can_close() -> None:
    reached, edge = set(), [Stage.RECEIVED]
    while edge:
        here = edge.pop()
        if here not in reached:
            reached.add(here)
            edge += STAGES[here].next
    assert reached == set(Stage)
    assert all(Stage.CLOSED in row.next for stage, row in STAGES.items() if stage != Stage.CLOSED)


def test_the_table_is_the_catalogues() -> None:
    rows = {row["code"]: row for row in load_catalogue()["stages"]}
    for stage in set(Stage) - {Stage.ADVICE}:
        assert [str(n) for n in STAGES[stage].next if n != Stage.ADVICE] == [
            n for n in rows[stage]["next"] if not n.startswith("*")
        ]
        hours = STAGES[stage].target.hours
        if hours is not None:
            assert {str(u): h for u, h in hours.items()} == rows[stage]["target_hours"]
        assert STAGES[stage].checkin_hours == rows[stage]["checkin_hours"]


@pytest.mark.parametrize(("here", "there"), list(itertools.product(Stage, Stage)))
def test_every_move_has_one_answer(here: Stage, there: Stage) -> None:
    def ask(role: Role, reason: ReasonCode | None, level: int = 4) -> MoveRefusal | None:
        return refusal_of_move(here, there, condition=Condition.ACTIVE, level=level, role=role, reason=reason)

    kind = move_kind(here, there)
    if kind is MoveKind.STEP:
        assert ask(Role.COORDINATOR, None) is None
    elif kind in {MoveKind.SKIP, MoveKind.STEP_BACK}:
        assert ask(Role.COORDINATOR, None) is MoveRefusal.REASON_MISSING
        assert ask(Role.COORDINATOR, ReasonCode.PLAN_CHANGED) is None
    elif kind is MoveKind.FAR_BACK:
        assert ask(Role.COORDINATOR, ReasonCode.PLAN_CHANGED) is MoveRefusal.LEAD_ONLY
        assert ask(Role.LEAD, ReasonCode.PLAN_CHANGED) is None
    else:
        assert ask(Role.LEAD, ReasonCode.PLAN_CHANGED) is not None


@pytest.mark.parametrize("condition", Condition)
def test_the_path_goes_on_only_in_some_conditions(condition: Condition) -> None:
    refusal = refusal_of_move(
        Stage.RECEIVED, Stage.VERIFICATION, condition=condition, level=4, role=Role.COORDINATOR, reason=None
    )
    assert (refusal is None) is (condition in {Condition.ACTIVE, Condition.EXTRADITION})


@pytest.mark.parametrize(
    ("stage", "level"), [(Stage.PLANNING, 2), (Stage.HOSPITAL_EXIT, 3), (Stage.BORDER_CROSSING, 3)]
)
def test_exits_need_verification_unless_the_person_has_left(stage: Stage, level: int) -> None:
    def ask(have: int, reason: ReasonCode) -> MoveRefusal | None:
        return refusal_of_move(
            Stage.RECEIVED, stage, condition=Condition.ACTIVE, level=have, role=Role.LEAD, reason=reason
        )

    assert ask(level - 1, ReasonCode.PLAN_CHANGED) is MoveRefusal.VERIFICATION
    assert ask(level, ReasonCode.PLAN_CHANGED) is None
    assert ask(0, ReasonCode.ALREADY_LEFT) is None


@pytest.mark.parametrize(("here", "there"), list(itertools.product(Condition, Condition)))
def test_conditions_follow_only_as_the_table_says(here: Condition, there: Condition) -> None:
    refusal = refusal_of_condition(
        here, there, stage=Stage.IN_HIDING, role=Role.LEAD, is_same_person=False, has_date=True
    )
    if there in CONDITIONS[here].next:
        assert refusal in {None, ConditionRefusal.ROLE}
    else:
        assert refusal is ConditionRefusal.NOT_FROM_HERE


def test_detention_is_not_undone_by_one_person() -> None:
    def ask(*, same: bool) -> ConditionRefusal | None:
        return refusal_of_condition(
            Condition.DETAINED,
            Condition.ACTIVE,
            stage=Stage.IN_HIDING,
            role=Role.COORDINATOR,
            is_same_person=same,
            has_date=False,
        )

    assert ask(same=True) is ConditionRefusal.ANOTHER_PERSON
    assert ask(same=False) is None


def test_a_pause_needs_a_day_and_some_conditions_a_lead() -> None:
    def ask(here: Condition, there: Condition, role: Role = Role.COORDINATOR) -> ConditionRefusal | None:
        return refusal_of_condition(here, there, stage=Stage.PLANNING, role=role, is_same_person=False, has_date=False)

    assert ask(Condition.ACTIVE, Condition.PAUSED) is ConditionRefusal.DATE_MISSING
    assert ask(Condition.COMPROMISED, Condition.ACTIVE) is ConditionRefusal.ROLE
    assert ask(Condition.COMPROMISED, Condition.ACTIVE, Role.LEAD) is ConditionRefusal.ROLE
    assert ask(Condition.COMPROMISED, Condition.ACTIVE, Role.SECURITY_OFFICER) is None


@pytest.mark.parametrize("urgency", Urgency)
@pytest.mark.parametrize("stage", Stage)
def test_every_stage_is_due_some_time(stage: Stage, urgency: Urgency) -> None:
    due = target_due(stage, Condition.ACTIVE, urgency, START)
    assert due == FAR if stage == Stage.CLOSED else START < due < FAR


def test_a_detained_person_has_a_clock_of_three_hours() -> None:
    assert (
        target_due(Stage.BORDER_CROSSING, Condition.DETAINED, Urgency.NOW, START) - START
    ).total_seconds() == 3 * 3600


def test_weeks_begin_on_monday_and_erasure_is_ninety_days() -> None:
    assert monday_of(START.date()).isoweekday() == 1
    assert (erase_after(START.date(), asylum_elsewhere=False) - START.date()).days == 90
    assert (erase_after(START.date(), asylum_elsewhere=True) - START.date()).days == 180


@pytest.mark.parametrize(
    "vocabulary", ["categories", "requester", "channel", "situation", "need", "urgency", "closure_outcomes"]
)
def test_enums_hold_the_catalogues_codes(vocabulary: str, vocabulary_enum: Callable[[str], type]) -> None:
    codes = {row["code"] for row in load_catalogue()[vocabulary]}
    assert codes <= set(vocabulary_enum(vocabulary).values)  # type: ignore[attr-defined]


@pytest.fixture
def vocabulary_enum() -> Callable[[str], type]:
    from requests_app import enums  # noqa: PLC0415 - the table below names classes of this one module

    table = {
        "categories": enums.Category,
        "requester": enums.Requester,
        "channel": enums.Channel,
        "situation": enums.Situation,
        "need": enums.Need,
        "urgency": enums.Urgency,
        "closure_outcomes": enums.Outcome,
    }
    return table.__getitem__
