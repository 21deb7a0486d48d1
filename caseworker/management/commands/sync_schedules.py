"""Make the schedule rows equal to the table in code."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils.module_loading import import_string
from django_q.models import Schedule

from caseworker.jobs import check_job


class Command(BaseCommand):
    """Validate every row against the allow-list, write it, and remove rows that the table does not know."""

    help = "Make the schedules in the database equal to config/schedule.py."

    @transaction.atomic
    def handle(self, *_args: Any, **_options: Any) -> None:
        """Write the table."""
        table = import_string("config.schedule.SCHEDULES")
        for row in table:
            check_job(row.function, ())
            fields = {
                "func": row.function,
                "schedule_type": Schedule.MINUTES,
                "minutes": row.every_minutes,
                "repeats": -1,
            }
            Schedule.objects.update_or_create(name=row.name, defaults=fields)
        Schedule.objects.exclude(name__in=[row.name for row in table]).delete()
        self.stdout.write(f"{len(table)} schedules.")
