"""Offers to hand a case over, access to texts, and broken glass."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("caseworker", "0005_absences"),
        ("requests_app", "0004_erasure_receipt"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Handover",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("already_left", "Had already left when they wrote"),
                            ("already_abroad", "Already abroad"),
                            ("step_not_needed", "Step not needed"),
                            ("plan_changed", "Plan changed"),
                            ("entered_by_mistake", "Entered by mistake"),
                            ("person_asked", "The person asked"),
                            ("new_information", "New information"),
                            ("came_back", "Came back"),
                            ("found_again", "Contact found again"),
                            ("released", "Released"),
                            ("contact_person", "To contact the person"),
                            ("assess_request", "To assess the request"),
                            ("check_duplicate", "To compare with another request"),
                            ("prepare_step", "To prepare the next step"),
                            ("handover", "Handover"),
                            ("absence", "Absence"),
                            ("expertise", "Special knowledge needed"),
                            ("safety", "Safety"),
                            ("other", "Other"),
                        ],
                        max_length=24,
                    ),
                ),
                ("offered_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("offered", "Offered"),
                            ("accepted", "Accepted"),
                            ("declined", "Declined"),
                            ("withdrawn", "Withdrawn"),
                            ("returned", "Not answered in time"),
                        ],
                        default="offered",
                        max_length=12,
                    ),
                ),
                ("answered_on", models.DateField(null=True)),
            ],
            options={
                "ordering": ("offered_at", "id"),
            },
        ),
        migrations.RemoveConstraint(
            model_name="accessgrant",
            name="grant_is_never_to_oneself",
        ),
        migrations.AddField(
            model_name="accessgrant",
            name="seen_by_owner_on",
            field=models.DateField(null=True),
        ),
        migrations.AlterField(
            model_name="accessgrant",
            name="scope",
            field=models.CharField(
                choices=[("coded", "Coded facts"), ("content", "Sealed texts too"), ("break_glass", "Broken glass")],
                max_length=12,
            ),
        ),
        migrations.AddConstraint(
            model_name="accessgrant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("person", models.F("granted_by")), _negated=True),
                    ("scope", "break_glass"),
                    _connector="OR",
                ),
                name="grant_is_never_to_oneself",
            ),
        ),
        migrations.AddConstraint(
            model_name="accessgrant",
            constraint=models.CheckConstraint(
                condition=models.Q(("scope__in", ["coded", "content", "break_glass"])), name="grant_scope_known"
            ),
        ),
        migrations.AddField(
            model_name="handover",
            name="case",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="handovers",
                to="requests_app.case",
            ),
        ),
        migrations.AddField(
            model_name="handover",
            name="offered_by",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="handover",
            name="to_circle",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="caseworker.circle"
            ),
        ),
        migrations.AddField(
            model_name="handover",
            name="to_person",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddIndex(
            model_name="handover",
            index=models.Index(fields=["to_person", "state", "expires_at"], name="handover_to_person"),
        ),
        migrations.AddConstraint(
            model_name="handover",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "offered")), fields=("case",), name="case_is_offered_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="handover",
            constraint=models.CheckConstraint(
                condition=models.Q(("to_person", models.F("offered_by")), _negated=True), name="handover_is_to_another"
            ),
        ),
        migrations.AddConstraint(
            model_name="handover",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["offered", "accepted", "declined", "withdrawn", "returned"])),
                name="handover_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="handover",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answered_on__isnull", True), ("state", "offered")),
                    models.Q(models.Q(("state", "offered"), _negated=True), ("answered_on__isnull", False)),
                    _connector="OR",
                ),
                name="handover_answered_when_not_offered",
            ),
        ),
    ]
