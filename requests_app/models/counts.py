"""Counters, releases and the privacy ledger. No row here has any link to a case, a request or a person who asked for help."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from requests_app.enums import ReleaseState


class CountCell(models.Model):
    """A counter of one class in one month; it dies when the month is frozen."""

    month = models.DateField()
    table = models.CharField(max_length=4)
    cls = models.CharField(max_length=24)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        """Row rules."""

        constraints = (
            models.UniqueConstraint(fields=("month", "table", "cls"), name="count_cell_once"),
            models.CheckConstraint(condition=Q(month__day=1), name="count_cell_month_is_a_month"),
        )

    def __str__(self) -> str:
        """Show where it counts, not how many."""
        return f"{self.table}:{self.cls}"


class Release(models.Model):
    """One month as it is published; its state only moves forward (trigger)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    epoch = models.PositiveSmallIntegerField(default=1)
    period = models.DateField()
    kind = models.CharField(max_length=10, default="monthly")
    state = models.CharField(max_length=10, choices=ReleaseState, default=ReleaseState.AWAITING)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    proposed_on = models.DateField()
    frozen_on = models.DateField(null=True)
    published_on = models.DateField(null=True)
    software = models.CharField(max_length=20)
    previous_hash = models.CharField(max_length=64, default="", blank=True)
    content_hash = models.CharField(max_length=64, default="", blank=True)

    class Meta:
        """Row rules."""

        ordering = ("-period", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("epoch", "period", "kind"), name="release_once_per_period", condition=~Q(state="rejected")
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("made_by")), name="release_needs_two_people"
            ),
            models.CheckConstraint(
                condition=Q(state__in=("awaiting", "rejected")) | Q(approved_by__isnull=False),
                name="release_beyond_awaiting_is_approved",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("frozen", "published")) | (Q(frozen_on__isnull=False) & ~Q(content_hash="")),
                name="frozen_release_has_hash",
            ),
        )

    def __str__(self) -> str:
        """Show the period."""
        return f"{self.period:%Y-%m}"


class ReleaseCell(models.Model):
    """One published number: a multiple of five. Append-only by trigger."""

    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="cells", db_index=False)
    table = models.CharField(max_length=4)
    version = models.PositiveSmallIntegerField()
    cls = models.CharField(max_length=24)
    value = models.PositiveIntegerField()

    class Meta:
        """Row rules."""

        ordering = ("table", "id")
        constraints = (models.UniqueConstraint(fields=("release", "table", "cls"), name="release_cell_once"),)

    def __str__(self) -> str:
        """Show the place of the cell."""
        return f"{self.table}:{self.cls}"


class PrivacyLedgerEntry(models.Model):
    """What one table of one release may tell about one person, and the sum so far for a cohort. Append-only by trigger.

    ``epsilon`` and ``cumulative`` are in thousandths, so that they are exact.
    """

    release = models.ForeignKey(Release, on_delete=models.PROTECT, related_name="ledger", db_index=False)
    epoch = models.PositiveSmallIntegerField()
    period = models.DateField()
    table = models.CharField(max_length=4)
    kind = models.CharField(max_length=10)
    epsilon = models.PositiveIntegerField()
    cumulative = models.PositiveIntegerField()

    class Meta:
        """Row rules."""

        ordering = ("period", "table", "id")
        constraints = (models.UniqueConstraint(fields=("epoch", "period", "table", "kind"), name="ledger_draws_once"),)

    def __str__(self) -> str:
        """Show what was charged."""
        return f"{self.period:%Y-%m} {self.table}"


class PublicStatement(models.Model):
    """An exact number that somebody is going to say in public, registered before it is said: it counts as an exact release."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    said_on = models.DateField()
    table = models.CharField(max_length=4)
    cls = models.CharField(max_length=24)
    from_month = models.DateField()
    to_month = models.DateField()
    value = models.PositiveIntegerField()
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False
    )

    class Meta:
        """Row rules."""

        ordering = ("said_on", "id")
        constraints = (
            models.CheckConstraint(condition=Q(from_month__lte=F("to_month")), name="statement_months_in_order"),
        )

    def __str__(self) -> str:
        """Show the day."""
        return f"{self.said_on:%Y-%m-%d}"
