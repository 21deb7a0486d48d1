"""The security officer's pages: people and the audit chain."""

import uuid
from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from caseworker import audit, clock
from caseworker.actions import invitations
from caseworker.actions import people as actions
from caseworker.decorators import SignedInRequest, requires
from caseworker.enums import AccountStatus, Role
from caseworker.exceptions import PolicyRefused
from caseworker.forms.accounts import AliasForm, EnrolForm, RoleForm
from caseworker.models.accounts import Caseworker
from caseworker.panic import stands_in_panic
from caseworker.permissions import Permission
from caseworker.queries import audit_page, everybody, person_page
from caseworker.queries_keys import is_last_reader, readers_left
from caseworker.queries_recovery import drill_is_due


@stands_in_panic
@requires(Permission.VIEW_PEOPLE)
@require_GET
def people(request: SignedInRequest) -> HttpResponse:
    """List accounts: alias, role, status, circles."""
    context = {"people": everybody(viewer=request.user), "drill_is_due": drill_is_due(today=clock.now().date())}
    return render(request, "caseworker/people.html", context)


@requires(Permission.ENROL_PERSON)
@require_http_methods(["GET", "POST"])
def enrol(request: SignedInRequest) -> HttpResponse:
    """Invite a person; the code to read to them is shown on the answer and nowhere else."""
    form = EnrolForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            code = invitations.invite_person(
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
            return _code_page(request, data["alias"], code)
    return render(request, "caseworker/enrol.html", {"form": form})


def _code_page(request: SignedInRequest, alias: str, code: str) -> HttpResponse:
    context = {"alias": alias, "words": code.split(), "address": request.build_absolute_uri(reverse("welcome"))}
    return render(request, "caseworker/invited.html", context)


def _person(person_id: uuid.UUID) -> Caseworker:
    person: Caseworker = get_object_or_404(Caseworker, id=person_id)
    return person


@stands_in_panic
@requires(Permission.VIEW_PEOPLE)
@require_GET
def person(request: SignedInRequest, person_id: uuid.UUID) -> HttpResponse:
    """Show one account and what can be done to it."""
    return _person_page(request, _person(person_id))


def _person_page(request: SignedInRequest, one: Caseworker, **values: object) -> HttpResponse:
    left = readers_left(one)
    is_last = any(not circle.aliases for circle in left)
    context = {
        "page": person_page(one, viewer=request.user),
        "left": left,
        "role_form": _role_form(one, is_last=is_last),
        "suspend_form": _alias_form(one, "suspend", is_last=is_last),
        "words_form": _alias_form(one, "words"),
        "left_form": _alias_form(one, "left"),
    }
    return render(request, "caseworker/person.html", context | values)


def _role_form(one: Caseworker, data: Any = None, *, is_last: bool) -> RoleForm:
    present = {"role": one.role, "intake_circle": one.intake_circle_id}
    return RoleForm(data, initial=present, person=one, asks=is_last)


def _alias_form(one: Caseworker, name: str, data: Any = None, *, is_last: bool = False) -> AliasForm:
    """Return the form of one button: it asks for the alias where a slip could not be taken back."""
    asks = name == "left" or (is_last if name == "suspend" else one.status == AccountStatus.ACTIVE)
    return AliasForm(data, person=one, asks=asks, auto_id=f"id_{name}_%s")


def _with_alias(
    request: SignedInRequest, person_id: uuid.UUID, name: str, run: Callable[[Caseworker, str], HttpResponse]
) -> HttpResponse:
    one = _person(person_id)
    form = _alias_form(one, name, request.POST, is_last=name == "suspend" and is_last_reader(one))
    if not form.is_valid():
        return _person_page(request, one, **{"form": form, f"{name}_form": form})
    return run(one, form.cleaned_data.get("typed", ""))


@requires(Permission.CHANGE_ROLE)
@require_POST
def change_role(request: SignedInRequest, person_id: uuid.UUID) -> HttpResponse:
    """Give somebody another role."""
    one = _person(person_id)
    form = _role_form(one, request.POST, is_last=is_last_reader(one))
    if not form.is_valid():
        return _person_page(request, one, form=form, role_form=form)
    role, circle = Role(form.cleaned_data["role"]), form.cleaned_data["intake_circle"]
    try:
        typed = form.cleaned_data.get("typed", "")
        actions.change_role(one, role, intake_circle=circle, actor=request.user, now=clock.now(), typed=typed)
    except PolicyRefused as refusal:
        form.add_error("role", str(refusal.message))
        return _person_page(request, one, form=form, role_form=form)
    return redirect("person", person_id)


@requires(Permission.ENROL_PERSON)
@require_POST
def reset_words(request: SignedInRequest, person_id: uuid.UUID) -> HttpResponse:
    """Invite somebody anew who forgot their words, or whose invitation lapsed."""

    def run(one: Caseworker, typed: str) -> HttpResponse:
        code = invitations.reset_words(one, actor=request.user, now=clock.now(), typed=typed)
        return _code_page(request, one.alias, code)

    return _with_alias(request, person_id, "words", run)


@requires(Permission.SUSPEND_PERSON)
@require_POST
def leave(request: SignedInRequest, person_id: uuid.UUID) -> HttpResponse:
    """Note that somebody left."""

    def run(one: Caseworker, typed: str) -> HttpResponse:
        actions.record_leaving(one, actor=request.user, now=clock.now(), typed=typed)
        return redirect("person", one.id)

    return _with_alias(request, person_id, "left", run)


@stands_in_panic
@requires(Permission.SUSPEND_PERSON)
@require_POST
def suspend(request: SignedInRequest, person_id: uuid.UUID) -> HttpResponse:
    """Suspend an account; its sessions end at once."""

    def run(one: Caseworker, typed: str) -> HttpResponse:
        actions.suspend_person(one, actor=request.user, now=clock.now(), typed=typed)
        return redirect("person", one.id)

    return _with_alias(request, person_id, "suspend", run)


@requires(Permission.SUSPEND_PERSON)
@require_POST
def restore(request: SignedInRequest, person_id: uuid.UUID) -> HttpResponse:
    """Let a suspended account sign in again."""
    actions.restore_person(_person(person_id), actor=request.user, now=clock.now())
    return redirect("person", person_id)


@requires(Permission.SUSPEND_PERSON)
@require_POST
def reset_factor(request: SignedInRequest, person_id: uuid.UUID) -> HttpResponse:
    """Remove somebody's lost second factor."""
    actions.reset_second_factor(_person(person_id), actor=request.user, now=clock.now())
    return redirect("person", person_id)


@stands_in_panic
@requires(Permission.VIEW_AUDIT)
@require_GET
def audit_trail(request: SignedInRequest) -> HttpResponse:
    """Show the last events as codes and opaque ids, the head of the chain, and whether the chain is whole."""
    before = request.GET.get("before", "")
    page = audit_page(before=int(before) if before.isdecimal() and len(before) < 19 else None)
    return render(request, "caseworker/audit_trail.html", {"page": page, "verdict": audit.verify()})
