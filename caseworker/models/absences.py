"""When somebody is away, and who answers for them meanwhile."""

from __future__ import annotations

import datetime as dt
import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class AbsenceQuerySet(models.QuerySet["Absence"]):
    """Saved questions about absences."""

    def on(self, day: dt.date) -> AbsenceQuerySet:
        """Keep those that hold on *day*, its first and last day included."""
        return self.filter(from_on__lte=day, until_on__gte=day, ended_on__isnull=True)


class Absence(models.Model):
    """A stretch of days in which somebody's clocks are their deputy's. Never deleted: it is ended early instead."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="absences")
    deputy = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    from_on = models.DateField()
    until_on = models.DateField()
    ended_on = models.DateField(null=True)

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        """Row rules."""

        ordering = ("-from_on", "id")
        constraints = (
            models.CheckConstraint(condition=Q(until_on__gte=F("from_on")), name="absence_ends_after_it_begins"),
            models.CheckConstraint(condition=~Q(person=F("deputy")), name="absence_has_another_deputy"),
        )

    def __str__(self) -> str:
        """Show the days."""
        return f"{self.from_on:%Y-%m-%d} — {self.until_on:%Y-%m-%d}"
