"""Alarms, and the one row that says whether everyone is locked out: two hands turn it back, and nobody takes it away."""

import uuid

import django.db.models.deletion
from django.apps.registry import Apps
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from caseworker.triggers import RefuseWhen

NOBODY = uuid.UUID(int=0)
KINDS = [
    "reveals_per_hour",
    "reveals_per_day",
    "outside_own",
    "in_sequence",
    "odd_hour",
    "honeytoken",
    "panic",
    "audit_broken",
    "false_key",
]
UNPROPOSED = (
    "OLD.is_locked AND NOT NEW.is_locked AND (NEW.locked_at IS NULL OR OLD.proposed_by_id IS NULL"
    " OR NEW.proposed_by_id IS NULL OR OLD.proposed_by_id <> NEW.proposed_by_id)"
)
PERSON = {
    "db_index": False,
    "null": True,
    "on_delete": django.db.models.deletion.PROTECT,
    "related_name": "+",
    "to": settings.AUTH_USER_MODEL,
}


def make_row(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Make the one row, open."""
    if schema_editor.connection.alias == "default":
        apps.get_model("caseworker", "PanicState").objects.create(id=1)


class Migration(migrations.Migration):
    """Two tables, one row, two triggers."""

    dependencies = [("caseworker", "0008_keyboard_shortcuts")]
    operations = [
        migrations.CreateModel(
            name="Alarm",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=20)),
                ("actor_id", models.UUIDField(default=NOBODY)),
                ("object_id", models.UUIDField(default=NOBODY)),
                ("hour", models.DateTimeField()),
                ("acknowledged_by", models.ForeignKey(**PERSON)),
                ("acknowledged_on", models.DateField(null=True)),
            ],
            options={
                "ordering": ("-hour", "id"),
                "indexes": [
                    models.Index(condition=models.Q(acknowledged_by__isnull=True), fields=["kind"], name="alarm_open")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("kind", "actor_id", "object_id", "hour"), name="alarm_once_an_hour"
                    ),
                    models.CheckConstraint(condition=models.Q(kind__in=KINDS), name="alarm_kind_known"),
                    models.CheckConstraint(
                        condition=models.Q(acknowledged_by__isnull=True, acknowledged_on__isnull=True)
                        | models.Q(acknowledged_by__isnull=False, acknowledged_on__isnull=False),
                        name="alarm_note_is_whole",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(acknowledged_by__isnull=True)
                        | ~models.Q(acknowledged_by=models.F("actor_id")),
                        name="alarm_is_noted_by_another",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PanicState",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("is_locked", models.BooleanField(default=False)),
                ("locked_at", models.DateTimeField(null=True)),
                ("locked_by", models.ForeignKey(**PERSON)),
                ("proposed_at", models.DateTimeField(null=True)),
                ("proposed_by", models.ForeignKey(**PERSON)),
                ("lifted_by", models.ForeignKey(**PERSON)),
                ("by_console", models.BooleanField(default=False)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(id=1), name="panic_state_is_single"),
                    models.CheckConstraint(
                        condition=models.Q(is_locked=False)
                        | models.Q(locked_at__isnull=False, lifted_by__isnull=True, by_console=False),
                        name="panic_lock_is_not_lifted",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(proposed_at__isnull=True, proposed_by__isnull=True)
                        | models.Q(proposed_at__isnull=False, proposed_by__isnull=False),
                        name="panic_proposal_is_whole",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(is_locked=True)
                        | models.Q(locked_at__isnull=True)
                        | (
                            models.Q(proposed_by__isnull=False)
                            & (models.Q(lifted_by__isnull=False) | models.Q(by_console=True))
                        ),
                        name="panic_is_lifted_by_two",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(lifted_by__isnull=True) | ~models.Q(lifted_by=models.F("proposed_by")),
                        name="panic_is_lifted_by_another",
                    ),
                ],
            },
        ),
        migrations.RunPython(make_row, migrations.RunPython.noop),
        RefuseWhen("PanicState", ("UPDATE",), condition=UNPROPOSED),
        RefuseWhen("PanicState", ("DELETE",)),
    ]
