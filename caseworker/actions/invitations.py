"""An invitation lets one person in, once: only they ever see the words that will open their key."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from caseworker import audit, second_factor
from caseworker.actions.circle_keys import leave_circles
from caseworker.actions.people import check_alias_free, check_alias_typed, make_staff_key, new_account, retire_keys
from caseworker.claim_codes import claim_code_fits, new_claim_code
from caseworker.enums import AccountStatus, AuditVerb, Role
from caseworker.exceptions import PolicyRefused
from caseworker.models.accounts import Caseworker, Invitation
from caseworker.models.keys import Circle, StaffKey
from caseworker.panic import everyone_is_locked
from caseworker.permissions import Permission, check
from caseworker.sessions import end_sessions

LIFETIME = dt.timedelta(hours=72)
LAPSED = _("This invitation was used or has lapsed. Ask the security officer for a new one.")


def _new_code(person: Caseworker, now: dt.datetime) -> str:
    """Give *person* a fresh invitation and return its words; an earlier one lapses."""
    code = new_claim_code()
    Invitation.objects.update_or_create(
        person=person, defaults={"code_hash": code.stored, "expires_at": now + LIFETIME}
    )
    return code.words


@transaction.atomic
def invite_person(
    alias: str,
    role: Role,
    *,
    actor: Caseworker,
    now: dt.datetime,
    language: str = "en",
    intake_circle: Circle | None = None,
) -> str:
    """Make an account without a key and return the code to read to its owner; the account opens when they accept.

    Raises ``PolicyRefused`` when the alias is taken.
    """
    check(actor, Permission.ENROL_PERSON)
    check_alias_free(alias)
    person = new_account(alias, role, now.date(), language=language, intake_circle=intake_circle)
    person.status = AccountStatus.INVITED
    person.save(force_insert=True)
    code = _new_code(person, now)
    audit.record(actor=actor, verb=AuditVerb.INVITE_PERSON, kind="caseworker", object_id=person.id, now=now)
    return code


@transaction.atomic
def reset_words(person: Caseworker, *, actor: Caseworker, now: dt.datetime, typed: str = "") -> str:
    """Answer forgotten words: the old key is retired with its grants and second factor, and a new invitation is returned.

    Nothing is readable for the person until a colleague of each circle lets them in again. Circles keep their keys: the forgotten words
    open nothing any more, because what they unwrapped is deleted. Raises ``PolicyRefused`` for oneself, for a suspended account, and for an
    active one unless its alias was *typed*.
    """
    check(actor, Permission.ENROL_PERSON)
    if person.id == actor.id:
        raise PolicyRefused(_("Nobody can do this to themselves. Ask the other security officer."))
    if person.status == AccountStatus.SUSPENDED:
        raise PolicyRefused(_("This account is suspended. Restore it first."))
    if person.status == AccountStatus.ACTIVE:
        check_alias_typed(person, typed)
    leave_circles(person, now=now)
    retire_keys(person, now)
    second_factor.deactivate(person)
    person.status = AccountStatus.INVITED
    person.save(update_fields=["status"])
    code = _new_code(person, now)
    end_sessions(person.id)
    audit.record(actor=actor, verb=AuditVerb.RESET_WORDS, kind="caseworker", object_id=person.id, now=now)
    return code


def invited(alias: str, code: str, at: dt.datetime) -> Caseworker | None:
    """Return the person whose open invitation this is; the same work for names that exist and names that do not."""
    found = Invitation.objects.select_related("person").filter(person__alias__iexact=alias).first()
    fits = claim_code_fits(code, found.code_hash if found else "0" * 64)
    if found is None or not fits or found.expires_at <= at or found.person.status != AccountStatus.INVITED:
        return None
    return found.person


@transaction.atomic
def accept_invitation(actor: Caseworker, words: str, *, now: dt.datetime, code_hash: str | None = None) -> StaffKey:
    """Make the person's key under *words*, which were shown to them alone, and open the account.

    *code_hash* is that of the code which was typed: a newer invitation takes its place from one that somebody else began to use.
    Raises ``PolicyRefused`` when the invitation was used or lapsed meanwhile, and, in the same words, while everyone is locked out: one
    officer alone must not be able to make a second one. The invitation then stays.
    """
    if everyone_is_locked():
        raise PolicyRefused(LAPSED)
    standing = Invitation.objects.filter(person=actor, expires_at__gt=now)
    used, _rows = (standing.filter(code_hash=code_hash) if code_hash else standing).delete()
    if not used:
        raise PolicyRefused(LAPSED)
    generation = StaffKey.objects.filter(person=actor).count() + 1
    staff_key = make_staff_key(actor, words, generation=generation)
    actor.status = AccountStatus.ACTIVE
    actor.save(update_fields=["status"])
    audit.record(actor=actor, verb=AuditVerb.ACCEPT_INVITATION, kind="caseworker", object_id=actor.id, now=now)
    return staff_key
