"""People, circles, keys, the audit chain, recovery, backups, panic and notices: all tables with their indexes and constraints."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """All tables. It stands for the first and the last migration of before: whatever stops between them is refused (casework.E014)."""

    initial = True
    replaces = [
        ("caseworker", "0001_initial"),
        ("caseworker", "0003_job_deliveries"),
        ("caseworker", "0004_key_life"),
        ("caseworker", "0005_absences"),
        ("caseworker", "0006_recovery"),
        ("caseworker", "0007_backup_runs"),
        ("caseworker", "0008_keyboard_shortcuts"),
        ("caseworker", "0009_panic_and_alarms"),
        ("caseworker", "0010_key_proofs"),
        ("caseworker", "0011_notices"),
    ]
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="AttemptCounter",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("failures", models.PositiveIntegerField(default=0)),
                ("window_started_at", models.DateTimeField()),
                ("blocked_until", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Circle",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("code", models.SlugField(max_length=20, unique=True)),
                ("name", models.CharField(max_length=60, verbose_name="name")),
                ("is_intake", models.BooleanField(default=False)),
            ],
            options={
                "ordering": ("code", "id"),
            },
        ),
        migrations.CreateModel(
            name="RecoveryKey",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("suite", models.PositiveSmallIntegerField()),
                ("public_key", models.BinaryField()),
                ("fingerprint", models.CharField(max_length=20)),
                ("created_on", models.DateField()),
                ("retired_on", models.DateField(blank=True, null=True)),
                ("is_prepared", models.BooleanField(default=False)),
            ],
        ),
        migrations.CreateModel(
            name="SessionRow",
            fields=[
                ("id_hash", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("person_id", models.UUIDField(db_index=True, null=True)),
                ("payload", models.BinaryField()),
                ("created_at", models.DateTimeField()),
                ("seen_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name="AuditEvent",
            fields=[
                ("sequence", models.BigIntegerField(primary_key=True, serialize=False)),
                ("hour", models.DateTimeField()),
                ("actor_id", models.UUIDField(null=True)),
                ("verb", models.CharField(max_length=32)),
                ("object_kind", models.CharField(max_length=24)),
                ("object_id", models.UUIDField(null=True)),
                ("previous_hash", models.CharField(max_length=64)),
                ("hash", models.CharField(max_length=64)),
            ],
            options={
                "ordering": ("sequence",),
                "indexes": [
                    models.Index(fields=["actor_id", "verb", "hour"], name="audit_by_actor_and_verb"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("previous_hash",), name="audit_chain_does_not_fork"),
                ],
            },
        ),
        migrations.CreateModel(
            name="AuditHead",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("sequence", models.BigIntegerField(default=0)),
                ("hash", models.CharField(default="0000000000000000000000000000000000000000000000000000000000000000", max_length=64)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="audit_head_is_single"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Caseworker",
            fields=[
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("alias", models.CharField(max_length=40, unique=True, verbose_name="alias")),
                ("role", models.CharField(choices=[("volunteer", "Volunteer"), ("coordinator", "Coordinator"), ("lead", "Lead"), ("statistician", "Statistician"), ("security_officer", "Security officer"), ("auditor", "Auditor")], max_length=20, verbose_name="role")),
                ("status", models.CharField(choices=[("invited", "Invited"), ("active", "Active"), ("suspended", "Suspended"), ("left", "Left")], default="active", max_length=12, verbose_name="status")),
                ("language", models.CharField(default="en", max_length=5, verbose_name="language")),
                ("time_zone", models.CharField(default="UTC", max_length=40, verbose_name="time zone")),
                ("last_channel", models.CharField(blank=True, default="", max_length=20)),
                ("created_on", models.DateField()),
                ("intake_circle", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="caseworker.circle")),
                ("uses_shortcuts", models.BooleanField(default=False, verbose_name="keyboard shortcuts")),
            ],
            options={
                "ordering": ("alias", "id"),
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("role__in", ["volunteer", "coordinator", "lead", "statistician", "security_officer", "auditor"])), name="caseworker_role_known"),
                    models.CheckConstraint(condition=models.Q(("password__startswith", "!")), name="caseworker_has_no_second_hash"),
                    models.CheckConstraint(condition=models.Q(("status__in", ["invited", "active", "suspended", "left"])), name="caseworker_status_known"),
                ],
            },
        ),
        migrations.CreateModel(
            name="CircleKey",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("version", models.PositiveIntegerField()),
                ("state", models.CharField(choices=[("active", "Active"), ("retiring", "Retiring"), ("destroyed", "Destroyed")], default="active", max_length=12)),
                ("suite", models.PositiveSmallIntegerField()),
                ("public_key", models.BinaryField()),
                ("circle", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="keys", to="caseworker.circle")),
                ("distrusted_on", models.DateField(blank=True, null=True)),
                ("retiring_since", models.DateField(blank=True, null=True)),
                ("rotated_count", models.PositiveIntegerField(default=0)),
                ("proof", models.BinaryField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("circle", "version"), name="circle_key_version_once"),
                    models.UniqueConstraint(condition=models.Q(("state", "active")), fields=("circle",), name="circle_has_one_active_key"),
                    models.CheckConstraint(condition=models.Q(("state__in", ["active", "retiring", "destroyed"])), name="circle_key_state_known"),
                ],
            },
        ),
        migrations.CreateModel(
            name="CircleEscrow",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("sealed", models.BinaryField()),
                ("circle_key", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="escrows", to="caseworker.circlekey")),
                ("recovery_key", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="escrows", to="caseworker.recoverykey")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("circle_key", "recovery_key"), name="circle_escrow_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="StaffKey",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("generation", models.PositiveIntegerField(default=1)),
                ("suite", models.PositiveSmallIntegerField()),
                ("public_key", models.BinaryField()),
                ("salt", models.BinaryField()),
                ("memory_kib", models.PositiveIntegerField()),
                ("iterations", models.PositiveSmallIntegerField()),
                ("lanes", models.PositiveSmallIntegerField()),
                ("verifier", models.BinaryField()),
                ("wrapped_seed", models.BinaryField()),
                ("retired_at", models.DateTimeField(blank=True, null=True)),
                ("person", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="staff_keys", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("person", "generation"), name="staff_key_generation_once"),
                    models.UniqueConstraint(condition=models.Q(("retired_at__isnull", True)), fields=("person",), name="person_has_one_staff_key"),
                ],
            },
        ),
        migrations.CreateModel(
            name="CircleGrant",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("sealed", models.BinaryField()),
                ("granted_on", models.DateField()),
                ("granted_by", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("circle_key", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="grants", to="caseworker.circlekey")),
                ("staff_key", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="grants", to="caseworker.staffkey")),
                ("vouch", models.BinaryField(default=bytes)),
                ("proof", models.BinaryField(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("circle_key", "staff_key"), name="circle_grant_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="JobDelivery",
            fields=[
                ("queue_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("function", models.CharField(default="", max_length=60)),
                ("deliveries", models.PositiveSmallIntegerField(default=0)),
                ("delivered_at", models.DateTimeField(null=True)),
                ("started_at", models.DateTimeField(null=True)),
                ("parked_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                ("person", models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name="invitation", serialize=False, to=settings.AUTH_USER_MODEL)),
                ("code_hash", models.CharField(max_length=64)),
                ("expires_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="Absence",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("from_on", models.DateField()),
                ("until_on", models.DateField()),
                ("ended_on", models.DateField(null=True)),
                ("deputy", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("person", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="absences", to=settings.AUTH_USER_MODEL)),
            ],
            options={
                "ordering": ("-from_on", "id"),
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("until_on__gte", models.F("from_on"))), name="absence_ends_after_it_begins"),
                    models.CheckConstraint(condition=models.Q(("person", models.F("deputy")), _negated=True), name="absence_has_another_deputy"),
                ],
            },
        ),
        migrations.CreateModel(
            name="RecoveryDrill",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("done_on", models.DateField()),
                ("done_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("recovery_key", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="drills", to="caseworker.recoverykey")),
            ],
        ),
        migrations.CreateModel(
            name="RecoveryRequest",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("kind", models.CharField(choices=[("circles", "let a person read circles again"), ("records", "open an archived case"), ("reseal", "move archived records to new sheets"), ("drill", "drill")], max_length=10)),
                ("case_id", models.UUIDField(null=True)),
                ("digest", models.CharField(default="", max_length=64)),
                ("made_on", models.DateField()),
                ("answered_on", models.DateField(null=True)),
                ("circle_key", models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="caseworker.circlekey")),
                ("made_by", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("staff_key", models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="caseworker.staffkey")),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("kind__in", ["circles", "records", "reseal", "drill"])), name="recovery_kind_known"),
                    models.CheckConstraint(condition=models.Q(models.Q(("kind", "circles"), ("staff_key__isnull", False)), models.Q(models.Q(("kind", "circles"), _negated=True), ("staff_key__isnull", True)), _connector="OR"), name="recovery_names_its_person"),
                    models.CheckConstraint(condition=models.Q(models.Q(("case_id__isnull", False), ("circle_key__isnull", False), ("kind", "records")), models.Q(models.Q(("kind", "records"), _negated=True), ("case_id__isnull", True), ("circle_key__isnull", True)), _connector="OR"), name="recovery_names_its_circle"),
                ],
            },
        ),
        migrations.CreateModel(
            name="RecoveryItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("object_id", models.UUIDField()),
                ("request", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="items", to="caseworker.recoveryrequest")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("request", "object_id"), name="recovery_item_once"),
                ],
            },
        ),
        migrations.CreateModel(
            name="BackupRun",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("kind", models.CharField(choices=[("backup", "Backup"), ("ledger", "Erasure ledger"), ("drill", "Restore drill")], max_length=8)),
                ("ran_at", models.DateTimeField()),
                ("problem", models.CharField(blank=True, default="", max_length=24)),
                ("main_bytes", models.BigIntegerField(default=0)),
                ("key_bytes", models.BigIntegerField(default=0)),
                ("rows", models.BigIntegerField(default=0)),
                ("audit_sequence", models.BigIntegerField(default=0)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["kind", "-ran_at"], name="backup_runs_by_kind"),
                ],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("kind__in", ["backup", "ledger", "drill"])), name="backup_kind_known"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Alarm",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=20)),
                ("actor_id", models.UUIDField(default=uuid.UUID("00000000-0000-0000-0000-000000000000"))),
                ("object_id", models.UUIDField(default=uuid.UUID("00000000-0000-0000-0000-000000000000"))),
                ("hour", models.DateTimeField()),
                ("acknowledged_by", models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("acknowledged_on", models.DateField(null=True)),
            ],
            options={
                "ordering": ("-hour", "id"),
                "indexes": [
                    models.Index(condition=models.Q(("acknowledged_by__isnull", True)), fields=["kind"], name="alarm_open"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "actor_id", "object_id", "hour"), name="alarm_once_an_hour"),
                    models.CheckConstraint(condition=models.Q(("kind__in", ["reveals_per_hour", "reveals_per_day", "outside_own", "in_sequence", "odd_hour", "honeytoken", "panic", "audit_broken", "false_key"])), name="alarm_kind_known"),
                    models.CheckConstraint(condition=models.Q(models.Q(("acknowledged_by__isnull", True), ("acknowledged_on__isnull", True)), models.Q(("acknowledged_by__isnull", False), ("acknowledged_on__isnull", False)), _connector="OR"), name="alarm_note_is_whole"),
                    models.CheckConstraint(condition=models.Q(("acknowledged_by__isnull", True), models.Q(("acknowledged_by", models.F("actor_id")), _negated=True), _connector="OR"), name="alarm_is_noted_by_another"),
                ],
            },
        ),
        migrations.CreateModel(
            name="PanicState",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, primary_key=True, serialize=False)),
                ("is_locked", models.BooleanField(default=False)),
                ("locked_at", models.DateTimeField(null=True)),
                ("locked_by", models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("proposed_at", models.DateTimeField(null=True)),
                ("proposed_by", models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("lifted_by", models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("by_console", models.BooleanField(default=False)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("id", 1)), name="panic_state_is_single"),
                    models.CheckConstraint(condition=models.Q(("is_locked", False), models.Q(("by_console", False), ("lifted_by__isnull", True), ("locked_at__isnull", False)), _connector="OR"), name="panic_lock_is_not_lifted"),
                    models.CheckConstraint(condition=models.Q(models.Q(("proposed_at__isnull", True), ("proposed_by__isnull", True)), models.Q(("proposed_at__isnull", False), ("proposed_by__isnull", False)), _connector="OR"), name="panic_proposal_is_whole"),
                    models.CheckConstraint(condition=models.Q(("is_locked", True), ("locked_at__isnull", True), models.Q(("proposed_by__isnull", False), models.Q(("lifted_by__isnull", False), ("by_console", True), _connector="OR")), _connector="OR"), name="panic_is_lifted_by_two"),
                    models.CheckConstraint(condition=models.Q(("lifted_by__isnull", True), models.Q(("lifted_by", models.F("proposed_by")), _negated=True), _connector="OR"), name="panic_is_lifted_by_another"),
                ],
            },
        ),
        migrations.CreateModel(
            name="NoticeChoice",
            fields=[
                ("person", models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name="notice_choice", serialize=False, to=settings.AUTH_USER_MODEL)),
                ("level", models.CharField(choices=[("digest", "A reminder at the fixed times"), ("immediate", "The reminder, and at once when a check-in is missed or an alert comes up")], max_length=12)),
                ("channel", models.CharField(choices=[("email", "E-mail"), ("webhook", "Webhook")], max_length=8)),
                ("address", models.BinaryField()),
                ("chosen_at", models.DateTimeField()),
                ("code_hash", models.CharField(blank=True, default="", max_length=64)),
                ("code_sent_at", models.DateTimeField(null=True)),
                ("code_tries", models.PositiveSmallIntegerField(default=0)),
                ("confirmed_at", models.DateTimeField(null=True)),
                ("reminded_at", models.DateTimeField(null=True)),
                ("looked_at", models.DateTimeField(null=True)),
                ("tried_at", models.DateTimeField(null=True)),
                ("failures", models.PositiveSmallIntegerField(default=0)),
                (
                    "problem",
                    models.CharField(
                        blank=True,
                        choices=[("unreachable", "Nobody answered at the address."), ("refused", "The other side refused the notice."), ("inside", "The address leads into a private network, where this server sends nothing."), ("unreadable", "The address can no longer be read. Enter it again.")],
                        default="",
                        max_length=12,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("level__in", ["digest", "immediate"])), name="notice_level_known"),
                    models.CheckConstraint(condition=models.Q(("channel__in", ["email", "webhook"])), name="notice_channel_known"),
                    models.CheckConstraint(
                        condition=models.Q(models.Q(("confirmed_at__isnull", True), ("looked_at__isnull", True), ("reminded_at__isnull", True)), models.Q(("code_hash", ""), ("confirmed_at__isnull", False), ("looked_at__isnull", False), ("reminded_at__isnull", False)), _connector="OR"), name="notice_is_confirmed_whole"
                    ),
                ],
            },
        ),
    ]
