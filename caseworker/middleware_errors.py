"""Expected refusals become pages."""

import logging
from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase, HttpResponseNotAllowed, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode

from caseworker.exceptions import (
    CaseworkError,
    InvalidInput,
    PermissionRefused,
    PolicyRefused,
    StaleVersion,
    VaultClosed,
)
from caseworker.views.errors import error_page

logger = logging.getLogger("caseworker.security")

STATUS_OF: tuple[tuple[type[CaseworkError], int], ...] = (
    (PermissionRefused, 403),
    (PolicyRefused, 403),
    (StaleVersion, 409),
    (InvalidInput, 400),
    (CaseworkError, 403),
)
"""The first class that fits decides; the last one fits all."""


def _to_unlock(request: HttpRequest) -> HttpResponseRedirect:
    """Send to the unlock page; only a GET can be gone back to (its address holds random ids and codes, nothing typed)."""
    query = f"?{urlencode({'next': request.get_full_path()})}" if request.method == "GET" else ""
    return HttpResponseRedirect(reverse("unlock") + query)


def log_refusal(request: HttpRequest, refusal: CaseworkError) -> None:
    """Put the rule of a refusal and the name of the view into the security log, and nothing else."""
    view = request.resolver_match.view_name if request.resolver_match else ""
    logger.warning("refused", extra={"rule": type(refusal).__name__, "view": view})


def page_of(request: HttpRequest, refusal: CaseworkError) -> HttpResponseBase:
    """Return the page of an expected refusal, and put its rule into the security log."""
    log_refusal(request, refusal)
    if isinstance(refusal, VaultClosed):
        return _to_unlock(request)
    status = next(code for kind, code in STATUS_OF if isinstance(refusal, kind))
    return error_page(request, status, refusal.message)


class RefusalMiddleware:
    """Turn a :class:`CaseworkError` that a view let pass into its page, and a bare 405 into a readable one.

    Only the class of the refusal and the name of the view reach the security log.
    """

    def __init__(self, next_step: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Keep the *next_step*."""
        self.next_step = next_step

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, with a page where there would be an empty 405."""
        response = self.next_step(request)
        if not isinstance(response, HttpResponseNotAllowed) or response.content:
            return response
        page = error_page(request, 405)
        page.headers["Allow"] = response.headers["Allow"]
        return page

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        """Return the page of an expected refusal; None leaves everything else to the 500 page."""
        return page_of(request, exception) if isinstance(exception, CaseworkError) else None
