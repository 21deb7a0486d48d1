"""Plan the demo year: pure, seeded, repeatable. It decides *what happens when*; ``playing`` makes it happen through the actions.

Proportions, transition shares and durations come from ``distributions.json`` (its own notes say which are anchored in published
figures). Durations are log-normal, fitted to the median and the 90th percentile given there, in days.
"""

import datetime as dt
import json
import math
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).parent / "distributions.json"
Z90 = 1.2815515655446004  # 90th percentile of the standard normal
MOSCOW = dt.timezone(dt.timedelta(hours=3))
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MAX_STEPS = 24
CLOSED_PREFIX = "closed:"
RENAMED = {"dublin_check": "responsibility_check"}


@dataclass(frozen=True)
class Step:
    """One thing that happens on a path: ``target`` is a stage, a condition, or ``closed:<outcome>``."""

    at: dt.datetime
    target: str


@dataclass(frozen=True)
class PlannedRequest:
    """One invented person: the codes of the request, when it came, when it was decided on, and the path after that."""

    number: int
    received_at: dt.datetime
    triaged_at: dt.datetime
    codes: Mapping[str, str]
    needs: tuple[str, ...]
    steps: tuple[Step, ...] = field(default=())


def load_distributions() -> dict[str, Any]:
    """Return the parsed distribution file."""
    loaded: dict[str, Any] = json.loads(SOURCE.read_text(encoding="utf-8"))
    return loaded


def _pick(rng: random.Random, shares: Mapping[str, float]) -> str:
    return rng.choices(list(shares), weights=list(shares.values()))[0]


def _month_span(month: str) -> tuple[dt.datetime, dt.datetime]:
    """Return the first moment of the UTC month ``YYYY-MM`` and of the next one."""
    year, number = map(int, month.split("-"))
    following = (year + number // 12, number % 12 + 1)
    return dt.datetime(year, number, 1, tzinfo=dt.UTC), dt.datetime(*following, 1, tzinfo=dt.UTC)


def _moments(rng: random.Random, data: Mapping[str, Any], month: str, count: int) -> list[dt.datetime]:
    """Draw *count* moments inside a UTC month by weekday weights and the share of evenings (18–24 h in Moscow)."""
    start, end = _month_span(month)
    days = [start + dt.timedelta(days=n) for n in range((end - start).days)]
    weights = [data["weekday_weights"][WEEKDAYS[day.weekday()]] for day in days]
    drawn = []
    for day in rng.choices(days, weights=weights, k=count):
        evening = rng.random() < data["evening_share_18_24h_moscow"]
        minute = rng.randrange(18 * 60, 24 * 60) if evening else rng.randrange(3 * 60, 18 * 60)
        local = dt.datetime(day.year, day.month, day.day, tzinfo=MOSCOW) + dt.timedelta(minutes=minute)
        drawn.append(local.astimezone(dt.UTC))
    return sorted(drawn)


def _duration(rng: random.Random, median: float, p90: float) -> dt.timedelta:
    sigma = math.log(p90 / median) / Z90
    return dt.timedelta(days=rng.lognormvariate(math.log(median), sigma))


def _walk(rng: random.Random, data: Mapping[str, Any], start: dt.datetime) -> Iterator[Step]:
    """Walk the transition shares from ``received`` until the path closes; durations are drawn per place."""
    place, at = "received", start
    for _ in range(MAX_STEPS):
        at += _duration(rng, *data["duration_days_median_p90"][place])
        target = _pick(rng, data["transitions"][place])
        yield Step(at, RENAMED.get(target, target))
        if target.startswith(CLOSED_PREFIX):
            return
        place = target


def _country(rng: random.Random, data: Mapping[str, Any], situation: str) -> str:
    if situation == "abroad_transit":
        return _pick(rng, data["transit_country_if_abroad"])
    if situation == "abroad_eu":
        return _pick(rng, data["asylum_country_if_filed"])
    return "RU"


def _plan_one(
    rng: random.Random, data: Mapping[str, Any], number: int, received_at: dt.datetime, month_end: dt.datetime
) -> PlannedRequest:
    situation = _pick(rng, data["situation_at_intake"])
    codes = {
        "category": _pick(rng, data["category"]),
        "requester": _pick(rng, data["requester"]),
        "channel": _pick(rng, data["channel"]),
        "urgency": _pick(rng, data["urgency"]),
        "language": _pick(rng, data["language"]),
        "situation": situation,
        "country": _country(rng, data, situation),
    }
    needs = tuple(code for code, share in data["need_multi"].items() if rng.random() < share)
    wait = dt.timedelta(minutes=rng.randrange(5, 240))
    triaged_at = min(received_at + wait, month_end - dt.timedelta(minutes=1))
    steps = tuple(_walk(rng, data, triaged_at))
    return PlannedRequest(number, received_at, triaged_at, codes, needs, steps)


def plan_year(*, seed: int = 2024, limit: int | None = None) -> list[PlannedRequest]:
    """Return the year's requests in order of arrival; the count of each month is exactly that of the distribution file.

    With *limit*, only that many are returned, spread over the year (for tests that do not need all).
    """
    data, rng = load_distributions(), random.Random(seed)  # noqa: S311 - an invented year, not a secret
    planned: list[PlannedRequest] = []
    for month, count in data["by_month"].items():
        end = _month_span(month)[1]
        for moment in _moments(rng, data, month, count):
            planned.append(_plan_one(rng, data, len(planned), moment, end))
    if limit is None:
        return planned
    stride = max(1, len(planned) // limit)
    return planned[::stride][:limit]


def month_totals(planned: Sequence[PlannedRequest]) -> dict[str, int]:
    """Count the plan by UTC month of the triage decision."""
    totals: dict[str, int] = {}
    for one in planned:
        key = one.triaged_at.strftime("%Y-%m")
        totals[key] = totals.get(key, 0) + 1
    return totals
