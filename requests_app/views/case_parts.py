"""What every view about one case shares: load it, run an action with a form, show the page again."""

import uuid
from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render

from caseworker import clock
from caseworker.decorators import SignedInRequest
from caseworker.exceptions import PolicyRefused, StaleVersion
from requests_app.forms import cases as forms
from requests_app.models.cases import Case
from requests_app.pages_case.page import case_values
from requests_app.policies import check_may_work
from requests_app.queries import cases as queries

Run = Callable[[Case, dict[str, Any]], object]


def show_case(request: SignedInRequest, case: Case, *, status: int = 200, **values: Any) -> HttpResponse:
    """Show the page of a case."""
    context = case_values(case, person=request.user, now=clock.now(), **values)
    return render(request, "requests_app/cases/case.html", context, status=status)


def case_of(request: SignedInRequest, case_id: uuid.UUID) -> Case:
    """Return a case that the person may know of, else 404."""
    return queries.case_or_404(case_id, person=request.user, now=clock.now())


def submit(request: SignedInRequest, case: Case, form: Any, run: Run) -> HttpResponse:
    """Run an action with a valid form and go back to the case; a refusal shows the case as it is now and keeps what was typed."""
    if not form.is_valid():
        return show_case(request, case, bound=form)
    try:
        check_may_work(case, request.user)
        run(case, form.cleaned_data)
    except (PolicyRefused, StaleVersion) as refusal:
        form.add_error(None, str(refusal.message))
        fresh = case_of(request, case.id)
        form.renew(fresh.version) if isinstance(form, forms.CaseForm) else None
        return show_case(request, fresh, bound=form, status=409 if isinstance(refusal, StaleVersion) else 403)
    return (
        redirect("case", case.id)
        if Case.objects.visible_to(request.user, now=clock.now()).filter(id=case.id).exists()
        else redirect("case_queue")
    )
