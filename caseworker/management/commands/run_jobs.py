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
from django.db import DatabaseError, close_old_connections
from django.utils import timezone
from django.utils.module_loading import import_string
from django_q.conf import Conf
from django_q.models import OrmQ

from caseworker.models.jobs import JobDelivery
from caseworker.schedules import sync_schedules

LOOK_EVERY = 1.0
STOP_WAIT = 20.0
LEAST_LIFE = 5.0
SYNC_EVERY = 300.0
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
    return bool(unstarted or OrmQ.objects.filter(key=Conf.CLUSTER_NAME, lock__lt=limit).exists())


def release_unstarted() -> None:
    """Let rows that were fetched and never started be fetched again at once, instead of after the retry time."""
    waiting = JobDelivery.objects.filter(parked_at__isnull=True, started_at__isnull=True)
    OrmQ.objects.filter(id__in=list(waiting.values_list("queue_id", flat=True))).update(lock=timezone.now())
    waiting.update(delivered_at=None)


class Group:
    """One job cluster in a process group of its own; a pipe tells it when this process is gone."""

    def __init__(self) -> None:
        """Start it."""
        command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "run_cluster"]
        environment = os.environ | {"CONN_MAX_AGE": FOR_EVER}
        self.process = subprocess.Popen(
            command, start_new_session=True, cwd=settings.BASE_DIR, env=environment, stdin=subprocess.PIPE
        )
        self.started = time.monotonic()

    def is_ill(self, patience: float) -> bool:
        """Tell whether it must be replaced: it died, or it is old enough to be judged and stuck."""
        age = time.monotonic() - self.started
        if self.process.poll() is not None:
            return age > LEAST_LIFE
        return age > patience and is_stuck(patience)

    def stop(self, wait: float = STOP_WAIT) -> None:
        """Ask it to end, then end every process of the group."""
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=wait)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.communicate()


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
        self.is_stopping, self.synced = False, 0.0
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        self._sync()
        parent, group = os.getppid(), Group()
        try:
            while not self.is_stopping and os.getppid() == parent:
                time.sleep(LOOK_EVERY)
                with contextlib.suppress(DatabaseError):  # a database that is away is no fault of the cluster
                    group = self._look_after(group, options["stuck_after"])
        finally:
            group.stop()
            with contextlib.suppress(DatabaseError):
                release_unstarted()

    def _look_after(self, group: Group, patience: float) -> Group:
        """Return *group*, or the one that replaces it."""
        close_old_connections()
        if time.monotonic() - self.synced > SYNC_EVERY:
            self._sync()
        if not group.is_ill(patience):
            return group
        self.stderr.write("restarting the job cluster")
        group.stop(wait=0)  # a wedged cluster never ends by itself, and every job may be cut off and run again
        release_unstarted()
        return Group()

    def _sync(self) -> None:
        """Remove what was planted among the schedules: one bad row there silences all of them."""
        self.synced = time.monotonic()
        with contextlib.suppress(DatabaseError):
            sync_schedules(import_string("config.schedule.SCHEDULES"))

    def _stop(self, *_args: Any) -> None:
        self.is_stopping = True
