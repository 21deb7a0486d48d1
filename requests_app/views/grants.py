"""Access of one person to one case: keys handed over, renewed, ended; and the glass broken in an emergency."""

import uuid

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from caseworker import clock
from caseworker.decorators import SignedInRequest, requires, unlocked
from caseworker.exceptions import PolicyRefused
from caseworker.permissions import Permission
from caseworker.queries_keys import key_line
from caseworker.vault.keyring import KeyRing
from requests_app.actions import grants as actions
from requests_app.actions.reveals import alert_if_planted
from requests_app.enums import ReasonCode
from requests_app.forms.handovers import GlassForm, HandKeysForm
from requests_app.models.access import AccessGrant
from requests_app.models.cases import Case
from requests_app.queries import handovers as queries
from requests_app.queries.cases import case_with_reference


def _grant(request: SignedInRequest, grant_id: uuid.UUID) -> AccessGrant:
    found = queries.grant_visible_to(request.user, grant_id, now=clock.now())
    if found is None:
        raise Http404
    return found


@requires(Permission.HAND_KEYS)
@require_http_methods(["GET", "POST"])
@unlocked
def hand_keys(request: SignedInRequest, grant_id: uuid.UUID, *, keyring: KeyRing) -> HttpResponse:
    """Show whose fingerprint to compare, and pass the keys on once it was said that it was compared."""
    grant, form = _grant(request, grant_id), HandKeysForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        alert_if_planted(grant.case, request.user, clock.now())
        compared = form.cleaned_data["fingerprint"].replace(" ", "")
        try:
            actions.hand_keys(grant, compared=compared, keyring=keyring, actor=request.user, now=clock.now())
            return redirect("case", grant.case_id)
        except PolicyRefused as refusal:
            form.add_error(None, str(refusal.message))
    context = {"grant": grant, "form": form, "line": key_line(grant.person, viewer=request.user)}
    return render(request, "requests_app/handovers/keys.html", context)


@requires(Permission.GRANT_ACCESS)
@require_POST
def renew(request: SignedInRequest, grant_id: uuid.UUID) -> HttpResponse:
    """Let access go on for fourteen days from now."""
    grant, now = _grant(request, grant_id), clock.now()
    alert_if_planted(grant.case, request.user, now)
    actions.renew_grant(grant, until=now + actions.RENEWED_FOR, actor=request.user, now=now)
    return redirect("case", grant.case_id)


@requires(Permission.GRANT_ACCESS)
@require_POST
def end(request: SignedInRequest, grant_id: uuid.UUID) -> HttpResponse:
    """End access at once, keys and all."""
    grant = _grant(request, grant_id)
    case_id = grant.case_id
    actions.end_grant(grant, actor=request.user, now=clock.now())
    return redirect("case", case_id)


@requires(Permission.WORK_CASE)
@require_POST
def see(request: SignedInRequest, grant_id: uuid.UUID) -> HttpResponse:
    """Take note that the glass was broken on a case one answers for."""
    waiting = {one.id: one for one in queries.broken_glass_for(request.user, now=clock.now())}
    if grant_id not in waiting:
        raise Http404
    actions.see_broken_glass(waiting[grant_id], actor=request.user, now=clock.now())
    return redirect("handovers")


@requires(Permission.BREAK_GLASS)
@require_http_methods(["GET", "POST"])
def break_glass(request: SignedInRequest) -> HttpResponse:
    """Take access to one case by its reference, for three hours."""
    form, seen = GlassForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        case = case_with_reference(form.cleaned_data["reference"], Case.objects.all())
        alert_if_planted(case, request.user, clock.now())
        try:
            if case is None or not case.is_open:
                raise PolicyRefused(_("There is no open case with this reference. Check it with whoever told you."))
            reason, for_texts = ReasonCode(form.cleaned_data["reason"]), form.cleaned_data["for_texts"]
            actions.break_glass(case, reason, actor=request.user, now=clock.now(), for_texts=for_texts)
            return redirect("case", case.id)
        except PolicyRefused as refusal:
            form.add_error("reference", str(refusal.message))
            seen = Case.objects.visible_to(request.user, now=clock.now()).filter(id=case.id).first() if case else None
    return render(request, "requests_app/handovers/glass.html", {"form": form, "seen_id": seen and seen.id})
