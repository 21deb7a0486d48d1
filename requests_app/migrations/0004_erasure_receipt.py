"""Let a requester ask with the claim code whether the erasure was done."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """One column without a default: SQLite adds it in place, and the table keeps its triggers."""

    dependencies = [("requests_app", "0003_archive_and_erasure")]
    operations = [migrations.AddField("erasureentry", "code_hash", models.BinaryField(null=True))]
