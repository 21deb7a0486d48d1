"""Forms of the recovery pages: they validate and never save."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from caseworker.enums import AccountStatus, Role
from caseworker.models.accounts import Caseworker
from caseworker.models.keys import Circle

MOST_BYTES = 1024 * 1024
QUIET = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}


class PersonForm(forms.Form):
    """Who shall read again, and which circles."""

    person = forms.ModelChoiceField(
        label=_("Person"),
        queryset=Caseworker.objects.filter(
            status=AccountStatus.ACTIVE, role=Role.COORDINATOR, staff_keys__retired_at__isnull=True
        )
        .distinct()
        .order_by("alias", "id"),
        help_text=_("They have new words and a new key already: invite them anew first if they forgot theirs."),
    )
    circles = forms.ModelMultipleChoiceField(
        label=_("Circles"), queryset=Circle.objects.order_by("code", "id"), widget=forms.CheckboxSelectMultiple
    )


class ArchivedCaseForm(forms.Form):
    """Which archived case its circle shall open again."""

    reference = forms.CharField(label=_("Reference"), max_length=20, widget=forms.TextInput(attrs=QUIET))


class _WordsForm(forms.Form):
    words = forms.CharField(
        label=_("Your six words"),
        max_length=200,
        help_text=_("Once more, because this cannot be undone."),
        widget=forms.PasswordInput(attrs=QUIET, render_value=False),
    )


class _FileForm(_WordsForm):
    """A file that the offline tool wrote, and one's own words."""

    field_order = ("file", "fingerprint", "words")
    file = forms.FileField(
        label=_("File"),
        error_messages={
            "required": _("Choose the file that the tool wrote. It must be smaller than 1 MB."),
            "missing": _("Choose the file that the tool wrote. It must be smaller than 1 MB."),
            "empty": _("This file is empty. Choose the one that the tool wrote."),
        },
    )

    def clean_file(self) -> bytes:
        """Return the bytes of the file."""
        uploaded: UploadedFile[Any] = self.cleaned_data["file"]
        if (uploaded.size or 0) > MOST_BYTES:
            raise forms.ValidationError(_("Choose the file that the tool wrote. It must be smaller than 1 MB."))
        return bytes(uploaded.read())


class AnswerForm(_FileForm):
    """The answer of the offline tool."""


class NewSheetForm(_FileForm):
    """The public half of a new sheet, and the fingerprint on the paper."""

    fingerprint = forms.CharField(
        label=_("Fingerprint on the paper"),
        max_length=40,
        help_text=_("Type it from the sheet, not from a screen."),
        widget=forms.TextInput(attrs=QUIET),
    )


class DrillForm(forms.Form):
    """The code that the tool showed."""

    code = forms.CharField(label=_("Code that the tool shows"), max_length=30, widget=forms.TextInput(attrs=QUIET))


class RetireForm(_WordsForm):
    """That the old keys shall go."""

    field_order = ("accept_loss", "words")
    accept_loss = forms.BooleanField(
        label=_("The old sheet is lost: leave the archived records under it unreadable"), required=False
    )
