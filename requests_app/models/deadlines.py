"""Dates that somebody typed in, and the organization's own targets for stages."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from requests_app.clock_codes import DeadlineEnd, DeadlineKind
from requests_app.enums import Stage, Urgency
from requests_app.models.cases import Case

LONGEST_TARGET_HOURS = 24 * 366


class Deadline(models.Model):
    """A date of a case: typed, never guessed; open until somebody says how it was settled. Overdue is computed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="deadlines", db_index=False)
    kind = models.CharField(_("date"), max_length=16, choices=DeadlineKind)
    due_on = models.DateField()
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    set_on = models.DateField()
    done_on = models.DateField(null=True)
    ended_as = models.CharField(max_length=12, choices=DeadlineEnd, default="", blank=True)

    class Meta:
        """Row rules."""

        ordering = ("due_on", "id")
        indexes = (models.Index(fields=("case", "due_on"), name="deadlines_of_case"),)
        constraints = (
            models.CheckConstraint(condition=Q(kind__in=DeadlineKind.values), name="deadline_kind_known"),
            models.CheckConstraint(
                condition=Q(done_on__isnull=True, ended_as="")
                | (Q(done_on__isnull=False) & Q(ended_as__in=DeadlineEnd.values)),
                name="settled_deadline_says_how",
            ),
            models.CheckConstraint(
                condition=Q(done_on__isnull=True) | Q(done_on__gte=F("set_on")), name="deadline_settled_after_set"
            ),
        )

    def __str__(self) -> str:
        """Show what the date is about."""
        return self.kind


class StageTarget(models.Model):
    """The organization's own target of a stage, in hours by urgency; without a row the table in ``stages`` holds."""

    stage = models.CharField(primary_key=True, max_length=24, choices=Stage)
    now_hours = models.PositiveSmallIntegerField()
    days_3_hours = models.PositiveSmallIntegerField()
    weeks_2_hours = models.PositiveSmallIntegerField()
    routine_hours = models.PositiveSmallIntegerField()

    class Meta:
        """Row rules."""

        ordering = ("stage",)
        constraints = (
            models.CheckConstraint(
                condition=Q(
                    now_hours__range=(1, LONGEST_TARGET_HOURS),
                    days_3_hours__range=(1, LONGEST_TARGET_HOURS),
                    weeks_2_hours__range=(1, LONGEST_TARGET_HOURS),
                    routine_hours__range=(1, LONGEST_TARGET_HOURS),
                ),
                name="stage_target_in_range",
            ),
            models.CheckConstraint(condition=Q(stage__in=Stage.values), name="stage_target_stage_known"),
        )

    def __str__(self) -> str:
        """Show the stage."""
        return self.stage

    def hours(self) -> Mapping[Urgency, int]:
        """Return the hours by urgency."""
        return dict(
            zip(Urgency, (self.now_hours, self.days_3_hours, self.weeks_2_hours, self.routine_hours), strict=True)
        )
