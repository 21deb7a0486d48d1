"""Offers to hand a case over: made on the case's page, answered on a page of their own."""

import uuid
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from caseworker import clock
from caseworker.decorators import SignedInRequest, requires, unlocked
from caseworker.exceptions import CaseworkError, PolicyRefused, StaleVersion
from caseworker.models.keys import Circle
from caseworker.permissions import Permission
from caseworker.replay import replayable
from caseworker.vault.keyring import KeyRing
from requests_app.actions import handovers as actions
from requests_app.actions.handovers import Receiver
from requests_app.actions.reveals import alert_if_planted
from requests_app.enums import ReasonCode
from requests_app.forms.handovers import HandoverForm
from requests_app.models.cases import Case
from requests_app.models.handovers import Handover
from requests_app.queries import cases as case_queries
from requests_app.queries import handovers as queries
from requests_app.views.case_parts import submit


def _page(request: SignedInRequest, *, refusal: CaseworkError | None = None, status: int = 200) -> HttpResponse:
    now = clock.now()
    context = {
        "to_me": queries.offers_to(request.user, now=now),
        "by_me": queries.offers_by(request.user, now=now),
        "glass": queries.broken_glass_for(request.user, now=now),
        "refusal": refusal.message if refusal else "",
    }
    return render(request, "requests_app/handovers/list.html", context, status=status)


@requires(Permission.OFFER_HANDOVER)
@require_GET
def handovers(request: SignedInRequest) -> HttpResponse:
    """Show what waits for one's own answer, and what one offered to others."""
    return _page(request)


@replayable
@requires(Permission.OFFER_HANDOVER)
@require_POST
@unlocked
def offer(request: SignedInRequest, case_id: uuid.UUID, *, keyring: KeyRing) -> HttpResponse:
    """Offer the case to somebody, in its circle or in another."""
    case = case_queries.case_or_404(case_id, person=request.user, now=clock.now())
    form = HandoverForm(request.POST, receivers=queries.receivers(request.user))

    def run(found: Case, data: dict[str, Any]) -> object:
        person, circle_id = form.receiver()
        to = Receiver(person, Circle.objects.get(id=circle_id))
        reason = ReasonCode(data["reason"])
        alert_if_planted(found, request.user, clock.now())
        return actions.offer_handover(found, to, reason, keyring=keyring, actor=request.user, now=clock.now())

    return submit(request, case, form, run)


def _offer(handover_id: uuid.UUID, **whose: object) -> Handover:
    offers = Handover.objects.select_related("case", "to_circle")
    found: Handover = get_object_or_404(offers, id=handover_id, **whose)
    return found


@requires(Permission.ANSWER_HANDOVER)
@require_POST
def accept(request: SignedInRequest, handover_id: uuid.UUID) -> HttpResponse:
    """Take the case over and go to it."""
    handover = _offer(handover_id, to_person=request.user)
    try:
        case = actions.accept_handover(handover, actor=request.user, now=clock.now())
    except (PolicyRefused, StaleVersion) as refusal:
        return _page(request, refusal=refusal, status=409)
    return redirect("case", case.id)


@replayable
@requires(Permission.ANSWER_HANDOVER)
@require_POST
def decline(request: SignedInRequest, handover_id: uuid.UUID) -> HttpResponse:
    """Say no."""
    handover = _offer(handover_id, to_person=request.user)
    try:
        actions.decline_handover(handover, actor=request.user, now=clock.now())
    except StaleVersion as refusal:
        return _page(request, refusal=refusal, status=409)
    return redirect("handovers")


@requires(Permission.OFFER_HANDOVER)
@require_POST
def withdraw(request: SignedInRequest, handover_id: uuid.UUID) -> HttpResponse:
    """Take an offer back."""
    mine = {one.id for one in queries.offers_by(request.user, now=clock.now())}
    handover = _offer(handover_id, id__in=mine)
    try:
        actions.withdraw_handover(handover, actor=request.user, now=clock.now())
    except StaleVersion as refusal:
        return _page(request, refusal=refusal, status=409)
    return redirect("handovers")
