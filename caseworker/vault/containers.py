"""The backup container ("CWBK"): a clear header that names who can open it, then one Cobblestone-256 stream bound to that header.

``"CWBK" | 01 | u32 length | header | stream``, the header being
``u8 stream | backup id 16 | u64 made at | u8 policy | u8 count | per recovery key: id 16 | u8 suite | u16 length | public key | u16 length | box``.

Cobblestone-256 is the C2SP chunked encryption of ``cryptography`` 50: chunks of 16 KiB under AES-256-GCM with a counter in the nonce and a
last-chunk mark, a fresh salt, and a commitment to the key. Its context here is the whole header, so that neither the stream's kind, nor the
backup it belongs to, nor its age, nor who can open it can be exchanged. What is handed out is authentic, but only the end proves that nothing
is missing: whoever acts on a part of a stream must undo it when :func:`decrypted` raises.

Sealing to a public key says nothing about who sealed: a whole forged container opens like a genuine one. The audit head on paper tells them apart.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import BinaryIO
from uuid import UUID

from cryptography.cobblestone import Cobblestone256Decryptor, Cobblestone256Encryptor
from cryptography.exceptions import InvalidTag

from caseworker.vault.errors import FormatRefused, OpenFailed
from caseworker.vault.formats import ctx

MAGIC, CONTAINER_VERSION = b"CWBK", 1
HIGHEST_HEADER = 1 << 17
PIECE = 1 << 16
KEY_PURPOSE = "backup-key"
POLICIES = ("any", "all")

_OUTER = struct.Struct(">4sBI")
_FIXED = struct.Struct(">B16sQBB")
_LOCK = struct.Struct(">16sB")
_SHORT = struct.Struct(">H")


class Stream(IntEnum):
    """What a container holds."""

    MAIN = 1
    KEYS = 2
    LEDGER = 3


@dataclass(frozen=True)
class Lock:
    """One recovery key and the box with the stream's key, or its share of it, that only this key opens."""

    key_id: UUID
    suite: int
    public_key: bytes
    box: bytes


@dataclass(frozen=True)
class Header:
    """What is readable without a key: opaque ids, a time, public keys."""

    backup_id: UUID
    stream: Stream
    made_at: int
    policy: str
    locks: tuple[Lock, ...]

    @property
    def place(self) -> tuple[UUID, int]:
        """What the boxes are bound to."""
        return self.backup_id, int(self.stream)


def encode_header(header: Header) -> bytes:
    """Return the bytes in front of the stream."""
    policy = POLICIES.index(header.policy)
    fixed = _FIXED.pack(header.stream, header.backup_id.bytes, header.made_at, policy, len(header.locks))
    parts = [fixed]
    for lock in header.locks:
        parts.append(_LOCK.pack(lock.key_id.bytes, lock.suite))
        for value in (lock.public_key, lock.box):
            parts += [_SHORT.pack(len(value)), value]
    body = b"".join(parts)
    return _OUTER.pack(MAGIC, CONTAINER_VERSION, len(body)) + body


class _Cursor:
    """Take bytes from the front; too few are refused."""

    def __init__(self, raw: bytes) -> None:
        self._raw, self._at = raw, 0

    def take(self, length: int) -> bytes:
        end = self._at + length
        if end > len(self._raw):
            raise FormatRefused
        taken, self._at = self._raw[self._at : end], end
        return taken

    def take_short(self) -> bytes:
        (length,) = _SHORT.unpack(self.take(_SHORT.size))
        return self.take(length)

    def check_end(self) -> None:
        if self._at != len(self._raw):
            raise FormatRefused


def _decode_body(body: bytes) -> Header:
    cursor = _Cursor(body)
    stream, backup_id, made_at, policy, count = _FIXED.unpack(cursor.take(_FIXED.size))
    locks = []
    for _ in range(count):
        key_id, suite = _LOCK.unpack(cursor.take(_LOCK.size))
        locks.append(Lock(UUID(bytes=key_id), suite, cursor.take_short(), cursor.take_short()))
    cursor.check_end()
    if policy >= len(POLICIES) or stream not in set(Stream):
        raise FormatRefused
    return Header(UUID(bytes=backup_id), Stream(stream), made_at, POLICIES[policy], tuple(locks))


def read_header(file: BinaryIO) -> tuple[Header, bytes]:
    """Return the header and its bytes, leaving *file* at the stream; raises ``FormatRefused`` for everything this version does not know."""
    outer = file.read(_OUTER.size)
    if len(outer) != _OUTER.size:
        raise FormatRefused
    magic, version, length = _OUTER.unpack(outer)
    if magic != MAGIC or version != CONTAINER_VERSION or length > HIGHEST_HEADER:
        raise FormatRefused
    body = file.read(length)
    if len(body) != length:
        raise FormatRefused
    return _decode_body(body), outer + body


class Encryption:
    """Write one container: the header at once, then what is given, encrypted; :meth:`finish` once at the end, or it opens nowhere."""

    def __init__(self, header: Header, *, key: bytes, out: BinaryIO) -> None:
        """Write the header to *out*."""
        raw = encode_header(header)
        self._out, self._encryptor = out, Cobblestone256Encryptor(key, ctx("backup", raw))
        out.write(raw)

    def write(self, plain: bytes | bytearray) -> None:
        """Encrypt the next piece."""
        self._out.write(self._encryptor.update(plain))

    def finish(self) -> None:
        """Write the last chunk, which marks the end."""
        self._out.write(self._encryptor.finalize())


def decrypted(file: BinaryIO, *, raw_header: bytes, key: bytes) -> Iterator[bytes]:
    """Yield the plain pieces of the stream that begins at the present place of *file*.

    Raises ``OpenFailed`` for another key, another header, and anything altered, moved, repeated, left out, added or cut off.
    """
    try:
        decryptor = Cobblestone256Decryptor(key, ctx("backup", raw_header))
    except ValueError:
        raise OpenFailed from None
    try:
        while piece := file.read(PIECE):
            yield decryptor.update(piece)
        yield decryptor.finalize()
    except InvalidTag:
        raise OpenFailed from None
