"""Make the schedule rows equal to the table in code."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.module_loading import import_string

from caseworker.schedules import sync_schedules


class Command(BaseCommand):
    """Write the rows that the allow-list admits, remove all others, and fail when the table itself holds a refused row."""

    help = "Make the schedules in the database equal to config/schedule.py."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Write the table."""
        table = import_string("config.schedule.SCHEDULES")
        refused = sync_schedules(table)
        self.stdout.write(f"{len(table) - len(refused)} schedules.")
        if refused:
            raise CommandError(f"Refused: {', '.join(refused)}. The others are in place.")
