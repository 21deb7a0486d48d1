"""Background jobs, called directly: ids in, nothing out, twice is once, and a failure says no value."""

import datetime as dt
import inspect
import traceback
from typing import Any

import pytest
from django.db import IntegrityError
from django.utils import timezone
from django_q.models import OrmQ, Task

from caseworker.broker import NEVER, GuardedBroker
from caseworker.jobs import ALLOWED_FUNCTIONS, JobFailed, job
from caseworker.models.ephemeral import AttemptCounter, SessionRow
from caseworker.models.jobs import JobDelivery
from caseworker.models.keys import RecoveryKey
from requests_app import tasks
from requests_app.actions import releases
from requests_app.enums import ReleaseState
from requests_app.models.counts import CountCell, PrivacyLedgerEntry, Release, ReleaseCell
from tests.cast import Cast, audit_verbs

pytestmark = pytest.mark.django_db
MONTH = dt.date(2024, 12, 1)
DUE = dt.datetime(2025, 2, 15, 9, tzinfo=dt.UTC)
VALUE = "+44 7700 900123"


def approved(cast: Cast) -> Release:
    for table, cls in (("T0", "all"), ("T1", "kazakhstan"), ("T2", "mobilized")):
        CountCell.objects.create(month=MONTH, table=table, cls=cls, count=40)
    release = releases.propose_release(MONTH, actor=cast.dmitri.person, now=DUE)
    return releases.approve_release(release, actor=cast.eva.person, now=DUE)


def snapshot() -> tuple[Any, ...]:
    cells = list(ReleaseCell.objects.order_by("id").values_list("id", "table", "cls", "value"))
    charges = list(PrivacyLedgerEntry.objects.order_by("id").values_list("id", "table", "epsilon", "cumulative"))
    return cells, charges, list(Release.objects.values()), list(CountCell.objects.values()), audit_verbs()


def test_the_list_is_exactly_the_jobs_of_this_module_and_each_is_sealed() -> None:
    public = {
        f"{tasks.__name__}.{name}": function
        for name, function in inspect.getmembers(tasks, inspect.isfunction)
        if function.__module__ == tasks.__name__
    }
    assert set(public) == ALLOWED_FUNCTIONS
    for function in public.values():
        assert "JobFailed" in inspect.getsource(function.__code__)


def test_an_approved_release_delivered_twice_is_frozen_once(cast: Cast) -> None:
    release = approved(cast)
    row = OrmQ.objects.get()
    for delivery in range(2):
        OrmQ.objects.update(lock=timezone.now() - dt.timedelta(seconds=1))
        (key, _payload), = GuardedBroker(list_key="casework").dequeue()  # fmt: skip
        assert (key, row.task["args"]) == (row.id, (str(release.id),))
        assert tasks.freeze_release(*row.task["args"]) is None
        if delivery == 0:
            before = snapshot()
    assert snapshot() == before
    assert audit_verbs().count("freeze_release") == 1
    assert Release.objects.get().state == ReleaseState.FROZEN


def test_a_freeze_cut_off_half_way_is_done_by_the_next_delivery(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    release = approved(cast)
    before = snapshot()

    def cut(*_args: Any, **_kwargs: Any) -> None:
        raise IntegrityError(VALUE)

    with monkeypatch.context() as patch:
        patch.setattr("requests_app.actions.releases._record", cut)
        with pytest.raises(JobFailed, match=r"^IntegrityError$"):
            tasks.freeze_release(str(release.id))
    assert snapshot() == before
    tasks.freeze_release(str(release.id))
    assert Release.objects.get().state == ReleaseState.FROZEN
    assert not CountCell.objects.exists()


@pytest.mark.parametrize("argument", ["nonsense", "7b0c8a6e-0000-4000-8000-000000000000"])
def test_a_release_that_does_not_exist_fails_without_saying_which(cast: Cast, argument: str) -> None:
    with pytest.raises(JobFailed) as caught:
        tasks.freeze_release(argument)
    assert argument not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("error", [ValueError, KeyError, IntegrityError, RuntimeError])
def test_the_text_of_a_failure_never_leaves_the_job(error: type[Exception]) -> None:
    @job
    def failing() -> None:
        said = VALUE
        raise error(said) from ValueError(VALUE)

    with pytest.raises(JobFailed, match=f"^{error.__name__}$") as caught:
        failing()
    assert VALUE not in "".join(traceback.format_exception(caught.value))


def _session(key: str, expires_at: dt.datetime) -> None:
    SessionRow.objects.create(
        id_hash=key, payload=b"x", created_at=timezone.now(), seen_at=timezone.now(), expires_at=expires_at
    )


def test_the_sweep_deletes_what_is_past_and_nothing_else() -> None:
    now = timezone.now()
    _session("past", now - dt.timedelta(seconds=5))
    _session("open", now + dt.timedelta(hours=1))
    AttemptCounter.objects.create(key="past", window_started_at=now - dt.timedelta(hours=25))
    AttemptCounter.objects.create(key="open", window_started_at=now - dt.timedelta(hours=23))
    for _ in range(2):
        assert tasks.sweep_expired() is None
    assert list(SessionRow.objects.values_list("id_hash", flat=True)) == ["open"]
    assert list(AttemptCounter.objects.values_list("key", flat=True)) == ["open"]


def _task(name: str, stopped: dt.datetime) -> None:
    Task.objects.create(id=name, name=name, func="f", success=False, started=stopped, stopped=stopped)


def test_the_purge_deletes_old_traces_and_keeps_what_somebody_must_see() -> None:
    now = timezone.now()
    _task("old", now - dt.timedelta(hours=25))
    _task("new", now - dt.timedelta(hours=23))
    waiting = OrmQ.objects.create(key="casework", payload="x", lock=now)
    kept, gone = (OrmQ.objects.create(key="casework", payload=name, lock=NEVER) for name in ("kept", "gone"))
    JobDelivery.objects.create(queue_id=waiting.id, deliveries=1)
    JobDelivery.objects.create(queue_id=kept.id, parked_at=now - dt.timedelta(days=29))
    JobDelivery.objects.create(queue_id=gone.id, parked_at=now - dt.timedelta(days=31))
    for _ in range(2):
        assert tasks.purge_job_rows() is None
    assert list(Task.objects.values_list("id", flat=True)) == ["new"]
    assert set(OrmQ.objects.values_list("id", flat=True)) == {waiting.id, kept.id}
    assert set(JobDelivery.objects.values_list("queue_id", flat=True)) == {waiting.id, kept.id}


def test_a_release_that_is_frozen_already_is_left_alone(cast: Cast) -> None:
    release = approved(cast)
    Release.objects.filter(id=release.id).update(state=ReleaseState.FROZEN, frozen_on=DUE.date(), content_hash="0" * 64)
    tasks.freeze_release(str(release.id))
    assert not ReleaseCell.objects.exists()
    assert CountCell.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_the_nightly_scrub_writes_every_table_anew(cast: Cast) -> None:
    tasks.scrub_erased()
    assert RecoveryKey.objects.count() == 1
