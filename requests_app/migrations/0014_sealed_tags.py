"""Sealed tags of requests, and pairs of requests that have a contact in common."""

import uuid

from django.conf import settings
from django.db import migrations, models
from django.db.models import CASCADE, PROTECT, SET_NULL, F, Q

PERSON = {"to": settings.AUTH_USER_MODEL, "on_delete": SET_NULL, "null": True, "related_name": "+", "db_index": False}
REQUEST = {"to": "requests_app.helprequest", "on_delete": CASCADE, "related_name": "+"}
DECISIONS = [
    ("same", "The same person"),
    ("related", "Two people who belong together"),
    ("different", "Two different people"),
]


class Migration(migrations.Migration):
    """Two tables."""

    dependencies = [
        ("caseworker", "0004_key_life"),
        ("requests_app", "0013_retention"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            "DuplicateEntry",
            [
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("help_request", models.ForeignKey(**REQUEST)),
                (
                    "record",
                    models.ForeignKey(
                        to="requests_app.sealedrecord", on_delete=CASCADE, related_name="tag_rows", db_index=False
                    ),
                ),
                (
                    "circle_key",
                    models.ForeignKey(to="caseworker.circlekey", on_delete=PROTECT, related_name="tag_rows"),
                ),
                ("seq", models.PositiveSmallIntegerField()),
                ("normalizer", models.PositiveSmallIntegerField()),
                ("sealed", models.BinaryField()),
            ],
            {
                "constraints": [
                    models.UniqueConstraint(fields=("record", "circle_key", "seq"), name="tag_row_once"),
                ]
            },
        ),
        migrations.CreateModel(
            "DuplicatePair",
            [
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("low", models.ForeignKey(db_index=False, **REQUEST)),
                ("high", models.ForeignKey(**REQUEST)),
                ("signals", models.JSONField(default=list)),
                ("decision", models.CharField(blank=True, choices=DECISIONS, default="", max_length=12)),
                ("decided_by", models.ForeignKey(**PERSON)),
                ("decided_on", models.DateField(null=True)),
                ("found_on", models.DateField()),
            ],
            {
                "ordering": ("found_on", "id"),
                "constraints": [
                    models.UniqueConstraint(fields=("low", "high"), name="pair_once"),
                    models.CheckConstraint(condition=Q(low__lt=F("high")), name="pair_low_before_high"),
                    models.CheckConstraint(
                        condition=Q(decision__in=["", "same", "related", "different"]), name="pair_decision_known"
                    ),
                    models.CheckConstraint(
                        condition=Q(decision="", decided_on__isnull=True)
                        | (~Q(decision="") & Q(decided_on__isnull=False)),
                        name="pair_decided_has_day",
                    ),
                ],
            },
        ),
    ]
