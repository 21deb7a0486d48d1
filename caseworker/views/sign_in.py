"""Coming in, locking, leaving."""

from django.contrib.auth import authenticate
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from caseworker import clock
from caseworker.actions import sessions
from caseworker.decorators import SignedInRequest, public, requires, works_locked
from caseworker.forms.accounts import SignInForm, UnlockForm
from caseworker.middleware import FACTOR_KEY, LANGUAGE_KEY
from caseworker.models.accounts import Caseworker
from caseworker.panic import stands_in_panic
from caseworker.permissions import Permission
from caseworker.replay import CARRY_FIELD, replay_after_sign_in
from caseworker.second_factor import lacks_second_factor
from caseworker.throttle import AttemptsBlocked
from caseworker.views.errors import form_too_old

WRONG = "wrong"
NEXT_FIELD = "next"
OPEN_PAGES = frozenset({"sign_in", "welcome", "first_words", "claim"})
"""Pages for people who are not signed in: the only ones that ask for a language."""


def _destination(request: HttpRequest) -> str:
    """Return the local address to go on to; anything that leads elsewhere is ignored."""
    wanted = request.POST.get(NEXT_FIELD, "") or request.GET.get(NEXT_FIELD, "")
    local = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    return wanted if wanted and local and wanted.startswith("/") else reverse("home")


def _wrong() -> str:
    return _("This did not open. Check the alias, the six words and the code, then try again.")


def _page(request: HttpRequest, template: str, form: SignInForm | UnlockForm, *, status: int = 200) -> HttpResponse:
    carry = request.POST.get(CARRY_FIELD, "")
    return render(
        request,
        template,
        {"form": form, "carry": carry, "next": _destination(request), "kept": bool(carry)},
        status=status,
    )


def _authenticated(
    request: HttpRequest, form: SignInForm | UnlockForm, **credentials: object
) -> tuple[Caseworker | None, int]:
    """Return the person, or None with the status to answer with and the sentence already on the form."""
    try:
        person = authenticate(request, **credentials)
    except AttemptsBlocked as blocked:
        form.add_error(None, str(blocked.message))
        return None, 429
    if not isinstance(person, Caseworker):
        form.add_error(None, _wrong())
        sessions.record_refusal(now=clock.now())
        return None, 403
    return person, 200


@public
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in with alias, six words and code, and unlock the keys in the same step."""
    if request.user.is_authenticated and request.method == "GET":
        return redirect("home")
    form = SignInForm(request.POST or None)
    if request.method == "GET" or not form.is_valid():
        return _page(request, "caseworker/sign_in.html", form)
    person, status = _authenticated(request, form, **form.cleaned_data)
    if person is None:
        return _page(request, "caseworker/sign_in.html", form, status=status)
    sessions.open_session(request, actor=person, now=clock.now())
    if lacks_second_factor(person):
        return redirect("second_factor")
    sessions.run_after_unlock(request, person, clock.now())
    return replay_after_sign_in(request, person) or redirect(_destination(request))


@stands_in_panic
@works_locked
@requires(Permission.OWN_ACCOUNT)
@require_http_methods(["GET", "POST"])
def unlock(request: SignedInRequest) -> HttpResponse:
    """Type the words again after a lock."""
    form = UnlockForm(request.POST or None)
    if request.method == "GET" or not form.is_valid():
        return _page(request, "caseworker/unlock.html", form)
    given = bool(request.session.get(FACTOR_KEY))
    person, status = _authenticated(
        request, form, alias=request.user.alias, words=form.cleaned_data["words"], factor_given=given
    )
    if person is None:
        return _page(request, "caseworker/unlock.html", form, status=status)
    sessions.unlock_session(request, actor=request.user, now=clock.now())
    sessions.run_after_unlock(request, request.user, clock.now())
    return replay_after_sign_in(request, request.user) or redirect(_destination(request))


@stands_in_panic
@requires(Permission.OWN_ACCOUNT)
@require_POST
def send_again(request: SignedInRequest) -> HttpResponse:
    """Carry out a form of an earlier session that this person typed, if it still opens."""
    return replay_after_sign_in(request, request.user) or form_too_old(request)


@stands_in_panic
@works_locked
@requires(Permission.OWN_ACCOUNT)
@require_POST
def lock(request: SignedInRequest) -> HttpResponse:
    """Lock the keys; the words open them again."""
    sessions.lock_keys(request, actor=request.user, now=clock.now())
    return redirect("unlock")


@stands_in_panic
@works_locked
@requires(Permission.OWN_ACCOUNT)
@require_POST
def sign_out(request: SignedInRequest) -> HttpResponse:
    """End the session; the sign-in page stays in the person's language."""
    language = request.user.language
    sessions.sign_out(request, actor=request.user, now=clock.now())
    request.session[LANGUAGE_KEY] = language
    return redirect("sign_in")


@public
@require_POST
def quick_exit(request: HttpRequest) -> HttpResponse:
    """End the session, ask the browser to forget this site, and land on a page that says nothing."""
    if isinstance(request.user, Caseworker):
        sessions.leave_quickly(request, actor=request.user, now=clock.now())
    response = redirect("neutral")
    response.headers["Clear-Site-Data"] = '"cache", "cookies", "storage"'
    return response


@public
@require_GET
def neutral(request: HttpRequest) -> HttpResponse:
    """Show a page that could belong to anybody."""
    return render(request, "caseworker/neutral.html")


@public
@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Keep the language of the sign-in page for this browser session."""
    if request.POST.get("language") in {"en", "ru"}:
        request.session[LANGUAGE_KEY] = request.POST["language"]
    back = request.POST.get("back", "")
    return redirect(back if back in OPEN_PAGES else "sign_in")
