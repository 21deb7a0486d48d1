"""Country rules, stays, typed dates, own targets."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Five tables."""

    dependencies = [
        ("requests_app", "0006_clock_facts"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CountryRule",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "country",
                    models.CharField(
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
                        max_length=2,
                        verbose_name="country",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("rolling", "Days in any period"),
                            ("per_year", "Days in a calendar year"),
                            ("from_entry", "Days from each entry"),
                            ("registration", "Days until registration"),
                        ],
                        max_length=16,
                        verbose_name="kind",
                    ),
                ),
                ("version", models.PositiveSmallIntegerField()),
                ("limit_days", models.PositiveSmallIntegerField(null=True)),
                ("window_days", models.PositiveSmallIntegerField(null=True)),
                ("effective_from", models.DateField()),
                ("source", models.CharField(max_length=200)),
                ("verified_on", models.DateField(null=True)),
                ("reverify_by", models.DateField(null=True)),
            ],
            options={
                "ordering": ("country", "kind", "version", "id"),
                "constraints": [
                    models.UniqueConstraint(fields=("country", "kind", "version"), name="rule_version_once"),
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["rolling", "per_year", "from_entry", "registration"])),
                        name="rule_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "country__in",
                                [
                                    "RU",
                                    "KZ",
                                    "AM",
                                    "KG",
                                    "BY",
                                    "GE",
                                    "RS",
                                    "MN",
                                    "TR",
                                    "ME",
                                    "IL",
                                    "UZ",
                                    "AZ",
                                    "DE",
                                    "FR",
                                    "LT",
                                    "LV",
                                    "EE",
                                    "FI",
                                    "NO",
                                    "PL",
                                    "ES",
                                    "US",
                                    "XX",
                                ],
                            )
                        ),
                        name="rule_country_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("version__gte", 1)), name="rule_versions_begin_with_one"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("limit_days__isnull", True), ("limit_days__lte", 3660), _connector="OR"),
                        name="rule_limit_in_range",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("kind", "rolling"), ("window_days__isnull", False), ("window_days__range", (1, 3660))
                            ),
                            models.Q(models.Q(("kind", "rolling"), _negated=True), ("window_days__isnull", True)),
                            _connector="OR",
                        ),
                        name="rolling_rule_has_window",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("limit_days__isnull", True),
                            ("window_days__isnull", True),
                            ("limit_days__lte", models.F("window_days")),
                            _connector="OR",
                        ),
                        name="rule_limit_within_window",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("reverify_by__isnull", True), ("verified_on__isnull", True)),
                            models.Q(
                                ("reverify_by__gt", models.F("verified_on")),
                                ("reverify_by__isnull", False),
                                ("verified_on__isnull", False),
                            ),
                            _connector="OR",
                        ),
                        name="rule_is_reverified_later",
                    ),
                    models.CheckConstraint(condition=models.Q(("source", ""), _negated=True), name="rule_has_source"),
                ],
            },
        ),
        migrations.CreateModel(
            name="CountryStay",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "country",
                    models.CharField(
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
                        max_length=2,
                        verbose_name="country",
                    ),
                ),
                (
                    "basis",
                    models.CharField(
                        choices=[
                            ("visa_free", "Without a visa"),
                            ("permit", "Visa or residence permit"),
                            ("asylum", "Asylum procedure"),
                        ],
                        default="visa_free",
                        max_length=12,
                        verbose_name="grounds",
                    ),
                ),
                ("entered_on", models.DateField()),
                ("left_on", models.DateField(null=True)),
                ("is_estimated", models.BooleanField(default=False)),
                ("is_coarse", models.BooleanField(default=False)),
                ("is_registered", models.BooleanField(default=False)),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="stays",
                        to="requests_app.case",
                    ),
                ),
            ],
            options={
                "ordering": ("entered_on", "id"),
            },
        ),
        migrations.CreateModel(
            name="Deadline",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("appeal", "Appeal must be filed"),
                            ("interview", "Asylum interview"),
                            ("hearing", "Court hearing"),
                            ("appointment", "Appointment with an authority"),
                            ("permit_end", "Visa or permit ends"),
                            ("document_end", "Document ends"),
                            ("other", "Other date"),
                        ],
                        max_length=16,
                        verbose_name="date",
                    ),
                ),
                ("due_on", models.DateField()),
                ("set_on", models.DateField()),
                ("done_on", models.DateField(null=True)),
                (
                    "ended_as",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("done", "Done in time"),
                            ("missed", "Missed"),
                            ("moved", "Moved to another day"),
                            ("called_off", "Called off"),
                        ],
                        default="",
                        max_length=12,
                    ),
                ),
                (
                    "case",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deadlines",
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
                "ordering": ("due_on", "id"),
            },
        ),
        migrations.CreateModel(
            name="StageTarget",
            fields=[
                (
                    "stage",
                    models.CharField(
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
                        max_length=24,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("now_hours", models.PositiveSmallIntegerField()),
                ("days_3_hours", models.PositiveSmallIntegerField()),
                ("weeks_2_hours", models.PositiveSmallIntegerField()),
                ("routine_hours", models.PositiveSmallIntegerField()),
            ],
            options={
                "ordering": ("stage",),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("days_3_hours__range", (1, 8784)),
                            ("now_hours__range", (1, 8784)),
                            ("routine_hours__range", (1, 8784)),
                            ("weeks_2_hours__range", (1, 8784)),
                        ),
                        name="stage_target_in_range",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "stage__in",
                                [
                                    "received",
                                    "verification",
                                    "legal_consult",
                                    "advice",
                                    "planning",
                                    "hospital_exit",
                                    "leave_exit",
                                    "unit_exit",
                                    "in_hiding",
                                    "border_crossing",
                                    "transit_arrival",
                                    "local_registration",
                                    "travel_document",
                                    "humanitarian_visa",
                                    "onward_travel",
                                    "asylum_filing",
                                    "responsibility_check",
                                    "asylum_interview",
                                    "asylum_decision",
                                    "asylum_appeal",
                                    "aftercare",
                                    "closed",
                                ],
                            )
                        ),
                        name="stage_target_stage_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StayClock",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "rule",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="clocks",
                        to="requests_app.countryrule",
                    ),
                ),
                (
                    "stay",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="clocks",
                        to="requests_app.countrystay",
                    ),
                ),
            ],
            options={
                "ordering": ("id",),
            },
        ),
        migrations.AddIndex(
            model_name="countrystay",
            index=models.Index(fields=["case", "entered_on"], name="stays_of_case"),
        ),
        migrations.AddConstraint(
            model_name="countrystay",
            constraint=models.UniqueConstraint(
                condition=models.Q(("left_on__isnull", True)), fields=("case",), name="case_has_one_open_stay"
            ),
        ),
        migrations.AddConstraint(
            model_name="countrystay",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("left_on__isnull", True), ("left_on__gte", models.F("entered_on")), _connector="OR"
                ),
                name="stay_left_after_entered",
            ),
        ),
        migrations.AddConstraint(
            model_name="countrystay",
            constraint=models.CheckConstraint(
                condition=models.Q(("basis__in", ["visa_free", "permit", "asylum"])), name="stay_basis_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="countrystay",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "country__in",
                        [
                            "KZ",
                            "AM",
                            "KG",
                            "BY",
                            "GE",
                            "RS",
                            "MN",
                            "TR",
                            "ME",
                            "IL",
                            "UZ",
                            "AZ",
                            "DE",
                            "FR",
                            "LT",
                            "LV",
                            "EE",
                            "FI",
                            "NO",
                            "PL",
                            "ES",
                            "US",
                        ],
                    )
                ),
                name="stay_is_abroad",
            ),
        ),
        migrations.AddIndex(
            model_name="deadline",
            index=models.Index(fields=["case", "due_on"], name="deadlines_of_case"),
        ),
        migrations.AddConstraint(
            model_name="deadline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        ["appeal", "interview", "hearing", "appointment", "permit_end", "document_end", "other"],
                    )
                ),
                name="deadline_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="deadline",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("done_on__isnull", True), ("ended_as", "")),
                    models.Q(("done_on__isnull", False), ("ended_as__in", ["done", "missed", "moved", "called_off"])),
                    _connector="OR",
                ),
                name="settled_deadline_says_how",
            ),
        ),
        migrations.AddConstraint(
            model_name="deadline",
            constraint=models.CheckConstraint(
                condition=models.Q(("done_on__isnull", True), ("done_on__gte", models.F("set_on")), _connector="OR"),
                name="deadline_settled_after_set",
            ),
        ),
        migrations.AddConstraint(
            model_name="stayclock",
            constraint=models.UniqueConstraint(fields=("stay", "rule"), name="stay_clock_once"),
        ),
    ]
