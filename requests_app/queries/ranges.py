"""Keyset pages as index ranges, in one statement that both databases answer from an index.

A row-value comparison scans on SQLite, and an ``OR`` of ranges is sorted on both. So each range is a subquery of its own that starts inside
the index, is read in the order of the index and stops after one page; the few ids that come back are put in order. Column names come from
the code, values are parameters. What a person may see is compiled once, by Django, from the queryset that is handed in.
"""

import contextlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Model, QuerySet

from caseworker.compiled import Statement, statement_of

Operator = Literal["=", ">", ">=", "<"]


@dataclass(frozen=True)
class Bound:
    """One comparison of a column with a value."""

    column: str
    operator: Operator
    value: Any


Range = tuple[Bound, ...]


def after_key(key: Sequence[tuple[str, Any]]) -> list[Range]:
    """Return the ranges that follow *key* in ascending order: for three columns these three, nearest first.

    ``a = 1, b = 2, c > 3`` · ``a = 1, b > 2`` · ``a > 1``
    """
    ranges = []
    for length in range(len(key) - 1, -1, -1):
        same = tuple(Bound(column, "=", value) for column, value in key[:length])
        column, value = key[length]
        ranges.append((*same, Bound(column, ">", value)))
    return ranges


@dataclass(frozen=True)
class Order:
    """In which table, in the order of which columns, how many rows; the last column is ``id``."""

    model: type[Model]
    columns: Sequence[str]
    limit: int

    @property
    def table(self) -> str:
        """The quoted name of the table."""
        return connection.ops.quote_name(self.model._meta.db_table)

    def prepared(self, bound: Bound) -> Any:
        """Return the value of *bound* as the driver takes it."""
        return self.model._meta.get_field(bound.column).get_db_prep_value(bound.value, connection)  # type: ignore[union-attr]


def _arm(base: str, bounds: Range, order: Order) -> str:
    """Return one range as a subquery: the compiled *base*, narrowed by *bounds*, read in *order*."""
    quote, table = connection.ops.quote_name, order.table
    narrowed = "".join(f" AND {table}.{quote(bound.column)} {bound.operator} %s" for bound in bounds)
    ordered = ", ".join(f"{table}.{quote(column)}" for column in order.columns)
    return f"{base}{narrowed} ORDER BY {ordered} LIMIT {order.limit}"


def bases_of(questions: Iterable[QuerySet[Any]], columns: Sequence[str]) -> tuple[Statement, ...]:
    """Return the compiled bases of a page: *questions* are filtered, disjoint and of one model; one known to be empty is left out."""
    bases = []
    for question in questions:
        with contextlib.suppress(EmptyResultSet):
            bases.append(statement_of(question.order_by().values_list(*columns)))
    return tuple(bases)


def first_ids(bases: Sequence[Statement], ranges: Sequence[Range], order: Order) -> Statement:
    """Return a statement for the ids of the first rows of *bases*, read range after range.

    *ranges* are disjoint and in the order of the page.
    """
    if not bases:
        return f"SELECT id FROM {order.table} WHERE 1 = 0", ()  # noqa: S608
    arms: list[str] = []
    parameters: list[Any] = []
    for base, values in bases:
        for place, bounds in enumerate(ranges):
            arms.append(f"SELECT {place} AS place, arm.* FROM ({_arm(base, bounds, order)}) AS arm")  # noqa: S608
            parameters += [*values, *map(order.prepared, bounds)]
    ordered, union = ", ".join(map(connection.ops.quote_name, order.columns)), " UNION ALL ".join(arms)
    return f"SELECT id FROM ({union}) AS page ORDER BY place, {ordered} LIMIT {order.limit}", tuple(parameters)  # noqa: S608
