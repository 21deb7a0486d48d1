"""Links between people, what a case depends on, and consents."""

import uuid
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from caseworker import clock
from caseworker.decorators import SignedInRequest, requires
from caseworker.exceptions import PolicyRefused
from caseworker.permissions import Permission
from caseworker.replay import replayable
from requests_app.actions import assets, consents, linking
from requests_app.actions.reveals import alert_if_planted
from requests_app.connection_codes import AssetKind, ConsentDecision, ConsentScope, ConsentWay, LinkKind
from requests_app.forms import connections as forms
from requests_app.models.cases import Case
from requests_app.pages_case import beside as pages
from requests_app.pages_case.beside import Beside
from requests_app.pages_case.sight import Sight
from requests_app.policies import check_may_work
from requests_app.queries import connections as queries
from requests_app.views.beside import Build, Contents, case_of, show, submit


def _connections(page: Beside, sight: Sight) -> Contents:
    case = page.case
    cards = [pages.use_card(use, page) for use in queries.uses_of(case)]
    cards += [pages.link_card(link, page) for link in queries.links_of(case, person=page.person, now=sight.now)]
    intro = _("A link is seen only by those who may see both ends, and opens neither.")
    title = _("Links and what it depends on")
    return title, intro, cards, pages.connection_forms(page, queries.usable_assets(case))


def _consents(page: Beside, _sight: Sight) -> Contents:
    cards = [pages.consent_card(one, page) for one in queries.consents_on(page.case)]
    partners = queries.usable_assets(page.case, AssetKind.PARTNER)
    intro = _("No record is no consent. A newer answer replaces an older one.")
    return _("Consents"), intro, cards, pages.consent_forms(page, partners)


@requires(Permission.VIEW_CASES)
@require_GET
def case_connections(request: SignedInRequest, case_id: uuid.UUID) -> HttpResponse:
    """Show links and what the case depends on."""
    return show(request, case_of(request, case_id), _connections)


@requires(Permission.VIEW_CASES)
@require_GET
def case_consents(request: SignedInRequest, case_id: uuid.UUID) -> HttpResponse:
    """Show what the person agreed to."""
    return show(request, case_of(request, case_id), _consents)


def _submit(
    request: SignedInRequest, case: Case, form: Any, run: Any, build: Build, name: str, about: object = None
) -> HttpResponse:
    def checked(valid: Any) -> None:
        check_may_work(case, request.user)
        run(valid.cleaned_data)

    return submit(request, case, form, checked, build, name, about)


@replayable
@requires(Permission.WORK_CASE)
@require_POST
def link_people(request: SignedInRequest, case_id: uuid.UUID) -> HttpResponse:
    """Link the person to somebody else; a reference that is not to be seen and one that does not exist get one answer."""
    case, now = case_of(request, case_id), clock.now()

    def run(data: dict[str, Any]) -> None:
        other, there = queries.other_end(data["reference"], person=request.user, now=now)
        if other is None:
            raise PolicyRefused(_("You see no case and no request with this reference. Check each character."))
        alert_if_planted(there, request.user, now)
        linking.link_people(queries.first_request(case), other, LinkKind(data["kind"]), actor=request.user, now=now)

    return _submit(request, case, forms.LinkForm(request.POST), run, _connections, "case_connections")


@requires(Permission.WORK_CASE)
@require_POST
def unlink_people(request: SignedInRequest, case_id: uuid.UUID, link_id: uuid.UUID) -> HttpResponse:
    """Remove a link."""
    case, now = case_of(request, case_id), clock.now()
    link = queries.link_or_404(link_id, case=case, person=request.user, now=now)

    def run(_data: dict[str, Any]) -> None:
        linking.unlink_people(link, actor=request.user, now=now)

    return _submit(request, case, forms.SlotForm(request.POST), run, _connections, "case_connections")


@replayable
@requires(Permission.WORK_CASE)
@require_POST
def use_asset(request: SignedInRequest, case_id: uuid.UUID) -> HttpResponse:
    """Write down what the case depends on."""
    case = case_of(request, case_id)
    form = forms.UseForm(request.POST, assets=queries.usable_assets(case))

    def run(data: dict[str, Any]) -> None:
        assets.use_asset(case, data["asset"], actor=request.user, now=clock.now())

    return _submit(request, case, form, run, _connections, "case_connections")


@requires(Permission.WORK_CASE)
@require_POST
def leave_asset(request: SignedInRequest, case_id: uuid.UUID, use_id: uuid.UUID) -> HttpResponse:
    """Write down that the case no longer depends on something."""
    case = case_of(request, case_id)
    use = queries.use_or_404(use_id, case=case)

    def run(_data: dict[str, Any]) -> None:
        assets.leave_asset(use, actor=request.user, now=clock.now())

    return _submit(request, case, forms.SlotForm(request.POST), run, _connections, "case_connections")


@replayable
@requires(Permission.WORK_CASE)
@require_POST
def record_consent(request: SignedInRequest, case_id: uuid.UUID) -> HttpResponse:
    """Record an answer."""
    case = case_of(request, case_id)
    form = forms.ConsentForm(request.POST, assets=queries.usable_assets(case, AssetKind.PARTNER))

    def run(data: dict[str, Any]) -> None:
        answer = consents.Answer(
            ConsentScope(data["scope"]),
            ConsentDecision(data["decision"]),
            ConsentWay(data["way"]),
            data["until"],
            data["asset"],
        )
        consents.record_consent(case, answer, actor=request.user, now=clock.now())

    return _submit(request, case, form, run, _consents, "case_consents")


@replayable
@requires(Permission.WORK_CASE)
@require_POST
def withdraw_consent(request: SignedInRequest, case_id: uuid.UUID, consent_id: uuid.UUID) -> HttpResponse:
    """Record that a consent was withdrawn."""
    case = case_of(request, case_id)
    consent = queries.consent_or_404(consent_id, case=case)

    def run(_data: dict[str, Any]) -> None:
        consents.withdraw_one(consent, case=case, actor=request.user, now=clock.now())

    return _submit(request, case, forms.SlotForm(request.POST), run, _consents, "case_consents")
