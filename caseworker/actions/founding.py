"""The first hour of an organization: recovery key, first circle, first people. Runs once, whole or not at all."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from caseworker import audit
from caseworker.actions.circles import create_circle
from caseworker.actions.people import Enrolment, enrol_person
from caseworker.enums import AuditVerb, Role
from caseworker.exceptions import PolicyRefused
from caseworker.models.accounts import Caseworker
from caseworker.models.keys import Circle, RecoveryKey
from caseworker.vault.sealing import KeyPair, fingerprint


@dataclass(frozen=True)
class Founding:
    """What was made; the words of the enrolments exist nowhere else."""

    recovery_keys: Sequence[RecoveryKey]
    circle: Circle
    people: Mapping[str, Enrolment]

    def __repr__(self) -> str:
        """Show nothing."""
        return "<Founding>"


@dataclass(frozen=True)
class FirstPerson:
    """An account to begin with; ``words`` is given only in the demo, whose words are printed anyway."""

    alias: str
    role: Role
    words: str | None = None


def check_nothing_founded() -> None:
    """Raise ``PolicyRefused`` when this database already has people or a recovery key."""
    if Caseworker.objects.exists() or RecoveryKey.objects.exists():
        raise PolicyRefused(
            _("This organization was founded already. Its recovery key is on paper; nothing was changed.")
        )


@transaction.atomic
def found_organization(
    recovery: Sequence[KeyPair], first: list[FirstPerson], *, circle_name: str, now: dt.datetime, language: str = "en"
) -> Founding:
    """Store the public halves of *recovery*, enrol *first*, and make the intake circle with the first coordinator in it.

    Raises ``PolicyRefused`` when there is anything already, or no coordinator among the first people. The recovery seeds are not kept.
    """
    check_nothing_founded()
    keys = [
        RecoveryKey.objects.create(
            suite=pair.suite,
            public_key=pair.public_key,
            fingerprint=fingerprint(pair.suite, pair.public_key),
            created_on=now.date(),
        )
        for pair in recovery
    ]
    made = {
        one.alias: enrol_person(one.alias, one.role, actor=None, now=now, language=language, words=one.words)
        for one in first
    }
    founders = [made[one.alias].staff_key for one in first if one.role == Role.COORDINATOR][:1]
    circle = create_circle(code="intake", name=circle_name, first_members=founders, is_intake=True, now=now)
    Caseworker.objects.filter(alias__in=[one.alias for one in first if one.role == Role.VOLUNTEER]).update(
        intake_circle=circle
    )
    audit.record(actor=None, verb=AuditVerb.FOUND_ORGANIZATION, kind="recovery_key", object_id=keys[0].id, now=now)
    return Founding(keys, circle, made)
