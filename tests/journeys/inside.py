"""What runs inside a process of an installation: Django set up, cheap Argon2id, the fixed cast found or made."""

import django
from django.conf import settings

django.setup()
settings.ARGON2_COST = (64, 1, 1)

from caseworker.models.accounts import Caseworker  # noqa: E402
from caseworker.models.keys import Circle  # noqa: E402
from tests.cast import Cast, Member, found_cast, recovery_pair  # noqa: E402


def present_cast() -> Cast:
    """Return the cast that another process made."""
    people = {
        person.alias: Member(person, f"{person.alias} has six words to say") for person in Caseworker.objects.all()
    }
    circles = {circle.code: circle for circle in Circle.objects.all()}
    return Cast(recovery=recovery_pair(), **circles, **people)  # type: ignore[arg-type]


if __name__ == "__main__":
    found_cast()
