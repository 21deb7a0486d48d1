"""Contacts that are stopped or out of use, and sealed names of partners, channels and devices."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Two columns and a kind."""

    dependencies = [
        ("requests_app", "0020_first_checklists"),
    ]
    operations = [
        migrations.RemoveConstraint(
            model_name="sealedrecord",
            name="sealed_kind_known",
        ),
        migrations.AddField(
            model_name="contactpoint",
            name="retired_on",
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name="contactpoint",
            name="stopped_on",
            field=models.DateField(null=True),
        ),
        migrations.AlterField(
            model_name="sealedrecord",
            name="kind",
            field=models.CharField(
                choices=[
                    ("first_contact", "First contact"),
                    ("correction", "Correction"),
                    ("contact", "Contact"),
                    ("note", "Note"),
                    ("asset", "Name of a partner, channel or device"),
                ],
                max_length=16,
            ),
        ),
        migrations.AddConstraint(
            model_name="sealedrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["first_contact", "correction", "contact", "note", "asset"])),
                name="sealed_kind_known",
            ),
        ),
    ]
