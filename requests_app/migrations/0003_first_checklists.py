"""Fill in the first wording of the checklists; from then on a lead edits them."""

import uuid

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from requests_app.catalogue import load_checklists

FAMILY = uuid.UUID("6f0e1c52-0f6b-5a53-9d0c-5c1d6b7a4e10")


def fill_in(apps: StateApps, _editor: BaseDatabaseSchemaEditor) -> None:
    """Write each question once; its id follows from its stage and place, so that every installation has the same."""
    items = apps.get_model("requests_app", "ChecklistItem").objects
    for stage, rows in load_checklists().items():
        for place, (en, ru) in enumerate(rows, start=1):
            item = uuid.uuid5(FAMILY, f"{stage}:{place}")
            items.create(id=item, item=item, stage=stage, place=place, text_en=en, text_ru=ru)


def take_out(apps: StateApps, _editor: BaseDatabaseSchemaEditor) -> None:
    """Take out all questions and what was answered to them."""
    apps.get_model("requests_app", "ChecklistAnswer").objects.all().delete()
    apps.get_model("requests_app", "ChecklistItem").objects.all().delete()


class Migration(migrations.Migration):
    """Fill in the first wording of the checklists."""

    replaces = (("requests_app", "0020_first_checklists"),)
    dependencies = (("requests_app", "0002_first_country_rules"),)
    operations = (migrations.RunPython(fill_in, take_out),)
