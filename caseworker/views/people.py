"""The security officer's pages: people and the audit chain."""

import uuid

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from caseworker import audit, clock
from caseworker.actions import people as actions
from caseworker.decorators import SignedInRequest, requires
from caseworker.enums import Role
from caseworker.exceptions import PolicyRefused
from caseworker.forms.accounts import EnrolForm
from caseworker.models.accounts import Caseworker
from caseworker.permissions import Permission
from caseworker.queries import audit_page, everybody


@requires(Permission.VIEW_PEOPLE)
@require_GET
def people(request: SignedInRequest) -> HttpResponse:
    """List accounts: alias, role, status, circles."""
    return render(request, "caseworker/people.html", {"people": everybody(viewer=request.user)})


@requires(Permission.ENROL_PERSON)
@require_http_methods(["GET", "POST"])
def enrol(request: SignedInRequest) -> HttpResponse:
    """Make an account; its words are shown on the answer and nowhere else."""
    form = EnrolForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            made = actions.enrol_person(
                data["alias"],
                Role(data["role"]),
                actor=request.user,
                now=clock.now(),
                language=data["language"],
                intake_circle=data["intake_circle"],
            )
        except PolicyRefused as refusal:
            form.add_error("alias", str(refusal.message))
        else:
            return render(
                request, "caseworker/enrolled.html", {"alias": made.person.alias, "words": made.words.split()}
            )
    return render(request, "caseworker/enrol.html", {"form": form})


@requires(Permission.SUSPEND_PERSON)
@require_POST
def suspend(request: SignedInRequest, person_id: uuid.UUID) -> HttpResponse:
    """Suspend an account; its sessions end at once."""
    actions.suspend_person(get_object_or_404(Caseworker, id=person_id), actor=request.user, now=clock.now())
    return redirect("people")


@requires(Permission.SUSPEND_PERSON)
@require_POST
def restore(request: SignedInRequest, person_id: uuid.UUID) -> HttpResponse:
    """Let a suspended account sign in again."""
    actions.restore_person(get_object_or_404(Caseworker, id=person_id), actor=request.user, now=clock.now())
    return redirect("people")


@requires(Permission.SUSPEND_PERSON)
@require_POST
def reset_factor(request: SignedInRequest, person_id: uuid.UUID) -> HttpResponse:
    """Remove somebody's lost second factor."""
    actions.reset_second_factor(get_object_or_404(Caseworker, id=person_id), actor=request.user, now=clock.now())
    return redirect("people")


@requires(Permission.VIEW_AUDIT)
@require_GET
def audit_trail(request: SignedInRequest) -> HttpResponse:
    """Show the last events as codes and opaque ids, the head of the chain, and whether the chain is whole."""
    before = request.GET.get("before", "")
    page = audit_page(before=int(before) if before.isdecimal() and len(before) < 19 else None)
    return render(request, "caseworker/audit_trail.html", {"page": page, "verdict": audit.verify()})
