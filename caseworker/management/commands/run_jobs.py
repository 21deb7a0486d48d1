"""Run the background jobs under a small supervisor.

The job cluster restarts single workers by itself, but an idle worker killed the hard way takes the queue's lock with it, and then
nothing moves any more. The supervisor looks at what counts: a job that is due and that nobody takes. Then it ends the whole process
group and starts a new one.
"""

import contextlib
import datetime as dt
import os
import signal
import subprocess
import sys
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import close_old_connections
from django.utils import timezone
from django_q.models import OrmQ

from caseworker.models.jobs import JobDelivery

LOOK_EVERY = 1.0
STOP_WAIT = 15.0
FOR_EVER = "-1"
"""Workers keep their connection: a new one for each poll is many times slower on PostgreSQL."""


def is_stuck(seconds: float) -> bool:
    """Tell whether a job has waited longer than *seconds* although a worker should be free.

    A job waits when it is due and not fetched, or fetched and not started (the killed worker took the queue's lock with it). Workers that are
    inside their time limit are busy, not stuck.
    """
    now = timezone.now()
    limit, oldest_busy = now - dt.timedelta(seconds=seconds), now - dt.timedelta(seconds=settings.JOB_TIMEOUT)
    known = JobDelivery.objects.filter(parked_at__isnull=True)
    if known.filter(started_at__gt=oldest_busy).count() >= settings.JOB_WORKERS:
        return False
    unstarted = known.filter(started_at__isnull=True, delivered_at__lt=limit).exists()
    return bool(unstarted or OrmQ.objects.filter(lock__lt=limit).exists())


def release_unstarted() -> None:
    """Let rows that were fetched and never started be fetched again at once, instead of after the retry time."""
    waiting = JobDelivery.objects.filter(parked_at__isnull=True, started_at__isnull=True)
    OrmQ.objects.filter(id__in=list(waiting.values_list("queue_id", flat=True))).update(lock=timezone.now())
    waiting.update(delivered_at=None)


class Group:
    """One job cluster in a process group of its own."""

    def __init__(self) -> None:
        """Start it."""
        command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "qcluster"]
        environment = os.environ | {"CONN_MAX_AGE": FOR_EVER}
        self.process = subprocess.Popen(command, start_new_session=True, cwd=settings.BASE_DIR, env=environment)

    def is_running(self) -> bool:
        """Tell whether its first process lives."""
        return self.process.poll() is None

    def stop(self) -> None:
        """Ask it to end, then end every process of the group."""
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=STOP_WAIT)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


class Command(BaseCommand):
    """Run until SIGTERM or Ctrl-C."""

    help = "Run background jobs under a supervisor."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the patience of the supervisor."""
        parser.add_argument(
            "--stuck-after", type=float, default=20.0, help="seconds a due job may wait before the cluster is restarted"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Start the cluster, look after it, and take it down again."""
        self.is_stopping = False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        parent, group, patience = os.getppid(), Group(), options["stuck_after"]
        started = time.monotonic()
        try:
            while not self.is_stopping and os.getppid() == parent:
                time.sleep(LOOK_EVERY)
                close_old_connections()
                fresh = time.monotonic() - started < patience
                if not group.is_running() or (not fresh and is_stuck(patience)):
                    self.stderr.write("restarting the job cluster")
                    group.stop()
                    release_unstarted()
                    group, started = Group(), time.monotonic()
        finally:
            group.stop()

    def _stop(self, *_args: Any) -> None:
        self.is_stopping = True
