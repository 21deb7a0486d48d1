"""New words for one's own key: the old ones first, then the new ones on the screen, then the new ones typed back."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from caseworker import clock
from caseworker.actions.own_keys import change_words, replace_key
from caseworker.decorators import SignedInRequest, requires, unlocked
from caseworker.forms.accounts import NewWordsForm, TypedBackForm
from caseworker.new_words import drop_pending, pending_exposed, pending_words, same_words, start_pending
from caseworker.permissions import Permission
from caseworker.step_up import typed_own_words
from caseworker.unlocking import keep_ring, unlock
from caseworker.vault.keyring import KeyRing


@requires(Permission.OWN_ACCOUNT)
@require_http_methods(["GET", "POST"])
def new_words(request: SignedInRequest) -> HttpResponse:
    """Ask for the present words, and why there shall be new ones."""
    form = NewWordsForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and typed_own_words(request, form, request.user.alias):
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
