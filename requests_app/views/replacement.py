"""Replacing recovery sheets: the officer prepares and retires, the members seal anew."""

import uuid

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from caseworker import clock
from caseworker.decorators import SignedInRequest, requires, unlocked
from caseworker.exceptions import PolicyRefused
from caseworker.models.keys import Circle
from caseworker.permissions import Permission
from caseworker.queries_keys import circle_lines, circles_seen_by
from caseworker.step_up import typed_own_words
from caseworker.unlocking import ring_in
from caseworker.vault.keyring import KeyRing
from requests_app.actions import replacement as actions
from requests_app.actions.recovery import export_bundle, order_reseal
from requests_app.forms.recovery import NewSheetForm, RetireForm
from requests_app.queries.recovery import replacement_state, resealings
from requests_app.views.circles import PATIENCE


def _page(request: SignedInRequest, *, new: forms.Form | None = None, retire: forms.Form | None = None) -> HttpResponse:
    context = {
        "state": replacement_state(),
        "form": new or retire,
        "new_form": new or NewSheetForm(auto_id="new-%s"),
        "retire_form": retire or RetireForm(auto_id="retire-%s"),
    }
    return render(request, "requests_app/recovery/keys.html", context)


@requires(Permission.RECOVER)
@require_GET
def replacement(request: SignedInRequest) -> HttpResponse:
    """Show how far the sheets are replaced, and what is next."""
    return _page(request)


@requires(Permission.RECOVER)
@require_POST
def prepare(request: SignedInRequest) -> HttpResponse:
    """Keep the public half of a new sheet."""
    form = NewSheetForm(request.POST, request.FILES, auto_id="new-%s")
    if form.is_valid() and typed_own_words(request, form, request.user.alias):
        data = form.cleaned_data
        try:
            actions.prepare_recovery_key(data["file"], data["fingerprint"], actor=request.user, now=clock.now())
        except PolicyRefused as refusal:
            form.add_error("file", str(refusal.message))
        else:
            return redirect("recovery_keys")
    return _page(request, new=form)


@requires(Permission.RECOVER)
@require_POST
def export_archived(request: SignedInRequest) -> HttpResponse:
    """Ask the old sheets to move the next archived records to the new ones."""
    made = export_bundle(order_reseal(), actor=request.user, now=clock.now())
    return redirect("recovery_request", made.id)


@requires(Permission.RECOVER)
@require_POST
def retire(request: SignedInRequest) -> HttpResponse:
    """Retire the old keys."""
    form = RetireForm(request.POST, auto_id="retire-%s")
    if form.is_valid() and typed_own_words(request, form, request.user.alias):
        accept = form.cleaned_data["accept_loss"]
        try:
            actions.retire_recovery_keys(accept_loss=accept, actor=request.user, now=clock.now())
        except PolicyRefused as refusal:
            form.add_error("accept_loss", str(refusal.message))
        else:
            return redirect("recovery")
    return _page(request, retire=form)


@requires(Permission.RENEW_CIRCLE)
@require_http_methods(["GET", "POST"])
def reseal(request: SignedInRequest, circle_id: uuid.UUID) -> HttpResponse:
    """Show how far the records are sealed to the new sheets; a press goes on with those of one circle."""
    circle = get_object_or_404(circles_seen_by(request.user), id=circle_id)
    if request.method == "POST":
        return _reseal(request, circle)  # type: ignore[call-arg]
    lines = [line for line in circle_lines(request.user) if line.id == circle.id]
    context = {
        "circle": circle.name,
        "resealing": resealings(lines).get(circle.id),
        "is_unlocked": ring_in(request.session) is not None,
    }
    return render(request, "requests_app/recovery/reseal.html", context)


@unlocked
def _reseal(request: SignedInRequest, circle: Circle, *, keyring: KeyRing) -> HttpResponse:
    actions.reseal_for(PATIENCE, circle, keyring=keyring, member=request.user, at=clock.now())
    return redirect("reseal_circle", circle.id)
