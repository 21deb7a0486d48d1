"""Prepared values for the queues, *Today*, saved views, the workload and changes of several cases."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Model
from django.http import QueryDict
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from caseworker.enums import AccountStatus
from caseworker.models.accounts import Caseworker
from caseworker.models.keys import Circle
from requests_app.bulk import MOST_CASES, Pick, Rehearsed
from requests_app.clocks import ASYLUM_ELSEWHERE, erase_after
from requests_app.enums import (
    BulkKind,
    Category,
    Condition,
    Country,
    Outcome,
    OwnerFilter,
    RowRefusal,
    RowResult,
    Stage,
    Urgency,
)
from requests_app.models.help_requests import HelpRequest
from requests_app.models.queues import BulkBatch, BulkChange, SavedView
from requests_app.pages import CONDITION_TONES, URGENCY_TONES, Links, time_left
from requests_app.queries.colleagues import filters_of
from requests_app.queries.queue_table import QUEUES, queues_of
from requests_app.queries.queues import PageRow

LOUDNESS = ("alert", "warn", "info", "quiet")
RESULT_TONES: Mapping[str, str] = {
    RowResult.CHANGED: "good",
    RowResult.REFUSED: "alert",
    RowResult.UNDONE: "info",
    RowResult.KEPT: "alert",
}


def _owner(row: Mapping[str, Any], now: dt.datetime) -> str:
    """Return who owns the case; a claim that lapsed is no owner."""
    has_lapsed = row["claimed_until"] is not None and row["claimed_until"] <= now
    return "—" if has_lapsed or not row["owner__alias"] else row["owner__alias"]


def _due(row: Mapping[str, Any], now: dt.datetime) -> tuple[str, str]:
    """Return by when something must happen, and its tone: of who asked to be erased and of a closed case, the erasure."""
    if row["erasure_due_at"] is not None:
        return _("erased on %(day)s") % {"day": date_format(row["erasure_due_at"])}, "warn"
    if not row["is_open"] and row["erase_after"] is not None:
        return _("contacts erased after %(day)s") % {"day": date_format(row["erase_after"])}, "info"
    due = time_left(row["due_at"], now)
    return str(due.value) if due.tone == "quiet" else f"{due.label} {due.value}", due.tone


def queue_row(row: Mapping[str, Any], now: dt.datetime) -> dict[str, Any]:
    """Return one line of the queue."""
    due, tone = _due(row, now)
    held = row["held_until"]
    return {
        "url": reverse("case", args=[row["id"]]),
        "pick": Pick(row["id"], row["version"]).text(),
        "reference": row["reference"],
        "codename": row["codename"],
        "urgency": Urgency(row["urgency"]).label,
        "urgency_tone": URGENCY_TONES[row["urgency"]],
        "stage": Stage(row["stage"]).label,
        "condition": "" if row["condition"] == Condition.ACTIVE else Condition(row["condition"]).label,
        "condition_tone": CONDITION_TONES.get(row["condition"], "alert"),
        "due": due,
        "due_tone": tone,
        "held": _("held until %(day)s") % {"day": date_format(held)} if held and not row["is_open"] else "",
        "is_paused": row["erasure_due_at"] is not None,
        "is_locked": row["locked_on"] is not None,
        "is_open": row["is_open"],
        "category": Category(row["category"]).label,
        "country": Country(row["country"]).label,
        "owner": _owner(row, now),
        "touched_on": row["touched_on"],
    }


def page_links(name: str, query: str, *, is_first: bool, next_cursor: str) -> Links:
    """Return the addresses of the first and the next page of a list."""
    base = reverse(name)
    following = QueryDict(query, mutable=True)
    following["after"] = next_cursor
    return Links("" if is_first else f"{base}?{query}", f"{base}?{following.urlencode()}" if next_cursor else "", "")


def triage_row(help_request: HelpRequest) -> dict[str, Any]:
    """Return one line of the triage queue."""
    return {
        "url": reverse("triage_request", args=[help_request.id]),
        "reference": help_request.reference,
        "urgency": help_request.get_urgency_display(),
        "urgency_tone": URGENCY_TONES[help_request.urgency],
        "is_paused": help_request.erasure_due_at is not None,
        "category": help_request.get_category_display(),
        "situation": help_request.get_situation_display(),
        "country": Country(help_request.country).label,
        "received_on": help_request.received_on,
    }


def _tile(count: int, label: str, url: str, tone: str) -> dict[str, Any]:
    return {"count": count, "label": label, "url": url, "tone": tone if count else "quiet"}


def today_values(
    person: Caseworker,
    counts: Mapping[str, int],
    *,
    others: Sequence[tuple[PageRow, int]],
    views: Mapping[UUID, SavedView],
    view_counts: Mapping[UUID, int],
) -> dict[str, Any]:
    """Return the tiles of the first page: what is loud and not empty first, then the rest in the order of the table."""
    queue, rows = reverse("case_queue"), queues_of(person)
    tiles = [
        _tile(counts[code], str(row.title), f"{queue}?queue={code}", row.tone)
        for code, row in rows.items()
        if row.is_tile
    ]
    tiles += [_tile(count, str(row.title), reverse(row.url_name), row.tone) for row, count in others]
    tiles.sort(key=lambda tile: LOUDNESS.index(tile["tone"]))
    lists = [
        _tile(counts.get(code, 0), str(row.title), f"{queue}?queue={code}", "quiet") | {"is_counted": row.is_counted}
        for code, row in rows.items()
        if not row.is_tile
    ]
    saved = [_tile(view_counts[id_], view_title(view), view_url(view), "quiet") for id_, view in views.items()]
    return {"tiles": tiles, "lists": lists, "views": saved}


def _words(name: str, value: Any) -> str:
    """Return the words for one filter of a view."""
    vocabularies: Mapping[str, Any] = {
        "urgency": Urgency,
        "stage": Stage,
        "condition": Condition,
        "category": Category,
        "country": Country,
        "owner": OwnerFilter,
    }
    if isinstance(value, Caseworker):
        return value.alias
    if isinstance(value, Circle):
        return value.name
    if name == "queue":
        return str(QUEUES[value].title) if value in QUEUES else ""
    return str(vocabularies[name](value).label)


def view_filters(view: SavedView) -> str:
    """Say what the view shows, from its filters."""
    words = (_words(name, value) for name, value in filters_of(view).items() if value)
    return " · ".join(filter(None, words)) or str(QUEUES["open"].title)


def view_title(view: SavedView) -> str:
    """Return the chosen name, else the filters."""
    return str(view.get_name_display()) if view.name else view_filters(view)


def view_url(view: SavedView) -> str:
    """Return the address of the view: codes and opaque ids."""
    query = QueryDict(mutable=True)
    for name, value in filters_of(view).items():
        if isinstance(value, Circle):
            query[name] = value.code
        elif value:
            query[name] = str(value.pk) if isinstance(value, Model) else value
    return f"{reverse('case_queue')}?{query.urlencode()}"


def view_lines(views: Mapping[UUID, SavedView], forms: Mapping[UUID, Any]) -> list[dict[str, Any]]:
    """Return the saved views for the page where they are named and deleted."""
    return [
        {
            "title": view_title(view),
            "filters": view_filters(view),
            "url": view_url(view),
            "whose": view.circle.name if view.circle else _("Only me"),
            "form": forms[id_],
            "name_url": reverse("name_view", args=[id_]),
            "drop_url": reverse("drop_view", args=[id_]),
        }
        for id_, view in views.items()
    ]


def _absence(row: Mapping[str, Any]) -> str:
    """Say why somebody cannot be given a case now; nothing where they can."""
    if row["status"] != AccountStatus.ACTIVE:
        return str(AccountStatus(row["status"]).label)
    if row["away_until"] is None:
        return ""
    words = {"day": date_format(row["away_until"]), "deputy": row["away_deputy"]}
    return _("away until %(day)s, deputy %(deputy)s") % words


def workload_rows(rows: Sequence[Mapping[str, Any]], nobody: Mapping[str, int]) -> list[dict[str, Any]]:
    """Return one line for each person, with the address of their cases, and first one for cases that nobody can act on, if there are any."""
    queue = reverse("case_queue")
    people = [{**row, "url": f"{queue}?owner={row['id']}", "absence": _absence(row)} for row in rows]
    left = {**nobody, "alias": _("Nobody"), "url": "", "absence": _("nobody can act")}
    return [left, *people] if nobody["open_cases"] else people


def change_words(kind: str, code: str, owner: Caseworker | None) -> str:
    """Say what is done to the cases."""
    match BulkKind(kind):
        case BulkKind.ASSIGN:
            return _("New owner: %(owner)s") % {"owner": owner.alias if owner else "—"}
        case BulkKind.URGENCY:
            return _("Urgency: %(urgency)s") % {"urgency": Urgency(code).label}
        case BulkKind.STAGE:
            return _("Next stage: %(stage)s") % {"stage": Stage(code).label}
    return _("Close with the outcome: %(outcome)s") % {"outcome": Outcome(code).label}


def erasure_words(outcome: str, today: dt.date) -> str:
    """Say when contacts and texts go that are closed today with *outcome*: for all of them it is the same day."""
    day = erase_after(today, asylum_elsewhere=Outcome(outcome) in ASYLUM_ELSEWHERE)
    return _("Contacts and texts of all these cases are erased after %(day)s.") % {"day": date_format(day)}


def preview_values(rows: Sequence[Rehearsed], *, asked: int, left_out: int = 0) -> dict[str, Any]:
    """Return what would change, what would not and why, how many cannot be seen any more, and how many of the list were left out."""
    willing = [row for row in rows if not row.refusal]
    return {
        "willing": [_case_line(row) for row in willing],
        "unwilling": [_case_line(row) for row in rows if row.refusal],
        "unseen": asked - len(rows),
        "left_out": left_out,
        "most_cases": MOST_CASES,
        "picks": " ".join(row.pick.text() for row in willing),
    }


def _case_line(row: Rehearsed) -> dict[str, Any]:
    return {
        "url": reverse("case", args=[row.case.id]),
        "reference": row.case.reference,
        "codename": row.case.codename,
        "why": row.refusal,
    }


def batch_values(batch: BulkBatch, rows: Sequence[BulkChange], *, now: dt.datetime) -> dict[str, Any]:
    """Return what became of the cases of a batch that the viewer may know of."""
    results = [row.result for row in rows]
    return {
        "what": change_words(batch.kind, batch.code, batch.new_owner),
        "lines": [
            {
                "url": reverse("case", args=[row.case_id]),
                "reference": row.case.reference,
                "codename": row.case.codename,
                "result": RowResult(row.result).label,
                "tone": RESULT_TONES[row.result],
                "why": RowRefusal(row.refusal).label if row.refusal else "",
            }
            for row in rows
        ],
        "changed": results.count(RowResult.CHANGED) + results.count(RowResult.KEPT),
        "refused": results.count(RowResult.REFUSED),
        "undone": results.count(RowResult.UNDONE),
        "undo_url": reverse("take_back", args=[batch.id]),
        "may_undo": RowResult.CHANGED in results and batch.may_be_undone(now=now),
        "undo_until": batch.may_be_undone_until,
    }
