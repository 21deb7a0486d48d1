"""When the clocks of a case began and how long they stood still; the end of its stay; the last contact."""

import datetime as dt
from typing import Any, ClassVar

from django.db import migrations, models

BATCH = 500


def start_clocks(apps: Any, _schema_editor: Any) -> None:
    """Let the clocks of existing cases begin with the present spell: never later than they truly did."""
    case_model, spell_model = apps.get_model("requests_app", "Case"), apps.get_model("requests_app", "StageSpell")
    begun = dict(spell_model.objects.filter(left_on__isnull=True).values_list("case_id", "entered_on"))
    batch = []
    for case in case_model.objects.only("id", "touched_on").iterator(chunk_size=BATCH):
        day = begun.get(case.id, case.touched_on)
        case.clock_started_at = case.condition_at = dt.datetime.combine(day, dt.time(), dt.UTC)
        batch.append(case)
        if len(batch) == BATCH:
            case_model.objects.bulk_update(batch, ["clock_started_at", "condition_at"])
            batch = []
    case_model.objects.bulk_update(batch, ["clock_started_at", "condition_at"])


class Migration(migrations.Migration):
    """Five columns and one index."""

    dependencies: ClassVar = [("requests_app", "0005_handovers_and_grants")]
    operations: ClassVar = [
        migrations.AddField("case", "clock_started_at", models.DateTimeField(null=True)),
        migrations.AddField("case", "condition_at", models.DateTimeField(null=True)),
        migrations.AddField("case", "paused_seconds", models.PositiveIntegerField(default=0)),
        migrations.AddField("case", "stay_ends_on", models.DateField(null=True)),
        migrations.AddField("case", "last_contact_on", models.DateField(null=True)),
        migrations.RunPython(start_clocks, migrations.RunPython.noop),
        migrations.AlterField("case", "clock_started_at", models.DateTimeField()),
        migrations.AlterField("case", "condition_at", models.DateTimeField()),
        migrations.AddIndex(
            "case",
            models.Index(
                fields=["stay_ends_on", "id", "is_open"],
                name="case_stay_ends",
                condition=models.Q(is_open=True, stay_ends_on__isnull=False),
            ),
        ),
    ]
