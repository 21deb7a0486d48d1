"""Rules of releases that the database or the chain must keep: forward only, one chain, no hole for odd months."""

import datetime as dt
import random
import threading
from typing import Any

import pytest
from django.db import IntegrityError, close_old_connections, connection, transaction
from django.urls import reverse

from requests_app.actions import counting, releases
from requests_app.enums import ReleaseState
from requests_app.models.counts import CountCell, Release, ReleaseCell
from requests_app.queries.releases import document_of
from tests.cast import Cast, audit_verbs

pytestmark = pytest.mark.django_db
DUE = dt.datetime(2025, 6, 20, 9, tzinfo=dt.UTC)
FORWARD = {
    ("awaiting", "approved"),
    ("awaiting", "rejected"),
    ("approved", "frozen"),
    ("frozen", "published"),
    ("frozen", "withdrawn"),
    ("published", "withdrawn"),
}
PAIRS = [(here, there) for here in ReleaseState.values for there in ReleaseState.values if here != there]


@pytest.mark.parametrize(("here", "there"), PAIRS, ids=lambda state: str(state))
def test_the_database_lets_a_release_move_forward_only(cast: Cast, here: str, there: str) -> None:
    Release.objects.create(
        period=dt.date(2025, 3, 1), state=here, made_by=cast.dmitri.person, approved_by=cast.eva.person,
        proposed_on=DUE.date(), frozen_on=DUE.date(), content_hash="0" * 64, software="1",
    )  # fmt: skip
    if (here, there) in FORWARD:
        assert Release.objects.update(state=there) == 1
        return
    with pytest.raises(IntegrityError), transaction.atomic():
        Release.objects.update(state=there)
    assert Release.objects.get().state == here


def test_nobody_can_be_both_people_of_a_release(cast: Cast) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Release.objects.create(
            period=dt.date(2025, 3, 1), made_by=cast.dmitri.person, approved_by=cast.dmitri.person,
            proposed_on=DUE.date(), software="1",
        )  # fmt: skip


def test_a_month_has_one_release_that_was_not_rejected(cast: Cast) -> None:
    row = {"period": dt.date(2025, 3, 1), "made_by": cast.dmitri.person, "proposed_on": DUE.date(), "software": "1"}
    Release.objects.create(state=ReleaseState.REJECTED, **row)
    Release.objects.create(**row)
    with pytest.raises(IntegrityError), transaction.atomic():
        Release.objects.create(**row)


def approved(cast: Cast, month: int, people: int = 60) -> Release:
    for _ in range(people):
        counting.count_new_person(country="KZ", category="mobilized", now=dt.datetime(2025, month, 5, tzinfo=dt.UTC))
    release = releases.propose_release(dt.date(2025, month, 1), actor=cast.dmitri.person, now=DUE)
    return releases.approve_release(release, actor=cast.eva.person, now=DUE)


def assert_one_chain(count: int) -> None:
    previous = {release.previous_hash: release for release in Release.objects.all()}
    assert len(previous) == count, "two releases follow the same one"
    walked, here = 0, ""
    while here in previous:
        release = previous[here]
        assert release.content_hash == document_of(release).content_hash()
        here, walked = release.content_hash, walked + 1
    assert walked == count


def test_months_frozen_on_one_day_in_any_order_are_one_chain(cast: Cast) -> None:
    waiting = {month: approved(cast, month) for month in (1, 2, 3, 4)}
    for month in (3, 1, 4, 2):
        releases.freeze_release(waiting[month].id, now=DUE, randbelow=random.Random(month).randrange)
    assert_one_chain(4)


def test_an_altered_cell_breaks_the_chain(cast: Cast) -> None:
    release = releases.freeze_release(approved(cast, 1).id, now=DUE, randbelow=random.Random(5).randrange)
    with connection.cursor() as cursor:
        on = ' ON "requests_app_releasecell"' if connection.vendor == "postgresql" else ""
        cursor.execute(f'DROP TRIGGER "requests_app_releasecell_refuses_update"{on}')
    ReleaseCell.objects.filter(table="T0").update(value=5)
    assert document_of(release).content_hash() != release.content_hash


@pytest.mark.django_db(transaction=True)
def test_jobs_that_freeze_at_once_draw_each_month_once_and_make_one_chain(cast: Cast) -> None:
    waiting = [approved(cast, month) for month in (1, 2, 3)]
    at_once, failed = threading.Barrier(6), []

    def freeze(release: Release) -> None:
        try:
            at_once.wait(timeout=20)
            releases.freeze_release(release.id, now=DUE)
        except Exception as error:
            failed.append(error)
        finally:
            close_old_connections()
            connection.close()

    threads = [threading.Thread(target=freeze, args=(release,)) for release in waiting * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert failed == []
    assert audit_verbs().count("freeze_release") == 3
    assert not CountCell.objects.exists()
    assert_one_chain(3)


ODD = [
    "9999-12",
    "9999-11",
    "0001-01",
    "1900-01",
    "2024-00",
    "2024-13",
    "２０２４-12",
    "-1-01",
    "2024-12-01",
    "x" * 5000,
]


@pytest.mark.parametrize("month", ODD, ids=lambda month: month[:12])
def test_an_odd_month_is_refused_and_breaks_nothing(cast: Cast, sign_in: Any, month: str) -> None:
    client = sign_in(cast.dmitri)
    assert client.post(reverse("propose_release"), {"month": month}).status_code == 403
    assert client.post(reverse("true_counts_month"), {"month": month}).status_code in {200, 403}


def test_only_those_who_may_get_near_counts(cast: Cast, sign_in: Any) -> None:
    release = approved(cast, 1)
    client = sign_in(cast.boris)
    for name in ("true_counts", "releases", "privacy_ledger"):
        assert client.get(reverse(name)).status_code == 403
    assert client.get(reverse("release", args=[release.id])).status_code == 403
    for name in ("approve_release", "reject_release", "publish_release"):
        assert client.post(reverse(name, args=[release.id])).status_code == 403
    assert client.post(reverse("true_counts_month"), {"month": "2025-01"}).status_code == 403
    assert Release.objects.get().state == ReleaseState.APPROVED
