"""Seal to a public key, open with its seed: HPKE base mode (RFC 9180) over X25519 or the X-Wing hybrid (0x647a).

A private key is its 32-byte seed. X-Wing expands it as draft-connolly-cfrg-xwing-kem does: SHAKE256(seed, 96) gives 64 bytes of ML-KEM-768 seed
and 32 bytes of X25519 scalar. The context goes into ``info``; the public HPKE interface takes no associated data.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, MLKEM768X25519PrivateKey, MLKEM768X25519PublicKey
from cryptography.hazmat.primitives.hpke import Suite as HpkeSuite

from caseworker.vault.errors import FormatRefused, KeySubstituted, OpenFailed
from caseworker.vault.formats import TAG_BYTES, frame, unframe

SEED_BYTES = 32
MLKEM_PUBLIC_BYTES = 1184
X25519_BYTES = 32
FINGERPRINT_HEX = 20


class Suite(IntEnum):
    """Which key agreement a sealed box uses; the number is stored in the box."""

    X25519 = 1
    XWING = 2


DEFAULT_SUITE = Suite.XWING
_HPKE = {
    Suite.X25519: HpkeSuite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM),
    Suite.XWING: HpkeSuite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM),
}
_ENC_BYTES = {Suite.X25519: 32, Suite.XWING: 1120}
PUBLIC_BYTES = {Suite.X25519: X25519_BYTES, Suite.XWING: MLKEM_PUBLIC_BYTES + X25519_BYTES}

PublicKey = X25519PublicKey | MLKEM768X25519PublicKey
PrivateKey = X25519PrivateKey | MLKEM768X25519PrivateKey


@dataclass(frozen=True)
class KeyPair:
    """A seed and the public key that belongs to it; shown as nothing."""

    suite: Suite
    seed: bytes
    public_key: bytes

    def __repr__(self) -> str:
        """Show nothing of the seed."""
        return "<KeyPair>"


def known_suite(number: int) -> Suite:
    """Return the suite with this *number*; raises ``FormatRefused`` for one this version does not know."""
    try:
        return Suite(number)
    except ValueError:
        raise FormatRefused from None


def _xwing_parts(seed: bytes) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
    expanded = hashlib.shake_256(seed).digest(96)
    return MLKEM768PrivateKey.from_seed_bytes(expanded[:64]), X25519PrivateKey.from_private_bytes(expanded[64:])


def _private_key(suite: Suite, seed: bytes) -> PrivateKey:
    if len(seed) != SEED_BYTES:
        raise FormatRefused
    if suite is Suite.X25519:
        return X25519PrivateKey.from_private_bytes(seed)
    return MLKEM768X25519PrivateKey(*_xwing_parts(seed))


@lru_cache(maxsize=64)
def _public_key(suite: Suite, public_key: bytes) -> PublicKey:
    """Parse once: a batch of records is sealed to the same few keys."""
    if len(public_key) != PUBLIC_BYTES[suite]:
        raise FormatRefused
    if suite is Suite.X25519:
        return X25519PublicKey.from_public_bytes(public_key)
    kem, curve = public_key[:MLKEM_PUBLIC_BYTES], public_key[MLKEM_PUBLIC_BYTES:]
    return MLKEM768X25519PublicKey(MLKEM768PublicKey.from_public_bytes(kem), X25519PublicKey.from_public_bytes(curve))


def public_key_from_seed(suite: Suite, seed: bytes) -> bytes:
    """Return the public key of *seed* in its wire form (32 bytes, or 1184 + 32 for X-Wing)."""
    if len(seed) != SEED_BYTES:
        raise FormatRefused
    if suite is Suite.X25519:
        return X25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    kem, curve = _xwing_parts(seed)
    return kem.public_key().public_bytes_raw() + curve.public_key().public_bytes_raw()


def generate_key_pair(suite: Suite = DEFAULT_SUITE) -> KeyPair:
    """Make a new key pair from 32 random bytes."""
    seed = secrets.token_bytes(SEED_BYTES)
    return KeyPair(suite, seed, public_key_from_seed(suite, seed))


def fingerprint(suite: int, public_key: bytes) -> str:
    """Return the first 20 hex digits of SHA-256(suite | public key), to be compared aloud."""
    return hashlib.sha256(bytes((suite,)) + public_key).hexdigest()[:FINGERPRINT_HEX]


def check_key_matches(suite: int, seed: bytes, public_key: bytes) -> None:
    """Raise ``KeySubstituted`` unless *public_key* belongs to *seed*: a swapped public key would read what is sealed next."""
    if not hmac.compare_digest(public_key_from_seed(known_suite(suite), seed), public_key):
        raise KeySubstituted


def sealed_size(suite: int, length: int) -> int:
    """Return how long a box of *length* bytes is."""
    return 2 + _ENC_BYTES[known_suite(suite)] + length + TAG_BYTES


def seal(plaintext: bytes, *, suite: int, public_key: bytes, info: bytes) -> bytes:
    """Return ``01 | suite | enc | ciphertext`` that only the seed of *public_key* opens, and only under the same *info*."""
    known = known_suite(suite)
    return frame(known, _HPKE[known].encrypt(plaintext, _public_key(known, public_key), info=info))


@dataclass(frozen=True)
class PrivateHalf:
    """A private key expanded once, for opening many boxes in one request; shown as nothing."""

    suite: Suite
    key: PrivateKey

    def __repr__(self) -> str:
        """Show nothing."""
        return "<PrivateHalf>"


def expand(suite: int, seed: bytes) -> PrivateHalf:
    """Expand *seed* into its private key."""
    known = known_suite(suite)
    return PrivateHalf(known, _private_key(known, seed))


def open_sealed(sealed: bytes, *, seed: bytes, info: bytes, half: PrivateHalf | None = None) -> bytes:
    """Return what :func:`seal` was given; raises ``FormatRefused`` or ``OpenFailed``. *half* saves expanding the seed again."""
    number, body = unframe(sealed, minimum=TAG_BYTES)
    suite = known_suite(number)
    if len(body) < _ENC_BYTES[suite] + TAG_BYTES:
        raise FormatRefused
    try:
        key = half.key if half is not None and half.suite is suite else _private_key(suite, seed)
        return _HPKE[suite].decrypt(body, key, info=info)
    except (InvalidTag, ValueError):
        raise OpenFailed from None
