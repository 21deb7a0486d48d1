"""New words for one's own key: the old ones first, then the new ones on the screen, then the new ones typed back."""

from django.contrib.auth import authenticate
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from caseworker import clock
from caseworker.actions.own_keys import change_words, replace_key
from caseworker.decorators import SignedInRequest, requires, unlocked
from caseworker.forms.accounts import NewWordsForm, TypedBackForm
from caseworker.models.accounts import Caseworker
from caseworker.new_words import drop_pending, pending_exposed, pending_words, same_words, start_pending
from caseworker.permissions import Permission
from caseworker.throttle import AttemptsBlocked
from caseworker.unlocking import keep_ring, unlock
from caseworker.vault.keyring import KeyRing


def _typed_own_words(request: SignedInRequest, form: NewWordsForm) -> bool:
    """Check the present words through the one backend, with its throttle; a refusal is put on the form."""
    try:
        person = authenticate(request, alias=request.user.alias, words=form.cleaned_data["words"], factor_given=True)
    except AttemptsBlocked as blocked:
        form.add_error(None, str(blocked.message))
        return False
    if not isinstance(person, Caseworker):
        form.add_error("words", _("These are not your words. Type them again."))
        return False
    request.opened_ring[0].forget()  # type: ignore[attr-defined]
    return True


@requires(Permission.OWN_ACCOUNT)
@require_http_methods(["GET", "POST"])
def new_words(request: SignedInRequest) -> HttpResponse:
    """Ask for the present words, and why there shall be new ones."""
    form = NewWordsForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _typed_own_words(request, form):
        start_pending(request.session, exposed=form.cleaned_data["exposed"])
        return redirect("keep_words")
    return render(request, "caseworker/new_words.html", {"form": form})


@requires(Permission.OWN_ACCOUNT)
@require_http_methods(["GET", "POST"])
@unlocked
def keep_words(request: SignedInRequest, *, keyring: KeyRing) -> HttpResponse:
    """Show the new words until they were typed back; only then do they hold and the old ones end."""
    words, exposed = pending_words(request.session), pending_exposed(request.session)
    if words is None:
        return redirect("new_words")
    form = TypedBackForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and same_words(form, words):
        keep = replace_key if exposed else change_words
        cookie = request.session.session_key
        key = keep(words, keyring=keyring, cookie=cookie, actor=request.user, now=clock.now())
        drop_pending(request.session)
        fresh = unlock(key, words)
        if fresh is not None:
            keep_ring(request.session, fresh, request.user, key.suite)
            fresh.forget()
        return redirect("profile")
    return render(request, "caseworker/keep_words.html", {"form": form, "words": words.split(), "exposed": exposed})
