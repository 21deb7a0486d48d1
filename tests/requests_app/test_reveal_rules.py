"""The rules that judge reveals: tables of stories, and properties."""

import datetime as dt
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caseworker.enums import AlarmKind
from requests_app.reveal_rules import (
    HOURLY_CASES,
    HOURLY_REQUESTS,
    LIMITS,
    OUTSIDE_CASES,
    QUEUE_RUN,
    RULES,
    Event,
    alarms_of,
    crossed,
    is_in_sequence,
    is_odd_hour,
    is_outside_own,
)

NOW = dt.datetime(2025, 3, 3, 10, tzinfo=dt.UTC)
IDS = [uuid.UUID(int=number) for number in range(1, 80)]
SHUFFLED = (5, 2, 9, 1, 7, 3, 8, 4, 6, 0)


def looked(number: int, *, own: bool = False, hours_ago: int = 0) -> Event:
    """A reveal of the case that stands at a place of the queue."""
    due = NOW + dt.timedelta(days=number)
    return Event(IDS[number], NOW - dt.timedelta(hours=hours_ago), own, (1, due, IDS[number]))


def triaged(number: int, *, hours_ago: int = 0) -> Event:
    return Event(IDS[number], NOW - dt.timedelta(hours=hours_ago), False)


@pytest.mark.parametrize(
    ("events", "rings"),
    [
        ([looked(5)], False),
        ([looked(5), looked(2)], False),
        ([looked(5), looked(2), looked(9)], True),
        ([looked(5), looked(5), looked(5), looked(5)], False),
        ([looked(5), looked(2), looked(9, own=True)], False),
        ([looked(5, hours_ago=24), looked(2), looked(9)], False),
        ([looked(5, hours_ago=23), looked(2), looked(9)], True),
        ([triaged(5), triaged(2), triaged(9)], False),
    ],
)
def test_several_cases_of_others_ring(events: list[Event], rings: bool) -> None:
    assert is_outside_own(events) is rings


@pytest.mark.parametrize(
    ("events", "rings"),
    [
        ([looked(n) for n in range(QUEUE_RUN)], True),
        ([looked(n) for n in reversed(range(QUEUE_RUN))], True),
        ([looked(n) for n in range(QUEUE_RUN - 1)], False),
        ([looked(n) for n in SHUFFLED[: HOURLY_CASES - 1]], False),
        ([looked(n) for n in SHUFFLED[:HOURLY_CASES]], True),
        ([looked(n, hours_ago=n % 3 + 1) for n in SHUFFLED[:HOURLY_CASES]], False),
        ([looked(n, own=True) for n in range(60)], False),
        ([triaged(n) for n in range(HOURLY_REQUESTS - 1)], False),
        ([triaged(n) for n in range(HOURLY_REQUESTS)], True),
        ([triaged(n, hours_ago=n % 2) for n in range(HOURLY_REQUESTS)], False),
    ],
)
def test_one_after_the_other_rings(events: list[Event], rings: bool) -> None:
    assert is_in_sequence(events) is rings


@pytest.mark.parametrize(
    ("hour", "days", "odd"), [(6, 0, True), (7, 0, False), (22, 0, False), (23, 0, True), (3, 4, True), (3, 5, False)]
)
def test_odd_hours_are_nights_at_which_one_is_not_usually_here(hour: int, days: int, odd: bool) -> None:
    assert is_odd_hour(hour, days) is odd


@pytest.mark.parametrize(
    ("hour", "day", "expected"),
    [
        (29, 99, None),
        (30, 30, (AlarmKind.REVEALS_PER_HOUR, True)),
        (60, 60, (AlarmKind.REVEALS_PER_HOUR, False)),
        (0, 100, (AlarmKind.REVEALS_PER_DAY, True)),
        (30, 200, (AlarmKind.REVEALS_PER_DAY, False)),
        (60, 120, (AlarmKind.REVEALS_PER_HOUR, False)),
    ],
)
def test_the_limits_are_the_decided_ones(hour: int, day: int, expected: object) -> None:
    assert crossed({AlarmKind.REVEALS_PER_HOUR: hour, AlarmKind.REVEALS_PER_DAY: day}) == expected


def test_the_tables_are_total() -> None:
    assert all(limit.free < limit.most for limit in LIMITS.values())
    assert set(RULES) == {AlarmKind.OUTSIDE_OWN, AlarmKind.IN_SEQUENCE}
    assert OUTSIDE_CASES < QUEUE_RUN < HOURLY_CASES < HOURLY_REQUESTS


@given(st.lists(st.tuples(st.integers(0, 70), st.integers(0, 23)), min_size=1, max_size=100))
def test_an_owner_working_own_cases_never_rings(work: list[tuple[int, int]]) -> None:
    assert alarms_of([looked(number, own=True, hours_ago=ago) for number, ago in work]) == []


@given(st.lists(st.integers(0, 70), min_size=1, max_size=60, unique=True), st.integers(0, 60))
def test_whoever_takes_more_is_not_seen_less(numbers: list[int], cut: int) -> None:
    """Judged after each reveal, a longer walk through cases of others has rung at least whenever its beginning has."""
    events = [looked(number) for number in numbers]
    rung = [bool(alarms_of(events[: end + 1])) for end in range(len(events))]
    assert rung[: OUTSIDE_CASES - 1] == [False] * min(len(events), OUTSIDE_CASES - 1)
    assert all(rung[OUTSIDE_CASES - 1 :])


@given(st.lists(st.integers(0, 70), min_size=1, max_size=19))
def test_a_calm_hour_of_triage_never_rings(numbers: list[int]) -> None:
    assert alarms_of([triaged(number) for number in numbers]) == []
