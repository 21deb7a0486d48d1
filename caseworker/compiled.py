"""Statements that Django compiles once: whole records by their values, one record inserted, rows updated behind a condition.

Building the text of a plain statement costs Django five to ten times what SQLite needs to run it. Here Django builds the text the first time
and the place of every value in it is checked against Django's own; afterwards only values are filled in, each prepared by its field as Django
does. For the statements that every step of every case sends; all others go the usual way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Generic, TypeAlias, TypeVar
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connection, models
from django.db.models.expressions import F
from django.db.models.sql import InsertQuery, UpdateQuery
from django.db.transaction import TransactionManagementError, mark_for_rollback_on_error

Statement = tuple[str, tuple[Any, ...]]
"""SQL with ``%s`` for each parameter, and the parameters as the driver takes them."""
M = TypeVar("M", bound=models.Model)
Question: TypeAlias = "Callable[..., models.QuerySet[M]]"
"""A function of ids and texts whose answer are whole rows of one table; it is named by its place in a module."""
Field: TypeAlias = "models.Field[Any, Any]"

NOTHING = UUID("00000000-5ca1-4b1e-8000-000000000001")
"""The id for which a question about a record is compiled: nothing has it."""
TRACE = NOTHING.hex[:20]
"""What all ids of nothing, and the texts that are made of them, begin with."""
MOST_KEPT, ID = 512, models.UUIDField()
IS_NULL = "__isnull"
PLACE = re.compile(r'"(\w+)" = %s')
"""A column that is set, or asked, to a value."""


class NotPlain(TypeError):
    """A statement whose values do not stand where they were expected: it has to go the usual way."""


def statement_of(question: models.QuerySet[Any]) -> Statement:
    """Return what Django would send for *question*; raises ``EmptyResultSet`` when the answer is known to be nothing."""
    sql, values = question.query.sql_with_params()
    return sql, tuple(values)


@lru_cache(maxsize=MOST_KEPT)
def _converters(_vendor: str, columns: tuple[Field | None, ...]) -> list[tuple[int, Any, Any]]:
    """Return what turns a value of the driver into one of Python: place, expression and function."""
    found = []
    for place, field in enumerate(columns):
        if field is not None:
            column = field.get_col(field.model._meta.db_table)
            functions = (*connection.ops.get_db_converters(column), *column.get_db_converters(connection))
            found += [(place, column, convert) for convert in functions]
    return found


def rows_of(statement: Statement, columns: tuple[Field | None, ...]) -> list[list[Any]]:
    """Send *statement* and return its rows, each value as the field of its column says; None leaves it as it comes."""
    with connection.cursor() as cursor:
        cursor.execute(*statement)
        rows = [list(row) for row in cursor.fetchall()]
    for place, expression, convert in _converters(connection.vendor, columns) if rows else ():
        for row in rows:
            row[place] = convert(row[place], expression, connection)
    return rows


@dataclass(frozen=True)
class _Found(Generic[M]):
    """A compiled question: what it finds, the statement, whether it locks, which of its values are which argument, and its columns."""

    model: type[M]
    sql: str
    locks: bool
    values: tuple[Any, ...]
    places: Mapping[int, int]
    columns: tuple[Field, ...]
    names: list[str]


def _as_sent(value: UUID | str) -> Any:
    return ID.get_db_prep_value(value, connection) if isinstance(value, UUID) else value


def _holds_trace(value: Any) -> bool:
    return TRACE in str(value).replace("-", "").lower()


@lru_cache(maxsize=MOST_KEPT)
def _question(_vendor: str, question: Question[M], kinds: tuple[bool, ...]) -> _Found[M]:
    stand_ins = [UUID(int=NOTHING.int + place) if is_id else f"{NOTHING}-{place}" for place, is_id in enumerate(kinds)]
    asked = question(*stand_ins)
    compiler = asked.query.get_compiler(connection=connection)
    sql, values = compiler.as_sql()
    sent = [_as_sent(one) for one in stand_ins]
    places = {place: sent.index(value) for place, value in enumerate(values) if value in sent}
    fields = tuple(asked.model._meta.concrete_fields)
    is_whole = tuple(getattr(column, "target", None) for column, *_ in compiler.select) == fields
    is_filled = set(places.values()) == set(range(len(kinds)))
    is_altered = any(_holds_trace(value) for place, value in enumerate(values) if place not in places)
    if is_altered or not (is_whole and is_filled):
        raise NotPlain
    locks, names = bool(asked.query.select_for_update), [field.attname for field in fields]
    return _Found(asked.model, sql, locks, tuple(values), places, fields, names)


def find(question: Question[M], *arguments: UUID | str) -> list[M]:
    """Return what ``question(*arguments)`` finds: whole rows of one table, no relations.

    Each argument is a value of the statement; its text may not depend on them. Raises ``NotPlain`` if one does not stand in it as it is, and
    ``TransactionManagementError`` if the rows are to be locked and there is no transaction that would hold them.
    """
    if None in arguments:
        raise NotPlain
    kept = _question(connection.vendor, question, tuple(isinstance(one, UUID) for one in arguments))
    if kept.locks and connection.get_autocommit():
        raise TransactionManagementError
    values = [
        _as_sent(arguments[kept.places[place]]) if place in kept.places else value
        for place, value in enumerate(kept.values)
    ]
    rows = rows_of((kept.sql, tuple(values)), kept.columns)
    return [kept.model.from_db(DEFAULT_DB_ALIAS, kept.names, row) for row in rows]


def find_first(question: Question[M], *arguments: UUID | str) -> M | None:
    """Return the first record that :func:`find` finds, or None."""
    return next(iter(find(question, *arguments)), None)


def _send(sql: str, *rows: Sequence[Any]) -> int:
    with mark_for_rollback_on_error(DEFAULT_DB_ALIAS), connection.cursor() as cursor:
        cursor.executemany(sql, rows) if len(rows) > 1 else cursor.execute(sql, rows[0])
        return int(cursor.rowcount)


def _prepared(field: Field, value: Any) -> Any:
    if isinstance(value, models.Model):
        if not isinstance(value, getattr(field, "related_model", None) or ()):
            raise NotPlain
        value = value.prepare_database_save(field)
    return field.get_db_prep_save(value, connection)


_INSERTS: dict[Hashable, tuple[str, tuple[Field, ...]]] = {}
"""What was compiled, by database and table."""


def _compile_insert(record: models.Model) -> tuple[str, tuple[Field, ...]]:
    model = type(record)
    fields = tuple(field for field in model._meta.concrete_fields if not isinstance(field, models.AutoField))
    query = InsertQuery(model)
    query.insert_values(fields, [record])
    ((sql, values),) = query.get_compiler(connection=connection).as_sql()
    if len(values) != len(fields):
        raise NotPlain
    return sql, fields


def insert(*records: models.Model) -> None:
    """Insert *records* of one table. Sends no signals, and reads back no number that the database gives.

    Raises ``NotPlain`` if an id is missing that the database does not give, and ``ValueError`` for records of several tables.
    """
    if not records:
        return
    (model,) = {type(record) for record in records}
    key = (connection.vendor, model)
    if key not in _INSERTS:
        _INSERTS[key] = _compile_insert(records[0])
    sql, fields = _INSERTS[key]
    if model._meta.pk in fields and any(record.pk is None for record in records):
        raise NotPlain
    rows = [[_prepared(field, field.pre_save(record, add=True)) for field in fields] for record in records]
    _send(sql, *rows)
    for record in records:
        record._state.adding, record._state.db = False, DEFAULT_DB_ALIAS


@dataclass(frozen=True)
class _Update:
    """A compiled update, and the fields whose values it takes, in its order: of what is set, of what is asked."""

    sql: str
    changed: Mapping[str, Field]
    asked: Mapping[str, Field]


_UPDATES: dict[Hashable, _Update] = {}
"""What was compiled, by database, table, columns, and which of them become empty: as many as the code has."""


def _plain_fields(model: type[models.Model], names: Iterable[str]) -> dict[str, Field]:
    fields = {name: model._meta.get_field(name) for name in names}
    return {name: field for name, field in fields.items() if isinstance(field, models.Field)}


def _compile_update(
    model: type[models.Model], where: Mapping[str, Any], changes: Mapping[str, Any], raised: str
) -> _Update:
    """Let Django compile the update, and check that its places are those that will be filled."""
    query: UpdateQuery = model._base_manager.filter(**where).order_by().query.chain(UpdateQuery)  # type: ignore[assignment]
    query.add_update_values(dict(changes) | ({raised: F(raised) + 1} if raised else {}))
    sql, values = query.get_compiler(connection=connection).as_sql()
    changed = _plain_fields(model, (name for name, value in changes.items() if value is not None))
    asked = _plain_fields(model, sorted(name for name in where if not name.endswith(IS_NULL)))
    made = _Update(sql, changed, asked)
    columns = [field.column for field in (*changed.values(), *asked.values())]
    if PLACE.findall(sql) != columns or list(values) != _values(made, where, changes, raised):
        raise NotPlain
    return made


def _values(kept: _Update, where: Mapping[str, Any], changes: Mapping[str, Any], raised: str) -> list[Any]:
    set_to = [_prepared(field, changes[name]) for name, field in kept.changed.items()]
    return [*set_to, *([1] if raised else ()), *(_prepared(field, where[name]) for name, field in kept.asked.items())]


def update(model: type[models.Model], where: Mapping[str, Any], changes: Mapping[str, Any], *, raised: str = "") -> int:
    """Set *changes* in the rows of *model* for which each column of *where* has its value, and return how many there were.

    ``column__isnull`` asks whether one is empty. The column *raised* goes up by one. Raises ``NotPlain`` for anything but values, and where
    nothing is asked: every row would be meant.
    """
    if not where or None in where.values():
        raise NotPlain
    empty = (
        *((name, value) for name, value in where.items() if name.endswith(IS_NULL)),
        *(name for name in changes if changes[name] is None),
    )
    key = (connection.vendor, model, tuple(where), tuple(changes), empty, raised)
    if key not in _UPDATES:
        _UPDATES[key] = _compile_update(model, where, changes, raised)
    return _send(_UPDATES[key].sql, _values(_UPDATES[key], where, changes, raised))
