"""Keys of the server itself, derived from ``SECRET_KEY``.

They are for what must be readable here without anybody's words, and never for what people who ask for help have told.
"""

from uuid import UUID

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from caseworker.vault.formats import ctx

KEY_BYTES = 32


def derived_key(label: str, *parts: bytes | str | int | UUID) -> bytes:
    """Return 32 bytes from HKDF-SHA256 (RFC 5869) of ``SECRET_KEY``, bound to *label* and *parts*."""
    derivation = HKDF(hashes.SHA256(), KEY_BYTES, salt=None, info=ctx(label, *parts))
    return derivation.derive(settings.SECRET_KEY.encode())
