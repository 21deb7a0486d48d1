"""Pages and counts of the queues. Nothing is decrypted, and the number of queries does not depend on the size.

Order: overdue first, then urgency, then whoever waits longest, then the primary key. Pages are cut by key, not by offset: page 10,000 costs
what page 1 costs. What is overdue is judged at the moment the first page was opened, so that nobody slips from a later page to an earlier one.
"""

import contextlib
import datetime as dt
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import product
from operator import itemgetter, or_
from typing import Any
from uuid import UUID

from django.core import signing
from django.core.exceptions import EmptyResultSet
from django.db import models
from django.db.models import Count, Exists, OuterRef, Q, Subquery, Value, When
from django.db.models.expressions import RawSQL
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from caseworker.compiled import Statement, rows_of, statement_of
from caseworker.models.accounts import Caseworker
from caseworker.permissions import Permission, permits
from requests_app.clocks import UNDO_WITHIN, URGENCY_RANK
from requests_app.enums import ReleaseState, RowResult, Urgency
from requests_app.models.cases import Case, CaseQuerySet
from requests_app.models.counts import Release
from requests_app.models.duplicates import DuplicatePair
from requests_app.models.help_requests import HelpRequest
from requests_app.models.membership import circles_of
from requests_app.models.queues import BulkBatch, BulkChange
from requests_app.models.retention import RetentionHold
from requests_app.queries import retention
from requests_app.queries.handovers import waiting_for
from requests_app.queries.prepared import prepared
from requests_app.queries.queue_table import (
    MINE,
    OPEN,
    QUEUES,
    SCOPES,
    UNASSIGNED,
    QueueRow,
    Scope,
    Window,
    owned_by,
    queues_of,
    windows,
)
from requests_app.queries.ranges import Bound, Order, Range, after_key, bases_of, first_ids

PAGE = 50
RANKS = tuple(URGENCY_RANK.values())
KEY = ("urgency_rank", "due_at", "id")
TRIAGE_KEY = ("urgency", "received_on", "id")
COLUMNS = (
    "id", "reference", "codename", "urgency", "stage", "condition", "due_at", "urgency_rank", "category", "country", "touched_on", "version",
    "is_open", "erasure_due_at", "erase_after", "locked_on", "claimed_until", "owner__alias", "held_until",
)  # fmt: skip
ELSEWHERE = {
    "owner__alias": Caseworker._meta.get_field("alias"),
    "held_until": RetentionHold._meta.get_field("until"),
}
FIELDS: tuple[Any, ...] = tuple(ELSEWHERE.get(name) or Case._meta.get_field(name) for name in COLUMNS)
EXACT = ("stage", "condition", "urgency", "country", "category", "circle")


@dataclass(frozen=True)
class Cursor:
    """The last row of a page, and the moment that says what is overdue; the next page begins after it."""

    as_of: dt.datetime
    due_at: dt.datetime
    rank: int
    id: UUID

    def text(self) -> str:
        """Return the cursor as it stands in an address: signed, and of no meaning to a reader."""
        return signing.dumps(
            [self.as_of.isoformat(), self.due_at.isoformat(), self.rank, str(self.id)], salt="case-queue"
        )


def parse_cursor(text: str) -> Cursor | None:
    """Return the cursor of an address, or None for anything else."""
    try:
        as_of, due_at, rank, id_ = signing.loads(text, salt="case-queue")
    except signing.BadSignature:
        return None
    return Cursor(dt.datetime.fromisoformat(as_of), dt.datetime.fromisoformat(due_at), rank, UUID(id_))


def _within(window: Window) -> tuple[Bound, ...]:
    start, end = window
    since = (Bound("due_at", ">=", start),) if start else ()
    return (*since, Bound("due_at", "<", end)) if end else since


def _rest_of(window: Window, rank: Bound, cursor: Cursor) -> Iterator[Range]:
    """Yield what follows the cursor's row within its own window and urgency."""
    until = tuple(bound for bound in _within(window) if bound.operator == "<")
    yield (rank, Bound("due_at", "=", cursor.due_at), Bound("id", ">", cursor.id))
    yield (rank, Bound("due_at", ">", cursor.due_at), *until)


def _holds(window: Window, moment: dt.datetime) -> bool:
    start, end = window
    return (start is None or start <= moment) and (end is None or moment < end)


def case_ranges(row: QueueRow, *, ranks: Sequence[int], cursor: Cursor | None, now: dt.datetime) -> list[Range]:
    """Return the index ranges of a page in its order: the rest of the cursor's own, then each urgency, first of what is overdue."""
    as_of = cursor.as_of if cursor else now
    spans = windows(row.span, as_of)
    ranges: list[Range] = []
    is_past = cursor is None
    for window in spans:
        for rank in ranks:
            same = Bound("urgency_rank", "=", rank)
            if is_past or cursor is None:
                ranges.append((same, *_within(window)))
            elif rank == cursor.rank and _holds(window, cursor.due_at):
                ranges.extend(_rest_of(window, same, cursor))
                is_past = True
    return ranges


Filters = Mapping[str, Any]
"""Validated codes by name of the filter; ``owner`` is *me*, *none* or a person."""


def _owner_parts(filters: Filters, person: Caseworker, now: dt.datetime) -> list[Q]:
    match filters.get("owner"):
        case "me":
            return [part(person, now) for part in MINE]
        case "none":
            return [part(person, now) for part in UNASSIGNED]
        case Caseworker() | UUID() as owner:
            return [owned_by(owner, now)]
    return [Q()]


def _exactly(filters: Filters) -> Q:
    return Q(**{name: filters[name] for name in EXACT if filters.get(name)})


def queue_of(filters: Filters) -> QueueRow:
    """Return the queue that the filters name, else all open cases."""
    return QUEUES.get(filters.get("queue") or OPEN, QUEUES[OPEN])


def question(filters: Filters, *, person: Caseworker, now: dt.datetime) -> Q:
    """Return queue and filters as one condition, for counting."""
    return queue_of(filters).question(person, now) & _exactly(filters) & reduce(or_, _owner_parts(filters, person, now))


Codes = tuple[tuple[str, Hashable], ...]
"""Filters as codes and ids alone, in one order: what a question is kept under."""


def _codes(filters: Filters) -> Codes:
    ids = ((name, getattr(value, "pk", value)) for name, value in filters.items() if value)
    return tuple(sorted(ids, key=itemgetter(0)))


def _parts(person: Caseworker, now: dt.datetime, filters: Filters) -> Iterator[CaseQuerySet]:
    """Yield the disjoint parts of a queue, each as a queryset of what *person* may know of."""
    row = queue_of(filters)
    visible: CaseQuerySet = Case.objects.visible_to(person, now=now).filter(SCOPES[row.scope], _exactly(filters))
    for part, owners in product(row.parts, _owner_parts(filters, person, now)):
        yield visible.filter(part(person, now), owners)


def _ask_parts(person: Caseworker, now: dt.datetime, codes: Codes) -> tuple[Statement, ...]:
    return bases_of(_parts(person, now, dict(codes)), KEY)


def _ask_free(person: Caseworker, now: dt.datetime, codes: Codes, circles: tuple[UUID, ...]) -> tuple[Statement, ...]:
    claimable = Q(circle__in=circles, erasure_due_at__isnull=True)
    return bases_of((part.filter(claimable) for part in _parts(person, now, dict(codes))), KEY)


def _ranks(filters: Filters) -> tuple[int, ...]:
    return (URGENCY_RANK[Urgency(filters["urgency"])],) if filters.get("urgency") else RANKS


def ordered(cases: CaseQuerySet, *, as_of: dt.datetime) -> CaseQuerySet:
    """Put cases into the order of every queue."""
    lateness = models.Case(When(due_at__lt=as_of, then=Value(0)), default=Value(1))
    return cases.order_by(lateness, *KEY)


def _ranges(filters: Filters, cursor: Cursor | None, now: dt.datetime) -> list[Range]:
    return case_ranges(queue_of(filters), ranks=_ranks(filters), cursor=cursor, now=now)


def _first_ids(
    person: Caseworker, filters: Filters, *, cursor: Cursor | None, now: dt.datetime, limit: int
) -> Statement:
    bases = prepared(_ask_parts, person, now, _codes(filters))
    return first_ids(bases, _ranges(filters, cursor, now), Order(Case, KEY, limit))


def first_cases(person: Caseworker, filters: Filters, *, now: dt.datetime, limit: int) -> CaseQuerySet:
    """Return the first *limit* cases of a queue, in its order."""
    ids = RawSQL(*_first_ids(person, filters, cursor=None, now=now, limit=limit))  # noqa: S611
    return ordered(Case.objects.filter(id__in=ids), as_of=now)


def number_of_cases(person: Caseworker, filters: Filters, *, now: dt.datetime) -> int:
    """Count all cases of a queue. One query."""
    return Case.objects.visible_to(person, now=now).filter(question(filters, person=person, now=now)).count()


def batch_to_take_back(person: Caseworker, *, now: dt.datetime) -> BulkBatch | None:
    """Return the latest change of several cases that *person* can still take back. One query."""
    changed = BulkChange.objects.filter(batch=OuterRef("id"), result=RowResult.CHANGED)
    mine = BulkBatch.objects.filter(Exists(changed), made_by=person, made_at__gte=now - UNDO_WITHIN)
    return mine.order_by("-made_at", "id").first()


@dataclass(frozen=True)
class QueuePage:
    """One page of rows (dictionaries of coded columns) and the cursor of the next."""

    rows: list[dict[str, Any]]
    next_cursor: str


def _ask_rows(_person: Caseworker, as_of: dt.datetime) -> tuple[Statement, ...]:
    """Compile the columns of the cases whose ids are in ``page``."""
    holds = RetentionHold.objects.standing(day=as_of.date()).filter(case=OuterRef("pk")).order_by()
    rows = ordered(Case.objects.filter(id__in=RawSQL("SELECT id FROM page", ())), as_of=as_of)
    return (statement_of(rows.annotate(held_until=Subquery(holds.values("until")[:1])).values(*COLUMNS)),)


def queue_page(person: Caseworker, filters: Filters, *, cursor: Cursor | None, now: dt.datetime) -> QueuePage:
    """Return up to 50 cases visible to *person*. One query."""
    as_of = cursor.as_of if cursor else now
    ids, values = _first_ids(person, filters, cursor=cursor, now=now, limit=PAGE + 1)
    ((sql, own),) = prepared(_ask_rows, person, as_of)
    found = rows_of((f"WITH page AS ({ids}) {sql}", (*values, *own)), FIELDS)
    rows = [dict(zip(COLUMNS, row, strict=True)) for row in found]
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    following = Cursor(as_of, last["due_at"], last["urgency_rank"], last["id"]).text() if last else ""
    return QueuePage(rows[:PAGE], following)


def _ask_counts(person: Caseworker, now: dt.datetime, views: tuple[Codes, ...]) -> tuple[Statement, ...]:
    """Compile one count for each counted queue of *person* and each of *views*, in this order."""
    filters = [dict(codes) for codes in views]
    counted = [row for row in queues_of(person).values() if row.is_counted]
    rows = [*counted, *map(queue_of, filters)]
    asked = [row.question(person, now) for row in counted] + [question(one, person=person, now=now) for one in filters]
    closed = [asks for asks, row in zip(asked, rows, strict=True) if row.scope is not Scope.OPEN]
    visible: CaseQuerySet = Case.objects.visible_to(person, now=now)
    counts = {f"n{place}": Count("id", filter=asks) for place, asks in enumerate(asked)}
    whole = visible.filter(reduce(or_, closed, Q(is_open=True))).order_by().annotate(all=Value(1)).values("all")
    with contextlib.suppress(EmptyResultSet):
        return (statement_of(whole.annotate(**counts).values_list(*counts)),)
    return ()


def queue_counts(
    person: Caseworker, views: Mapping[UUID, Filters], *, now: dt.datetime
) -> tuple[dict[str, int], dict[UUID, int]]:
    """Count every queue of *person* and every one of *views*: one grouped query over what they may know of."""
    queues = [code for code, row in queues_of(person).items() if row.is_counted]
    names: list[str | UUID] = [*queues, *views]
    numbers = [0] * len(names)
    for statement in prepared(_ask_counts, person, now, tuple(map(_codes, views.values()))):
        (numbers,) = rows_of(statement, ())
    return dict(zip(queues, numbers, strict=False)), dict(zip(views, numbers[len(queues) :], strict=True))


def _waiting_requests(person: Caseworker, _now: dt.datetime) -> int:
    return HelpRequest.objects.visible_to(person).awaiting_triage().count()


def _waiting_pairs(person: Caseworker, now: dt.datetime) -> int:
    return DuplicatePair.objects.visible_to(person, now=now).undecided().count_people()


def _waiting_answers(person: Caseworker, now: dt.datetime) -> int:
    return waiting_for(person, now=now)


def _waiting_releases(_person: Caseworker, _now: dt.datetime) -> int:
    return Release.objects.filter(state=ReleaseState.AWAITING).count()


def _blocked_erasures(_person: Caseworker, now: dt.datetime) -> int:
    return retention.blocked_count(now)


@dataclass(frozen=True)
class PageRow:
    """Something else that waits, on a page of its own: who sees it, and how it is counted in a fixed number of queries."""

    title: str | Promise
    url_name: str
    permission: Permission
    count: Callable[[Caseworker, dt.datetime], int]
    tone: str = "warn"


PAGES: tuple[PageRow, ...] = (
    PageRow(_("New requests"), "triage_queue", Permission.VIEW_CASES, _waiting_requests),
    PageRow(_("Duplicates to decide"), "duplicates", Permission.DECIDE_DUPLICATES, _waiting_pairs),
    PageRow(_("Waiting for my answer"), "handovers", Permission.VIEW_CASES, _waiting_answers),
    PageRow(_("Releases to approve"), "releases", Permission.APPROVE_RELEASE, _waiting_releases),
    PageRow(_("Erasure due, but blocked"), "retention", Permission.KEEP_RETENTION, _blocked_erasures),
)


def pages_of(person: Caseworker, *, now: dt.datetime) -> list[tuple[PageRow, int]]:
    """Count what else waits for *person*."""
    return [(row, row.count(person, now)) for row in PAGES if permits(person, row.permission)]


def parse_triage_cursor(text: str) -> list[str] | None:
    """Return the key of the last row of a page of requests, or None for anything else."""
    try:
        key: list[str] = signing.loads(text, salt="triage-queue")
    except signing.BadSignature:
        return None
    return key


@dataclass(frozen=True)
class TriagePage:
    """One page of undecided requests and the cursor of the next."""

    rows: list[HelpRequest]
    next_cursor: str


def triage_page(person: Caseworker, filters: Filters, *, after: Sequence[str] | None) -> TriagePage:
    """Return up to 50 requests nobody has decided on, most urgent and then oldest first. One query."""
    waiting = HelpRequest.objects.visible_to(person).awaiting_triage()
    exact = Q(**{name: value for name, value in filters.items() if value})
    ranges: list[Range] = after_key(list(zip(TRIAGE_KEY, after, strict=True))) if after else [()]
    bases = bases_of([waiting.filter(exact)], TRIAGE_KEY)
    ids = RawSQL(*first_ids(bases, ranges, Order(HelpRequest, TRIAGE_KEY, PAGE + 1)))  # noqa: S611
    rows = list(HelpRequest.objects.filter(id__in=ids).order_by(*TRIAGE_KEY))
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    key = [last.urgency, last.received_on.isoformat(), str(last.id)] if last else None
    return TriagePage(rows[:PAGE], signing.dumps(key, salt="triage-queue") if key else "")


def next_unassigned(person: Caseworker, filters: Filters, *, now: dt.datetime, limit: int) -> CaseQuerySet:
    """Return the first free cases of the circles that *person* reads, in the order of the queue; nobody who wants to be erased."""
    asked = {**filters, "queue": "unassigned", "owner": ""}
    own_circles = tuple(circles_of(person))  # as values, so that PostgreSQL knows how many cases they hold
    bases = prepared(_ask_free, person, now, _codes(asked), own_circles)
    ids = RawSQL(*first_ids(bases, _ranges(asked, None, now), Order(Case, KEY, limit)))  # noqa: S611
    still_free = queue_of(asked).question(person, now) & Q(erasure_due_at__isnull=True)
    return ordered(Case.objects.filter(still_free, id__in=ids), as_of=now)
