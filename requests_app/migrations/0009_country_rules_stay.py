"""Refuse to delete a country rule, and to alter anything of it but its verification: a newer row supersedes it."""

from typing import ClassVar

from django.db import migrations

from caseworker.triggers import RefuseWhen

FIXED = ("id", "country", "kind", "version", "limit_days", "window_days", "effective_from", "source")
ALTERED = " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in FIXED)


class Migration(migrations.Migration):
    """Two triggers."""

    dependencies: ClassVar = [("requests_app", "0008_seed_country_rules")]
    operations: ClassVar = [
        RefuseWhen("CountryRule", ("UPDATE",), condition=ALTERED),
        RefuseWhen("CountryRule", ("DELETE",)),
    ]
