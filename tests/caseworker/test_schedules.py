"""Schedules in the database are the table in code: nothing planted survives, and one bad row silences no other."""

import datetime as dt
import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from django_q.models import OrmQ, Schedule
from django_q.scheduler import scheduler

from caseworker.broker import GuardedBroker, readable_job
from caseworker.jobs import ALLOWED_FUNCTIONS
from caseworker.schedules import sync_schedules
from config.schedule import SCHEDULES, Scheduled

pytestmark = pytest.mark.django_db
SWEEP = "requests_app.tasks.sweep_expired"


def sync() -> None:
    call_command("sync_schedules", stdout=io.StringIO())


def rows() -> list[tuple[Any, ...]]:
    columns = ("name", "func", "minutes", "repeats", "args", "kwargs", "hook", "cluster")
    return list(Schedule.objects.order_by("name").values_list(*columns))


WANTED = sorted((row.name, row.function, row.every_minutes, -1, None, None, None, None) for row in SCHEDULES)


def test_the_table_is_allowed_and_names_are_unique() -> None:
    assert {row.function for row in SCHEDULES} <= ALLOWED_FUNCTIONS
    assert len({row.name for row in SCHEDULES}) == len(SCHEDULES)


@pytest.mark.parametrize(
    "planted",
    [
        {"name": "planted", "func": "os.system", "args": "'true'"},
        {"name": "sweep_expired", "func": "os.system"},
        {"name": "sweep_expired", "func": SWEEP, "hook": "os.system"},
        {"name": "sweep_expired", "func": SWEEP, "args": "("},
        {"name": "sweep_expired", "func": SWEEP, "kwargs": "q_options={'chain': []}"},
        {"name": "sweep_expired", "func": SWEEP, "cluster": "elsewhere"},
        {"name": None, "func": SWEEP},
    ],
    ids=["function", "own name", "hook", "arguments", "keywords", "cluster", "no name"],
)
def test_a_planted_row_is_removed_and_the_table_stands(planted: dict[str, Any]) -> None:
    minutes = next(row.every_minutes for row in SCHEDULES if row.name == "sweep_expired")
    Schedule.objects.create(schedule_type=Schedule.MINUTES, minutes=minutes, repeats=-1, **planted)
    sync()
    assert rows() == WANTED


def test_a_second_run_keeps_rows_and_their_next_time() -> None:
    sync()
    Schedule.objects.create(**Schedule.objects.values("name", "func", "schedule_type", "minutes", "repeats")[0])
    later = timezone.now() + dt.timedelta(minutes=7)
    Schedule.objects.update(next_run=later)
    sync()
    assert rows() == WANTED
    assert set(Schedule.objects.values_list("next_run", flat=True)) == {later}


@pytest.mark.parametrize(("function", "minutes"), [("os.system", 5), (SWEEP, 0)])
def test_one_refused_row_blocks_no_other(function: str, minutes: int) -> None:
    table = [Scheduled("bad", function, minutes), Scheduled("good", SWEEP, 5)]
    assert sync_schedules(table) == ["bad"]
    assert list(Schedule.objects.values_list("name", flat=True)) == ["good"]


def test_the_command_says_which_row_it_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("config.schedule.SCHEDULES", (Scheduled("bad", "os.system", 5), *SCHEDULES))
    with pytest.raises(CommandError, match="bad"):
        sync()
    assert rows() == WANTED


def test_what_the_scheduler_writes_passes_the_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django_q.scheduler.close_old_django_connections", lambda: None)
    sync()
    Schedule.objects.update(next_run=timezone.now() - dt.timedelta(days=10))
    scheduler(broker=GuardedBroker(list_key="casework"))
    queued = [readable_job(row.payload) for row in OrmQ.objects.all()]
    assert sorted(queued) == sorted(row.function for row in SCHEDULES), "ten days of silence are made up for once"
    assert all(row.next_run > timezone.now() for row in Schedule.objects.all())
