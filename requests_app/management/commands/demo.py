"""Serve the demo: create what is missing, print who may sign in, and run web server and background jobs on loopback."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from io import StringIO
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from caseworker.databases import EPHEMERAL_APP
from caseworker.models.accounts import Caseworker
from requests_app.demo.organization import ACCOUNTS, demo_words
from requests_app.models.help_requests import HelpRequest

HOST = "127.0.0.1"
TRIED_PORTS = 20
WHAT = {
    "anna": "logs requests",
    "boris": "triages, moves cases",
    "galina": "triages, moves cases",
    "eva": "assigns, reopens, approves releases",
    "dmitri": "counts, proposes and publishes releases",
    "sofia": "people and audit",
    "olga": "audit and ledger",
}


def free_port(wanted: int) -> int:
    """Return *wanted* or the next free port after it; raises ``CommandError`` when twenty are taken."""
    for port in range(wanted, wanted + TRIED_PORTS):
        with contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with contextlib.suppress(OSError):
                probe.bind((HOST, port))
                return port
    raise CommandError("No free port was found. Name another with --port.")


class Command(BaseCommand):
    """Keeps its data under ``var/demo``; ``--fresh`` starts over."""

    help = "Serve the demo year on loopback."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Take a port, a fresh start, and a small year for the impatient."""
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--fresh", action="store_true", help="delete the demo's data and start over")
        parser.add_argument("--limit", type=int, default=None, help="only so many requests, without releases")
        parser.add_argument("--no-serve", action="store_true", help="prepare everything, then stop")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Prepare, tell, serve."""
        if not settings.DEMO:
            raise CommandError("Run this as: python3 manage.py demo")
        if options["fresh"]:
            self._start_over()
        self._prepare(options["limit"])
        self._print_accounts()
        if not options["no_serve"]:
            self._serve(free_port(options["port"]))

    def _start_over(self) -> None:
        shutil.rmtree(settings.VAR_DIR)
        Path(settings.RUNTIME_DIR).mkdir(parents=True, mode=0o700)

    def _prepare(self, limit: int | None) -> None:
        """Create databases and the year; a year that was interrupted half-way is started over."""
        done = Path(settings.VAR_DIR) / "ready"
        if not done.exists() and Path(settings.DATABASES["default"]["NAME"]).exists():
            self._start_over()
        call_command("check", tags=["database"], databases=["default", "ephemeral"], stdout=StringIO())
        call_command("migrate", verbosity=0)
        call_command("migrate", EPHEMERAL_APP, database="ephemeral", verbosity=0)
        call_command("createcachetable", database="ephemeral", verbosity=0)
        call_command("sync_schedules", stdout=self.stdout)
        (Path(settings.VAR_DIR) / "static").mkdir(exist_ok=True)
        if not done.exists():
            self.stdout.write("Building the demo year (about two minutes, once) …")
            call_command("seed_demo", limit=limit, stdout=self.stdout)
            done.write_text(str(int(time.time())), encoding="ascii")

    def _print_accounts(self) -> None:
        self.stdout.write(
            f"\n{HelpRequest.objects.count()} requests. Who may sign in (alias, role, six words), without a code:\n"
        )
        for alias, role in ACCOUNTS:
            if Caseworker.objects.filter(alias=alias).exists():
                self.stdout.write(f"  {alias:<8}{role.label:<18}{demo_words(alias):<58}{WHAT[alias]}")

    def _serve(self, port: int) -> None:
        """Run the web server and the jobs until Ctrl-C or a request to end; all end together."""
        for ending in (signal.SIGINT, signal.SIGTERM):
            signal.signal(ending, signal.default_int_handler)
        environment = os.environ | {"PYTHONUNBUFFERED": "1"}
        web = [
            sys.executable,
            "-m",
            "gunicorn",
            "config.wsgi:application",
            "--bind",
            f"{HOST}:{port}",
            "--workers",
            "2",
        ]
        quiet = ["--no-control-socket", "--log-level", "warning"]
        jobs = [sys.executable, str(settings.BASE_DIR / "manage.py"), "run_jobs"]
        self.stdout.write(f"\nOpen http://{HOST}:{port}/ — stop with Ctrl-C.\n")
        self.stdout.flush()
        children = [
            subprocess.Popen(command, env=environment, cwd=settings.BASE_DIR) for command in ([*web, *quiet], jobs)
        ]
        try:
            while all(child.poll() is None for child in children):
                time.sleep(0.5)
        except KeyboardInterrupt:
            self.stdout.write("\nStopping …")
        finally:
            for child in children:
                child.terminate()
            for child in children:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    child.wait(timeout=20)
