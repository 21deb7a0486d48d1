"""Sealed tags of each request, pairs of requests that have something in common, and merges of cases, each of which can be undone."""

from __future__ import annotations

import datetime as dt
import uuid

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce, Greatest, Least

from caseworker.enums import Role
from caseworker.models.accounts import Caseworker
from caseworker.models.keys import CircleKey
from requests_app.duplicate_codes import PairDecision
from requests_app.models.cases import Case
from requests_app.models.help_requests import HelpRequest
from requests_app.models.sealed import SealedRecord


class DuplicateEntry(models.Model):
    """One sealed row of five tags for one sealed record of a request; a second row where there are two contacts of a kind.

    The rows of a version of the circle's key die with it. How many rows a record has tells no more than its contact points do.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    help_request = models.ForeignKey(HelpRequest, on_delete=models.CASCADE, related_name="+")
    record = models.ForeignKey(SealedRecord, on_delete=models.CASCADE, related_name="tag_rows", db_index=False)
    circle_key = models.ForeignKey(CircleKey, on_delete=models.PROTECT, related_name="tag_rows")
    seq = models.PositiveSmallIntegerField()
    normalizer = models.PositiveSmallIntegerField()
    sealed = models.BinaryField()

    class Meta:
        """Row rules."""

        constraints = (models.UniqueConstraint(fields=("record", "circle_key", "seq"), name="tag_row_once"),)

    def __str__(self) -> str:
        """Show nothing."""
        return "tags"


class DuplicatePairQuerySet(models.QuerySet["DuplicatePair"]):
    """Saved questions about pairs."""

    def visible_to(self, person: Caseworker, *, now: dt.datetime) -> DuplicatePairQuerySet:
        """Keep pairs both sides of which a coordinator may know of: neither paused nor erased, nor behind a case that is not theirs to see."""
        if person.role != Role.COORDINATOR:
            return self.none()
        seen = HelpRequest.objects.shown_to(person, now=now).filter(erasure_due_at__isnull=True, erased_on__isnull=True)
        return self.filter(Exists(seen.filter(id=OuterRef("low_id"))), Exists(seen.filter(id=OuterRef("high_id"))))

    def undecided(self) -> DuplicatePairQuerySet:
        """Keep those nobody has decided on and that do not lead to one and the same case already."""
        apart = Q(low__case__isnull=True) | Q(high__case__isnull=True) | ~Q(low__case=F("high__case"))
        return self.filter(apart, decision="")

    def count_people(self) -> int:
        """Count pairs of people: many pairs between the requests of two cases are one decision."""
        sides = self.annotate(one=Coalesce("low__case_id", "low_id"), other=Coalesce("high__case_id", "high_id"))
        both = sides.order_by().values(first=Least("one", "other"), second=Greatest("one", "other"))
        return both.distinct().count()


class DuplicatePair(models.Model):
    """Two requests of one circle that share a contact, in which kinds, and what was decided. "Different" is remembered for ever."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    low = models.ForeignKey(HelpRequest, on_delete=models.CASCADE, related_name="+", db_index=False)
    high = models.ForeignKey(HelpRequest, on_delete=models.CASCADE, related_name="+")
    signals = models.JSONField(default=list)
    decision = models.CharField(max_length=12, choices=PairDecision, default="", blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    decided_on = models.DateField(null=True)
    found_on = models.DateField()

    objects = DuplicatePairQuerySet.as_manager()

    class Meta:
        """Row rules."""

        ordering = ("found_on", "id")
        constraints = (
            models.UniqueConstraint(fields=("low", "high"), name="pair_once"),
            models.CheckConstraint(condition=Q(low__lt=F("high")), name="pair_low_before_high"),
            models.CheckConstraint(condition=Q(decision__in=["", *PairDecision.values]), name="pair_decision_known"),
            models.CheckConstraint(
                condition=Q(decision="", decided_on__isnull=True) | (~Q(decision="") & Q(decided_on__isnull=False)),
                name="pair_decided_has_day",
            ),
        )

    def __str__(self) -> str:
        """Show the decision only."""
        return self.decision or "undecided"


class CaseMerge(models.Model):
    """One case put into another: what moved with it, so that it can be undone for 30 days."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    merged = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+", db_index=False)
    survivor = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    moved = models.JSONField(default=dict)
    was_open = models.BooleanField()
    merged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    merged_on = models.DateField()
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    undone_on = models.DateField(null=True)

    class Meta:
        """Row rules."""

        ordering = ("-merged_on", "id")
        constraints = (
            models.UniqueConstraint(fields=("merged",), condition=Q(undone_on__isnull=True), name="case_merged_once"),
            models.CheckConstraint(condition=~Q(merged=F("survivor")), name="merge_of_two_cases"),
        )

    def __str__(self) -> str:
        """Show nothing of the cases."""
        return "merge"
