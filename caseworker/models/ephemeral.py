"""Rows of the ``ephemeral`` database: they live in memory or on tmpfs and die at power-off."""

from __future__ import annotations

from django.db import models


class SessionRow(models.Model):
    """An encrypted session: the key is SHA-256 of the cookie, so the row opens only with the browser's cookie and the boot key."""

    id_hash = models.CharField(primary_key=True, max_length=64)
    person_id = models.UUIDField(null=True, db_index=True)
    payload = models.BinaryField()
    created_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        """Show nothing."""
        return "session"


class AttemptCounter(models.Model):
    """Failures of one throttled thing; the key is a keyed hash, never an alias or an address."""

    key = models.CharField(primary_key=True, max_length=64)
    failures = models.PositiveIntegerField(default=0)
    window_started_at = models.DateTimeField()
    blocked_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        """Show nothing."""
        return "counter"
