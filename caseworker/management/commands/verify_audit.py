"""Walk the audit chain and say whether it is whole."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from caseworker import audit, clock
from caseworker.actions.alarms import raise_alarm
from caseworker.enums import AlarmKind


class Command(BaseCommand):
    """Exit with 1 when an event was edited, deleted or reordered, or when a head kept elsewhere is not in the chain."""

    help = "Verify the audit chain; prints its head, to be kept off this machine."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the head that was kept elsewhere."""
        parser.add_argument("--head", default=None, help="a head printed earlier: finds a chain whose end was cut off")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print the verdict."""
        verdict = audit.verify(anchor=options["head"])
        if not verdict.is_whole:
            raise_alarm(AlarmKind.AUDIT_BROKEN, actor=None, now=clock.now())
        self.stdout.write(f"events {verdict.sequence}\nhead   {verdict.head}")
        if verdict.broken_at is not None:
            self.stderr.write(f"broken at event {verdict.broken_at}")
        if not verdict.anchor_found:
            self.stderr.write("the head kept elsewhere is not in this chain: its end was cut off or rewritten")
        if not verdict.is_whole:
            sys.exit(1)
