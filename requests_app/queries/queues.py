"""Queues: saved questions over coded columns. Nothing is decrypted, and the number of queries does not depend on the size.

Order: what is due first, then urgency, then the primary key. Pages are cut by key, not by offset: page 10,000 costs what page 1 costs.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core import signing
from django.db.models import Count, Q

from caseworker.models.accounts import Caseworker
from requests_app.enums import Condition
from requests_app.models.cases import Case, CaseQuerySet
from requests_app.models.help_requests import HelpRequest

PAGE = 50
SOON = dt.timedelta(hours=24)
ALERTS = (Condition.DETAINED, Condition.EXTRADITION, Condition.COMPROMISED)
COLUMNS = (
    "id", "reference", "codename", "urgency", "stage", "condition", "due_at", "urgency_rank", "category", "country", "touched_on", "version",
    "is_open", "erasure_due_at", "owner__alias",
)  # fmt: skip


@dataclass(frozen=True)
class Cursor:
    """The last row of a page; the next page begins after it."""

    due_at: dt.datetime
    rank: int
    id: UUID

    def text(self) -> str:
        """Return the cursor as it stands in an address: signed, and of no meaning to a reader."""
        return signing.dumps([self.due_at.isoformat(), self.rank, str(self.id)], salt="queue")


def parse_cursor(text: str) -> Cursor | None:
    """Return the cursor of an address, or None for anything else."""
    try:
        due_at, rank, id_ = signing.loads(text, salt="queue")
    except signing.BadSignature:
        return None
    return Cursor(dt.datetime.fromisoformat(due_at), rank, UUID(id_))


def after(cases: CaseQuerySet, cursor: Cursor | None) -> CaseQuerySet:
    """Keep what comes after the cursor; the leading range on ``due_at`` lets both databases start inside the index."""
    if cursor is None:
        return cases
    same_due = Q(due_at=cursor.due_at)
    later = Q(due_at__gt=cursor.due_at) | same_due & (
        Q(urgency_rank__gt=cursor.rank) | Q(urgency_rank=cursor.rank, id__gt=cursor.id)
    )
    return cases.filter(Q(due_at__gte=cursor.due_at) & later)


def _view(filters: Mapping[str, str], now: dt.datetime) -> Q:
    match filters.get("view"):
        case "overdue":
            return Q(is_open=True, due_at__lt=now)
        case "soon":
            return Q(is_open=True, due_at__gte=now, due_at__lt=now + SOON)
        case "closed":
            return Q(is_open=False)
    return Q(is_open=True)


def _owner(filters: Mapping[str, str], person: Caseworker) -> Q:
    match filters.get("owner"):
        case "me":
            return Q(owner=person)
        case "none":
            return Q(owner__isnull=True)
    return Q()


def filtered(cases: CaseQuerySet, filters: Mapping[str, str], *, person: Caseworker, now: dt.datetime) -> CaseQuerySet:
    """Apply validated filter codes."""
    exact = {name: filters[name] for name in ("stage", "condition", "urgency", "country") if filters.get(name)}
    return cases.filter(_view(filters, now), _owner(filters, person), **exact)


@dataclass(frozen=True)
class QueuePage:
    """One page of rows (dictionaries of coded columns) and the cursor of the next."""

    rows: list[dict[str, Any]]
    next_cursor: str


def queue_page(person: Caseworker, filters: Mapping[str, str], *, cursor: Cursor | None, now: dt.datetime) -> QueuePage:
    """Return up to 50 cases visible to *person*, in the order in which they are due. One query."""
    visible: CaseQuerySet = Case.objects.visible_to(person, now=now)
    cases = after(filtered(visible, filters, person=person, now=now), cursor)
    rows = list(cases.order_by("due_at", "urgency_rank", "id").values(*COLUMNS)[: PAGE + 1])
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    following = Cursor(last["due_at"], last["urgency_rank"], last["id"]).text() if last else ""
    return QueuePage(rows[:PAGE], following)


@dataclass(frozen=True)
class TodayCounts:
    """The tiles of the first page."""

    new_requests: int
    mine_overdue: int
    mine_soon: int
    unowned: int
    overdue: int
    alerts: int
    lost_contact: int


def today_counts(person: Caseworker, *, now: dt.datetime) -> TodayCounts:
    """Count the queues of *person* in two queries."""
    cases: CaseQuerySet = Case.objects.visible_to(person, now=now).open()
    late, soon, mine = Q(due_at__lt=now), Q(due_at__gte=now, due_at__lt=now + SOON), Q(owner=person)
    counted = cases.aggregate(
        mine_overdue=Count("id", filter=mine & late),
        mine_soon=Count("id", filter=mine & soon),
        unowned=Count("id", filter=Q(owner__isnull=True)),
        overdue=Count("id", filter=late),
        alerts=Count("id", filter=Q(condition__in=ALERTS)),
        lost_contact=Count("id", filter=Q(condition=Condition.LOST_CONTACT)),
    )
    waiting = HelpRequest.objects.visible_to(person).awaiting_triage().count()
    return TodayCounts(new_requests=waiting, **counted)


def triage_rows(person: Caseworker) -> list[HelpRequest]:
    """Return the first 50 requests nobody has decided on, most urgent and oldest first. One query."""
    waiting = HelpRequest.objects.visible_to(person).awaiting_triage()
    return list(waiting.order_by("urgency", "received_on", "id")[:PAGE])
