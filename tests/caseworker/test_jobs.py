"""The queue's gate: nothing that is not on the list runs, nothing runs for ever, nothing carries a value."""

import contextlib
import datetime as dt
import io
import os
import pickle
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from django.utils import timezone
from django_q import core_signing
from django_q.conf import Conf
from django_q.models import OrmQ, Schedule

from caseworker.broker import MOST_DELIVERIES, GuardedBroker, mark_started, readable_job
from caseworker.jobs import ALLOWED_FUNCTIONS, JobRefused, enqueue
from caseworker.management.commands.run_jobs import is_stuck, release_unstarted
from caseworker.models.ephemeral import AttemptCounter
from caseworker.models.jobs import JobDelivery
from config.schedule import SCHEDULES
from requests_app import tasks

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parent.parent.parent
GOOD = "requests_app.tasks.sweep_expired"


def broker() -> GuardedBroker:
    return GuardedBroker(list_key="casework")


def put(task: Any) -> OrmQ:
    class Plain:
        dumps = staticmethod(lambda value: pickle.dumps(value))
        loads = staticmethod(pickle.loads)

    payload = core_signing.dumps(task, key=Conf.SECRET_KEY, salt=Conf.PREFIX, serializer=Plain)
    return OrmQ.objects.create(key="casework", payload=payload, lock=timezone.now() - dt.timedelta(seconds=1))


SYSTEM = os.system


class Exploit:
    def __reduce__(self) -> Any:
        return (SYSTEM, ("exit 0",))


BAD: dict[str, Any] = {
    "a function that is not on the list": {"func": "os.system", "args": ("true",)},
    "a callable": {"func": Exploit(), "args": ()},
    "a value as argument": {"func": GOOD, "args": ("+44 7700 900123 and a long story about somebody",)},
    "an object as argument": {"func": GOOD, "args": ({"a": 1},)},
    "keyword arguments": {"func": GOOD, "args": (), "kwargs": {"name": "x"}},
    "a hook": {"func": GOOD, "args": (), "hook": "os.system"},
    "no function": {"args": ()},
    "no dictionary": ["x"],
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_not_allowed_is_parked_before_it_runs(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[object] = []
    row = put(BAD[case])
    monkeypatch.setattr(os, "system", ran.append)
    monkeypatch.setattr("posix.system", ran.append)
    assert broker().dequeue() == []
    assert not OrmQ.objects.exists()
    assert JobDelivery.objects.get(queue_id=row.id).parked_at is not None
    assert ran == []


def test_a_forged_signature_is_parked() -> None:
    OrmQ.objects.create(key="casework", payload="forged", lock=timezone.now() - dt.timedelta(seconds=1))
    assert broker().dequeue() == []
    assert not OrmQ.objects.exists()


def test_a_job_that_kills_its_worker_is_parked_after_three_deliveries() -> None:
    row = put({"func": GOOD, "args": ()})
    for _ in range(MOST_DELIVERIES):
        assert [key for key, _payload in broker().dequeue()] == [row.id]
        OrmQ.objects.update(lock=timezone.now() - dt.timedelta(seconds=1))
    assert broker().dequeue() == []
    assert not OrmQ.objects.exists()
    assert JobDelivery.objects.get(queue_id=row.id).parked_at is not None


def test_a_finished_job_leaves_nothing() -> None:
    row = put({"func": GOOD, "args": ()})
    broker().dequeue()
    broker().acknowledge(row.id)
    assert not OrmQ.objects.exists()
    assert not JobDelivery.objects.exists()


@pytest.mark.parametrize("arguments", [("ж",), ("x" * 41,), (7,), (None,)])
def test_only_short_plain_codes_are_handed_on(arguments: tuple[Any, ...]) -> None:
    with pytest.raises(JobRefused):
        enqueue(GOOD, *arguments)
    with pytest.raises(JobRefused):
        enqueue("os.system", "true")


def test_a_job_disappears_with_its_transaction() -> None:
    with contextlib.suppress(RuntimeError), transaction.atomic():
        enqueue(GOOD)
        raise RuntimeError
    assert not OrmQ.objects.exists()
    enqueue(GOOD)
    assert readable_job(OrmQ.objects.get().payload) == GOOD


def test_schedules_are_the_table_and_nothing_else() -> None:
    Schedule.objects.create(name="planted", func="os.system", args="'true'", schedule_type=Schedule.MINUTES, minutes=1)
    for _ in range(2):
        call_command("sync_schedules", stdout=io.StringIO())
    assert set(Schedule.objects.values_list("name", "func")) == {(row.name, row.function) for row in SCHEDULES}
    assert {row.function for row in SCHEDULES} <= ALLOWED_FUNCTIONS


def test_sweeps_delete_only_what_is_old() -> None:
    old, now = timezone.now() - dt.timedelta(days=2), timezone.now()
    AttemptCounter.objects.create(key="old", window_started_at=old)
    AttemptCounter.objects.create(key="new", window_started_at=now)
    tasks.sweep_expired()
    tasks.purge_job_rows()
    assert list(AttemptCounter.objects.values_list("key", flat=True)) == ["new"]


def test_a_due_job_that_nobody_takes_is_noticed() -> None:
    assert not is_stuck(5)
    OrmQ.objects.create(key="casework", payload="x", lock=timezone.now() - dt.timedelta(seconds=10))
    assert is_stuck(5)
    assert not is_stuck(60)


def test_a_busy_cluster_is_not_taken_for_a_wedged_one(settings: Any) -> None:
    settings.JOB_WORKERS, now = 1, timezone.now()
    OrmQ.objects.create(key="casework", payload="x", lock=now - dt.timedelta(seconds=60))
    running = JobDelivery.objects.create(queue_id=7, deliveries=1, delivered_at=now, started_at=now)
    assert not is_stuck(5)
    JobDelivery.objects.filter(queue_id=running.queue_id).update(
        started_at=now - dt.timedelta(seconds=settings.JOB_TIMEOUT + 5)
    )
    assert is_stuck(5)


def test_a_fetched_job_that_no_worker_starts_is_noticed_and_released() -> None:
    row = put({"func": GOOD, "args": ()})
    broker().dequeue()
    assert not is_stuck(5)
    JobDelivery.objects.update(delivered_at=timezone.now() - dt.timedelta(seconds=30))
    assert is_stuck(5)
    release_unstarted()
    assert OrmQ.objects.get(id=row.id).lock <= timezone.now()
    assert not is_stuck(5)
    assert [key for key, _payload in broker().dequeue()] == [row.id]
    mark_started("worker", {"ack_id": row.id})
    assert JobDelivery.objects.get(queue_id=row.id).started_at is not None


def workers_of(group: int) -> list[int]:
    listed = subprocess.run(["ps", "-o", "pid=", "-g", str(group)], capture_output=True, text=True, check=False).stdout
    return [int(pid) for pid in listed.split()]


@pytest.mark.skipif(sys.platform == "win32", reason="process groups are POSIX")
def test_a_real_cluster_works_survives_a_killed_worker_and_leaves_no_orphans(tmp_path: Path) -> None:
    environment = os.environ | {
        "VAR_DIR": str(tmp_path), "RUNTIME_DIR": str(tmp_path / "run"), "DJANGO_SETTINGS_MODULE": "config.settings.development",
        "JOB_WORKERS": "1", "DATABASE_URL": "",
    }  # fmt: skip

    def manage(*arguments: str) -> None:
        subprocess.run(
            [sys.executable, "manage.py", *arguments], cwd=ROOT, env=environment, check=True, capture_output=True
        )

    def queued() -> int:
        code = "from django_q.models import OrmQ; print('left', OrmQ.objects.count())"
        shown = subprocess.run(
            [sys.executable, "manage.py", "shell", "-c", code],
            cwd=ROOT,
            env=environment,
            check=True,
            capture_output=True,
            text=True,
        )
        return int(shown.stdout.split("left ")[1])

    def until_empty(seconds: float) -> bool:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if queued() == 0:
                return True
        return False

    manage("migrate", "-v0")
    manage("migrate", "--database", "ephemeral", "-v0")
    manage("createcachetable", "--database", "ephemeral")
    put_one = ("shell", "-c", f"from caseworker.jobs import enqueue; enqueue('{GOOD}')")
    manage(*put_one)
    supervisor = subprocess.Popen(
        [sys.executable, "manage.py", "run_jobs", "--stuck-after", "6"], cwd=ROOT, env=environment,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        assert until_empty(40)
        children = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(supervisor.pid)], capture_output=True, text=True, check=True
        ).stdout.split()
        group = int(children[0])
        idle_worker = sorted(workers_of(group))[2]  # the cluster, its sentinel, then the workers
        os.kill(idle_worker, signal.SIGKILL)
        manage(*put_one)
        assert until_empty(60)
    finally:
        supervisor.terminate()
        supervisor.wait(timeout=40)
    assert workers_of(group) == []
