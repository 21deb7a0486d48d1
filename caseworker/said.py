"""What is said after something was done: one fixed sentence for each address, shown once, on the page that follows.

A cookie carries the name of the address that was posted to, and nothing else: a constant, whoever it was and whatever case. It is not
kept in the session, because a page that takes it out and is late would write back a session that was locked meanwhile.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.urls import Resolver404, resolve
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from caseworker.models.accounts import Caseworker

FOUND = 302


@dataclass(frozen=True)
class Said:
    """A sentence; the *part* of the case page it is about; *unless* the redirect leads there, because then nothing was done yet."""

    sentence: str | Promise
    part: str = ""
    unless: str = ""


SENTENCES: dict[str, Said] = {
    "profile": Said(_("Your profile was saved.")),
    "end_sessions": Said(_("Those sessions have ended.")),
    "notices": Said(_("Your notices were saved.")),
    "new_notice_code": Said(_("If your address still waits to be proven, a new code is on its way.")),
    "confirm_notices": Said(_("The address is proven. Notices go there from now on.")),
    "drop_notices": Said(_("Nothing is sent to you any more.")),
    "keep_words": Said(_("Your new words hold. The old ones open nothing any more."), unless="new_words"),
    "unlock_everyone": Said(_("Written down.")),
    "change_role": Said(_("The role was changed.")),
    "record_leaving": Said(_("It is written down that this person left.")),
    "suspend_person": Said(_("The account is suspended. Its sessions have ended.")),
    "restore_person": Said(_("This account can sign in again.")),
    "reset_second_factor": Said(_("The second factor was removed. A new one is set up at the next sign-in.")),
}
"""By the name of the address; the casework adds its own (``requests_app/said.py``)."""


def _name() -> str:
    return f"{settings.SESSION_COOKIE_NAME}-said"


def _leads_to(response: HttpResponseBase, name: str) -> bool:
    try:
        return resolve(response.headers["Location"].split("?")[0]).view_name == name
    except Resolver404:
        return False


def note_done(request: HttpRequest, response: HttpResponseBase) -> None:
    """Remember what there is to say when a view answered a POST by leading on; a refusal is raised or shows a page, and says nothing."""
    name = request.resolver_match.view_name if request.resolver_match else ""
    said = SENTENCES.get(name)
    if request.method != "POST" or response.status_code != FOUND or said is None:
        return
    if not said.unless or not _leads_to(response, said.unless):
        request.done = name  # type: ignore[attr-defined]


def said_values(request: HttpRequest) -> dict[str, Any]:
    """Return the sentence for the page that is rendered, and the part of it to look at; nothing where there is none."""
    said = SENTENCES.get(request.COOKIES.get(_name(), ""))
    if said is None:
        return {}
    request.was_said = True  # type: ignore[attr-defined]
    is_case = request.resolver_match is not None and request.resolver_match.view_name == "case"
    return {"said": {"sentence": said.sentence, "part": said.part if is_case else ""}}


class SaidMiddleware:
    """Carry the name of what was done to the next page, and take it away once it was said or nobody is signed in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        """Keep the next step."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer; a cookie of the browser's session, like the one that signs in."""
        response = self.get_response(request)
        options: dict[str, Any] = {"samesite": settings.SESSION_COOKIE_SAMESITE}
        if done := getattr(request, "done", ""):
            response.set_cookie(_name(), done, httponly=True, secure=settings.SESSION_COOKIE_SECURE, **options)
        elif _name() in request.COOKIES and (
            hasattr(request, "was_said") or not isinstance(getattr(request, "user", None), Caseworker)
        ):
            response.delete_cookie(_name(), **options)
        return response
