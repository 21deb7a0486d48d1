"""Both databases as somebody sees them who took the machine and has no key: every table, every column, from the database's own catalogue.

Nothing here asks the models what there is: a column that somebody added by hand is found as well as one that a migration brought.
"""

import base64
import binascii
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.apps import apps
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from requests_app.zone_codes import Zone
from requests_app.zones import ZONES
from requests_app.zones_foreign import FOREIGN_TABLES

SAMPLES = 3
ZEROS_FROM, ZEROS_MOST = 64, 8
"""In 64 random bytes or more, one zero in eight bytes does not happen."""
WRAPPED = b"\x01\x01"
HASH_DIGITS = 64


class Fault(StrEnum):
    """Why the verdict is bad."""

    NOT_LISTED = "not_listed"
    CLEAR = "clear"
    NOT_EMPTY = "not_empty"


@dataclass(frozen=True)
class SeenColumn:
    """One column: its zone if it has one, how many values there are, samples of codes, the length of what is sealed, and what is wrong."""

    name: str
    zone: Zone | None
    values: int
    samples: tuple[str, ...] = ()
    longest: int = 0
    fault: Fault | None = None


@dataclass(frozen=True)
class SeenTable:
    """One table of one database."""

    database: str
    name: str
    rows: int
    columns: tuple[SeenColumn, ...]
    reason: str = ""
    fault: Fault | None = None

    @property
    def faults(self) -> int:
        """Return how many things are wrong here."""
        return int(self.fault is not None) + sum(1 for column in self.columns if column.fault)


def listed_zones() -> dict[str, dict[str, Zone]]:
    """Return the zone of every listed column by the names that the database uses."""
    listed: dict[str, dict[str, Zone]] = {
        name: dict.fromkeys(table.columns, Zone.OPERATIONS) | dict.fromkeys(table.sealed, Zone.SEALED)
        for name, table in FOREIGN_TABLES.items()
    }
    for app in ("caseworker", "requests_app"):
        for model in apps.get_app_config(app).get_models():
            zones = {field: zone for zone, fields in ZONES.get(model.__name__, {}).items() for field in fields}
            listed[model._meta.db_table] = {
                str(field.column): zones[field.name] for field in model._meta.concrete_fields if field.name in zones
            }
    return listed


def _leaves(value: object) -> Iterator[object]:
    match value:
        case dict():
            for one in value.values():
                yield from _leaves(one)
        case list():
            for one in value:
                yield from _leaves(one)
        case _:
            yield value


def _is_wrapped(text: str) -> bool:
    try:
        return base64.b64decode(text, validate=True).startswith(WRAPPED)
    except (binascii.Error, ValueError):
        return False


def _json_seems_clear(text: str) -> bool:
    """Tell whether a text of a sealed column is anything but JSON whose texts are all wrapped."""
    try:
        leaves = list(_leaves(json.loads(text)))
    except ValueError:
        return bool(text)
    return any(isinstance(leaf, str) and not _is_wrapped(leaf) for leaf in leaves)


def seems_clear(value: object) -> bool:
    """Tell whether a value of a sealed column can be read: text, JSON with text in it, or bytes too regular to be ciphertext."""
    if value is None or isinstance(value, (dict, list, str)):
        return value is not None and _json_seems_clear(value if isinstance(value, str) else json.dumps(value))
    if not isinstance(value, (bytes, bytearray, memoryview)):
        return True
    raw = bytes(value)
    if len(raw) >= ZEROS_FROM and raw.count(0) > len(raw) // ZEROS_MOST:
        return True
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return False
    return bool(text) and all(sign.isprintable() or sign.isspace() for sign in text)


def _sample(value: object) -> str:
    text = str(value)
    is_hash = len(text) == HASH_DIGITS and all(digit in "0123456789abcdef" for digit in text)
    return f"#{HASH_DIGITS}" if is_hash else text[:40]


def _one(connection: BaseDatabaseWrapper, sql: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        found = cursor.fetchone()
    return int(found[0])


def _all(connection: BaseDatabaseWrapper, sql: str) -> Iterator[object]:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        while batch := cursor.fetchmany(500):
            for row in batch:
                yield row[0]


def _column(connection: BaseDatabaseWrapper, table: str, name: str, zone: Zone | None) -> SeenColumn:
    """Look at one column; all values of a sealed one are tried."""
    quoted, of = connection.ops.quote_name(name), connection.ops.quote_name(table)
    values = _one(connection, f"SELECT COUNT({quoted}) FROM {of}")  # noqa: S608 - names from the catalogue, quoted
    if zone is None:
        return SeenColumn(name, None, values, fault=Fault.NOT_LISTED)
    if zone is Zone.SEALED:
        longest, clear = 0, False
        for value in _all(connection, f"SELECT {quoted} FROM {of}"):  # noqa: S608
            longest = max(longest, len(value) if isinstance(value, (bytes, memoryview, str)) else 0)
            clear = clear or seems_clear(value)
        return SeenColumn(name, zone, values, longest=longest, fault=Fault.CLEAR if clear else None)
    if zone is Zone.OPERATIONS:
        return SeenColumn(name, zone, values)
    sql = f"SELECT DISTINCT {quoted} FROM {of} WHERE {quoted} IS NOT NULL LIMIT {SAMPLES}"  # noqa: S608
    return SeenColumn(name, zone, values, samples=tuple(_sample(value) for value in _all(connection, sql)))


def _columns_of(connection: BaseDatabaseWrapper, name: str) -> list[str]:
    """Return the names of the columns, from an empty answer: the introspection of SQLite stumbles over some definitions."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {connection.ops.quote_name(name)} LIMIT 0")  # noqa: S608
        return [str(one[0]) for one in cursor.description]


def _table(connection: BaseDatabaseWrapper, name: str, zones: Mapping[str, Zone]) -> SeenTable:
    columns = _columns_of(connection, name)
    rows = _one(connection, f"SELECT COUNT(*) FROM {connection.ops.quote_name(name)}")  # noqa: S608
    seen = tuple(_column(connection, name, column, zones.get(column)) for column in columns)
    foreign = FOREIGN_TABLES.get(name)
    full = foreign is not None and foreign.stays_empty and rows > 0
    reason = foreign.reason if foreign else ""
    return SeenTable(connection.alias, name, rows, seen, reason, Fault.NOT_EMPTY if full else None)


def seen_tables() -> list[SeenTable]:
    """Return every table of both databases as it can be read without keys, by database and name."""
    listed, seen = listed_zones(), []
    for alias in connections:
        connection = connections[alias]
        with connection.cursor() as cursor:
            names = sorted(connection.introspection.table_names(cursor))
        seen += [_table(connection, name, listed.get(name, {})) for name in names]
    return seen
