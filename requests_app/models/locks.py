"""Who locked a case, why in codes, and who else lifted it."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from requests_app.models.cases import Case


class CaseLock(models.Model):
    """One lock of one case, standing until somebody else lifts it; ``Case.locked_on`` says the same in the queue's own row."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="locks")
    reason = models.CharField(max_length=24)
    locked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    locked_on = models.DateField()
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    lifted_on = models.DateField(null=True)

    class Meta:
        """Row rules."""

        ordering = ("-locked_on", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("case",), condition=Q(lifted_on__isnull=True), name="case_has_one_standing_lock"
            ),
            models.CheckConstraint(
                condition=Q(lifted_by__isnull=True, lifted_on__isnull=True)
                | Q(lifted_by__isnull=False, lifted_on__isnull=False),
                name="case_lock_lift_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(lifted_by__isnull=True) | ~Q(lifted_by=F("locked_by")), name="case_lock_lifted_by_another"
            ),
        )

    def __str__(self) -> str:
        """Show the reason."""
        return self.reason
