"""Queues at size, as ratios in one run: pages against their raw statement and against each other, counts, claiming.

``BENCHMARK_CASES`` says how many cases (10,000 unless told otherwise); told otherwise, their requests and sealed records are made as well.
"""

import copy
import datetime as dt
import uuid
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from caseworker.models.accounts import Caseworker
from requests_app.actions.claiming import claim_next
from requests_app.actions.counting import count_stage_entry
from requests_app.actions.stages import move_case
from requests_app.enums import Stage
from requests_app.models.cases import Case, StageSpell
from requests_app.models.contacts import ContactPoint
from requests_app.models.help_requests import HelpRequest
from requests_app.models.sealed import SealedField, SealedRecord
from requests_app.queries.queues import Cursor, queue_counts, queue_page
from tests.benchmarks.generator import CASES, IS_BIG, ROUTE, SPELLS, Generator
from tests.benchmarks.test_ratios import best, ratio_of, settled
from tests.cast import START, Cast, Member

pytestmark = pytest.mark.django_db
GUARD = 3
"""A test fails only beyond three times a target: what is printed is the measurement, and a machine may be busy."""
PAGE_TARGET, DEPTH_TARGET, COUNT_TARGET, CLAIM_TARGET = 2, 1.5, 1.3, 1.5
MOVE_TARGET = {"postgresql": 2, "sqlite": 5}
"""What a quiet machine keeps; a busy one slows Python more than the database."""


Statement = tuple[str, Any]


def sent_by(run: Callable[[], object]) -> list[Statement]:
    """Return the statements that *run* sends, with their parameters; savepoints are not among them."""
    sent: list[Statement] = []

    def keep(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if "SAVEPOINT" not in sql:
            sent.extend((sql, one) for one in (params if many else [params]))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(keep):
        run()
    return sent


def raw(statements: Sequence[Statement]) -> Callable[[], None]:
    """Return a function that sends the statements through the driver and takes the rows as they come."""

    def send() -> None:
        with connection.cursor() as cursor:
            for sql, params in statements:
                cursor.execute(sql, params)
                if cursor.description:
                    cursor.fetchall()

    return send


def undone(run: Callable[[], object]) -> Callable[[], None]:
    """Return *run* in a transaction that is taken back."""

    def once() -> None:
        with transaction.atomic():
            run()
            transaction.set_rollback(True)

    return once


def test_the_generator_makes_what_it_says_and_the_same_every_time(cast: Cast) -> None:
    def made() -> list[Any]:
        Generator(cast.north, [cast.boris.person], open_share=0.5).fill(60)
        rows = list(Case.objects.order_by("reference").values_list("id", "urgency", "due_at", "is_open"))
        assert StageSpell.objects.count() == SPELLS * len(rows)
        assert HelpRequest.objects.count() == SealedRecord.objects.count() == ContactPoint.objects.count() == len(rows)
        assert SealedField.objects.count() == 3 * len(rows)
        for model in (ContactPoint, SealedField, SealedRecord, StageSpell, HelpRequest, Case):
            model.objects.all().delete()
        return rows

    first = made()
    assert len(first) == 60
    assert {is_open for *_others, is_open in first} == {True, False}
    assert made() == first


class Desk:
    """What a coordinator does at an organization of one size: each method is one run to be timed."""

    def __init__(self, person: Caseworker, client: Client) -> None:
        """Choose the cases to look at and to move; somebody else has entered that stage this month."""
        self.person, self.client = person, client
        self.known, self.moving = self._case(ROUTE[0]), self._case(ROUTE[4])
        Case.objects.filter(id=self.moving.id).update(verification_level=3, asked_level=3)
        self.moving.refresh_from_db()
        count_stage_entry(stage=ROUTE[5], earlier=(), now=START)

    def _case(self, stage: Stage) -> Case:
        return Case.objects.filter(stage=stage, is_open=True, owner=self.person)[:1].get()

    def page(self, cursor: Cursor | None = None) -> Any:
        """Read a queue page."""
        return queue_page(self.person, {}, cursor=cursor, now=START)

    def deep(self) -> Any:
        """Read a page far down."""
        return self.page(Cursor(START, START + dt.timedelta(days=300), 3, uuid.UUID(int=0)))

    def counts(self) -> Any:
        """Count all queues."""
        return queue_counts(self.person, {}, now=START)

    def claim(self) -> None:
        """Claim the next case, and give it back."""
        undone(lambda: claim_next(filters={}, actor=self.person, now=START))()

    def case_page(self) -> None:
        """Open a case."""
        assert self.client.get(reverse("case", args=[self.known.id])).status_code == 200

    def bare_move(self) -> None:
        """Move a case to a stage that is counted: spells, case, counters, audit."""
        case = copy.copy(self.moving)
        move_case(case, ROUTE[5], version=case.version, actor=self.person, now=START)

    def move(self) -> None:
        """Move a case, and take it back."""
        undone(self.bare_move)()

    def times(self) -> dict[str, float]:
        """Return the best time of each in seconds."""
        rounds = {"page": 25, "deep": 25, "counts": 3, "claim": 9, "case_page": 9, "move": 25}
        return {name: best(getattr(self, name), number) for name, number in rounds.items()}


def ratios(desk: Desk, small: dict[str, float]) -> dict[str, tuple[float, float]]:
    """Return every ratio with its target; *small* are the times with 1,000 cases."""
    moved: list[Statement] = []
    undone(lambda: moved.extend(sent_by(desk.bare_move)))()
    raw_page, raw_counts, raw_move = raw(sent_by(desk.page)[:1]), raw(sent_by(desk.counts)[:1]), undone(raw(moved))
    asked: dict[str, tuple[Callable[[], float], float]] = {
        "page / raw": (lambda: ratio_of(desk.page, raw_page, 25), PAGE_TARGET),
        "deep page / first": (lambda: ratio_of(desk.deep, desk.page, 25), DEPTH_TARGET),
        "page / of 1,000": (lambda: best(desk.page, 25) / small["page"], DEPTH_TARGET),
        "counts / raw": (lambda: ratio_of(desk.counts, raw_counts, 3), COUNT_TARGET),
        "claim / of 1,000": (lambda: best(desk.claim, 9) / small["claim"], CLAIM_TARGET),
        "case page / of 1,000": (lambda: best(desk.case_page, 9) / small["case_page"], DEPTH_TARGET),
        f"move / its {len(moved)} statements raw": (
            lambda: ratio_of(desk.move, raw_move, 25),
            MOVE_TARGET[connection.vendor],
        ),
        "move / of 1,000": (lambda: best(desk.move, 15) / small["move"], DEPTH_TARGET),
    }
    return {name: (settled(measure, target), target) for name, (measure, target) in asked.items()}


@pytest.mark.benchmark
@pytest.mark.django_db(transaction=IS_BIG)
def test_queues_at_size(
    cast: Cast, sign_in: Callable[[Member], Client], settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    person = cast.boris.person
    settings.CLOCK_OFFSET, client = START - dt.datetime.now(dt.UTC), sign_in(cast.boris)
    Generator(cast.north, [person], seed=2).fill(1_000, with_sealed=IS_BIG)
    small = Desk(person, client).times()
    for model in (ContactPoint, SealedField, SealedRecord, HelpRequest, StageSpell, Case):
        model.objects.all()._raw_delete(connection.alias)
    Generator(cast.north, [person]).fill(CASES, with_sealed=IS_BIG)
    desk = Desk(person, client)
    found, times = ratios(desk, small), desk.times()
    with capsys.disabled():
        said = ", ".join(f"{name} {ratio:.2f}" for name, (ratio, _target) in found.items())
        print(f"\n[ratio] {CASES:,} cases, {connection.vendor}: {said}")
        print("[time]  " + ", ".join(f"{name} {seconds * 1000:.1f} ms" for name, seconds in times.items()))
    assert len(desk.deep().rows) == 50
    assert not {name: ratio for name, (ratio, target) in found.items() if ratio > GUARD * target}
