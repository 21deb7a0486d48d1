"""The sections of the daily work: what is next, contact, tasks, checklist, verification."""

import datetime as dt
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from requests_app import pages
from requests_app.clocks import FAR
from requests_app.enums import CheckOutcome, Condition, Stage
from requests_app.models.work import ChecklistItem, Task
from requests_app.pages_case.offers import open_moves
from requests_app.pages_case.sight import Sight
from requests_app.queries import work
from requests_app.rules import CONSEQUENCES
from requests_app.stages import CONDITIONS, STAGES

ANSWER_TONES = {CheckOutcome.YES: "good", CheckOutcome.NO: "alert", CheckOutcome.UNCLEAR: "warn"}


def is_open(sight: Sight) -> bool:
    """Show while the case is open."""
    return sight.case.is_open


def has_checklist(sight: Sight) -> bool:
    """Show where the present stage has questions."""
    return sight.case.erased_on is None and bool(sight.checklist)


def item_text(item: ChecklistItem) -> str:
    """Return the question in the language of the page."""
    return item.text_ru if get_language() == "ru" else item.text_en


def _unanswered(sight: Sight) -> str:
    """Say how many questions are unanswered; nothing when none is."""
    count = sum(item.given is None for item in sight.checklist) if sight.case.is_open else 0  # type: ignore[attr-defined]
    sentence = ngettext(
        "%(n)s question of the checklist is not answered yet.",
        "%(n)s questions of the checklist are not answered yet.",
        count,
    )
    return sentence % {"n": count} if count else ""


def _condition_notices(sight: Sight) -> list[str]:
    """Say what the condition means for whoever opens the page at night."""
    case, notices = sight.case, []
    condition = CONDITIONS[Condition(case.condition)]
    if not case.is_open:
        return []
    if warning := pages.no_contact_words(case):
        notices.append(warning)
    if case.condition == Condition.COMPROMISED:
        handle = work.handle_of(case.id)
        notices.append(
            _(
                "Nothing is revealed until the security officer clears the case. Tell them the handle %(handle)s and nothing else."
            )
            % {"handle": handle}
        )
    if condition.ended_by_another:
        notices.append(_("Whoever set this condition cannot end it alone."))
    return notices


def next_values(sight: Sight) -> dict[str, Any]:
    """Return the next steps of the route as links that open the form for moving, none while the case is locked, and what to know before."""
    here = Stage(sight.case.stage)
    groups = open_moves(sight.case, sight.person) if sight.works else []
    moves = dict(stage for _title, group in groups for stage in group)
    steps = [stage for stage in STAGES[here].next if stage.value in moves]
    url = reverse("case", args=[sight.case.id])
    return {
        "notices": _condition_notices(sight),
        "moves": [{"label": stage.label, "url": f"{url}?there={stage.value}#form-move"} for stage in steps],
        "unanswered": _unanswered(sight) if steps else "",
    }


def contact_values(sight: Sight) -> dict[str, Any]:
    """Return when the person was last reached, when the next check-in is due, and the latest attempts."""
    case = sight.case
    due = pages.time_left(case.check_in_due_at, sight.now)
    return {
        "last": case.contacted_at,
        "due": due if case.check_in_due_at < FAR else None,
        "due_words": f"{due.label} {due.value}",
        "due_at": case.check_in_due_at,
        "is_missed": case.check_in_due_at < sight.now,
        "is_lost": case.condition == Condition.LOST_CONTACT,
        "stops": CONSEQUENCES[Condition(case.condition)].stops_checkins,
        "attempts": [
            {
                "day": one.tried_at,
                "result": one.get_result_display(),
                "channel": one.get_channel_display(),
                "who": one.tried_by.alias if one.tried_by else "—",
            }
            for one in sight.dossier.attempts
        ],
    }


def _task(task: Task, sight: Sight, owner: str, now: dt.datetime) -> dict[str, Any]:
    due = pages.time_left(task.due_at, now)
    return {
        "title": task.get_kind_display(),
        "due": f"{due.label} {due.value}",
        "tone": due.tone,
        "who": task.assigned_to.alias if task.assigned_to else owner,
        "is_rule": bool(task.rule),
        "has_note": task.note_id is not None,
        "url": reverse("task", args=[task.id]),
        "end_url": reverse("end_task", args=[task.id]) if sight.works else "",
    }


def task_values(sight: Sight) -> dict[str, Any]:
    """Return the open tasks, what is due first in front."""
    owner = sight.case.owner.alias if sight.case.owner else "—"
    return {"tasks": [_task(one, sight, owner, sight.now) for one in sight.dossier.tasks]}


def checklist_values(sight: Sight) -> dict[str, Any]:
    """Return the questions of the present stage with the answers that were given."""
    return {
        "items": [
            {
                "text": item_text(item),
                "answer": CheckOutcome(item.given).label if item.given else _("not answered"),  # type: ignore[attr-defined]
                "tone": ANSWER_TONES.get(item.given, "quiet"),  # type: ignore[attr-defined]
                "who": item.given_by,  # type: ignore[attr-defined]
                "day": item.given_on,  # type: ignore[attr-defined]
            }
            for item in sight.checklist
        ]
    }


def verification_values(sight: Sight) -> dict[str, Any]:
    """Return the checks, and whether a higher level waits for a second person or a lead."""
    case = sight.case
    waits = case.is_open and case.asked_level > case.verification_level
    return {
        "checks": sight.dossier.checks,
        "level": case.verification_level,
        "waits_for": case.asked_level if waits else None,
    }
