"""Wrap a secret under a symmetric key: ``01 | 01 | nonce12 | AES-256-GCM(secret) | tag16``, bound to its associated data."""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from caseworker.vault.errors import FormatRefused, OpenFailed
from caseworker.vault.formats import NONCE_BYTES, TAG_BYTES, frame, unframe

AES_256_GCM = 1
KEY_BYTES = 32


def wrap(secret: bytes, *, key: bytes, associated_data: bytes) -> bytes:
    """Encrypt *secret* under the 32-byte *key* with a fresh random nonce."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return frame(AES_256_GCM, nonce + AESGCM(key).encrypt(nonce, secret, associated_data))


def unwrap(wrapped: bytes, *, key: bytes, associated_data: bytes) -> bytes:
    """Return the secret; raises ``FormatRefused`` for another layout and ``OpenFailed`` for another key, place or content."""
    algorithm, body = unframe(wrapped, minimum=NONCE_BYTES + TAG_BYTES)
    if algorithm != AES_256_GCM:
        raise FormatRefused
    try:
        return AESGCM(key).decrypt(body[:NONCE_BYTES], body[NONCE_BYTES:], associated_data)
    except InvalidTag:
        raise OpenFailed from None
