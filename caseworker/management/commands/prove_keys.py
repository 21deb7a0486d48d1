"""Prove the keys of the circles anew, after ``SECRET_KEY`` was changed and before anybody signs in."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from caseworker.key_proofs import prove_all


class Command(BaseCommand):
    """Changes nothing where the present secret fits."""

    help = "After a change of SECRET_KEY: prove the circles' keys and memberships under the new one."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Prove, and say how many rows."""
        with transaction.atomic():
            proven = prove_all()
        self.stdout.write(f"proven {proven}")
