"""The security officer's page: alarms, reveals as numbers, locks, honeytokens."""

import random
import uuid
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from caseworker import clock
from caseworker.actions.alarms import acknowledge_alarm
from caseworker.decorators import SignedInRequest, requires
from caseworker.exceptions import PolicyRefused
from caseworker.models.alarms import Alarm
from caseworker.panic import stands_in_panic
from caseworker.permissions import Permission
from caseworker.queries_backups import backup_status
from caseworker.queries_panic import panic_page
from requests_app.actions import honeytokens, locks
from requests_app.actions.intake import SealedTexts
from requests_app.demo.people import invent_persona
from requests_app.enums import Channel, ReasonCode, Situation
from requests_app.forms.locks import LockByReferenceForm, PlantForm
from requests_app.models.cases import Case
from requests_app.queries import security as queries
from requests_app.queries.cases import case_with_reference


def _page(request: SignedInRequest, *, status: int = 200, **values: Any) -> HttpResponse:
    now = clock.now()
    context = {
        "panic": panic_page(viewer=request.user, at=now),
        "alarms": queries.shown_alarms(viewer=request.user),
        "reveals": queries.reveal_table(now),
        "locks": queries.locked_cases(),
        "lock_form": LockByReferenceForm(auto_id="lock-%s"),
        "planted": queries.planted_lines(),
        "plant_form": PlantForm(auto_id="plant-%s"),
        "backup": backup_status(now=now),
    }
    return render(request, "caseworker/security/page.html", context | values, status=status)


@stands_in_panic
@requires(Permission.VIEW_SECURITY)
@require_GET
def security(request: SignedInRequest) -> HttpResponse:
    """Show everything on one page."""
    return _page(request)


@stands_in_panic
@requires(Permission.ACKNOWLEDGE_ALARM)
@require_POST
def acknowledge(request: SignedInRequest, alarm_id: uuid.UUID) -> HttpResponse:
    """Take note of an alarm."""
    acknowledge_alarm(get_object_or_404(Alarm, id=alarm_id), actor=request.user, now=clock.now())
    return redirect("security")


@stands_in_panic
@requires(Permission.LOCK_CASE_BY_REFERENCE)
@require_POST
def lock_by_reference(request: SignedInRequest) -> HttpResponse:
    """Lock a case whose reference the officer was told."""
    form = LockByReferenceForm(request.POST, auto_id="lock-%s")
    if not form.is_valid():
        return _page(request, lock_form=form)
    case = case_with_reference(form.cleaned_data["reference"], Case.objects.all())
    try:
        if case is None:
            raise PolicyRefused(_("There is no case with this reference. Check each character."))
        locks.lock_case(case, ReasonCode(form.cleaned_data["reason"]), actor=request.user, now=clock.now())
    except PolicyRefused as refusal:
        form.add_error("reference", str(refusal.message))
        return _page(request, lock_form=form, status=403)
    return redirect("security")


def _invented() -> SealedTexts:
    """Return an invented person: reserved phone ranges, an ``fx_`` handle, no real story."""
    channel, rng = Channel.TELEGRAM_DM, random.SystemRandom()
    persona = invent_persona(rng, channel=channel, situation=Situation.ABROAD_TRANSIT)
    return SealedTexts("\n".join(persona.contacts), persona.name, persona.story)


@requires(Permission.PLANT_HONEYTOKEN)
@require_POST
def plant(request: SignedInRequest) -> HttpResponse:
    """Plant a honeytoken in a circle."""
    form = PlantForm(request.POST, auto_id="plant-%s")
    if not form.is_valid():
        return _page(request, plant_form=form)
    honeytokens.plant_honeytoken(form.cleaned_data["circle"], _invented(), actor=request.user, now=clock.now())
    return redirect("security")


@requires(Permission.PLANT_HONEYTOKEN)
@require_POST
def uproot(request: SignedInRequest, case_id: uuid.UUID) -> HttpResponse:
    """Remove a honeytoken; any other case is untouched, and answers alike."""
    case = Case.objects.filter(id=case_id).first()
    if case is not None:
        honeytokens.remove_honeytoken(case, actor=request.user, now=clock.now())
    return redirect("security")
