"""Tests: the database the run asks for, everything ephemeral in memory, cheap Argon2id, no second factor unless a test asks."""

import tempfile
from pathlib import Path

from config import env
from config.databases import database_from_url
from config.settings.base import *
from config.settings.base import DATABASES, Q_CLUSTER

SECRET_KEY = "test-only-" + "y" * 50
SECOND_FACTOR_KEY = bytes(range(32))
CLAIM_CODE_KEY = bytes(range(32, 64))
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
SESSION_COOKIE_NAME = "casework-key"
CSRF_COOKIE_NAME = "casework-form"
SESSION_COOKIE_SECURE = False
RUNTIME_DIR = Path(tempfile.mkdtemp(prefix="casework-test-"))
VAR_DIR = RUNTIME_DIR
BACKUP_DIR = ""
DATABASES["default"] = database_from_url(env.text("TEST_DATABASE_URL", ""), fallback=RUNTIME_DIR / "default.sqlite3")
DATABASES["default"]["CONN_MAX_AGE"] = 0
if not env.text("TEST_DATABASE_URL", ""):
    DATABASES["default"]["TEST"] = {"NAME": str(RUNTIME_DIR / "test.sqlite3")}
for database in DATABASES.values():
    if "init_command" in database["OPTIONS"]:
        database["OPTIONS"]["init_command"] = (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA secure_delete=ON;"
        )
DATABASES["ephemeral"]["NAME"] = str(RUNTIME_DIR / "ephemeral.sqlite3")
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
ARGON2_COST = (64, 1, 1)
SECOND_FACTOR_REQUIRED = False
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
Q_CLUSTER = Q_CLUSTER | {"workers": 1, "queue_limit": 1}
