"""Prove that this server wrote a partner's key after a lead compared its fingerprint: what somebody plants in the table is sealed to by nobody."""

import hmac

from caseworker.key_proofs import proof
from requests_app.models.connections import Asset, PartnerKey


def partner_key_proof(key: PartnerKey) -> bytes:
    """Return the proof of a partner's key."""
    return proof("partner-key", key.id, key.partner_id, key.suite, bytes(key.public_key))


def genuine_key_of(partner: Asset) -> PartnerKey | None:
    """Return the partner's present key, if this server wrote it."""
    key: PartnerKey | None = PartnerKey.objects.filter(partner=partner, retired_on__isnull=True).first()
    return key if key is not None and hmac.compare_digest(bytes(key.proof), partner_key_proof(key)) else None
