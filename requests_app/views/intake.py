"""The volunteer's pages. What was typed goes one way: into the vault."""

import uuid
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from caseworker import clock
from caseworker.decorators import SignedInRequest, requires
from caseworker.exceptions import InvalidInput, PolicyRefused
from caseworker.panic import stands_in_panic
from caseworker.permissions import Permission
from caseworker.replay import replayable
from requests_app.actions import intake as actions
from requests_app.forms.intake import CorrectionForm, IntakeForm
from requests_app.models.help_requests import HelpRequest
from requests_app.pages_intake import list_values, receipt_values
from requests_app.queries.intake import own_receipt, own_receipts

CLAIM_CODES = "claim_codes"
CODES_KEPT = 5
WARNED = "warned"


def _keep_claim_code(request: SignedInRequest, receipt: actions.Receipt) -> None:
    """Keep the words in the encrypted session until the receipt shows them once; a repeated form leaves the session alone."""
    if receipt.claim_code:
        codes = list(request.session.get(CLAIM_CODES, {}).items())[-CODES_KEPT + 1 :]
        request.session[CLAIM_CODES] = {**dict(codes), str(receipt.help_request_id): receipt.claim_code}


def _take_claim_code(request: SignedInRequest, request_id: uuid.UUID) -> str:
    """Return the words and forget them."""
    codes = dict(request.session.get(CLAIM_CODES, {}))
    words: str = codes.pop(str(request_id), "")
    if words:
        request.session[CLAIM_CODES] = codes
    return words


def _warnings(request: SignedInRequest, form: IntakeForm | CorrectionForm) -> list[dict[str, Any]]:
    """Return the linter's warnings, once: a form that has been warned passes."""
    return [] if request.POST.get(WARNED) else form.lint_warnings()


def _form_page(
    request: SignedInRequest, template: str, form: IntakeForm | CorrectionForm, **values: Any
) -> HttpResponse:
    context = {"form": form, "warned": bool(values.get("warnings") or request.POST.get(WARNED))} | values
    return render(request, template, context)


@stands_in_panic
@requires(Permission.LOG_REQUEST)
@replayable
@require_http_methods(["GET", "POST"])
def log_request(request: SignedInRequest) -> HttpResponse:
    """Show the one-page form; seal what it brings, and go to the receipt."""
    template = "requests_app/intake/log_request.html"
    if request.method == "GET":
        return _form_page(request, template, IntakeForm(initial={"channel": request.user.last_channel or "unknown"}))
    form = IntakeForm(request.POST)
    if not form.is_valid():
        return _form_page(request, template, form)
    if warnings := _warnings(request, form):
        return _form_page(request, template, form, warnings=warnings)
    try:
        receipt = actions.log_request(form.intake_data(), actor=request.user, now=clock.now())
    except (PolicyRefused, InvalidInput) as refusal:
        form.add_error(None, str(refusal.message))
        return _form_page(request, template, form)
    _keep_claim_code(request, receipt)
    return redirect("request_receipt", receipt.help_request_id)


@stands_in_panic
@requires(Permission.VIEW_OWN_REQUESTS)
@require_GET
def request_receipt(request: SignedInRequest, request_id: uuid.UUID) -> HttpResponse:
    """Show the reference and the day; the claim code only the first time."""
    receipt = own_receipt(request.user, request_id)
    if receipt is None:
        raise Http404
    context = {
        "receipt": receipt_values(receipt),
        "claim_code": _take_claim_code(request, request_id),
        "claim_address": request.build_absolute_uri(reverse("claim")),
    }
    return render(request, "requests_app/intake/receipt.html", context)


@stands_in_panic
@requires(Permission.VIEW_OWN_REQUESTS)
@require_GET
def own_requests(request: SignedInRequest) -> HttpResponse:
    """List the volunteer's own requests, in codes."""
    asked = request.GET.get("page", "1")
    number = int(asked) if asked.isdecimal() and len(asked) <= len("10000") else 1
    return render(
        request, "requests_app/intake/own_requests.html", list_values(own_receipts(request.user, page=number))
    )


@stands_in_panic
@requires(Permission.LOG_REQUEST)
@replayable
@require_http_methods(["GET", "POST"])
def add_correction(request: SignedInRequest, request_id: uuid.UUID) -> HttpResponse:
    """Append a sealed correction to one's own request."""
    help_request = get_object_or_404(HelpRequest.objects.visible_to(request.user), id=request_id)
    template, receipt = "requests_app/intake/correction.html", own_receipt(request.user, request_id)
    values = {"receipt": receipt_values(receipt)} if receipt else {}
    form = CorrectionForm(request.POST or None)
    if request.method == "GET" or not form.is_valid():
        return _form_page(request, template, form, **values)
    if warnings := _warnings(request, form):
        return _form_page(request, template, form, warnings=warnings, **values)
    data = {"safety": form.safety(), "stop_contact": form.cleaned_data["stop_contact"]}
    try:
        actions.add_correction(help_request, form.texts(), actor=request.user, now=clock.now(), **data)
    except PolicyRefused as refusal:
        form.add_error(None, str(refusal.message))
        return _form_page(request, template, form, **values)
    return redirect("request_receipt", request_id)
