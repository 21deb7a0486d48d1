"""The fixed cast: made through the real actions, with real keys on a cheap Argon2id cost."""

import datetime as dt
from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from caseworker import audit
from caseworker.actions.circles import admit_member, create_circle
from caseworker.actions.people import Enrolment, enrol_person
from caseworker.enums import AccountStatus, Role
from caseworker.models.accounts import Caseworker
from caseworker.models.audit import AuditEvent, AuditHead
from caseworker.models.keys import Circle, CircleEscrow, CircleGrant, CircleKey, RecoveryKey, StaffKey
from caseworker.unlocking import active_key_of, unlock
from caseworker.vault.keyring import KeyRing
from caseworker.vault.sealing import DEFAULT_SUITE, SEED_BYTES, KeyPair, fingerprint, public_key_from_seed

START = dt.datetime(2025, 3, 3, 9, 0, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Member:
    """A person with the words that open their keys."""

    person: Caseworker
    words: str

    def keyring(self) -> KeyRing:
        """Open the person's key ring."""
        ring = unlock(active_key_of(self.person), self.words)
        assert ring is not None
        return ring


@dataclass(frozen=True)
class Cast:
    """Everybody."""

    recovery: KeyPair
    north: Circle
    south: Circle
    anna: Member
    boris: Member
    clara: Member
    dmitri: Member
    eva: Member
    sofia: Member
    olga: Member
    mallory: Member

    def all(self) -> dict[str, Member]:
        """Return members by name."""
        return {name: value for name, value in vars(self).items() if isinstance(value, Member)}


@lru_cache(maxsize=1)
def recovery_pair() -> KeyPair:
    """Return the recovery pair of the tests, the same in every process."""
    seed = bytes(range(SEED_BYTES))
    return KeyPair(DEFAULT_SUITE, seed, public_key_from_seed(DEFAULT_SUITE, seed))


def _enrol(alias: str, role: Role, **kwargs: Any) -> Enrolment:
    return enrol_person(alias, role, actor=None, now=START, words=f"{alias} has six words to say", **kwargs)


def _member(made: Enrolment) -> Member:
    return Member(made.person, made.words)


FOUNDED = (Circle, Caseworker, RecoveryKey, CircleKey, StaffKey, CircleGrant, CircleEscrow, AuditEvent, AuditHead)
"""The tables that founding writes, each after those it refers to."""
_kept: list[tuple[Cast, list[list[Any]]]] = []
"""What was founded first in this process: a cast nobody has touched, and its rows."""


def found_cast() -> Cast:
    """Found the organization: once in a process through the actions, afterwards by inserting the same rows again.

    Where something is there already, it is founded beside it, through the actions.
    """
    if any(model.objects.exists() for model in (Caseworker, RecoveryKey, AuditEvent)):
        return _found()
    if not _kept:
        made = _found()
        _kept.append((deepcopy(made), [list(model.objects.order_by("pk")) for model in FOUNDED]))
        return made
    untouched, tables = _kept[0]
    for rows in tables:
        type(rows[0]).objects.bulk_create(rows)
    return deepcopy(untouched)


def _found() -> Cast:
    """Make recovery key, two circles, one member each, then the others."""
    pair = recovery_pair()
    RecoveryKey.objects.create(
        suite=pair.suite,
        public_key=pair.public_key,
        fingerprint=fingerprint(pair.suite, pair.public_key),
        created_on=START.date(),
    )
    boris, clara = _enrol("boris", Role.COORDINATOR), _enrol("clara", Role.COORDINATOR)
    north = create_circle(code="north", name="North", first_members=[boris.staff_key], is_intake=True, now=START)
    south = create_circle(code="south", name="South", first_members=[clara.staff_key], is_intake=True, now=START)
    eva, mallory = _enrol("eva", Role.LEAD), _enrol("mallory", Role.COORDINATOR)
    ring = _member(boris).keyring()
    admit_member(north, mallory.person, keyring=ring, actor=boris.person, now=START)
    mallory.person.status = AccountStatus.SUSPENDED
    mallory.person.save(update_fields=["status"])
    return Cast(
        recovery=pair,
        north=north,
        south=south,
        anna=_member(_enrol("anna", Role.VOLUNTEER, intake_circle=north)),
        boris=_member(boris),
        clara=_member(clara),
        dmitri=_member(_enrol("dmitri", Role.STATISTICIAN)),
        eva=_member(eva),
        sofia=_member(_enrol("sofia", Role.SECURITY_OFFICER)),
        olga=_member(_enrol("olga", Role.AUDITOR)),
        mallory=_member(mallory),
    )


def audit_verbs() -> list[str]:
    """Return the verbs written so far, in order."""
    return list(audit.AuditEvent.objects.order_by("sequence").values_list("verb", flat=True))
