"""Values and rows as bytes: the same from SQLite and from PostgreSQL. Pure.

A value is one tag and its bytes: ``N`` nothing, ``T`` / ``F`` truth, ``I`` i64, ``U`` UUID 16, ``D`` day as u32 (proleptic ordinal), ``M`` moment as
i64 microseconds of UTC, and with a u32 length ``S`` UTF-8, ``B`` bytes, ``J`` JSON. Anything else is refused, in both directions.
"""

import datetime as dt
import json
import struct
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from caseworker.vault.errors import FormatRefused

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)
_LENGTH = struct.Struct(">cI")
_INTEGER = struct.Struct(">cq")
_U32 = struct.Struct(">I")
_I64 = struct.Struct(">q")


def _sized(tag: bytes, raw: bytes) -> bytes:
    return _LENGTH.pack(tag, len(raw)) + raw


def _json(value: Any) -> bytes:
    return _sized(b"J", json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())


def _moment(value: dt.datetime) -> bytes:
    if value.tzinfo is None:
        raise TypeError("a moment has a time zone")
    return _INTEGER.pack(b"M", (value - EPOCH) // _MICROSECOND)


_ENCODERS: Mapping[type, Callable[[Any], bytes]] = {
    type(None): lambda _value: b"N",
    bool: lambda value: b"T" if value else b"F",
    int: lambda value: _INTEGER.pack(b"I", value),
    str: lambda value: _sized(b"S", value.encode()),
    bytes: lambda value: _sized(b"B", value),
    memoryview: lambda value: _sized(b"B", bytes(value)),
    UUID: lambda value: b"U" + value.bytes,
    dt.date: lambda value: _LENGTH.pack(b"D", value.toordinal()),
    dt.datetime: _moment,
    list: _json,
    dict: _json,
}


def encode_row(values: Sequence[Any]) -> bytes:
    """Return the row as bytes; raises ``TypeError`` for a value of any other type."""
    try:
        return b"".join([_ENCODERS[type(value)](value) for value in values])
    except KeyError:
        raise TypeError("a value of this type is not kept") from None


def _whole(raw: bytes, at: int, length: int) -> tuple[bytes, int]:
    end = at + length
    if end > len(raw):
        raise FormatRefused
    return raw[at:end], end


def _after_length(raw: bytes, at: int) -> tuple[bytes, int]:
    (length,) = _U32.unpack_from(raw, at)
    return _whole(raw, at + 4, length)


def _integer(raw: bytes, at: int) -> tuple[int, int]:
    return _I64.unpack_from(raw, at)[0], at + 8


def _text(raw: bytes, at: int) -> tuple[str, int]:
    value, end = _after_length(raw, at)
    return value.decode(), end


def _structure(raw: bytes, at: int) -> tuple[Any, int]:
    value, end = _after_length(raw, at)
    return json.loads(value), end


def _uuid(raw: bytes, at: int) -> tuple[UUID, int]:
    value, end = _whole(raw, at, 16)
    return UUID(bytes=value), end


def _day(raw: bytes, at: int) -> tuple[dt.date, int]:
    return dt.date.fromordinal(_U32.unpack_from(raw, at)[0]), at + 4


def _when(raw: bytes, at: int) -> tuple[dt.datetime, int]:
    return EPOCH + _I64.unpack_from(raw, at)[0] * _MICROSECOND, at + 8


_DECODERS: Mapping[int, Callable[[bytes, int], tuple[Any, int]]] = {
    ord("N"): lambda _raw, at: (None, at),
    ord("T"): lambda _raw, at: (True, at),
    ord("F"): lambda _raw, at: (False, at),
    ord("I"): _integer,
    ord("S"): _text,
    ord("B"): _after_length,
    ord("U"): _uuid,
    ord("D"): _day,
    ord("M"): _when,
    ord("J"): _structure,
}


def decode_row(raw: bytes) -> list[Any]:
    """Return the values; raises ``FormatRefused`` for anything that :func:`encode_row` does not write."""
    values, at = [], 0
    try:
        while at < len(raw):
            value, at = _DECODERS[raw[at]](raw, at + 1)
            values.append(value)
    except (KeyError, struct.error, ValueError, OverflowError):
        raise FormatRefused from None
    return values
