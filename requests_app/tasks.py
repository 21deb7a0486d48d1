"""Background jobs: each takes ids only, calls one action, returns nothing, and may be delivered twice."""

import datetime as dt
import uuid

from django.utils import timezone
from django_q.models import OrmQ, Task

from caseworker import clock
from caseworker.actions import backups, notice_sending
from caseworker.actions.alarms import report_broken_chain
from caseworker.backups.folder import is_switched_on
from caseworker.jobs import job
from caseworker.models.ephemeral import AttemptCounter
from caseworker.models.jobs import JobDelivery
from caseworker.panic import everyone_is_locked
from caseworker.scrubbing import rewrite_tables
from caseworker.sessions import SessionStore
from requests_app.actions import bulk, erasure, handovers, honeytokens, releases, retention, stays
from requests_app.clocks import ARCHIVE_AFTER_CLOSING
from requests_app.queries.ringing import has_news
from requests_app.sealed_keys import drop_expired_keys

KEPT, PARKED_KEPT = dt.timedelta(days=1), dt.timedelta(days=30)


@job
def freeze_release(release_id: str) -> None:
    """Draw and freeze an approved month."""
    releases.freeze_release(uuid.UUID(release_id), now=clock.now())


@job
def sweep_expired() -> None:
    """Delete sessions past their end, and throttle counters and changes of several cases older than a day."""
    SessionStore.clear_expired()
    bulk.forget_batches(clock.now(), older_than=KEPT)
    AttemptCounter.objects.filter(window_started_at__lt=timezone.now() - KEPT).delete()


@job
def erase_due() -> None:
    """Erase those whose 48 hours are over."""
    erasure.erase_due(clock.now())


@job
def sweep_retention() -> None:
    """Erase what is past its time, unless something stands against it."""
    retention.sweep_due(clock.now())


@job
def archive_due() -> None:
    """Archive cases that were closed 90 days ago."""
    erasure.archive_due(clock.now(), after=ARCHIVE_AFTER_CLOSING)


@job
def end_what_is_over() -> None:
    """Return offers that nobody answered, and delete the data keys of access that has ended."""
    handovers.return_overdue(clock.now())
    drop_expired_keys(now=clock.now())


@job
def coarsen_stays() -> None:
    """Turn the days of past stays that no clock needs any more into weeks."""
    stays.coarsen_due(clock.now())


@job
def keep_honeytokens_quiet() -> None:
    """Move on the check-ins of honeytokens, so that none blocks a queue."""
    honeytokens.keep_quiet(clock.now())


@job
def verify_audit_chain() -> None:
    """Walk the audit chain and set off an alarm when it is broken."""
    report_broken_chain(clock.now())


@job
def scrub_erased() -> None:
    """Write the tables anew from which something was erased."""
    rewrite_tables()


@job
def make_backup() -> None:
    """Make the nightly backup and delete what is past its age; nothing where no folder is set."""
    if is_switched_on():
        backups.make_backup(now=clock.now())
        backups.prune_backups(now=clock.now())


@job
def keep_ledger() -> None:
    """Write the erasure ledger beside the backups when somebody was erased since."""
    if is_switched_on():
        backups.keep_ledger(now=clock.now())


@job
def send_notices() -> None:
    """Remind those who asked for it that the hour has come, and ring those for whom something came up."""
    notice_sending.send_due(clock.now(), has_news=has_news, is_locked=everyone_is_locked())


@job
def send_notice_codes() -> None:
    """Send codes to the addresses that are to be proven."""
    notice_sending.send_codes(clock.now())


@job
def purge_job_rows() -> None:
    """Delete rows about failed jobs older than a day, and parked jobs that nobody looked at for a month."""
    Task.objects.filter(stopped__lt=timezone.now() - KEPT).delete()
    parked = JobDelivery.objects.filter(parked_at__lt=timezone.now() - PARKED_KEPT)
    OrmQ.objects.filter(id__in=list(parked.values_list("queue_id", flat=True))).delete()
    parked.delete()
