"""Circles: who reads what, how healthy the keys are, and letting in, taking out, renewing, rotating."""

import uuid
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from caseworker import clock
from caseworker.actions import circles as actions
from caseworker.decorators import SignedInRequest, requires, unlocked
from caseworker.enums import Role
from caseworker.exceptions import PolicyRefused
from caseworker.forms.accounts import AdmitForm, CircleForm
from caseworker.models.accounts import Caseworker
from caseworker.models.keys import Circle
from caseworker.permissions import Permission, permits
from caseworker.queries_keys import circle_lines, circles_seen_by, readers_left
from caseworker.unlocking import ring_in
from caseworker.vault.keyring import KeyRing
from requests_app.actions.rotation import rotate_for
from requests_app.queries.circles import rotations
from requests_app.queries.recovery import resealings

PATIENCE = 8.0
"""Seconds of rotating for one press of the button: some 20,000 records, and well under the 30 s of a web worker."""


LOOKS = 30
"""How often the page of a rotation refreshes itself: a page that did so for ever would keep an unattended session alive."""


def _looks_left(typed: str) -> int:
    return min(int(typed), LOOKS) - 1 if typed.isdecimal() and len(typed) < 4 and int(typed) else 0


def _page(request: SignedInRequest, *, status: int = 200, **values: Any) -> HttpResponse:
    lines = circle_lines(request.user)
    progress, sealing = rotations(lines), resealings(lines)
    context = {
        "circles": [
            {"line": line, "rotation": progress.get(line.id), "resealing": sealing.get(line.id)} for line in lines
        ],
        "may_open": permits(request.user, Permission.OPEN_CIRCLE),
    }
    return render(request, "requests_app/circles/list.html", context | values, status=status)


def _circle(request: SignedInRequest, circle_id: uuid.UUID) -> Circle:
    return get_object_or_404(circles_seen_by(request.user), id=circle_id)


@requires(Permission.VIEW_CIRCLES)
@require_GET
def circles(request: SignedInRequest) -> HttpResponse:
    """List circles with their health: members and fingerprints, versions, and how many records are not yet rotated."""
    return _page(request)


@requires(Permission.OPEN_CIRCLE)
@require_http_methods(["GET", "POST"])
def open_circle(request: SignedInRequest) -> HttpResponse:
    """Make a circle and name its first members."""
    form = CircleForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            actions.open_circle(
                data["code"],
                data["name"],
                list(data["people"]),
                is_intake=data["is_intake"],
                actor=request.user,
                now=clock.now(),
            )
        except PolicyRefused as refusal:
            form.add_error("code", str(refusal.message))
        else:
            return redirect("circles")
    return render(request, "requests_app/circles/open.html", {"form": form})


@requires(Permission.ADMIT_MEMBER)
@require_POST
@unlocked
def admit(request: SignedInRequest, circle_id: uuid.UUID, *, keyring: KeyRing) -> HttpResponse:
    """Let somebody in, once it was said that the fingerprints were compared."""
    circle, form = _circle(request, circle_id), AdmitForm(request.POST)
    if not form.is_valid():
        return _page(request, form=form)
    newcomer = get_object_or_404(Caseworker, id=form.cleaned_data["person"])
    compared = form.cleaned_data["fingerprint"].replace(" ", "")
    actions.admit_member(circle, newcomer, keyring=keyring, actor=request.user, now=clock.now(), compared=compared)
    return redirect("circles")


@requires(Permission.REMOVE_MEMBER)
@require_http_methods(["GET", "POST"])
def remove(request: SignedInRequest, circle_id: uuid.UUID, person_id: uuid.UUID) -> HttpResponse:
    """Take somebody out of a circle, after saying what follows; the rotation starts with the same press."""
    circle, person = _circle(request, circle_id), get_object_or_404(Caseworker, id=person_id)
    if request.method == "GET":
        left = [one for one in readers_left(person) if one.circle_id == circle.id]
        is_last = any(not one.aliases for one in left)
        context = {"circle": circle, "person": person, "is_self": person.id == request.user.id}
        return render(request, "requests_app/circles/remove.html", context | {"left": left, "is_last": is_last})
    if request.user.role == Role.SECURITY_OFFICER:
        actions.remove_member(circle, person, keyring=None, actor=request.user, now=clock.now())
        return redirect("rotation", circle.id)
    return _remove_and_rotate(request, circle, person)  # type: ignore[call-arg]


@unlocked
def _remove_and_rotate(
    request: SignedInRequest, circle: Circle, person: Caseworker, *, keyring: KeyRing
) -> HttpResponse:
    actions.remove_member(circle, person, keyring=keyring, actor=request.user, now=clock.now())
    if person.id == request.user.id:
        return redirect("sign_in")
    rotate_for(PATIENCE, circle, keyring=keyring, member=request.user, at=clock.now())
    return redirect("rotation", circle.id)


@requires(Permission.RENEW_CIRCLE)
@require_POST
@unlocked
def renew(request: SignedInRequest, circle_id: uuid.UUID, *, keyring: KeyRing) -> HttpResponse:
    """Give the circle a new key and begin to rotate."""
    circle = _circle(request, circle_id)
    actions.renew_circle(circle, keyring=keyring, actor=request.user, now=clock.now())
    rotate_for(PATIENCE, circle, keyring=keyring, member=request.user, at=clock.now())
    return redirect("rotation", circle.id)


@requires(Permission.VIEW_CIRCLES)
@require_GET
def rotation(request: SignedInRequest, circle_id: uuid.UUID) -> HttpResponse:
    """Show how far the rotation of a circle is, fresh every few seconds."""
    circle = _circle(request, circle_id)
    line = next(one for one in circle_lines(request.user) if one.id == circle.id)
    context = {
        "circle": line,
        "rotation": rotations([line]).get(line.id),
        "is_unlocked": ring_in(request.session) is not None,
        "looks": _looks_left(request.GET.get("looks", str(LOOKS))),
    }
    return render(request, "requests_app/circles/rotation.html", context)


@requires(Permission.RENEW_CIRCLE)
@require_POST
@unlocked
def rotate(request: SignedInRequest, circle_id: uuid.UUID, *, keyring: KeyRing) -> HttpResponse:
    """Go on with the rotation for some seconds."""
    circle = _circle(request, circle_id)
    rotate_for(PATIENCE, circle, keyring=keyring, member=request.user, at=clock.now())
    return redirect("rotation", circle.id)
