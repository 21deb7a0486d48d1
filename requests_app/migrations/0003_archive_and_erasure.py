"""When a person wants to be erased, and when a case was archived."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Three dates."""

    dependencies = [("requests_app", "0002_append_only_releases")]
    operations = [
        migrations.AddField("case", "archived_on", models.DateField(null=True)),
        migrations.AddField("case", "erasure_due_at", models.DateTimeField(null=True)),
        migrations.AddField("helprequest", "erasure_due_at", models.DateTimeField(null=True)),
    ]
