"""What the recovery sheets were asked to do: requests that wait for an answer, and drills that were passed. Public values only."""

from __future__ import annotations

import uuid

from django.db import models

from caseworker.enums import RecoveryKind
from caseworker.models.accounts import Caseworker
from caseworker.models.keys import CircleKey, RecoveryKey, StaffKey


class RecoveryRequest(models.Model):
    """One bundle that was exported: for whom or what, the digest of its contents, and whether its answer came. It is answered once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=10, choices=RecoveryKind)
    staff_key = models.ForeignKey(StaffKey, on_delete=models.CASCADE, null=True, related_name="+")
    circle_key = models.ForeignKey(CircleKey, on_delete=models.CASCADE, null=True, related_name="+")
    case_id = models.UUIDField(null=True)
    digest = models.CharField(max_length=64, default="")
    made_by = models.ForeignKey(Caseworker, on_delete=models.PROTECT, related_name="+")
    made_on = models.DateField()
    answered_on = models.DateField(null=True)

    class Meta:
        """Row rules."""

        constraints = (
            models.CheckConstraint(condition=models.Q(kind__in=RecoveryKind.values), name="recovery_kind_known"),
            models.CheckConstraint(
                condition=models.Q(kind="circles", staff_key__isnull=False)
                | (~models.Q(kind="circles") & models.Q(staff_key__isnull=True)),
                name="recovery_names_its_person",
            ),
            models.CheckConstraint(
                condition=models.Q(kind="records", circle_key__isnull=False, case_id__isnull=False)
                | (~models.Q(kind="records") & models.Q(circle_key__isnull=True, case_id__isnull=True)),
                name="recovery_names_its_circle",
            ),
        )

    def __str__(self) -> str:
        """Show the kind."""
        return self.kind


class RecoveryItem(models.Model):
    """One circle key or sealed record that a request covers."""

    request = models.ForeignKey(RecoveryRequest, on_delete=models.CASCADE, related_name="items", db_index=False)
    object_id = models.UUIDField()

    class Meta:
        """Row rules."""

        constraints = (models.UniqueConstraint(fields=("request", "object_id"), name="recovery_item_once"),)

    def __str__(self) -> str:
        """Show nothing."""
        return "item"


class RecoveryDrill(models.Model):
    """A sheet opened a challenge on this day. Append-only."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    recovery_key = models.ForeignKey(RecoveryKey, on_delete=models.PROTECT, related_name="drills")
    done_on = models.DateField()
    done_by = models.ForeignKey(Caseworker, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        """Show the day."""
        return str(self.done_on)
