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

LOOK_EVERY = 1.0
STOP_WAIT = 15.0


def is_stuck(seconds: float) -> bool:
    """Tell whether a job has been due for longer than *seconds* and nobody took it."""
    limit = timezone.now() - dt.timedelta(seconds=seconds)
    return bool(OrmQ.objects.filter(lock__lt=limit).exists())


class Group:
    """One job cluster in a process group of its own."""

    def __init__(self) -> None:
        """Start it."""
        command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "qcluster"]
        self.process = subprocess.Popen(command, start_new_session=True, cwd=settings.BASE_DIR)

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
                    group, started = Group(), time.monotonic()
        finally:
            group.stop()

    def _stop(self, *_args: Any) -> None:
        self.is_stopping = True
