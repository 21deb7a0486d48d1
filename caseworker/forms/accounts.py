"""Forms of the account pages: they validate and never save."""

import zoneinfo
from typing import Any

from django import forms
from django.conf import settings
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from caseworker.enums import Role
from caseworker.models.keys import Circle

ALIAS_RULE = RegexValidator(r"^[\w.-]{2,40}$", _("Use 2 to 40 letters, digits, dots or dashes."))


def _quiet(**attributes: Any) -> dict[str, Any]:
    """Return attributes that keep browsers from remembering, correcting or capitalising."""
    return {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"} | attributes


class SignInForm(forms.Form):
    """Alias, six words, and the code of the second factor, all in one step."""

    alias = forms.CharField(label=_("Alias"), max_length=40, widget=forms.TextInput(attrs=_quiet(autofocus=True)))
    words = forms.CharField(
        label=_("Your six words"),
        max_length=200,
        help_text=_("With spaces between them. Capitals do not matter."),
        widget=forms.PasswordInput(attrs=_quiet(), render_value=False),
    )
    code = forms.CharField(
        label=_("Code"),
        max_length=12,
        required=False,
        help_text=_(
            "Six digits from your authenticator, or a recovery code. Leave empty if you have not set one up yet."
        ),
        widget=forms.TextInput(attrs=_quiet(inputmode="numeric")),
    )


class UnlockForm(forms.Form):
    """The words again."""

    words = forms.CharField(
        label=_("Your six words"),
        max_length=200,
        widget=forms.PasswordInput(attrs=_quiet(autofocus=True), render_value=False),
    )


class SecondFactorForm(forms.Form):
    """The first code of a new authenticator."""

    code = forms.CharField(
        label=_("Code"), max_length=8, widget=forms.TextInput(attrs=_quiet(inputmode="numeric", autofocus=True))
    )


class ProfileForm(forms.Form):
    """What a person may choose for themselves."""

    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    time_zone = forms.ChoiceField(
        label=_("Time zone"), choices=[(name, name) for name in sorted(zoneinfo.available_timezones())]
    )


class EnrolForm(forms.Form):
    """A new account; the words are generated, nobody types their own."""

    alias = forms.CharField(
        label=_("Alias"),
        max_length=40,
        validators=[ALIAS_RULE],
        help_text=_("Not a name, and not an alias used elsewhere."),
        widget=forms.TextInput(attrs=_quiet()),
    )
    role = forms.ChoiceField(label=_("Role"), choices=Role)
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    intake_circle = forms.ModelChoiceField(
        label=_("Circle their requests are sealed to"), queryset=Circle.objects.filter(is_intake=True), required=False
    )

    def clean(self) -> dict[str, Any]:
        """Ask for the circle where it is needed."""
        cleaned = super().clean() or {}
        if cleaned.get("role") == Role.VOLUNTEER and not cleaned.get("intake_circle"):
            self.add_error("intake_circle", _("Choose the circle that reads what this volunteer logs."))
        return cleaned


class AdmitForm(forms.Form):
    """Whom to let into a circle, and that the fingerprints were compared."""

    person = forms.UUIDField(label=_("Person"), widget=forms.HiddenInput)
    fingerprint = forms.CharField(label=_("Fingerprint"), max_length=30, widget=forms.HiddenInput)
    compared = forms.BooleanField(
        label=_("I compared the fingerprint aloud"),
        error_messages={"required": _("Call the person and compare the fingerprint first, digit by digit.")},
    )
