"""Database settings for SQLite (one host, embedded) and PostgreSQL (production)."""

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from config.env import SettingWrong

NO_JIT = "-c jit=off"
"""PostgreSQL compiles a long question to machine code before it asks it: 0.5 to 3 s for the counts of *Today*, which then take 0.05 s."""
SQLITE_INIT = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; PRAGMA temp_store=MEMORY;"


def sqlite(path: Path | str) -> dict[str, Any]:
    """Return settings for an SQLite file: immediate transactions (no upgrade deadlocks), full sync, deleted pages overwritten."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 30, "init_command": SQLITE_INIT},
    }


def database_from_url(url: str, *, fallback: Path) -> dict[str, Any]:
    """Return settings for ``postgresql://user:secret@host:port/name?host=/socket``; an empty *url* is the SQLite file *fallback*."""
    if not url:
        return sqlite(fallback)
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise SettingWrong("DATABASE_URL must begin with postgresql:, or be empty for SQLite.")
    options = dict(parse_qsl(parts.query))
    options["options"] = f"{NO_JIT} {options.get('options', '')}".rstrip()
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.path.lstrip("/"),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", parts.hostname or ""),
        "PORT": str(parts.port or options.pop("port", "")),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }
