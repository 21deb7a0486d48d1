"""What is erased soon and what stands against it; holds are set and lifted on the case's page."""

import uuid
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from caseworker import clock
from caseworker.decorators import SignedInRequest, requires
from caseworker.permissions import Permission
from caseworker.replay import replayable
from requests_app.actions import retention as actions
from requests_app.forms.retention import HoldForm, LiftHoldForm
from requests_app.models.cases import Case
from requests_app.pages_retention import retention_values
from requests_app.queries import cases as queries
from requests_app.retention import HoldReason
from requests_app.views.case_parts import submit


@requires(Permission.KEEP_RETENTION)
@require_GET
def retention(request: SignedInRequest) -> HttpResponse:
    """List what each rule erases within 14 days, and what is kept from it."""
    return render(request, "requests_app/retention/list.html", retention_values(request.user, clock.now()))


@replayable
@requires(Permission.KEEP_RETENTION)
@require_POST
def hold(request: SignedInRequest, case_id: uuid.UUID) -> HttpResponse:
    """Hold a case back."""
    case, now = queries.case_or_404(case_id, person=request.user, now=clock.now()), clock.now()

    def run(found: Case, data: dict[str, Any]) -> object:
        reason = HoldReason(data["reason"])
        return actions.set_hold(found, reason, data["until"], version=data["version"], actor=request.user, now=now)

    return submit(request, case, HoldForm(request.POST), run)


@requires(Permission.KEEP_RETENTION)
@require_POST
def lift(request: SignedInRequest, case_id: uuid.UUID) -> HttpResponse:
    """Lift the hold of a case."""
    case, now = queries.case_or_404(case_id, person=request.user, now=clock.now()), clock.now()

    def run(found: Case, data: dict[str, Any]) -> object:
        return actions.lift_hold(found, version=data["version"], actor=request.user, now=now)

    return submit(request, case, LiftHoldForm(request.POST), run)
