"""Saved views, and changes made to several cases at once. In codes: a view has no title that somebody typed."""

from __future__ import annotations

import datetime as dt
import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from caseworker.models.accounts import Caseworker
from caseworker.models.keys import Circle
from requests_app.clocks import UNDO_WITHIN
from requests_app.enums import (
    BulkKind,
    Category,
    Condition,
    Country,
    OwnerFilter,
    RowRefusal,
    RowResult,
    Stage,
    Urgency,
    ViewName,
)
from requests_app.models.cases import Case
from requests_app.models.membership import circles_of


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    """Saved questions about views."""

    def visible_to(self, person: Caseworker) -> SavedViewQuerySet:
        """Keep one's own and those of the circles one reads."""
        return self.filter(Q(owner=person) | Q(circle__in=circles_of(person)))


class SavedView(models.Model):
    """Filters that a person or a circle comes back to. Its name is chosen from a list or made from the filters."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="saved_views")
    circle = models.ForeignKey(Circle, on_delete=models.CASCADE, null=True, related_name="saved_views")
    name = models.CharField(max_length=16, choices=ViewName, default="", blank=True)
    queue = models.CharField(max_length=24, default="", blank=True)
    stage = models.CharField(max_length=24, choices=Stage, default="", blank=True)
    condition = models.CharField(max_length=16, choices=Condition, default="", blank=True)
    urgency = models.CharField(max_length=12, choices=Urgency, default="", blank=True)
    category = models.CharField(max_length=24, choices=Category, default="", blank=True)
    country = models.CharField(max_length=2, choices=Country, default="", blank=True)
    whose = models.CharField(max_length=8, choices=OwnerFilter, default="", blank=True)
    of_person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+", db_index=False
    )
    in_circle = models.ForeignKey(Circle, on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    created_on = models.DateField()

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        """Row rules."""

        ordering = ("created_on", "id")
        constraints = (
            models.CheckConstraint(
                condition=Q(owner__isnull=False, circle__isnull=True) | Q(owner__isnull=True, circle__isnull=False),
                name="view_is_ones_own_or_a_circles",
            ),
            models.CheckConstraint(
                condition=Q(whose=OwnerFilter.PERSON, of_person__isnull=False)
                | (~Q(whose=OwnerFilter.PERSON) & Q(of_person__isnull=True)),
                name="view_of_a_person_names_one",
            ),
        )

    def __str__(self) -> str:
        """Show the name's code."""
        return self.name or "view"


class BulkBatch(models.Model):
    """One change of several cases by one person: what was asked for, once, and when. Deleted after a day."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    made_at = models.DateTimeField(db_index=True)
    kind = models.CharField(max_length=8, choices=BulkKind)
    code = models.CharField(max_length=24, default="", blank=True)
    new_owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="+", db_index=False
    )

    class Meta:
        """Row rules."""

        ordering = ("-made_at", "id")
        constraints = (
            models.CheckConstraint(
                condition=Q(kind=BulkKind.ASSIGN, code="", new_owner__isnull=False)
                | (~Q(kind=BulkKind.ASSIGN) & ~Q(code="") & Q(new_owner__isnull=True)),
                name="batch_names_what_it_changes_to",
            ),
        )

    def __str__(self) -> str:
        """Show the kind."""
        return self.kind

    def may_be_undone(self, *, now: dt.datetime) -> bool:
        """Tell whether the batch is not older than 15 minutes."""
        return now <= self.may_be_undone_until

    @property
    def may_be_undone_until(self) -> dt.datetime:
        """Return the moment after which the batch stands."""
        return self.made_at + UNDO_WITHIN


class BulkChange(models.Model):
    """One row of a batch: what the case was before, the version it was left with, or why nothing was changed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    batch = models.ForeignKey(BulkBatch, on_delete=models.CASCADE, related_name="changes", db_index=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    result = models.CharField(max_length=8, choices=RowResult)
    refusal = models.CharField(max_length=8, choices=RowRefusal, default="", blank=True)
    version_after = models.PositiveIntegerField(null=True)
    stage_before = models.CharField(max_length=24, choices=Stage, default="", blank=True)
    urgency_before = models.CharField(max_length=12, choices=Urgency, default="", blank=True)
    moved_before = models.DateTimeField(null=True)
    clock_started_before = models.DateTimeField(null=True)
    paused_seconds_before = models.PositiveIntegerField(null=True)
    next_action_before = models.DateField(null=True)
    owner_before = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    deputy_before = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    claimed_before = models.DateTimeField(null=True)

    class Meta:
        """Row rules."""

        ordering = ("case__reference", "id")
        constraints = (
            models.UniqueConstraint(fields=("batch", "case"), name="case_once_in_a_batch"),
            models.CheckConstraint(
                condition=Q(result=RowResult.REFUSED, version_after__isnull=True)
                | (~Q(result=RowResult.REFUSED) & Q(version_after__isnull=False)),
                name="changed_row_has_a_version",
            ),
            models.CheckConstraint(
                condition=Q(result__in=(RowResult.REFUSED, RowResult.KEPT)) & ~Q(refusal="")
                | Q(result__in=(RowResult.CHANGED, RowResult.UNDONE), refusal=""),
                name="refused_row_says_why",
            ),
        )

    def __str__(self) -> str:
        """Show the result."""
        return self.result
