"""Locking oneself everywhere, locking everyone, and letting everyone in again."""

from django.contrib.auth import logout
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from caseworker import clock
from caseworker.actions import panic, sessions
from caseworker.decorators import SignedInRequest, requires, works_locked
from caseworker.exceptions import PolicyRefused
from caseworker.forms.panic import LiftForm
from caseworker.panic import stands_in_panic
from caseworker.permissions import Permission
from caseworker.queries_panic import few_officers, panic_page
from caseworker.step_up import typed_own_words


@stands_in_panic
@works_locked
@requires(Permission.OWN_ACCOUNT)
@require_POST
def lock_everywhere(request: SignedInRequest) -> HttpResponse:
    """End every session of one's own, on this and on every other machine."""
    sessions.lock_everywhere(request, actor=request.user, now=clock.now())
    return redirect("sign_in")


@stands_in_panic
@requires(Permission.LOCK_EVERYONE)
@require_http_methods(["GET", "POST"])
def lock_everyone(request: SignedInRequest) -> HttpResponse:
    """Ask once more, then lock everyone out, oneself included. Words are not asked for: this must be quick."""
    if request.method == "POST":
        panic.lock_everyone(actor=request.user, now=clock.now())
        logout(request)
        return render(request, "caseworker/locked_out.html")
    message = _(
        "Everybody but volunteers is signed out at once, you too, and cannot come back until two security officers lift it."
        " Requests can still be logged. Your alias is written down."
    )
    confirm = {
        "title": _("Lock everyone"),
        "message": f"{message} {few_officers(viewer=request.user)}".strip(),
        "submit": _("Lock everyone now"),
        "cancel_url": reverse("home"),
        "tone": "alert",
    }
    return render(request, "components/confirm.html", {"confirm": confirm})


@stands_in_panic
@requires(Permission.UNLOCK_EVERYONE)
@require_http_methods(["GET", "POST"])
def unlock_everyone(request: SignedInRequest) -> HttpResponse:
    """Propose to let everyone in again, or confirm what another officer proposed; one's words are asked for each time."""
    form, now = LiftForm(request.POST or None), clock.now()
    page = panic_page(viewer=request.user, at=now)
    if request.method == "POST" and form.is_valid() and typed_own_words(request, form, request.user.alias):
        act = panic.unlock_everyone if page.is_mine_to_confirm else panic.propose_unlock
        try:
            act(actor=request.user, now=now)
            return redirect("unlock_everyone")
        except PolicyRefused as refusal:
            form.add_error(None, str(refusal.message))
    return render(
        request,
        "caseworker/unlock_everyone.html",
        {"form": form, "panic": page, "few": few_officers(viewer=request.user)},
    )
