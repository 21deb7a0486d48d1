"""How a person may be reached: in codes. The value itself is sealed."""

from __future__ import annotations

import uuid

from django.db import models

from requests_app.enums import ContactKind, HoursBand, SafeAnswer
from requests_app.models.help_requests import HelpRequest
from requests_app.models.sealed import SealedRecord


class ContactPoint(models.Model):
    """Safety flags of one contact line. *Unknown behaves as no*: nobody is written to or called on a guess.

    Burned: somebody else reads it. Stopped: the person asked not to be contacted. Either is never loosened again. Retired: out of use.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    help_request = models.ForeignKey(
        HelpRequest, on_delete=models.CASCADE, related_name="contact_points", db_index=False
    )
    record = models.ForeignKey(SealedRecord, on_delete=models.CASCADE, related_name="+")
    seq = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=16, choices=ContactKind, default=ContactKind.UNKNOWN)
    may_write = models.CharField(max_length=8, choices=SafeAnswer, default=SafeAnswer.UNKNOWN)
    may_call = models.CharField(max_length=8, choices=SafeAnswer, default=SafeAnswer.UNKNOWN)
    may_leave_message = models.CharField(max_length=8, choices=SafeAnswer, default=SafeAnswer.UNKNOWN)
    hours_band = models.CharField(max_length=16, choices=HoursBand, default=HoursBand.UNKNOWN)
    time_zone = models.CharField(max_length=40, default="", blank=True)
    burned_on = models.DateField(null=True)
    stopped_on = models.DateField(null=True)
    retired_on = models.DateField(null=True)

    class Meta:
        """Row rules."""

        ordering = ("seq", "id")
        constraints = (models.UniqueConstraint(fields=("help_request", "record", "seq"), name="contact_line_once"),)

    def __str__(self) -> str:
        """Show the kind."""
        return self.kind
