"""What the pages beside the case page have in common: load the case, run an action, show a refused form again where it stood."""

import uuid
from collections.abc import Callable, Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from caseworker import clock
from caseworker.decorators import SignedInRequest
from caseworker.exceptions import CaseworkError, PolicyRefused, StaleVersion
from requests_app import pages
from requests_app.actions.reveals import alert_if_planted
from requests_app.forms.cases import CaseForm
from requests_app.models.cases import Case
from requests_app.pages_case.beside import Beside, Bound, Card
from requests_app.pages_case.connections import pages_beside
from requests_app.pages_case.sight import ShownForm, Sight, title_of
from requests_app.queries import cases as queries

Contents = tuple[str, str, Sequence[Card], Sequence[ShownForm]]
"""Title, introduction, cards, forms for something new."""
Build = Callable[[Beside, Sight], Contents]


def case_of(request: SignedInRequest, case_id: uuid.UUID) -> Case:
    """Return the case, if this person may know of it."""
    return queries.case_or_404(case_id, person=request.user, now=clock.now())


def show(
    request: SignedInRequest, case: Case, build: Build, bound: Bound | None = None, status: int = 200
) -> HttpResponse:
    """Show a page beside the case page; nothing but the identity of a case that is masked or erased."""
    sight = Sight(case, request.user, clock.now())
    page = Beside(case, request.user, sight.works and case.is_open, sight.works, bound or Bound())
    title, intro, cards, forms = build(page, sight)
    if sight.is_masked or case.erased_on or case.merged_into_id:
        cards, forms = [], []
    context = {
        "title": title,
        "intro": intro,
        "facts": pages.case_facts(case, sight.now),
        "case_url": reverse("case", args=[case.id]),
        "pages": pages_beside(case.id),
        "cards": cards,
        "shown_forms": forms,
        "bound": page.bound.form,
        "bound_title": title_of(page.bound.form, [*forms, *(form for card in cards for form in card.forms)]),
    }
    return render(request, "requests_app/cases/beside.html", context, status=status)


def refusal_status(refusal: CaseworkError) -> int:
    """Return the status of a refusal."""
    return 409 if isinstance(refusal, StaleVersion) else 403


def submit(
    request: SignedInRequest,
    case: Case,
    form: Any,
    run: Callable[[Any], object],
    build: Build,
    name: str,
    about: object = None,
) -> HttpResponse:
    """Run an action with a valid form and go back to the page *name*; a refused form is shown again, with the case as it is now."""
    if not form.is_valid():
        return show(request, case, build, Bound(form, about))
    alert_if_planted(case, request.user, clock.now())
    try:
        run(form)
    except (PolicyRefused, StaleVersion) as refusal:
        form.add_error(None, str(refusal.message))
        fresh = case_of(request, case.id)
        form.renew(fresh.version) if isinstance(form, CaseForm) else None
        return show(request, fresh, build, Bound(form, about), status=refusal_status(refusal))
    return redirect(name, case.id)
