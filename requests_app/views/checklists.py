"""What is the same for all cases: a lead edits the checklists, the security officer clears frozen cases."""

import uuid

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from caseworker import clock
from caseworker.decorators import SignedInRequest, requires
from caseworker.exceptions import PolicyRefused, StaleVersion
from caseworker.permissions import Permission
from caseworker.replay import replayable
from requests_app import pages_work
from requests_app.actions import checklists, stages
from requests_app.enums import Stage
from requests_app.forms import work as forms
from requests_app.models.work import ChecklistItem
from requests_app.queries import work as queries


@requires(Permission.EDIT_CHECKLISTS)
@require_GET
def all_checklists(request: SignedInRequest) -> HttpResponse:
    """List the questions of every stage."""
    return render(request, "requests_app/tasks/checklists.html", pages_work.checklists(queries.checklist_items()))


@replayable
@requires(Permission.EDIT_CHECKLISTS)
@require_http_methods(["GET", "POST"])
def add_item(request: SignedInRequest) -> HttpResponse:
    """Add a question to a stage."""
    form = forms.NewItemForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        wording = checklists.Wording(data["text_en"], data["text_ru"], data["is_on"])
        try:
            checklists.add_checklist_item(Stage(data["stage"]), wording, actor=request.user, now=clock.now())
        except PolicyRefused as refusal:
            form.add_error(None, str(refusal.message))
        else:
            return redirect("checklists")
    return render(request, "requests_app/tasks/item.html", {"form": form}, status=403 if form.errors else 200)


@replayable
@requires(Permission.EDIT_CHECKLISTS)
@require_http_methods(["GET", "POST"])
def change_item(request: SignedInRequest, item_id: uuid.UUID) -> HttpResponse:
    """Change the words of a question, or whether it is asked."""
    item = get_object_or_404(ChecklistItem, id=item_id, is_current=True)
    now_is = {"text_en": item.text_en, "text_ru": item.text_ru, "is_on": item.is_on}
    form = forms.WordingForm(request.POST or None, initial=now_is)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        wording = checklists.Wording(data["text_en"], data["text_ru"], data["is_on"])
        try:
            checklists.change_checklist_item(item, wording, actor=request.user, now=clock.now())
        except (PolicyRefused, StaleVersion) as refusal:
            form.add_error(None, str(refusal.message))
        else:
            return redirect("checklists")
    context = {"form": form, "stage": item.get_stage_display()}
    return render(request, "requests_app/tasks/item.html", context, status=403 if form.errors else 200)


@requires(Permission.CLEAR_COMPROMISE)
@require_GET
def frozen(request: SignedInRequest) -> HttpResponse:
    """List compromised cases by handle: nothing of the case is shown."""
    return render(request, "requests_app/tasks/frozen.html", {"cases": queries.frozen_cases()})


@requires(Permission.CLEAR_COMPROMISE)
@require_http_methods(["GET", "POST"])
def clear(request: SignedInRequest, case_id: uuid.UUID) -> HttpResponse:
    """Ask what becomes of the contacts and for the handle once more, then let the case go on."""
    case = queries.frozen_or_404(case_id)
    handle = queries.handle_of(case.id)
    form = forms.ClearForm(request.POST or None, initial={"version": case.version})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            if data["handle"].strip().lower() != handle:
                raise PolicyRefused(pages_work.WRONG_HANDLE)
            burns = data["contacts"] == "burned"
            stages.clear_compromise(
                case, burns_contacts=burns, version=data["version"], actor=request.user, now=clock.now()
            )
        except (PolicyRefused, StaleVersion) as refusal:
            form.add_error(None, str(refusal.message))
        else:
            return redirect("frozen")
    context = {"form": form, "confirm": pages_work.clearing(handle)}
    return render(request, "components/confirm.html", context, status=403 if form.errors else 200)
