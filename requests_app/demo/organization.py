"""The demo organization: one circle, one account per role and a second coordinator, with words that are printed each time."""

import datetime as dt
import random
from dataclasses import dataclass

from django.db import transaction

from caseworker.actions.circles import admit_member, create_circle
from caseworker.actions.people import Enrolment, enrol_person
from caseworker.enums import Role
from caseworker.models.accounts import Caseworker
from caseworker.models.keys import Circle, RecoveryKey
from caseworker.unlocking import unlock
from caseworker.vault.passphrase import WORD_COUNT, generate_words
from caseworker.vault.sealing import fingerprint, generate_key_pair

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


@dataclass(frozen=True)
class DemoCast:
    """The people who play the year."""

    people: dict[str, Caseworker]
    circle: Circle

    def __getitem__(self, alias: str) -> Caseworker:
        """Return a person by alias."""
        return self.people[alias]


def _enrol(alias: str, role: Role, *, now: dt.datetime, circle: Circle | None = None) -> Enrolment:
    return enrol_person(
        alias, role, actor=None, now=now, words=demo_words(alias), time_zone="Europe/Berlin", intake_circle=circle
    )


@transaction.atomic
def found_demo(*, now: dt.datetime) -> DemoCast:
    """Make the recovery key (its seed is dropped: nobody recovers a demo), the circle and the accounts."""
    pair = generate_key_pair()
    RecoveryKey.objects.create(
        suite=pair.suite,
        public_key=pair.public_key,
        fingerprint=fingerprint(pair.suite, pair.public_key),
        created_on=now.date(),
    )
    roles = dict(ACCOUNTS)
    boris = _enrol("boris", roles.pop("boris"), now=now)
    circle = create_circle(code="intake", name="Intake", first_members=[boris.staff_key], is_intake=True, now=now)
    made = {
        alias: _enrol(alias, role, now=now, circle=circle if role == Role.VOLUNTEER else None)
        for alias, role in roles.items()
    }
    ring = unlock(boris.staff_key, boris.words)
    if ring is None:
        raise RuntimeError("the demo's own words do not open")
    admit_member(circle, made["galina"].person, keyring=ring, actor=boris.person, now=now)
    people = {alias: one.person for alias, one in made.items()} | {"boris": boris.person}
    return DemoCast(people, circle)


def present_demo() -> DemoCast | None:
    """Return the demo organization if it was founded before."""
    people = {person.alias: person for person in Caseworker.objects.filter(alias__in=dict(ACCOUNTS))}
    circle = Circle.objects.filter(code="intake").first()
    return DemoCast(people, circle) if circle and len(people) == len(ACCOUNTS) else None
