"""Contacts of a case after intake."""

import uuid
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from caseworker import clock
from caseworker.decorators import SignedInRequest, requires
from caseworker.permissions import Permission
from caseworker.replay import replayable
from requests_app.actions import contacts as actions
from requests_app.forms import connections as forms
from requests_app.models.cases import Case
from requests_app.pages_case.beside import Beside, contact_cards, contact_forms
from requests_app.pages_case.sight import Sight
from requests_app.policies import check_may_work
from requests_app.queries import connections as queries
from requests_app.views.beside import Contents, case_of, show, submit

NAME = "case_contacts"


def _build(page: Beside, sight: Sight) -> Contents:
    points = [] if sight.is_masked else queries.all_points(page.case)
    intro = _("What nobody knows counts as no. The line itself opens only by a reveal on the case page.")
    return _("Contacts"), intro, contact_cards(points, page), contact_forms(page)


@requires(Permission.VIEW_CASES)
@require_GET
def case_contacts(request: SignedInRequest, case_id: uuid.UUID) -> HttpResponse:
    """List the contacts in codes, those out of use too."""
    return show(request, case_of(request, case_id), _build)


def _submit(request: SignedInRequest, case: Case, form: Any, run: Any, about: object = None) -> HttpResponse:
    def checked(valid: Any) -> None:
        check_may_work(case, request.user)
        run(valid)

    return submit(request, case, form, checked, _build, NAME, about)


@replayable
@requires(Permission.WORK_CASE)
@require_POST
def add_contact(request: SignedInRequest, case_id: uuid.UUID) -> HttpResponse:
    """Seal one more contact."""
    case = case_of(request, case_id)

    def run(form: forms.NewContactForm) -> None:
        data = form.cleaned_data
        actions.add_contact(
            case, data["line"], form.safety(), version=data["version"], actor=request.user, now=clock.now()
        )

    return _submit(request, case, forms.NewContactForm(request.POST), run)


@replayable
@requires(Permission.WORK_CASE)
@require_POST
def change_safety(request: SignedInRequest, case_id: uuid.UUID, point_id: uuid.UUID) -> HttpResponse:
    """Change how a contact may be used."""
    case = case_of(request, case_id)
    point = queries.point_or_404(point_id, case=case)

    def run(form: forms.SafetyForm) -> None:
        version = form.cleaned_data["version"]
        actions.change_safety(point, form.safety(), case=case, version=version, actor=request.user, now=clock.now())

    form = forms.SafetyForm(request.POST, auto_id=f"safety{point_id}-%s")
    return _submit(request, case, form, run, point_id)


@replayable
@requires(Permission.WORK_CASE)
@require_POST
def retire_contact(request: SignedInRequest, case_id: uuid.UUID, point_id: uuid.UUID) -> HttpResponse:
    """Take a contact out of use."""
    case = case_of(request, case_id)
    point = queries.point_or_404(point_id, case=case)

    def run(form: forms.RetireForm) -> None:
        version, is_burned = form.cleaned_data["version"], form.cleaned_data["how"] == "burned"
        actions.retire_contact(
            point, is_burned=is_burned, case=case, version=version, actor=request.user, now=clock.now()
        )

    form = forms.RetireForm(request.POST, auto_id=f"retire{point_id}-%s")
    return _submit(request, case, form, run, point_id)
