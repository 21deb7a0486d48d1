"""The referral packet: what a partner opens with their own key and nothing else does. Opaque from its first byte to its last.

``packet id 16 | box``, the box being HPKE over ``u32 length | UTF-8 JSON | zeros`` to the next multiple of 8,192 bytes, so that the size of a
file says little about what is in it. The box is bound to the packet's id and to the key it was made for. Who sealed it is not proven: sender
and receiver compare the code of the file aloud.
"""

import base64
import hashlib
import json
import uuid
from collections.abc import Mapping
from typing import Any

from caseworker.vault.errors import FormatRefused
from caseworker.vault.formats import ctx
from caseworker.vault.sealing import PUBLIC_BYTES, Suite, known_suite, open_sealed, seal

STEP, LENGTH_BYTES, ID_BYTES = 8192, 4, 16
CODE_LETTERS, CODE_GROUP = 12, 3
PURPOSE = "referral"


def suite_of_key(public_key: bytes) -> Suite:
    """Return the suite that a public key of this length belongs to; raises ``FormatRefused`` for another length."""
    for suite, length in PUBLIC_BYTES.items():
        if len(public_key) == length:
            return suite
    raise FormatRefused


def padded(contents: Mapping[str, Any]) -> bytes:
    """Return the block that is sealed."""
    raw = json.dumps(contents, sort_keys=True, ensure_ascii=False).encode("utf-8", "replace")
    block = len(raw).to_bytes(LENGTH_BYTES, "big") + raw
    return block.ljust(-(-len(block) // STEP) * STEP, b"\0")


def unpadded(block: bytes) -> dict[str, Any]:
    """Return the contents; raises ``FormatRefused`` unless length and padding are as :func:`padded` makes them."""
    end = LENGTH_BYTES + int.from_bytes(block[:LENGTH_BYTES], "big")
    if not block or len(block) % STEP or end > len(block) or any(block[end:]):
        raise FormatRefused
    try:
        contents = json.loads(block[LENGTH_BYTES:end])
    except ValueError:
        raise FormatRefused from None
    if not isinstance(contents, dict):
        raise FormatRefused
    return contents


def seal_packet(contents: Mapping[str, Any], *, suite: int, public_key: bytes) -> bytes:
    """Return the bytes of a new packet for the holder of *public_key*."""
    packet_id = uuid.uuid4()
    info = ctx(PURPOSE, packet_id, public_key)
    return packet_id.bytes + seal(padded(contents), suite=known_suite(suite), public_key=public_key, info=info)


def open_packet(packet: bytes, *, seed: bytes, public_key: bytes) -> dict[str, Any]:
    """Return the contents; raises ``FormatRefused`` or ``OpenFailed``."""
    if len(packet) < ID_BYTES:
        raise FormatRefused
    info = ctx(PURPOSE, uuid.UUID(bytes=packet[:ID_BYTES]), public_key)
    return unpadded(open_sealed(packet[ID_BYTES:], seed=seed, info=info))


def code_of_packet(packet: bytes) -> str:
    """Return twelve letters that sender and receiver compare aloud: the beginning of SHA-256 of the file, 60 bits."""
    letters = base64.b32encode(hashlib.sha256(packet).digest()).decode("ascii")[:CODE_LETTERS]
    return "-".join(letters[n : n + CODE_GROUP] for n in range(0, CODE_LETTERS, CODE_GROUP))
