"""Form fields that lose nothing: they clean what cannot be seen and complain about the rest without cutting it off."""

import unicodedata
import uuid
from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

KEPT_CONTROLS = frozenset("\n\t")
NOT_IN_LIST = {
    "required": _("Nothing was chosen. Choose one from the list."),
    "invalid_choice": _("Choose one from the list."),
    "invalid_list": _("Choose from the list."),
}
TOO_LONG = ngettext_lazy(
    "Keep this under %(limit_value)d character.", "Keep this under %(limit_value)d characters.", "limit_value"
)


def clean_text(text: str) -> str:
    """Return *text* with one kind of line end, without control characters, and storable as UTF-8 (lone surrogates become U+FFFD)."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    seen = "".join(c for c in lines if c in KEPT_CONTROLS or unicodedata.category(c) != "Cc")
    return seen.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


class TypedText(forms.CharField):
    """Free text of at most *longest* characters.

    There is no ``maxlength`` in the page: with it a browser silently cuts off what was pasted. Spell checkers may send text away, so
    they are switched off.
    """

    def __init__(self, *, longest: int, rows: int = 0, has_focus: bool = False, **options: Any) -> None:
        """Make a text area of *rows*, or one line when *rows* is 0; with *has_focus* the page opens in it."""
        attributes: dict[str, Any] = {"autocomplete": "off", "spellcheck": "false"}
        attributes |= ({"rows": rows} if rows else {}) | ({"autofocus": True} if has_focus else {})
        options.setdefault("widget", forms.Textarea(attributes) if rows else forms.TextInput(attributes))
        super().__init__(**options)
        self.validators.append(MaxLengthValidator(longest, TOO_LONG))

    def to_python(self, value: Any) -> str:
        """Return the cleaned text."""
        return super().to_python(clean_text(value) if isinstance(value, str) else value) or ""


class CodeField(forms.ChoiceField):
    """One code of a vocabulary; its complaint repeats nothing."""

    def __init__(self, *, choices: Iterable[tuple[Any, Any]], **options: Any) -> None:
        """Offer *choices*."""
        super().__init__(choices=list(choices), error_messages=NOT_IN_LIST, **options)


class CodesField(forms.MultipleChoiceField):
    """Any number of codes, as boxes to tick."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, *, choices: Iterable[tuple[Any, Any]], **options: Any) -> None:
        """Offer *choices*."""
        super().__init__(choices=list(choices), required=False, error_messages=NOT_IN_LIST, **options)


class FormTokenField(forms.Field):
    """A hidden random id that makes a form count once, however often it is sent; a broken one is replaced, nobody could mend it."""

    widget = forms.HiddenInput

    def __init__(self) -> None:
        """Start each form with a new id."""
        super().__init__(required=False, initial=uuid.uuid4)

    def clean(self, value: Any) -> uuid.UUID:
        """Return the id."""
        try:
            return uuid.UUID(str(value))
        except ValueError:
            return uuid.uuid4()


class ConditionalNumber(forms.IntegerField):
    """A number that the form asks for in some cases: no field that may always stay empty, and so it is not called optional."""

    is_conditional = True

    def __init__(self, **options: Any) -> None:
        """Leave it to the form to ask."""
        super().__init__(required=False, **options)
