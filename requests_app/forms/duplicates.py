"""Forms of the search and of the pairs. They validate and never save."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from requests_app.duplicate_codes import PairDecision
from requests_app.forms.fields import CodeField, TypedText

LONGEST_SEARCH = 200


class SearchForm(forms.Form):
    """What somebody is looked for by."""

    typed = TypedText(
        label=_("Phone, handle, e-mail, name, reference or codename"),
        help_text=_("As it was given. It is kept nowhere; that you searched is written down."),
        longest=LONGEST_SEARCH,
        has_focus=True,
        error_messages={"required": _("Type what to look for.")},
    )


class PairForm(forms.Form):
    """What two requests with a contact in common are to each other."""

    decision = CodeField(
        label=_("Who are they?"),
        choices=PairDecision.choices,
        widget=forms.RadioSelect,
    )


class MergeForm(forms.Form):
    """The versions of both cases as they were shown."""

    older_version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)
    younger_version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)

    def versions(self) -> tuple[Any, Any]:
        """Return the versions of the older and the younger case."""
        return self.cleaned_data["older_version"], self.cleaned_data["younger_version"]
