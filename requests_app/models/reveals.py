"""Who opened what, in which hour: for limits and alarms. It dies with the record it is about."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from requests_app.models.cases import Case
from requests_app.models.sealed import SealedRecord


class Reveal(models.Model):
    """One sealed record opened by one person for a reason; no minute. The primary key keeps the order."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    record = models.ForeignKey(SealedRecord, on_delete=models.CASCADE, related_name="reveals")
    case = models.ForeignKey(Case, on_delete=models.CASCADE, null=True, related_name="reveals")
    is_own = models.BooleanField()
    reason = models.CharField(max_length=24)
    hour = models.DateTimeField()

    class Meta:
        """Row rules."""

        ordering = ("id",)
        indexes = (models.Index(fields=("person", "hour"), name="reveal_by_person_and_hour"),)

    def __str__(self) -> str:
        """Show the reason."""
        return self.reason
