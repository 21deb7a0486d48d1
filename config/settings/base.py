"""Settings common to every way of running. Values come from ``config.env``; nothing here is secret."""

import datetime as dt
from pathlib import Path
from typing import Any

from config import env
from config.databases import database_from_url, sqlite
from config.logging import LOGGING as LOGGING

BASE_DIR = Path(__file__).resolve().parent.parent.parent
VAR_DIR = Path(env.text("VAR_DIR", str(BASE_DIR / "var")))
RUNTIME_DIR = Path(env.text("RUNTIME_DIR", str(VAR_DIR / "run")))
BACKUP_DIR = env.text("BACKUP_DIR", "")
DEBUG = False

INSTALLED_APPS = [
    "caseworker",
    "requests_app",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_q",
]
MIDDLEWARE = [
    "caseworker.headers.SecurityHeadersMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "caseworker.middleware.ReadOnlyGetMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "caseworker.middleware.ProfileMiddleware",
    "caseworker.said.SaidMiddleware",
    "caseworker.middleware_errors.RefusalMiddleware",
    "caseworker.middleware.GateMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["caseworker.templatetags.every_form"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "caseworker.context.navigation",
            ],
        },
    },
]

# -- databases ---------------------------------------------------------------
DATABASES = {
    "default": database_from_url(env.text("DATABASE_URL", ""), fallback=VAR_DIR / "casework.sqlite3"),
    "ephemeral": sqlite(RUNTIME_DIR / "ephemeral.sqlite3"),
}
if "CONN_MAX_AGE" in DATABASES["default"]:
    CONNECTION_AGE = env.whole_number("CONN_MAX_AGE", 60)
    DATABASES["default"]["CONN_MAX_AGE"] = None if CONNECTION_AGE < 0 else CONNECTION_AGE
DATABASE_ROUTERS = ["caseworker.databases.EphemeralRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "ephemeral_cache",
        "OPTIONS": {"MAX_ENTRIES": 20000},
    }
}

# -- people and sessions -----------------------------------------------------
FORM_RENDERER = "caseworker.form_renderer.WrittenOut"
AUTH_USER_MODEL = "caseworker.Caseworker"
AUTHENTICATION_BACKENDS = ["caseworker.backends.WordsBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]  # never used: every password column is unusable
LOGIN_URL = "sign_in"
SESSION_ENGINE = "caseworker.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Strict"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_ABSOLUTE_SECONDS = 8 * 3600
SESSION_IDLE_SECONDS = {"volunteer": 15 * 60}
SESSION_IDLE_SECONDS_DEFAULT = 30 * 60
SESSIONS_PER_ACCOUNT = 2
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_FAILURE_VIEW = "caseworker.views.errors.csrf_failure"
ARGON2_COST = (128 * 1024, 3, 1)
SECOND_FACTOR_REQUIRED = True
ACCOUNT_USER_MODEL_USERNAME_FIELD = "alias"
ACCOUNT_USER_MODEL_EMAIL_FIELD = None
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
MFA_ADAPTER = "caseworker.second_factor.SealedAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_TOLERANCE = 0
MFA_TOTP_ISSUER = "Casework"

# -- what only the demo may change ------------------------------------------
CLOCK_OFFSET = dt.timedelta(0)
DEMO = False
RECOVERY_FINGERPRINTS: list[str] = []
RECOVERY_POLICY = "any"
RECOVERY_OLD_FINGERPRINTS: list[str] = []
RECOVERY_OLD_POLICY = "any"

# -- the edges ---------------------------------------------------------------
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DEFAULT_EXCEPTION_REPORTER = "config.logging.SilentReporter"
DEFAULT_EXCEPTION_REPORTER_FILTER = "config.logging.SilentFilter"
LOGGING_CONFIG = "logging.config.dictConfig"

# -- languages and time ------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("ru", "Русский")]
LOCALE_PATHS = [BASE_DIR / "requests_app" / "locale"]
FORMAT_MODULE_PATH = ["config.formats"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# -- scripts -----------------------------------------------------------------
SHORTCUTS = env.flag("SHORTCUTS", default=False)

# -- notices: constant texts to those who asked for them, off unless switched on ------
NOTICE_CHANNELS: list[str] = {"off": [], "email": ["email"], "webhook": ["webhook"], "both": ["email", "webhook"]}[
    env.one_of("NOTICES", ("off", "email", "webhook", "both"))
]
NOTICE_HOURS = env.hours("NOTICE_HOURS", "8,18")
NOTICE_ZONE = env.time_zone("NOTICE_ZONE", "UTC")
NOTICE_FROM = env.text("NOTICE_FROM", "")
NOTICE_LOCAL_WEBHOOKS = [host.lower() for host in env.words("NOTICE_LOCAL_WEBHOOKS")]
EMAIL_BACKEND = "caseworker.notices.mail.QuietBackend"
EMAIL_SECURITY = env.one_of("EMAIL_SECURITY", ("starttls", "tls", "none"))
EMAIL_USE_TLS, EMAIL_USE_SSL = EMAIL_SECURITY == "starttls", EMAIL_SECURITY == "tls"
EMAIL_HOST = env.text("EMAIL_HOST", "")
EMAIL_PORT = env.whole_number("EMAIL_PORT", 587)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD", "")
EMAIL_TIMEOUT = 20

# -- files -------------------------------------------------------------------
STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# -- background jobs ---------------------------------------------------------
JOB_WORKERS = env.whole_number("JOB_WORKERS", 2)
JOB_TIMEOUT = 300
Q_CLUSTER: dict[str, Any] = {
    "name": "casework",
    "orm": "default",
    "broker_class": "caseworker.broker.GuardedBroker",
    "workers": JOB_WORKERS,
    "queue_limit": JOB_WORKERS,
    "bulk": 1,
    "timeout": JOB_TIMEOUT,
    "retry": JOB_TIMEOUT * 2 + 60,
    "max_attempts": 0,  # the broker counts deliveries itself and parks
    "ack_failures": False,
    "catch_up": False,
    "save_limit": -1,
    "poll": 1,
    "label": "Jobs",
}
