"""Words between being made and being kept: in the encrypted session alone, shown until they were typed back, gone after ten minutes."""

import time

from django.contrib.sessions.backends.base import SessionBase
from django.utils.translation import gettext as _

from caseworker.forms.accounts import TypedBackForm
from caseworker.vault.passphrase import generate_words, normalize_words

PENDING_KEY = "_new_words"
LIFETIME_SECONDS = 600


def start_pending(session: SessionBase, *, exposed: bool = False) -> None:
    """Make six words and keep them in the session; *exposed* goes along: somebody may know the old ones."""
    session[PENDING_KEY] = [generate_words(), exposed, int(time.time()) + LIFETIME_SECONDS]


def pending_words(session: SessionBase) -> str | None:
    """Return the words that wait to be typed back, or None when there are none or they are too old."""
    words, _exposed, ends = session.get(PENDING_KEY) or ["", False, 0]
    return str(words) if time.time() < ends else None


def pending_exposed(session: SessionBase) -> bool:
    """Tell whether the old words may be known to somebody."""
    return bool((session.get(PENDING_KEY) or ["", False, 0])[1])


def drop_pending(session: SessionBase) -> None:
    """Forget the words."""
    session.pop(PENDING_KEY, None)


def same_words(form: TypedBackForm, words: str) -> bool:
    """Compare what was typed back; a difference is put on the form."""
    if normalize_words(form.cleaned_data["words"]) == words:
        return True
    form.add_error("words", _("These are not the words above. Compare them one by one and type them again."))
    return False
