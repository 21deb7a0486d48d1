"""The second hand when only one security officer is left."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from caseworker import clock
from caseworker.actions.panic import unlock_everyone
from caseworker.exceptions import PolicyRefused


class Command(BaseCommand):
    """Confirm the proposal of the one active officer; refuse while there are two, and without a proposal of the last hour."""

    help = "Confirms the one security officer's proposal to let everyone in again."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Confirm, or say why not."""
        try:
            unlock_everyone(actor=None, now=clock.now())
        except PolicyRefused as refusal:
            raise CommandError(str(refusal.message)) from None
        self.stdout.write("Everyone may sign in again.")
