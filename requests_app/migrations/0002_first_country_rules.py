"""Load the first version of every limit the catalogue knows. Nobody here has verified them: each shows as stale until a lead has."""

import datetime as dt
import uuid
from typing import Any, ClassVar

from django.db import migrations

START = dt.date(2022, 1, 1)
UNVERIFIED = "Catalogue; believed, not verified"
RULES = (
    ("KZ", "rolling", 90, 180, dt.date(2023, 1, 27), "Catalogue; 90 in 180 since 27 Jan 2023"),
    ("KZ", "registration", 30, None, START, "Catalogue"),
    ("AM", "per_year", 180, None, START, "Catalogue; 180 days a year"),
    ("KG", "registration", 30, None, START, "Catalogue; one source"),
    ("BY", "per_year", 90, None, START, "Catalogue; one source"),
    ("GE", "from_entry", 365, None, START, "Catalogue; sources say 360 to 365"),
    ("RS", "from_entry", 30, None, START, UNVERIFIED),
    ("MN", "from_entry", 30, None, START, "Catalogue; 30 per stay"),
    ("MN", "rolling", 90, 180, START, "Catalogue; 90 in 180 in total"),
    ("TR", "from_entry", 60, None, START, UNVERIFIED),
    ("TR", "rolling", 90, 180, START, UNVERIFIED),
    ("ME", "from_entry", 30, None, START, UNVERIFIED),
    ("AZ", "rolling", 90, 180, START, "Catalogue"),
    ("AZ", "registration", 15, None, START, "Catalogue; one source"),
)
NAMESPACE = uuid.UUID("6f1d9a7e-3c52-4f0e-9d0b-2b1c7a5e8f10")


def load_rules(apps: Any, _schema_editor: Any) -> None:
    """Write the rules that are not there; the ids are the same in every installation."""
    table = apps.get_model("requests_app", "CountryRule")
    for country, kind, limit, window, since, source in RULES:
        facts = {"limit_days": limit, "window_days": window, "effective_from": since, "source": source}
        key = {"country": country, "kind": kind, "version": 1}
        table.objects.get_or_create(**key, defaults=facts | {"id": uuid.uuid5(NAMESPACE, f"{country} {kind} 1")})


def unload_rules(apps: Any, _schema_editor: Any) -> None:
    """Delete all rules, and the clocks that run under them: the tables themselves go next."""
    apps.get_model("requests_app", "StayClock").objects.all().delete()
    apps.get_model("requests_app", "CountryRule").objects.all().delete()


class Migration(migrations.Migration):
    """Rows of one table."""

    replaces: ClassVar = [("requests_app", "0008_seed_country_rules")]
    dependencies: ClassVar = [("requests_app", "0001_tables")]
    operations: ClassVar = [migrations.RunPython(load_rules, unload_rules)]
