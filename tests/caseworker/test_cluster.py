"""A real job cluster under its real supervisor: a killed worker does not stop the jobs, and nothing outlives the supervisor."""

import contextlib
import datetime as dt
import os
import signal
import sqlite3
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from django.conf import settings
from django_q.models import OrmQ

from caseworker.jobs import enqueue
from config.schedule import SCHEDULES
from tests.templates import copy_into, migrated

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parent.parent.parent
Query = Callable[[str], list[tuple[int, ...]]]


@contextlib.contextmanager
def own_database(folder: Path) -> Iterator[tuple[str, Query]]:
    """Yield the address of an empty database of the kind the run is on, and a function that asks it."""
    if server := os.environ.get("TEST_DATABASE_URL"):
        name = f"jobs_{uuid.uuid4().hex[:8]}"
        address = urlsplit(server)._replace(path=f"/{name}").geturl()

        def ask(url: str, sql: str) -> list[tuple[int, ...]]:
            with psycopg.connect(url, autocommit=True) as connection:
                cursor = connection.execute(sql.encode())
                return cursor.fetchall() if cursor.description else []

        ask(server, f"CREATE DATABASE {name}")
        yield address, lambda sql: ask(address, sql)
        ask(server, f"DROP DATABASE {name} WITH (FORCE)")
        return

    def ask_file(sql: str) -> list[tuple[int, ...]]:
        with contextlib.closing(sqlite3.connect(folder / "casework.sqlite3", timeout=20)) as connection, connection:
            return connection.execute(sql).fetchall()

    yield "", ask_file


def until(is_true: Callable[[], bool], seconds: float = 30) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if is_true():
            return True
        time.sleep(0.1)
    return False


def listed(*arguments: str) -> list[int]:
    shown = subprocess.run(["ps", "-o", "pid=", *arguments], capture_output=True, text=True, check=False).stdout
    return sorted(int(pid) for pid in shown.split())


class Supervised:
    """``run_jobs`` as a process of its own."""

    def __init__(self, environment: dict[str, str]) -> None:
        command = [sys.executable, "manage.py", "run_jobs", "--stuck-after", "4"]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
        )
        self.groups: set[int] = set()

    def members(self) -> list[int]:
        """Return cluster, sentinel, worker, monitor and pusher, in the order they were born."""
        for child in listed("--ppid", str(self.process.pid)):
            self.groups.add(child)
        return [pid for group in self.groups for pid in listed("-g", str(group))]

    def end(self, number: int) -> str:
        self.members()
        self.process.send_signal(number)
        said = self.process.communicate(timeout=40)[1].decode()
        assert until(lambda: not self.members(), 20), "processes outlived their supervisor"
        return said


@contextlib.contextmanager
def running(environment: dict[str, str]) -> Iterator[Supervised]:
    supervised = Supervised(environment)
    try:
        yield supervised
    finally:
        supervised.members()
        if supervised.process.poll() is None:
            supervised.end(signal.SIGKILL)
        for group in supervised.groups:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)


def test_a_killed_worker_stops_no_job_and_no_process_outlives_the_supervisor(tmp_path: Path) -> None:
    enqueue("requests_app.tasks.sweep_expired")
    payload = OrmQ.objects.get().payload
    with own_database(tmp_path) as (address, query):
        environment = os.environ | {
            "VAR_DIR": str(tmp_path), "RUNTIME_DIR": str(tmp_path / "run"), "JOB_WORKERS": "1", "DATABASE_URL": address,
            "DJANGO_SETTINGS_MODULE": "config.settings.development", "SECRET_KEY": settings.SECRET_KEY,
        }  # fmt: skip

        def put() -> None:
            moment = dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M:%S") + ("+00" if address else "")
            query(f"INSERT INTO django_q_ormq (key, payload, lock) VALUES ('casework', '{payload}', '{moment}')")

        def is_done() -> bool:
            return query("SELECT count(*) FROM django_q_ormq") == [(0,)]

        copy_into(migrated(), tmp_path)
        if address:
            subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=ROOT, env=environment, check=True)
        with running(environment) as supervised:
            put()
            assert until(is_done), "the cluster never did its first job"
            assert len(supervised.members()) == 5
            os.kill(
                supervised.members()[2], signal.SIGKILL
            )  # after the cluster and its sentinel comes the worker, idle now
            put()
            assert until(is_done), "the cluster stayed wedged"
            assert len(query("SELECT id FROM django_q_schedule")) == len(SCHEDULES)
            assert "restarting" in supervised.end(signal.SIGTERM)
        with running(environment) as supervised:
            assert until(lambda: len(supervised.members()) == 5)
            supervised.end(signal.SIGKILL)
        assert query("SELECT count(*) FROM django_q_task") == [(0,)], "no job failed on the way"
