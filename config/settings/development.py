"""One developer on one machine, and the demo: SQLite under ``var/``, plain HTTP on loopback."""

import datetime as dt
import time
from pathlib import Path

from config import env
from config.settings.base import *
from config.settings.base import RUNTIME_DIR, VAR_DIR

DEMO_BEGINS_AT = dt.datetime(2025, 2, 20, 10, 0, tzinfo=dt.UTC)


def demo_clock_offset(ready: Path) -> dt.timedelta:
    """Return the shift that lets the demo's calendar go on from its last day, whenever the demo was built."""
    built_at = int(ready.read_text(encoding="ascii")) if ready.exists() else int(time.time())
    return DEMO_BEGINS_AT - dt.datetime.fromtimestamp(built_at, tz=dt.UTC)


VAR_DIR.mkdir(parents=True, exist_ok=True)
RUNTIME_DIR.mkdir(parents=True, exist_ok=True)

SECRET_KEY = env.text("SECRET_KEY", "development-only-" + "x" * 50)
SECOND_FACTOR_KEY = env.secret_key_bytes("SECOND_FACTOR_KEY", "00" * 32)
CLAIM_CODE_KEY = env.secret_key_bytes("CLAIM_CODE_KEY", "00" * 32)
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]", "testserver"]
SESSION_COOKIE_NAME = "casework-key"
CSRF_COOKIE_NAME = "casework-form"
DEMO = env.flag("CASEWORK_DEMO", default=False)
SECOND_FACTOR_REQUIRED = not DEMO
CLOCK_OFFSET = demo_clock_offset(VAR_DIR / "ready") if DEMO else dt.timedelta(0)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
