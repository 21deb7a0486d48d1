"""Saved views, and changes of several cases at once."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Three tables."""

    dependencies = [
        ("caseworker", "0008_keyboard_shortcuts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("requests_app", "0010_queue_order"),
    ]
    operations = [
        migrations.CreateModel(
            name="BulkBatch",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("made_at", models.DateTimeField(db_index=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("assign", "Assign"),
                            ("urgency", "Change the urgency"),
                            ("stage", "Move"),
                            ("close", "Close"),
                        ],
                        max_length=8,
                    ),
                ),
                ("code", models.CharField(blank=True, default="", max_length=24)),
            ],
            options={
                "ordering": ("-made_at", "id"),
            },
        ),
        migrations.CreateModel(
            name="BulkChange",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "result",
                    models.CharField(
                        choices=[
                            ("changed", "changed"),
                            ("refused", "not changed"),
                            ("undone", "taken back"),
                            ("kept", "stays changed"),
                        ],
                        max_length=8,
                    ),
                ),
                (
                    "refusal",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("stale", "Somebody changed the case meanwhile."),
                            ("rules", "The rules of the route do not allow it any more."),
                            ("gone", "You can no longer see or change this case."),
                        ],
                        default="",
                        max_length=8,
                    ),
                ),
                ("version_after", models.PositiveIntegerField(null=True)),
                (
                    "stage_before",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("received", "Request received"),
                            ("verification", "Verification"),
                            ("legal_consult", "Legal consultation"),
                            ("advice", "Advice given, quiet"),
                            ("planning", "Plan agreed"),
                            ("hospital_exit", "Hospital exit"),
                            ("leave_exit", "Not returning from leave"),
                            ("unit_exit", "Exit from unit"),
                            ("in_hiding", "Hiding inside the country"),
                            ("border_crossing", "Border crossing"),
                            ("transit_arrival", "Arrived in transit country"),
                            ("local_registration", "Registration / legal stay"),
                            ("travel_document", "Travel document"),
                            ("humanitarian_visa", "Humanitarian visa"),
                            ("onward_travel", "Onward travel"),
                            ("asylum_filing", "Asylum filing"),
                            ("responsibility_check", "Responsibility (Dublin) check"),
                            ("asylum_interview", "Asylum interview"),
                            ("asylum_decision", "Decision awaited"),
                            ("asylum_appeal", "Appeal"),
                            ("aftercare", "Settled, after-care"),
                            ("closed", "Closed"),
                        ],
                        default="",
                        max_length=24,
                    ),
                ),
                (
                    "urgency_before",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("u1_now", "Now (hours)"),
                            ("u2_72h", "Within 3 days"),
                            ("u3_2w", "Within 2 weeks"),
                            ("u4_routine", "Not urgent"),
                        ],
                        default="",
                        max_length=12,
                    ),
                ),
                ("clock_started_before", models.DateTimeField(null=True)),
                ("paused_seconds_before", models.PositiveIntegerField(null=True)),
                ("next_action_before", models.DateField(null=True)),
                ("claimed_before", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ("case__reference", "id"),
            },
        ),
        migrations.CreateModel(
            name="SavedView",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "name",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("morning", "Morning round"),
                            ("evening", "Evening round"),
                            ("calls", "To call"),
                            ("lawyer", "For the lawyer"),
                            ("documents", "Documents to get"),
                            ("travel", "On the way"),
                            ("handover", "For the handover"),
                            ("weekly", "Weekly look"),
                            ("watch", "Keep an eye on"),
                        ],
                        default="",
                        max_length=16,
                    ),
                ),
                ("queue", models.CharField(blank=True, default="", max_length=24)),
                (
                    "stage",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("received", "Request received"),
                            ("verification", "Verification"),
                            ("legal_consult", "Legal consultation"),
                            ("advice", "Advice given, quiet"),
                            ("planning", "Plan agreed"),
                            ("hospital_exit", "Hospital exit"),
                            ("leave_exit", "Not returning from leave"),
                            ("unit_exit", "Exit from unit"),
                            ("in_hiding", "Hiding inside the country"),
                            ("border_crossing", "Border crossing"),
                            ("transit_arrival", "Arrived in transit country"),
                            ("local_registration", "Registration / legal stay"),
                            ("travel_document", "Travel document"),
                            ("humanitarian_visa", "Humanitarian visa"),
                            ("onward_travel", "Onward travel"),
                            ("asylum_filing", "Asylum filing"),
                            ("responsibility_check", "Responsibility (Dublin) check"),
                            ("asylum_interview", "Asylum interview"),
                            ("asylum_decision", "Decision awaited"),
                            ("asylum_appeal", "Appeal"),
                            ("aftercare", "Settled, after-care"),
                            ("closed", "Closed"),
                        ],
                        default="",
                        max_length=24,
                    ),
                ),
                (
                    "condition",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("active", "Active"),
                            ("paused", "Paused"),
                            ("lost_contact", "Lost contact"),
                            ("detained", "Detained"),
                            ("extradition", "Extradition / deportation request"),
                            ("returned", "Returned to unit"),
                            ("compromised", "Compromised"),
                            ("withdrawn", "Withdrawn"),
                            ("deceased", "Died"),
                        ],
                        default="",
                        max_length=16,
                    ),
                ),
                (
                    "urgency",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("u1_now", "Now (hours)"),
                            ("u2_72h", "Within 3 days"),
                            ("u3_2w", "Within 2 weeks"),
                            ("u4_routine", "Not urgent"),
                        ],
                        default="",
                        max_length=12,
                    ),
                ),
                (
                    "category",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("contract_post", "Contract signed after 24 Feb 2022"),
                            ("contract_pre", "Contract signed before 24 Feb 2022"),
                            ("contract_unspecified", "Contract, date unknown"),
                            ("mobilized", "Mobilised"),
                            ("conscript", "Conscript"),
                            ("forced_contract", "Conscript made to sign a contract"),
                            ("officer", "Officer"),
                            ("convict", "Recruited from prison"),
                            ("volunteer_unit", "Volunteer unit / private company"),
                            ("foreign_recruit", "Foreign recruit"),
                            ("other_service", "Other armed service"),
                            ("reservist_civilian", "Not serving yet / call-up notice"),
                            ("unknown", "Unknown"),
                            ("other", "Other"),
                        ],
                        default="",
                        max_length=24,
                    ),
                ),
                (
                    "country",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("RU", "Russia"),
                            ("KZ", "Kazakhstan"),
                            ("AM", "Armenia"),
                            ("KG", "Kyrgyzstan"),
                            ("BY", "Belarus"),
                            ("GE", "Georgia"),
                            ("RS", "Serbia"),
                            ("MN", "Mongolia"),
                            ("TR", "Türkiye"),
                            ("ME", "Montenegro"),
                            ("IL", "Israel"),
                            ("UZ", "Uzbekistan"),
                            ("AZ", "Azerbaijan"),
                            ("DE", "Germany"),
                            ("FR", "France"),
                            ("LT", "Lithuania"),
                            ("LV", "Latvia"),
                            ("EE", "Estonia"),
                            ("FI", "Finland"),
                            ("NO", "Norway"),
                            ("PL", "Poland"),
                            ("ES", "Spain"),
                            ("US", "United States"),
                            ("XX", "Other / unknown"),
                        ],
                        default="",
                        max_length=2,
                    ),
                ),
                (
                    "whose",
                    models.CharField(
                        blank=True,
                        choices=[("me", "Me"), ("none", "Nobody"), ("person", "One person")],
                        default="",
                        max_length=8,
                    ),
                ),
                ("created_on", models.DateField()),
            ],
            options={
                "ordering": ("created_on", "id"),
            },
        ),
        migrations.AddField(
            model_name="bulkbatch",
            name="made_by",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="bulkbatch",
            name="new_owner",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="bulkchange",
            name="batch",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="changes",
                to="requests_app.bulkbatch",
            ),
        ),
        migrations.AddField(
            model_name="bulkchange",
            name="case",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="requests_app.case"
            ),
        ),
        migrations.AddField(
            model_name="bulkchange",
            name="deputy_before",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="bulkchange",
            name="owner_before",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="savedview",
            name="circle",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="saved_views",
                to="caseworker.circle",
            ),
        ),
        migrations.AddField(
            model_name="savedview",
            name="in_circle",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="caseworker.circle",
            ),
        ),
        migrations.AddField(
            model_name="savedview",
            name="of_person",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="savedview",
            name="owner",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="saved_views",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="bulkbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("code", ""), ("kind", "assign"), ("new_owner__isnull", False)),
                    models.Q(
                        models.Q(("kind", "assign"), _negated=True),
                        models.Q(("code", ""), _negated=True),
                        ("new_owner__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="batch_names_what_it_changes_to",
            ),
        ),
        migrations.AddConstraint(
            model_name="bulkchange",
            constraint=models.UniqueConstraint(fields=("batch", "case"), name="case_once_in_a_batch"),
        ),
        migrations.AddConstraint(
            model_name="bulkchange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("result", "refused"), ("version_after__isnull", True)),
                    models.Q(models.Q(("result", "refused"), _negated=True), ("version_after__isnull", False)),
                    _connector="OR",
                ),
                name="changed_row_has_a_version",
            ),
        ),
        migrations.AddConstraint(
            model_name="bulkchange",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("result__in", ("refused", "kept")), models.Q(("refusal", ""), _negated=True)),
                    models.Q(("refusal", ""), ("result__in", ("changed", "undone"))),
                    _connector="OR",
                ),
                name="refused_row_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="savedview",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("circle__isnull", True), ("owner__isnull", False)),
                    models.Q(("circle__isnull", False), ("owner__isnull", True)),
                    _connector="OR",
                ),
                name="view_is_ones_own_or_a_circles",
            ),
        ),
        migrations.AddConstraint(
            model_name="savedview",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("of_person__isnull", False), ("whose", "person")),
                    models.Q(models.Q(("whose", "person"), _negated=True), ("of_person__isnull", True)),
                    _connector="OR",
                ),
                name="view_of_a_person_names_one",
            ),
        ),
    ]
