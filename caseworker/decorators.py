"""What each view declares: ``@public``, or ``@requires(Permission.X)``; and ``@unlocked`` where keys are needed."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Protocol, TypeVar, cast

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse

from caseworker.exceptions import VaultClosed
from caseworker.models.accounts import Caseworker
from caseworker.permissions import Permission, check
from caseworker.said import note_done
from caseworker.unlocking import ring_in


class SignedInRequest(HttpRequest):
    """A request whose user is known to be a caseworker."""

    user: Caseworker


class View(Protocol):
    """A view function."""

    def __call__(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer the request."""


V = TypeVar("V", bound=Callable[..., HttpResponse])


def public(view: V) -> V:
    """Let anybody open this view."""
    marked = login_not_required(view)
    marked.is_public = True  # type: ignore[attr-defined]
    return marked


def requires(permission: Permission) -> Callable[[V], V]:
    """Refuse with ``PermissionRefused`` unless the role of the signed-in person includes *permission*."""

    def decorate(view: V) -> V:
        @wraps(view)
        def guarded(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            check(request.user, permission)
            response = view(request, *args, **kwargs)
            note_done(request, response)
            return response

        guarded.permission = permission  # type: ignore[attr-defined]
        return cast(V, guarded)

    return decorate


def works_locked(view: V) -> V:
    """Let this view answer while the session is locked or has no second factor yet (unlock, sign out, quick exit)."""
    view.works_locked = True  # type: ignore[attr-defined]
    return view


def unlocked(view: V) -> V:
    """Hand the opened key ring to the view as ``keyring=``, and forget it afterwards; raises ``VaultClosed`` when locked."""

    @wraps(view)
    def with_ring(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        ring = ring_in(request.session)
        if ring is None:
            raise VaultClosed
        try:
            return view(request, *args, keyring=ring, **kwargs)
        finally:
            ring.forget()

    with_ring.needs_keys = True  # type: ignore[attr-defined]
    return cast(V, with_ring)
