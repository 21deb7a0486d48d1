"""Production: everything secret comes from files, cookies are host-bound, and ``manage.py check --deploy`` refuses weak settings."""

from config import env
from config.settings.base import *

SECRET_KEY = env.text("SECRET_KEY")
SECOND_FACTOR_KEY = env.secret_key_bytes("SECOND_FACTOR_KEY")
CLAIM_CODE_KEY = env.secret_key_bytes("CLAIM_CODE_KEY")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")
RECOVERY_FINGERPRINTS = env.words("RECOVERY_FINGERPRINTS")
RECOVERY_POLICY = env.one_of("RECOVERY_POLICY", ("any", "all"))
RECOVERY_OLD_FINGERPRINTS = env.words("RECOVERY_OLD_FINGERPRINTS")
RECOVERY_OLD_POLICY = env.one_of("RECOVERY_OLD_POLICY", ("any", "all"))
SESSION_COOKIE_NAME = "__Host-casework-key"
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-casework-form"
CSRF_COOKIE_SECURE = True
SECURE_SSL_REDIRECT = env.flag("SECURE_SSL_REDIRECT", default=True)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 63072000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
