"""Compute the first check-in of cases that stand already, and carry over the days of last contacts."""

import datetime as dt
from itertools import product

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps
from django.db.models import F

from requests_app.clocks import FAR, check_in_due, midnight
from requests_app.enums import Condition, Stage

ANY = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)


def fill_in(apps: StateApps, _editor: BaseDatabaseSchemaEditor) -> None:
    """Let the rhythm run from the begin of the clock: nobody is forgotten, and who was heard from later is due a little early."""
    cases = apps.get_model("requests_app", "Case").objects.order_by()
    cases.update(moved_at=F("clock_started_at"), asked_level=F("verification_level"))
    for day in set(cases.filter(last_contact_on__isnull=False).values_list("last_contact_on", flat=True)):
        cases.filter(last_contact_on=day).update(contacted_at=midnight(day))
    for stage, condition in product(Stage, Condition):
        due = check_in_due(stage, condition, ANY)
        if due < FAR:
            here = cases.filter(stage=stage, condition=condition, is_open=True)
            here.update(check_in_due_at=F("moved_at") + (due - ANY))


def take_out(apps: StateApps, _editor: BaseDatabaseSchemaEditor) -> None:
    """Keep the days of the last contacts."""
    cases = apps.get_model("requests_app", "Case").objects.order_by()
    for moment in set(cases.filter(contacted_at__isnull=False).values_list("contacted_at", flat=True)):
        cases.filter(contacted_at=moment).update(last_contact_on=moment.date())


class Migration(migrations.Migration):
    """Compute the first check-in of cases that stand already, and carry over the days of last contacts."""

    dependencies = (("requests_app", "0016_case_check_ins"),)
    operations = (migrations.RunPython(fill_in, take_out),)
