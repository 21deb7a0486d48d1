"""Byte formats: contexts that bind every ciphertext to its place, and framed containers with version and suite.

All integers are big-endian. An unknown version or suite is refused; there is never a fall-back to plain text.
"""

from uuid import UUID

from caseworker.vault.errors import FormatRefused

PREFIX = b"caseworker/1\x00"
VERSION = 1
NONCE_BYTES = 12
TAG_BYTES = 16


def _encode(part: bytes | str | int | UUID) -> bytes:
    if isinstance(part, UUID):
        return part.bytes
    if isinstance(part, int):
        return part.to_bytes(8, "big")
    if isinstance(part, str):
        return part.encode("utf-8")
    return part


def ctx(purpose: str, *parts: bytes | str | int | UUID) -> bytes:
    r"""Return the context string for *purpose* and *parts*: injective, because every part is length-prefixed.

    Layout: ``"caseworker/1\0" | u8 len(purpose) | u8 count | purpose | for each part: u32 len | bytes``; integers are u64, UUIDs 16 bytes.
    """
    name = purpose.encode("ascii")
    encoded = [_encode(part) for part in parts]
    body = b"".join(len(part).to_bytes(4, "big") + part for part in encoded)
    return PREFIX + bytes((len(name), len(encoded))) + name + body


def frame(second: int, body: bytes) -> bytes:
    """Return ``version | second | body``; *second* is the suite of a sealed box, 1 for a wrap, the schema of a field."""
    return bytes((VERSION, second)) + body


def unframe(framed: bytes, *, minimum: int) -> tuple[int, memoryview]:
    """Return the second byte and the body; raises ``FormatRefused`` for another version or a body under *minimum* bytes."""
    if len(framed) < 2 + minimum or framed[0] != VERSION:
        raise FormatRefused
    return framed[1], memoryview(framed)[2:]
