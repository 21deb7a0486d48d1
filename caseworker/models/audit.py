"""The audit chain: codes and opaque ids, one hash over each event and its predecessor."""

from __future__ import annotations

from django.db import models


class AuditEvent(models.Model):
    """One thing that happened: who (opaque), what (code), to which record (opaque), in which hour. Append-only by trigger."""

    sequence = models.BigIntegerField(primary_key=True)
    hour = models.DateTimeField()
    actor_id = models.UUIDField(null=True)
    verb = models.CharField(max_length=32)
    object_kind = models.CharField(max_length=24)
    object_id = models.UUIDField(null=True)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        """Row rules."""

        ordering = ("sequence",)
        indexes = (models.Index(fields=("actor_id", "verb", "hour"), name="audit_by_actor_and_verb"),)
        constraints = (models.UniqueConstraint(fields=("previous_hash",), name="audit_chain_does_not_fork"),)

    def __str__(self) -> str:
        """Show the place in the chain."""
        return f"#{self.sequence}"


class AuditHead(models.Model):
    """The end of the chain; its one row is locked by every writer, so the chain cannot fork."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    sequence = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="0" * 64)

    class Meta:
        """Row rules."""

        constraints = (models.CheckConstraint(condition=models.Q(id=1), name="audit_head_is_single"),)

    def __str__(self) -> str:
        """Show the place of the head."""
        return f"#{self.sequence}"
