"""Reveals as rows that die with their record, locks of cases that somebody else lifts, marks of planted cases."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Three tables and a column."""

    dependencies = [
        ("requests_app", "0011_views_and_batches"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="Honeytoken",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("mark", models.CharField(max_length=64, unique=True)),
            ],
        ),
        migrations.AddField(model_name="case", name="locked_on", field=models.DateField(null=True)),
        migrations.CreateModel(
            name="CaseLock",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "case",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="locks", to="requests_app.case"
                    ),
                ),
                ("reason", models.CharField(max_length=24)),
                (
                    "locked_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("locked_on", models.DateField()),
                (
                    "lifted_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("lifted_on", models.DateField(null=True)),
            ],
            options={
                "ordering": ("-locked_on", "id"),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(lifted_on__isnull=True), fields=("case",), name="case_has_one_standing_lock"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(lifted_by__isnull=True, lifted_on__isnull=True)
                        | models.Q(lifted_by__isnull=False, lifted_on__isnull=False),
                        name="case_lock_lift_is_whole",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(lifted_by__isnull=True) | ~models.Q(lifted_by=models.F("locked_by")),
                        name="case_lock_lifted_by_another",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Reveal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "person",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "record",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reveals",
                        to="requests_app.sealedrecord",
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="reveals",
                        to="requests_app.case",
                    ),
                ),
                ("is_own", models.BooleanField()),
                ("reason", models.CharField(max_length=24)),
                ("hour", models.DateTimeField()),
            ],
            options={
                "ordering": ("id",),
                "indexes": [models.Index(fields=["person", "hour"], name="reveal_by_person_and_hour")],
            },
        ),
    ]
