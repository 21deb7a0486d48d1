"""When something is due. Pure: computed from stored facts, so a job that did not run for ten days makes nothing wrong."""

import datetime as dt

from requests_app.enums import Condition, Stage, Urgency
from requests_app.stages import CONDITIONS, STAGES, TargetKind

FAR = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)
"""Stored when nothing is due, so that the queue is one plain ascending index."""

MAX_PAUSE = dt.timedelta(days=60)
ERASE_AFTER_CLOSING = dt.timedelta(days=90)
ARCHIVE_AFTER_CLOSING = dt.timedelta(days=90)
PAUSE_BEFORE_ERASURE = dt.timedelta(hours=48)
ERASE_DURING_ASYLUM_ELSEWHERE = dt.timedelta(days=180)

URGENCY_RANK = {urgency: rank for rank, urgency in enumerate(Urgency)}


def target_due(stage: Stage, condition: Condition, urgency: Urgency, entered_at: dt.datetime) -> dt.datetime:
    """Return the moment by which somebody must act.

    A condition with a clock of its own (detained: 3 hours) rules over the stage's target; a stage whose date is typed in falls back on
    its check-in rhythm until it is; nothing is due in a closed case.
    """
    if clock := CONDITIONS[condition].clock_hours:
        return entered_at + dt.timedelta(hours=clock[urgency])
    row = STAGES[stage]
    if row.target.hours is not None:
        return entered_at + dt.timedelta(hours=row.target.hours[urgency])
    if row.target.kind is TargetKind.NONE or row.checkin_hours is None:
        return FAR
    return entered_at + dt.timedelta(hours=row.checkin_hours)


def check_in_due(stage: Stage, last_contact_at: dt.datetime) -> dt.datetime:
    """Return when the next check-in is due."""
    hours = STAGES[stage].checkin_hours
    return FAR if hours is None else last_contact_at + dt.timedelta(hours=hours)


def monday_of(day: dt.date) -> dt.date:
    """Return the Monday of the ISO week: how exit and border days are kept once they are past."""
    return day - dt.timedelta(days=day.weekday())


def erase_after(closed_on: dt.date, *, asylum_elsewhere: bool) -> dt.date:
    """Return the day after which contacts and notes of a closed case are erased."""
    return closed_on + (ERASE_DURING_ASYLUM_ELSEWHERE if asylum_elsewhere else ERASE_AFTER_CLOSING)
