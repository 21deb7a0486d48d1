"""Protect one month: noise on every cell, then the nearest tables of non-negative multiples of five that add up. Pure.

Noise is the only step that sees true counts. What follows works on noisy numbers alone (post-processing), so it tells nothing more.
Distances are squared and weighted by the inverse variance of the noise (1 for epsilon ½, 4 for epsilon 1), in integers throughout.
"""

import heapq
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from requests_app.statistics.sampler import RandBelow, discrete_laplace
from requests_app.statistics.tables import T0, T1, T2, T3, TABLES, TableSpec

BASE = T0.base
BELOW, ABOVE = 3, 4
CELL_WEIGHT = 4
TOTAL_WEIGHT = 1

Table = Mapping[str, int]
"""A number per class of one table."""


@dataclass(frozen=True)
class ProtectedMonth:
    """What may be published: for each table code, a multiple of five per class."""

    tables: Mapping[str, Table]

    @property
    def total(self) -> int:
        """The published total."""
        return self.tables[T0.code][T0.classes[0]]


def add_noise(table: TableSpec, true: Table, randbelow: RandBelow) -> dict[str, int]:
    """Return a noisy number for **every** class of the fixed list, zeros included."""
    return {cls: true.get(cls, 0) + discrete_laplace(table.epsilon, randbelow) for cls in table.classes}


def _step_cost(noisy: int, units: int) -> int:
    """Return what one more unit of five adds to the squared distance of a cell that has *units* already."""
    here, there = BASE * units - noisy, BASE * (units + 1) - noisy
    return there * there - here * here


@dataclass(frozen=True)
class Allocations:
    """The best allocation of 0, 1, 2 … units of five to the cells of a partition: cost, and the order in which cells take units."""

    costs: Sequence[int]
    order: Sequence[int]

    def units(self, total: int, cells: int) -> list[int]:
        """Return the units of each cell when *total* units are given out."""
        given = [0] * cells
        for cell in self.order[:total]:
            given[cell] += 1
        return given


def allocate(noisy: Sequence[int], most: int) -> Allocations:
    """Return the best allocations of up to *most* units, exactly.

    The cost is separable and convex, so giving each next unit to the cell where it costs least is optimal for every total (Gross 1956;
    Federgruen and Groenevelt 1986). Ties go to the earlier class, so the result repeats.
    """
    costs, order = [sum(value * value for value in noisy)], []
    units = [0] * len(noisy)
    heap = [(_step_cost(value, 0), cell) for cell, value in enumerate(noisy)]
    heapq.heapify(heap)
    for _ in range(most):
        cost, cell = heapq.heappop(heap)
        units[cell] += 1
        order.append(cell)
        costs.append(costs[-1] + cost)
        heapq.heappush(heap, (_step_cost(noisy[cell], units[cell]), cell))
    return Allocations(costs, order)


def _centre(noisy_total: int, partitions: Sequence[Sequence[int]]) -> int:
    """Return the units of five below the weighted mean of the totals: the total itself and the sum of each partition."""
    weights = [TOTAL_WEIGHT * len(partitions[0]), *(CELL_WEIGHT for _ in partitions)]
    sums = [noisy_total, *(sum(values) for values in partitions)]
    return sum(w * s for w, s in zip(weights, sums, strict=True)) // (BASE * sum(weights))


def reconcile(noisy_total: int, partitions: Sequence[Sequence[int]]) -> tuple[int, list[list[int]]]:
    """Return the total R and each partition as multiples of five ≥ 0 that sum to R, nearest to the noisy numbers."""
    centre = _centre(noisy_total, partitions)
    candidates = sorted({max(0, centre + shift) for shift in range(-BELOW, ABOVE + 1)})
    plans = [allocate(values, candidates[-1]) for values in partitions]

    def distance(units: int) -> int:
        off = BASE * units - noisy_total
        return TOTAL_WEIGHT * off * off + CELL_WEIGHT * sum(plan.costs[units] for plan in plans)

    best = min(candidates, key=lambda units: (distance(units), units))
    shared = [plan.units(best, len(values)) for plan, values in zip(plans, partitions, strict=True)]
    return BASE * best, [[BASE * units for units in part] for part in shared]


def nearest_multiple(value: int) -> int:
    """Return the nearest non-negative multiple of five."""
    return max(0, (value + BASE // 2) // BASE * BASE)


def protect_month(true: Mapping[str, Table], *, randbelow: RandBelow = secrets.randbelow) -> ProtectedMonth:
    """Draw the noise of one month and return what may be published; the noisy numbers themselves are dropped."""
    noisy = {table.code: add_noise(table, true.get(table.code, {}), randbelow) for table in TABLES}
    parts = [[noisy[table.code][cls] for cls in table.classes] for table in (T1, T2)]
    total, published = reconcile(noisy[T0.code][T0.classes[0]], parts)
    tables: dict[str, Table] = {T0.code: {T0.classes[0]: total}}
    for table, values in zip((T1, T2), published, strict=True):
        tables[table.code] = dict(zip(table.classes, values, strict=True))
    tables[T3.code] = {cls: nearest_multiple(value) for cls, value in noisy[T3.code].items()}
    return ProtectedMonth(tables)
