"""Requests to the recovery sheets, drills (append-only), and prepared recovery keys."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from caseworker.triggers import RefuseWhen


class Migration(migrations.Migration):
    dependencies = [
        ("caseworker", "0005_absences"),
    ]

    operations = [
        migrations.AddField(
            model_name="recoverykey",
            name="is_prepared",
            field=models.BooleanField(default=False),
        ),
        migrations.CreateModel(
            name="RecoveryDrill",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("done_on", models.DateField()),
                (
                    "done_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "recovery_key",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="drills", to="caseworker.recoverykey"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RecoveryRequest",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("circles", "let a person read circles again"),
                            ("records", "open an archived case"),
                            ("reseal", "move archived records to new sheets"),
                            ("drill", "drill"),
                        ],
                        max_length=10,
                    ),
                ),
                ("case_id", models.UUIDField(null=True)),
                ("digest", models.CharField(default="", max_length=64)),
                ("made_on", models.DateField()),
                ("answered_on", models.DateField(null=True)),
                (
                    "circle_key",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="caseworker.circlekey",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "staff_key",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="caseworker.staffkey",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RecoveryItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("object_id", models.UUIDField()),
                (
                    "request",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="items",
                        to="caseworker.recoveryrequest",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="recoveryrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["circles", "records", "reseal", "drill"])), name="recovery_kind_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="recoveryrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "circles"), ("staff_key__isnull", False)),
                    models.Q(models.Q(("kind", "circles"), _negated=True), ("staff_key__isnull", True)),
                    _connector="OR",
                ),
                name="recovery_names_its_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="recoveryrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("case_id__isnull", False), ("circle_key__isnull", False), ("kind", "records")),
                    models.Q(
                        models.Q(("kind", "records"), _negated=True),
                        ("case_id__isnull", True),
                        ("circle_key__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="recovery_names_its_circle",
            ),
        ),
        migrations.AddConstraint(
            model_name="recoveryitem",
            constraint=models.UniqueConstraint(fields=("request", "object_id"), name="recovery_item_once"),
        ),
        RefuseWhen("RecoveryDrill", ("UPDATE", "DELETE")),
        RefuseWhen("RecoveryRequest", ("UPDATE",), condition="OLD.answered_on IS NOT NULL"),
    ]
