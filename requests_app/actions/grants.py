"""Access of one person to one case for a while: codes, or texts too; renewed, ended, and taken in an emergency.

A grant that opens texts has two hands: a lead gives it, and a member of the circle, with open keys and after comparing the fingerprint aloud,
passes the data keys on. When it ends, the data keys are deleted, not only the row. A lead who breaks the glass sees what a border hides, for
three hours; the owner is told, and the texts still need a member's hand (docs/adr/0006-broken-glass.md).
"""

import datetime as dt
import uuid

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from caseworker import audit
from caseworker.actions.circle_keys import open_own_grants
from caseworker.enums import AccountStatus, AuditVerb, Role
from caseworker.exceptions import PolicyRefused
from caseworker.models.accounts import Caseworker
from caseworker.models.keys import StaffKey
from caseworker.permissions import Permission, check
from caseworker.vault.keyring import KeyRing
from caseworker.vault.sealing import fingerprint
from requests_app.enums import GrantScope, ReasonCode
from requests_app.models.access import AccessGrant
from requests_app.models.cases import Case
from requests_app.policies import (
    check_grantable,
    check_not_locked,
    check_not_paused,
    check_open,
    check_reads_circle,
    reads_circle,
)
from requests_app.queries.cases import owner_ids
from requests_app.sealed_keys import extend_keys, pass_on_to_person, take_back_from_people

LONGEST_GRANT = dt.timedelta(days=60)
BROKEN_GLASS = dt.timedelta(hours=3)
RENEWED_FOR = dt.timedelta(days=14)


def _record(case_id: uuid.UUID, verb: AuditVerb, *, actor: Caseworker | None, now: dt.datetime) -> None:
    audit.record(actor=actor, verb=verb, kind="case", object_id=case_id, now=now)


def _check_until(until: dt.datetime, now: dt.datetime) -> None:
    if not now < until <= now + LONGEST_GRANT:
        raise PolicyRefused(_("A grant ends within 60 days. Choose an earlier day."))


@transaction.atomic
def grant_access(
    case: Case,
    person: Caseworker,
    *,
    until: dt.datetime,
    reason: ReasonCode,
    actor: Caseworker,
    now: dt.datetime,
    scope: GrantScope = GrantScope.CODED,
) -> AccessGrant:
    """Let *person* see one case until a moment at most 60 days away; never oneself.

    With ``GrantScope.CONTENT`` a member of the circle may then hand the keys to its texts over; until that is done it opens codes only.
    Refused while the person is detained or the case compromised.
    """
    check(actor, Permission.GRANT_ACCESS)
    check_not_locked(case)
    check_grantable(case)
    if person.id == actor.id:
        raise PolicyRefused(_("Nobody grants access to themselves. Ask another lead."))
    if reads_circle(case.circle_id, person) or (person.role == Role.LEAD and scope == GrantScope.CODED):
        raise PolicyRefused(_("This person sees the case already: they are a lead, or a member of its circle."))
    _check_until(until, now)
    grant = AccessGrant.objects.create(
        case=case, person=person, scope=scope, granted_by=actor, reason=reason, expires_at=until
    )
    _record(case.id, AuditVerb.GRANT_ACCESS, actor=actor, now=now)
    return grant


@transaction.atomic
def renew_grant(grant: AccessGrant, *, until: dt.datetime, actor: Caseworker, now: dt.datetime) -> AccessGrant:
    """Let a grant that has not ended go on, its data keys too, until a moment at most 60 days away."""
    check(actor, Permission.GRANT_ACCESS)
    check_not_locked(grant.case)
    _check_until(until, now)
    if grant.expires_at <= now or grant.scope == GrantScope.BREAK_GLASS or grant.person_id == actor.id:
        raise PolicyRefused(_("This access cannot be renewed. Grant it anew."))
    grant.expires_at = until
    grant.save(update_fields=["expires_at"])
    if grant.scope == GrantScope.CONTENT:
        owners, keys = owner_ids(grant.case_id), StaffKey.objects.filter(person_id=grant.person_id)
        extend_keys(owners, keys, expires_at=until)
    _record(grant.case_id, AuditVerb.RENEW_GRANT, actor=actor, now=now)
    return grant


@transaction.atomic
def end_grant(grant: AccessGrant, *, actor: Caseworker, now: dt.datetime) -> None:
    """End access before its time: the row and the data keys go together."""
    check(actor, Permission.GRANT_ACCESS)
    case_id = grant.case_id
    take_back_from_people([grant.person_id], owner_ids(case_id))
    grant.delete()
    _record(case_id, AuditVerb.END_GRANT, actor=actor, now=now)


def end_grants_on(case: Case, *, keep: tuple[uuid.UUID, ...] = ()) -> None:
    """End every access to *case* but that of the people in *keep*, with its data keys. Part of an action, which audits."""
    ended = AccessGrant.objects.filter(case=case).exclude(person_id__in=keep)
    take_back_from_people(list(ended.values_list("person_id", flat=True)), owner_ids(case.id))
    ended.delete()


def end_grants_of(person: Caseworker, _now: dt.datetime) -> None:
    """End everything that was given to *person* alone: called when they leave all circles at once."""
    take_back_from_people([person.id])
    AccessGrant.objects.filter(person=person).delete()


@transaction.atomic
def hand_keys(grant: AccessGrant, *, compared: str, keyring: KeyRing, actor: Caseworker, now: dt.datetime) -> int:
    """Pass the data keys of the case's records on to the grantee's own key until the grant ends; return how many were new.

    *compared* is the fingerprint that was read aloud. Raises ``PolicyRefused`` when the key that stands in the tables is another one, when
    the grant opens codes only or has ended, and for somebody outside the circle.
    """
    check(actor, Permission.HAND_KEYS)
    case = Case.objects.get(id=grant.case_id)
    check_not_paused(case)
    check_not_locked(case)
    check_reads_circle(case.circle_id, actor)
    if grant.scope == GrantScope.CODED or grant.expires_at <= now or grant.person_id == actor.id:
        raise PolicyRefused(_("This access does not open texts, or it has ended."))
    staff_key = StaffKey.objects.filter(person_id=grant.person_id, retired_at__isnull=True).first()
    if staff_key is None or grant.person.status != AccountStatus.ACTIVE:
        raise PolicyRefused(_("This person has no key at the moment."))
    if compared != fingerprint(staff_key.suite, bytes(staff_key.public_key)):
        raise PolicyRefused(
            _(
                "The key is not the one whose fingerprint you compared. Nothing was handed over: tell the security officer."
            )
        )
    seeds = open_own_grants(case.circle_id, keyring)
    made = pass_on_to_person(owner_ids(case.id), staff_key, seeds=seeds, expires_at=grant.expires_at)
    _record(case.id, AuditVerb.HAND_KEYS, actor=actor, now=now)
    return made


@transaction.atomic
def break_glass(
    case: Case, reason: ReasonCode, *, actor: Caseworker, now: dt.datetime, for_texts: bool = False
) -> AccessGrant:
    """Take access to a case in an emergency, for three hours, with a reason; its owner is told.

    It opens what a border hides, and lets a member of the circle hand the keys over; it opens no text by itself. Where the actor sees the
    case already, only *for_texts* makes sense of it.
    """
    check(actor, Permission.BREAK_GLASS)
    check_open(case)
    check_not_paused(case)
    check_not_locked(case)
    if AccessGrant.objects.live(now=now).broken_glass().filter(case=case, person=actor).exists():
        raise PolicyRefused(_("The glass is broken already. Wait until the three hours are over."))
    if not for_texts and Case.objects.visible_to(actor, now=now).filter(id=case.id).exists():
        raise PolicyRefused(_("You see this case already. Break the glass only if a member is to hand you its texts."))
    grant = AccessGrant.objects.create(
        case=case,
        person=actor,
        scope=GrantScope.BREAK_GLASS,
        granted_by=actor,
        reason=reason,
        expires_at=now + BROKEN_GLASS,
    )
    _record(case.id, AuditVerb.BREAK_GLASS, actor=actor, now=now)
    return grant


@transaction.atomic
def see_broken_glass(grant: AccessGrant, *, actor: Caseworker, now: dt.datetime) -> None:
    """Note that the owner, or whoever answers for them, has seen that somebody broke the glass."""
    check(actor, Permission.WORK_CASE)
    seen = AccessGrant.objects.broken_glass().filter(id=grant.id, seen_by_owner_on__isnull=True)
    if seen.exclude(person=actor).update(seen_by_owner_on=now.date()) != 1:
        raise PolicyRefused(_("There is nothing to take note of."))
    _record(grant.case_id, AuditVerb.SEE_BROKEN_GLASS, actor=actor, now=now)
