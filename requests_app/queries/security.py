"""What the security officer's page shows of cases: numbers, references and hours; no content and no name of anybody who asked for help."""

import datetime as dt
import uuid
from collections import Counter
from dataclasses import dataclass

from caseworker.enums import AlarmKind
from caseworker.models.accounts import Caseworker
from caseworker.queries_panic import AlarmLine, alarms
from requests_app.enums import ReasonCode
from requests_app.honeytokens import planted_cases
from requests_app.models.cases import Case
from requests_app.models.locks import CaseLock
from requests_app.models.reveals import Reveal

DAYS_SHOWN = 7


@dataclass(frozen=True)
class RevealLine:
    """How many records one person opened on each of the days shown."""

    alias: str
    numbers: list[int]


@dataclass(frozen=True)
class RevealTable:
    """Days, newest first, and a line for everybody who opened anything on them."""

    days: list[dt.date]
    lines: list[RevealLine]


def reveal_table(at: dt.datetime) -> RevealTable:
    """Return the reveals per person and UTC day of the last week. One query."""
    today = at.astimezone(dt.UTC).date()
    days = [today - dt.timedelta(days=back) for back in range(DAYS_SHOWN)]
    begins = dt.datetime.combine(days[-1], dt.time(), dt.UTC)
    rows = Reveal.objects.filter(hour__gte=begins).order_by("person__alias").values_list("person__alias", "hour")
    counted = Counter((alias, hour.astimezone(dt.UTC).date()) for alias, hour in rows)
    people = list(dict.fromkeys(alias for alias, _day in counted))
    return RevealTable(days, [RevealLine(alias, [counted[alias, day] for day in days]) for alias in people])


@dataclass(frozen=True)
class LockLine:
    """One standing lock."""

    reference: str
    reason: str
    locked_by: str
    locked_on: dt.date


def locked_cases() -> list[LockLine]:
    """Return the standing locks, newest first. One query."""
    rows = CaseLock.objects.filter(lifted_on__isnull=True).select_related("case", "locked_by")
    return [
        LockLine(row.case.reference, str(ReasonCode(row.reason).label), row.locked_by.alias, row.locked_on)
        for row in rows
    ]


@dataclass(frozen=True)
class PlantedLine:
    """One honeytoken."""

    id: uuid.UUID
    reference: str
    codename: str
    circle: str
    is_open: bool


def planted_lines() -> list[PlantedLine]:
    """Return the honeytokens."""
    return [
        PlantedLine(case.id, case.reference, case.codename, case.circle.name, case.is_open) for case in planted_cases()
    ]


@dataclass(frozen=True)
class ShownAlarm:
    """An alarm with the reference of the honeytoken it is about, if it is about one."""

    line: AlarmLine
    reference: str


def shown_alarms(*, viewer: Caseworker) -> list[ShownAlarm]:
    """Return the newest alarms, open ones first."""
    lines = alarms(viewer=viewer)
    planted = [line.object_id for line in lines if line.kind_code == AlarmKind.HONEYTOKEN]
    names = dict(Case.objects.filter(id__in=planted).values_list("id", "reference")) if planted else {}
    return [ShownAlarm(line, names.get(line.object_id, "")) for line in lines]
