"""Forms about contacts after intake, links, consents, referrals, and what cases depend on. They validate and never save."""

import base64
import binascii
import uuid
from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from caseworker.models.keys import Circle
from requests_app.actions.intake import Safety
from requests_app.connection_codes import (
    AssetKind,
    BurnReason,
    CodedPart,
    ConsentDecision,
    ConsentScope,
    ConsentWay,
    LinkKind,
    ReferralState,
)
from requests_app.enums import HoursBand, Need, SafeAnswer
from requests_app.forms.cases import NOTHING, REVEAL_REASONS, CaseForm, DayField, RevealForm
from requests_app.forms.fields import CodeField, CodesField, TypedText
from requests_app.forms.intake import TIME_ZONES, ask_zone
from requests_app.models.connections import Asset
from requests_app.references import parse_reference

LONGEST_LINE, LONGEST_NAME, LONGEST_KEY = 200, 200, 4000


class SlotForm(forms.Form):
    """A form with ids of its own on a page of several: ``slot``, and the thing it is about."""

    slot: ClassVar[str] = ""

    def __init__(self, *args: Any, about: object = "", **kwargs: Any) -> None:
        """Make the ids."""
        kwargs.setdefault("auto_id", f"{self.slot}{about}-%s")
        super().__init__(*args, **kwargs)


class SafetyForm(CaseForm):
    """How one contact may be used."""

    slot = "safety"
    may_write = CodeField(label=_("Safe to write?"), choices=SafeAnswer.choices, initial=SafeAnswer.UNKNOWN)
    may_call = CodeField(label=_("Safe to call?"), choices=SafeAnswer.choices, initial=SafeAnswer.UNKNOWN)
    may_leave_message = CodeField(
        label=_("Safe to leave a message?"), choices=SafeAnswer.choices, initial=SafeAnswer.UNKNOWN
    )
    hours_band = CodeField(label=_("Hours"), choices=HoursBand.choices, initial=HoursBand.UNKNOWN)
    time_zone = CodeField(label=_("Their time zone"), choices=TIME_ZONES, required=False)

    def clean(self) -> dict[str, Any]:
        """Ask for the zone of the hours."""
        cleaned: dict[str, Any] = super().clean() or {}
        ask_zone(self)
        return cleaned

    def safety(self) -> Safety:
        """Return the answers."""
        return Safety(**{name: self.cleaned_data[name] for name in Safety.__dataclass_fields__})


class NewContactForm(SafetyForm):
    """One more contact, and how it may be used."""

    slot = "new-contact"
    line = TypedText(longest=LONGEST_LINE, label=_("Contact"), help_text=_("One line. It is sealed when saved."))
    field_order = ("line",)


class RetireForm(CaseForm):
    """Why a contact is out of use."""

    slot = "retire"
    how = CodeField(
        label=_("Why"),
        choices=[NOTHING, ("retired", _("No longer in use")), ("burned", _("Burned: somebody else reads it"))],
    )


class ReferenceField(forms.CharField):
    """The reference of a case or a request, in its one spelling."""

    def clean(self, value: Any) -> str:
        """Return the reference."""
        parsed = parse_reference(super().clean(value))
        if parsed is None:
            raise forms.ValidationError(_("This is not a reference. Check each character."))
        return parsed


class LinkForm(SlotForm):
    """Who belongs to the person, and as what."""

    slot = "link"
    kind = CodeField(label=_("The other person is"), choices=[NOTHING, *LinkKind.choices])
    reference = ReferenceField(
        label=_("Reference of their case or request"), max_length=12, help_text=_("Only one that you may see yourself.")
    )


class AssetField(CodeField):
    """One of the things that were read already, by its codename."""

    def offer(self, assets: Iterable[Asset]) -> None:
        """Offer *assets*."""
        self.assets = {str(one.id): one for one in assets}
        names = [(key, f"{one.get_kind_display()} · {one.codename}") for key, one in self.assets.items()]
        self.choices = [NOTHING, *names]

    def clean(self, value: Any) -> Asset | None:
        """Return the thing, or None."""
        return self.assets.get(super().clean(value))


class AssetsForm(SlotForm):
    """A form that names one of *assets* in the field ``asset``."""

    def __init__(self, *args: Any, assets: Iterable[Asset], **kwargs: Any) -> None:
        """Offer them."""
        super().__init__(*args, **kwargs)
        self.fields["asset"].offer(assets)  # type: ignore[attr-defined]


class UseForm(AssetsForm):
    """What the case depends on."""

    slot = "use"
    asset = AssetField(label=_("It depends on"), choices=())


class ConsentForm(AssetsForm):
    """What was asked and answered."""

    slot = "consent"
    scope = CodeField(label=_("What for"), choices=[NOTHING, *ConsentScope.choices])
    asset = AssetField(label=_("Partner"), choices=(), required=False, help_text=_("Only for a referral."))
    decision = CodeField(label=_("Answer"), choices=[NOTHING, *ConsentDecision.choices])
    way = CodeField(label=_("How"), choices=ConsentWay.choices, initial=ConsentWay.SAID)
    until = DayField(
        label=_("Counts until"), required=False, help_text=_("For family and referrals: a day within the next year.")
    )


class PacketForm(AssetsForm):
    """What goes to which partner, and why it is opened; the words are asked for when it has been many reveals."""

    slot = "packet"
    asset = AssetField(label=_("Partner"), choices=())
    service = CodeField(label=_("Asked for"), choices=[NOTHING, *Need.choices])
    facts = CodesField(label=_("Coded facts"), choices=CodedPart.choices)
    fields_chosen = CodesField(label=_("Sealed texts: each record is a reveal"), choices=())
    ask_on = DayField(label=_("Ask the partner on"))
    reason = CodeField(label=_("Reason"), choices=[(one.value, one.label) for one in REVEAL_REASONS])
    words = RevealForm.base_fields["words"]

    def __init__(self, *args: Any, pieces: Iterable[tuple[str, Any]], asks_words: bool = False, **kwargs: Any) -> None:
        """Offer the fields of the case's records."""
        super().__init__(*args, **kwargs)
        self.fields["fields_chosen"].choices = list(pieces)  # type: ignore[attr-defined]
        if not asks_words and not self.data.get("words"):
            self.fields["words"].widget = forms.HiddenInput()

    def chosen(self) -> dict[uuid.UUID, tuple[str, ...]]:
        """Return the names of the chosen fields by record."""
        found: dict[uuid.UUID, tuple[str, ...]] = {}
        for piece in self.cleaned_data["fields_chosen"]:
            record_id, _colon, name = piece.partition(":")
            found[uuid.UUID(record_id)] = (*found.get(uuid.UUID(record_id), ()), name)
        return found


class OutcomeForm(SlotForm):
    """What became of a referral; *seen* is what it was when the page was opened."""

    slot = "outcome"
    seen = CodeField(choices=ReferralState.choices, widget=forms.HiddenInput)
    state = CodeField(label=_("What became of it"), choices=[NOTHING, *ReferralState.choices])
    ask_on = DayField(label=_("Ask again on"), required=False)


class AssetForm(SlotForm):
    """Something that cases will depend on."""

    slot = "asset"
    kind = CodeField(label=_("Kind"), choices=[NOTHING, *AssetKind.choices])
    circle = CodeField(label=_("Circle"), choices=())
    name = TypedText(
        longest=LONGEST_NAME,
        label=_("Name, number or address"),
        required=False,
        help_text=_(
            "Sealed to the circle; you see it no more. Leave empty for a guide, a house or a step: they have a codename only."
        ),
    )

    def __init__(self, *args: Any, circles: Iterable[Circle], **kwargs: Any) -> None:
        """Offer *circles*."""
        super().__init__(*args, **kwargs)
        self.circles = {str(one.id): one for one in circles}
        self.fields["circle"].choices = [(key, one.name) for key, one in self.circles.items()]  # type: ignore[attr-defined]


class BurnForm(SlotForm):
    """Why something must not be used any more."""

    slot = "burn"
    reason = CodeField(label=_("Why"), choices=[NOTHING, *BurnReason.choices])


class PartnerKeyForm(SlotForm):
    """A partner's public key as the tool printed it, and the fingerprint as it was heard."""

    slot = "key"
    public_key = TypedText(longest=LONGEST_KEY, rows=4, label=_("Public key"))
    fingerprint = TypedText(
        longest=40,
        label=_("Fingerprint"),
        help_text=_("As the partner read it aloud, by voice. Not copied from where the key came from."),
    )

    def clean_public_key(self) -> bytes:
        """Return the bytes."""
        try:
            return base64.b64decode("".join(self.cleaned_data["public_key"].split()), validate=True)
        except (binascii.Error, ValueError):
            raise forms.ValidationError(
                _("This is no public key. Ask the partner for the whole line that the tool printed.")
            ) from None

    def clean_fingerprint(self) -> str:
        """Return the digits without spaces."""
        return "".join(self.cleaned_data["fingerprint"].split()).lower()
