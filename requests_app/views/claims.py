"""The requester's own page, behind a code of four words: what is held, no more contact, erase me, keep me after all."""

import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from caseworker import clock, throttle
from caseworker.decorators import public
from caseworker.throttle import AttemptsBlocked
from requests_app.actions import claims
from requests_app.forms.claims import ClaimForm
from requests_app.models.help_requests import HelpRequest

CLAIM_KEY = "_claim"
CLAIM_SECONDS = 15 * 60
THROTTLE = ("claim", "everybody")
FREE_FAILURES = 100
"""Wrong codes of all visitors together in five minutes: at that pace 51 bits last for a thousand years."""


def _claimed(request: HttpRequest) -> HelpRequest | None:
    """Return the request that this browser proved a code for, in the last quarter of an hour."""
    request_id, ends = request.session.get(CLAIM_KEY) or (None, 0)
    if request_id is None or time.time() >= ends:
        return None
    return HelpRequest.objects.filter(id=request_id, erased_on__isnull=True).first()


def _found(form: ClaimForm) -> tuple[HelpRequest | claims.ErasureReceipt | None, int]:
    """Return the request of the typed code or the receipt of its erasure, or None and the status; the sentence is then on the form."""
    try:
        throttle.check_not_blocked(*THROTTLE)
    except AttemptsBlocked as blocked:
        form.add_error(None, str(blocked.message))
        return None, 429
    words = form.cleaned_data["words"]
    found = claims.request_of_code(words) or claims.receipt_of_code(words)
    if found is None:
        throttle.record_failure(*THROTTLE, free=FREE_FAILURES)
        form.add_error("words", _("Nothing is kept under this code. Check the four words and their order."))
        return None, 403
    return found, 200


@public
@require_http_methods(["GET", "POST"])
def claim(request: HttpRequest) -> HttpResponse:
    """Ask for the code."""
    form, status = ClaimForm(request.POST or None), 200
    if request.method == "POST" and form.is_valid():
        found, status = _found(form)
        if isinstance(found, claims.ErasureReceipt):
            return render(request, "requests_app/claims/erased.html", {"receipt": found})
        if found is not None:
            request.session.cycle_key()
            request.session[CLAIM_KEY] = [str(found.id), int(time.time()) + CLAIM_SECONDS]
            return redirect("claim_choices")
    return render(request, "requests_app/claims/code.html", {"form": form}, status=status)


@public
@require_GET
def claim_choices(request: HttpRequest) -> HttpResponse:
    """Show what can be done with the code."""
    found = _claimed(request)
    if found is None:
        return redirect("claim")
    return _choices(request, found)


def _choices(request: HttpRequest, found: HelpRequest, **values: object) -> HttpResponse:
    context = {"due_at": found.erasure_due_at, "reference": found.reference} | values
    return render(request, "requests_app/claims/choices.html", context)


def _do(request: HttpRequest, act: Callable[[HelpRequest], object], said: str) -> HttpResponse:
    found = _claimed(request)
    if found is None:
        return redirect("claim")
    result = act(found)
    fresh = HelpRequest.objects.get(id=found.id)
    return _choices(request, fresh, said=said, held=result if isinstance(result, claims.Held) else None)


@public
@require_POST
def claim_held(request: HttpRequest) -> HttpResponse:
    """Answer what is held, in kinds and numbers."""
    return _do(request, lambda found: claims.summarize_held(found, now=clock.now()), "")


@public
@require_POST
def claim_withdraw(request: HttpRequest) -> HttpResponse:
    """Withdraw consent to be contacted."""
    said = _("Nobody will write or call you any more. To be reached again, write to us on your own.")
    return _do(request, lambda found: claims.withdraw_consent(found, now=clock.now()), said)


@public
@require_POST
def claim_erase(request: HttpRequest) -> HttpResponse:
    """Ask for erasure."""
    said = _("Asked. Until then nobody here can open or change anything of yours.")
    return _do(request, lambda found: claims.ask_for_erasure(found, now=clock.now()), said)


@public
@require_POST
def claim_keep(request: HttpRequest) -> HttpResponse:
    """Take the wish back."""
    said = _("Taken back. Nothing is erased, and your request goes on.")
    return _do(request, lambda found: claims.keep_after_all(found, now=clock.now()), said)


@public
@require_POST
def claim_leave(request: HttpRequest) -> HttpResponse:
    """Forget the code in this browser and go to a page that says nothing."""
    request.session.flush()
    return redirect("neutral")
