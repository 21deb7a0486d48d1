"""Sealed tags: find the same contact in two requests, or a contact somebody names, without an index that a thief could try numbers against.

A tag is eight bytes of an HMAC under a key that only the circle's seed gives. Five tags, one for each kind of contact, are one row; a kind
that was not given has a random one, so that rows differ in nothing. The row is encrypted too: without the seed there is nothing to compare.

``K_dup = HKDF(seed, ctx("dup-key", circle_key_id, version))``; the tag key and the row key are HKDF (RFC 5869, SHA-256, no salt) of it.
ROW: ``01 | 01 | nonce12 | AES-256-GCM(block64) | tag16`` with associated data ``ctx("dup", request_id, circle_key_id)``;
block: ``u8 version of the normalizer | five tags of 8 bytes | zeros``. What this does not protect against: whoever holds the circle's
seed can try every phone number there is.
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from caseworker.vault.errors import FormatRefused, OpenFailed
from caseworker.vault.formats import NONCE_BYTES, TAG_BYTES, ctx, frame

ROW_FORMAT = 1
KEY_BYTES = 32
SHORT_TAG_BYTES = 8
SLOTS = 5
BLOCK_BYTES = 64
TAGS_END = 1 + SLOTS * SHORT_TAG_BYTES
_HEAD = frame(ROW_FORMAT, b"")
_BODY, _BOX = len(_HEAD), len(_HEAD) + NONCE_BYTES
FRAMED_BYTES = _BOX + BLOCK_BYTES + TAG_BYTES
_PADDING = bytes(BLOCK_BYTES - TAGS_END)
_ID, _ID_BYTES = UUID(int=0), 16
_LAST_PART = 4 + _ID_BYTES


@dataclass(frozen=True)
class TagKeys:
    """The two keys of one version of a circle: one makes tags, the other seals rows; shown as nothing."""

    circle_key_id: UUID
    tag: bytes
    row: AESGCM
    around: tuple[bytes, bytes]

    def __repr__(self) -> str:
        """Show nothing."""
        return "<TagKeys>"

    def associated_data(self, request_id: UUID) -> bytes:
        """Return ``ctx("dup", request_id, circle_key_id)``, put together from its two constant parts."""
        return self.around[0] + request_id.bytes + self.around[1]


def _hkdf(secret: bytes, info: bytes) -> bytes:
    return HKDF(hashes.SHA256(), KEY_BYTES, salt=None, info=info).derive(secret)


def derive_tag_keys(seed: bytes, *, circle_key_id: UUID, version: int) -> TagKeys:
    """Return the keys of this version of the circle; another version has others, and finds nothing of this one's."""
    root = _hkdf(seed, ctx("dup-key", circle_key_id, version))
    whole = ctx("dup", _ID, circle_key_id)
    around = (whole[: -_ID_BYTES - _LAST_PART], whole[-_LAST_PART:])
    return TagKeys(circle_key_id, _hkdf(root, ctx("tag")), AESGCM(_hkdf(root, ctx("row"))), around)


def make_tag(keys: TagKeys, kind: str, normalized: str) -> bytes:
    """Return the first eight bytes of HMAC-SHA256 over ``kind | normalized``; a kind holds no ``|``."""
    named = f"{kind}|{normalized}".encode("utf-8", "surrogatepass")
    return hmac.new(keys.tag, named, hashlib.sha256).digest()[:SHORT_TAG_BYTES]


def seal_row(keys: TagKeys, request_id: UUID, tags: Sequence[bytes | None], *, normalizer: int) -> bytes:
    """Seal five tags, one a slot; None becomes a random one. Raises ``FormatRefused`` for another number or length of tags."""
    filled = [secrets.token_bytes(SHORT_TAG_BYTES) if tag is None else tag for tag in tags]
    if len(filled) != SLOTS or {len(tag) for tag in filled} != {SHORT_TAG_BYTES}:
        raise FormatRefused
    nonce, block = secrets.token_bytes(NONCE_BYTES), bytes((normalizer,)) + b"".join(filled) + _PADDING
    return frame(ROW_FORMAT, nonce + keys.row.encrypt(nonce, block, keys.associated_data(request_id)))


def open_row(keys: TagKeys, request_id: UUID, sealed: bytes, *, normalizer: int) -> bytes:
    """Return the five tags end to end.

    Raises ``OpenFailed`` for another request, circle, version or content, and ``FormatRefused`` for another layout, another version of the
    normalizer, or padding that is not zero.
    """
    if len(sealed) != FRAMED_BYTES or sealed[:_BODY] != _HEAD:
        raise FormatRefused
    try:
        block = keys.row.decrypt(sealed[_BODY:_BOX], sealed[_BOX:], keys.associated_data(request_id))
    except InvalidTag:
        raise OpenFailed from None
    if block[0] != normalizer or block[TAGS_END:] != _PADDING:
        raise FormatRefused
    return block[1:TAGS_END]


def tag_at(tags: bytes, slot: int) -> bytes:
    """Return the tag in one *slot* of an opened row."""
    return tags[slot * SHORT_TAG_BYTES : (slot + 1) * SHORT_TAG_BYTES]


def open_rows(
    keys: TagKeys, rows: Iterable[tuple[UUID, bytes]], *, normalizer: int
) -> Iterator[tuple[UUID, bytes | None]]:
    """Open row after row; one that does not open comes as None, so that a damaged row hides no other."""
    for request_id, sealed in rows:
        try:
            yield request_id, open_row(keys, request_id, sealed, normalizer=normalizer)
        except (FormatRefused, OpenFailed):
            yield request_id, None
