"""Make the tables of tasks, contact attempts and checklists."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Make the tables of tasks, contact attempts and checklists."""

    dependencies = (
        ("requests_app", "0018_check_ins_known"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    )
    operations = [
        migrations.CreateModel(
            name="ChecklistAnswer",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "answer",
                    models.CharField(choices=[("yes", "Yes"), ("no", "No"), ("unclear", "Unclear")], max_length=8),
                ),
                ("answered_on", models.DateField()),
            ],
            options={
                "ordering": ("item", "id"),
            },
        ),
        migrations.CreateModel(
            name="ChecklistItem",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("item", models.UUIDField(default=uuid.uuid4)),
                ("version", models.PositiveSmallIntegerField(default=1)),
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
                        verbose_name="stage",
                    ),
                ),
                ("place", models.PositiveSmallIntegerField()),
                ("text_en", models.CharField(max_length=160)),
                ("text_ru", models.CharField(max_length=160)),
                ("is_current", models.BooleanField(default=True)),
                ("is_on", models.BooleanField(default=True)),
                ("made_on", models.DateField(null=True)),
            ],
            options={
                "ordering": ("stage", "place", "id"),
            },
        ),
        migrations.CreateModel(
            name="ContactAttempt",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "result",
                    models.CharField(
                        choices=[
                            ("made", "Contact made"),
                            ("no_answer", "Tried, no answer"),
                            ("message_left", "Message left"),
                        ],
                        max_length=16,
                        verbose_name="how it went",
                    ),
                ),
                (
                    "channel",
                    models.CharField(
                        choices=[
                            ("telegram_bot", "Telegram bot"),
                            ("telegram_dm", "Telegram message"),
                            ("web_form", "Website form"),
                            ("email", "E-mail"),
                            ("signal", "Signal"),
                            ("hotline", "Hotline"),
                            ("whatsapp", "WhatsApp"),
                            ("instagram", "Instagram"),
                            ("partner", "Partner"),
                            ("other", "Other"),
                            ("unknown", "Unknown"),
                        ],
                        default="unknown",
                        max_length=20,
                        verbose_name="channel",
                    ),
                ),
                ("tried_at", models.DateTimeField()),
            ],
            options={
                "ordering": ("-tried_at", "id"),
            },
        ),
        migrations.CreateModel(
            name="Task",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        choices=[
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
                        ],
                        max_length=20,
                        verbose_name="task",
                    ),
                ),
                ("rule", models.CharField(blank=True, default="", max_length=24)),
                ("rule_version", models.PositiveSmallIntegerField(default=0)),
                ("starts_on", models.DateField()),
                ("due_at", models.DateTimeField()),
                (
                    "state",
                    models.CharField(
                        choices=[("open", "Open"), ("done", "Done"), ("dropped", "Dropped")],
                        default="open",
                        max_length=8,
                    ),
                ),
                ("ended_on", models.DateField(null=True)),
            ],
            options={
                "ordering": ("due_at", "id"),
            },
        ),
        migrations.AddField(
            model_name="checklistanswer",
            name="answered_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="checklistanswer",
            name="case",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="answers",
                to="requests_app.case",
            ),
        ),
        migrations.AddField(
            model_name="checklistitem",
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
            model_name="checklistanswer",
            name="item",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="answers",
                to="requests_app.checklistitem",
            ),
        ),
        migrations.AddField(
            model_name="contactattempt",
            name="case",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="contact_attempts",
                to="requests_app.case",
            ),
        ),
        migrations.AddField(
            model_name="contactattempt",
            name="tried_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="task",
            name="assigned_to",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="task",
            name="case",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="tasks",
                to="requests_app.case",
            ),
        ),
        migrations.AddField(
            model_name="task",
            name="ended_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="task",
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
            model_name="task",
            name="note",
            field=models.OneToOneField(
                null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="task", to="requests_app.note"
            ),
        ),
        migrations.AddIndex(
            model_name="checklistitem",
            index=models.Index(
                condition=models.Q(("is_current", True)), fields=["stage", "place", "id"], name="checklist_asked"
            ),
        ),
        migrations.AddConstraint(
            model_name="checklistitem",
            constraint=models.UniqueConstraint(fields=("item", "version"), name="checklist_version_once"),
        ),
        migrations.AddConstraint(
            model_name="checklistitem",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_current", True)), fields=("item",), name="checklist_one_current_version"
            ),
        ),
        migrations.AddConstraint(
            model_name="checklistitem",
            constraint=models.CheckConstraint(
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
                name="checklist_stage_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="checklistanswer",
            constraint=models.UniqueConstraint(fields=("case", "item"), name="checklist_answered_once"),
        ),
        migrations.AddConstraint(
            model_name="checklistanswer",
            constraint=models.CheckConstraint(
                condition=models.Q(("answer__in", ["yes", "no", "unclear"])), name="checklist_answer_known"
            ),
        ),
        migrations.AddIndex(
            model_name="contactattempt",
            index=models.Index(fields=["case", "-tried_at", "id"], name="contact_of_case"),
        ),
        migrations.AddConstraint(
            model_name="contactattempt",
            constraint=models.CheckConstraint(
                condition=models.Q(("result__in", ["made", "no_answer", "message_left"])), name="contact_result_known"
            ),
        ),
        migrations.AddIndex(
            model_name="task",
            index=models.Index(fields=["case", "state", "due_at", "id"], name="task_of_case"),
        ),
        migrations.AddIndex(
            model_name="task",
            index=models.Index(
                condition=models.Q(("state", "open")),
                fields=["assigned_to", "due_at", "id", "state"],
                name="task_open_of_person",
            ),
        ),
        migrations.AddConstraint(
            model_name="task",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "kind__in",
                        [
                            "lawyer_now",
                            "lawyer",
                            "write_again",
                            "other_channel",
                            "ask_trusted",
                            "ask_lawyers",
                            "ask_again",
                            "new_contact",
                            "registration",
                            "appointment",
                            "appeal_deadline",
                            "call_back",
                            "documents",
                            "shelter",
                            "money",
                            "medical",
                            "psychologist",
                            "family",
                            "translation",
                            "other",
                        ],
                    )
                ),
                name="task_kind_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="task",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_on__isnull", True), ("state", "open")),
                    models.Q(("ended_on__isnull", False), ("state__in", ("done", "dropped"))),
                    _connector="OR",
                ),
                name="task_ended_when_not_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="task",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("rule", ""), ("rule_version", 0)),
                    models.Q(models.Q(("rule", ""), _negated=True), ("rule_version__gt", 0)),
                    _connector="OR",
                ),
                name="task_of_a_rule_has_its_version",
            ),
        ),
        migrations.AddConstraint(
            model_name="task",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "open"), models.Q(("rule", ""), _negated=True)),
                fields=("case", "rule", "kind"),
                name="task_open_once_per_rule",
            ),
        ),
    ]
