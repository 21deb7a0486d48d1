"""A case on its way from one person's hands to another's. It has arrived only when it was accepted."""

from __future__ import annotations

import datetime as dt
import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from caseworker.models.accounts import Caseworker
from caseworker.models.keys import Circle
from requests_app.enums import HandoverState, ReasonCode


class HandoverQuerySet(models.QuerySet["Handover"]):
    """Saved questions about offers. An offer that nobody answered in time is returned, whatever its row still says."""

    def waiting(self, *, now: dt.datetime) -> HandoverQuerySet:
        """Keep offers that can still be accepted."""
        return self.filter(state=HandoverState.OFFERED, expires_at__gt=now)

    def overdue(self, *, now: dt.datetime) -> HandoverQuerySet:
        """Keep offers whose time is over and whose row does not say so yet."""
        return self.filter(state=HandoverState.OFFERED, expires_at__lte=now)

    def for_person(self, person: Caseworker) -> HandoverQuerySet:
        """Keep what is offered to *person*."""
        return self.filter(to_person=person)


class Handover(models.Model):
    """An offer of one case to one person, in the case's circle or in another (``to_circle``)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey("requests_app.Case", on_delete=models.CASCADE, related_name="handovers", db_index=False)
    offered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    to_person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    to_circle = models.ForeignKey(Circle, on_delete=models.PROTECT, related_name="+", db_index=False)
    reason = models.CharField(max_length=24, choices=ReasonCode)
    offered_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    state = models.CharField(max_length=12, choices=HandoverState, default=HandoverState.OFFERED)
    answered_on = models.DateField(null=True)

    objects = HandoverQuerySet.as_manager()

    class Meta:
        """Row rules."""

        ordering = ("offered_at", "id")
        indexes = (models.Index(fields=("to_person", "state", "expires_at"), name="handover_to_person"),)
        constraints = (
            models.UniqueConstraint(
                fields=("case",), condition=Q(state=HandoverState.OFFERED), name="case_is_offered_once"
            ),
            models.CheckConstraint(condition=~Q(to_person=F("offered_by")), name="handover_is_to_another"),
            models.CheckConstraint(condition=Q(state__in=HandoverState.values), name="handover_state_known"),
            models.CheckConstraint(
                condition=Q(state=HandoverState.OFFERED, answered_on__isnull=True)
                | (~Q(state=HandoverState.OFFERED) & Q(answered_on__isnull=False)),
                name="handover_answered_when_not_offered",
            ),
        )

    def __str__(self) -> str:
        """Show the state."""
        return self.state
