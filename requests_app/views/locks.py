"""Locking one case, and lifting it."""

import uuid
from typing import Any

from django.http import HttpResponse
from django.views.decorators.http import require_POST

from caseworker import clock
from caseworker.decorators import SignedInRequest, requires
from caseworker.permissions import Permission
from requests_app.actions import locks
from requests_app.enums import ReasonCode
from requests_app.forms.locks import LiftForm, LockForm
from requests_app.models.cases import Case
from requests_app.queries.cases import case_or_404
from requests_app.views.case_parts import submit


@requires(Permission.LOCK_CASE)
@require_POST
def lock(request: SignedInRequest, case_id: uuid.UUID) -> HttpResponse:
    """Lock the case."""

    def run(case: Case, data: dict[str, Any]) -> object:
        return locks.lock_case(case, ReasonCode(data["reason"]), actor=request.user, now=clock.now())

    case = case_or_404(case_id, person=request.user, now=clock.now())
    return submit(request, case, LockForm(request.POST), run)


@requires(Permission.LIFT_CASE_LOCK)
@require_POST
def lift(request: SignedInRequest, case_id: uuid.UUID) -> HttpResponse:
    """Lift the lock."""

    def run(case: Case, _data: dict[str, Any]) -> object:
        return locks.lift_case_lock(case, actor=request.user, now=clock.now())

    case = case_or_404(case_id, person=request.user, now=clock.now())
    return submit(request, case, LiftForm(request.POST), run)
