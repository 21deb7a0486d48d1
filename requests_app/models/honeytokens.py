"""Which cases are honeytokens: as keyed marks, so that the tables alone do not say."""

from __future__ import annotations

import uuid

from django.db import models


class Honeytoken(models.Model):
    """The keyed hash of a planted case's id; its key is not in the database."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    mark = models.CharField(max_length=64, unique=True)

    def __str__(self) -> str:
        """Show nothing."""
        return "honeytoken"
