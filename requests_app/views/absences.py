"""Who is away, and who answers for them."""

import uuid
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from caseworker import clock
from caseworker.decorators import SignedInRequest, requires
from caseworker.enums import Role
from caseworker.exceptions import PolicyRefused
from caseworker.models.accounts import Caseworker
from caseworker.permissions import Permission
from caseworker.replay import replayable
from requests_app.actions import absences as actions
from requests_app.forms.handovers import AbsenceForm
from requests_app.queries import handovers as queries


def _form(request: SignedInRequest, data: Any = None) -> AbsenceForm:
    coordinators = list(Caseworker.objects.active().filter(role=Role.COORDINATOR).order_by("alias", "id"))
    people = coordinators if request.user.role == Role.LEAD else [one for one in coordinators if one == request.user]
    first = people[0].id if len(people) == 1 else None
    return AbsenceForm(data, people=people, deputies=coordinators, initial={"person": first})


@replayable
@requires(Permission.RECORD_ABSENCE)
@require_http_methods(["GET", "POST"])
def absences(request: SignedInRequest) -> HttpResponse:
    """List absences that are not over, and record one."""
    form, status = _form(request, request.POST or None), 200
    if request.method == "POST" and form.is_valid():
        try:
            actions.record_absence(**form.cleaned_data, actor=request.user, now=clock.now())
            return redirect("absences")
        except PolicyRefused as refusal:
            form.add_error(None, str(refusal.message))
            status = 403
    lines = queries.absences(request.user, today=clock.now().date())
    return render(request, "requests_app/handovers/absences.html", {"form": form, "absences": lines}, status=status)


@requires(Permission.RECORD_ABSENCE)
@require_POST
def end(request: SignedInRequest, absence_id: uuid.UUID) -> HttpResponse:
    """Say that somebody is back."""
    known = {one.id: one for one in queries.absences(request.user, today=clock.now().date())}
    if absence_id not in known:
        raise Http404
    actions.end_absence(known[absence_id], actor=request.user, now=clock.now())
    return redirect("absences")
