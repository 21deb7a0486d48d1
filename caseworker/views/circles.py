"""Circles as their members see them: who is in, and letting somebody in after the fingerprints were compared aloud."""

import uuid

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from caseworker import clock
from caseworker.actions.circles import admit_member
from caseworker.decorators import SignedInRequest, requires, unlocked
from caseworker.forms.accounts import AdmitForm
from caseworker.models.accounts import Caseworker
from caseworker.models.keys import Circle
from caseworker.permissions import Permission
from caseworker.queries import own_circles
from caseworker.vault.keyring import KeyRing


@requires(Permission.ADMIT_MEMBER)
@require_GET
def circles(request: SignedInRequest) -> HttpResponse:
    """List one's own circles, their members, and who could be let in, each with the fingerprint of their key."""
    return render(request, "caseworker/circles.html", {"circles": own_circles(request.user)})


@requires(Permission.ADMIT_MEMBER)
@require_POST
@unlocked
def admit(request: SignedInRequest, circle_id: uuid.UUID, *, keyring: KeyRing) -> HttpResponse:
    """Let somebody in, once it was said that the fingerprints were compared."""
    circle = get_object_or_404(
        Circle.objects.filter(id__in=[one.id for one in own_circles(request.user)]), id=circle_id
    )
    form = AdmitForm(request.POST)
    if not form.is_valid():
        context = {"circles": own_circles(request.user), "form": form}
        return render(request, "caseworker/circles.html", context)
    newcomer = get_object_or_404(Caseworker, id=form.cleaned_data["person"])
    compared = form.cleaned_data["fingerprint"].replace(" ", "")
    admit_member(circle, newcomer, keyring=keyring, actor=request.user, now=clock.now(), compared=compared)
    return redirect("circles")
