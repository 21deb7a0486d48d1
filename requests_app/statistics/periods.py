"""Months, and when one may be published. Pure."""

import datetime as dt
from collections.abc import Sequence

RELEASE_DAY = 15
RELEASE_DELAY_MONTHS = 2
SMALLEST_MEAN = 50
RECENT = 3
CENTURY = range(2000, 2100)


def add_months(month: dt.date, count: int) -> dt.date:
    """Return the first day of the month *count* months later."""
    number = month.year * 12 + month.month - 1 + count
    return dt.date(number // 12, number % 12 + 1, 1)


def release_day(month: dt.date) -> dt.date:
    """Return the first day on which *month* may be published: the 15th of the month after next."""
    return add_months(month, RELEASE_DELAY_MONTHS).replace(day=RELEASE_DAY)


def is_due(month: dt.date, today: dt.date) -> bool:
    """Tell whether *month* may be published on the day *today*."""
    return today >= release_day(month)


def is_too_small(recent_totals: Sequence[int]) -> bool:
    """Tell whether months are too small to publish one by one: the mean of the last three published totals is under fifty."""
    last = list(recent_totals)[-RECENT:]
    return len(last) == RECENT and sum(last) < SMALLEST_MEAN * RECENT


def parse_month(text: str) -> dt.date | None:
    """Return the month written ``YYYY-MM`` in this century, or None."""
    try:
        month = dt.datetime.strptime(text, "%Y-%m").replace(tzinfo=dt.UTC).date()
    except ValueError:
        return None
    return month if month.year in CENTURY else None
