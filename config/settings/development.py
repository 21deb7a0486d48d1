"""One developer on one machine, and the demo: SQLite under ``var/``, plain HTTP on loopback."""

import datetime as dt

from config import env
from config.settings.base import *  # noqa: F403
from config.settings.base import RUNTIME_DIR, VAR_DIR

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
CLOCK_OFFSET = dt.timedelta(seconds=env.whole_number("CASEWORK_CLOCK_OFFSET", 0)) if DEMO else dt.timedelta(0)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
