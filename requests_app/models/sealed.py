"""Ciphertext and the keys to it. Only ``requests_app.sealed`` reads or writes these tables."""

from __future__ import annotations

import uuid

from django.db import models

from caseworker.fields import EnvelopeField
from caseworker.models.keys import CircleKey, RecoveryKey
from requests_app.enums import RecipientKind, SealedKind


class SealedRecord(models.Model):
    """The unit of encryption: one first contact, correction, note or contact, with a data key of its own."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner_id = models.UUIDField(db_index=True)
    kind = models.CharField(max_length=16, choices=SealedKind)
    generation = models.PositiveIntegerField(default=1)
    commitment = models.BinaryField()
    sealed_month = models.DateField()

    class Meta:
        """Row rules."""

        constraints = (
            models.CheckConstraint(condition=models.Q(kind__in=SealedKind.values), name="sealed_kind_known"),
            models.CheckConstraint(condition=models.Q(sealed_month__day=1), name="sealed_month_is_a_month"),
        )

    def __str__(self) -> str:
        """Show the kind only."""
        return self.kind


class SealedField(models.Model):
    """One padded, authenticated ciphertext; every field of the kind has a row, absent ones too."""

    record = models.ForeignKey(SealedRecord, on_delete=models.CASCADE, related_name="fields", db_index=False)
    name = models.CharField(max_length=16)
    envelope = EnvelopeField()

    class Meta:
        """Row rules."""

        constraints = (models.UniqueConstraint(fields=("record", "name"), name="sealed_field_once"),)

    def __str__(self) -> str:
        """Show the field's name only."""
        return self.name


class RecordKey(models.Model):
    """A record's data key sealed to one recipient: **the only thing that must die to erase the record**."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    record = models.ForeignKey(SealedRecord, on_delete=models.CASCADE, related_name="record_keys", db_index=False)
    recipient = models.CharField(max_length=10, choices=RecipientKind)
    recipient_key_id = models.UUIDField()
    circle_key = models.ForeignKey(CircleKey, on_delete=models.PROTECT, null=True, related_name="record_keys")
    recovery_key = models.ForeignKey(RecoveryKey, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    sealed = models.BinaryField()
    expires_at = models.DateTimeField(null=True)

    class Meta:
        """Row rules."""

        constraints = (
            models.UniqueConstraint(fields=("record", "recipient_key_id"), name="record_key_once_per_recipient"),
            models.CheckConstraint(
                condition=models.Q(recipient=RecipientKind.CIRCLE, circle_key__isnull=False, recovery_key__isnull=True)
                | models.Q(recipient=RecipientKind.RECOVERY, circle_key__isnull=True, recovery_key__isnull=False)
                | models.Q(recipient=RecipientKind.STAFF, circle_key__isnull=True, recovery_key__isnull=True),
                name="record_key_names_its_recipient",
            ),
        )

    def __str__(self) -> str:
        """Show the kind of recipient only."""
        return self.recipient
