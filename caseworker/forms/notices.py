"""Forms about notices: they validate and never save."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from caseworker.enums import NoticeChannel, NoticeLevel
from caseworker.notices.webhook import parts_of

QUIET = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}


class NoticesForm(forms.Form):
    """How much, which way and where to; the address may stay empty where one is known."""

    level = forms.ChoiceField(label=_("What to send"), choices=NoticeLevel, widget=forms.RadioSelect)
    channel = forms.ChoiceField(label=_("Which way"), choices=NoticeChannel, widget=forms.RadioSelect)
    address = forms.CharField(
        label=_("Address"),
        max_length=300,
        required=False,
        widget=forms.TextInput(attrs=QUIET),
        help_text=_("An e-mail address that does not carry your name, or an address that begins with https://."),
    )

    def __init__(self, *args: Any, channels: list[str], known: str, **kwargs: Any) -> None:
        """Offer the *channels* of this installation; *known* is the channel of the address that may be kept."""
        super().__init__(*args, **kwargs)
        self.known = known
        field = self.fields["channel"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(code, label) for code, label in NoticeChannel.choices if code in channels]
        if known:
            self.fields["address"].help_text = _("Leave it empty to keep the present one.")

    def clean(self) -> dict[str, Any]:
        """Check the address by the way it is to be reached."""
        data: dict[str, Any] = super().clean() or {}
        channel, address = data.get("channel"), data.get("address", "")
        if channel == NoticeChannel.EMAIL and address:
            try:
                validate_email(address)
            except ValidationError:
                self.add_error("address", _("This is not an e-mail address. Write it like name@example.org."))
        elif channel == NoticeChannel.WEBHOOK and address and parts_of(address) is None:
            self.add_error("address", _("Write an address that begins with https://, without a port or a password."))
        elif channel and not address and channel != self.known:
            self.add_error("address", _("Enter the address."))
        return data


class NoticeCodeForm(forms.Form):
    """The code that was sent to the address."""

    code = forms.CharField(
        label=_("Code"), max_length=12, widget=forms.TextInput(attrs=QUIET | {"inputmode": "numeric"})
    )
