"""Ask for the words once more before something that cannot be undone: through the one backend, with its throttle."""

from django import forms
from django.contrib.auth import authenticate
from django.http import HttpRequest
from django.utils.translation import gettext as _

from caseworker.models.accounts import Caseworker
from caseworker.throttle import AttemptsBlocked


def typed_own_words(request: HttpRequest, form: forms.Form, alias: str) -> bool:
    """Check the field ``words`` of a valid form; a refusal is put on the form. The opened ring is forgotten at once."""
    try:
        person = authenticate(request, alias=alias, words=form.cleaned_data["words"], factor_given=True)
    except AttemptsBlocked as blocked:
        form.add_error(None, str(blocked.message))
        return False
    if not isinstance(person, Caseworker):
        form.add_error("words", _("These are not your words. Type them again."))
        return False
    request.opened_ring[0].forget()  # type: ignore[attr-defined]
    return True
