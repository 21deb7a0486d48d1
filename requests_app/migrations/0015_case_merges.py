"""Cases that were merged into others, and what moved with them."""

import uuid

from django.conf import settings
from django.db import migrations, models
from django.db.models import CASCADE, SET_NULL, F, Q

PERSON = {"to": settings.AUTH_USER_MODEL, "on_delete": SET_NULL, "null": True, "related_name": "+", "db_index": False}


class Migration(migrations.Migration):
    """One table, and where a merged case leads."""

    dependencies = [
        ("requests_app", "0014_sealed_tags"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.AddField(
            "case",
            "merged_into",
            models.ForeignKey(null=True, on_delete=SET_NULL, related_name="absorbed", to="requests_app.case"),
        ),
        migrations.AddConstraint(
            "case",
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | (Q(is_open=False) & ~Q(merged_into=F("id"))),
                name="merged_case_is_closed",
            ),
        ),
        migrations.CreateModel(
            "CaseMerge",
            [
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "merged",
                    models.ForeignKey(db_index=False, on_delete=CASCADE, related_name="+", to="requests_app.case"),
                ),
                ("survivor", models.ForeignKey(on_delete=CASCADE, related_name="+", to="requests_app.case")),
                ("moved", models.JSONField(default=dict)),
                ("was_open", models.BooleanField()),
                ("merged_by", models.ForeignKey(**PERSON)),
                ("merged_on", models.DateField()),
                ("undone_by", models.ForeignKey(**PERSON)),
                ("undone_on", models.DateField(null=True)),
            ],
            {
                "ordering": ("-merged_on", "id"),
                "constraints": [
                    models.UniqueConstraint(
                        condition=Q(undone_on__isnull=True), fields=("merged",), name="case_merged_once"
                    ),
                    models.CheckConstraint(condition=~Q(merged=F("survivor")), name="merge_of_two_cases"),
                ],
            },
        ),
    ]
