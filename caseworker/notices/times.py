"""When notices go out: pure functions of moments, so that a server that was off for ten days sends one reminder and not twenty."""

import datetime as dt
from collections.abc import Sequence
from zoneinfo import ZoneInfo

BETWEEN_RINGS = dt.timedelta(hours=1)
CODE_LASTS = dt.timedelta(minutes=30)
CODE_TRIES, CODES_AN_HOUR = 5, 6
FIRST_WAIT, LONGEST_WAIT = dt.timedelta(minutes=4), dt.timedelta(hours=12)


def last_slot(now: dt.datetime, hours: Sequence[int], zone: str) -> dt.datetime:
    """Return the latest of the fixed moments (whole *hours* of the day in *zone*) that is not after *now*, in UTC."""
    here = now.astimezone(ZoneInfo(zone))
    days = (here.date(), here.date() - dt.timedelta(days=1))
    moments = [
        dt.datetime.combine(day, dt.time(hour), here.tzinfo).astimezone(dt.UTC) for day in days for hour in hours
    ]
    return max(moment for moment in moments if moment <= now)


def wait_after(failures: int) -> dt.timedelta:
    """Return how long to wait before the next try: four minutes, and after each failure in a row twice as long, up to half a day."""
    doubled: dt.timedelta = FIRST_WAIT * 2 ** min(failures, 10)
    return min(doubled, LONGEST_WAIT)
