"""Alarms: something that two people should know of, in codes, until somebody else than its cause took note."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from caseworker.enums import AlarmKind

NOBODY = uuid.UUID(int=0)


class AlarmQuerySet(models.QuerySet["Alarm"]):
    """Saved questions about alarms."""

    def open(self) -> AlarmQuerySet:
        """Keep those nobody took note of."""
        return self.filter(acknowledged_by__isnull=True)


class Alarm(models.Model):
    """What happened, by whom, to which record (opaque ids; zeros where there is none), in which hour; once in an hour is enough."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=20)
    actor_id = models.UUIDField(default=NOBODY)
    object_id = models.UUIDField(default=NOBODY)
    hour = models.DateTimeField()
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    acknowledged_on = models.DateField(null=True)

    objects = AlarmQuerySet.as_manager()

    class Meta:
        """Row rules."""

        ordering = ("-hour", "id")
        indexes = (models.Index(fields=("kind",), name="alarm_open", condition=Q(acknowledged_by__isnull=True)),)
        constraints = (
            models.UniqueConstraint(fields=("kind", "actor_id", "object_id", "hour"), name="alarm_once_an_hour"),
            models.CheckConstraint(condition=Q(kind__in=AlarmKind.values), name="alarm_kind_known"),
            models.CheckConstraint(
                condition=Q(acknowledged_by__isnull=True, acknowledged_on__isnull=True)
                | Q(acknowledged_by__isnull=False, acknowledged_on__isnull=False),
                name="alarm_note_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(acknowledged_by__isnull=True) | ~Q(acknowledged_by=F("actor_id")),
                name="alarm_is_noted_by_another",
            ),
        )

    def __str__(self) -> str:
        """Show the kind."""
        return self.kind
