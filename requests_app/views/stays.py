"""Stays, typed dates and contacts of a case."""

import uuid
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from caseworker import clock
from caseworker.decorators import SignedInRequest, requires
from caseworker.exceptions import PolicyRefused, StaleVersion
from caseworker.permissions import Permission
from caseworker.replay import replayable
from requests_app import pages
from requests_app.actions import deadlines, stays
from requests_app.clock_codes import DeadlineEnd, DeadlineKind, StayBasis
from requests_app.enums import Country
from requests_app.forms import stays as forms
from requests_app.models.cases import Case
from requests_app.models.stays import CountryStay
from requests_app.pages_case.clocks import open_dates
from requests_app.policies import check_may_work
from requests_app.queries import stays as queries
from requests_app.views.case_parts import case_of, submit


def _facts(data: dict[str, Any]) -> stays.StayFacts:
    return stays.StayFacts(
        country=Country(data["country"]),
        entered_on=data["entered_on"],
        left_on=data["left_on"],
        is_estimated=data["is_estimated"],
        basis=StayBasis(data["basis"]),
        is_registered=data.get("is_registered", False),
    )


@replayable
@requires(Permission.WORK_CASE)
@require_POST
def record_entry(request: SignedInRequest, case_id: uuid.UUID) -> HttpResponse:
    """Record an entry into a country, or a stay that is over."""

    def run(case: Case, data: dict[str, Any]) -> object:
        return stays.record_entry(case, _facts(data), version=data["version"], actor=request.user, now=clock.now())

    return submit(request, case_of(request, case_id), forms.EntryForm(request.POST), run)


@replayable
@requires(Permission.WORK_CASE)
@require_POST
def record_exit(request: SignedInRequest, case_id: uuid.UUID) -> HttpResponse:
    """Record the exit from the present country."""

    def run(case: Case, data: dict[str, Any]) -> object:
        left_on, version, estimated = data["left_on"], data["version"], data["is_estimated"]
        return stays.record_exit(
            case, left_on, version=version, actor=request.user, now=clock.now(), is_estimated=estimated
        )

    return submit(request, case_of(request, case_id), forms.ExitForm(request.POST), run)


def _stay_page(
    request: SignedInRequest, case: Case, stay: CountryStay, form: Any, *, status: int = 200
) -> HttpResponse:
    context = {
        "facts": pages.case_facts(case, clock.now()),
        "form": form,
        "remove": forms.RemoveStayForm(initial={"version": case.version}),
        "case_id": case.id,
        "stay_id": stay.id,
    }
    return render(request, "requests_app/cases/stay.html", context, status=status)


@replayable
@requires(Permission.WORK_CASE)
@require_http_methods(["GET", "POST"])
def correct_stay(request: SignedInRequest, case_id: uuid.UUID, stay_id: uuid.UUID) -> HttpResponse:
    """Show one stay with its form, and correct it; a refusal keeps what was typed."""
    case = case_of(request, case_id)
    stay = queries.stay_or_404(stay_id, case=case)
    names = ("country", "entered_on", "left_on", "is_estimated", "basis", "is_registered")
    stored = {name: getattr(stay, name) for name in names} | {"version": case.version}
    form = forms.StayForm(request.POST or None, initial=stored)
    if request.method == "GET" or not form.is_valid():
        return _stay_page(request, case, stay, form)
    try:
        check_may_work(case, request.user)
        facts, version = _facts(form.cleaned_data), form.cleaned_data["version"]
        stays.correct_stay(stay, facts, version=version, actor=request.user, now=clock.now())
    except (PolicyRefused, StaleVersion) as refusal:
        form.add_error(None, str(refusal.message))
        fresh = case_of(request, case_id)
        form.renew(fresh.version)
        return _stay_page(request, fresh, stay, form, status=409 if isinstance(refusal, StaleVersion) else 403)
    return redirect("case", case_id)


@requires(Permission.WORK_CASE)
@require_POST
def remove_stay(request: SignedInRequest, case_id: uuid.UUID, stay_id: uuid.UUID) -> HttpResponse:
    """Remove a stay that was entered by mistake."""
    case = case_of(request, case_id)
    stay = queries.stay_or_404(stay_id, case=case)

    def run(_case: Case, data: dict[str, Any]) -> object:
        return stays.remove_stay(stay, version=data["version"], actor=request.user, now=clock.now())

    return submit(request, case, forms.RemoveStayForm(request.POST), run)


@replayable
@requires(Permission.WORK_CASE)
@require_POST
def set_deadline(request: SignedInRequest, case_id: uuid.UUID) -> HttpResponse:
    """Set a typed date."""

    def run(case: Case, data: dict[str, Any]) -> object:
        kind, due_on, version = DeadlineKind(data["kind"]), data["due_on"], data["version"]
        return deadlines.set_deadline(case, kind, due_on, version=version, actor=request.user, now=clock.now())

    return submit(request, case_of(request, case_id), forms.DeadlineForm(request.POST), run)


@replayable
@requires(Permission.WORK_CASE)
@require_POST
def settle_deadline(request: SignedInRequest, case_id: uuid.UUID) -> HttpResponse:
    """Say how a date was settled."""
    case = case_of(request, case_id)
    form = forms.SettleForm(request.POST, deadlines=open_dates(queries.deadlines_of(case)))

    def run(case: Case, data: dict[str, Any]) -> object:
        deadline = queries.deadline_or_404(uuid.UUID(data["deadline"]), case=case)
        ended_as, version = DeadlineEnd(data["ended_as"]), data["version"]
        return deadlines.settle_deadline(deadline, ended_as, version=version, actor=request.user, now=clock.now())

    return submit(request, case, form, run)
