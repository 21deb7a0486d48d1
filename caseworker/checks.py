"""Refuse to start weak: the project's own system checks. Deploy checks are errors, not advice."""

from pathlib import Path
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections
from django.db.migrations.loader import MigrationLoader

from caseworker.enums import NoticeChannel
from caseworker.exceptions import PolicyRefused
from caseworker.models.keys import CircleEscrow, RecoveryKey
from caseworker.recovery_keys import pinned_recovery_keys, recovery_set
from caseworker.vault.sealing import SEED_BYTES, generate_key_pair
from caseworker.vault.shares import box_size

SHORTEST_SECRET = 50
POLICY_CHANGED = Error(
    "RECOVERY_POLICY is not the one that was sealed under.",
    hint="Set it back; another policy needs new sheets (docs/how-to/recovery.md).",
    id="casework.E011",
)
STANDS_BETWEEN = Error(
    "This database stands between migrations that are no longer here.",
    hint="CHANGELOG.md says under 0.3.0 which version brings it here. If it is new and empty, delete it and migrate again. "
    "A demo starts over with: demo --fresh",
    id="casework.E014",
)
LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
MEMORY_FILESYSTEMS = frozenset({"tmpfs", "ramfs"})


def filesystem_of(path: Path, mounts: str) -> str:
    """Return the type of the file system that holds *path*, from the text of ``/proc/mounts``."""
    best = ("", "")
    for line in mounts.splitlines():
        _device, place, kind, *_rest = line.split(" ")
        if path.is_relative_to(place) and len(place) > len(best[0]):
            best = (place, kind)
    return best[1]


@register(Tags.security)
def check_post_quantum(**_kwargs: Any) -> list[CheckMessage]:
    """Require ML-KEM of the backend: without it nothing could be sealed for decades."""
    try:
        generate_key_pair()
    except UnsupportedAlgorithm:
        return [
            Error(
                "The cryptography backend has no ML-KEM-768.",
                hint="Install cryptography 50 from its wheels.",
                id="casework.E001",
            )
        ]
    return []


def _weak_mail() -> list[tuple[bool, str, str, str]]:
    """Return the rules of notices by e-mail, which hold only where they are switched on."""
    is_on = NoticeChannel.EMAIL in settings.NOTICE_CHANNELS
    is_whole = bool(settings.EMAIL_HOST) and "@" in settings.NOTICE_FROM
    is_open = not (settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL) and settings.EMAIL_HOST not in LOCAL_HOSTS
    return [
        (is_on and not is_whole, "Notices have no sender.", "Set EMAIL_HOST and NOTICE_FROM.", "E012"),
        (is_on and is_open, "Notices leave this host in the clear.", "Set EMAIL_SECURITY.", "E013"),
    ]


def _weaknesses() -> list[tuple[bool, str, str, str]]:
    """Return (is weak, what, what to do, id) for every rule."""
    mounts = Path("/proc/mounts")
    kind = filesystem_of(
        Path(settings.RUNTIME_DIR).resolve(), mounts.read_text(encoding="utf-8") if mounts.exists() else ""
    )
    pinned, secret = settings.RECOVERY_FINGERPRINTS, settings.SECRET_KEY
    return [
        (len(secret) < SHORTEST_SECRET, "SECRET_KEY is short.", "Use 50 random characters or more.", "E002"),
        (
            kind not in MEMORY_FILESYSTEMS,
            "RUNTIME_DIR is not in memory.",
            "Put it on tmpfs: systemd RuntimeDirectory=.",
            "E003",
        ),
        (not pinned, "RECOVERY_FINGERPRINTS is empty.", "Copy the fingerprint from the recovery sheet.", "E004"),
        (bool(settings.CLOCK_OFFSET), "The calendar is shifted.", "CLOCK_OFFSET belongs to the demo only.", "E005"),
        (settings.DEMO, "The demo is switched on.", "Unset CASEWORK_DEMO.", "E006"),
        (not settings.SECOND_FACTOR_REQUIRED, "The second factor is optional.", "Set SECOND_FACTOR_REQUIRED.", "E007"),
        (
            not settings.SESSION_COOKIE_NAME.startswith("__Host-")
            or not settings.CSRF_COOKIE_NAME.startswith("__Host-"),
            "Cookies are not bound to this host.",
            "Their names begin with __Host-.",
            "E008",
        ),
        (settings.DEBUG, "DEBUG is on.", "Switch it off.", "E009"),
        *_weak_mail(),
    ]


@register(Tags.security, deploy=True)
def check_strong_settings(**_kwargs: Any) -> list[CheckMessage]:
    """Every weak setting is an error of ``manage.py check --deploy``."""
    return [Error(what, hint=hint, id=f"casework.{code}") for weak, what, hint, code in _weaknesses() if weak]


def _keys_are_as_pinned() -> bool:
    """Tell whether what is sealed to is exactly what is pinned, and nothing else is in use but what is being replaced."""
    try:
        pinned_recovery_keys()
    except PolicyRefused:
        return False
    return True


def _policy_is_as_sealed() -> bool:
    """Tell whether the circles' seeds lie under the policy of the settings: a policy changes only together with the sheets."""
    to = recovery_set()
    for key in to.keys:
        boxes = CircleEscrow.objects.filter(recovery_key_id=key.key_id).values_list("sealed", flat=True)
        if any(len(box) != box_size(to, key.suite, SEED_BYTES) for box in boxes):
            return False
    return True


@register(Tags.database)
def check_recovery_key(databases: Any = None, **_kwargs: Any) -> list[CheckMessage]:
    """Require every recovery key to be pinned in the settings: a substituted one would read everything sealed next."""
    if not databases or "default" not in databases or not settings.RECOVERY_FINGERPRINTS:
        return []
    if RecoveryKey._meta.db_table not in connections["default"].introspection.table_names():
        return []
    if not RecoveryKey.objects.exists():
        return []
    if _keys_are_as_pinned():
        return [] if _policy_is_as_sealed() else [POLICY_CHANGED]
    return [
        Error(
            "The recovery keys in the database are not those that are pinned.",
            hint="Compare it with the recovery sheet.",
            id="casework.E010",
        )
    ]


def _stands_between(alias: str) -> bool:
    """Tell whether a part of what one migration stands for was applied, and the rest is not here any more."""
    loader = MigrationLoader(connections[alias])
    for migration in loader.replacements.values():
        applied = [one in loader.applied_migrations for one in migration.replaces]
        if any(applied) and not all(applied) and loader.disk_migrations.keys().isdisjoint(migration.replaces):
            return True
    return False


@register(Tags.database)
def check_migrations_are_whole(databases: Any = None, **_kwargs: Any) -> list[CheckMessage]:
    """Refuse a database that Django would leave as it is and call migrated, because half of what was replaced is applied."""
    return [STANDS_BETWEEN for alias in databases or () if _stands_between(alias)]
