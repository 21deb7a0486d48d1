"""Refuse to alter what was published, charged or erased; let a release move forward only."""

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


class Migration(migrations.Migration):
    """Triggers on releases, their cells, the ledger, public statements and the erasure ledger."""

    dependencies: ClassVar = [("requests_app", "0001_initial")]
    operations: ClassVar = [
        RefuseWhen("ReleaseCell", ("UPDATE", "DELETE")),
        RefuseWhen("PrivacyLedgerEntry", ("UPDATE", "DELETE")),
        RefuseWhen("PublicStatement", ("UPDATE", "DELETE")),
        RefuseWhen("ErasureEntry", ("UPDATE", "DELETE")),
        RefuseWhen("Release", ("UPDATE",), condition=BACKWARDS),
        RefuseWhen("Release", ("DELETE",)),
    ]
