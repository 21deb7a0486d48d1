"""The only reader of the environment. A secret may stand in a file: ``NAME_FILE`` names it (systemd credentials, container secrets)."""

import os
from pathlib import Path


class SettingMissing(Exception):
    """A setting has no value; the message names the setting, never a value."""


def text(name: str, default: str | None = None) -> str:
    """Return the setting *name* from the environment or from the file that ``<name>_FILE`` names."""
    if path := os.environ.get(f"{name}_FILE"):
        return Path(path).read_text(encoding="utf-8").strip()
    value = os.environ.get(name, default)
    if value is None:
        raise SettingMissing(f"Set {name} or {name}_FILE.")
    return value


def flag(name: str, *, default: bool) -> bool:
    """Return a yes/no setting."""
    return text(name, "yes" if default else "no").lower() in {"1", "yes", "true", "on"}


def whole_number(name: str, default: int) -> int:
    """Return a whole number."""
    return int(text(name, str(default)))


def words(name: str, default: str = "") -> list[str]:
    """Return a comma-separated list."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def secret_key_bytes(name: str, default: str | None = None) -> bytes:
    """Return a 32-byte key written as 64 hex digits."""
    key = bytes.fromhex(text(name, default))
    if len(key) != 32:
        raise SettingMissing(f"{name} must be 64 hex digits.")
    return key
