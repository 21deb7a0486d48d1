"""Forms of the account pages: they validate and never save."""

import zoneinfo
from typing import Any

from django import forms
from django.conf import settings
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from caseworker.enums import AccountStatus, Role
from caseworker.models.accounts import Caseworker
from caseworker.models.keys import Circle

NO_ZONES = frozenset({"Factory", "localtime", "posixrules"})
"""Names that the machine's list holds and that are nowhere on earth."""
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
        label=_("Time zone"), choices=[(name, name) for name in sorted(zoneinfo.available_timezones() - NO_ZONES)]
    )
    uses_shortcuts = forms.BooleanField(
        label=_("Keyboard shortcuts on the queues"),
        required=False,
        help_text=_("Needs JavaScript from this server. Everything works without it; in Tor Browser leave it off."),
    )

    def __init__(self, *args: Any, offers_shortcuts: bool, **kwargs: Any) -> None:
        """Ask about the shortcuts only where the server and the role have them; else the answer stays what it was."""
        super().__init__(*args, **kwargs)
        if not offers_shortcuts:
            del self.fields["uses_shortcuts"]

    def clean(self) -> dict[str, Any]:
        """Keep the answer to what was not asked."""
        cleaned = super().clean() or {}
        cleaned.setdefault("uses_shortcuts", self.initial["uses_shortcuts"])
        return cleaned


def _ask_for_circle(form: forms.Form, cleaned: dict[str, Any]) -> None:
    if cleaned.get("role") == Role.VOLUNTEER and not cleaned.get("intake_circle"):
        form.add_error("intake_circle", _("Choose the circle that reads what this volunteer logs."))


class EnrolForm(forms.Form):
    """A new account; its owner gets words of their own when they accept."""

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
        _ask_for_circle(self, cleaned)
        return cleaned


class AliasForm(forms.Form):
    """The alias of a person again, where what follows cannot be taken back."""

    typed = forms.CharField(
        label=_("Type the alias of this person"),
        max_length=40,
        help_text=_("Once more, because this cannot be undone."),
        widget=forms.TextInput(attrs=_quiet()),
    )

    def __init__(self, *args: Any, person: Caseworker, asks: bool, **kwargs: Any) -> None:
        """Ask only where it *asks*; the alias is that of *person*."""
        super().__init__(*args, **kwargs)
        self.person = person
        if not asks:
            del self.fields["typed"]

    def clean_typed(self) -> str:
        """Refuse the alias of somebody else."""
        typed = str(self.cleaned_data["typed"])
        if not self.person.is_called(typed):
            raise forms.ValidationError(_("This is not the alias of this person. Nothing was changed."))
        return typed


class RoleForm(AliasForm):
    """Another role for somebody."""

    field_order = ("role", "intake_circle", "typed")

    role = forms.ChoiceField(label=_("Role"), choices=Role)
    intake_circle = forms.ModelChoiceField(
        label=_("Circle their requests are sealed to"), queryset=Circle.objects.filter(is_intake=True), required=False
    )

    def clean(self) -> dict[str, Any]:
        """Ask for the circle where it is needed."""
        cleaned = super().clean() or {}
        _ask_for_circle(self, cleaned)
        return cleaned


class WelcomeForm(forms.Form):
    """Who was invited, and the code that was read to them."""

    alias = forms.CharField(label=_("Alias"), max_length=40, widget=forms.TextInput(attrs=_quiet(autofocus=True)))
    code = forms.CharField(
        label=_("Invitation code"),
        max_length=100,
        help_text=_("Four words, as they were read to you."),
        widget=forms.TextInput(attrs=_quiet()),
    )


class TypedBackForm(forms.Form):
    """The new words, typed from paper or from memory."""

    words = forms.CharField(
        label=_("Type the six words"),
        max_length=200,
        help_text=_("From your paper, not from the screen: this proves that you can come in again."),
        widget=forms.TextInput(attrs=_quiet()),
    )


class NewWordsForm(forms.Form):
    """The present words, and why there shall be new ones."""

    words = forms.CharField(
        label=_("Your six words"),
        max_length=200,
        widget=forms.PasswordInput(attrs=_quiet(autofocus=True), render_value=False),
    )
    exposed = forms.BooleanField(
        label=_("Somebody may know my words"),
        required=False,
        help_text=_("Then you also get a new key, and every circle you are in gets one."),
    )


class AdmitForm(forms.Form):
    """Whom to let into a circle, and that the fingerprints were compared."""

    person = forms.UUIDField(label=_("Person"), widget=forms.HiddenInput)
    fingerprint = forms.CharField(label=_("Fingerprint"), max_length=30, widget=forms.HiddenInput)
    compared = forms.BooleanField(
        label=_("I compared the fingerprint aloud"),
        error_messages={"required": _("Call the person and compare the fingerprint first, digit by digit.")},
    )


class CircleForm(forms.Form):
    """A new circle and its first members."""

    name = forms.CharField(label=_("Name"), max_length=60, widget=forms.TextInput(attrs=_quiet()))
    code = forms.SlugField(
        label=_("Short name"),
        max_length=20,
        help_text=_("Latin letters, digits and dashes."),
        error_messages={"invalid": _("Use Latin letters, digits and dashes only, without spaces.")},
        widget=forms.TextInput(attrs=_quiet()),
    )
    is_intake = forms.BooleanField(label=_("New requests can be sealed to it"), required=False)
    people = forms.ModelMultipleChoiceField(
        label=_("First members"),
        queryset=Caseworker.objects.filter(status=AccountStatus.ACTIVE, role=Role.COORDINATOR).order_by("alias", "id"),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Two or more: a circle with one member is lost with that person's words."),
    )
