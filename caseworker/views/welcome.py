"""The first visit: an invited person is shown words that nobody else ever sees, and types them back."""

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from caseworker import clock, throttle
from caseworker.actions.invitations import accept_invitation, invited
from caseworker.decorators import public
from caseworker.exceptions import PolicyRefused
from caseworker.forms.accounts import TypedBackForm, WelcomeForm
from caseworker.models.accounts import Caseworker
from caseworker.new_words import drop_pending, pending_words, same_words, start_pending
from caseworker.throttle import AttemptsBlocked

THROTTLE = "invitation"
INVITED_KEY = "_invited"


def _invited_by(form: WelcomeForm) -> tuple[Caseworker | None, int]:
    """Return the invited person, or None with the status; the sentence is then on the form. Unknown and wrong look alike."""
    alias, code = form.cleaned_data["alias"], form.cleaned_data["code"]
    try:
        throttle.check_not_blocked(THROTTLE, alias)
    except AttemptsBlocked as blocked:
        form.add_error(None, str(blocked.message))
        return None, 429
    person = invited(alias, code, clock.now())
    if person is None:
        throttle.record_failure(THROTTLE, alias)
        form.add_error(None, _("This did not open. Check the alias and the four words, or ask for a new invitation."))
        return None, 403
    throttle.clear_failures(THROTTLE, alias)
    return person, 200


@public
@require_http_methods(["GET", "POST"])
def welcome(request: HttpRequest) -> HttpResponse:
    """Ask who was invited and for the code."""
    form = WelcomeForm(request.POST or None)
    if request.method == "GET" or not form.is_valid():
        return render(request, "caseworker/welcome.html", {"form": form})
    person, status = _invited_by(form)
    if person is None:
        return render(request, "caseworker/welcome.html", {"form": form}, status=status)
    request.session.cycle_key()
    request.session[INVITED_KEY] = [str(person.id), person.invitation.code_hash]
    start_pending(request.session)
    return redirect("first_words")


@public
@require_http_methods(["GET", "POST"])
def first_words(request: HttpRequest) -> HttpResponse:
    """Show the words of this invitation until they are typed back; then the account opens."""
    words, (person_id, code_hash) = pending_words(request.session), request.session.get(INVITED_KEY) or (None, "")
    person = Caseworker.objects.filter(id=uuid.UUID(person_id)).first() if person_id else None
    if words is None or person is None:
        return redirect("welcome")
    form = TypedBackForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            if same_words(form, words):
                accept_invitation(person, words, now=clock.now(), code_hash=code_hash)
                drop_pending(request.session)
                request.session.flush()
                return redirect("sign_in")
        except PolicyRefused as refusal:
            form.add_error(None, str(refusal.message))
    context = {"form": form, "words": words.split(), "alias": person.alias}
    return render(request, "caseworker/first_words.html", context)
