"""Access beyond the circle, and what was checked about a case."""

from __future__ import annotations

import datetime as dt
import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from requests_app.enums import CheckCode, CheckOutcome, GrantScope, ReasonCode


class AccessGrantQuerySet(models.QuerySet["AccessGrant"]):
    """Saved questions about grants."""

    def live(self, *, now: dt.datetime) -> AccessGrantQuerySet:
        """Keep grants that have not expired."""
        return self.filter(expires_at__gt=now)

    def broken_glass(self) -> AccessGrantQuerySet:
        """Keep those that somebody took without being given."""
        return self.filter(scope=GrantScope.BREAK_GLASS)


class AccessGrant(models.Model):
    """Leave for one person to see one case until a moment that must be named; never given to oneself, but by breaking the glass."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey("requests_app.Case", on_delete=models.CASCADE, related_name="grants", db_index=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    scope = models.CharField(max_length=12, choices=GrantScope)
    granted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    reason = models.CharField(max_length=24, choices=ReasonCode)
    expires_at = models.DateTimeField()
    seen_by_owner_on = models.DateField(null=True)

    objects = AccessGrantQuerySet.as_manager()

    class Meta:
        """Row rules."""

        indexes = (models.Index(fields=("case", "person", "expires_at"), name="grant_by_case_and_person"),)
        constraints = (
            models.CheckConstraint(
                condition=~Q(person=F("granted_by")) | Q(scope=GrantScope.BREAK_GLASS), name="grant_is_never_to_oneself"
            ),
            models.CheckConstraint(condition=Q(scope__in=GrantScope.values), name="grant_scope_known"),
        )

    def __str__(self) -> str:
        """Show the scope."""
        return self.scope


class VerificationCheck(models.Model):
    """One check on the ladder 0–4: what was looked at, by whom, and the level it led to.

    Signs of pressure make every earlier check void: it counts no more, and stays to be read.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey("requests_app.Case", on_delete=models.CASCADE, related_name="checks")
    code = models.CharField(max_length=24, choices=CheckCode)
    outcome = models.CharField(max_length=8, choices=CheckOutcome)
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    level_after = models.PositiveSmallIntegerField()
    checked_on = models.DateField()
    is_void = models.BooleanField(default=False)

    class Meta:
        """Row rules."""

        ordering = ("checked_on", "id")
        constraints = (models.CheckConstraint(condition=Q(level_after__lte=4), name="check_level_in_range"),)

    def __str__(self) -> str:
        """Show the code."""
        return self.code
