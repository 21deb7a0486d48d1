"""People come, change and go: an account is an alias, a role and a key pair that only its owner's words unlock."""

import datetime as dt
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from caseworker import audit, second_factor
from caseworker.actions.circle_keys import withdraw_from_all
from caseworker.enums import AccountStatus, AuditVerb, Role
from caseworker.exceptions import PolicyRefused
from caseworker.models.accounts import Caseworker, Invitation
from caseworker.models.keys import Circle, StaffKey
from caseworker.permissions import Permission, check
from caseworker.queries_keys import is_last_reader
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


def wrapping_under(words: str, seed: bytes, *, key_id: uuid.UUID, public_key: bytes) -> dict[str, Any]:
    """Return the columns that wrap *seed* under *words*: a fresh salt, the cost, the verifier and the wrapped seed."""
    salt, cost = secrets.token_bytes(SALT_BYTES), configured_cost()
    root = derive_root(words, salt=salt, cost=cost)
    wrapped = wrapping.wrap(seed, key=root.kek, associated_data=ctx("staff-seed", key_id, public_key))
    return {"salt": salt, "verifier": root.verifier, "wrapped_seed": wrapped} | cost._asdict()


def make_staff_key(person: Caseworker, words: str, *, generation: int = 1) -> StaffKey:
    """Make a key pair for *person*, wrap its seed under *words*, and store it; the seed itself is dropped."""
    pair, key_id = sealing.generate_key_pair(), uuid.uuid4()
    return StaffKey.objects.create(
        id=key_id,
        person=person,
        generation=generation,
        suite=pair.suite,
        public_key=pair.public_key,
        **wrapping_under(words, pair.seed, key_id=key_id, public_key=pair.public_key),
    )


def retire_keys(person: Caseworker, at: dt.datetime) -> None:
    """Retire the present key and wipe what the words opened: the row stays as the number of a generation, and holds no seed."""
    StaffKey.objects.filter(person=person, retired_at__isnull=True).update(
        retired_at=at, wrapped_seed=b"", verifier=b"", salt=b""
    )


def check_alias_free(alias: str) -> None:
    """Raise ``PolicyRefused`` when the alias is taken, in any spelling of capitals."""
    if Caseworker.objects.filter(alias__iexact=alias).exists():
        raise PolicyRefused(_("This alias is taken. Choose another."))


def new_account(
    alias: str,
    role: Role,
    on: dt.date,
    *,
    language: str = "en",
    time_zone: str = "UTC",
    intake_circle: Circle | None = None,
) -> Caseworker:
    """Return an unsaved account that no password opens."""
    person = Caseworker(
        alias=alias, role=role, language=language, time_zone=time_zone, intake_circle=intake_circle, created_on=on
    )
    person.set_unusable_password()
    return person


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
    """Create an account and its key pair at once, for founding and for the demo; everybody later comes by an invitation.

    Words are generated (77 bits); a caller passes its own only for the demo, whose words are printed anyway. Raises ``PolicyRefused``
    when the alias is taken.
    """
    if actor is not None:
        check(actor, Permission.ENROL_PERSON)
    check_alias_free(alias)
    person = new_account(alias, role, now.date(), language=language, time_zone=time_zone, intake_circle=intake_circle)
    person.save(force_insert=True)
    chosen = words or generate_words()
    staff_key = make_staff_key(person, chosen)
    audit.record(actor=actor, verb=AuditVerb.ENROL_PERSON, kind="caseworker", object_id=person.id, now=now)
    return Enrolment(person, staff_key, chosen)


def check_alias_typed(person: Caseworker, typed: str) -> None:
    """Raise ``PolicyRefused`` unless *typed* is the alias of *person*: what follows cannot be taken back."""
    if not person.is_called(typed):
        raise PolicyRefused(_("Type the alias of this person first: this cannot be taken back. Nothing was changed."))


def _check_readers_stay(person: Caseworker, typed: str) -> None:
    if is_last_reader(person):
        check_alias_typed(person, typed)


def _check_other(person: Caseworker, actor: Caseworker) -> None:
    if person.id == actor.id:
        raise PolicyRefused(_("Nobody can do this to themselves. Ask the other security officer."))


@transaction.atomic
def suspend_person(person: Caseworker, *, actor: Caseworker, now: dt.datetime, typed: str = "") -> list[Circle]:
    """Stop *person* from signing in, end their sessions at once, and take them out of their circles, which get new keys.

    Returns those circles. The words stay: a restored person signs in as before, and a member of each circle lets them in again. Raises
    ``PolicyRefused`` for oneself, for an account that is not active, and for the last reader of a circle unless their alias was *typed*.
    """
    check(actor, Permission.SUSPEND_PERSON)
    _check_other(person, actor)
    if person.status != AccountStatus.ACTIVE:
        raise PolicyRefused(_("This account is not active."))
    _check_readers_stay(person, typed)
    person.status = AccountStatus.SUSPENDED
    person.save(update_fields=["status"])
    circles = withdraw_from_all(person, by=actor, now=now)
    audit.record(actor=actor, verb=AuditVerb.SUSPEND_PERSON, kind="caseworker", object_id=person.id, now=now)
    end_sessions(person.id)
    return circles


@transaction.atomic
def record_leaving(person: Caseworker, *, actor: Caseworker, now: dt.datetime, typed: str = "") -> list[Circle]:
    """Note that *person* has left: their key and second factor are gone, and their circles, which are returned, get new keys.

    Raises ``PolicyRefused`` for oneself, for somebody who has left, and unless their alias was *typed*.
    """
    check(actor, Permission.SUSPEND_PERSON)
    _check_other(person, actor)
    if person.status == AccountStatus.LEFT:
        raise PolicyRefused(_("This person has left already."))
    check_alias_typed(person, typed)
    person.status = AccountStatus.LEFT
    person.save(update_fields=["status"])
    circles = withdraw_from_all(person, by=actor, now=now)
    retire_keys(person, now)
    second_factor.deactivate(person)
    Invitation.objects.filter(person=person).delete()
    audit.record(actor=actor, verb=AuditVerb.RECORD_LEAVING, kind="caseworker", object_id=person.id, now=now)
    end_sessions(person.id)
    return circles


@transaction.atomic
def change_role(
    person: Caseworker,
    role: Role,
    *,
    intake_circle: Circle | None,
    actor: Caseworker,
    now: dt.datetime,
    typed: str = "",
) -> list[Circle]:
    """Give *person* another role: roles are disjoint, so their sessions end, and they leave their circles, which are returned.

    Raises ``PolicyRefused`` for oneself, for the same role, and for the last reader of a circle unless their alias was *typed*.
    """
    check(actor, Permission.CHANGE_ROLE)
    _check_other(person, actor)
    if person.role == role:
        raise PolicyRefused(_("The person has this role already."))
    _check_readers_stay(person, typed)
    person.role, person.intake_circle = role, intake_circle
    person.save(update_fields=["role", "intake_circle"])
    circles = withdraw_from_all(person, by=actor, now=now)
    audit.record(actor=actor, verb=AuditVerb.CHANGE_ROLE, kind="caseworker", object_id=person.id, now=now)
    end_sessions(person.id)
    return circles


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
    person: Caseworker,
    *,
    language: str,
    time_zone: str,
    uses_shortcuts: bool,
    actor: Caseworker,
    now: dt.datetime,
) -> Caseworker:
    """Keep the person's own choice of language and time zone, and whether their pages run the script with the keys."""
    check(actor, Permission.OWN_ACCOUNT)
    person.language, person.time_zone, person.uses_shortcuts = language, time_zone, uses_shortcuts
    person.save(update_fields=["language", "time_zone", "uses_shortcuts"])
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
    _check_other(person, actor)
    second_factor.deactivate(person)
    audit.record(actor=actor, verb=AuditVerb.RESET_SECOND_FACTOR, kind="caseworker", object_id=person.id, now=now)
    end_sessions(person.id)
