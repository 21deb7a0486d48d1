"""What came of each backup, of each new erasure ledger, and of each restore drill."""

from __future__ import annotations

import uuid

from django.db import models

from caseworker.enums import BackupKind


class BackupRun(models.Model):
    """One attempt: its outcome, sizes and numbers, and where the audit chain ended in it. Append-only by trigger."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=8, choices=BackupKind)
    ran_at = models.DateTimeField()
    problem = models.CharField(max_length=24, default="", blank=True)
    main_bytes = models.BigIntegerField(default=0)
    key_bytes = models.BigIntegerField(default=0)
    rows = models.BigIntegerField(default=0)
    audit_sequence = models.BigIntegerField(default=0)

    class Meta:
        """Row rules."""

        indexes = (models.Index(fields=("kind", "-ran_at"), name="backup_runs_by_kind"),)
        constraints = (
            models.CheckConstraint(condition=models.Q(kind__in=BackupKind.values), name="backup_kind_known"),
        )

    def __str__(self) -> str:
        """Show the kind."""
        return self.kind
