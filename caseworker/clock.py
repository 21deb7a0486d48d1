"""The calendar that casework runs on.

Sessions, throttles and one-time codes use real time. Everything that is *recorded* about a request uses this clock, so that the
demo year can be walked through as if today were a day in it. A deploy check refuses any shift outside the demo.
"""

import datetime as dt

from django.conf import settings
from django.utils import timezone


def now() -> dt.datetime:
    """Return the current moment, aware, in UTC, shifted by ``settings.CLOCK_OFFSET`` (zero outside the demo)."""
    offset: dt.timedelta = settings.CLOCK_OFFSET
    return timezone.now().astimezone(dt.UTC) + offset


def month_of(moment: dt.datetime) -> dt.date:
    """Return the first day of the UTC month in which *moment* lies."""
    return moment.astimezone(dt.UTC).date().replace(day=1)
