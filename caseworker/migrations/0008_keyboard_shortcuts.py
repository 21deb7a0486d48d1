"""Whether a person turned the keyboard shortcuts on."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """One answer."""

    dependencies = [("caseworker", "0007_backup_runs")]
    operations = [
        migrations.AddField(
            "caseworker", "uses_shortcuts", models.BooleanField(default=False, verbose_name="keyboard shortcuts")
        ),
    ]
