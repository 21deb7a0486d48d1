"""What came of each backup and each restore drill."""

import uuid

from django.db import migrations, models

from caseworker.triggers import RefuseWhen

KINDS = ["backup", "ledger", "drill"]


class Migration(migrations.Migration):
    """One table, append-only."""

    dependencies = [("caseworker", "0006_recovery")]
    operations = [
        migrations.CreateModel(
            name="BackupRun",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[("backup", "Backup"), ("ledger", "Erasure ledger"), ("drill", "Restore drill")],
                        max_length=8,
                    ),
                ),
                ("ran_at", models.DateTimeField()),
                ("problem", models.CharField(blank=True, default="", max_length=24)),
                ("main_bytes", models.BigIntegerField(default=0)),
                ("key_bytes", models.BigIntegerField(default=0)),
                ("rows", models.BigIntegerField(default=0)),
                ("audit_sequence", models.BigIntegerField(default=0)),
            ],
            options={
                "indexes": [models.Index(fields=["kind", "-ran_at"], name="backup_runs_by_kind")],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(kind__in=KINDS), name="backup_kind_known"),
                ],
            },
        ),
        RefuseWhen("BackupRun", ("UPDATE", "DELETE")),
    ]
