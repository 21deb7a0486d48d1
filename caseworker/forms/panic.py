"""The words again, to let everyone in."""

from django import forms
from django.utils.translation import gettext_lazy as _


class LiftForm(forms.Form):
    """One's own words."""

    words = forms.CharField(
        label=_("Your six words"),
        max_length=200,
        widget=forms.PasswordInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}, render_value=False
        ),
    )
