"""Refuse to alter or delete audit events."""

from typing import ClassVar

from django.db import migrations

from caseworker.triggers import RefuseWhen


class Migration(migrations.Migration):
    """Triggers on the audit chain."""

    dependencies: ClassVar = [("caseworker", "0001_initial")]
    operations: ClassVar = [RefuseWhen("AuditEvent", ("UPDATE", "DELETE"))]
