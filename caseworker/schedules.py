"""Make the schedule rows equal to the table in code, whatever somebody wrote into them."""

from collections.abc import Iterable
from typing import Any, Protocol

from django.db import transaction
from django_q.models import Schedule

from caseworker.jobs import JobRefused, check_job


class Scheduled(Protocol):
    """A row of the table in code."""

    @property
    def name(self) -> str:
        """Name the schedule; no two rows share a name."""

    @property
    def function(self) -> str:
        """Name the function."""

    @property
    def every_minutes(self) -> int:
        """Return the minutes between two runs."""


def _columns(row: Scheduled) -> dict[str, Any]:
    """Return every column that decides what is run; raises ``JobRefused`` for a function that is not on the list or no period."""
    check_job(row.function, ())
    if row.every_minutes < 1:
        raise JobRefused
    nothing = dict.fromkeys(("args", "kwargs", "hook", "cluster", "cron", "intended_date_kwarg"))
    decisive = {"func": row.function, "schedule_type": Schedule.MINUTES, "minutes": row.every_minutes, "repeats": -1}
    return nothing | decisive | {"name": row.name}


@transaction.atomic
def sync_schedules(table: Iterable[Scheduled]) -> list[str]:
    """Keep rows that are exactly as in *table*, delete all others, create what is missing; return the names of refused rows.

    A row that is kept keeps its next time. A refused row of the table is left out and stops none of the others: the library reads all rows
    in one transaction, so that one bad row in the database would silence them all.
    """
    refused, kept = [], []
    for row in table:
        try:
            columns = _columns(row)
        except JobRefused:
            refused.append(row.name)
            continue
        found = Schedule.objects.filter(**columns).order_by("id").first() or Schedule.objects.create(**columns)
        kept.append(found.pk)
    Schedule.objects.exclude(pk__in=kept).delete()
    return refused
