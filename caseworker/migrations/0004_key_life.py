"""Keys that come and go: invitations, vouches, retiring and distrusted versions; a version never comes back."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from caseworker.triggers import RefuseWhen

STATUSES = ["invited", "active", "suspended", "left"]
BACKWARDS = (
    """(OLD.state = 'destroyed' AND NEW.state <> 'destroyed') OR (OLD.state = 'retiring' AND NEW.state = 'active')"""
)


class Migration(migrations.Migration):
    """Fields, one table, one trigger."""

    dependencies = [("caseworker", "0003_job_deliveries")]
    operations = [
        migrations.CreateModel(
            name="Invitation",
            fields=[
                (
                    "person",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="invitation",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("code_hash", models.CharField(max_length=64)),
                ("expires_at", models.DateTimeField()),
            ],
        ),
        migrations.AddField("circlegrant", "vouch", models.BinaryField(default=bytes)),
        migrations.AddField("circlekey", "distrusted_on", models.DateField(blank=True, null=True)),
        migrations.AddField("circlekey", "retiring_since", models.DateField(blank=True, null=True)),
        migrations.AddField("circlekey", "rotated_count", models.PositiveIntegerField(default=0)),
        migrations.RemoveConstraint("caseworker", "caseworker_status_known"),
        migrations.AlterField(
            "caseworker",
            "status",
            models.CharField(
                choices=[("invited", "Invited"), ("active", "Active"), ("suspended", "Suspended"), ("left", "Left")],
                default="active",
                max_length=12,
                verbose_name="status",
            ),
        ),
        migrations.AddConstraint(
            "caseworker",
            models.CheckConstraint(condition=models.Q(status__in=STATUSES), name="caseworker_status_known"),
        ),
        RefuseWhen("CircleKey", ("UPDATE",), condition=BACKWARDS),
    ]
