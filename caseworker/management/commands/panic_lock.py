"""Lock everyone out from the machine's console."""

from typing import Any

from django.core.management.base import BaseCommand

from caseworker import clock
from caseworker.actions.panic import lock_everyone


class Command(BaseCommand):
    """Do what the button does; nothing is asked, so that it is quick."""

    help = "Locks everyone but volunteers out, until two security officers lift it."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Lock."""
        lock_everyone(actor=None, now=clock.now())
        self.stdout.write("Everyone is locked out. Two security officers lift it on the security page.")
