"""What was erased: the one line that stays."""

from __future__ import annotations

import uuid

from django.db import models


class ErasureEntry(models.Model):
    """An opaque id that must not come back from a backup, and the day it was erased. Append-only by trigger.

    ``code_hash`` is the keyed hash of the claim code (32 bytes): whoever holds the code can ask later whether the erasure was done.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    subject_kind = models.CharField(max_length=16)
    subject_id = models.UUIDField(unique=True)
    erased_on = models.DateField()
    code_hash = models.BinaryField(null=True)

    def __str__(self) -> str:
        """Show the kind."""
        return self.subject_kind
