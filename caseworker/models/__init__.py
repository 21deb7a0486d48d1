"""Tables that could exist in an organization with no requests: people, keys, sessions, audit.

Modules are imported so that Django finds the models; no class is re-exported (import it from its module).
"""

from caseworker.models import (
    absences,
    accounts,
    alarms,
    audit,
    backups,
    ephemeral,
    jobs,
    keys,
    notices,
    panic,
    recovery,
)

__all__ = [
    "absences",
    "accounts",
    "alarms",
    "audit",
    "backups",
    "ephemeral",
    "jobs",
    "keys",
    "notices",
    "panic",
    "recovery",
]
