"""What a stage or a condition brings with it: tasks by rule, grants that end, check-ins. Parts of other actions, without an audit of their own."""

import datetime as dt
from collections.abc import Iterable

from django.db.models import Q

from requests_app.actions.grants import end_grants_on
from requests_app.clocks import midnight
from requests_app.enums import Condition, Stage
from requests_app.enums_work import TaskState
from requests_app.models.cases import Case
from requests_app.models.membership import acts
from requests_app.models.work import Task
from requests_app.rules import CONSEQUENCES, STAGE_TASKS, TaskRule


def _add_tasks(case: Case, code: str, rules: Iterable[TaskRule], now: dt.datetime, until: dt.date | None) -> None:
    """Make the tasks of a rule that are not open already."""
    for rule in rules:
        due = now + dt.timedelta(hours=rule.hours) if rule.hours is not None else until and midnight(until)
        values = {"rule_version": rule.version, "starts_on": now.date(), "due_at": due or now}
        Task.objects.get_or_create(case=case, rule=code, kind=rule.kind, state=TaskState.OPEN, defaults=values)


def _drop_tasks(case: Case, on: dt.date, which: Q) -> None:
    Task.objects.filter(which, case=case, state=TaskState.OPEN).update(state=TaskState.DROPPED, ended_on=on)


def drop_tasks_of(case: Case, rule: str, on: dt.date) -> None:
    """Drop the open tasks that a stage or a condition brought, by its code."""
    _drop_tasks(case, on, Q(rule=rule))


def give_back_tasks(case: Case) -> None:
    """Give the open tasks of those who do not see the case any more back to its owner, so that none is forgotten."""
    given = Task.objects.filter(case=case, state=TaskState.OPEN, assigned_to__isnull=False)
    if case.stage == Stage.BORDER_CROSSING:
        given = given.exclude(assigned_to__in=[id_ for id_ in (case.owner_id, case.deputy_id) if id_])
    else:
        given = given.filter(~acts("assigned_to_id", "case__circle_id"))
    given.update(assigned_to=None)


def enter_stage(case: Case, now: dt.datetime) -> None:
    """Begin the tasks of the present stage; at a border, few see the case, and the tasks of all others are its owner's."""
    if case.stage == Stage.BORDER_CROSSING:
        give_back_tasks(case)
    _add_tasks(case, case.stage, STAGE_TASKS[Stage(case.stage)], now, None)


def enter_condition(case: Case, left: Condition, now: dt.datetime, until: dt.date | None = None) -> None:
    """Drop the tasks of the condition that was left, begin those of the present one, and end grants where it says so."""
    consequence = CONSEQUENCES[Condition(case.condition)]
    _drop_tasks(case, now.date(), Q() if consequence.drops_tasks else Q(rule=left))
    _add_tasks(case, case.condition, consequence.tasks, now, until)
    if consequence.ends_grants:
        end_grants_on(case)


def condition_after_reopening(case: Case) -> Condition:
    """Return the condition of a case that is reopened: closing and reopening ends no condition that needs somebody else."""
    here = Condition(case.condition)
    return here if CONSEQUENCES[here].stays_closed else Condition.ACTIVE
