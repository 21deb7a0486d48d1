"""Data keys and fields: a random key per record, split into encryption key and commitment, and one AES-256-GCM box per field.

FIELD: ``01 | schema | nonce12 | AES-256-GCM(padded) | tag16`` with associated data ``ctx("field", record_id, name, generation, schema)``.
"""

import hmac
import secrets
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from caseworker.vault.errors import CommitmentMismatch, FormatRefused, OpenFailed
from caseworker.vault.formats import NONCE_BYTES, TAG_BYTES, ctx, frame, unframe
from caseworker.vault.padding import pad, unpad

DATA_KEY_BYTES = 32


class Envelope:
    """Ciphertext with a type of its own, so that it can never be taken for text, nor text for it."""

    __slots__ = ("_raw",)

    def __init__(self, raw: bytes) -> None:
        """Keep the framed bytes; only their outer layout is checked here."""
        unframe(raw, minimum=NONCE_BYTES + TAG_BYTES)
        self._raw = bytes(raw)

    @property
    def raw(self) -> bytes:
        """The framed bytes, for storing."""
        return self._raw

    def __eq__(self, other: object) -> bool:
        """Compare ciphertexts byte by byte."""
        return isinstance(other, Envelope) and hmac.compare_digest(self._raw, other._raw)

    def __hash__(self) -> int:
        """Hash the ciphertext."""
        return hash(self._raw)

    def __repr__(self) -> str:
        """Show nothing."""
        return "<Envelope>"


@dataclass(frozen=True)
class Place:
    """Where a field lives: bound into its ciphertext, so that it opens nowhere else."""

    record_id: UUID
    generation: int
    schema: int

    def associated_data(self, name: str) -> bytes:
        """Return the associated data of the field *name* here."""
        return ctx("field", self.record_id, name, self.generation, self.schema)


@dataclass(frozen=True)
class SplitKey:
    """The two halves of a data key: one encrypts, the other proves which key it was."""

    encryption: bytes
    commitment: bytes

    def __repr__(self) -> str:
        """Show nothing."""
        return "<SplitKey>"


def new_data_key() -> bytes:
    """Return 32 random bytes."""
    return secrets.token_bytes(DATA_KEY_BYTES)


def split_data_key(data_key: bytes, *, record_id: UUID, generation: int) -> SplitKey:
    """Derive encryption key and commitment by HKDF-Expand (RFC 5869, SHA-256) bound to the record and its generation."""
    if len(data_key) != DATA_KEY_BYTES:
        raise FormatRefused
    info = ctx("dek", record_id, generation)
    expanded = HKDFExpand(hashes.SHA256(), 2 * DATA_KEY_BYTES, info).derive(data_key)
    return SplitKey(expanded[:DATA_KEY_BYTES], expanded[DATA_KEY_BYTES:])


def check_commitment(split: SplitKey, commitment: bytes) -> None:
    """Raise ``CommitmentMismatch`` unless the stored *commitment* is that of the key (constant time)."""
    if not hmac.compare_digest(split.commitment, commitment):
        raise CommitmentMismatch


def seal_field(text: str, *, cipher: AESGCM, place: Place, name: str) -> Envelope:
    """Encrypt *text* for its place; its length is hidden by padding."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return Envelope(frame(place.schema, nonce + cipher.encrypt(nonce, pad(text), place.associated_data(name))))


def open_field(envelope: Envelope, *, cipher: AESGCM, place: Place, name: str) -> str:
    """Return the text; raises ``FormatRefused`` for another schema and ``OpenFailed`` for another key, place or content."""
    schema, body = unframe(envelope.raw, minimum=NONCE_BYTES + TAG_BYTES)
    if schema != place.schema:
        raise FormatRefused
    try:
        padded = cipher.decrypt(body[:NONCE_BYTES], body[NONCE_BYTES:], place.associated_data(name))
    except InvalidTag:
        raise OpenFailed from None
    return unpad(padded)
