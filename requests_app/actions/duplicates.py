"""Decide on two requests that have a contact in common. The same contact is not the same person, nor the other way round: people decide."""

import datetime as dt
import uuid
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from caseworker import audit
from caseworker.enums import AuditVerb
from caseworker.exceptions import PolicyRefused, StaleVersion
from caseworker.models.accounts import Caseworker
from caseworker.permissions import Permission, check
from requests_app.actions.linking import keep_together
from requests_app.actions.triage import link_request, mark_duplicate
from requests_app.duplicate_codes import PairDecision
from requests_app.enums import RequestState
from requests_app.models.cases import Case
from requests_app.models.duplicates import DuplicatePair
from requests_app.models.help_requests import HelpRequest


def _check_sees_pair(pair: DuplicatePair, actor: Caseworker, now: dt.datetime) -> None:
    """Raise ``PolicyRefused`` unless *actor* may know of both sides now."""
    if not DuplicatePair.objects.visible_to(actor, now=now).filter(id=pair.id).exists():
        raise PolicyRefused(_("One of these requests is not yours to see any more."))


def _requests_beside(help_request: HelpRequest) -> list[uuid.UUID]:
    """Return the ids of the requests of the same case, or of the one alone."""
    if help_request.case_id is None:
        return [help_request.id]
    return list(HelpRequest.objects.filter(case_id=help_request.case_id).values_list("id", flat=True))


def answer_pairs(
    ones: Sequence[uuid.UUID], others: Sequence[uuid.UUID], decision: PairDecision, *, by: Caseworker, on: dt.date
) -> int:
    """Write *decision* on every undecided pair between the requests of two people; return how many. A part of actions, which audit."""
    between = Q(low__in=ones, high__in=others) | Q(low__in=others, high__in=ones)
    open_ones = DuplicatePair.objects.filter(between, decision="")
    return open_ones.update(decision=decision, decided_by=by, decided_on=on)


@transaction.atomic
def decide_pair(
    pair: DuplicatePair, decision: PairDecision, *, actor: Caseworker, now: dt.datetime
) -> Case | HelpRequest | None:
    """Write down whether a pair is one person, two who belong together, or two; return the case or request that changed, if any.

    "The same person" links a request that waits to the other's case, or sets the later of two that wait aside as a duplicate of the
    earlier one; two cases stay as they are until somebody merges them. "Two who belong together" makes a link between them. "Different" is remembered, so that the pair is not proposed again.
    Raises ``StaleVersion`` when somebody has decided meanwhile, ``PolicyRefused`` when a side is not to be seen or cannot be linked.
    """
    check(actor, Permission.DECIDE_DUPLICATES)
    _check_sees_pair(pair, actor, now)
    both = HelpRequest.objects.select_for_update(of=("self",)).filter(id__in=(pair.low_id, pair.high_id))
    sides = {one.id: one for one in both.order_by("id")}
    low, high = sides[pair.low_id], sides[pair.high_id]
    if not DuplicatePair.objects.filter(id=pair.id, decision="").exists():
        raise StaleVersion(_("Somebody has already decided on this pair."))
    answer_pairs(_requests_beside(low), _requests_beside(high), decision, by=actor, on=now.date())
    if decision is PairDecision.RELATED:
        keep_together(low, high, by=actor, on=now.date())
    changed = _follow(low, high, actor=actor, now=now) if decision is PairDecision.SAME else None
    audit.record(actor=actor, verb=AuditVerb.DECIDE_PAIR, kind="duplicate_pair", object_id=pair.id, now=now)
    return changed


def earlier_first(one: HelpRequest, other: HelpRequest) -> tuple[HelpRequest, HelpRequest]:
    """Return the two in the order in which they came; on the same day by id, so that the order never changes."""
    first, second = sorted((one, other), key=lambda request: (request.received_on, request.id))
    return first, second


def _follow(low: HelpRequest, high: HelpRequest, *, actor: Caseworker, now: dt.datetime) -> Case | HelpRequest | None:
    """Do what "the same person" means for two requests as they stand."""
    waiting = [one for one in (low, high) if one.state == RequestState.NEW]
    cases = [case_id for case_id in (low.case_id, high.case_id) if case_id is not None]
    if len(waiting) == 1 and cases:
        case = Case.objects.get(id=cases[0])
        link_request(waiting[0], case, actor=actor, now=now)
        return case
    if len(waiting) == len((low, high)):
        return mark_duplicate(earlier_first(low, high)[1], actor=actor, now=now)
    return None
