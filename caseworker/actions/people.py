"""People come: an account is an alias, a role and a key pair that only its owner's words unlock."""

import datetime as dt
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from caseworker import audit, second_factor
from caseworker.enums import AccountStatus, AuditVerb, Role
from caseworker.exceptions import PolicyRefused
from caseworker.models.accounts import Caseworker
from caseworker.models.keys import Circle, StaffKey
from caseworker.permissions import Permission, check
from caseworker.sessions import end_sessions
from caseworker.vault import sealing, wrapping
from caseworker.vault.formats import ctx
from caseworker.vault.passphrase import Argon2Cost, derive_root, generate_words

SALT_BYTES = 16


@dataclass(frozen=True)
class Enrolment:
    """A new account with the words that were made for it; the words exist nowhere else and are shown once."""

    person: Caseworker
    staff_key: StaffKey
    words: str

    def __repr__(self) -> str:
        """Show nothing of the words."""
        return "<Enrolment>"


def configured_cost() -> Argon2Cost:
    """Return the Argon2id cost for new keys, from settings."""
    memory_kib, iterations, lanes = settings.ARGON2_COST
    return Argon2Cost(memory_kib, iterations, lanes)


def make_staff_key(person: Caseworker, words: str, *, generation: int = 1) -> StaffKey:
    """Make a key pair for *person*, wrap its seed under *words*, and store it; the seed itself is dropped."""
    pair = sealing.generate_key_pair()
    key_id, salt, cost = uuid.uuid4(), secrets.token_bytes(SALT_BYTES), configured_cost()
    root = derive_root(words, salt=salt, cost=cost)
    wrapped = wrapping.wrap(pair.seed, key=root.kek, associated_data=ctx("staff-seed", key_id, pair.public_key))
    return StaffKey.objects.create(
        id=key_id,
        person=person,
        generation=generation,
        suite=pair.suite,
        public_key=pair.public_key,
        salt=salt,
        memory_kib=cost.memory_kib,
        iterations=cost.iterations,
        lanes=cost.lanes,
        verifier=root.verifier,
        wrapped_seed=wrapped,
    )


@transaction.atomic
def enrol_person(
    alias: str,
    role: Role,
    *,
    actor: Caseworker | None,
    now: dt.datetime,
    language: str = "en",
    time_zone: str = "UTC",
    intake_circle: Circle | None = None,
    words: str | None = None,
) -> Enrolment:
    """Create an account and its key pair; *actor* is None only while the organization is being founded.

    Words are generated (77 bits); a caller passes its own only for the demo, whose words are printed anyway. Raises
    ``PolicyRefused`` when the alias is taken.
    """
    if actor is not None:
        check(actor, Permission.ENROL_PERSON)
    if Caseworker.objects.filter(alias__iexact=alias).exists():
        raise PolicyRefused(_("This alias is taken. Choose another."))
    person = Caseworker(
        alias=alias,
        role=role,
        status=AccountStatus.ACTIVE,
        language=language,
        time_zone=time_zone,
        intake_circle=intake_circle,
        created_on=now.date(),
    )
    person.set_unusable_password()
    person.save(force_insert=True)
    chosen = words or generate_words()
    staff_key = make_staff_key(person, chosen)
    audit.record(actor=actor, verb=AuditVerb.ENROL_PERSON, kind="caseworker", object_id=person.id, now=now)
    return Enrolment(person, staff_key, chosen)


@transaction.atomic
def suspend_person(person: Caseworker, *, actor: Caseworker, now: dt.datetime) -> Caseworker:
    """Stop *person* from signing in and end their sessions at once; nobody suspends themselves."""
    check(actor, Permission.SUSPEND_PERSON)
    if person.id == actor.id:
        raise PolicyRefused(_("Nobody can suspend themselves. Ask the other security officer."))
    person.status = AccountStatus.SUSPENDED
    person.save(update_fields=["status"])
    audit.record(actor=actor, verb=AuditVerb.SUSPEND_PERSON, kind="caseworker", object_id=person.id, now=now)
    end_sessions(person.id)
    return person


@transaction.atomic
def restore_person(person: Caseworker, *, actor: Caseworker, now: dt.datetime) -> Caseworker:
    """Let a suspended person sign in again."""
    check(actor, Permission.SUSPEND_PERSON)
    if person.status != AccountStatus.SUSPENDED:
        raise PolicyRefused(_("This account is not suspended."))
    person.status = AccountStatus.ACTIVE
    person.save(update_fields=["status"])
    audit.record(actor=actor, verb=AuditVerb.RESTORE_PERSON, kind="caseworker", object_id=person.id, now=now)
    return person


@transaction.atomic
def change_profile(
    person: Caseworker, *, language: str, time_zone: str, actor: Caseworker, now: dt.datetime
) -> Caseworker:
    """Keep the person's own choice of language and time zone."""
    check(actor, Permission.OWN_ACCOUNT)
    person.language, person.time_zone = language, time_zone
    person.save(update_fields=["language", "time_zone"])
    audit.record(actor=actor, verb=AuditVerb.CHANGE_PROFILE, kind="caseworker", object_id=person.id, now=now)
    return person


@transaction.atomic
def set_second_factor(
    person: Caseworker, secret: str, *, cookie: str | None, actor: Caseworker, now: dt.datetime
) -> Sequence[str]:
    """Activate the person's own second factor and return the recovery codes, shown once.

    Every other session ends, because none of them was opened with the new factor; *cookie* is the one that stays.
    """
    check(actor, Permission.OWN_ACCOUNT)
    codes = second_factor.activate(person, secret)
    audit.record(actor=actor, verb=AuditVerb.SET_SECOND_FACTOR, kind="caseworker", object_id=person.id, now=now)
    end_sessions(person.id, keep=cookie)
    return codes


@transaction.atomic
def reset_second_factor(person: Caseworker, *, actor: Caseworker, now: dt.datetime) -> None:
    """Remove a lost second factor of somebody else, so that it is set up anew at the next sign-in; their sessions end."""
    check(actor, Permission.SUSPEND_PERSON)
    if person.id == actor.id:
        raise PolicyRefused(_("Nobody can reset their own second factor. Ask the other security officer."))
    second_factor.deactivate(person)
    audit.record(actor=actor, verb=AuditVerb.RESET_SECOND_FACTOR, kind="caseworker", object_id=person.id, now=now)
    end_sessions(person.id)
