"""The only reader of the environment. A secret may stand in a file: ``NAME_FILE`` names it (systemd credentials, container secrets)."""

import os
import zoneinfo
from pathlib import Path

SECRET_BYTES = 32


class SettingWrong(Exception):
    """A setting is missing or malformed; the message names the setting and what it should be, never its value."""


def text(name: str, default: str | None = None) -> str:
    """Return the setting *name* from the environment or from the file that ``<name>_FILE`` names."""
    if path := os.environ.get(f"{name}_FILE"):
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise SettingWrong(f"{name}_FILE names a file that cannot be read.") from None
    value = os.environ.get(name, default)
    if value is None:
        raise SettingWrong(f"Set {name} or {name}_FILE.")
    return value


def flag(name: str, *, default: bool) -> bool:
    """Return a yes/no setting."""
    return text(name, "yes" if default else "no").lower() in {"1", "yes", "true", "on"}


def whole_number(name: str, default: int) -> int:
    """Return a whole number."""
    try:
        return int(text(name, str(default)))
    except ValueError:
        raise SettingWrong(f"{name} must be a whole number.") from None


def words(name: str, default: str = "") -> list[str]:
    """Return a comma-separated list."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def hours(name: str, default: str) -> list[int]:
    """Return whole hours of the day, in order."""
    found = words(name, default)
    if not found or not all(hour.isdecimal() and int(hour) < 24 for hour in found):
        raise SettingWrong(f"{name} must be whole hours from 0 to 23, comma-separated.")
    return sorted({int(hour) for hour in found})


def time_zone(name: str, default: str) -> str:
    """Return the name of a time zone."""
    value = text(name, default)
    if value not in zoneinfo.available_timezones():
        raise SettingWrong(f"{name} must be the name of a time zone, like Europe/Berlin.")
    return value


def one_of(name: str, allowed: tuple[str, ...]) -> str:
    """Return one of the *allowed* words; the first one when nothing is set."""
    value = text(name, allowed[0]).lower()
    if value not in allowed:
        raise SettingWrong(f"{name} must be one of: {', '.join(allowed)}.")
    return value


def secret_key_bytes(name: str, default: str | None = None) -> bytes:
    """Return a 32-byte key written as 64 hex digits."""
    try:
        key = bytes.fromhex(text(name, default))
    except ValueError:
        key = b""
    if len(key) != SECRET_BYTES:
        raise SettingWrong(f"{name} must be 64 hex digits.")
    return key
