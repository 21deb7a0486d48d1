"""From counters to a published month: two people, drawn once, never revised, and nothing that leads back to anybody."""

import datetime as dt
import json
import random
import re
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django_q.models import OrmQ

from caseworker.exceptions import PermissionRefused, PolicyRefused, StaleVersion
from requests_app import tasks
from requests_app.actions import counting, erasure, releases
from requests_app.enums import ReleaseState
from requests_app.models.counts import CountCell, PrivacyLedgerEntry, Release, ReleaseCell
from requests_app.queries.releases import document_of, published_cells
from requests_app.statistics import export, labels
from requests_app.statistics.export import neutralised
from tests.cast import Cast, audit_verbs
from tests.factories import make_case

pytestmark = pytest.mark.django_db
MONTH, NEXT_MONTH = dt.date(2024, 12, 1), dt.date(2025, 1, 1)
IN_MONTH = dt.datetime(2024, 12, 20, 12, tzinfo=dt.UTC)
DUE = dt.datetime(2025, 2, 15, 9, tzinfo=dt.UTC)


def count_people(number: int, *, now: dt.datetime = IN_MONTH) -> None:
    for _ in range(number):
        counting.count_new_person(country="KZ", category="mobilized", now=now)


def frozen(cast: Cast, month: dt.date = MONTH, now: dt.datetime = DUE) -> Release:
    release = releases.propose_release(month, actor=cast.dmitri.person, now=now)
    releases.approve_release(release, actor=cast.eva.person, now=now)
    return releases.freeze_release(release.id, now=now, randbelow=random.Random(5).randrange)


def files(release: Release) -> tuple[bytes, bytes]:
    document = document_of(release)
    csv = export.csv_file(document, dimensions=labels.dimension_labels(), labels=labels.class_labels())
    return csv, export.json_file(document, notes=labels.method_notes())


def test_a_month_is_drawn_once_adds_up_and_destroys_its_counters(cast: Cast) -> None:
    count_people(40)
    release = frozen(cast)
    cells = published_cells(release)
    assert all(value % 5 == 0 for value in cells.values())
    for table in ("T1", "T2"):
        assert sum(value for (code, _cls), value in cells.items() if code == table) == cells["T0", "all"]
    assert not CountCell.objects.filter(month=MONTH).exists()
    assert {entry.table: entry.epsilon for entry in PrivacyLedgerEntry.objects.all()} == {
        "T0": 500, "T1": 1000, "T2": 1000, "T3": 500,
    }  # fmt: skip
    assert max(entry.cumulative for entry in PrivacyLedgerEntry.objects.all()) == 4000
    assert audit_verbs()[-3:] == ["propose_release", "approve_release", "freeze_release"]


def test_freezing_twice_changes_nothing(cast: Cast) -> None:
    count_people(10)
    release = frozen(cast)
    before = files(release)
    tasks.freeze_release(str(release.id))
    releases.freeze_release(release.id, now=DUE)
    assert files(Release.objects.get(id=release.id)) == before
    assert audit_verbs().count("freeze_release") == 1


def test_files_repeat_byte_for_byte_and_survive_erasure(cast: Cast) -> None:
    cases = [make_case(cast, now=IN_MONTH) for _ in range(6)]
    release = frozen(cast)
    before = files(release)
    for case in cases[::3]:
        erasure.erase_case(case, actor=cast.eva.person, now=DUE)
    assert files(Release.objects.get(id=release.id)) == before


def test_releases_are_chained(cast: Cast) -> None:
    count_people(10)
    count_people(10, now=IN_MONTH + dt.timedelta(days=31))
    first = frozen(cast)
    second = frozen(cast, NEXT_MONTH, DUE + dt.timedelta(days=28))
    assert first.previous_hash == ""
    assert second.previous_hash == first.content_hash == document_of(first).content_hash()
    assert json.loads(files(second)[1])["previous_hash"] == first.content_hash


def test_a_crash_before_the_commit_leaves_the_counters(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    count_people(10)
    release = releases.propose_release(MONTH, actor=cast.dmitri.person, now=DUE)
    releases.approve_release(release, actor=cast.eva.person, now=DUE)

    def crash(*_args: Any, **_kwargs: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr("requests_app.actions.releases._record", crash)
    with pytest.raises(RuntimeError), transaction.atomic():
        releases.freeze_release(release.id, now=DUE)
    assert CountCell.objects.get(month=MONTH, table="T0").count == 10
    assert not ReleaseCell.objects.exists()
    assert Release.objects.get().state == ReleaseState.APPROVED


def test_too_early_nothing_counted_twice_and_too_small_are_refused(cast: Cast) -> None:
    person = cast.dmitri.person
    with pytest.raises(PolicyRefused):
        releases.propose_release(MONTH, actor=person, now=DUE)
    count_people(3)
    with pytest.raises(PolicyRefused):
        releases.propose_release(MONTH, actor=person, now=DUE - dt.timedelta(days=1))
    releases.propose_release(MONTH, actor=person, now=DUE)
    with pytest.raises(PolicyRefused):
        releases.propose_release(MONTH, actor=person, now=DUE)


def test_small_months_are_not_published_one_by_one(cast: Cast) -> None:
    now = DUE
    for number in range(3):
        month = dt.date(2024, 9 + number, 1)
        count_people(4, now=dt.datetime(2024, 9 + number, 5, tzinfo=dt.UTC))
        frozen(cast, month, now)
    count_people(4)
    with pytest.raises(PolicyRefused):
        releases.propose_release(MONTH, actor=cast.dmitri.person, now=now)


def test_two_people_are_needed_and_the_database_insists(cast: Cast) -> None:
    count_people(10)
    release = releases.propose_release(MONTH, actor=cast.dmitri.person, now=DUE)
    for actor in (cast.dmitri.person, cast.boris.person, cast.olga.person):
        with pytest.raises(PermissionRefused):
            releases.approve_release(release, actor=actor, now=DUE)
    with pytest.raises(IntegrityError), transaction.atomic():
        Release.objects.filter(id=release.id).update(approved_by=cast.dmitri.person, state="approved")
    with pytest.raises(IntegrityError), transaction.atomic():
        Release.objects.filter(id=release.id).update(state="approved")


def test_nothing_is_frozen_or_handed_out_before_its_time(cast: Cast) -> None:
    count_people(10)
    release = releases.propose_release(MONTH, actor=cast.dmitri.person, now=DUE)
    with pytest.raises(PolicyRefused):
        releases.freeze_release(release.id, now=DUE)
    with pytest.raises(PolicyRefused):
        releases.record_download(release, actor=cast.eva.person, now=DUE)
    with pytest.raises(StaleVersion):
        releases.publish_release(release, actor=cast.dmitri.person, now=DUE)


def test_the_proposer_cannot_approve_even_as_a_lead(cast: Cast) -> None:
    count_people(10)
    release = releases.propose_release(MONTH, actor=cast.dmitri.person, now=DUE)
    cast.dmitri.person.role = "lead"
    with pytest.raises(PolicyRefused):
        releases.approve_release(release, actor=cast.dmitri.person, now=DUE)


def test_a_rejected_month_may_be_proposed_again(cast: Cast) -> None:
    count_people(10)
    release = releases.propose_release(MONTH, actor=cast.dmitri.person, now=DUE)
    releases.reject_release(release, actor=cast.eva.person, now=DUE)
    with pytest.raises(StaleVersion):
        releases.approve_release(release, actor=cast.eva.person, now=DUE)
    assert frozen(cast).state == ReleaseState.FROZEN


def test_a_rejected_month_stays_in_the_list_under_that_word(cast: Cast, sign_in: Any, settings: Any) -> None:
    settings.CLOCK_OFFSET = DUE - dt.datetime.now(dt.UTC)
    count_people(10)
    release = releases.propose_release(MONTH, actor=cast.dmitri.person, now=DUE)
    eva, dmitri, page = sign_in(cast.eva), sign_in(cast.dmitri), reverse("release", args=[release.id])
    assert ">Reject<" in eva.get(page).content.decode()
    eva.post(reverse("reject_release", args=[release.id]))
    shown = dmitri.get(reverse("releases")).content.decode()
    assert "No month has been proposed yet" not in shown
    assert "Rejected" in shown
    assert "can be proposed again" in dmitri.get(page).content.decode()


@pytest.mark.parametrize("model", [ReleaseCell, PrivacyLedgerEntry, Release])
def test_what_is_frozen_cannot_be_altered_or_deleted(cast: Cast, model: Any) -> None:
    count_people(10)
    frozen(cast)
    change = {ReleaseCell: {"value": 5}, PrivacyLedgerEntry: {"epsilon": 1}, Release: {"state": "awaiting"}}[model]
    for alter in (lambda: model.objects.update(**change), lambda: model.objects.all().delete()):
        with pytest.raises((DatabaseError, IntegrityError)), transaction.atomic():
            alter()


def test_a_freeze_touches_only_count_tables(cast: Cast) -> None:
    make_case(cast, now=IN_MONTH)
    release = releases.propose_release(MONTH, actor=cast.dmitri.person, now=DUE)
    releases.approve_release(release, actor=cast.eva.person, now=DUE)
    with CaptureQueriesContext(connection) as captured:
        releases.freeze_release(release.id, now=DUE)
    touched = {
        name for query in captured for name in re.findall(r'"((?:caseworker|requests_app|django_q)_\w+)"', query["sql"])
    }
    tables = {re.match(r"[a-z]+(?:_app)?_[a-z]+", name)[0] for name in touched if "__" not in name}  # type: ignore[index]
    allowed = {
        "requests_app_countcell", "requests_app_release", "requests_app_releasecell", "requests_app_privacyledgerentry",
        "caseworker_auditevent", "caseworker_audithead",
    }  # fmt: skip
    assert tables <= allowed


def test_the_approval_and_its_job_are_one(cast: Cast) -> None:
    count_people(10)
    release = releases.propose_release(MONTH, actor=cast.dmitri.person, now=DUE)
    point = transaction.savepoint()
    releases.approve_release(release, actor=cast.eva.person, now=DUE)
    transaction.savepoint_rollback(point)
    assert not OrmQ.objects.exists()
    release.refresh_from_db()
    releases.approve_release(release, actor=cast.eva.person, now=DUE)
    assert OrmQ.objects.count() == 1


@pytest.mark.parametrize(
    "cell", ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", "＝1", "＋1", "－1", "＠x", "\ufeff=1", "\u200b=1", " =1", "|x"]
)
def test_cells_that_a_spreadsheet_would_run_are_neutralised(cell: str) -> None:
    assert neutralised(cell) == "'" + cell


@pytest.mark.parametrize("cell", ["", "5", "Inside Russia", "2025-03", "T1"])
def test_plain_cells_stay_as_they_are(cell: str) -> None:
    assert neutralised(cell) == cell


def test_files_hold_no_names_true_counts_or_times(cast: Cast) -> None:
    count_people(33)
    csv, document = files(frozen(cast))
    assert csv.startswith(b"\xef\xbb\xbfperiod,table,version")
    for content in (csv.decode("utf-8"), document.decode("utf-8")):
        assert not any(alias in content for alias in cast.all())
        assert not re.search(r"\d\d:\d\d", content)
    assert "33" not in csv.decode("utf-8").replace(str(Release.objects.get().id), "")


def test_the_pages_of_a_release(cast: Cast, sign_in: Any, settings: Any) -> None:
    settings.CLOCK_OFFSET = DUE - dt.datetime.now(dt.UTC)
    count_people(12)
    dmitri, eva, olga = sign_in(cast.dmitri), sign_in(cast.eva), sign_in(cast.olga)
    assert b"2024-12" in dmitri.get(reverse("true_counts")).content
    look = dmitri.post(reverse("true_counts_month"), {"month": "2024-12"})
    assert b">12<" in look.content
    assert audit_verbs()[-1] == "view_true_counts"
    refused = dmitri.post(reverse("propose_release"), {"month": "2025-01"})
    assert refused.status_code == 403
    for nonsense in ("", "x", "2024-13", "\x00"):
        assert dmitri.post(reverse("propose_release"), {"month": nonsense}).status_code == 403
    page = dmitri.post(reverse("propose_release"), {"month": "2024-12"})["Location"]
    waiting = eva.get(page).content.decode()
    assert ">12<" not in waiting
    release = Release.objects.get()
    assert eva.post(reverse("approve_release", args=[release.id])).status_code == 302
    tasks.freeze_release(str(release.id))
    assert dmitri.post(reverse("publish_release", args=[release.id])).status_code == 302
    answer = dmitri.post(reverse("download_release", args=[release.id, "json"]))
    assert answer["Content-Disposition"] == 'attachment; filename="counts-2024-12.json"'
    assert json.loads(answer.content)["release"]["period"] == "2024-12"
    again = dmitri.post(reverse("download_release", args=[release.id, "json"]))
    assert again.content == answer.content
    assert b"2024-12" in olga.get(reverse("privacy_ledger")).content
