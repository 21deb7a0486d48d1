"""The boot key: 32 random bytes on tmpfs, new at each boot, shared by the workers of one host, never in a backup."""

import contextlib
import os
import secrets
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from caseworker.vault.formats import ctx

KEY_BYTES = 32
FILE_NAME = "boot.key"


def _create(path: Path) -> None:
    """Write a new key beside *path* and link it into place, so that of two workers one wins and both read the same."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{FILE_NAME}.{os.getpid()}.{secrets.token_hex(4)}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_bytes(KEY_BYTES))
    with contextlib.suppress(FileExistsError):
        os.link(beside, path)
    beside.unlink()


def boot_key() -> bytes:
    """Return the boot key of this host, making it at the first call after boot."""
    path = Path(settings.RUNTIME_DIR) / FILE_NAME
    if not path.exists():
        _create(path)
    return path.read_bytes()


def derived_key(purpose: str, material: bytes) -> bytes:
    """Return a 32-byte key: HKDF-SHA256 of *material* salted with the boot key and bound to *purpose* (RFC 5869)."""
    return HKDF(hashes.SHA256(), KEY_BYTES, salt=boot_key(), info=ctx(purpose)).derive(material)
