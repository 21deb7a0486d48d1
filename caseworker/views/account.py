"""One's own account: home, profile, sessions, second factor."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from caseworker import clock, second_factor
from caseworker.actions import people, sessions
from caseworker.context import NAVIGATION
from caseworker.decorators import SignedInRequest, requires, works_locked
from caseworker.enums import Role
from caseworker.forms.accounts import ProfileForm, SecondFactorForm
from caseworker.middleware import FACTOR_KEY
from caseworker.panic import stands_in_panic
from caseworker.permissions import Permission
from caseworker.queries import own_sessions
from caseworker.queries_keys import own_fingerprint
from caseworker.queries_notices import notice_page
from caseworker.shortcuts import offers_shortcuts
from caseworker.unlocking import idle_time, ring_in

PENDING_KEY = "_new_second_factor"


@stands_in_panic
@requires(Permission.OWN_ACCOUNT)
@require_GET
def home(request: SignedInRequest) -> HttpResponse:
    """Go to the first page of the role."""
    return redirect(NAVIGATION[Role(request.user.role)][0].url_name)


@stands_in_panic
@requires(Permission.OWN_ACCOUNT)
@require_http_methods(["GET", "POST"])
def profile(request: SignedInRequest) -> HttpResponse:
    """Choose language and time zone; see and end one's own sessions."""
    person = request.user
    initial = {"language": person.language, "time_zone": person.time_zone, "uses_shortcuts": person.uses_shortcuts}
    form = ProfileForm(request.POST or None, initial=initial, offers_shortcuts=offers_shortcuts(person))
    if request.method == "POST" and form.is_valid():
        people.change_profile(request.user, actor=request.user, now=clock.now(), **form.cleaned_data)
        return redirect("profile")
    context = {
        "form": form,
        "sessions": own_sessions(request.user, cookie=request.session.session_key, idle=idle_time(request.user)),
        "fingerprint": own_fingerprint(ring_in(request.session)),
        "notice_page": notice_page(request.user),
        "has_factor": second_factor.has_second_factor(request.user),
    }
    return render(request, "caseworker/profile.html", context)


@stands_in_panic
@requires(Permission.OWN_ACCOUNT)
@require_POST
def end_sessions(request: SignedInRequest) -> HttpResponse:
    """End every other session of one's own, or the one that was pointed at."""
    name = request.POST.get("session")
    sessions.end_other_sessions(request, actor=request.user, now=clock.now(), name=name)
    return redirect("profile")


def _grouped(secret: str) -> str:
    """Return the secret in groups of four, as one reads it aloud."""
    return " ".join(secret[n : n + 4] for n in range(0, len(secret), 4))


@stands_in_panic
@works_locked
@requires(Permission.OWN_ACCOUNT)
@require_http_methods(["GET", "POST"])
def set_second_factor(request: SignedInRequest) -> HttpResponse:
    """Set up TOTP: the secret as text, a first code to prove it arrived, then the recovery codes once."""
    if second_factor.has_second_factor(request.user):
        return redirect("profile")
    secret = request.session.setdefault(PENDING_KEY, second_factor.new_secret())
    form = SecondFactorForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if second_factor.code_matches(secret, form.cleaned_data["code"]):
            cookie = request.session.session_key
            codes = people.set_second_factor(request.user, secret, cookie=cookie, actor=request.user, now=clock.now())
            del request.session[PENDING_KEY]
            request.session[FACTOR_KEY] = True
            return render(request, "caseworker/recovery_codes.html", {"codes": codes})
        form.add_error("code", _("This code does not fit. Wait for the next one and type it."))
    return render(request, "caseworker/second_factor.html", {"form": form, "secret": _grouped(secret)})
