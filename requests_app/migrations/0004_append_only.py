"""Refuse to alter what was published, charged or erased; let a release move forward only; keep country rules.

Of a country rule nothing changes but its verification: a newer row supersedes it. Last, because going back deletes the rules.
"""

from typing import ClassVar

from django.db import migrations

from caseworker.triggers import RefuseWhen

BACKWARDS = """NOT (
    OLD.state = NEW.state
    OR (OLD.state = 'awaiting' AND NEW.state IN ('approved', 'rejected'))
    OR (OLD.state = 'approved' AND NEW.state = 'frozen')
    OR (OLD.state = 'frozen' AND NEW.state IN ('published', 'withdrawn'))
    OR (OLD.state = 'published' AND NEW.state = 'withdrawn')
)"""
FIXED = ("id", "country", "kind", "version", "limit_days", "window_days", "effective_from", "source")
ALTERED = " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in FIXED)


class Migration(migrations.Migration):
    """Triggers on releases, their cells, the ledger, public statements, the erasure ledger and country rules."""

    replaces: ClassVar = [
        ("requests_app", "0002_append_only_releases"),
        ("requests_app", "0009_country_rules_stay"),
    ]
    dependencies: ClassVar = [("requests_app", "0003_first_checklists")]
    operations: ClassVar = [
        RefuseWhen("ReleaseCell", ("UPDATE", "DELETE")),
        RefuseWhen("PrivacyLedgerEntry", ("UPDATE", "DELETE")),
        RefuseWhen("PublicStatement", ("UPDATE", "DELETE")),
        RefuseWhen("ErasureEntry", ("UPDATE", "DELETE")),
        RefuseWhen("Release", ("UPDATE",), condition=BACKWARDS),
        RefuseWhen("Release", ("DELETE",)),
        RefuseWhen("CountryRule", ("UPDATE",), condition=ALTERED),
        RefuseWhen("CountryRule", ("DELETE",)),
    ]
