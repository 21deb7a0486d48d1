"""Tasks by hand: made, done, dropped, given to somebody. What rules make and drop is in ``consequences``."""

import datetime as dt
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from caseworker import audit
from caseworker.enums import AuditVerb
from caseworker.exceptions import PolicyRefused, StaleVersion
from caseworker.models.accounts import Caseworker
from caseworker.permissions import Permission, check
from requests_app.actions.casework import add_note
from requests_app.clocks import MAX_TASK
from requests_app.enums_work import TaskKind, TaskState
from requests_app.models.cases import Case
from requests_app.models.work import Task
from requests_app.policies import check_not_locked, check_not_paused, check_open, reads_circle


def _check_workable(case: Case) -> None:
    check_open(case)
    check_not_paused(case)
    check_not_locked(case)


def _check_can_do(person: Caseworker | None, case: Case) -> None:
    """Refuse to give a task to somebody who cannot read the case's circle."""
    if person is not None and not (person.is_active and reads_circle(case.circle_id, person)):
        raise PolicyRefused(_("A task can be given only to an active member of the circle."))


@transaction.atomic
def add_task(
    case: Case,
    kind: TaskKind,
    due_at: dt.datetime,
    *,
    actor: Caseworker,
    now: dt.datetime,
    assigned_to: Caseworker | None = None,
    note: str = "",
) -> Task:
    """Add a task that is due within a year; its *note* is sealed to the circle. Without *assigned_to* it is the owner's, whoever that is."""
    check(actor, Permission.WORK_CASE)
    _check_workable(case)
    _check_can_do(assigned_to, case)
    if not now.date() <= due_at.date() <= (now + MAX_TASK).date():
        raise PolicyRefused(_("Choose a day between today and a year from now."))
    made = Task.objects.create(
        case=case,
        kind=kind,
        starts_on=now.date(),
        due_at=due_at,
        assigned_to=assigned_to,
        made_by=actor,
        note=add_note(case, note, actor=actor, now=now) if note else None,
    )
    audit.record(actor=actor, verb=AuditVerb.ADD_TASK, kind="task", object_id=made.id, now=now)
    return made


def _end(task: Task, state: TaskState, actor: Caseworker, now: dt.datetime) -> None:
    """Write how a task ended, once; raises ``StaleVersion`` when somebody ended it meanwhile."""
    check(actor, Permission.WORK_CASE)
    _check_workable(task.case)
    ended: dict[str, object] = {"state": state, "ended_by": actor, "ended_on": now.date()}
    if Task.objects.filter(id=task.id, state=TaskState.OPEN).update(**ended) != 1:
        raise StaleVersion
    Case.objects.filter(id=task.case_id).update(touched_on=now.date(), claimed_until=None)
    task.state = state


@transaction.atomic
def finish_task(task: Task, *, actor: Caseworker, now: dt.datetime) -> Task:
    """Record that a task is done; raises ``StaleVersion`` when it was ended already."""
    _end(task, TaskState.DONE, actor, now)
    audit.record(actor=actor, verb=AuditVerb.FINISH_TASK, kind="task", object_id=task.id, now=now)
    return task


@transaction.atomic
def drop_task(task: Task, *, actor: Caseworker, now: dt.datetime) -> Task:
    """Record that a task will not be done; raises ``StaleVersion`` when it was ended already."""
    _end(task, TaskState.DROPPED, actor, now)
    audit.record(actor=actor, verb=AuditVerb.DROP_TASK, kind="task", object_id=task.id, now=now)
    return task


@transaction.atomic
def assign_task(task: Task, person: Caseworker | None, *, actor: Caseworker, now: dt.datetime) -> Task:
    """Give an open task to a member of the circle, or back to whoever owns the case; raises ``StaleVersion`` when it was ended."""
    check(actor, Permission.WORK_CASE)
    _check_workable(task.case)
    _check_can_do(person, task.case)
    if Task.objects.filter(id=task.id, state=TaskState.OPEN).update(assigned_to=person) != 1:
        raise StaleVersion
    audit.record(actor=actor, verb=AuditVerb.ASSIGN_TASK, kind="task", object_id=task.id, now=now)
    return task


def return_tasks(person: Caseworker, circle_id: UUID, _now: dt.datetime) -> None:
    """Give the open tasks of somebody who no longer reads the circle back to the owners of the cases, so that none is forgotten."""
    given = Task.objects.filter(state=TaskState.OPEN, assigned_to=person, case__circle_id=circle_id)
    given.update(assigned_to=None)
