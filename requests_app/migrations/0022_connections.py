"""What cases depend on, people who belong together, consents and referrals."""

import uuid

import django.db.models.deletion
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Six tables."""

    dependencies = [
        ("caseworker", "0010_key_proofs"),
        ("requests_app", "0021_contacts_after_intake"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="Asset",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("partner", "Partner organization"),
                            ("phone", "Phone of the organization"),
                            ("account", "Account of the organization"),
                            ("device", "Device of the organization"),
                            ("guide", "Guide"),
                            ("safe_house", "Safe house"),
                            ("route_step", "Step of a route"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                ("codename", models.CharField(max_length=40)),
                ("added_on", models.DateField()),
                ("burned_on", models.DateField(null=True)),
                (
                    "burned_as",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("seized", "Seized"),
                            ("taken_over", "Taken over by somebody else"),
                            ("detained", "Somebody of it was detained"),
                            ("informer", "Passes on what it learns"),
                            ("watched", "Watched or followed"),
                            ("published", "Known in public"),
                            ("silent", "Does not answer as agreed"),
                            ("other", "Other"),
                        ],
                        default="",
                        max_length=12,
                    ),
                ),
                ("retired_on", models.DateField(null=True)),
            ],
            options={
                "ordering": ("kind", "codename", "id"),
            },
        ),
        migrations.CreateModel(
            name="AssetUse",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("since_on", models.DateField()),
            ],
            options={
                "ordering": ("since_on", "id"),
            },
        ),
        migrations.CreateModel(
            name="Consent",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "scope",
                    models.CharField(
                        choices=[
                            ("keep", "To keep what they told us"),
                            ("count", "To be counted without a name"),
                            ("family", "To contact the family"),
                            ("referral", "To be referred to a partner"),
                        ],
                        max_length=12,
                        verbose_name="what for",
                    ),
                ),
                (
                    "decision",
                    models.CharField(
                        choices=[("given", "Agreed"), ("refused", "Did not agree")], max_length=8, verbose_name="answer"
                    ),
                ),
                (
                    "way",
                    models.CharField(
                        choices=[("said", "Said"), ("written", "Written"), ("unknown", "Unknown")],
                        default="unknown",
                        max_length=8,
                        verbose_name="how",
                    ),
                ),
                ("wording", models.PositiveSmallIntegerField()),
                ("given_on", models.DateField()),
                ("until", models.DateField(null=True)),
                ("withdrawn_on", models.DateField(null=True)),
                ("replaced_on", models.DateField(null=True)),
            ],
            options={
                "ordering": ("given_on", "id"),
            },
        ),
        migrations.CreateModel(
            name="PartnerKey",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("suite", models.PositiveSmallIntegerField()),
                ("public_key", models.BinaryField()),
                ("proof", models.BinaryField()),
                ("added_on", models.DateField()),
                ("retired_on", models.DateField(null=True)),
            ],
            options={
                "ordering": ("-added_on", "id"),
            },
        ),
        migrations.CreateModel(
            name="PersonLink",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("together", "Belong together"),
                            ("spouse", "Spouse or partner"),
                            ("parent", "Parent"),
                            ("child", "Child"),
                            ("sibling", "Brother or sister"),
                            ("relative", "Other relative"),
                            ("friend", "Friend"),
                            ("travels", "Travels together"),
                            ("same_unit", "Same unit"),
                            ("unknown", "Unknown"),
                            ("other", "Other"),
                        ],
                        default="unknown",
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                ("linked_on", models.DateField()),
            ],
            options={
                "ordering": ("linked_on", "id"),
            },
        ),
        migrations.CreateModel(
            name="Referral",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "service",
                    models.CharField(
                        choices=[
                            ("legal", "Legal advice"),
                            ("route", "Safety planning"),
                            ("documents", "Documents"),
                            ("shelter", "Shelter"),
                            ("money", "Money"),
                            ("medical", "Medical"),
                            ("psych", "Psychologist"),
                            ("asylum", "Asylum"),
                            ("evac_family", "Family"),
                            ("info", "Information"),
                            ("other", "Other"),
                        ],
                        max_length=16,
                        verbose_name="what for",
                    ),
                ),
                ("parts", models.JSONField(default=list)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("sent", "Waiting for the partner"),
                            ("accepted", "Accepted"),
                            ("refused", "Refused"),
                            ("no_answer", "No answer"),
                            ("done", "Done"),
                            ("recalled", "Consent withdrawn: tell the partner"),
                            ("stopped", "Partner told to stop"),
                        ],
                        default="sent",
                        max_length=12,
                    ),
                ),
                ("made_on", models.DateField()),
                ("ask_on", models.DateField()),
                ("answered_on", models.DateField(null=True)),
                ("packet_code", models.CharField(max_length=15)),
            ],
            options={
                "ordering": ("-made_on", "id"),
            },
        ),
        migrations.AddField(
            model_name="asset",
            name="added_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="asset",
            name="burned_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="asset",
            name="circle",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="caseworker.circle"
            ),
        ),
        migrations.AddField(
            model_name="asset",
            name="record",
            field=models.OneToOneField(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="requests_app.sealedrecord",
            ),
        ),
        migrations.AddField(
            model_name="assetuse",
            name="asset",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="uses", to="requests_app.asset"
            ),
        ),
        migrations.AddField(
            model_name="assetuse",
            name="case",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="uses", to="requests_app.case"
            ),
        ),
        migrations.AddField(
            model_name="consent",
            name="case",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.CASCADE, related_name="consents", to="requests_app.case"
            ),
        ),
        migrations.AddField(
            model_name="consent",
            name="help_request",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="consents",
                to="requests_app.helprequest",
            ),
        ),
        migrations.AddField(
            model_name="consent",
            name="partner",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="requests_app.asset",
            ),
        ),
        migrations.AddField(
            model_name="consent",
            name="recorded_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="partnerkey",
            name="added_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="partnerkey",
            name="partner",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="keys",
                to="requests_app.asset",
            ),
        ),
        migrations.AddField(
            model_name="personlink",
            name="high",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="requests_app.helprequest"
            ),
        ),
        migrations.AddField(
            model_name="personlink",
            name="linked_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="personlink",
            name="low",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="requests_app.helprequest",
            ),
        ),
        migrations.AddField(
            model_name="referral",
            name="case",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="referrals", to="requests_app.case"
            ),
        ),
        migrations.AddField(
            model_name="referral",
            name="consent",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="referrals", to="requests_app.consent"
            ),
        ),
        migrations.AddField(
            model_name="referral",
            name="made_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="referral",
            name="partner",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="requests_app.asset"
            ),
        ),
        migrations.AddConstraint(
            model_name="asset",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("kind__in", ["partner", "phone", "account", "device", "guide", "safe_house", "route_step"])
                ),
                name="asset_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="asset",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("record__isnull", True),
                    models.Q(("kind__in", ("guide", "safe_house", "route_step")), _negated=True),
                    _connector="OR",
                ),
                name="asset_without_name_has_none",
            ),
        ),
        migrations.AddConstraint(
            model_name="asset",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("burned_as", ""), ("burned_on__isnull", True)),
                    models.Q(
                        (
                            "burned_as__in",
                            ["seized", "taken_over", "detained", "informer", "watched", "published", "silent", "other"],
                        ),
                        ("burned_on__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="burned_asset_has_reason",
            ),
        ),
        migrations.AddConstraint(
            model_name="assetuse",
            constraint=models.UniqueConstraint(fields=("case", "asset"), name="asset_used_once"),
        ),
        migrations.AddIndex(
            model_name="consent",
            index=models.Index(
                condition=models.Q(
                    ("replaced_on__isnull", True), ("until__isnull", False), ("withdrawn_on__isnull", True)
                ),
                fields=["until", "case"],
                name="consent_ends",
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("case__isnull", False), ("help_request__isnull", True)),
                    models.Q(("case__isnull", True), ("help_request__isnull", False)),
                    _connector="OR",
                ),
                name="consent_has_one_owner",
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.CheckConstraint(
                condition=models.Q(("scope__in", ["keep", "count", "family", "referral"])), name="consent_scope_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.CheckConstraint(
                condition=models.Q(("decision__in", ["given", "refused"])), name="consent_decision_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("partner__isnull", False), ("scope", "referral")),
                    models.Q(models.Q(("scope", "referral"), _negated=True), ("partner__isnull", True)),
                    _connector="OR",
                ),
                name="consent_names_the_partner",
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("scope__in", ("keep", "count")), ("decision", "refused"), ("until__isnull", False), _connector="OR"
                ),
                name="consent_ends_some_day",
            ),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.CheckConstraint(
                condition=models.Q(("until__isnull", True), ("until__gte", models.F("given_on")), _connector="OR"),
                name="consent_ends_after_it_began",
            ),
        ),
        migrations.AddConstraint(
            model_name="partnerkey",
            constraint=models.UniqueConstraint(
                condition=models.Q(("retired_on__isnull", True)), fields=("partner",), name="partner_has_one_key"
            ),
        ),
        migrations.AddConstraint(
            model_name="personlink",
            constraint=models.UniqueConstraint(fields=("low", "high"), name="link_once"),
        ),
        migrations.AddConstraint(
            model_name="personlink",
            constraint=models.CheckConstraint(
                condition=models.Q(("low__lt", models.F("high"))), name="link_low_before_high"
            ),
        ),
        migrations.AddConstraint(
            model_name="personlink",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "together",
                            "spouse",
                            "parent",
                            "child",
                            "sibling",
                            "relative",
                            "friend",
                            "travels",
                            "same_unit",
                            "unknown",
                            "other",
                        ],
                    )
                ),
                name="link_kind_known",
            ),
        ),
        migrations.AddIndex(
            model_name="referral",
            index=models.Index(fields=["state", "ask_on", "case"], name="referral_to_ask"),
        ),
        migrations.AddConstraint(
            model_name="referral",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ["sent", "accepted", "refused", "no_answer", "done", "recalled", "stopped"])
                ),
                name="referral_state_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="referral",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("answered_on__isnull", True), ("state", "sent")),
                    models.Q(models.Q(("state", "sent"), _negated=True), ("answered_on__isnull", False)),
                    _connector="OR",
                ),
                name="referral_answered_when_not_sent",
            ),
        ),
    ]
