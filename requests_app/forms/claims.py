"""The form of a requester: four words."""

from django import forms
from django.utils.translation import gettext_lazy as _


class ClaimForm(forms.Form):
    """The claim code as it was read out."""

    words = forms.CharField(
        label=_("Your code"),
        max_length=100,
        help_text=_("Four words, with spaces between them. Capitals do not matter."),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false", "autofocus": True}
        ),
    )
