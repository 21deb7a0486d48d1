"""Ask of every case since when it stands at its stage; the day of the last contact is part of its moment now."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Ask of every case since when it stands at its stage; the day of the last contact is part of its moment now."""

    dependencies = (("requests_app", "0017_fill_check_ins"),)
    operations = [
        migrations.AlterField(
            model_name="case",
            name="moved_at",
            field=models.DateTimeField(),
        ),
        migrations.RemoveField(
            model_name="case",
            name="last_contact_on",
        ),
        migrations.AddConstraint(
            model_name="case",
            constraint=models.CheckConstraint(
                condition=models.Q(("asked_level__gte", models.F("verification_level")), ("asked_level__lte", 4)),
                name="case_asks_at_least_its_level",
            ),
        ),
    ]
