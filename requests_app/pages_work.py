"""Prepared values for the pages of tasks, checklists and frozen cases."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from requests_app import pages
from requests_app.enums import Stage, Urgency
from requests_app.enums_work import TaskKind, TaskState
from requests_app.models.work import ChecklistItem, Task
from requests_app.queries.work import TaskPage

WRONG_HANDLE = gettext_lazy("This is the handle of another case. Nothing was cleared.")


def own_tasks(page: TaskPage, now: dt.datetime, *, is_first: bool) -> dict[str, Any]:
    """Return the rows of one's own list and the address of the next page."""
    here = reverse("own_tasks")
    rows = []
    for row in page.rows:
        due = pages.time_left(row["due_at"], now)
        rows.append(
            {
                "url": reverse("task", args=[row["id"]]),
                "title": TaskKind(row["kind"]).label,
                "due": f"{due.label} {due.value}",
                "tone": due.tone,
                "case_url": reverse("case", args=[row["case_id"]]),
                "reference": row["case__reference"],
                "codename": row["case__codename"],
                "urgency": Urgency(row["case__urgency"]).label,
                "urgency_tone": pages.URGENCY_TONES[row["case__urgency"]],
                "is_given": row["assigned_to__alias"] is not None,
            }
        )
    following = f"{here}?after={page.next_cursor}" if page.next_cursor else ""
    return {"rows": rows, "page": pages.Links("" if is_first else here, following)}


def task(one: Task, now: dt.datetime) -> dict[str, Any]:
    """Return one task as a list of facts, and where it belongs."""
    owner = one.case.owner.alias if one.case.owner else "—"
    due = pages.time_left(one.due_at, now)
    facts = [
        pages.Fact(_("Case"), one.case.reference),
        pages.Fact(_("Task"), one.get_kind_display()),
        pages.Fact(due.label, due.value, due.tone),
        pages.Fact(_("Who does it"), one.assigned_to.alias if one.assigned_to else owner),
        pages.Fact(_("State"), one.get_state_display(), "info"),
        pages.Fact(_("Since"), one.starts_on),
    ]
    return {
        "facts": facts,
        "case_url": reverse("case", args=[one.case_id]),
        "end_url": reverse("end_task", args=[one.id]),
        "assign_url": reverse("assign_task", args=[one.id]),
        "has_note": one.note_id is not None,
        "is_open": one.state == TaskState.OPEN,
    }


def checklists(items: Sequence[ChecklistItem]) -> dict[str, Any]:
    """Return the questions by stage, in the order of the route."""
    by_stage = {stage: [item for item in items if item.stage == stage] for stage in Stage}
    return {
        "stages": [
            {
                "label": stage.label,
                "items": [
                    {
                        "url": reverse("change_item", args=[item.id]),
                        "text_en": item.text_en,
                        "text_ru": item.text_ru,
                        "is_on": item.is_on,
                        "version": item.version,
                    }
                    for item in found
                ],
            }
            for stage, found in by_stage.items()
            if found
        ]
    }


def clearing(handle: str) -> dict[str, Any]:
    """Return the words of the page that asks once more."""
    return {
        "title": _("Clear the case %(handle)s") % {"handle": handle},
        "message": _(
            "Ask whoever froze the case, by another way than this site, what was found out. When the case is cleared its circle can reveal again."
        ),
        "submit": _("Clear the case"),
        "cancel_url": reverse("frozen"),
        "tone": "alert",
    }
