"""What a stream says inside the encryption: ``u8 kind | u32 length | payload``, one after the other. Pure.

``H`` a first JSON record about the whole backup, then for each table ``T`` its name and columns and an ``R`` per row, at the end ``Z`` the number
of rows of each table and SHA-256 over everything before. Anything out of order is refused.
"""

import hashlib
import json
import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from caseworker.backups.rows import decode_row, encode_row
from caseworker.vault.errors import FormatRefused

RECORDS_VERSION = 1
HIGHEST_RECORD = 1 << 26
FLUSH = 1 << 16
_HEAD = struct.Struct(">cI")


class Sink(Protocol):
    """Where plain bytes go: an encryption, never a file."""

    def write(self, plain: bytes | bytearray) -> None:
        """Take the next piece."""


@dataclass
class Summary:
    """How many rows each table has, and the digest over what was written or read."""

    rows: dict[str, int] = field(default_factory=dict)
    digest: str = ""

    @property
    def total(self) -> int:
        """Return the number of rows of all tables."""
        return sum(self.rows.values())


class RecordWriter:
    """Write records to a sink in pieces of 64 KiB."""

    def __init__(self, sink: Sink) -> None:
        """Begin with nothing."""
        self._sink, self._hash, self._buffer = sink, hashlib.sha256(), bytearray()
        self.summary, self._table = Summary(), ""

    def _flush(self) -> None:
        self._hash.update(self._buffer)
        self._sink.write(self._buffer)
        self._buffer.clear()

    def _put(self, kind: bytes, payload: bytes) -> None:
        self._buffer += _HEAD.pack(kind, len(payload))
        self._buffer += payload
        if len(self._buffer) >= FLUSH:
            self._flush()

    def put_head(self, about: Mapping[str, Any]) -> None:
        """Write the first record."""
        self._put(b"H", json.dumps({"version": RECORDS_VERSION} | dict(about)).encode())

    def begin_table(self, label: str, columns: Iterable[str]) -> None:
        """Say which table the next rows belong to."""
        self._table = label
        self.summary.rows[label] = 0
        self._put(b"T", json.dumps({"table": label, "columns": list(columns)}).encode())

    def put_row(self, values: Iterable[Any]) -> None:
        """Write one row."""
        self._put(b"R", encode_row(tuple(values)))
        self.summary.rows[self._table] += 1

    def finish(self) -> Summary:
        """Write the last record and return what was written."""
        self._flush()
        self.summary.digest = self._hash.hexdigest()
        self._put(b"Z", json.dumps({"rows": self.summary.rows, "digest": self.summary.digest}).encode())
        self._sink.write(self._buffer)
        return self.summary


class Table(NamedTuple):
    """The next rows belong to this table."""

    label: str
    columns: tuple[str, ...]


class Row(NamedTuple):
    """The values of one row."""

    values: list[Any]


def _split(pieces: Iterable[bytes], summary: Summary) -> Iterator[tuple[bytes, bytes]]:
    """Yield kind and payload; the digest of everything before the present record is kept in *summary*."""
    buffer, at, digest = bytearray(), 0, hashlib.sha256()
    for piece in pieces:
        buffer += piece
        while len(buffer) - at >= _HEAD.size:
            kind, length = _HEAD.unpack_from(buffer, at)
            if length > HIGHEST_RECORD:
                raise FormatRefused
            end = at + _HEAD.size + length
            if end > len(buffer):
                break
            if kind == b"Z":
                digest.update(buffer[:at])
                summary.digest = digest.hexdigest()
            yield kind, bytes(buffer[at + _HEAD.size : end])
            at = end
        digest.update(buffer[:at])
        del buffer[:at]
        at = 0
    if buffer:
        raise FormatRefused


class RecordReader:
    """Read the records of one stream; after the last one :attr:`summary` holds what was found, compared with what was written."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        """Read the first record; raises ``FormatRefused`` for another version."""
        self.summary, self._table = Summary(), ""
        self._records = _split(pieces, self.summary)
        kind, payload = next(self._records, (b"", b""))
        self.head: dict[str, Any] = _object(payload) if kind == b"H" else {}
        if self.head.get("version") != RECORDS_VERSION:
            raise FormatRefused

    def _next_table(self, payload: bytes) -> Table:
        said = _object(payload)
        label, columns = said.get("table"), said.get("columns")
        if not isinstance(label, str) or not isinstance(columns, list) or label in self.summary.rows:
            raise FormatRefused
        self._table, self.summary.rows[label] = label, 0
        return Table(label, tuple(map(str, columns)))

    def __iter__(self) -> Iterator[Table | Row]:
        """Yield tables and rows; raises ``FormatRefused`` when the counts or the digest at the end do not fit, or there is no end."""
        said: dict[str, Any] | None = None
        for kind, payload in self._records:
            if said is not None:
                raise FormatRefused
            if kind == b"R" and self._table:
                self.summary.rows[self._table] += 1
                yield Row(decode_row(payload))
            elif kind == b"T":
                yield self._next_table(payload)
            elif kind == b"Z":
                said = _object(payload)
            else:
                raise FormatRefused
        if said != {"rows": self.summary.rows, "digest": self.summary.digest}:
            raise FormatRefused


def _object(payload: bytes) -> dict[str, Any]:
    try:
        found = json.loads(payload)
    except ValueError:
        raise FormatRefused from None
    if not isinstance(found, dict):
        raise FormatRefused
    return found
