"""Error pages: neutral sentences, never a value, the same for everybody."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from caseworker import replay


@dataclass(frozen=True)
class ErrorText:
    """What happened, and what is next."""

    title: str | Promise
    message: str | Promise
    advice: str | Promise


_CHOOSE = _("Go back, or choose a page from the menu.")
_AGAIN = _("Nothing was changed. Go back, load the page again and repeat what you did.")

ERROR_TEXTS: Mapping[int, ErrorText] = {
    400: ErrorText(_("This could not be read"), _("The page sent something that cannot be understood here."), _AGAIN),
    403: ErrorText(_("Not open to you"), _("Your role does not include this."), _CHOOSE),
    404: ErrorText(_("Nothing here"), _("There is no such page, or it is not yours to see."), _CHOOSE),
    405: ErrorText(_("Not this way"), _("This page opens only from a form."), _CHOOSE),
    409: ErrorText(_("Changed meanwhile"), _("Somebody changed this while you had it open."), _AGAIN),
    413: ErrorText(
        _("Too much at once"),
        _("This is larger than what can be taken in one go. Shorten it and send it again."),
        _AGAIN,
    ),
    429: ErrorText(
        _("Too many tries"), _("There were too many tries in a short time."), _("Wait a few minutes, then try again.")
    ),
    500: ErrorText(
        _("Something broke here"), _("The fault is on our side. Nothing was half saved."), _("Try again in a minute.")
    ),
}
FORM_TOO_OLD = ErrorText(
    _("This form was open too long"),
    _("For your safety a form works only in the session in which it was opened."),
    _("Nothing was done. Open the page again from the menu and repeat what you did."),
)


def error_page(request: HttpRequest, status: int, message: str | Promise | None = None) -> HttpResponse:
    """Return the page for *status*; *message* replaces its sentence and must be fixed text."""
    return _page(request, status, ERROR_TEXTS[status], message)


def _page(request: HttpRequest, status: int, text: ErrorText, message: str | Promise | None = None) -> HttpResponse:
    error = {"title": text.title, "message": message or text.message, "advice": text.advice}
    return render(request, "error.html", {"error": error}, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 400, or 413 when the body was too large."""
    return error_page(request, 413 if isinstance(exception, RequestDataTooBig) else 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 403."""
    return error_page(request, 403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 404; a record of somebody else gives exactly this page too."""
    return error_page(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 500 without touching the session, the person or a database, any of which may be what broke."""
    return HttpResponse(render_to_string("500.html", {"error": ERROR_TEXTS[500]}), status=500)


def form_too_old(request: HttpRequest) -> HttpResponse:
    """Answer 403 when a form cannot be used any more."""
    return _page(request, 403, FORM_TOO_OLD)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer 403 when a form's token does not fit; the person's own form can be sent again. Django's *reason* is not shown."""
    return replay.carry_over_old_form(request) or form_too_old(request)
