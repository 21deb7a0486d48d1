"""A proof that the server itself wrote a circle's key or a membership; what stands already is proven as it is."""

from typing import Any

from django.db import migrations, models

from caseworker import key_proofs


def prove_what_stands(apps: Any, _editor: Any) -> None:
    """Give every version and grant its proof."""
    for key in apps.get_model("caseworker", "CircleKey").objects.all():
        key.proof = key_proofs.key_proof(key)
        key.save(update_fields=["proof"])
    for grant in apps.get_model("caseworker", "CircleGrant").objects.select_related("staff_key"):
        grant.proof = key_proofs.grant_proof(grant)
        grant.save(update_fields=["proof"])


class Migration(migrations.Migration):
    """Two columns. They may be empty, so that SQLite adds them in place and the triggers of the table stay."""

    dependencies = [("caseworker", "0009_panic_and_alarms")]
    operations = [
        migrations.AddField("circlekey", "proof", models.BinaryField(null=True)),
        migrations.AddField("circlegrant", "proof", models.BinaryField(null=True)),
        migrations.RunPython(prove_what_stands, migrations.RunPython.noop),
    ]
