"""The security officer's recovery pages: keys and drills, bundles out, answers in."""

import uuid
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from caseworker import clock
from caseworker.decorators import SignedInRequest, requires
from caseworker.enums import RecoveryKind
from caseworker.exceptions import PolicyRefused
from caseworker.models.recovery import RecoveryRequest
from caseworker.permissions import Permission
from caseworker.queries_keys import grouped
from caseworker.queries_recovery import recovery_page
from caseworker.step_up import typed_own_words
from requests_app.actions import recovery as actions
from requests_app.bundles import bundle_code, tool_digest, tool_file
from requests_app.forms.recovery import AnswerForm, ArchivedCaseForm, DrillForm, PersonForm
from requests_app.pages_recovery import bundle_lines
from requests_app.queries.recovery import archived_case

IMPORTS = {
    RecoveryKind.CIRCLES: actions.import_grants,
    RecoveryKind.RECORDS: actions.import_record_keys,
    RecoveryKind.RESEAL: actions.import_record_keys,
}


def attachment(content: bytes, name: str, content_type: str) -> HttpResponse:
    """Return a file to keep, under a name that says nothing of anybody."""
    response = HttpResponse(content, content_type=content_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _request(recovery_id: uuid.UUID) -> RecoveryRequest:
    requests = RecoveryRequest.objects.select_related("staff_key__person", "circle_key")
    found: RecoveryRequest = get_object_or_404(requests, id=recovery_id)
    return found


@requires(Permission.RECOVER)
@require_GET
def overview(request: SignedInRequest) -> HttpResponse:
    """Show the recovery keys, their policy, the last drills, and the bundles that wait."""
    page = recovery_page(today=clock.now().date())
    context = {"page": page, "tool_digest": grouped(tool_digest())}
    return render(request, "requests_app/recovery/overview.html", context)


@requires(Permission.RECOVER)
@require_http_methods(["GET", "POST"])
def export_person(request: SignedInRequest) -> HttpResponse:
    """Ask the sheets to let a person read circles again."""
    form = PersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            order = actions.order_circles(form.cleaned_data["person"], form.cleaned_data["circles"])
            made = actions.export_bundle(order, actor=request.user, now=clock.now())
        except PolicyRefused as refusal:
            form.add_error(None, str(refusal.message))
        else:
            return redirect("recovery_request", made.id)
    return render(request, "requests_app/recovery/person.html", {"form": form})


@requires(Permission.RECOVER)
@require_http_methods(["GET", "POST"])
def export_case(request: SignedInRequest) -> HttpResponse:
    """Ask the sheets to open an archived case for its circle, or to read it on the laptop."""
    form = ArchivedCaseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        case = archived_case(form.cleaned_data["reference"])
        try:
            if case is None:
                raise PolicyRefused(_("There is no archived case with this reference."))
            made = actions.export_bundle(actions.order_case(case), actor=request.user, now=clock.now())
        except PolicyRefused as refusal:
            form.add_error("reference", str(refusal.message))
        else:
            return redirect("recovery_request", made.id)
    return render(request, "requests_app/recovery/case.html", {"form": form})


@requires(Permission.RECOVER)
@require_POST
def export_drill(request: SignedInRequest) -> HttpResponse:
    """Begin a drill."""
    made = actions.export_bundle(actions.Order(RecoveryKind.DRILL), actor=request.user, now=clock.now())
    return redirect("recovery_request", made.id)


@requires(Permission.RECOVER)
@require_POST
def tool(request: SignedInRequest) -> HttpResponse:
    """Hand out the offline tool of this release."""
    return attachment(tool_file(), "caseworker_recover.py", "text/x-python; charset=utf-8")


@requires(Permission.RECOVER)
@require_POST
def download(request: SignedInRequest, recovery_id: uuid.UUID) -> HttpResponse:
    """Hand out the bundle of a request that waits."""
    bundle = actions.unchanged_bundle(_request(recovery_id))
    return attachment(bundle.file(), "bundle.json", "application/json")


def _bundle_page(request: SignedInRequest, asked: RecoveryRequest, form: Any, *, status: int = 200) -> HttpResponse:
    context = {
        "kind": RecoveryKind(asked.kind).label,
        "is_drill": asked.kind == RecoveryKind.DRILL,
        "is_case": asked.kind == RecoveryKind.RECORDS,
        "asked": {"id": asked.id, "made_on": asked.made_on, "answered_on": asked.answered_on},
        "code": bundle_code(asked),
        "lines": bundle_lines(asked),
        "form": form,
    }
    return render(request, "requests_app/recovery/request.html", context, status=status)


@requires(Permission.RECOVER)
@require_http_methods(["GET", "POST"])
def bundle_page(request: SignedInRequest, recovery_id: uuid.UUID) -> HttpResponse:
    """Show one bundle with its code and fingerprints; take the answer file, or the code of a drill."""
    asked = _request(recovery_id)
    if asked.kind == RecoveryKind.DRILL:
        return _drill(request, asked)
    form = AnswerForm(request.POST, request.FILES) if request.method == "POST" else AnswerForm()
    if request.method == "POST" and form.is_valid() and typed_own_words(request, form, request.user.alias):
        try:
            IMPORTS[RecoveryKind(asked.kind)](asked, form.cleaned_data["file"], actor=request.user, now=clock.now())
        except PolicyRefused as refusal:
            form.add_error("file", str(refusal.message))
        else:
            return redirect("recovery_request", asked.id)
    return _bundle_page(request, asked, form)


def _drill(request: SignedInRequest, asked: RecoveryRequest) -> HttpResponse:
    form = DrillForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.pass_drill(asked, form.cleaned_data["code"], actor=request.user, now=clock.now())
        except PolicyRefused as refusal:
            form.add_error("code", str(refusal.message))
        else:
            return redirect("recovery")
    return _bundle_page(request, asked, form)
