"""Something that is kept for longer than the rules say, until a day, for a reason in codes."""

from __future__ import annotations

import datetime as dt
import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from requests_app.models.cases import Case
from requests_app.retention import HoldReason


class RetentionHoldQuerySet(models.QuerySet["RetentionHold"]):
    """Saved questions about holds. One whose day is over holds nothing, whatever its row still says."""

    def standing(self, *, day: dt.date) -> RetentionHoldQuerySet:
        """Keep holds that hold on *day*."""
        return self.filter(lifted_on__isnull=True, until__gte=day)


class RetentionHold(models.Model):
    """One hold of one case, set by a lead and lifted by a lead or by its day."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="holds", db_index=False)
    reason = models.CharField(max_length=16, choices=HoldReason)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    set_on = models.DateField()
    until = models.DateField()
    lifted_on = models.DateField(null=True)

    objects = RetentionHoldQuerySet.as_manager()

    class Meta:
        """Row rules."""

        ordering = ("-set_on", "id")
        constraints = (
            models.UniqueConstraint(fields=("case",), condition=Q(lifted_on__isnull=True), name="case_is_held_once"),
            models.CheckConstraint(condition=Q(reason__in=HoldReason.values), name="hold_reason_known"),
            models.CheckConstraint(condition=Q(until__gt=F("set_on")), name="hold_ends_after_it_began"),
        )

    def __str__(self) -> str:
        """Show the reason."""
        return self.reason
