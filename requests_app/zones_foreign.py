"""Zones of the tables that libraries bring: which columns there are, why they may be clear, which are sealed, which must stay empty."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class ForeignTable:
    """The columns of a library's table. ``sealed`` ones hold wrapped secrets as JSON; ``stays_empty`` tables belong to unused features."""

    reason: str
    columns: tuple[str, ...]
    sealed: tuple[str, ...] = ()
    stays_empty: bool = False


FOREIGN_TABLES: Mapping[str, ForeignTable] = {
    "account_emailaddress": ForeignTable(
        "No address of anybody is known; the sign-in library wants the table.",
        ("id", "verified", "primary", "user_id", "email"),
        stays_empty=True,
    ),
    "account_emailconfirmation": ForeignTable(
        "No mail is sent.", ("id", "created", "sent", "key", "email_address_id"), stays_empty=True
    ),
    "auth_group": ForeignTable("Roles are a table in the code; groups are not used.", ("id", "name"), stays_empty=True),
    "auth_group_permissions": ForeignTable(
        "Groups are not used.", ("id", "group_id", "permission_id"), stays_empty=True
    ),
    "auth_permission": ForeignTable(
        "Names of models, the same everywhere.", ("id", "content_type_id", "codename", "name")
    ),
    "django_content_type": ForeignTable("Names of models, the same everywhere.", ("id", "app_label", "model")),
    "django_migrations": ForeignTable("Which version of the tables this is.", ("id", "app", "name", "applied")),
    "django_q_ormq": ForeignTable(
        "Jobs that wait: names of functions and random ids, signed.", ("id", "key", "payload", "lock")
    ),
    "django_q_schedule": ForeignTable(
        "Names of functions and when they run; no arguments.",
        (
            "id",
            "func",
            "hook",
            "args",
            "kwargs",
            "repeats",
            "next_run",
            "task",
            "name",
            "minutes",
            "cron",
            "cluster",
            "schedule_type",
            "intended_date_kwarg",
        ),
    ),
    "django_q_task": ForeignTable(
        "Failed jobs of the last day: names of functions, random ids and the class of the fault.",
        (
            "name",
            "func",
            "hook",
            "args",
            "kwargs",
            "result",
            "started",
            "stopped",
            "success",
            "id",
            "group",
            "attempt_count",
            "cluster",
        ),
    ),
    "mfa_authenticator": ForeignTable(
        "Second factors of people who work here: when set up and last used, to the second; the seeds are wrapped under a key of the settings.",
        ("id", "type", "user_id", "created_at", "last_used_at"),
        sealed=("data",),
    ),
    "ephemeral_cache": ForeignTable(
        "Counters of the second factor, in memory, gone with the power.", ("cache_key", "value", "expires")
    ),
}
