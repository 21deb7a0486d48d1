"""Tasks, checklists and contacts as pages show them: codes and prepared rows, a fixed number of queries."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core import signing
from django.db.models import F, FilteredRelation, Q, QuerySet
from django.shortcuts import get_object_or_404

from caseworker.models.accounts import Caseworker
from requests_app.models.cases import Case, StageSpell
from requests_app.models.work import ChecklistItem, Task

PAGE = 50
TASK_COLUMNS = (
    "id", "kind", "due_at", "rule", "case_id", "case__reference", "case__codename", "case__urgency", "assigned_to__alias", "note_id",
)  # fmt: skip


def task_or_404(task_id: UUID, *, person: Caseworker, now: dt.datetime) -> Task:
    """Return a task of a case that *person* may know of, else 404."""
    visible = Task.objects.visible_to(person, now=now).select_related("case__circle", "case__owner", "assigned_to")
    found: Task = get_object_or_404(visible, id=task_id)
    return found


@dataclass(frozen=True)
class TaskPage:
    """One page of tasks (dictionaries of coded columns) and the cursor of the next."""

    rows: list[dict[str, Any]]
    next_cursor: str


def _after(tasks: QuerySet[Task], cursor: str) -> QuerySet[Task]:
    try:
        due_at, id_ = signing.loads(cursor, salt="tasks")
    except signing.BadSignature:
        return tasks
    due = dt.datetime.fromisoformat(due_at)
    return tasks.filter(Q(due_at__gt=due) | Q(due_at=due, id__gt=UUID(id_)))


def own_tasks(person: Caseworker, *, cursor: str, now: dt.datetime) -> TaskPage:
    """Return up to 50 open tasks that fall to *person*, what is due first in front. One query."""
    mine = Task.objects.visible_to(person, now=now).open().of(person, on=now.date())
    rows = list(_after(mine, cursor).order_by("due_at", "id").values(*TASK_COLUMNS)[: PAGE + 1])
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    following = signing.dumps([last["due_at"].isoformat(), str(last["id"])], salt="tasks") if last else ""
    return TaskPage(rows[:PAGE], following)


def checklist_of(case: Case) -> list[ChecklistItem]:
    """Return the questions of the present stage, each with ``given``, ``given_on`` and ``given_by`` (None while unanswered). One query."""
    asked = ChecklistItem.objects.filter(stage=case.stage, is_current=True, is_on=True)
    mine = asked.annotate(mine=FilteredRelation("answers", condition=Q(answers__case=case)))
    facts = mine.annotate(
        given=F("mine__answer"), given_on=F("mine__answered_on"), given_by=F("mine__answered_by__alias")
    )
    return list(facts.order_by("place", "id"))


def checklist_items() -> list[ChecklistItem]:
    """Return the current version of every question, by stage and place."""
    return list(ChecklistItem.objects.filter(is_current=True).order_by("stage", "place", "id"))


@dataclass(frozen=True)
class FrozenCase:
    """A compromised case as the security officer sees it: a handle, since when, and who froze it. Nothing of the case."""

    id: UUID
    handle: str
    since: dt.date
    set_by: str


def handle_of(case_id: UUID) -> str:
    """Return the opaque handle by which people speak of a frozen case to the security officer; the audit trail shows the same."""
    return str(case_id)[:8]


def frozen_cases() -> list[FrozenCase]:
    """Return the open compromised cases by handle. One query; no reference, stage, circle or owner is read."""
    spells = StageSpell.objects.filter(left_on__isnull=True, case__in=Case.objects.frozen())
    rows = spells.order_by("entered_on", "case_id").values_list("case_id", "entered_on", "moved_by__alias")
    return [FrozenCase(case_id, handle_of(case_id), since, alias or "—") for case_id, since, alias in rows]


def frozen_or_404(case_id: UUID) -> Case:
    """Return a compromised case to act on, else 404; its facts are not for the page."""
    found: Case = get_object_or_404(Case.objects.frozen(), id=case_id)
    return found
