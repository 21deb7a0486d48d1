"""The queue's gate: nothing that is not on the list runs, nothing runs for ever, nothing carries a value."""

import contextlib
import datetime as dt
import os
import pickle
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone
from django_q import core_signing
from django_q.conf import Conf
from django_q.models import OrmQ, Task

from caseworker.broker import MOST_DELIVERIES, NEVER, GuardedBroker, mark_started, readable_job
from caseworker.jobs import JobRefused, enqueue
from caseworker.management.commands.run_jobs import is_stuck, release_unstarted
from caseworker.models.jobs import JobDelivery
from tests.cast import Cast

pytestmark = pytest.mark.django_db
GOOD = "requests_app.tasks.sweep_expired"


def broker() -> GuardedBroker:
    return GuardedBroker(list_key="casework")


def put(task: Any) -> OrmQ:
    if isinstance(task, dict):
        task = {"id": "0" * 32, "name": "one", "kwargs": {}, "started": timezone.now()} | task

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
    "a chain": {"func": GOOD, "args": (), "chain": [("os.system", ("true",), {})]},
    "a result in the cache": {"func": GOOD, "args": (), "cached": True},
    "a longer time": {"func": GOOD, "args": (), "timeout": 10**9},
    "a value as group": {"func": GOOD, "args": (), "group": "Тихий"},
    "a value as name": {"func": GOOD, "args": (), "name": "+44 7700 900123 and a long story about somebody who left"},
    "no time": {"func": GOOD, "args": (), "started": "now"},
    "no function": {"args": ()},
    "an unhashable function": {"func": ["os.system"], "args": ()},
    "no dictionary": ["x"],
    "a number": 7,
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
    forged = (put({"func": GOOD, "args": ()}).payload[:-1] + "_", "forged", "", ":::", "é")
    OrmQ.objects.all().delete()
    for payload in forged:
        OrmQ.objects.create(key="casework", payload=payload, lock=timezone.now() - dt.timedelta(seconds=1))
        assert broker().dequeue() == []
        assert not OrmQ.objects.exists()


@pytest.mark.parametrize("data", [b"", b"\x80", b"cos\nsystem\n.", b"\x80\x05\x8c\x02os\x94.", b"garbage", b"I7\n."])
def test_signed_garbage_is_refused_and_breaks_nothing(data: bytes) -> None:
    class Raw:
        dumps = staticmethod(lambda _value: data)

    payload = core_signing.dumps(None, key=Conf.SECRET_KEY, salt=Conf.PREFIX, serializer=Raw)
    with pytest.raises(JobRefused):
        readable_job(payload)


def test_a_queue_row_holds_the_function_ids_and_nothing_else(cast: Cast) -> None:
    enqueue("requests_app.tasks.freeze_release", "7b0c8a6e-0000-4000-8000-000000000000")
    row = OrmQ.objects.get()
    task = row.task
    assert (task["func"], task["args"], task["kwargs"]) == (
        "requests_app.tasks.freeze_release", ("7b0c8a6e-0000-4000-8000-000000000000",), {},
    )  # fmt: skip
    assert set(task) <= {"id", "name", "func", "args", "kwargs", "started"}
    assert not any(alias in row.payload for alias in cast.all())


def test_only_rows_of_this_queue_make_the_cluster_look_stuck() -> None:
    OrmQ.objects.create(key="elsewhere", payload="x", lock=timezone.now() - dt.timedelta(days=1))
    assert not is_stuck(5)


def test_a_job_that_kills_its_worker_is_parked_after_three_deliveries() -> None:
    row = put({"func": GOOD, "args": ()})
    for _ in range(MOST_DELIVERIES):
        assert [key for key, _payload in broker().dequeue()] == [row.id]
        OrmQ.objects.update(lock=timezone.now() - dt.timedelta(seconds=1))
    assert broker().dequeue() == []
    OrmQ.objects.exclude(lock=NEVER).update(lock=timezone.now() - dt.timedelta(seconds=1))
    assert broker().dequeue() == []
    assert JobDelivery.objects.get(queue_id=row.id).parked_at is not None
    assert not is_stuck(0)


def test_a_parked_job_may_be_tried_again(capsys: pytest.CaptureFixture[str]) -> None:
    row = put({"func": GOOD, "args": ("0123-secret",)})
    JobDelivery.objects.create(queue_id=row.id, function=GOOD, deliveries=MOST_DELIVERIES)
    assert broker().dequeue() == []
    call_command("jobs_status")
    shown = capsys.readouterr().out
    assert f"number {row.id}" in shown
    assert "3 deliveries  " + GOOD in shown
    assert "secret" not in shown
    call_command("jobs_status", retry=row.id)
    assert [key for key, _payload in broker().dequeue()] == [row.id]
    with pytest.raises(CommandError):
        call_command("jobs_status", retry=row.id)


def test_the_state_of_jobs_is_shown_without_values(capsys: pytest.CaptureFixture[str]) -> None:
    put({"func": GOOD, "args": ("AB-secret",)})
    refused = put({"func": "os.system", "args": ("rm secret",)})
    moment = timezone.now()
    Task.objects.create(
        id="1" * 32, name="one", func=GOOD, args=("secret",), result="secret", success=False, started=moment, stopped=moment
    )  # fmt: skip
    call_command("jobs_status")
    assert "(refused)" in capsys.readouterr().out
    broker().dequeue()
    broker().dequeue()
    call_command("jobs_status")
    shown = capsys.readouterr().out
    assert "in the queue: 1" in shown
    assert "failed in the last day: 1" in shown
    assert f"number {refused.id}" in shown
    assert "secret" not in shown
    assert "os.system" not in shown


def test_a_finished_job_leaves_nothing() -> None:
    row = put({"func": GOOD, "args": ()})
    broker().dequeue()
    broker().acknowledge(row.id)
    assert not OrmQ.objects.exists()
    assert not JobDelivery.objects.exists()


@pytest.mark.parametrize(
    "arguments", [("ж",), ("x" * 41,), (7,), (None,), ("",), ("+447700900123",), ("two words",), ("line\n",)]
)
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
