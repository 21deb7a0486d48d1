"""Holds against erasure, and when the texts of a closed case were erased."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """One column and one table."""

    dependencies = [
        ("requests_app", "0012_reveals_locks_honeytokens"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="case",
            name="texts_erased_on",
            field=models.DateField(null=True),
        ),
        migrations.CreateModel(
            name="RetentionHold",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("person_asked", "The person asked"),
                            ("court_case", "A court or asylum procedure needs it"),
                            ("complaint", "A complaint is open"),
                            ("safety", "Safety"),
                            ("other", "Other"),
                        ],
                        max_length=16,
                    ),
                ),
                ("set_on", models.DateField()),
                ("until", models.DateField()),
                ("lifted_on", models.DateField(null=True)),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="holds",
                        to="requests_app.case",
                    ),
                ),
                (
                    "set_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("-set_on", "id"),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("lifted_on__isnull", True)), fields=("case",), name="case_is_held_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("reason__in", ["person_asked", "court_case", "complaint", "safety", "other"])
                        ),
                        name="hold_reason_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("until__gt", models.F("set_on"))), name="hold_ends_after_it_began"
                    ),
                ],
            },
        ),
    ]
