"""Speed as ratios against a baseline in the same run; no absolute time is ever asserted. Each side takes the best of several rounds."""

import random
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection, models, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from encrypted_fields.fields import EncryptedTextField

from requests_app.enums import SealedKind
from requests_app.models.counts import CountCell
from requests_app.models.sealed import SealedRecord
from requests_app.queries.releases import true_counts
from requests_app.sealed import ToSeal, open_record, seal_records
from requests_app.statistics.disclosure import protect_month
from requests_app.statistics.sampler import discrete_laplace
from requests_app.statistics.tables import TABLES
from tests.cast import START, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.benchmark]
TEXTS = {"contacts": "+44 7700 900123\n@fx_bench_0001", "name": "Ash", "story": "He asks what he can do. " * 8}


SAVE_TARGET, LOAD_TARGET = 10, 6
"""What a quiet machine shows (8.6 to 9.5, and 4.6 to 4.8). A machine busy on every core slows the hybrid keys more than the baseline, so the
test fails only at twice the target: a guard against a real slowdown, while the printed figure is the measurement."""


def best(run: Callable[[], object], rounds: int = 5) -> float:
    """Return the shortest of several runs in seconds."""
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        run()
        times.append(time.perf_counter() - started)
    return min(times)


def ratio_of(ours: Callable[[], object], baseline: Callable[[], object], rounds: int = 9) -> float:
    """Return the ratio of the best times of two sides that take turns, so that a slow moment of the machine hits both."""
    pairs = [(best(ours, 1), best(baseline, 1)) for _ in range(rounds)]
    return min(first for first, _second in pairs) / min(second for _first, second in pairs)


def settled(measure: Callable[[], float], limit: float, tries: int = 4) -> float:
    """Measure again while a busy machine keeps the ratio above *limit*; a real slowdown stays above it every time."""
    ratio = measure()
    for _ in range(tries - 1):
        if ratio <= limit:
            break
        ratio = min(ratio, measure())
    return ratio


@pytest.fixture
def fernet_model(db: None, settings: Any) -> Iterator[Any]:
    """A model with three fields of a Fernet field library, for the length of one test."""
    settings.SALT_KEY = "0123456789abcdef"

    class FernetRecord(models.Model):
        contacts = EncryptedTextField()
        name = EncryptedTextField()
        story = EncryptedTextField()

        class Meta:
            app_label = "benchmarks"

    with connection.cursor() as cursor:
        text = "text NOT NULL"
        key = "integer PRIMARY KEY" if connection.vendor == "sqlite" else "bigserial PRIMARY KEY"
        cursor.execute(f"CREATE TABLE benchmarks_fernetrecord (id {key}, contacts {text}, name {text}, story {text})")
    FernetRecord.objects.create(**TEXTS)
    return FernetRecord


def test_sealing_and_opening_against_fernet_fields(
    cast: Cast, fernet_model: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """Two recipients, hybrid keys, padding and a commitment, against one symmetric key that lies on the server."""
    number = 200

    def save_sealed() -> None:
        batch = [ToSeal(uuid.uuid4(), TEXTS) for _ in range(number)]
        with transaction.atomic():
            seal_records(SealedKind.FIRST_CONTACT, batch, circles=[cast.north], now=START)

    def save_fernet() -> None:
        with transaction.atomic():
            fernet_model.objects.bulk_create(fernet_model(**TEXTS) for _ in range(number))

    save = settled(lambda: ratio_of(save_sealed, save_fernet), SAVE_TARGET)
    ring, some = cast.boris.keyring(), list(SealedRecord.objects.all()[:number])

    def load_sealed() -> None:
        for record in some:
            open_record(record, keyring=ring)

    def load_fernet() -> None:
        for id_ in fernet_model.objects.values_list("id", flat=True)[:number]:
            fernet_model.objects.get(id=id_)

    load = settled(lambda: ratio_of(load_sealed, load_fernet), LOAD_TARGET)
    with capsys.disabled():
        print(f"\n[ratio] sealed / Fernet field: save {save:.1f}, load {load:.1f}")
    assert save <= 2 * SAVE_TARGET
    assert load <= 2 * LOAD_TARGET


def test_month_counts_against_the_raw_statement(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    month = START.date().replace(day=1)
    CountCell.objects.bulk_create(
        CountCell(month=month, table=t.code, cls=c, count=7) for t in TABLES for c in t.classes
    )
    statement = 'SELECT "table", cls, count FROM requests_app_countcell WHERE month = %s'

    def raw() -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement, [month])
            cursor.fetchall()

    def measure() -> float:
        return ratio_of(lambda: [true_counts(month) for _ in range(50)], lambda: [raw() for _ in range(50)])

    ratio = settled(measure, 12)
    with capsys.disabled():
        print(f"\n[ratio] month counts / raw statement: {ratio:.2f}")
    assert ratio <= 12


def test_counting_does_not_depend_on_the_number_of_requests(cast: Cast) -> None:
    month = START.date().replace(day=1)
    CountCell.objects.create(month=month, table="T0", cls="all", count=1)
    with CaptureQueriesContext(connection) as small:
        true_counts(month)
    CountCell.objects.update(count=F("count") + 1_000_000)
    with CaptureQueriesContext(connection) as large:
        true_counts(month)
    assert len(small) == len(large) == 1
    assert "requests_app_helprequest" not in large[0]["sql"]


def test_ten_years_of_releases_against_their_noise(capsys: pytest.CaptureFixture[str]) -> None:
    rng = random.Random(1)
    month = {"T0": {"all": 200}, "T1": {"kazakhstan": 120, "armenia": 80}, "T2": {"mobilized": 200}, "T3": {}}

    def noise() -> None:
        for _ in range(120):
            for table in TABLES:
                for _class in table.classes:
                    discrete_laplace(table.epsilon, rng.randrange)

    def releases() -> None:
        for _ in range(120):
            protect_month(month, randbelow=rng.randrange)

    ratio = settled(lambda: ratio_of(releases, noise, 3), 4)
    seconds = best(releases, 3)
    with capsys.disabled():
        print(f"\n[ratio] 120 months / their noise alone: {ratio:.2f} ({seconds:.2f} s)")
    assert ratio <= 4
