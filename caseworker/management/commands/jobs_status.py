"""Show how the background jobs are: names of functions and numbers, no argument and no text of an error."""

import datetime as dt
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django_q.models import OrmQ, Task

from caseworker.broker import NEVER, readable_job, retry_parked
from caseworker.jobs import JobRefused
from caseworker.models.jobs import JobDelivery

REFUSED = "(refused)"


def _name(payload: str) -> str:
    try:
        return readable_job(payload)
    except JobRefused:
        return REFUSED


class Command(BaseCommand):
    """List waiting, failed and parked jobs, or let one parked job run again."""

    help = "Show background jobs without their arguments."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the number of a parked job."""
        parser.add_argument("--retry", type=int, default=None, metavar="NUMBER", help="let a parked job run again")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print the state, or retry."""
        if options["retry"] is not None:
            self._retry(options["retry"])
            return
        now = timezone.now()
        self._write_counts("in the queue", Counter(_name(row.payload) for row in OrmQ.objects.exclude(lock=NEVER)))
        failed = Task.objects.filter(success=False).values_list("func", flat=True)
        self._write_counts("failed in the last day", Counter(map(str, failed)))
        oldest = OrmQ.objects.filter(lock__lt=now).order_by("lock").values_list("lock", flat=True).first()
        self.stdout.write(f"longest due: {_seconds(oldest, now)} s")
        self._write_parked()

    def _retry(self, number: int) -> None:
        if not retry_parked(number):
            raise CommandError("No parked job has this number; a refused one is gone.")
        self.stdout.write("It is due again.")

    def _write_counts(self, title: str, counts: Counter[str]) -> None:
        self.stdout.write(f"{title}: {counts.total()}")
        for name, count in sorted(counts.items()):
            self.stdout.write(f"  {count:>5}  {name}")

    def _write_parked(self) -> None:
        parked = JobDelivery.objects.filter(parked_at__isnull=False).order_by("queue_id")
        self.stdout.write(f"parked or refused: {len(parked)}")
        for row in parked:
            line = (
                f"  number {row.queue_id}  {row.parked_at:%Y-%m-%d %H:00}  {row.deliveries - 1 if row.function else 0}"
            )
            self.stdout.write(f"{line} deliveries  {row.function or REFUSED}")


def _seconds(since: dt.datetime | None, now: dt.datetime) -> int:
    return int((now - since).total_seconds()) if since else 0
