"""Hand a case over: offered by one, accepted by another, and only then does it count. An offer that nobody answers returns after a day.

Within a circle only the owner changes: everybody in it holds its key. To another circle the data keys are passed on with the offer, by the
offering member's open keys; when it is accepted the old circle's keys to the case die, and when it is not, those of the new one.
"""

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from caseworker import audit
from caseworker.actions.circle_keys import open_own_grants
from caseworker.enums import AuditVerb, Role
from caseworker.exceptions import PolicyRefused, StaleVersion
from caseworker.key_proofs import is_genuine
from caseworker.models.accounts import Caseworker
from caseworker.models.keys import Circle
from caseworker.permissions import Permission, check
from caseworker.vault.keyring import KeyRing
from requests_app.actions.consequences import give_back_tasks
from requests_app.actions.grants import end_grants_on
from requests_app.actions.stages import claim_version
from requests_app.enums import HandoverState, ReasonCode
from requests_app.models.cases import Case, in_care_of
from requests_app.models.duplicates import DuplicateEntry
from requests_app.models.handovers import Handover
from requests_app.models.help_requests import HelpRequest
from requests_app.policies import can_own, check_not_locked, check_not_paused, check_open, check_reads_circle
from requests_app.queries.cases import owner_ids
from requests_app.sealed import lock_for_sealing
from requests_app.sealed_keys import pass_on_to_circle, take_back_from_circle

ANSWER_WITHIN = dt.timedelta(hours=24)


@dataclass(frozen=True)
class Receiver:
    """Who is asked, and in which of their circles the case would lie."""

    person: Caseworker
    circle: Circle


def _record(handover: Handover, verb: AuditVerb, *, actor: Caseworker | None, now: dt.datetime) -> None:
    audit.record(actor=actor, verb=verb, kind="case", object_id=handover.case_id, now=now)


def _check_may_offer(case: Case, actor: Caseworker, now: dt.datetime) -> None:
    """Refuse somebody who neither answers for the case nor is a lead; a case without an owner is offered by anybody of its circle."""
    answers = Case.objects.filter(in_care_of(actor, now.date()), id=case.id).exists()
    if actor.role != Role.LEAD and case.owner_id is not None and not answers:
        raise PolicyRefused(_("Only the owner or a lead can hand this case over."))


def _check_can_receive(to: Receiver) -> None:
    if not can_own(to.person, to.circle.id):
        raise PolicyRefused(_("A case can be handed only to an active coordinator of the circle."))


def _pass_keys(case: Case, to: Circle, *, keyring: KeyRing | None, actor: Caseworker) -> None:
    """Let the receiving circle's key open the case's records; needs a member of the present circle with open keys."""
    check_reads_circle(case.circle_id, actor)
    if keyring is None:
        raise PolicyRefused(_("Only a member of this circle can do this, with open keys."))
    (active,) = lock_for_sealing([to])
    if not is_genuine(active):
        raise PolicyRefused(
            _("The key of that circle is not genuine. Nothing was handed over: tell the security officer.")
        )
    pass_on_to_circle(owner_ids(case.id), active, seeds=open_own_grants(case.circle_id, keyring))


@transaction.atomic
def offer_handover(
    case: Case, to: Receiver, reason: ReasonCode, *, keyring: KeyRing | None, actor: Caseworker, now: dt.datetime
) -> Handover:
    """Offer *case* to somebody, who has a day to answer; until they accept, nothing changes for the person.

    Raises ``PolicyRefused`` when it is offered already, when *actor* does not answer for it, when *to* cannot read the circle, and, to another
    circle, without the open keys of the present one.
    """
    check(actor, Permission.OFFER_HANDOVER)
    lock_for_sealing([to.circle])
    locked = Case.objects.select_for_update(of=("self",)).get(id=case.id)
    check_open(locked)
    check_not_paused(locked)
    check_not_locked(locked)
    _check_may_offer(locked, actor, now)
    _check_can_receive(to)
    if to.person.id in {actor.id, locked.owner_id}:
        raise PolicyRefused(_("This person has the case already, or is yourself. Choose somebody else."))
    return_overdue(now, case=locked)
    if Handover.objects.waiting(now=now).filter(case=locked).exists():
        raise PolicyRefused(_("The case is offered to somebody already. Withdraw that offer first."))
    if to.circle.id != locked.circle_id:
        _pass_keys(locked, to.circle, keyring=keyring, actor=actor)
    made = Handover.objects.create(
        case=locked,
        offered_by=actor,
        to_person=to.person,
        to_circle=to.circle,
        reason=reason,
        offered_at=now,
        expires_at=now + ANSWER_WITHIN,
    )
    _record(made, AuditVerb.OFFER_HANDOVER, actor=actor, now=now)
    return made


def _answer(handover: Handover, state: HandoverState, now: dt.datetime) -> Case:
    """Write the answer if the offer still stands, and return the case locked; raises ``StaleVersion`` otherwise."""
    case = Case.objects.select_for_update(of=("self",)).get(id=handover.case_id)
    standing = Handover.objects.filter(id=handover.id, state=HandoverState.OFFERED)
    if standing.update(state=state, answered_on=now.date()) != 1:
        raise StaleVersion(_("This offer does not stand any more."))
    handover.state, handover.answered_on = state, now.date()
    return case


@transaction.atomic
def accept_handover(handover: Handover, *, actor: Caseworker, now: dt.datetime) -> Case:
    """Take the case over: *actor* owns it from now on, the deputy and every grant end, and another circle's keys to it die.

    Raises ``StaleVersion`` when the offer was answered, withdrawn or returned, and ``PolicyRefused`` when the receiver cannot read the circle
    any more or the case was closed meanwhile.
    """
    check(actor, Permission.ANSWER_HANDOVER)
    if handover.to_person_id != actor.id or handover.expires_at <= now:
        raise StaleVersion(_("This offer does not stand any more."))
    case = _answer(handover, HandoverState.ACCEPTED, now)
    check_open(case)
    check_reads_circle(handover.to_circle_id, actor)
    owners, before = owner_ids(case.id), case.circle_id
    changes: dict[str, object] = {"owner": actor, "deputy": None, "touched_on": now.date()}
    claim_version(case, case.version, changes | {"circle": handover.to_circle})
    if before != handover.to_circle_id:
        HelpRequest.objects.filter(case=case).update(circle=handover.to_circle)
        take_back_from_circle(owners, before)
        DuplicateEntry.objects.filter(record__owner_id__in=owners).delete()
        end_grants_on(case)
        give_back_tasks(case)
    _record(handover, AuditVerb.ACCEPT_HANDOVER, actor=actor, now=now)
    return case


def _take_back(handover: Handover, case: Case) -> None:
    """Delete what was passed on with an offer that came to nothing."""
    if handover.to_circle_id != case.circle_id:
        take_back_from_circle(owner_ids(case.id), handover.to_circle_id)


@transaction.atomic
def decline_handover(handover: Handover, *, actor: Caseworker, now: dt.datetime) -> None:
    """Say no: the case stays where it is."""
    check(actor, Permission.ANSWER_HANDOVER)
    if handover.to_person_id != actor.id:
        raise StaleVersion(_("This offer does not stand any more."))
    _take_back(handover, _answer(handover, HandoverState.DECLINED, now))
    _record(handover, AuditVerb.DECLINE_HANDOVER, actor=actor, now=now)


@transaction.atomic
def withdraw_handover(handover: Handover, *, actor: Caseworker, now: dt.datetime) -> None:
    """Take one's own offer back; a lead takes back anybody's."""
    check(actor, Permission.OFFER_HANDOVER)
    if actor.role != Role.LEAD and handover.offered_by_id != actor.id:
        raise PolicyRefused(_("Only who offered the case, or a lead, can take the offer back."))
    _take_back(handover, _answer(handover, HandoverState.WITHDRAWN, now))
    _record(handover, AuditVerb.WITHDRAW_HANDOVER, actor=actor, now=now)


@transaction.atomic
def return_handover(handover: Handover, *, actor: Caseworker | None, now: dt.datetime) -> None:
    """Note that nobody answered in time: the case is where it was, and what was passed on is taken back."""
    _take_back(handover, _answer(handover, HandoverState.RETURNED, now))
    _record(handover, AuditVerb.RETURN_HANDOVER, actor=actor, now=now)


def return_overdue(at: dt.datetime, *, case: Case | None = None) -> int:
    """Return every offer whose day is over, or those of one *case*, one transaction each; an answer that came first wins."""
    overdue, returned = Handover.objects.overdue(now=at), 0
    for handover in (overdue.filter(case=case) if case else overdue).order_by("offered_at", "id"):
        try:
            return_handover(handover, actor=None, now=at)
        except StaleVersion:
            continue
        returned += 1
    return returned


def circles_to_seal(case: Case, now: dt.datetime) -> list[Circle]:
    """Return the circles that a new record of *case* is sealed to: its own, and one it is on its way to."""
    waiting = Handover.objects.waiting(now=now).filter(case=case).exclude(to_circle_id=case.circle_id)
    return [case.circle, *(offer.to_circle for offer in waiting.select_related("to_circle"))]
