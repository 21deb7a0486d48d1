"""When a case is due, from stored facts: the one function that every action which changes one of them writes the answer of."""

import datetime as dt
from collections.abc import Iterable, Mapping
from uuid import UUID

from django.db.models import QuerySet

from caseworker.compiled import find, find_first
from requests_app.clock_codes import DeadlineKind, RuleKind
from requests_app.clocks import FAR, Dates, StageClock, check_in_due, hour_of, next_due, target_due
from requests_app.enums import Condition, Stage, Urgency
from requests_app.models.cases import Case
from requests_app.models.deadlines import Deadline, StageTarget
from requests_app.queries.stays import Stays, stays_of


def own_hours(stage: Stage) -> Mapping[Urgency, int] | None:
    """Return the organization's own targets for the stage, if it has any."""
    row = find_first(_ask_targets, stage)
    return row.hours() if row else None


def _ask_targets(stage: str) -> QuerySet[StageTarget]:
    return StageTarget.objects.filter(stage=stage)


def _ask_waiting(case: UUID) -> QuerySet[Deadline]:
    return Deadline.objects.filter(case=case, done_on__isnull=True)


def stage_clock(case: Case, changes: Mapping[str, object] | None = None) -> StageClock:
    """Return the stored facts of the target clock of *case*, with *changes* applied."""
    facts = {name: getattr(case, name) for name in _CLOCK_COLUMNS} | dict(changes or {})
    return StageClock(
        stage=Stage(facts["stage"]),
        condition=Condition(facts["condition"]),
        urgency=Urgency(facts["urgency"]),
        started_at=facts["clock_started_at"],
        condition_at=facts["condition_at"],
        paused=dt.timedelta(seconds=facts["paused_seconds"]),
        ask_again_on=facts["next_action_on"],
    )


_CLOCK_COLUMNS = (
    "stage",
    "condition",
    "urgency",
    "clock_started_at",
    "condition_at",
    "paused_seconds",
    "next_action_on",
)


def dates_of(typed: Iterable[Deadline], stays: Stays) -> Dates:
    """Return the days that bring a case forward: its typed dates that wait, and the ends of its running clocks."""
    ends = [(one.rule.kind, one.ends_on) for one in stays.running if one.ends_on is not None]
    return Dates(
        typed=[(DeadlineKind(one.kind), one.due_on) for one in typed if one.done_on is None],
        stay_ends=[day for kind, day in ends if kind != RuleKind.REGISTRATION],
        registrations=[day for kind, day in ends if kind == RuleKind.REGISTRATION],
    )


_CONTACT_COLUMNS = ("stage", "condition", "moved_at", "condition_at", "contacted_at")


def next_check_in(case: Case, changes: Mapping[str, object] | None = None) -> dt.datetime:
    """Return when the next check-in of *case* is due, with *changes* applied: after the last contact, or the begin of stage or condition."""
    facts = {name: getattr(case, name) for name in _CONTACT_COLUMNS} | dict(changes or {})
    begins = (facts["moved_at"], hour_of(facts["condition_at"]), facts["contacted_at"])
    since = max(begin for begin in begins if begin is not None)
    return check_in_due(Stage(facts["stage"]), Condition(facts["condition"]), since)


def due_changes(case: Case, changes: Mapping[str, object] | None = None) -> dict[str, object]:
    """Return *changes* with ``due_at``, ``check_in_due_at`` and ``stay_ends_on`` as the stored facts of *case* and these changes make them.

    Needs no clock of the wall: a write that comes ten days late computes the same.
    """
    clock = stage_clock(case, changes)
    if clock.stage == Stage.CLOSED:
        return dict(changes or {}) | {"due_at": FAR, "check_in_due_at": FAR, "stay_ends_on": None}
    dates = dates_of(find(_ask_waiting, case.id), stays_of(case))
    due = next_due(clock, dates, hours=own_hours(clock.stage))
    ends = min(dates.stay_ends, default=None)
    return dict(changes or {}) | {"due_at": due, "check_in_due_at": next_check_in(case, changes), "stay_ends_on": ends}


def first_due(stage: Stage, urgency: Urgency, now: dt.datetime) -> dict[str, object]:
    """Return the clock facts of a case that begins now."""
    due = target_due(stage, Condition.ACTIVE, urgency, now, hours=own_hours(stage))
    check_in = check_in_due(stage, Condition.ACTIVE, hour_of(now))
    clocks: dict[str, object] = {"clock_started_at": now, "condition_at": now, "moved_at": hour_of(now)}
    return clocks | {"due_at": due, "check_in_due_at": check_in}


def arrive(now: dt.datetime) -> dict[str, object]:
    """Return the changes that a new stage brings to the clocks: the target begins anew, and so does the rhythm of check-ins."""
    return {"clock_started_at": now, "paused_seconds": 0, "moved_at": hour_of(now)}
