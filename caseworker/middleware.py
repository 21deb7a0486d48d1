"""What stands before every view: reads that cannot write, the profile's language and time zone, and the gate."""

import contextlib
import zoneinfo
from collections.abc import Callable
from contextlib import nullcontext
from typing import Any, cast

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.db import connections
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django.urls import Resolver404, resolve
from django.utils import timezone, translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext_lazy as _

from caseworker import replay
from caseworker.enums import Role
from caseworker.exceptions import PermissionRefused, PolicyRefused, VaultClosed
from caseworker.middleware_errors import page_of
from caseworker.models.accounts import Caseworker
from caseworker.panic import ADMITTED, is_shut
from caseworker.second_factor import has_second_factor
from caseworker.unlocking import is_locked

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
WRITES = ("INSERT", "UPDATE", "DELETE", "REPLACE", "ALTER", "CREATE", "DROP")
FACTOR_KEY = "_second_factor"
LANGUAGE_KEY = "_language"

Next = Callable[[HttpRequest], HttpResponse]


class WriteOnRead(Exception):
    """A GET tried to write: a fault of the program, found at once."""


def _refuse_writes(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    if sql.lstrip().upper().startswith(WRITES):
        raise WriteOnRead
    return execute(sql, params, many, context)


class ReadOnlyGetMiddleware:
    """Refuse to write to the casework database while answering GET, HEAD or OPTIONS."""

    def __init__(self, get_response: Next) -> None:
        """Keep the next step."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer with the guard in place."""
        guard = (
            connections["default"].execute_wrapper(_refuse_writes) if request.method in SAFE_METHODS else nullcontext()
        )
        with guard:
            return self.get_response(request)


def _open_language(request: HttpRequest) -> str:
    """Return the language of a page before sign-in."""
    return str(request.session.get(LANGUAGE_KEY) or translation.get_language_from_request(request))


class ProfileMiddleware:
    """Language and time zone come from the profile, never from the request: Tor Browser says English and UTC for everybody.

    Before sign-in there is no profile: then the language is the one that was chosen there or left behind, else what the browser asks for.
    """

    def __init__(self, get_response: Next) -> None:
        """Keep the next step."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer in the person's language; before sign-in, in the one chosen there."""
        person = request.user
        known = isinstance(person, Caseworker)
        language = person.language if isinstance(person, Caseworker) else _open_language(request)
        zone = zoneinfo.ZoneInfo(person.time_zone) if known else timezone.get_default_timezone()  # type: ignore[union-attr]
        with translation.override(language), timezone.override(zone):
            response = self.get_response(request)
            if not known:
                patch_vary_headers(response, ("Accept-Language",))
            response.headers["Content-Language"] = translation.get_language() or settings.LANGUAGE_CODE
        return response


def leads_to_public_page(path: str) -> bool:
    """Tell whether *path* is the address of a public view, perhaps without its last slash; nothing else about it matters to a stranger."""
    for spelling in (path, f"{path}/"):
        with contextlib.suppress(Resolver404):
            return bool(getattr(resolve(spelling).func, "is_public", False))
    return False


class GateMiddleware(LoginRequiredMiddleware):
    """Default deny: no view answers unless it is public, or the person is signed in, unlocked and the view names its permission.

    A stranger is answered before the address means anything: whether it exists, whose it is and whether an id is right makes no
    difference to what they see, nor to the work that is done.
    """

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Stop a stranger at the door unless the page is public."""
        if request.user.is_authenticated or leads_to_public_page(request.path_info):
            return cast(HttpResponse, super().__call__(request))
        return cast(HttpResponse, self.at_the_door(request))

    def at_the_door(self, request: HttpRequest) -> HttpResponseBase:
        """Answer a stranger, for every address alike: a form comes back sealed into the sign-in page if it is somebody's own form."""
        if request.method == "POST":
            return replay.carry_over_sign_in(request)
        return redirect_to_login(request.get_full_path(), resolve_url(settings.LOGIN_URL), self.redirect_field_name)

    def process_view(
        self, request: HttpRequest, view_func: Any, view_args: Any, view_kwargs: Any
    ) -> HttpResponseBase | None:
        """Let the view answer (None), or answer in its place."""
        if getattr(view_func, "is_public", False):
            return None
        if not request.user.is_authenticated:
            return self.at_the_door(request)
        if getattr(view_func, "permission", None) is None:
            return page_of(request, PermissionRefused())
        if is_shut(request.user.role, view_func):
            return self._in_panic(request)
        if getattr(view_func, "works_locked", False):
            return None
        if is_locked(request.session):
            return self._at_lock(request)
        return self._at_second_factor(request)

    def _in_panic(self, request: HttpRequest) -> HttpResponseBase:
        """Make a stranger of whoever is locked out; tell an officer or a volunteer that this page does not stand now."""
        if Role(request.user.role) in ADMITTED:  # type: ignore[union-attr]
            return page_of(
                request,
                PolicyRefused(_("Everyone is locked out. This opens again when two security officers lift it.")),
            )
        logout(request)
        return self.at_the_door(request)

    def _at_lock(self, request: HttpRequest) -> HttpResponseBase:
        return replay.carry_over_unlock(request) if request.method == "POST" else page_of(request, VaultClosed())

    def _at_second_factor(self, request: HttpRequest) -> HttpResponseBase | None:
        if not settings.SECOND_FACTOR_REQUIRED or request.session.get(FACTOR_KEY):
            return None
        if isinstance(request.user, Caseworker) and has_second_factor(request.user):
            request.session[FACTOR_KEY] = True
            return None
        return redirect("second_factor")
