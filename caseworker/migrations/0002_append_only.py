"""Refuse to alter or delete audit events, drills and runs of backups; let keys, requests and the panic move forward only.

A key version never comes back, a request to the sheets is answered once, and two hands lift the lock of everyone.
"""

from typing import ClassVar

from django.db import migrations

from caseworker.triggers import RefuseWhen

BACKWARDS = (
    """(OLD.state = 'destroyed' AND NEW.state <> 'destroyed') OR (OLD.state = 'retiring' AND NEW.state = 'active')"""
)
UNPROPOSED = (
    "OLD.is_locked AND NOT NEW.is_locked AND (NEW.locked_at IS NULL OR OLD.proposed_by_id IS NULL"
    " OR NEW.proposed_by_id IS NULL OR OLD.proposed_by_id <> NEW.proposed_by_id)"
)


class Migration(migrations.Migration):
    """Triggers on the audit chain, circle keys, the recovery, runs of backups and the panic."""

    replaces: ClassVar = [("caseworker", "0002_append_only_audit")]
    dependencies: ClassVar = [("caseworker", "0001_tables")]
    operations: ClassVar = [
        RefuseWhen("AuditEvent", ("UPDATE", "DELETE")),
        RefuseWhen("CircleKey", ("UPDATE",), condition=BACKWARDS),
        RefuseWhen("RecoveryDrill", ("UPDATE", "DELETE")),
        RefuseWhen("RecoveryRequest", ("UPDATE",), condition="OLD.answered_on IS NOT NULL"),
        RefuseWhen("BackupRun", ("UPDATE", "DELETE")),
        RefuseWhen("PanicState", ("UPDATE",), condition=UNPROPOSED),
        RefuseWhen("PanicState", ("DELETE",)),
    ]
