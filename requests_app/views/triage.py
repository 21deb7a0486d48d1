"""The page of a request nobody has decided on yet, and the decision."""

import uuid
from collections.abc import Callable, Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from caseworker import clock
from caseworker.decorators import SignedInRequest, requires, unlocked
from caseworker.exceptions import CaseworkError, PolicyRefused, StaleVersion
from caseworker.middleware_errors import log_refusal
from caseworker.permissions import Permission, permits
from caseworker.replay import replayable
from caseworker.vault.keyring import KeyRing
from requests_app import pages
from requests_app.actions import triage as actions
from requests_app.actions.erasure import erase_request
from requests_app.actions.reveals import alert_if_planted
from requests_app.enums import RequestState, TriageDecision
from requests_app.forms.cases import DecisionForm, EraseForm, RevealForm
from requests_app.models.cases import Case
from requests_app.models.help_requests import HelpRequest
from requests_app.queries import cases as queries
from requests_app.queries.connections import other_end
from requests_app.views.revealing import ASKS_WORDS, revealed

SIMPLE: Mapping[str, Callable[..., Any]] = {
    TriageDecision.PROMOTE: actions.promote_request,
    TriageDecision.ADVICE_GIVEN: actions.advise_request,
    TriageDecision.DECLINED: actions.decline_request,
    TriageDecision.DUPLICATE: actions.mark_duplicate,
    TriageDecision.SUSPECTED_PROBE: actions.mark_suspected_probe,
}


def _sealed_values(
    help_request: HelpRequest, opened: Mapping[uuid.UUID, list[pages.Opened]], *, asks_words: bool
) -> dict[str, Any]:
    """Return the contacts and the sealed records, masked but for what was just revealed; nothing of who is paused or locked."""
    case = help_request.case
    if help_request.erasure_due_at is not None or (case is not None and case.locked_on is not None):
        return {"contacts": [], "records": []}
    records = [
        {
            "id": record.id,
            "title": pages.record_title(record),
            "form": RevealForm(initial={"record": record.id}, auto_id=f"reveal-{record.id}-%s"),
            "opened": opened.get(record.id),
            "warning": pages.no_contact_words(case),
            "asks_words": asks_words,
        }
        for record in queries.sealed_records([help_request.id])
    ]
    points = queries.contact_points([help_request])
    return {"contacts": pages.masked_contacts(points, case=case), "records": records}


def _page(
    request: SignedInRequest,
    help_request: HelpRequest,
    *,
    form: DecisionForm | None = None,
    erase_form: EraseForm | None = None,
    opened: dict[uuid.UUID, list[pages.Opened]] | None = None,
    refusal: CaseworkError | None = None,
    status: int = 200,
) -> HttpResponse:
    is_paused = help_request.erasure_due_at is not None
    is_new = help_request.state == RequestState.NEW and not is_paused
    context = {
        "facts": pages.request_facts(help_request),
        **_sealed_values(help_request, opened or {}, asks_words=isinstance(refusal, ASKS_WORDS)),
        "reveal_url": request.path + "reveal/",
        "form": (form or DecisionForm(initial={"had_texts": bool(opened)}))
        if is_new and permits(request.user, Permission.TRIAGE)
        else None,
        "decide_url": request.path + "decide/",
        "erase_form": erase_form or _erase_form(request, help_request),
        "erase_url": request.path + "erase/",
        "is_erased": help_request.erased_on is not None,
        "refusal": refusal.message if refusal else "",
        "is_paused": is_paused,
        "are_hidden_again": form is not None and form.data.get("had_texts") == "True",
    }
    return render(request, "requests_app/triage/request.html", context, status=status)


def _erase_form(request: SignedInRequest, help_request: HelpRequest) -> EraseForm | None:
    """Return the form that erases a request which has no case, for those who may."""
    may = permits(request.user, Permission.ERASE_CASE)
    if not may or help_request.case_id is not None or help_request.erased_on is not None:
        return None
    return EraseForm(initial={"version": help_request.version})


@requires(Permission.VIEW_CASES)
@require_GET
def triage_request(request: SignedInRequest, request_id: uuid.UUID) -> HttpResponse:
    """Show one request in codes, its sealed records masked, and the decisions."""
    return _page(request, queries.request_or_404(request_id, person=request.user, now=clock.now()))


def _joined(request: SignedInRequest, help_request: HelpRequest, reference: str) -> Case:
    """Return the open case that the request is to join; raises ``PolicyRefused`` when there is none."""
    case = queries.open_case_by_reference(reference, person=request.user, now=clock.now())
    alert_if_planted(case, request.user, clock.now())
    if case is None or case.circle_id != help_request.circle_id:
        raise PolicyRefused(_("No open case with this reference in the same circle. Check the reference."))
    return case


def _check_known(request: SignedInRequest, help_request: HelpRequest, reference: str) -> None:
    """Raise ``PolicyRefused`` unless there is another request or a case with this reference that a duplicate may be of."""
    other, there = other_end(reference, person=request.user, now=clock.now())
    alert_if_planted(there, request.user, clock.now())
    if other is None or other.id == help_request.id:
        raise PolicyRefused(_("You see no case and no other request with this reference. Check each character."))


def _asked(request: SignedInRequest, help_request: HelpRequest, case: Case, form: DecisionForm) -> HttpResponse:
    """Show whose case the request would join before it does."""
    owner = case.owner.alias if case.owner else "—"
    said = _("The request joins the case %(codename)s (%(reference)s). Its owner: %(owner)s. Is it this person?")
    confirm = {
        "title": _("Link to this case?"),
        "message": said % {"codename": case.codename, "reference": case.reference, "owner": owner},
        "submit": _("Link to this case"),
        "url": reverse("decide", args=[help_request.id]),
        "cancel_url": reverse("triage_request", args=[help_request.id]),
    }
    return render(request, "components/confirm.html", {"confirm": confirm, "form": form.asked_again(case.id)})


def _run_decision(request: SignedInRequest, help_request: HelpRequest, form: DecisionForm) -> HttpResponse:
    """Carry out the decision, or ask first whose case it is; a promotion or a link leads to the case."""
    data, now = form.cleaned_data, clock.now()
    if data["decision"] == TriageDecision.LINK:
        case = _joined(request, help_request, data["reference"])
        if data["sure"] != case.id:
            return _asked(request, help_request, case, form)
        actions.link_request(help_request, case, actor=request.user, now=now)
        return redirect("case", case.id)
    if data["decision"] == TriageDecision.DUPLICATE:
        _check_known(request, help_request, data["reference"])
    made = SIMPLE[data["decision"]](help_request, actor=request.user, now=now)
    return redirect("case", made.id) if isinstance(made, Case) else redirect("triage_queue")


@replayable
@requires(Permission.TRIAGE)
@require_POST
def decide(request: SignedInRequest, request_id: uuid.UUID) -> HttpResponse:
    """Take a triage decision."""
    help_request = queries.request_or_404(request_id, person=request.user, now=clock.now())
    request.path = request.path.removesuffix("decide/")
    form = DecisionForm(request.POST)
    if not form.is_valid():
        return _page(request, help_request, form=form)
    try:
        return _run_decision(request, help_request, form)
    except (PolicyRefused, StaleVersion) as refusal:
        form.add_error(None, str(refusal.message))
        status = 409 if isinstance(refusal, StaleVersion) else 403
        return _page(
            request,
            queries.request_or_404(request_id, person=request.user, now=clock.now()),
            form=form,
            refusal=refusal,
            status=status,
        )


@requires(Permission.ERASE_CASE)
@require_POST
def erase(request: SignedInRequest, request_id: uuid.UUID) -> HttpResponse:
    """Erase a request that has no case, after its reference was typed."""
    help_request = queries.request_or_404(request_id, person=request.user, now=clock.now())
    request.path = request.path.removesuffix("erase/")
    form, status = EraseForm(request.POST), 200
    if form.is_valid():
        try:
            if form.cleaned_data["reference"] != help_request.reference:
                raise PolicyRefused(_("This is the reference of another request. Nothing was erased."))
            erase_request(help_request, actor=request.user, now=clock.now())
            return redirect("triage_request", request_id)
        except PolicyRefused as refusal:
            form.add_error(None, str(refusal.message))
            status = 403
    return _page(request, help_request, erase_form=form, status=status)


@requires(Permission.REVEAL)
@require_POST
@unlocked
def reveal(request: SignedInRequest, request_id: uuid.UUID, *, keyring: KeyRing) -> HttpResponse:
    """Open one sealed record for this answer only."""
    help_request = queries.request_or_404(request_id, person=request.user, now=clock.now())
    request.path = request.path.removesuffix("reveal/")
    form = RevealForm(request.POST)
    if not form.is_valid():
        return _page(request, help_request, refusal=PolicyRefused(_("Choose a reason for the reveal.")))
    record = queries.record_or_404(form.cleaned_data["record"], owner_ids=[help_request.id])
    try:
        fields = revealed(request, form, record, case=help_request.case, keyring=keyring)
    except PolicyRefused as refusal:
        log_refusal(request, refusal)
        return _page(request, help_request, refusal=refusal, status=403)
    shown = pages.opened_record(fields, queries.points_of(record), help_request.case)
    return _page(request, help_request, opened={record.id: shown})
