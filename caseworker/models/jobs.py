"""How often a job was delivered, and whether it was parked."""

from __future__ import annotations

from django.db import models


class JobDelivery(models.Model):
    """Deliveries of one queue row; a parked job is out of the queue and is never tried again by itself."""

    queue_id = models.BigIntegerField(primary_key=True)
    function = models.CharField(max_length=60, default="")
    deliveries = models.PositiveSmallIntegerField(default=0)
    delivered_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    parked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        """Show the function's name."""
        return self.function
