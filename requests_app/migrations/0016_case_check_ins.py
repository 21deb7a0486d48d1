"""Give cases what the next check-in and the level that was asked for are computed from."""

import datetime

from django.db import migrations, models


class Migration(migrations.Migration):
    """Give cases what the next check-in and the level that was asked for are computed from."""

    dependencies = (("requests_app", "0015_case_merges"),)
    operations = [
        migrations.AddField(
            model_name="case",
            name="asked_level",
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="case",
            name="check_in_due_at",
            field=models.DateTimeField(default=datetime.datetime(9999, 1, 1, 0, 0, tzinfo=datetime.UTC)),
        ),
        migrations.AddField(
            model_name="case",
            name="contacted_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="case",
            name="moved_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("is_open", True)),
                fields=["check_in_due_at", "id", "is_open"],
                name="case_check_in_due",
            ),
        ),
        migrations.AddField(
            model_name="verificationcheck",
            name="is_void",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(model_name="bulkchange", name="moved_before", field=models.DateTimeField(null=True)),
    ]
