"""An organization of any size, on either database: requests, cases, six spells each, and sealed records of real size. Seeded, in bulk.

By hand: ``BENCHMARK_CASES=1000000 python manage.py test tests/benchmarks/test_queue_ratios.py -s`` (one request with one contact and one case for
each, six spells for each case). What is sealed is one real record's ciphertext many times: nothing is ever opened by a queue.
"""

import datetime as dt
import os
import random
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connection, models, transaction

from caseworker.models.accounts import Caseworker
from caseworker.models.keys import Circle
from requests_app.clocks import FAR, URGENCY_RANK
from requests_app.enums import (
    Category,
    Country,
    HoursBand,
    Outcome,
    SafeAnswer,
    SealedKind,
    Situation,
    Stage,
    Urgency,
)
from requests_app.hours import OFFSETS
from requests_app.models.cases import Case, StageSpell
from requests_app.models.contacts import ContactPoint
from requests_app.models.help_requests import HelpRequest
from requests_app.models.sealed import SealedField, SealedRecord
from requests_app.sealed import seal_record
from tests.cast import START

IS_BIG = "BENCHMARK_CASES" in os.environ
CASES = int(os.environ.get("BENCHMARK_CASES", "10000"))
SPELLS = 6
CHUNK = 5_000
RARE = 0.01
YEAR_MINUTES = 525_600
ROUTE = (Stage.RECEIVED, Stage.VERIFICATION, Stage.LEGAL_CONSULT, Stage.PLANNING, Stage.HOSPITAL_EXIT, Stage.IN_HIDING)


def _chunks(number: int) -> Iterator[range]:
    for start in range(0, number, CHUNK):
        yield range(start, min(start + CHUNK, number))


def _insert(model: Any, rows: Sequence[models.Model]) -> None:
    model.objects.bulk_create(rows, batch_size=CHUNK)


class Generator:
    """Makes rows from one seed; *circle* and *owners* are real, what is sealed is as large as a real record."""

    def __init__(self, circle: Circle, owners: Sequence[Caseworker], *, seed: int = 1, open_share: float = 1.0) -> None:
        self.rng, self.circle, self.owners, self.open_share = random.Random(seed), circle, owners, open_share
        self.urgencies, self.categories = list(Urgency), list(Category)
        self.countries, self.situations = list(Country), list(Situation)
        texts = {"contacts": "+44 7700 900123\n@fx_bench_0001", "name": "Ash", "story": "He asks what he can do. " * 8}
        with transaction.atomic():
            real = seal_record(SealedKind.FIRST_CONTACT, texts, owner_id=uuid.uuid4(), circles=[circle], now=START)
        fields = SealedField.objects.filter(record=real)
        self.commitment_size = len(real.commitment)
        self.envelopes = {field.name: field.envelope for field in fields}
        real.delete()

    def case(self, number: int) -> Case:
        """Return one case; every fourth has no owner."""
        rng, urgency = self.rng, self.rng.choice(self.urgencies)
        is_open = rng.random() < self.open_share
        ended: dict[str, Any] = {"outcome": Outcome.ADVICE_ONLY, "closed_month": START.date().replace(day=1)}
        return Case(
            id=uuid.UUID(int=rng.getrandbits(128), version=4),
            reference=f"{number:09d}",
            codename="bench mark",
            circle=self.circle,
            stage=ROUTE[number % SPELLS] if is_open else Stage.CLOSED,
            urgency=urgency,
            urgency_rank=URGENCY_RANK[urgency],
            category=rng.choice(self.categories),
            country=rng.choice(self.countries),
            owner=None if number % 4 == 0 else self.owners[number % len(self.owners)],
            opened_month=START.date().replace(day=1),
            touched_on=START.date(),
            is_open=is_open,
            clock_started_at=START,
            condition_at=START,
            moved_at=START,
            due_at=START + dt.timedelta(minutes=rng.randrange(YEAR_MINUTES) - YEAR_MINUTES // 10) if is_open else FAR,
            **({} if is_open else ended),
        )

    def _spells(self, case: Case) -> Iterator[StageSpell]:
        day = START.date() - dt.timedelta(days=SPELLS)
        for seq in range(SPELLS):
            left = day + dt.timedelta(days=seq + 1) if seq < SPELLS - 1 else None
            yield StageSpell(
                case_id=case.id,
                seq=seq + 1,
                stage=ROUTE[seq] if left else case.stage,
                condition=case.condition,
                entered_on=day + dt.timedelta(days=seq),
                left_on=left,
            )

    def _request(self, case: Case, number: int) -> HelpRequest:
        return HelpRequest(
            id=uuid.UUID(int=self.rng.getrandbits(128), version=4),
            reference=f"{number:09d}",
            circle=self.circle,
            channel="signal",
            category=case.category,
            situation=self.rng.choice(self.situations),
            urgency=case.urgency,
            country=case.country,
            state="accepted",
            decision="promote",
            decided_on=START.date(),
            received_on=START.date(),
            case_id=case.id,
            form_token=uuid.UUID(int=self.rng.getrandbits(128), version=4),
            claim_code_hash=f"{number:064d}",
        )

    def _records(self, requests: Sequence[HelpRequest]) -> list[SealedRecord]:
        return [
            SealedRecord(
                owner_id=one.id,
                kind=SealedKind.FIRST_CONTACT,
                commitment=self.rng.randbytes(self.commitment_size),
                sealed_month=START.date().replace(day=1),
            )
            for one in requests
        ]

    def _fields(self, records: Sequence[SealedRecord]) -> list[SealedField]:
        return [
            SealedField(record_id=record.id, name=name, envelope=envelope)
            for record in records
            for name, envelope in self.envelopes.items()
        ]

    def _points(self, requests: Sequence[HelpRequest], records: Sequence[SealedRecord]) -> list[ContactPoint]:
        """Return one contact for each request; of a hundred, one was burned and one stopped."""
        rng, safe, bands, zones = self.rng, list(SafeAnswer), list(HoursBand), list(OFFSETS)
        return [
            ContactPoint(
                help_request=one,
                record=record,
                seq=1,
                may_write=rng.choice(safe),
                may_call=rng.choice(safe),
                hours_band=rng.choice(bands),
                time_zone=rng.choice(zones),
                burned_on=START.date() if rng.random() < RARE else None,
                stopped_on=START.date() if rng.random() < RARE else None,
            )
            for one, record in zip(requests, records, strict=True)
        ]

    def fill(self, number: int, *, with_spells: bool = True, with_sealed: bool = True) -> None:
        """Insert *number* cases with what belongs to them, and let the database look at its new size."""
        for chunk in _chunks(number):
            cases = [self.case(n) for n in chunk]
            _insert(Case, cases)
            if with_spells:
                _insert(StageSpell, [spell for case in cases for spell in self._spells(case)])
            if with_sealed:
                requests = [self._request(case, n) for n, case in zip(chunk, cases, strict=True)]
                _insert(HelpRequest, requests)
                records = self._records(requests)
                _insert(SealedRecord, records)
                _insert(SealedField, self._fields(records))
                _insert(ContactPoint, self._points(requests, records))
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
