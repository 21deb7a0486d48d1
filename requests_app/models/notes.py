"""Sealed texts added after the first contact: notes on a case, corrections to a request."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from requests_app.models.cases import Case, StageSpell
from requests_app.models.help_requests import HelpRequest
from requests_app.models.sealed import SealedRecord


class Note(models.Model):
    """Who added which sealed text on which day, to a case (perhaps about one move) or to a request."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, null=True, related_name="notes")
    spell = models.ForeignKey(StageSpell, on_delete=models.SET_NULL, null=True, related_name="notes", db_index=False)
    help_request = models.ForeignKey(HelpRequest, on_delete=models.CASCADE, null=True, related_name="corrections")
    record = models.OneToOneField(SealedRecord, on_delete=models.CASCADE, related_name="note")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    written_on = models.DateField()

    class Meta:
        """Row rules."""

        ordering = ("written_on", "id")
        constraints = (
            models.CheckConstraint(
                condition=Q(case__isnull=False, help_request__isnull=True)
                | Q(case__isnull=True, help_request__isnull=False),
                name="note_has_one_owner",
            ),
        )

    def __str__(self) -> str:
        """Show nothing of the text."""
        return "note"
