"""Vouch for a member's public key under the circle's own seed.

Whoever lets somebody in has compared a fingerprint aloud. The vouch writes that down so that only a holder of the circle's seed can: when
the circle gets a new key, it is sealed to the vouched keys and to no other, whatever stands in the tables by then.
"""

import hashlib
import hmac
from uuid import UUID

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from caseworker.vault.errors import KeySubstituted
from caseworker.vault.formats import ctx
from caseworker.vault.records import Recipient

KEY_BYTES = 32


def vouch(seed: bytes, circle_key_id: UUID, version: int, member: Recipient) -> bytes:
    """Return HMAC-SHA256 (32 bytes) over the member's key, under a key that HKDF (RFC 5869) derives from the circle's *seed*."""
    key = HKDF(hashes.SHA256(), KEY_BYTES, salt=None, info=ctx("vouch-key", circle_key_id, version)).derive(seed)
    named = ctx("vouch", member.key_id, member.suite, member.public_key)
    return hmac.new(key, named, hashlib.sha256).digest()


def check_vouch(stored: bytes, seed: bytes, circle_key_id: UUID, version: int, member: Recipient) -> None:
    """Raise ``KeySubstituted`` unless *stored* is the vouch for exactly this key (constant time)."""
    if not hmac.compare_digest(stored, vouch(seed, circle_key_id, version, member)):
        raise KeySubstituted
