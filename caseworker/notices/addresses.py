"""Addresses as they are stored, the codes that prove them, and the secret with which a webhook recognises this server."""

import hashlib
import hmac
from uuid import UUID

from caseworker.derived_keys import derived_key
from caseworker.vault.formats import ctx
from caseworker.vault.wrapping import unwrap, wrap


def seal_address(address: str, person_id: UUID) -> bytes:
    """Wrap an address for its column, bound to the person it belongs to."""
    return wrap(address.encode(), key=derived_key("notice-address"), associated_data=ctx("notice-address", person_id))


def open_address(sealed: bytes | memoryview, person_id: UUID) -> str:
    """Return an address; raises ``VaultError`` when ``SECRET_KEY`` or the row is not the one it was sealed with."""
    key = derived_key("notice-address")
    return unwrap(bytes(sealed), key=key, associated_data=ctx("notice-address", person_id)).decode()


def webhook_secret(person_id: UUID, sealed: bytes | memoryview) -> bytes:
    """Return the 32 bytes that sign what is posted; a new address has a new secret."""
    return derived_key("notice-webhook", person_id, bytes(sealed))


def code_hash(code: str, person_id: UUID) -> str:
    """Return HMAC-SHA256 of a code in hex; of the digits alone, however they were typed."""
    digits = "".join(character for character in code if character.isdecimal())
    named = ctx("notice-code", person_id, digits)
    return hmac.new(derived_key("notice-code"), named, hashlib.sha256).hexdigest()
