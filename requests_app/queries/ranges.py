"""Keyset pages as index ranges, in one statement that both databases answer from an index.

A row-value comparison scans on SQLite, and an ``OR`` of ranges is sorted on both. So each range is a subquery of its own that starts inside
the index, is read in the order of the index and stops after one page; the few ids that come back are put in order. Column names come from
the code, values are parameters. What a person may see is compiled once, by Django, from the queryset that is handed in.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

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


def _prepared(base: QuerySet[Any], bound: Bound) -> Any:
    return base.model._meta.get_field(bound.column).get_db_prep_value(bound.value, connection)


def _arm(base: QuerySet[Any], sql: str, bounds: Range, order: Sequence[str], limit: int) -> tuple[str, list[Any]]:
    """Return one range as a subquery: the compiled *sql* of *base*, narrowed by *bounds*, read in *order*."""
    quote, table = connection.ops.quote_name, connection.ops.quote_name(base.model._meta.db_table)
    narrowed = "".join(f" AND {table}.{quote(bound.column)} {bound.operator} %s" for bound in bounds)
    ordered = ", ".join(f"{table}.{quote(column)}" for column in order)
    return f"{sql}{narrowed} ORDER BY {ordered} LIMIT {limit}", [_prepared(base, bound) for bound in bounds]


def _arms(
    bases: Sequence[QuerySet[Any]], ranges: Sequence[Range], order: Sequence[str], limit: int
) -> Iterator[tuple[str, tuple[Any, ...]]]:
    for base in bases:
        try:
            sql, parameters = base.order_by().values_list(*order).query.sql_with_params()
        except EmptyResultSet:
            continue
        for place, bounds in enumerate(ranges):
            text, values = _arm(base, sql, bounds, order, limit)
            yield f"SELECT {place} AS place, arm.* FROM ({text}) AS arm", (*parameters, *values)  # noqa: S608


def first_ids(bases: Sequence[QuerySet[Any]], ranges: Sequence[Range], *, order: Sequence[str], limit: int) -> RawSQL:
    """Return a subquery with the ids of the first *limit* rows of *bases*, read range after range.

    *bases* are filtered, disjoint and of one model; *ranges* are disjoint and in the order of the page; *order* ends in ``id``.
    """
    arms = list(_arms(bases, ranges, order, limit))
    if not arms:
        table = connection.ops.quote_name(bases[0].model._meta.db_table)
        return RawSQL(f"SELECT id FROM {table} WHERE 1 = 0", ())  # noqa: S608, S611
    ordered = ", ".join(connection.ops.quote_name(column) for column in order)
    union = " UNION ALL ".join(text for text, _values in arms)
    parameters = [value for _text, values in arms for value in values]
    return RawSQL(f"SELECT id FROM ({union}) AS page ORDER BY place, {ordered} LIMIT {limit}", parameters)  # noqa: S608, S611
