"""The country rules of the migration, for tests that run after one that emptied the tables."""

import importlib

from django.apps import apps

SEED = importlib.import_module("requests_app.migrations.0002_first_country_rules")


def plant_rules() -> None:
    """Write the first versions that are missing."""
    SEED.load_rules(apps, None)
