"""A case lives at random: whatever people do to it in whatever order, it is never in a state that the rules forbid."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from caseworker import audit
from caseworker.exceptions import CaseworkError
from caseworker.models.audit import AuditEvent
from requests_app.actions import casework, checklists, closure, contacting, grants, stages, tasks, verification
from requests_app.clocks import FAR, check_in_due, hour_of, midnight, stands_still, target_due
from requests_app.enums import Channel, CheckCode, CheckOutcome, Condition, Outcome, ReasonCode, Stage, Urgency
from requests_app.enums_work import ContactResult, TaskKind, TaskState
from requests_app.models.access import AccessGrant, VerificationCheck
from requests_app.models.cases import Case, StageSpell
from requests_app.models.counts import CountCell
from requests_app.models.work import ChecklistItem, ContactAttempt, Task
from requests_app.rules import CONSEQUENCES
from requests_app.stages import CONDITIONS
from tests.cast import START, Cast
from tests.factories import make_case

pytestmark = pytest.mark.django_db
WHO = st.sampled_from(["boris", "eva"] * 5 + ["sofia", "clara"])
YES_MOSTLY = st.sampled_from([CheckOutcome.YES] * 3 + [CheckOutcome.NO, CheckOutcome.UNCLEAR])
CODES = st.sampled_from([CheckCode.VOUCHED, CheckCode.DOCUMENT_SEEN] * 2 + list(CheckCode))
CONDITIONS_TO = st.sampled_from([Condition.ACTIVE] * 5 + [Condition.DETAINED, Condition.PAUSED] * 2 + list(Condition))
STAGES_OPEN = st.sampled_from([stage for stage in Stage if stage != Stage.CLOSED])
REASONS = st.sampled_from([None, ReasonCode.PLAN_CHANGED, ReasonCode.ALREADY_LEFT])


@dataclass(frozen=True)
class Step:
    """Something people do: the method, how often, and what it is done with."""

    name: str
    weight: int
    drawn: Mapping[str, st.SearchStrategy[Any]]


STEPS = (
    Step("time_goes_by", 2, {"hours": st.integers(1, 24 * 20)}),
    Step("move", 5, {"who": WHO, "there": STAGES_OPEN, "reason": REASONS}),
    Step("set_condition", 6, {"who": WHO, "there": CONDITIONS_TO, "days": st.sampled_from([20, 60, 61, 0])}),
    Step("clear", 2, {"burns": st.booleans(), "who": st.sampled_from(["sofia", "eva"])}),
    Step("close", 1, {"who": WHO, "outcome": st.sampled_from(Outcome)}),
    Step("reopen", 3, {"who": WHO}),
    Step("hurry", 1, {"who": WHO, "urgency": st.sampled_from(Urgency)}),
    Step("check", 3, {"who": WHO, "code": CODES, "outcome": YES_MOSTLY}),
    Step("approve", 2, {"who": WHO}),
    Step("assign", 1, {"who": WHO, "owner": st.sampled_from(["boris", "clara"])}),
    Step("grant", 1, {"who": WHO}),
    Step("contact", 1, {"who": WHO, "result": st.sampled_from(ContactResult)}),
    Step("add_task", 1, {"who": WHO, "days": st.integers(-1, 400)}),
    Step("end_task", 1, {"who": WHO, "is_done": st.booleans()}),
    Step("answer", 1, {"who": WHO, "answer": st.sampled_from(CheckOutcome)}),
)
WEIGHTED = st.sampled_from([step for step in STEPS for _ in range(step.weight)])


class CaseLife(RuleBasedStateMachine):
    """Each run makes a case and undoes everything at its end."""

    cast: ClassVar[Cast]

    def __init__(self) -> None:
        super().__init__()
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.now = START
        self.case = make_case(self.cast, now=START)
        self.started = self.condition_at = START
        self.stood_still = dt.timedelta()
        self.set_by: dict[str, Any] = {}
        self.version, self.counted = self.case.version, self.counters()
        self.events = AuditEvent.objects.count()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.undo.__exit__(None, None, None)

    def counters(self) -> dict[tuple[str, str], int]:
        return {(cell.table, cell.cls): cell.count for cell in CountCell.objects.all()}

    def act(self, run: Callable[[], object]) -> bool:
        """Run one action; it adds one event, or is refused and adds none."""
        self.case = Case.objects.get(id=self.case.id)
        before = AuditEvent.objects.count()
        try:
            run()
        except CaseworkError:
            assert AuditEvent.objects.count() == before
            return False
        assert AuditEvent.objects.count() == before + 1
        return True

    @rule(step=WEIGHTED, data=st.data())
    def somebody_acts(self, step: Step, data: st.DataObject) -> None:
        getattr(self, step.name)(**{name: data.draw(drawn, label=name) for name, drawn in step.drawn.items()})

    def known(self, who: str) -> dict[str, Any]:
        return {"actor": self.cast.all()[who].person, "now": self.now}

    def versioned(self, who: str) -> dict[str, Any]:
        return {"version": self.case.version, **self.known(who)}

    def time_goes_by(self, hours: int) -> None:
        self.now += dt.timedelta(hours=hours)

    def begins_anew(self) -> None:
        self.started, self.stood_still = self.now, dt.timedelta()

    def turns(self, left: Condition) -> None:
        if stands_still(left):
            self.stood_still += self.now - max(self.started, self.condition_at)
        self.condition_at = self.now

    def move(self, who: str, there: Stage, reason: ReasonCode | None) -> None:
        if self.act(lambda: stages.move_case(self.case, there, reason=reason, **self.versioned(who))):
            self.begins_anew()

    def set_condition(self, who: str, there: Condition, days: int) -> None:
        left, until = Condition(self.case.condition), self.now.date() + dt.timedelta(days=days)
        if self.act(lambda: stages.set_condition(self.case, there, until=until, **self.versioned(who))):
            assert not (CONDITIONS[left].ended_by_another and self.set_by.get(left) == who)
            self.set_by[there] = who
            self.turns(left)

    def clear(self, burns: bool, who: str) -> None:
        if self.act(lambda: stages.clear_compromise(self.case, burns_contacts=burns, **self.versioned(who))):
            assert who == "sofia"
            self.turns(Condition.COMPROMISED)

    def close(self, who: str, outcome: Outcome) -> None:
        self.act(lambda: closure.close_case(self.case, outcome, **self.versioned(who)))

    def reopen(self, who: str) -> None:
        left = Condition(self.case.condition)
        if self.act(lambda: closure.reopen_case(self.case, ReasonCode.CAME_BACK, **self.versioned(who))):
            assert self.case.condition == left or not CONDITIONS[left].ended_by_another
            self.condition_at = self.now
            self.begins_anew()

    def hurry(self, who: str, urgency: Urgency) -> None:
        due, rank = self.case.due_at, self.case.urgency_rank
        if self.act(lambda: stages.change_urgency(self.case, urgency, **self.versioned(who))):
            self.case.refresh_from_db()
            assert self.case.due_at <= due or self.case.urgency_rank >= rank

    def check(self, who: str, code: CheckCode, outcome: CheckOutcome) -> None:
        self.act(lambda: verification.record_check(self.case, code, outcome, **self.versioned(who)))

    def approve(self, who: str) -> None:
        if self.act(lambda: verification.approve_verification(self.case, **self.versioned(who))):
            assert who == "eva"

    def assign(self, who: str, owner: str) -> None:
        person = self.cast.all()[owner].person
        self.act(lambda: casework.assign_case(self.case, person, **self.versioned(who)))

    def grant(self, who: str) -> None:
        until, clara = self.now + dt.timedelta(days=30), self.cast.clara.person
        data = {"until": until, "reason": ReasonCode.EXPERTISE}
        self.act(lambda: grants.grant_access(self.case, clara, **data, **self.known(who)))

    def contact(self, who: str, result: ContactResult) -> None:
        self.act(lambda: contacting.record_contact(self.case, result, Channel.SIGNAL, **self.known(who)))

    def add_task(self, who: str, days: int) -> None:
        due = self.now + dt.timedelta(days=days)
        self.act(lambda: tasks.add_task(self.case, TaskKind.CALL_BACK, due, **self.known(who)))

    def end_task(self, who: str, is_done: bool) -> None:
        task = Task.objects.filter(case=self.case).order_by("due_at", "id").last()
        if task is not None:
            self.act(lambda: (tasks.finish_task if is_done else tasks.drop_task)(task, **self.known(who)))

    def answer(self, who: str, answer: CheckOutcome) -> None:
        items = ChecklistItem.objects.filter(stage=self.case.stage, is_current=True)
        answers = dict.fromkeys(items.values_list("id", flat=True), answer)
        self.act(lambda: checklists.answer_checklist(self.case, answers, **self.known(who)))

    @invariant()
    def one_open_spell_that_is_the_present(self) -> None:
        case, spells = Case.objects.get(id=self.case.id), list(StageSpell.objects.filter(case=self.case))
        assert [spell.seq for spell in spells] == list(range(1, len(spells) + 1))
        assert [spell.left_on is None for spell in spells] == [False] * (len(spells) - 1) + [True]
        assert (spells[-1].stage, spells[-1].condition) == (case.stage, case.condition)
        self.case = case

    @invariant()
    def every_date_can_be_computed_again(self) -> None:
        case, condition = self.case, Condition(self.case.condition)
        if not case.is_open:
            assert (case.due_at, case.check_in_due_at) == (FAR, FAR)
            return
        since = self.started + self.stood_still
        if stands_still(condition) or CONDITIONS[condition].clock_hours:
            since = max(self.started, self.condition_at)
        due = target_due(Stage(case.stage), condition, Urgency(case.urgency), since)
        if case.next_action_on is not None:
            assert condition == Condition.PAUSED
            due = midnight(case.next_action_on)
        assert case.due_at == due
        made = ContactAttempt.objects.filter(case=case, result=ContactResult.MADE).order_by("-tried_at").first()
        since = max(filter(None, (case.moved_at, hour_of(self.condition_at), made.tried_at if made else None)))
        assert case.check_in_due_at == check_in_due(Stage(case.stage), condition, since)
        assert case.contacted_at == (made.tried_at if made else None)

    @invariant()
    def numbers_only_grow(self) -> None:
        counted, events = self.counters(), AuditEvent.objects.count()
        assert all(counted.get(cell, 0) >= number for cell, number in self.counted.items())
        assert all(number <= 1 for (table, _cls), number in counted.items() if table == "T3")
        assert self.case.version >= self.version
        assert events >= self.events
        self.counted, self.version, self.events = counted, self.case.version, events

    @invariant()
    def what_is_open_fits_the_condition(self) -> None:
        left, condition = Task.objects.filter(case=self.case, state=TaskState.OPEN), Condition(self.case.condition)
        rules = {task.rule for task in left} - {""}
        assert rules <= set(Stage.values) | {condition}
        if CONSEQUENCES[condition].ends_grants:
            assert not AccessGrant.objects.filter(case=self.case).exists()

    @invariant()
    def nobody_verifies_alone(self) -> None:
        passed = VerificationCheck.objects.filter(case=self.case, outcome=CheckOutcome.YES, is_void=False)
        people = set(passed.values_list("checked_by_id", flat=True))
        seen_by = set(passed.filter(code=CheckCode.DOCUMENT_SEEN).values_list("checked_by_id", flat=True))
        assert self.case.verification_level < 3 or len(people) >= 2
        assert self.case.verification_level < 4 or len(seen_by) >= 2


def test_a_case_is_never_in_a_state_that_the_rules_forbid(cast: Cast) -> None:
    quiet = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    phases = [Phase.explicit, Phase.reuse, Phase.generate]
    profile = settings(
        max_examples=20, stateful_step_count=40, deadline=None, suppress_health_check=quiet, phases=phases
    )
    life = type("Life", (CaseLife,), {"cast": cast})
    run_state_machine_as_test(life, settings=profile)
    assert audit.verify().is_whole
