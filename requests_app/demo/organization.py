"""The demo organization: one circle, one account per role and a second coordinator, with words that are printed each time."""

import datetime as dt
import hashlib
import random
from dataclasses import dataclass

from django.db import transaction

from caseworker.actions.circles import admit_member
from caseworker.actions.founding import FirstPerson, found_organization
from caseworker.enums import Role
from caseworker.models.accounts import Caseworker
from caseworker.models.keys import Circle
from caseworker.unlocking import unlock
from caseworker.vault.passphrase import WORD_COUNT, generate_words
from caseworker.vault.sealing import DEFAULT_SUITE, KeyPair, public_key_from_seed

ACCOUNTS: tuple[tuple[str, Role], ...] = (
    ("anna", Role.VOLUNTEER),
    ("boris", Role.COORDINATOR),
    ("galina", Role.COORDINATOR),
    ("eva", Role.LEAD),
    ("dmitri", Role.STATISTICIAN),
    ("sofia", Role.SECURITY_OFFICER),
    ("olga", Role.AUDITOR),
)


def demo_words(alias: str) -> str:
    """Return the words of a demo account: the same each time, and worth nothing, since they are printed."""
    rng = random.Random(f"demo {alias}")  # noqa: S311 - printed on the screen anyway
    return generate_words(WORD_COUNT, randbelow=rng.randrange)


def demo_sheet() -> KeyPair:
    """Return the demo's recovery key: the same each time, so that recovering can be tried out, and worth nothing."""
    seed = hashlib.sha256(b"the recovery sheet of the demo").digest()
    return KeyPair(DEFAULT_SUITE, seed, public_key_from_seed(DEFAULT_SUITE, seed))


@dataclass(frozen=True)
class DemoCast:
    """The people who play the year."""

    people: dict[str, Caseworker]
    circle: Circle

    def __getitem__(self, alias: str) -> Caseworker:
        """Return a person by alias."""
        return self.people[alias]


@transaction.atomic
def found_demo(*, now: dt.datetime) -> DemoCast:
    """Found the organization and let the second coordinator in."""
    first = [FirstPerson(alias, role, words=demo_words(alias)) for alias, role in ACCOUNTS]
    made = found_organization([demo_sheet()], first, circle_name="Intake", now=now)
    boris, galina = made.people["boris"], made.people["galina"]
    ring = unlock(boris.staff_key, boris.words)
    if ring is None:
        raise RuntimeError("the demo's own words do not open")
    admit_member(made.circle, galina.person, keyring=ring, actor=boris.person, now=now)
    people = {person.alias: person for person in Caseworker.objects.select_related("intake_circle")}
    return DemoCast(people, made.circle)


def present_demo() -> DemoCast | None:
    """Return the demo organization if it was founded before."""
    people = {person.alias: person for person in Caseworker.objects.filter(alias__in=dict(ACCOUNTS))}
    circle = Circle.objects.filter(code="intake").first()
    return DemoCast(people, circle) if circle and len(people) == len(ACCOUNTS) else None
