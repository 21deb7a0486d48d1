"""Prove that this server wrote a public key or a membership: an HMAC under a secret that is in no database and in no backup.

Sealing needs public keys only, and an officer takes somebody out without any private key. So a version of a circle that somebody planted
with their own seed, sealed to the true members, would look like any other. What carries no proof is sealed to by nobody, nothing is moved
to it, and nobody is granted a new version because of it.
"""

import hashlib
import hmac
from uuid import UUID

from caseworker.derived_keys import derived_key
from caseworker.models.keys import CircleGrant, CircleKey
from caseworker.vault.formats import ctx

Part = bytes | int | UUID


def proof(purpose: str, *parts: Part) -> bytes:
    """Return HMAC-SHA256 over *parts*, under a key that HKDF (RFC 5869) derives from ``SECRET_KEY`` for this *purpose*."""
    return hmac.new(derived_key("row-proof", purpose.encode()), ctx(purpose, *parts), hashlib.sha256).digest()


def key_proof(key: CircleKey) -> bytes:
    """Return the proof of a version of a circle's key."""
    return proof("circle-key", key.id, key.circle_id, key.version, key.suite, bytes(key.public_key))


def grant_proof(grant: CircleGrant) -> bytes:
    """Return the proof that this staff key, as it was then, was let in to this version."""
    member = grant.staff_key
    named = (member.id, member.person_id, member.suite, bytes(member.public_key))
    return proof("circle-grant", grant.circle_key_id, *named)


def is_genuine(key: CircleKey) -> bool:
    """Tell whether something may be sealed to the version: this server made it, and no member found its key to be false."""
    return key.distrusted_on is None and hmac.compare_digest(bytes(key.proof or b""), key_proof(key))


def is_proven(grant: CircleGrant) -> bool:
    """Tell whether this server let exactly this staff key in."""
    return hmac.compare_digest(bytes(grant.proof or b""), grant_proof(grant))


def prove_all() -> int:
    """Prove every version and grant as it stands, for a database that comes from under another secret; return how many.

    Where anything fits the present secret, nothing is proven: what does not fit there was planted, and stays so.
    """
    keys, grants = list(CircleKey.objects.all()), list(CircleGrant.objects.select_related("staff_key"))
    if any(bytes(key.proof or b"") == key_proof(key) for key in keys):
        return 0
    for key in keys:
        key.proof = key_proof(key)
    for grant in grants:
        grant.proof = grant_proof(grant)
    CircleKey.objects.bulk_update(keys, ["proof"])
    CircleGrant.objects.bulk_update(grants, ["proof"])
    return len(keys) + len(grants)
