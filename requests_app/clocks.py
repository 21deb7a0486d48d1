"""When something is due. Pure: computed from stored facts, so a job that did not run for ten days makes nothing wrong.

Stored are when a clock began, under which version of a rule, and how long it stood still; everything else is computed here. Two families:

- *target clocks* of stages and conditions, in hours; they stand still while the path does (``stands_still``);
- *stay clocks* of countries, in days; nothing stops them. A day counts if the person was present on it, entry and exit days included, so
  on the day of a crossing both countries count it. Each country counts its own days; how many intervals there are decides the cost, not
  how many days.
"""

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

from requests_app.clock_codes import DeadlineKind, RuleKind
from requests_app.enums import Condition, Outcome, Stage, Urgency
from requests_app.rules import CONSEQUENCES
from requests_app.stages import CONDITIONS, STAGES, TargetKind

FAR = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)
"""Stored when nothing is due, so that the queue is one plain ascending index."""

MAX_PAUSE = dt.timedelta(days=60)
MAX_TASK = dt.timedelta(days=366)
ERASE_AFTER_CLOSING = dt.timedelta(days=90)
ARCHIVE_AFTER_CLOSING = dt.timedelta(days=90)
CLAIM_LASTS = dt.timedelta(hours=2)
UNDO_WITHIN = dt.timedelta(minutes=15)
PAUSE_BEFORE_ERASURE = dt.timedelta(hours=48)
ERASE_DURING_ASYLUM_ELSEWHERE = dt.timedelta(days=180)
ASYLUM_ELSEWHERE = frozenset({Outcome.SAFE_ABROAD, Outcome.REFERRED})
"""Outcomes after which an asylum procedure may still run elsewhere, and the texts be needed for longer."""

STAY_WARNING_DAYS = 7
LONGEST_RULE_DAYS = 3660

DAY = dt.timedelta(days=1)
NO_PAUSE = dt.timedelta()
URGENCY_RANK = {urgency: rank for rank, urgency in enumerate(Urgency)}

DATES_OF_STAGES: Mapping[Stage, frozenset[DeadlineKind]] = MappingProxyType(
    {
        Stage.ASYLUM_APPEAL: frozenset({DeadlineKind.APPEAL}),
        Stage.ASYLUM_INTERVIEW: frozenset({DeadlineKind.INTERVIEW}),
    }
)
"""Stages whose target is a date that somebody types in: it is never guessed."""


def midnight(day: dt.date) -> dt.datetime:
    """Return the moment at which *day* begins: from then on something that must be done on it is due."""
    return dt.datetime.combine(day, dt.time(), dt.UTC)


def target_due(
    stage: Stage,
    condition: Condition,
    urgency: Urgency,
    entered_at: dt.datetime,
    *,
    hours: Mapping[Urgency, int] | None = None,
) -> dt.datetime:
    """Return the moment by which somebody must act; *hours* are the organization's own targets for the stage, if it has any.

    A condition with a clock of its own (detained: 3 hours) rules over the stage's target; a stage whose date is typed in falls back on
    its check-in rhythm until it is; nothing is due in a closed case.
    """
    if clock := CONDITIONS[condition].clock_hours:
        return entered_at + dt.timedelta(hours=clock[urgency])
    row = STAGES[stage]
    targets = hours or row.target.hours
    if targets is not None:
        return entered_at + dt.timedelta(hours=targets[urgency])
    if row.target.kind is TargetKind.NONE or row.checkin_hours is None:
        return FAR
    return entered_at + dt.timedelta(hours=row.checkin_hours)


def stands_still(condition: Condition) -> bool:
    """Tell whether the target clock of the stage stands still: exactly while the path does not go on."""
    return not CONDITIONS[condition].moves


@dataclass(frozen=True)
class StageClock:
    """The stored facts of a target clock.

    ``started_at``: when the stage last changed. ``condition_at``: when the present condition began. ``paused``: how long the clock
    had stood still when it did. ``ask_again_on``: the day a pause ends.
    """

    stage: Stage
    condition: Condition
    urgency: Urgency
    started_at: dt.datetime
    condition_at: dt.datetime
    paused: dt.timedelta = NO_PAUSE
    ask_again_on: dt.date | None = None

    @property
    def began_at(self) -> dt.datetime:
        """The moment since which the present condition has acted upon this clock."""
        return max(self.started_at, self.condition_at)

    def paused_by(self, now: dt.datetime) -> dt.timedelta:
        """Return how long the clock has stood still until *now*."""
        return self.paused + (now - self.began_at if stands_still(self.condition) else NO_PAUSE)

    def used(self, now: dt.datetime) -> dt.timedelta:
        """Return how long the clock has run."""
        return now - self.started_at - self.paused_by(now)


def own_due(clock: StageClock, *, hours: Mapping[Urgency, int] | None = None) -> dt.datetime:
    """Return the moment by which somebody must act by the target clock alone.

    While the clock runs: its start, the time it stood still, and the target. While it stands still, the day to ask again, or the
    condition's own clock, or the stage's target counted from the beginning of the condition: nobody is forgotten in a condition.
    """
    if clock.ask_again_on is not None and clock.condition == Condition.PAUSED:
        return midnight(clock.ask_again_on)
    if stands_still(clock.condition) or CONDITIONS[clock.condition].clock_hours:
        return target_due(clock.stage, clock.condition, clock.urgency, clock.began_at, hours=hours)
    return target_due(clock.stage, clock.condition, clock.urgency, clock.started_at + clock.paused, hours=hours)


@dataclass(frozen=True)
class Dates:
    """The days that bring a case forward: typed dates that are not settled, last lawful days of stays, last days to register."""

    typed: Sequence[tuple[DeadlineKind, dt.date]] = ()
    stay_ends: Sequence[dt.date] = ()
    registrations: Sequence[dt.date] = ()

    @property
    def all(self) -> list[dt.date]:
        """Every day, of whatever kind."""
        return [*(day for _kind, day in self.typed), *self.stay_ends, *self.registrations]


def _days_of_stage(stage: Stage, dates: Dates) -> list[dt.date]:
    """Return the days that stand for the target of the stage, if its target is a date and one is known."""
    if STAGES[stage].target.kind is TargetKind.COUNTRY:
        return [*dates.registrations, *dates.stay_ends]
    wanted = DATES_OF_STAGES.get(stage, frozenset())
    return [day for kind, day in dates.typed if kind in wanted]


def stage_due(clock: StageClock, dates: Dates, *, hours: Mapping[Urgency, int] | None = None) -> dt.datetime:
    """Return when the stage itself is due.

    A stage whose target is a date (appeal, interview, registration) goes by that date alone as soon as it is known, unless the person is
    in a condition that asks for something else.
    """
    days = _days_of_stage(clock.stage, dates)
    if days and clock.condition == Condition.ACTIVE:
        return midnight(min(days))
    return own_due(clock, hours=hours)


def next_due(clock: StageClock, dates: Dates, *, hours: Mapping[Urgency, int] | None = None) -> dt.datetime:
    """Return when a case is due: the earliest of its stage, its typed dates and its stay clocks. A closed case is never due."""
    if clock.stage == Stage.CLOSED:
        return FAR
    return min([stage_due(clock, dates, hours=hours), *map(midnight, dates.all)])


def hour_of(at: dt.datetime) -> dt.datetime:
    """Return the full hour before *at* in UTC: as finely as a contact is kept."""
    return at.astimezone(dt.UTC).replace(minute=0, second=0, microsecond=0)


def check_in_due(stage: Stage, condition: Condition, since: dt.datetime) -> dt.datetime:
    """Return when the next check-in is due: *since* is the last contact, or the begin of the stage or condition if that was later.

    The rhythm of a condition (lost contact, detained, extradition) rules over the stage's; some conditions have none.
    """
    consequence = CONSEQUENCES[condition]
    hours = consequence.checkin_hours or STAGES[stage].checkin_hours
    if hours is None or consequence.stops_checkins or STAGES[stage].target.kind is TargetKind.NONE:
        return FAR
    return since + dt.timedelta(hours=hours)


@dataclass(frozen=True)
class Span:
    """A stay in one country, both days included; ``left_on`` None: it goes on."""

    entered_on: dt.date
    left_on: dt.date | None = None
    is_estimated: bool = False


@dataclass(frozen=True)
class StayRule:
    """What a country allows: ``limit`` days, for a rolling rule within any ``window`` days."""

    kind: RuleKind
    limit: int
    window: int = 0


Interval = tuple[int, int]
_NEVER_LEFT = dt.date.max.toordinal()


def presence(spans: Iterable[Span]) -> list[Interval]:
    """Return the days of presence as disjoint intervals of ordinals, ascending; a day counts once however many spans hold it."""
    found: list[Interval] = []
    bounds = ((one.entered_on.toordinal(), one.left_on.toordinal() if one.left_on else _NEVER_LEFT) for one in spans)
    for first, last in sorted(bounds):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return found


def days_within(intervals: Iterable[Interval], first: int, last: int) -> int:
    """Return how many days of the intervals lie in [*first*, *last*]."""
    return sum(max(0, min(end, last) - max(start, first) + 1) for start, end in intervals)


def _counts_from(rule: StayRule, spans: Sequence[Span], day: dt.date) -> dt.date:
    """Return the first day that is counted on *day*."""
    if rule.kind is RuleKind.ROLLING:
        return day - dt.timedelta(days=rule.window - 1)
    if rule.kind is RuleKind.PER_YEAR:
        return day.replace(month=1, day=1)
    return max((one.entered_on for one in spans if one.entered_on <= day), default=day)


def days_used(rule: StayRule, spans: Sequence[Span], day: dt.date) -> int:
    """Return the days of *spans* (of one country) that the rule counts on *day*: for a rolling rule those in [day-(window-1), day]."""
    return days_within(presence(spans), _counts_from(rule, spans, day).toordinal(), day.toordinal())


def _open_since(spans: Iterable[Span]) -> dt.date | None:
    return next((one.entered_on for one in spans if one.left_on is None), None)


def last_lawful_day(rule: StayRule, spans: Sequence[Span]) -> dt.date | None:
    """Return the last lawful day if the open stay among *spans* goes on; None if there is none, or if the rule never ends it.

    It is the day before the first one on which more days are used than the limit; the day before the entry, if the entry itself was
    too early.
    """
    since = _open_since(spans)
    if since is None:
        return None
    if rule.kind is RuleKind.ROLLING:
        return _last_of_rolling(rule, presence(spans), since.toordinal())
    if rule.kind is RuleKind.PER_YEAR:
        return _last_of_years(rule, presence(spans), since)
    return since + dt.timedelta(days=rule.limit - 1)


def _last_of_rolling(rule: StayRule, intervals: list[Interval], since: int) -> dt.date | None:
    """Use that a stay that goes on never lowers the count: each day adds itself and drops at most one."""
    if rule.limit >= rule.window:
        return None
    days = range(since, since + rule.window)
    lawful = bisect_right(days, rule.limit, key=lambda day: days_within(intervals, day - rule.window + 1, day))
    return dt.date.fromordinal(since + lawful - 1)


def _last_of_years(rule: StayRule, intervals: list[Interval], since: dt.date) -> dt.date | None:
    """Look year by year for the first day too many; a limit of 365 ends in a leap year."""
    if rule.limit >= 366:
        return None
    days, lawful = range(0), 0
    year = since.year
    while lawful == len(days):
        new_year, old_year = dt.date(year, 1, 1).toordinal(), dt.date(year, 12, 31).toordinal()
        days = range(max(since.toordinal(), new_year), old_year + 1)
        lawful = bisect_right(days, rule.limit, key=partial(days_within, intervals, new_year))
        year += 1
    return dt.date.fromordinal(days[0] + lawful - 1)


def lawful_entry(rule: StayRule, spans: Sequence[Span], day: dt.date) -> dt.date | None:
    """Return the first day from *day* on when somebody who has left may enter again; None if the rule allows no day at all."""
    if rule.limit < 1:
        return None
    past = presence(spans)
    start = max(day.toordinal(), past[-1][1] if past else 0)

    def with_entry(entry: int) -> int:
        first = _counts_from(rule, (), dt.date.fromordinal(entry)).toordinal()
        return days_within(past, first, entry - 1) + 1

    if rule.kind is RuleKind.PER_YEAR:
        entry = dt.date.fromordinal(start)
        return entry if with_entry(start) <= rule.limit else dt.date(entry.year + 1, 1, 1)
    if rule.kind is not RuleKind.ROLLING or with_entry(start) <= rule.limit:
        return dt.date.fromordinal(start)
    days = range(start + 1, start + rule.window + 1)
    return dt.date.fromordinal(days[bisect_left(days, -rule.limit, key=lambda entry: -with_entry(entry))])


@dataclass(frozen=True)
class StayReading:
    """What a stay clock shows on a day: ``left``: how many days may follow if the stay goes on, or be used if it is over."""

    used: int
    left: int | None
    last_day: dt.date | None
    enter_from: dt.date | None
    is_estimated: bool
    is_running: bool

    def is_over(self, day: dt.date) -> bool:
        """Tell whether the last lawful day lies before *day*; computed, never stored."""
        return self.last_day is not None and self.last_day < day

    def ends_soon(self, day: dt.date) -> bool:
        """Tell whether fewer than seven days may follow."""
        return self.last_day is not None and (self.last_day - day).days < STAY_WARNING_DAYS


def read_stay(rule: StayRule, spans: Sequence[Span], day: dt.date) -> StayReading:
    """Read the clock of one rule for the stays in its country on *day*."""
    used, last = days_used(rule, spans, day), last_lawful_day(rule, spans)
    is_running = _open_since(spans) is not None
    since = _counts_from(rule, spans, day)
    counted = [one for one in spans if one.left_on is None or one.left_on >= since]
    left = max(0, (last - day).days) if last else None if is_running else max(0, rule.limit - used)
    return StayReading(
        used=used,
        left=left,
        last_day=last,
        enter_from=None if is_running else lawful_entry(rule, spans, day),
        is_estimated=any(one.is_estimated for one in counted),
        is_running=is_running,
    )


def counts_until(rule: StayRule, left_on: dt.date) -> dt.date:
    """Return the last day on which a day of a stay that ended on *left_on* can count; afterwards its exact days are needed no more."""
    if rule.kind is RuleKind.ROLLING:
        return left_on + dt.timedelta(days=rule.window - 1)
    return dt.date(left_on.year, 12, 31) if rule.kind is RuleKind.PER_YEAR else left_on


def earliest_plausible(known_elsewhere: Iterable[dt.date]) -> dt.date | None:
    """Return the day to assume for an unknown entry: the latest day on which the person was still elsewhere, or None if no such day is known."""
    return max(known_elsewhere, default=None)


def overlap(one: Span, other: Span) -> bool:
    """Tell whether two stays of one person exclude each other; they may share the day of a crossing."""
    first, second = one.left_on or dt.date.max, other.left_on or dt.date.max
    return one.entered_on < second and other.entered_on < first


def monday_of(day: dt.date) -> dt.date:
    """Return the Monday of the ISO week: how exit and border days are kept once they are past."""
    return day - dt.timedelta(days=day.weekday())


def sunday_of(day: dt.date) -> dt.date:
    """Return the Sunday of the ISO week: how the end of a stay is kept once it is past, so that never fewer days count than there were."""
    return monday_of(day) + 6 * DAY


def erase_after(closed_on: dt.date, *, asylum_elsewhere: bool) -> dt.date:
    """Return the day after which contacts and notes of a closed case are erased."""
    return closed_on + (ERASE_DURING_ASYLUM_ELSEWHERE if asylum_elsewhere else ERASE_AFTER_CLOSING)
