"""What has happened in a case and what waits in it, for its page: path, checks, attempts, tasks, dates, an offer, the target of its stage. One query.

The tables are laid side by side in the same columns, and each row becomes an unsaved instance of its model again, so that a page reads it
like any other.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import (
    BooleanField,
    CharField,
    DateField,
    DateTimeField,
    ExpressionWrapper,
    F,
    IntegerField,
    Q,
    QuerySet,
    UUIDField,
    Value,
)
from django.db.models.functions import Cast, Coalesce

from caseworker.compiled import Statement, rows_of, statement_of
from caseworker.models.accounts import Caseworker
from requests_app.enums import Urgency
from requests_app.enums_work import TaskState
from requests_app.models.access import VerificationCheck
from requests_app.models.cases import Case, StageSpell
from requests_app.models.deadlines import Deadline, StageTarget
from requests_app.models.handovers import Handover
from requests_app.models.work import ContactAttempt, Task
from requests_app.queries.prepared import prepared_about

SHOWN_TASKS, SHOWN_ATTEMPTS = 30, 3


class Row(NamedTuple):
    """One row of any of the tables; what a table has not is None or empty."""

    table: str
    id: UUID | None
    code: str
    more: str
    reason: str
    who: str
    day: Any
    until: Any
    at: Any
    flag: bool
    n1: int
    n2: int
    n3: int
    n4: int


def _text(value: str = "") -> Value:
    return Value(value, output_field=CharField())


def _number(name: str) -> Any:
    return Cast(F(name), IntegerField())


EMPTY: Mapping[str, Any] = {
    "id": Cast(Value(None), UUIDField()),
    "code": _text(),
    "more": _text(),
    "reason": _text(),
    "who": _text(),
    "day": Cast(Value(None), DateField()),
    "until": Cast(Value(None), DateField()),
    "at": Cast(Value(None), DateTimeField()),
    "flag": Value(False, output_field=BooleanField()),
    **{f"n{place}": Value(0, output_field=IntegerField()) for place in range(1, 5)},
}


def _alias(field: str) -> Any:
    return Coalesce(F(f"{field}__alias"), _text())


def _laid_out(table: str, rows: QuerySet[Any], **columns: Any) -> QuerySet[Any]:
    named = {f"r_{name}": value for name, value in {**EMPTY, **columns}.items()}
    made: QuerySet[Any] = rows.order_by().annotate(r_table=_text(table), **named)
    return made.values_list(*(f"r_{name}" for name in Row._fields))


def _ask_parts(_person: Caseworker, now: dt.datetime, case: UUID, stage: str) -> tuple[Statement, ...]:
    """Compile the tables in the same columns."""
    targets = StageTarget.objects.filter(stage=stage)
    hours = ("now_hours", "days_3_hours", "weeks_2_hours", "routine_hours")
    has_note = ExpressionWrapper(Q(note__isnull=False), output_field=BooleanField())
    tasks = Task.objects.filter(case=case, state=TaskState.OPEN)
    parts = [
        _laid_out("spell", StageSpell.objects.filter(case=case), id=F("id"), code=F("stage"), more=F("condition"), reason=F("reason"),
                  who=_alias("moved_by"), day=F("entered_on"), until=F("left_on"), flag=F("is_estimated"), n1=_number("seq")),
        _laid_out("check", VerificationCheck.objects.filter(case=case), id=F("id"), code=F("code"), more=F("outcome"),
                  who=_alias("checked_by"), day=F("checked_on"), flag=F("is_void"), n1=_number("level_after")),
        _laid_out("attempt", ContactAttempt.objects.filter(case=case), id=F("id"), code=F("result"), more=F("channel"),
                  who=_alias("tried_by"), at=F("tried_at")),
        _laid_out("task", tasks, id=F("id"), code=F("kind"), more=F("rule"), who=_alias("assigned_to"), at=F("due_at"), flag=has_note),
        _laid_out("date", Deadline.objects.filter(case=case), id=F("id"), code=F("kind"), more=F("ended_as"), who=_alias("set_by"),
                  day=F("due_on"), until=F("done_on")),
        _laid_out("offer", Handover.objects.waiting(now=now).filter(case=case), id=F("id"), who=_alias("to_person"), at=F("expires_at")),
        _laid_out("target", targets, code=F("stage"), **{f"n{place}": _number(name) for place, name in enumerate(hours, 1)}),
    ]  # fmt: skip
    return (statement_of(parts[0].union(*parts[1:], all=True)),)


_FIELDS_OF: Mapping[str, Any] = {
    "id": StageSpell._meta.get_field("id"),
    "day": StageSpell._meta.get_field("entered_on"),
    "until": StageSpell._meta.get_field("left_on"),
    "at": Case._meta.get_field("due_at"),
    "flag": StageSpell._meta.get_field("is_estimated"),
}
FIELDS = tuple(_FIELDS_OF.get(name) for name in Row._fields)


def _somebody(alias: str) -> Caseworker | None:
    return Caseworker(alias=alias) if alias else None


@dataclass(frozen=True)
class Dossier:
    """The history of a case, latest first; checks, tasks and dates in their order; the last attempts; an offer that stands; the organization's own targets."""

    spells: list[StageSpell]
    checks: list[VerificationCheck]
    attempts: list[ContactAttempt]
    tasks: list[Task]
    deadlines: list[Deadline]
    offer: Handover | None
    hours: Mapping[Urgency, int] | None


def _spells(rows: Iterable[Row]) -> list[StageSpell]:
    found = (
        StageSpell(
            id=row.id, seq=row.n1, stage=row.code, condition=row.more, reason=row.reason, entered_on=row.day, left_on=row.until,
            is_estimated=row.flag, moved_by=_somebody(row.who),
        )
        for row in rows
    )  # fmt: skip
    return sorted(found, key=lambda spell: -spell.seq)


def _checks(rows: Iterable[Row]) -> list[VerificationCheck]:
    found = (
        VerificationCheck(
            id=row.id, code=row.code, outcome=row.more, checked_on=row.day, level_after=row.n1, is_void=row.flag,
            checked_by=_somebody(row.who),
        )
        for row in rows
    )  # fmt: skip
    return sorted(found, key=lambda check: (check.checked_on, check.level_after, check.id))


def _attempts(rows: Iterable[Row]) -> list[ContactAttempt]:
    latest = sorted(rows, key=lambda row: (row.at, row.id), reverse=True)[:SHOWN_ATTEMPTS]
    return [
        ContactAttempt(id=row.id, result=row.code, channel=row.more, tried_at=row.at, tried_by=_somebody(row.who))
        for row in latest
    ]


def _tasks(rows: Iterable[Row]) -> list[Task]:
    """Return the first thirty; ``note_id`` says only whether there is a note."""
    first = sorted(rows, key=lambda row: (row.at, row.id))[:SHOWN_TASKS]
    return [
        Task(
            id=row.id, kind=row.code, rule=row.more, due_at=row.at, assigned_to=_somebody(row.who), note_id=row.id if row.flag else None
        )
        for row in first
    ]  # fmt: skip


def _deadlines(rows: Iterable[Row]) -> list[Deadline]:
    found = (
        Deadline(id=row.id, kind=row.code, ended_as=row.more, due_on=row.day, done_on=row.until, set_by=_somebody(row.who))
        for row in rows
    )  # fmt: skip
    return sorted(found, key=lambda date: (date.due_on, date.id))


def dossier_of(case: Case, *, person: Caseworker, now: dt.datetime) -> Dossier:
    """Return what has happened in the case, which *person* sees, and what waits in it. One query, however much there is."""
    (statement,) = prepared_about(case.id, _ask_parts, person, now, str(case.stage))
    tables: dict[str, list[Row]] = {}
    for values in rows_of(statement, FIELDS):
        row = Row(*values)
        tables.setdefault(row.table, []).append(row)
    targets = [dict(zip(Urgency, row[-4:], strict=True)) for row in tables.get("target", ())]
    return Dossier(
        spells=_spells(tables.get("spell", ())),
        checks=_checks(tables.get("check", ())),
        attempts=_attempts(tables.get("attempt", ())),
        tasks=_tasks(tables.get("task", ())),
        deadlines=_deadlines(tables.get("date", ())),
        offer=next(
            (Handover(id=row.id, to_person=_somebody(row.who), expires_at=row.at) for row in tables.get("offer", ())),
            None,
        ),
        hours=targets[0] if targets else None,
    )
