"""The order of the queues as indexes, and until when a claim counts."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """One column, and the indexes in the order of the queue."""

    dependencies = [("requests_app", "0009_country_rules_stay")]
    operations = [
        migrations.AlterModelOptions(
            name="case",
            options={"ordering": ("urgency_rank", "due_at", "id")},
        ),
        migrations.RemoveIndex(
            model_name="case",
            name="case_queue",
        ),
        migrations.RemoveIndex(
            model_name="case",
            name="case_queue_of_owner",
        ),
        migrations.AddField(
            model_name="case",
            name="claimed_until",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("is_open", True)),
                fields=["urgency_rank", "due_at", "id", "is_open"],
                name="case_queue",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("is_open", True)),
                fields=["owner", "urgency_rank", "due_at", "id", "is_open"],
                name="case_queue_of_owner",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("is_open", False)),
                fields=["urgency_rank", "due_at", "id", "is_open"],
                name="case_queue_closed",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("is_open", True), ("owner__isnull", True)),
                fields=["urgency_rank", "due_at", "id", "is_open"],
                name="case_queue_unowned",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("claimed_until__isnull", False), ("is_open", True)),
                fields=["urgency_rank", "due_at", "id", "is_open", "claimed_until"],
                name="case_queue_claimed",
            ),
        ),
        migrations.AddIndex(
            model_name="helprequest",
            index=models.Index(
                condition=models.Q(("state", "new")),
                fields=["urgency", "received_on", "id", "state"],
                name="request_triage_order",
            ),
        ),
    ]
