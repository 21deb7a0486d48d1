"""What people agreed to. No record is no consent; a newer answer replaces an older one; withdrawing stops what stood on it."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from caseworker import audit
from caseworker.enums import AuditVerb
from caseworker.exceptions import PolicyRefused, StaleVersion
from caseworker.models.accounts import Caseworker
from caseworker.permissions import Permission, check
from requests_app.connection_codes import (
    ENDLESS,
    STANDING,
    AssetKind,
    ConsentDecision,
    ConsentScope,
    ConsentWay,
    ReferralState,
)
from requests_app.models.cases import Case
from requests_app.models.connections import Asset, Consent, ConsentQuerySet, Referral
from requests_app.models.help_requests import HelpRequest
from requests_app.policies import check_touchable

WORDING = 1
"""Version of the sentences that people are asked; raised when docs/how-to/referrals.md changes them."""
LONGEST = dt.timedelta(days=366)


@dataclass(frozen=True)
class Answer:
    """What was asked, what was said, how, and until when it counts."""

    scope: ConsentScope
    decision: ConsentDecision
    way: ConsentWay = ConsentWay.UNKNOWN
    until: dt.date | None = None
    partner: Asset | None = None


def first_consent(help_request: HelpRequest, way: ConsentWay, *, by: Caseworker | None, on: dt.date) -> Consent:
    """Return the unsaved record of what everybody agrees to at intake: that what they told is kept. A part of actions, which audit."""
    return Consent(
        help_request=help_request,
        scope=ConsentScope.KEEP,
        decision=ConsentDecision.GIVEN,
        way=way,
        wording=WORDING,
        recorded_by=by,
        given_on=on,
    )


def consents_of(requests: Sequence[HelpRequest]) -> ConsentQuerySet:
    """Return the consents of one person: of their requests and of the cases these led to."""
    cases = {one.case_id for one in requests if one.case_id}
    return Consent.objects.filter(Q(help_request__in=requests) | Q(case__in=cases))


def stop_consents(consents: ConsentQuerySet, now: dt.datetime) -> int:
    """Write down that *consents* are withdrawn, and recall what partners still have of them; return how many referrals. A part of actions."""
    ids = list(consents.filter(decision=ConsentDecision.GIVEN, withdrawn_on__isnull=True).values_list("id", flat=True))
    Consent.objects.filter(id__in=ids).update(withdrawn_on=now.date())
    standing = Referral.objects.filter(consent__in=ids, state__in=STANDING)
    return standing.update(state=ReferralState.RECALLED, answered_on=now.date())


def _check_answer(answer: Answer, case: Case, now: dt.datetime) -> None:
    """Refuse a partner where none belongs, or none where one does, and a day that is over or too far."""
    is_referral = answer.scope is ConsentScope.REFERRAL
    if is_referral != (answer.partner is not None):
        raise PolicyRefused(_("Name the partner for a referral, and only for a referral."))
    if answer.partner and (answer.partner.kind != AssetKind.PARTNER or answer.partner.circle_id != case.circle_id):
        raise PolicyRefused(_("This is no partner of the case's circle."))
    if answer.decision is ConsentDecision.REFUSED or answer.scope in ENDLESS:
        return
    if answer.until is None or not now.date() <= answer.until <= now.date() + LONGEST:
        raise PolicyRefused(_("Say until when it counts: a day within the next year."))


@transaction.atomic
def record_consent(case: Case, answer: Answer, *, actor: Caseworker, now: dt.datetime) -> Consent:
    """Record an answer; what was answered to the same question before is replaced. A refusal withdraws it, and what stood on it stops.

    Raises ``PolicyRefused`` for an answer that does not fit, and for somebody who does not want to be kept: they are erased instead.
    """
    check(actor, Permission.WORK_CASE)
    check_touchable(case)
    _check_answer(answer, case, now)
    is_refusal = answer.decision is ConsentDecision.REFUSED
    if is_refusal and answer.scope is ConsentScope.KEEP:
        raise PolicyRefused(_("Whoever does not want to be kept is erased: by their claim code, or by a lead."))
    Case.objects.select_for_update(of=("self",)).get(id=case.id)
    same = Consent.objects.of(case).filter(scope=answer.scope, partner=answer.partner, replaced_on__isnull=True)
    earlier = list(same.values_list("id", flat=True))
    if is_refusal:
        stop_consents(same, now)
    made = Consent.objects.create(
        case=case,
        scope=answer.scope,
        partner=answer.partner,
        decision=answer.decision,
        way=answer.way,
        wording=WORDING,
        recorded_by=actor,
        given_on=now.date(),
        until=None if is_refusal or answer.scope in ENDLESS else answer.until,
    )
    Consent.objects.filter(id__in=earlier).update(replaced_on=now.date())
    if not is_refusal:
        Referral.objects.filter(consent__in=earlier, state__in=STANDING).update(consent=made)
    audit.record(actor=actor, verb=AuditVerb.RECORD_CONSENT, kind="case", object_id=case.id, now=now)
    return made


def settle_answers(case: Case, now: dt.datetime) -> None:
    """Let one answer to each question stand when those of two cases have come together: the latest, and of one day the refusal.

    A part of an action. What stood on an answer that gave way goes on under the latest one, or stops when that is a refusal or was withdrawn.
    """
    asked: dict[tuple[str, object], list[Consent]] = {}
    for answer in Consent.objects.filter(case=case, replaced_on__isnull=True).order_by("given_on", "id"):
        asked.setdefault((answer.scope, answer.partner_id), []).append(answer)
    for answers in asked.values():
        last = max(answers, key=lambda one: (one.given_on, one.decision == ConsentDecision.REFUSED))
        earlier = [one.id for one in answers if one.id != last.id]
        if last.decision == ConsentDecision.REFUSED or last.withdrawn_on is not None:
            stop_consents(Consent.objects.filter(id__in=earlier), now)
        else:
            Referral.objects.filter(consent__in=earlier, state__in=STANDING).update(consent=last)
        Consent.objects.filter(id__in=earlier).update(replaced_on=now.date())


@transaction.atomic
def withdraw_one(consent: Consent, *, case: Case, actor: Caseworker, now: dt.datetime) -> int:
    """Record that a consent was withdrawn; return how many referrals were recalled. Raises ``StaleVersion`` when it does not stand any more."""
    check(actor, Permission.WORK_CASE)
    check_touchable(case)
    if consent.scope == ConsentScope.KEEP:
        raise PolicyRefused(_("Whoever does not want to be kept is erased: by their claim code, or by a lead."))
    Case.objects.select_for_update(of=("self",)).get(id=case.id)
    standing = Consent.objects.of(case).standing().filter(scope=consent.scope, partner=consent.partner)
    if not standing.filter(id=consent.id).exists():
        raise StaleVersion
    recalled = stop_consents(standing, now)
    audit.record(actor=actor, verb=AuditVerb.END_CONSENT, kind="case", object_id=case.id, now=now)
    return recalled
