"""Requests, cases and all that hangs on them: all tables with their indexes and constraints."""

import datetime
import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import caseworker.fields

STAGES = [
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
]
CONDITIONS = [("active", "Active"), ("paused", "Paused"), ("lost_contact", "Lost contact"), ("detained", "Detained"), ("extradition", "Extradition / deportation request"), ("returned", "Returned to unit"), ("compromised", "Compromised"), ("withdrawn", "Withdrawn"), ("deceased", "Died")]
URGENCIES = [("u1_now", "Now (hours)"), ("u2_72h", "Within 3 days"), ("u3_2w", "Within 2 weeks"), ("u4_routine", "Not urgent")]
CATEGORIES = [
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
]
SITUATIONS = [
    ("hospital", "In hospital / treatment"),
    ("leave", "On leave"),
    ("unit_rear", "In unit, rear"),
    ("training", "Training ground"),
    ("front", "At the front"),
    ("awol_inside", "Already left (SOCh), inside"),
    ("detention", "Held / commandant's office / remand"),
    ("abroad_transit", "Abroad, transit country"),
    ("abroad_eu", "Abroad, asylum country"),
    ("civil", "Civilian"),
    ("unknown", "Unknown"),
    ("other", "Other"),
]
OUTCOMES = [
    ("protection_granted", "Protection granted"),
    ("safe_abroad", "Safe abroad, help finished"),
    ("safe_in_country", "Safe inside the country, help finished"),
    ("legal_discharge", "Lawfully discharged / exempted"),
    ("advice_only", "Advice given"),
    ("referred", "Referred to partner"),
    ("person_changed_mind", "Person changed their mind"),
    ("out_of_mandate", "Outside mandate"),
    ("declined_security", "Declined (security or integrity check)"),
    ("no_response", "No response"),
    ("duplicate", "Duplicate, merged"),
    ("lost_contact", "Lost contact, closed"),
    ("returned_to_unit", "Returned to unit"),
    ("sent_to_front", "Sent (back) to the front"),
    ("convicted", "Convicted"),
    ("extradited", "Extradited / deported"),
    ("asylum_refused_final", "Asylum finally refused"),
    ("died", "Died"),
    ("erased_on_request", "Erased on request"),
]
REASONS = [
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
]
CHANNELS = [("telegram_bot", "Telegram bot"), ("telegram_dm", "Telegram message"), ("web_form", "Website form"), ("email", "E-mail"), ("signal", "Signal"), ("hotline", "Hotline"), ("whatsapp", "WhatsApp"), ("instagram", "Instagram"), ("partner", "Partner"), ("other", "Other"), ("unknown", "Unknown")]
PERMISSIONS = [("unknown", "Unknown"), ("yes", "Yes"), ("no", "No")]
ANSWERS = [("yes", "Yes"), ("no", "No"), ("unclear", "Unclear")]
COUNTRIES = [
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
]
TASKS = [
    ("lawyer_now", "Find a lawyer at once"),
    ("lawyer", "Find a lawyer"),
    ("write_again", "Write again through the same channel, nothing but the code word"),
    ("other_channel", "Try every other channel that is safe"),
    ("ask_trusted", "Ask the one who was named for silence"),
    ("ask_lawyers", "Ask lawyers and lists of the detained; decide with a lead what follows"),
    ("ask_again", "Ask the person again"),
    ("new_contact", "Agree a new contact by a way that is safe"),
    ("registration", "Arrange the registration"),
    ("appointment", "Enter the appointment"),
    ("appeal_deadline", "Enter the deadline from the decision itself"),
    ("call_back", "Get back to the person"),
    ("documents", "Documents"),
    ("shelter", "Shelter"),
    ("money", "Money"),
    ("medical", "Doctor"),
    ("psychologist", "Psychologist"),
    ("family", "Family"),
    ("translation", "Translation"),
    ("other", "Other"),
]
TIES = [("together", "Belong together"), ("spouse", "Spouse or partner"), ("parent", "Parent"), ("child", "Child"), ("sibling", "Brother or sister"), ("relative", "Other relative"), ("friend", "Friend"), ("travels", "Travels together"), ("same_unit", "Same unit"), ("unknown", "Unknown"), ("other", "Other")]


def codes(choices):
    """Return the codes of a list of choices."""
    return [code for code, _word in choices]


class Migration(migrations.Migration):
    """All tables. It stands for the first and the last migration of before: whatever stops between them is refused (casework.E014)."""

    initial = True
    replaces = [
        ("requests_app", "0001_initial"),
        ("requests_app", "0003_archive_and_erasure"),
        ("requests_app", "0004_erasure_receipt"),
        ("requests_app", "0005_handovers_and_grants"),
        ("requests_app", "0006_clock_facts"),
        ("requests_app", "0007_country_rules"),
        ("requests_app", "0010_queue_order"),
        ("requests_app", "0011_views_and_batches"),
        ("requests_app", "0012_reveals_locks_honeytokens"),
        ("requests_app", "0013_retention"),
        ("requests_app", "0014_sealed_tags"),
        ("requests_app", "0015_case_merges"),
        ("requests_app", "0016_case_check_ins"),
        ("requests_app", "0017_fill_check_ins"),
        ("requests_app", "0018_check_ins_known"),
        ("requests_app", "0019_tasks_and_checklists"),
        ("requests_app", "0021_contacts_after_intake"),
        ("requests_app", "0022_connections"),
        ("requests_app", "0023_first_consents"),
    ]
    dependencies = [("caseworker", "0002_append_only"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]
    operations = [
        migrations.CreateModel(
            name="ErasureEntry",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("subject_kind", models.CharField(max_length=16)),
                ("subject_id", models.UUIDField(unique=True)),
                ("erased_on", models.DateField()),
                ("code_hash", models.BinaryField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Case",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("reference", models.CharField(max_length=9, unique=True)),
                ("codename", models.CharField(max_length=40)),
                ("stage", models.CharField(choices=STAGES, max_length=24, verbose_name="stage")),
                ("condition", models.CharField(choices=CONDITIONS, default="active", max_length=16, verbose_name="condition")),
                ("urgency", models.CharField(choices=URGENCIES, max_length=12, verbose_name="urgency")),
                ("urgency_rank", models.PositiveSmallIntegerField()),
                ("category", models.CharField(choices=CATEGORIES, max_length=24, verbose_name="category")),
                ("exit_context", models.CharField(choices=SITUATIONS, default="unknown", max_length=20, verbose_name="where from")),
                (
                    "document_status",
                    models.CharField(choices=[("unknown", "Unknown"), ("none", "None"), ("internal_passport", "Internal passport"), ("foreign_passport", "Foreign passport"), ("expired_or_held", "Expired or held by command"), ("other", "Other")], default="unknown", max_length=24, verbose_name="documents"),
                ),
                ("country", models.CharField(default="XX", max_length=2, verbose_name="country")),
                ("language", models.CharField(default="ru", max_length=8)),
                ("verification_level", models.PositiveSmallIntegerField(default=0)),
                ("opened_month", models.DateField()),
                ("closed_month", models.DateField(null=True)),
                ("outcome", models.CharField(blank=True, choices=OUTCOMES, default="", max_length=24)),
                ("is_open", models.BooleanField(default=True)),
                ("due_at", models.DateTimeField()),
                ("next_action_on", models.DateField(null=True)),
                ("touched_on", models.DateField()),
                ("erase_after", models.DateField(null=True)),
                ("erased_on", models.DateField(null=True)),
                ("version", models.PositiveIntegerField(default=1)),
                ("circle", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="caseworker.circle")),
                ("deputy", models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("owner", models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="owned_cases", to=settings.AUTH_USER_MODEL)),
                ("archived_on", models.DateField(null=True)),
                ("erasure_due_at", models.DateTimeField(null=True)),
                ("clock_started_at", models.DateTimeField()),
                ("condition_at", models.DateTimeField()),
                ("paused_seconds", models.PositiveIntegerField(default=0)),
                ("stay_ends_on", models.DateField(null=True)),
                ("claimed_until", models.DateTimeField(null=True)),
                ("locked_on", models.DateField(null=True)),
                ("texts_erased_on", models.DateField(null=True)),
                ("merged_into", models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="absorbed", to="requests_app.case")),
                ("asked_level", models.PositiveSmallIntegerField(default=0)),
                ("check_in_due_at", models.DateTimeField(default=datetime.datetime(9999, 1, 1, 0, 0, tzinfo=datetime.timezone.utc))),
                ("contacted_at", models.DateTimeField(null=True)),
                ("moved_at", models.DateTimeField()),
            ],
            options={
                "ordering": ("urgency_rank", "due_at", "id"),
                "indexes": [
                    models.Index(condition=models.Q(("is_open", True), ("stay_ends_on__isnull", False)), fields=["stay_ends_on", "id", "is_open"], name="case_stay_ends"),
                    models.Index(condition=models.Q(("is_open", True)), fields=["urgency_rank", "due_at", "id", "is_open"], name="case_queue"),
                    models.Index(condition=models.Q(("is_open", True)), fields=["owner", "urgency_rank", "due_at", "id", "is_open"], name="case_queue_of_owner"),
                    models.Index(condition=models.Q(("is_open", False)), fields=["urgency_rank", "due_at", "id", "is_open"], name="case_queue_closed"),
                    models.Index(condition=models.Q(("is_open", True), ("owner__isnull", True)), fields=["urgency_rank", "due_at", "id", "is_open"], name="case_queue_unowned"),
                    models.Index(condition=models.Q(("claimed_until__isnull", False), ("is_open", True)), fields=["urgency_rank", "due_at", "id", "is_open", "claimed_until"], name="case_queue_claimed"),
                    models.Index(condition=models.Q(("is_open", True)), fields=["check_in_due_at", "id", "is_open"], name="case_check_in_due"),
                ],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(models.Q(("closed_month__isnull", True), ("is_open", True), ("outcome", "")), models.Q(("closed_month__isnull", False), ("is_open", False), models.Q(("outcome", ""), _negated=True)), _connector="OR"), name="closed_case_has_outcome"),
                    models.CheckConstraint(condition=models.Q(models.Q(("is_open", True), models.Q(("stage", "closed"), _negated=True)), models.Q(("is_open", False), ("stage", "closed")), _connector="OR"), name="closed_case_is_at_closed"),
                    models.CheckConstraint(condition=models.Q(("verification_level__lte", 4)), name="case_verification_in_range"),
                    models.CheckConstraint(condition=models.Q(("stage__in", codes(STAGES))), name="case_stage_known"),
                    models.CheckConstraint(condition=models.Q(("condition__in", codes(CONDITIONS))), name="case_condition_known"),
                    models.CheckConstraint(condition=models.Q(("opened_month__day", 1)), name="case_opened_month_is_a_month"),
                    models.CheckConstraint(condition=models.Q(("merged_into__isnull", True), models.Q(("is_open", False), models.Q(("merged_into", models.F("id")), _negated=True)), _connector="OR"), name="merged_case_is_closed"),
                    models.CheckConstraint(condition=models.Q(("asked_level__gte", models.F("verification_level")), ("asked_level__lte", 4)), name="case_asks_at_least_its_level"),
                ],
            },
        ),
        migrations.CreateModel(
            name="AccessGrant",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("scope", models.CharField(choices=[("coded", "Coded facts"), ("content", "Sealed texts too"), ("break_glass", "Broken glass")], max_length=12)),
                ("reason", models.CharField(choices=REASONS, max_length=24)),
                ("expires_at", models.DateTimeField()),
                ("granted_by", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("person", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("case", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="grants", to="requests_app.case")),
                ("seen_by_owner_on", models.DateField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["case", "person", "expires_at"], name="grant_by_case_and_person"),
                ],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(models.Q(("person", models.F("granted_by")), _negated=True), ("scope", "break_glass"), _connector="OR"), name="grant_is_never_to_oneself"),
                    models.CheckConstraint(condition=models.Q(("scope__in", ["coded", "content", "break_glass"])), name="grant_scope_known"),
                ],
            },
        ),
        migrations.CreateModel(
            name="CountCell",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("month", models.DateField()),
                ("table", models.CharField(max_length=4)),
                ("cls", models.CharField(max_length=24)),
                ("count", models.PositiveIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("month", "table", "cls"), name="count_cell_once"),
                    models.CheckConstraint(condition=models.Q(("month__day", 1)), name="count_cell_month_is_a_month"),
                ],
            },
        ),
        migrations.CreateModel(
            name="HelpRequest",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("reference", models.CharField(max_length=9, unique=True)),
                ("channel", models.CharField(choices=CHANNELS, max_length=20, verbose_name="channel")),
                ("requester", models.CharField(choices=[("self", "Self"), ("relative", "Relative"), ("friend", "Friend"), ("partner_org", "Partner organization"), ("lawyer", "Lawyer"), ("unknown", "Unknown"), ("other", "Other")], default="unknown", max_length=20, verbose_name="who writes")),
                ("category", models.CharField(choices=CATEGORIES, default="unknown", max_length=24, verbose_name="category")),
                ("situation", models.CharField(choices=SITUATIONS, default="unknown", max_length=20, verbose_name="situation")),
                ("needs", models.JSONField(default=list)),
                ("urgency", models.CharField(choices=URGENCIES, default="u4_routine", max_length=12, verbose_name="urgency")),
                ("country", models.CharField(default="XX", max_length=2, verbose_name="country now")),
                ("language", models.CharField(default="ru", max_length=8, verbose_name="language")),
                ("state", models.CharField(choices=[("new", "Waiting"), ("accepted", "With a coordinator"), ("answered", "Answered"), ("set_aside", "Set aside")], default="new", max_length=12)),
                ("decision", models.CharField(blank=True, choices=[("promote", "Open a case"), ("link", "Link to a case"), ("advice_given", "Advice given"), ("declined", "Declined"), ("duplicate", "Duplicate"), ("suspected_probe", "Suspected probe")], default="", max_length=20)),
                ("decided_on", models.DateField(null=True)),
                ("received_on", models.DateField()),
                ("form_token", models.UUIDField(unique=True)),
                ("claim_code_hash", models.CharField(max_length=64, unique=True)),
                ("version", models.PositiveIntegerField(default=1)),
                ("erased_on", models.DateField(null=True)),
                ("case", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="help_requests", to="requests_app.case")),
                ("circle", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="caseworker.circle")),
                ("decided_by", models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("logged_by", models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("erasure_due_at", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ("urgency", "received_on", "id"),
                "indexes": [
                    models.Index(condition=models.Q(("state", "new")), fields=["circle", "urgency", "received_on", "id", "state"], name="request_triage_queue"),
                    models.Index(fields=["logged_by", "-received_on", "id"], name="request_own_receipts"),
                    models.Index(condition=models.Q(("state", "new")), fields=["urgency", "received_on", "id", "state"], name="request_triage_order"),
                ],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(models.Q(("case__isnull", False), ("decision__in", ("promote", "link"))), models.Q(models.Q(("decision__in", ("promote", "link")), _negated=True), ("case__isnull", True)), _connector="OR"), name="request_has_case_when_promoted_or_linked"),
                    models.CheckConstraint(condition=models.Q(models.Q(("decided_on__isnull", True), ("decision", ""), ("state", "new")), models.Q(models.Q(("state", "new"), _negated=True), models.Q(("decision", ""), _negated=True), ("decided_on__isnull", False)), _connector="OR"), name="request_decided_when_not_new"),
                ],
            },
        ),
        migrations.CreateModel(
            name="PublicStatement",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("said_on", models.DateField()),
                ("table", models.CharField(max_length=4)),
                ("cls", models.CharField(max_length=24)),
                ("from_month", models.DateField()),
                ("to_month", models.DateField()),
                ("value", models.PositiveIntegerField()),
                ("registered_by", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "ordering": ("said_on", "id"),
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("from_month__lte", models.F("to_month"))), name="statement_months_in_order"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Release",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("epoch", models.PositiveSmallIntegerField(default=1)),
                ("period", models.DateField()),
                ("kind", models.CharField(default="monthly", max_length=10)),
                ("state", models.CharField(choices=[("awaiting", "Awaiting approval"), ("approved", "Approved, being frozen"), ("frozen", "Frozen"), ("published", "Published"), ("withdrawn", "Withdrawn"), ("rejected", "Rejected")], default="awaiting", max_length=10)),
                ("proposed_on", models.DateField()),
                ("frozen_on", models.DateField(null=True)),
                ("published_on", models.DateField(null=True)),
                ("software", models.CharField(max_length=20)),
                ("previous_hash", models.CharField(blank=True, default="", max_length=64)),
                ("content_hash", models.CharField(blank=True, default="", max_length=64)),
                ("approved_by", models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("made_by", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "ordering": ("-period", "id"),
                "constraints": [
                    models.UniqueConstraint(condition=models.Q(("state", "rejected"), _negated=True), fields=("epoch", "period", "kind"), name="release_once_per_period"),
                    models.CheckConstraint(condition=models.Q(("approved_by__isnull", True), models.Q(("approved_by", models.F("made_by")), _negated=True), _connector="OR"), name="release_needs_two_people"),
                    models.CheckConstraint(condition=models.Q(("state__in", ("awaiting", "rejected")), ("approved_by__isnull", False), _connector="OR"), name="release_beyond_awaiting_is_approved"),
                    models.CheckConstraint(condition=models.Q(models.Q(("state__in", ("frozen", "published")), _negated=True), models.Q(("frozen_on__isnull", False), models.Q(("content_hash", ""), _negated=True)), _connector="OR"), name="frozen_release_has_hash"),
                ],
            },
        ),
        migrations.CreateModel(
            name="PrivacyLedgerEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("epoch", models.PositiveSmallIntegerField()),
                ("period", models.DateField()),
                ("table", models.CharField(max_length=4)),
                ("kind", models.CharField(max_length=10)),
                ("epsilon", models.PositiveIntegerField()),
                ("cumulative", models.PositiveIntegerField()),
                ("release", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="ledger", to="requests_app.release")),
            ],
            options={
                "ordering": ("period", "table", "id"),
                "constraints": [
                    models.UniqueConstraint(fields=("epoch", "period", "table", "kind"), name="ledger_draws_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReleaseCell",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("table", models.CharField(max_length=4)),
                ("version", models.PositiveSmallIntegerField()),
                ("cls", models.CharField(max_length=24)),
                ("value", models.PositiveIntegerField()),
                ("release", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="cells", to="requests_app.release")),
            ],
            options={
                "ordering": ("table", "id"),
                "constraints": [
                    models.UniqueConstraint(fields=("release", "table", "cls"), name="release_cell_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="SealedRecord",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("owner_id", models.UUIDField(db_index=True)),
                ("kind", models.CharField(choices=[("first_contact", "First contact"), ("correction", "Correction"), ("contact", "Contact"), ("note", "Note"), ("asset", "Name of a partner, channel or device")], max_length=16)),
                ("generation", models.PositiveIntegerField(default=1)),
                ("commitment", models.BinaryField()),
                ("sealed_month", models.DateField()),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("sealed_month__day", 1)), name="sealed_month_is_a_month"),
                    models.CheckConstraint(condition=models.Q(("kind__in", ["first_contact", "correction", "contact", "note", "asset"])), name="sealed_kind_known"),
                ],
            },
        ),
        migrations.CreateModel(
            name="SealedField",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=16)),
                ("envelope", caseworker.fields.EnvelopeField()),
                ("record", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="fields", to="requests_app.sealedrecord")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("record", "name"), name="sealed_field_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="RecordKey",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("recipient", models.CharField(choices=[("circle", "Circle"), ("recovery", "Recovery"), ("staff", "Person")], max_length=10)),
                ("recipient_key_id", models.UUIDField()),
                ("sealed", models.BinaryField()),
                ("expires_at", models.DateTimeField(null=True)),
                ("circle_key", models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name="record_keys", to="caseworker.circlekey")),
                ("recovery_key", models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="caseworker.recoverykey")),
                ("record", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="record_keys", to="requests_app.sealedrecord")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("record", "recipient_key_id"), name="record_key_once_per_recipient"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("circle_key__isnull", False), ("recipient", "circle"), ("recovery_key__isnull", True)),
                            models.Q(("circle_key__isnull", True), ("recipient", "recovery"), ("recovery_key__isnull", False)),
                            models.Q(("circle_key__isnull", True), ("recipient", "staff"), ("recovery_key__isnull", True)),
                            _connector="OR",
                        ),
                        name="record_key_names_its_recipient",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ContactPoint",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("seq", models.PositiveSmallIntegerField()),
                ("kind", models.CharField(choices=[("unknown", "Unknown"), ("phone", "Phone"), ("telegram", "Telegram"), ("signal", "Signal"), ("whatsapp", "WhatsApp"), ("email", "E-mail"), ("other", "Other")], default="unknown", max_length=16)),
                ("may_write", models.CharField(choices=PERMISSIONS, default="unknown", max_length=8)),
                ("may_call", models.CharField(choices=PERMISSIONS, default="unknown", max_length=8)),
                ("may_leave_message", models.CharField(choices=PERMISSIONS, default="unknown", max_length=8)),
                ("hours_band", models.CharField(choices=[("unknown", "Unknown"), ("any", "Any time"), ("morning", "Morning (6–12)"), ("day", "Day (12–18)"), ("evening", "Evening (18–24)"), ("night", "Night (0–6)")], default="unknown", max_length=16)),
                ("time_zone", models.CharField(blank=True, default="", max_length=40)),
                ("burned_on", models.DateField(null=True)),
                ("help_request", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="contact_points", to="requests_app.helprequest")),
                ("record", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="requests_app.sealedrecord")),
                ("retired_on", models.DateField(null=True)),
                ("stopped_on", models.DateField(null=True)),
            ],
            options={
                "ordering": ("seq", "id"),
                "constraints": [
                    models.UniqueConstraint(fields=("help_request", "record", "seq"), name="contact_line_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="StageSpell",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("seq", models.PositiveIntegerField()),
                ("stage", models.CharField(choices=STAGES, max_length=24)),
                ("condition", models.CharField(choices=CONDITIONS, max_length=16)),
                ("entered_on", models.DateField()),
                ("left_on", models.DateField(null=True)),
                ("is_estimated", models.BooleanField(default=False)),
                ("reason", models.CharField(blank=True, choices=REASONS, default="", max_length=24)),
                ("case", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="spells", to="requests_app.case")),
                ("moved_by", models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "ordering": ("seq", "id"),
                "constraints": [
                    models.UniqueConstraint(fields=("case", "seq"), name="spell_seq_once"),
                    models.UniqueConstraint(condition=models.Q(("left_on__isnull", True)), fields=("case",), name="case_has_one_open_spell"),
                    models.CheckConstraint(condition=models.Q(("left_on__isnull", True), ("left_on__gte", models.F("entered_on")), _connector="OR"), name="spell_left_after_entered"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Note",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("written_on", models.DateField()),
                ("author", models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("case", models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name="notes", to="requests_app.case")),
                ("help_request", models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name="corrections", to="requests_app.helprequest")),
                ("record", models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name="note", to="requests_app.sealedrecord")),
                ("spell", models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="notes", to="requests_app.stagespell")),
            ],
            options={
                "ordering": ("written_on", "id"),
                "constraints": [
                    models.CheckConstraint(condition=models.Q(models.Q(("case__isnull", False), ("help_request__isnull", True)), models.Q(("case__isnull", True), ("help_request__isnull", False)), _connector="OR"), name="note_has_one_owner"),
                ],
            },
        ),
        migrations.CreateModel(
            name="VerificationCheck",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("code", models.CharField(choices=[("coherent_story", "Story coherent when told twice"), ("independent_detail", "Independent detail confirmed"), ("vouched", "Vouched for"), ("document_seen", "Document seen, not stored"), ("pressure_signs", "Signs of pressure or a planted request")], max_length=24)),
                ("outcome", models.CharField(choices=ANSWERS, max_length=8)),
                ("level_after", models.PositiveSmallIntegerField()),
                ("checked_on", models.DateField()),
                ("case", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="checks", to="requests_app.case")),
                ("checked_by", models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("is_void", models.BooleanField(default=False)),
            ],
            options={
                "ordering": ("checked_on", "id"),
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("level_after__lte", 4)), name="check_level_in_range"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Handover",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("reason", models.CharField(choices=REASONS, max_length=24)),
                ("offered_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("state", models.CharField(choices=[("offered", "Offered"), ("accepted", "Accepted"), ("declined", "Declined"), ("withdrawn", "Withdrawn"), ("returned", "Not answered in time")], default="offered", max_length=12)),
                ("answered_on", models.DateField(null=True)),
                ("case", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="handovers", to="requests_app.case")),
                ("offered_by", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("to_circle", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="caseworker.circle")),
                ("to_person", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "ordering": ("offered_at", "id"),
                "indexes": [
                    models.Index(fields=["to_person", "state", "expires_at"], name="handover_to_person"),
                ],
                "constraints": [
                    models.UniqueConstraint(condition=models.Q(("state", "offered")), fields=("case",), name="case_is_offered_once"),
                    models.CheckConstraint(condition=models.Q(("to_person", models.F("offered_by")), _negated=True), name="handover_is_to_another"),
                    models.CheckConstraint(condition=models.Q(("state__in", ["offered", "accepted", "declined", "withdrawn", "returned"])), name="handover_state_known"),
                    models.CheckConstraint(condition=models.Q(models.Q(("answered_on__isnull", True), ("state", "offered")), models.Q(models.Q(("state", "offered"), _negated=True), ("answered_on__isnull", False)), _connector="OR"), name="handover_answered_when_not_offered"),
                ],
            },
        ),
        migrations.CreateModel(
            name="CountryRule",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("country", models.CharField(choices=COUNTRIES, max_length=2, verbose_name="country")),
                ("kind", models.CharField(choices=[("rolling", "Days in any period"), ("per_year", "Days in a calendar year"), ("from_entry", "Days from each entry"), ("registration", "Days until registration")], max_length=16, verbose_name="kind")),
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
                    models.CheckConstraint(condition=models.Q(("kind__in", ["rolling", "per_year", "from_entry", "registration"])), name="rule_kind_known"),
                    models.CheckConstraint(condition=models.Q(("country__in", codes(COUNTRIES))), name="rule_country_known"),
                    models.CheckConstraint(condition=models.Q(("version__gte", 1)), name="rule_versions_begin_with_one"),
                    models.CheckConstraint(condition=models.Q(("limit_days__isnull", True), ("limit_days__lte", 3660), _connector="OR"), name="rule_limit_in_range"),
                    models.CheckConstraint(condition=models.Q(models.Q(("kind", "rolling"), ("window_days__isnull", False), ("window_days__range", (1, 3660))), models.Q(models.Q(("kind", "rolling"), _negated=True), ("window_days__isnull", True)), _connector="OR"), name="rolling_rule_has_window"),
                    models.CheckConstraint(condition=models.Q(("limit_days__isnull", True), ("window_days__isnull", True), ("limit_days__lte", models.F("window_days")), _connector="OR"), name="rule_limit_within_window"),
                    models.CheckConstraint(condition=models.Q(models.Q(("reverify_by__isnull", True), ("verified_on__isnull", True)), models.Q(("reverify_by__gt", models.F("verified_on")), ("reverify_by__isnull", False), ("verified_on__isnull", False)), _connector="OR"), name="rule_is_reverified_later"),
                    models.CheckConstraint(condition=models.Q(("source", ""), _negated=True), name="rule_has_source"),
                ],
            },
        ),
        migrations.CreateModel(
            name="CountryStay",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("country", models.CharField(choices=COUNTRIES, max_length=2, verbose_name="country")),
                ("basis", models.CharField(choices=[("visa_free", "Without a visa"), ("permit", "Visa or residence permit"), ("asylum", "Asylum procedure")], default="visa_free", max_length=12, verbose_name="grounds")),
                ("entered_on", models.DateField()),
                ("left_on", models.DateField(null=True)),
                ("is_estimated", models.BooleanField(default=False)),
                ("is_coarse", models.BooleanField(default=False)),
                ("is_registered", models.BooleanField(default=False)),
                ("case", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="stays", to="requests_app.case")),
            ],
            options={
                "ordering": ("entered_on", "id"),
                "indexes": [
                    models.Index(fields=["case", "entered_on"], name="stays_of_case"),
                ],
                "constraints": [
                    models.UniqueConstraint(condition=models.Q(("left_on__isnull", True)), fields=("case",), name="case_has_one_open_stay"),
                    models.CheckConstraint(condition=models.Q(("left_on__isnull", True), ("left_on__gte", models.F("entered_on")), _connector="OR"), name="stay_left_after_entered"),
                    models.CheckConstraint(condition=models.Q(("basis__in", ["visa_free", "permit", "asylum"])), name="stay_basis_known"),
                    models.CheckConstraint(condition=models.Q(("country__in", ["KZ", "AM", "KG", "BY", "GE", "RS", "MN", "TR", "ME", "IL", "UZ", "AZ", "DE", "FR", "LT", "LV", "EE", "FI", "NO", "PL", "ES", "US"])), name="stay_is_abroad"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Deadline",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[("appeal", "Appeal must be filed"), ("interview", "Asylum interview"), ("hearing", "Court hearing"), ("appointment", "Appointment with an authority"), ("permit_end", "Visa or permit ends"), ("document_end", "Document ends"), ("other", "Other date")], max_length=16, verbose_name="date"
                    ),
                ),
                ("due_on", models.DateField()),
                ("set_on", models.DateField()),
                ("done_on", models.DateField(null=True)),
                ("ended_as", models.CharField(blank=True, choices=[("done", "Done in time"), ("missed", "Missed"), ("moved", "Moved to another day"), ("called_off", "Called off")], default="", max_length=12)),
                ("case", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="deadlines", to="requests_app.case")),
                ("set_by", models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "ordering": ("due_on", "id"),
                "indexes": [
                    models.Index(fields=["case", "due_on"], name="deadlines_of_case"),
                ],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("kind__in", ["appeal", "interview", "hearing", "appointment", "permit_end", "document_end", "other"])), name="deadline_kind_known"),
                    models.CheckConstraint(condition=models.Q(models.Q(("done_on__isnull", True), ("ended_as", "")), models.Q(("done_on__isnull", False), ("ended_as__in", ["done", "missed", "moved", "called_off"])), _connector="OR"), name="settled_deadline_says_how"),
                    models.CheckConstraint(condition=models.Q(("done_on__isnull", True), ("done_on__gte", models.F("set_on")), _connector="OR"), name="deadline_settled_after_set"),
                ],
            },
        ),
        migrations.CreateModel(
            name="StageTarget",
            fields=[
                ("stage", models.CharField(choices=STAGES, max_length=24, primary_key=True, serialize=False)),
                ("now_hours", models.PositiveSmallIntegerField()),
                ("days_3_hours", models.PositiveSmallIntegerField()),
                ("weeks_2_hours", models.PositiveSmallIntegerField()),
                ("routine_hours", models.PositiveSmallIntegerField()),
            ],
            options={
                "ordering": ("stage",),
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("days_3_hours__range", (1, 8784)), ("now_hours__range", (1, 8784)), ("routine_hours__range", (1, 8784)), ("weeks_2_hours__range", (1, 8784))), name="stage_target_in_range"),
                    models.CheckConstraint(condition=models.Q(("stage__in", codes(STAGES))), name="stage_target_stage_known"),
                ],
            },
        ),
        migrations.CreateModel(
            name="StayClock",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("rule", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="clocks", to="requests_app.countryrule")),
                ("stay", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="clocks", to="requests_app.countrystay")),
            ],
            options={
                "ordering": ("id",),
                "constraints": [
                    models.UniqueConstraint(fields=("stay", "rule"), name="stay_clock_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="BulkBatch",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("made_at", models.DateTimeField(db_index=True)),
                ("kind", models.CharField(choices=[("assign", "Assign"), ("urgency", "Change the urgency"), ("stage", "Move"), ("close", "Close")], max_length=8)),
                ("code", models.CharField(blank=True, default="", max_length=24)),
                ("made_by", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("new_owner", models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "ordering": ("-made_at", "id"),
                "constraints": [
                    models.CheckConstraint(condition=models.Q(models.Q(("code", ""), ("kind", "assign"), ("new_owner__isnull", False)), models.Q(models.Q(("kind", "assign"), _negated=True), models.Q(("code", ""), _negated=True), ("new_owner__isnull", True)), _connector="OR"), name="batch_names_what_it_changes_to"),
                ],
            },
        ),
        migrations.CreateModel(
            name="BulkChange",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("result", models.CharField(choices=[("changed", "changed"), ("refused", "not changed"), ("undone", "taken back"), ("kept", "stays changed")], max_length=8)),
                ("refusal", models.CharField(blank=True, choices=[("stale", "Somebody changed the case meanwhile."), ("rules", "The rules of the route do not allow it any more."), ("gone", "You can no longer see or change this case.")], default="", max_length=8)),
                ("version_after", models.PositiveIntegerField(null=True)),
                ("stage_before", models.CharField(blank=True, choices=STAGES, default="", max_length=24)),
                ("urgency_before", models.CharField(blank=True, choices=URGENCIES, default="", max_length=12)),
                ("clock_started_before", models.DateTimeField(null=True)),
                ("paused_seconds_before", models.PositiveIntegerField(null=True)),
                ("next_action_before", models.DateField(null=True)),
                ("claimed_before", models.DateTimeField(null=True)),
                ("batch", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="changes", to="requests_app.bulkbatch")),
                ("case", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="requests_app.case")),
                ("deputy_before", models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("owner_before", models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("moved_before", models.DateTimeField(null=True)),
            ],
            options={
                "ordering": ("case__reference", "id"),
                "constraints": [
                    models.UniqueConstraint(fields=("batch", "case"), name="case_once_in_a_batch"),
                    models.CheckConstraint(condition=models.Q(models.Q(("result", "refused"), ("version_after__isnull", True)), models.Q(models.Q(("result", "refused"), _negated=True), ("version_after__isnull", False)), _connector="OR"), name="changed_row_has_a_version"),
                    models.CheckConstraint(condition=models.Q(models.Q(("result__in", ("refused", "kept")), models.Q(("refusal", ""), _negated=True)), models.Q(("refusal", ""), ("result__in", ("changed", "undone"))), _connector="OR"), name="refused_row_says_why"),
                ],
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
                        choices=[("morning", "Morning round"), ("evening", "Evening round"), ("calls", "To call"), ("lawyer", "For the lawyer"), ("documents", "Documents to get"), ("travel", "On the way"), ("handover", "For the handover"), ("weekly", "Weekly look"), ("watch", "Keep an eye on")],
                        default="",
                        max_length=16,
                    ),
                ),
                ("queue", models.CharField(blank=True, default="", max_length=24)),
                ("stage", models.CharField(blank=True, choices=STAGES, default="", max_length=24)),
                ("condition", models.CharField(blank=True, choices=CONDITIONS, default="", max_length=16)),
                ("urgency", models.CharField(blank=True, choices=URGENCIES, default="", max_length=12)),
                ("category", models.CharField(blank=True, choices=CATEGORIES, default="", max_length=24)),
                ("country", models.CharField(blank=True, choices=COUNTRIES, default="", max_length=2)),
                ("whose", models.CharField(blank=True, choices=[("me", "Me"), ("none", "Nobody"), ("person", "One person")], default="", max_length=8)),
                ("created_on", models.DateField()),
                ("circle", models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name="saved_views", to="caseworker.circle")),
                ("in_circle", models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="caseworker.circle")),
                ("of_person", models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("owner", models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name="saved_views", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "ordering": ("created_on", "id"),
                "constraints": [
                    models.CheckConstraint(condition=models.Q(models.Q(("circle__isnull", True), ("owner__isnull", False)), models.Q(("circle__isnull", False), ("owner__isnull", True)), _connector="OR"), name="view_is_ones_own_or_a_circles"),
                    models.CheckConstraint(condition=models.Q(models.Q(("of_person__isnull", False), ("whose", "person")), models.Q(models.Q(("whose", "person"), _negated=True), ("of_person__isnull", True)), _connector="OR"), name="view_of_a_person_names_one"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Honeytoken",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("mark", models.CharField(max_length=64, unique=True)),
            ],
        ),
        migrations.CreateModel(
            name="CaseLock",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("case", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="locks", to="requests_app.case")),
                ("reason", models.CharField(max_length=24)),
                ("locked_by", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("locked_on", models.DateField()),
                ("lifted_by", models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("lifted_on", models.DateField(null=True)),
            ],
            options={
                "ordering": ("-locked_on", "id"),
                "constraints": [
                    models.UniqueConstraint(condition=models.Q(("lifted_on__isnull", True)), fields=("case",), name="case_has_one_standing_lock"),
                    models.CheckConstraint(condition=models.Q(models.Q(("lifted_by__isnull", True), ("lifted_on__isnull", True)), models.Q(("lifted_by__isnull", False), ("lifted_on__isnull", False)), _connector="OR"), name="case_lock_lift_is_whole"),
                    models.CheckConstraint(condition=models.Q(("lifted_by__isnull", True), models.Q(("lifted_by", models.F("locked_by")), _negated=True), _connector="OR"), name="case_lock_lifted_by_another"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Reveal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("person", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("record", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="reveals", to="requests_app.sealedrecord")),
                ("case", models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name="reveals", to="requests_app.case")),
                ("is_own", models.BooleanField()),
                ("reason", models.CharField(max_length=24)),
                ("hour", models.DateTimeField()),
            ],
            options={
                "ordering": ("id",),
                "indexes": [
                    models.Index(fields=["person", "hour"], name="reveal_by_person_and_hour"),
                ],
            },
        ),
        migrations.CreateModel(
            name="RetentionHold",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("reason", models.CharField(choices=[("person_asked", "The person asked"), ("court_case", "A court or asylum procedure needs it"), ("complaint", "A complaint is open"), ("safety", "Safety"), ("other", "Other")], max_length=16)),
                ("set_on", models.DateField()),
                ("until", models.DateField()),
                ("lifted_on", models.DateField(null=True)),
                ("case", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="holds", to="requests_app.case")),
                ("set_by", models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "ordering": ("-set_on", "id"),
                "constraints": [
                    models.UniqueConstraint(condition=models.Q(("lifted_on__isnull", True)), fields=("case",), name="case_is_held_once"),
                    models.CheckConstraint(condition=models.Q(("reason__in", ["person_asked", "court_case", "complaint", "safety", "other"])), name="hold_reason_known"),
                    models.CheckConstraint(condition=models.Q(("until__gt", models.F("set_on"))), name="hold_ends_after_it_began"),
                ],
            },
        ),
        migrations.CreateModel(
            name="DuplicateEntry",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("help_request", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="requests_app.helprequest")),
                ("record", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="tag_rows", to="requests_app.sealedrecord")),
                ("circle_key", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="tag_rows", to="caseworker.circlekey")),
                ("seq", models.PositiveSmallIntegerField()),
                ("normalizer", models.PositiveSmallIntegerField()),
                ("sealed", models.BinaryField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("record", "circle_key", "seq"), name="tag_row_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="DuplicatePair",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("low", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="requests_app.helprequest")),
                ("high", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="requests_app.helprequest")),
                ("signals", models.JSONField(default=list)),
                ("decision", models.CharField(blank=True, choices=[("same", "The same person"), ("related", "Two people who belong together"), ("different", "Two different people")], default="", max_length=12)),
                ("decided_by", models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("decided_on", models.DateField(null=True)),
                ("found_on", models.DateField()),
            ],
            options={
                "ordering": ("found_on", "id"),
                "constraints": [
                    models.UniqueConstraint(fields=("low", "high"), name="pair_once"),
                    models.CheckConstraint(condition=models.Q(("low__lt", models.F("high"))), name="pair_low_before_high"),
                    models.CheckConstraint(condition=models.Q(("decision__in", ["", "same", "related", "different"])), name="pair_decision_known"),
                    models.CheckConstraint(condition=models.Q(models.Q(("decided_on__isnull", True), ("decision", "")), models.Q(models.Q(("decision", ""), _negated=True), ("decided_on__isnull", False)), _connector="OR"), name="pair_decided_has_day"),
                ],
            },
        ),
        migrations.CreateModel(
            name="CaseMerge",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("merged", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="requests_app.case")),
                ("survivor", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="requests_app.case")),
                ("moved", models.JSONField(default=dict)),
                ("was_open", models.BooleanField()),
                ("merged_by", models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("merged_on", models.DateField()),
                ("undone_by", models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("undone_on", models.DateField(null=True)),
            ],
            options={
                "ordering": ("-merged_on", "id"),
                "constraints": [
                    models.UniqueConstraint(condition=models.Q(("undone_on__isnull", True)), fields=("merged",), name="case_merged_once"),
                    models.CheckConstraint(condition=models.Q(("merged", models.F("survivor")), _negated=True), name="merge_of_two_cases"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ChecklistItem",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("item", models.UUIDField(default=uuid.uuid4)),
                ("version", models.PositiveSmallIntegerField(default=1)),
                ("stage", models.CharField(choices=STAGES, max_length=24, verbose_name="stage")),
                ("place", models.PositiveSmallIntegerField()),
                ("text_en", models.CharField(max_length=160)),
                ("text_ru", models.CharField(max_length=160)),
                ("is_current", models.BooleanField(default=True)),
                ("is_on", models.BooleanField(default=True)),
                ("made_on", models.DateField(null=True)),
                ("made_by", models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "ordering": ("stage", "place", "id"),
                "indexes": [
                    models.Index(condition=models.Q(("is_current", True)), fields=["stage", "place", "id"], name="checklist_asked"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("item", "version"), name="checklist_version_once"),
                    models.UniqueConstraint(condition=models.Q(("is_current", True)), fields=("item",), name="checklist_one_current_version"),
                    models.CheckConstraint(condition=models.Q(("stage__in", codes(STAGES))), name="checklist_stage_known"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ChecklistAnswer",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("answer", models.CharField(choices=ANSWERS, max_length=8)),
                ("answered_on", models.DateField()),
                ("answered_by", models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("case", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="answers", to="requests_app.case")),
                ("item", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="answers", to="requests_app.checklistitem")),
            ],
            options={
                "ordering": ("item", "id"),
                "constraints": [
                    models.UniqueConstraint(fields=("case", "item"), name="checklist_answered_once"),
                    models.CheckConstraint(condition=models.Q(("answer__in", codes(ANSWERS))), name="checklist_answer_known"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ContactAttempt",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("result", models.CharField(choices=[("made", "Contact made"), ("no_answer", "Tried, no answer"), ("message_left", "Message left")], max_length=16, verbose_name="how it went")),
                ("channel", models.CharField(choices=CHANNELS, default="unknown", max_length=20, verbose_name="channel")),
                ("tried_at", models.DateTimeField()),
                ("case", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="contact_attempts", to="requests_app.case")),
                ("tried_by", models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "ordering": ("-tried_at", "id"),
                "indexes": [
                    models.Index(fields=["case", "-tried_at", "id"], name="contact_of_case"),
                ],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("result__in", ["made", "no_answer", "message_left"])), name="contact_result_known"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Task",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("kind", models.CharField(choices=TASKS, max_length=20, verbose_name="task")),
                ("rule", models.CharField(blank=True, default="", max_length=24)),
                ("rule_version", models.PositiveSmallIntegerField(default=0)),
                ("starts_on", models.DateField()),
                ("due_at", models.DateTimeField()),
                ("state", models.CharField(choices=[("open", "Open"), ("done", "Done"), ("dropped", "Dropped")], default="open", max_length=8)),
                ("ended_on", models.DateField(null=True)),
                ("assigned_to", models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("case", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="tasks", to="requests_app.case")),
                ("ended_by", models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("made_by", models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("note", models.OneToOneField(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="task", to="requests_app.note")),
            ],
            options={
                "ordering": ("due_at", "id"),
                "indexes": [
                    models.Index(fields=["case", "state", "due_at", "id"], name="task_of_case"),
                    models.Index(condition=models.Q(("state", "open")), fields=["assigned_to", "due_at", "id", "state"], name="task_open_of_person"),
                ],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("kind__in", codes(TASKS))), name="task_kind_known"),
                    models.CheckConstraint(condition=models.Q(models.Q(("ended_on__isnull", True), ("state", "open")), models.Q(("ended_on__isnull", False), ("state__in", ("done", "dropped"))), _connector="OR"), name="task_ended_when_not_open"),
                    models.CheckConstraint(condition=models.Q(models.Q(("rule", ""), ("rule_version", 0)), models.Q(models.Q(("rule", ""), _negated=True), ("rule_version__gt", 0)), _connector="OR"), name="task_of_a_rule_has_its_version"),
                    models.UniqueConstraint(condition=models.Q(("state", "open"), models.Q(("rule", ""), _negated=True)), fields=("case", "rule", "kind"), name="task_open_once_per_rule"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Asset",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[("partner", "Partner organization"), ("phone", "Phone of the organization"), ("account", "Account of the organization"), ("device", "Device of the organization"), ("guide", "Guide"), ("safe_house", "Safe house"), ("route_step", "Step of a route")], max_length=12, verbose_name="kind"
                    ),
                ),
                ("codename", models.CharField(max_length=40)),
                ("added_on", models.DateField()),
                ("burned_on", models.DateField(null=True)),
                (
                    "burned_as",
                    models.CharField(
                        blank=True,
                        choices=[("seized", "Seized"), ("taken_over", "Taken over by somebody else"), ("detained", "Somebody of it was detained"), ("informer", "Passes on what it learns"), ("watched", "Watched or followed"), ("published", "Known in public"), ("silent", "Does not answer as agreed"), ("other", "Other")],
                        default="",
                        max_length=12,
                    ),
                ),
                ("retired_on", models.DateField(null=True)),
                ("added_by", models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("burned_by", models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("circle", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="caseworker.circle")),
                ("record", models.OneToOneField(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="requests_app.sealedrecord")),
            ],
            options={
                "ordering": ("kind", "codename", "id"),
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("kind__in", ["partner", "phone", "account", "device", "guide", "safe_house", "route_step"])), name="asset_kind_known"),
                    models.CheckConstraint(condition=models.Q(("record__isnull", True), models.Q(("kind__in", ("guide", "safe_house", "route_step")), _negated=True), _connector="OR"), name="asset_without_name_has_none"),
                    models.CheckConstraint(
                        condition=models.Q(models.Q(("burned_as", ""), ("burned_on__isnull", True)), models.Q(("burned_as__in", ["seized", "taken_over", "detained", "informer", "watched", "published", "silent", "other"]), ("burned_on__isnull", False)), _connector="OR"), name="burned_asset_has_reason"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AssetUse",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("since_on", models.DateField()),
                ("asset", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="uses", to="requests_app.asset")),
                ("case", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="uses", to="requests_app.case")),
            ],
            options={
                "ordering": ("since_on", "id"),
                "constraints": [
                    models.UniqueConstraint(fields=("case", "asset"), name="asset_used_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Consent",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("scope", models.CharField(choices=[("keep", "To keep what they told us"), ("count", "To be counted without a name"), ("family", "To contact the family"), ("referral", "To be referred to a partner")], max_length=12, verbose_name="what for")),
                ("decision", models.CharField(choices=[("given", "Agreed"), ("refused", "Did not agree")], max_length=8, verbose_name="answer")),
                ("way", models.CharField(choices=[("said", "Said"), ("written", "Written"), ("unknown", "Unknown")], default="unknown", max_length=8, verbose_name="how")),
                ("wording", models.PositiveSmallIntegerField()),
                ("given_on", models.DateField()),
                ("until", models.DateField(null=True)),
                ("withdrawn_on", models.DateField(null=True)),
                ("replaced_on", models.DateField(null=True)),
                ("case", models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name="consents", to="requests_app.case")),
                ("help_request", models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name="consents", to="requests_app.helprequest")),
                ("partner", models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="requests_app.asset")),
                ("recorded_by", models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "ordering": ("given_on", "id"),
                "indexes": [
                    models.Index(condition=models.Q(("replaced_on__isnull", True), ("until__isnull", False), ("withdrawn_on__isnull", True)), fields=["until", "case"], name="consent_ends"),
                ],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(models.Q(("case__isnull", False), ("help_request__isnull", True)), models.Q(("case__isnull", True), ("help_request__isnull", False)), _connector="OR"), name="consent_has_one_owner"),
                    models.CheckConstraint(condition=models.Q(("scope__in", ["keep", "count", "family", "referral"])), name="consent_scope_known"),
                    models.CheckConstraint(condition=models.Q(("decision__in", ["given", "refused"])), name="consent_decision_known"),
                    models.CheckConstraint(condition=models.Q(models.Q(("partner__isnull", False), ("scope", "referral")), models.Q(models.Q(("scope", "referral"), _negated=True), ("partner__isnull", True)), _connector="OR"), name="consent_names_the_partner"),
                    models.CheckConstraint(condition=models.Q(("scope__in", ("keep", "count")), ("decision", "refused"), ("until__isnull", False), _connector="OR"), name="consent_ends_some_day"),
                    models.CheckConstraint(condition=models.Q(("until__isnull", True), ("until__gte", models.F("given_on")), _connector="OR"), name="consent_ends_after_it_began"),
                ],
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
                ("added_by", models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("partner", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="keys", to="requests_app.asset")),
            ],
            options={
                "ordering": ("-added_on", "id"),
                "constraints": [
                    models.UniqueConstraint(condition=models.Q(("retired_on__isnull", True)), fields=("partner",), name="partner_has_one_key"),
                ],
            },
        ),
        migrations.CreateModel(
            name="PersonLink",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("kind", models.CharField(choices=TIES, default="unknown", max_length=12, verbose_name="kind")),
                ("linked_on", models.DateField()),
                ("high", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to="requests_app.helprequest")),
                ("linked_by", models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("low", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="requests_app.helprequest")),
            ],
            options={
                "ordering": ("linked_on", "id"),
                "constraints": [
                    models.UniqueConstraint(fields=("low", "high"), name="link_once"),
                    models.CheckConstraint(condition=models.Q(("low__lt", models.F("high"))), name="link_low_before_high"),
                    models.CheckConstraint(condition=models.Q(("kind__in", codes(TIES))), name="link_kind_known"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Referral",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "service",
                    models.CharField(
                        choices=[("legal", "Legal advice"), ("route", "Safety planning"), ("documents", "Documents"), ("shelter", "Shelter"), ("money", "Money"), ("medical", "Medical"), ("psych", "Psychologist"), ("asylum", "Asylum"), ("evac_family", "Family"), ("info", "Information"), ("other", "Other")],
                        max_length=16,
                        verbose_name="what for",
                    ),
                ),
                ("parts", models.JSONField(default=list)),
                ("state", models.CharField(choices=[("sent", "Waiting for the partner"), ("accepted", "Accepted"), ("refused", "Refused"), ("no_answer", "No answer"), ("done", "Done"), ("recalled", "Consent withdrawn: tell the partner"), ("stopped", "Partner told to stop")], default="sent", max_length=12)),
                ("made_on", models.DateField()),
                ("ask_on", models.DateField()),
                ("answered_on", models.DateField(null=True)),
                ("packet_code", models.CharField(max_length=15)),
                ("case", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="referrals", to="requests_app.case")),
                ("consent", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="referrals", to="requests_app.consent")),
                ("made_by", models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("partner", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="requests_app.asset")),
            ],
            options={
                "ordering": ("-made_on", "id"),
                "indexes": [
                    models.Index(fields=["state", "ask_on", "case"], name="referral_to_ask"),
                ],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("state__in", ["sent", "accepted", "refused", "no_answer", "done", "recalled", "stopped"])), name="referral_state_known"),
                    models.CheckConstraint(condition=models.Q(models.Q(("answered_on__isnull", True), ("state", "sent")), models.Q(models.Q(("state", "sent"), _negated=True), ("answered_on__isnull", False)), _connector="OR"), name="referral_answered_when_not_sent"),
                ],
            },
        ),
    ]
