"""Whether everyone is locked out: one row, which only two different officers can turn back."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class PanicState(models.Model):
    """The one row. Pressing the lock sets it at once; lifting it needs a proposal and then somebody else.

    ``by_console`` says that the second hand was the machine's console, because one officer was all that was left. A trigger refuses
    every way from locked to unlocked that skips the proposal, and every deletion; a row that is missing counts as locked.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    is_locked = models.BooleanField(default=False)
    locked_at = models.DateTimeField(null=True)
    locked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    proposed_at = models.DateTimeField(null=True)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    by_console = models.BooleanField(default=False)

    class Meta:
        """Row rules."""

        constraints = (
            models.CheckConstraint(condition=Q(id=1), name="panic_state_is_single"),
            models.CheckConstraint(
                condition=Q(is_locked=False) | Q(locked_at__isnull=False, lifted_by__isnull=True, by_console=False),
                name="panic_lock_is_not_lifted",
            ),
            models.CheckConstraint(
                condition=Q(proposed_at__isnull=True, proposed_by__isnull=True)
                | Q(proposed_at__isnull=False, proposed_by__isnull=False),
                name="panic_proposal_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(is_locked=True)
                | Q(locked_at__isnull=True)
                | (Q(proposed_by__isnull=False) & (Q(lifted_by__isnull=False) | Q(by_console=True))),
                name="panic_is_lifted_by_two",
            ),
            models.CheckConstraint(
                condition=Q(lifted_by__isnull=True) | ~Q(lifted_by=F("proposed_by")),
                name="panic_is_lifted_by_another",
            ),
        )

    def __str__(self) -> str:
        """Show the state."""
        return "locked" if self.is_locked else "open"
