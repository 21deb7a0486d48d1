"""Nothing typed is lost when a session has ended: the form is sealed, the sign-in page carries it, and it is replayed afterwards.

The token is encrypted under a key that dies with the boot, bound to the person whose form it was, and lives one hour. Only views
marked ``@replayable`` take part; every form carries a signed binding to the person (``templatetags/every_form.py``). Whose form is not
carried is told that nothing was done.
"""

import datetime as dt
import json
import uuid
from typing import Any, TypeVar, cast
from urllib.parse import urlsplit

from django.core import signing
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.utils import timezone

from caseworker.boot_key import derived_key
from caseworker.forms.accounts import SignInForm, UnlockForm
from caseworker.models.accounts import Caseworker
from caseworker.panic import is_shut
from caseworker.second_factor import lacks_second_factor
from caseworker.vault.errors import VaultError
from caseworker.vault.formats import ctx
from caseworker.vault.wrapping import unwrap, wrap

BINDING_FIELD = "_for"
CARRY_FIELD = "carry"
LIFETIME = dt.timedelta(hours=1)
MAX_BYTES = 200_000
_SALT = "caseworker.replay"
V = TypeVar("V")


def replayable(view: V) -> V:
    """Let a POST to this view survive the end of a session."""
    view.is_replayable = True  # type: ignore[attr-defined]
    return view


def binding(person: Caseworker) -> str:
    """Return the signed id that a replayable form carries."""
    return signing.dumps(str(person.id), salt=_SALT)


def bound_person(post: QueryDict) -> uuid.UUID | None:
    """Return whose form it was, or None when the binding is missing, forged or older than the longest session."""
    try:
        return uuid.UUID(signing.loads(post.get(BINDING_FIELD, ""), salt=_SALT, max_age=dt.timedelta(hours=9)))
    except (signing.BadSignature, ValueError):
        return None


def _key() -> bytes:
    return derived_key("replay-key", b"replay")


def seal_post(request: HttpRequest, person_id: uuid.UUID) -> str | None:
    """Return the sealed form, or None when it is too large to carry or holds a file."""
    if request.FILES:
        return None
    fields = {name: values for name, values in request.POST.lists() if name != "csrfmiddlewaretoken"}
    raw = json.dumps({"path": request.path, "at": timezone.now().timestamp(), "fields": fields}).encode("utf-8")
    if len(raw) > MAX_BYTES:
        return None
    return wrap(raw, key=_key(), associated_data=ctx("replay", person_id)).hex()


def open_post(token: str, person_id: uuid.UUID) -> dict[str, Any] | None:
    """Return the sealed form if it is this person's and not older than an hour, else None."""
    try:
        stored = json.loads(unwrap(bytes.fromhex(token), key=_key(), associated_data=ctx("replay", person_id)))
    except (VaultError, ValueError):
        return None
    age = timezone.now().timestamp() - stored["at"]
    return cast(dict[str, Any], stored) if 0 <= age <= LIFETIME.total_seconds() else None


def _token_for(request: HttpRequest) -> str | None:
    """Return the sealed form when it is somebody's own and its view takes part; the address is looked at only then.

    What is carried already is passed on as it is while it opens, and never sealed a second time: its hour does not begin anew.
    """
    person_id = bound_person(request.POST)
    if person_id is None:
        return None
    if inner := request.POST.get(CARRY_FIELD, ""):
        return inner if open_post(inner, person_id) else None
    return seal_post(request, person_id) if _is_replayable(request.path_info) else None


def _is_replayable(path: str) -> bool:
    try:
        return bool(getattr(resolve(path).func, "is_replayable", False))
    except Resolver404:
        return False


def carry_over_sign_in(request: HttpRequest) -> HttpResponse:
    """Answer with the sign-in page that carries the form just sent; without a form of somebody's own it says only that one signs in."""
    token = _token_for(request)
    context = {"form": SignInForm(), "carry": token, "ended": True, "kept": bool(token)}
    return render(request, "caseworker/sign_in.html", context, status=401 if not token else 200)


def carry_over_unlock(request: HttpRequest) -> HttpResponse:
    """Answer with the unlock page that carries the form just sent, or says that nothing was done."""
    token = _token_for(request)
    context = {"form": UnlockForm(), "carry": token, "kept": bool(token), "lost": not token}
    return render(request, "caseworker/unlock.html", context)


def carry_over_old_form(request: HttpRequest) -> HttpResponse | None:
    """Answer a form of an earlier session of the same person with a page that asks whether to send it now; None when there is nothing to carry.

    Nobody else can make such a form: the binding is signed, and it is never processed before that person presses a button with a token of
    this session.
    """
    person = request.user
    token = _token_for(request) if isinstance(person, Caseworker) and bound_person(request.POST) == person.id else None
    return render(request, "caseworker/send_again.html", {"carry": token}, status=403) if token else None


def replay_after_sign_in(request: HttpRequest, person: Caseworker) -> HttpResponse | None:
    """Run the carried form as *person* and return its answer; None when there is none or it is not theirs.

    The view is called past the gate, so what the gate asks is asked here too: a panic keeps people out, and so does a missing second factor.

    The sign-in form's own token was checked by the CSRF middleware; the carried form was sealed by this server for this person.
    """
    stored = open_post(request.POST.get(CARRY_FIELD, ""), person.id)
    if stored is None or lacks_second_factor(person):
        return None
    try:
        match = resolve(urlsplit(stored["path"]).path)
    except Resolver404:
        return None
    if not getattr(match.func, "is_replayable", False) or is_shut(person.role, match.func):
        return None
    fields = QueryDict(mutable=True)
    for name, values in stored["fields"].items():
        fields.setlist(name, values)
    request.POST = fields  # type: ignore[assignment]
    request.path = request.path_info = stored["path"]
    request.resolver_match = match
    request.user = person
    return cast(HttpResponse, match.func(request, *match.args, **match.kwargs))
