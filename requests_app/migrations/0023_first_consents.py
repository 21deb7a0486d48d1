"""Write down what everybody agreed to at intake, for requests from before consents were records."""

import uuid

from django.db import migrations

BATCH = 500


def write_down(apps, _schema_editor):
    """Add the first consent of every request that has none and is not erased. The form could not be sent without it."""
    requests, consents = apps.get_model("requests_app", "HelpRequest"), apps.get_model("requests_app", "Consent")
    missing = requests.objects.filter(erased_on__isnull=True, consents__isnull=True).order_by("id")
    rows = (
        consents(
            id=uuid.uuid4(),
            help_request_id=id_,
            scope="keep",
            decision="given",
            way="unknown",
            wording=1,
            recorded_by_id=logged_by,
            given_on=day,
        )
        for id_, logged_by, day in missing.values_list("id", "logged_by_id", "received_on").iterator(BATCH)
    )
    consents.objects.bulk_create(rows, batch_size=BATCH)


class Migration(migrations.Migration):
    """Rows only; going back drops their table anyway."""

    dependencies = [("requests_app", "0022_connections")]
    operations = [migrations.RunPython(write_down, migrations.RunPython.noop)]
