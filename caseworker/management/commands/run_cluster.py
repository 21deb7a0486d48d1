"""Run one job cluster for as long as its supervisor lives; ``run_jobs`` starts it, nobody else needs to."""

import os
import select
import signal
import sys
from typing import Any

from django.core.management.base import BaseCommand
from django_q.cluster import Cluster

LOOK_EVERY = 1.0
STOP_WAIT = 15


def _end_group(*_args: Any) -> None:
    os.killpg(os.getpgrp(), signal.SIGKILL)


class Command(BaseCommand):
    """Standard input is a pipe that nobody writes to: it ends when the supervisor does, however it ended."""

    help = "Run one job cluster under run_jobs."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Run until SIGTERM, or until the supervisor is gone."""
        cluster = Cluster()
        cluster.start()
        while cluster.sentinel.is_alive():
            if select.select([sys.stdin], [], [], LOOK_EVERY)[0]:
                signal.signal(signal.SIGALRM, _end_group)
                signal.alarm(STOP_WAIT)
                cluster.stop()
                signal.alarm(0)
                return
