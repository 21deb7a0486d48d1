"""What both pages with sealed records do with a reveal: the words where they are asked for, then the record."""

from django.utils.translation import gettext_lazy as _

from caseworker import clock
from caseworker.decorators import SignedInRequest
from caseworker.exceptions import PolicyRefused
from caseworker.step_up import typed_own_words
from caseworker.vault.keyring import KeyRing
from requests_app.actions.reveals import WordsNeeded, reveal_watched
from requests_app.enums import ReasonCode
from requests_app.forms.cases import RevealForm
from requests_app.models.cases import Case
from requests_app.models.sealed import SealedRecord


class WordsWrong(PolicyRefused):
    """What was typed are not the person's words, or they are blocked for a while; the field stays."""

    message = _("These are not your words, or you tried too often. Type them again, or wait five minutes.")


ASKS_WORDS = (WordsNeeded, WordsWrong)
"""Refusals after which the page shows a field for the words."""


def revealed(
    request: SignedInRequest, form: RevealForm, record: SealedRecord, *, case: Case | None, keyring: KeyRing
) -> dict[str, str]:
    """Return the opened fields for a valid form; raises ``PolicyRefused``, and ``WordsNeeded`` when the form must ask for the words."""
    has_typed = bool(form.cleaned_data["words"])
    if has_typed and not typed_own_words(request, form, request.user.alias):
        raise WordsWrong
    return reveal_watched(
        record,
        case=case,
        reason=ReasonCode(form.cleaned_data["reason"]),
        keyring=keyring,
        person=request.user,
        at=clock.now(),
        has_typed_words=has_typed,
    )
