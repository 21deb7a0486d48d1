"""Noise is exact, tables add up, errors stay inside the page's limits, and nothing tells more than epsilon."""

import itertools
import math
import random
from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from requests_app.statistics.disclosure import allocate, nearest_multiple, protect_month, reconcile
from requests_app.statistics.sampler import bernoulli_exp, discrete_laplace
from requests_app.statistics.tables import EPSILON_FOR_LIFE, T0, T1, T2, T3, TABLES


def seeded(seed: int) -> random.Random:
    return random.Random(seed)


@pytest.mark.parametrize("epsilon", [Fraction(1, 2), Fraction(1), Fraction(3, 2)])
def test_noise_has_the_exact_distribution(epsilon: Fraction) -> None:
    draws, rng = 20_000, seeded(7)
    seen = Counter(discrete_laplace(epsilon, rng.randrange) for _ in range(draws))
    e = float(epsilon)
    scale = (1 - math.exp(-e)) / (1 + math.exp(-e))
    expected = {x: draws * scale * math.exp(-e * abs(x)) for x in range(-6, 7)}
    chi_square = sum((seen[x] - n) ** 2 / n for x, n in expected.items() if n >= 5)
    assert chi_square < 45


def test_noise_refuses_no_epsilon() -> None:
    with pytest.raises(ValueError, match="positive"):
        discrete_laplace(Fraction(0))


def best_by_trying(noisy_total: int, parts: list[list[int]]) -> int:
    def cost(part: list[int], total: int) -> int:
        options = [c for c in itertools.product(range(0, total + 5, 5), repeat=len(part)) if sum(c) == total]
        return min(sum((a - b) ** 2 for a, b in zip(c, part, strict=True)) for c in options)

    totals = range(0, 45, 5)
    return min((t - noisy_total) ** 2 + 4 * sum(cost(p, t) for p in parts) for t in totals)


@settings(max_examples=30, deadline=None)
@given(
    st.integers(0, 30),
    st.lists(st.integers(-4, 14), min_size=3, max_size=3),
    st.lists(st.integers(-4, 14), min_size=3, max_size=3),
)
def test_reconciliation_is_the_best_there_is(total: int, first: list[int], second: list[int]) -> None:
    published, parts = reconcile(total, [first, second])
    reached = (published - total) ** 2 + 4 * sum(
        (a - b) ** 2
        for part, noisy in zip(parts, (first, second), strict=True)
        for a, b in zip(part, noisy, strict=True)
    )
    assert reached == best_by_trying(total, [first, second])


@settings(max_examples=200, deadline=None)
@given(
    st.integers(-20, 900),
    st.lists(st.integers(-20, 300), min_size=6, max_size=6),
    st.lists(st.integers(-20, 300), min_size=6, max_size=6),
)
def test_published_tables_add_up_in_multiples_of_five(total: int, first: list[int], second: list[int]) -> None:
    published, parts = reconcile(total, [first, second])
    assert [sum(part) for part in parts] == [published, published]
    assert all(value % 5 == 0 and value >= 0 for part in parts for value in part)


def test_allocation_gives_each_unit_where_it_costs_least() -> None:
    plan = allocate([12, 3, -8], 4)
    assert plan.units(3, 3) == [2, 1, 0]


@pytest.mark.parametrize(("value", "rounded"), [(-9, 0), (0, 0), (2, 0), (3, 5), (7, 5), (8, 10), (12, 10)])
def test_nearest_multiple(value: int, rounded: int) -> None:
    assert nearest_multiple(value) == rounded


def month_of(size: int, rng: random.Random) -> dict[str, dict[str, int]]:
    def split(classes: tuple[str, ...]) -> dict[str, int]:
        return dict(Counter(rng.choices(classes, weights=range(len(classes), 0, -1), k=size)))

    return {T0.code: {"all": size}, T1.code: split(T1.classes), T2.code: split(T2.classes), T3.code: {}}


def test_errors_stay_inside_the_limits_at_200_a_month() -> None:
    rng, totals, cells = seeded(11), [], []
    for _ in range(300):
        true = month_of(200, rng)
        shown = protect_month(true, randbelow=rng.randrange)
        totals.append(abs(shown.total - 200))
        cells += [abs(shown.tables[t.code][c] - true[t.code].get(c, 0)) for t in (T1, T2) for c in t.classes]
    assert sum(totals) / len(totals) <= 1.8
    assert sum(cells) / len(cells) <= 1.7
    assert sum(error <= 5 for error in cells) / len(cells) >= 0.95


@pytest.mark.parametrize("true", [0, 1, 7])
def test_one_person_more_changes_the_odds_by_no_more_than_epsilon(true: int) -> None:
    """Simulate the whole pipeline for x and x + 1 in one class of T1; the log-odds of every outcome stay under what is charged."""
    runs, rng = 2000, seeded(true)

    def outcomes(count: int) -> Counter[int]:
        month = {
            T0.code: {"all": 40 + count},
            T1.code: {T1.classes[0]: 40, T1.classes[1]: count},
            T2.code: {T2.classes[0]: 40 + count},
        }
        return Counter(protect_month(month, randbelow=rng.randrange).tables["T1"][T1.classes[1]] for _ in range(runs))

    without, having = outcomes(true), outcomes(true + 1)
    charged = float(T0.epsilon + T1.epsilon + T2.epsilon)
    for value in set(without) | set(having):
        if max(without[value], having[value]) >= 100:
            assert without[value] > 0, "this outcome gives the person away"
            assert having[value] > 0, "this outcome gives the person away"
            assert abs(math.log(having[value] / without[value])) <= charged


def test_the_same_month_could_have_been_published_in_many_ways() -> None:
    rng = seeded(3)
    month = {
        T0.code: {"all": 100},
        T1.code: {T1.classes[0]: 100},
        T2.code: {T2.classes[0]: 100},
        T3.code: {T3.classes[0]: 20},
    }
    shown = [protect_month(month, randbelow=rng.randrange).tables for _ in range(200)]
    assert len({str(tables[T1.code]) for tables in shown}) > 4
    assert len({tables[T3.code][T3.classes[0]] for tables in shown}) > 2


def test_life_long_cost_is_what_the_method_note_says() -> None:
    assert EPSILON_FOR_LIFE == 4


def test_every_class_of_every_table_is_published_even_when_nothing_happened() -> None:
    shown = protect_month({}, randbelow=seeded(1).randrange)
    assert {code: tuple(cells) for code, cells in shown.tables.items()} == {t.code: t.classes for t in TABLES}
    assert T3.cap == 3


def test_large_exponents_are_drawn_by_their_share() -> None:
    rng = random.Random(4)
    draws = [bernoulli_exp(Fraction(5, 2), rng.randrange) for _ in range(4000)]
    assert abs(sum(draws) / len(draws) - math.exp(-2.5)) < 0.02
    assert isinstance(discrete_laplace(Fraction(1, 3), rng.randrange), int)
