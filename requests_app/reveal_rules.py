"""When reveals are too many, or look like somebody who collects. Pure: events in, answers out; thresholds are data.

An event is one reveal: which case or request, in which UTC hour, whether it was the person's own case then, and where the case stands in
the queue. The last event is the one that just happened, and only what it completes is judged, so nothing is said twice about the past.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType
from uuid import UUID

from caseworker.enums import AlarmKind

Place = tuple[int, dt.datetime, UUID]


@dataclass(frozen=True)
class Event:
    """One reveal. ``place`` is None for a request that has no case yet: triage looks at all of them, and nobody owns them."""

    subject: UUID
    hour: dt.datetime
    is_own: bool
    place: Place | None = None


@dataclass(frozen=True)
class Limit:
    """*free* reveals in so many hours need a reason only; up to *most* the words again, and two people are told."""

    hours: int
    free: int
    most: int


LIMITS: Mapping[AlarmKind, Limit] = MappingProxyType(
    {
        AlarmKind.REVEALS_PER_HOUR: Limit(hours=1, free=30, most=60),
        AlarmKind.REVEALS_PER_DAY: Limit(hours=24, free=100, most=200),
    }
)
OUTSIDE_CASES = 3
"""Cases of others in 24 hours: one is help, two are a bad day."""
HOURLY_CASES = 8
"""Cases of others in one hour."""
HOURLY_REQUESTS = 20
"""Undecided requests in one hour: faster than anybody decides on them."""
QUEUE_RUN = 4
"""Cases of others in the very order of the queue, either way."""
DAY = range(7, 23)
"""Hours in the person's own time zone that are odd for nobody."""
USUAL_DAYS = 5
"""Days of the last thirty on which somebody worked at that hour of the night: then it is usual."""
WINDOW = dt.timedelta(hours=24)


def crossed(counts: Mapping[AlarmKind, int]) -> tuple[AlarmKind, bool] | None:
    """Return the limit that the next reveal would cross, and whether words help; None while all is free. *counts* are the earlier ones."""
    over = [(kind, counts[kind] < limit.most) for kind, limit in LIMITS.items() if counts[kind] >= limit.free]
    return min(over, key=lambda one: one[1]) if over else None


def _foreign(events: Sequence[Event]) -> list[Event]:
    """Return the events about cases of others within a day of the last, one for each case, in the order of the first look."""
    last, seen = events[-1], dict[UUID, Event]()
    for event in events:
        if event.place is not None and not event.is_own and last.hour - event.hour < WINDOW:
            seen.setdefault(event.subject, event)
    return list(seen.values())


def is_outside_own(events: Sequence[Event]) -> bool:
    """Tell whether the last reveal is one more in several cases of others."""
    last = events[-1]
    return last.place is not None and not last.is_own and len(_foreign(events)) >= OUTSIDE_CASES


def _is_run(places: Sequence[Place]) -> bool:
    pairs = list(pairwise(places))
    return len(places) == QUEUE_RUN and (all(a < b for a, b in pairs) or all(a > b for a, b in pairs))


def is_in_sequence(events: Sequence[Event]) -> bool:
    """Tell whether the last reveal is part of going through many cases, or requests, one after the other."""
    last = events[-1]
    if last.is_own:
        return False
    if last.place is None:
        return len({one.subject for one in events if one.place is None and one.hour == last.hour}) >= HOURLY_REQUESTS
    foreign = _foreign(events)
    this_hour = [one for one in foreign if one.hour == last.hour]
    return len(this_hour) >= HOURLY_CASES or _is_run([one.place for one in foreign[-QUEUE_RUN:] if one.place])


def is_odd_hour(local_hour: int, days_at_that_hour: int) -> bool:
    """Tell whether an hour of the night is one at which the person is not seen otherwise."""
    return local_hour not in DAY and days_at_that_hour < USUAL_DAYS


RULES: Mapping[AlarmKind, Callable[[Sequence[Event]], bool]] = MappingProxyType(
    {AlarmKind.OUTSIDE_OWN: is_outside_own, AlarmKind.IN_SEQUENCE: is_in_sequence}
)


def alarms_of(events: Sequence[Event]) -> list[AlarmKind]:
    """Return the alarms that the last of *events* completes."""
    return [kind for kind, rule in RULES.items() if rule(events)]
