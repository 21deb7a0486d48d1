"""Background jobs: each takes ids only, calls one action, returns nothing, and may be delivered twice."""

import datetime as dt
import uuid

from django.utils import timezone
from django_q.models import Task

from caseworker import clock
from caseworker.models.ephemeral import AttemptCounter
from caseworker.models.jobs import JobDelivery
from caseworker.sessions import SessionStore
from requests_app.actions import releases


def freeze_release(release_id: str) -> None:
    """Draw and freeze an approved month."""
    releases.freeze_release(uuid.UUID(release_id), now=clock.now())


def sweep_expired() -> None:
    """Delete sessions past their end."""
    SessionStore.clear_expired()


def purge_job_rows() -> None:
    """Delete rows about jobs that are done or failed, and schedules' traces, older than a day."""
    limit = timezone.now() - dt.timedelta(days=1)
    Task.objects.filter(stopped__lt=limit).delete()
    JobDelivery.objects.filter(parked_at__lt=limit - dt.timedelta(days=30)).delete()
    AttemptCounter.objects.filter(window_started_at__lt=limit).delete()
