"""Forms about who has a case: offers, keys handed over, broken glass, absences."""

import uuid
from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from caseworker.models.accounts import Caseworker
from requests_app.enums import ReasonCode
from requests_app.forms.cases import CaseForm, DayField, PersonField
from requests_app.forms.fields import CodeField
from requests_app.references import parse_reference

HANDOVER_REASONS = (
    ReasonCode.HANDOVER,
    ReasonCode.ABSENCE,
    ReasonCode.EXPERTISE,
    ReasonCode.PERSON_ASKED,
    ReasonCode.SAFETY,
    ReasonCode.OTHER,
)
GLASS_REASONS = (ReasonCode.SAFETY, ReasonCode.CONTACT_PERSON, ReasonCode.ABSENCE, ReasonCode.OTHER)


def _pairs(reasons: Iterable[ReasonCode]) -> list[tuple[str, Any]]:
    return [(reason.value, reason.label) for reason in reasons]


class HandoverForm(CaseForm):
    """Who shall have the case, and in which of their circles."""

    slot = "handover"
    to = CodeField(
        label=_("To whom"), choices=(), help_text=_("They have 24 hours to accept. Until then it stays yours.")
    )
    reason = CodeField(label=_("Reason"), choices=_pairs(HANDOVER_REASONS))

    def __init__(self, *args: Any, receivers: Iterable[tuple[Caseworker, uuid.UUID, str]], **kwargs: Any) -> None:
        """Offer every coordinator with each circle they read."""
        super().__init__(*args, **kwargs)
        self.receivers = {f"{person.id}:{circle_id}": (person, circle_id) for person, circle_id, _name in receivers}
        choices = [(f"{person.id}:{circle_id}", f"{person.alias} · {name}") for person, circle_id, name in receivers]
        self.fields["to"].choices = choices  # type: ignore[attr-defined]

    def receiver(self) -> tuple[Caseworker, uuid.UUID]:
        """Return the person and the id of the circle that were chosen."""
        return self.receivers[self.cleaned_data["to"]]


class HandKeysForm(forms.Form):
    """The fingerprint as it stood on the page, and the word that it was compared."""

    fingerprint = forms.CharField(widget=forms.HiddenInput, max_length=30)
    compared = forms.BooleanField(
        label=_("I compared the fingerprint aloud"),
        error_messages={"required": _("Call the person and compare the fingerprint first.")},
    )


class GlassForm(forms.Form):
    """The reference of a case that somebody must see now, and why."""

    slot: ClassVar[str] = "glass"
    reference = forms.CharField(label=_("Reference of the case"), max_length=12)
    reason = CodeField(label=_("Reason"), choices=_pairs(GLASS_REASONS))
    for_texts = forms.BooleanField(label=_("A member of its circle is to hand me its texts."), required=False)

    def clean_reference(self) -> str:
        """Return the reference in its one spelling."""
        parsed = parse_reference(self.cleaned_data["reference"])
        if parsed is None:
            raise forms.ValidationError(_("This is not a reference. Check each character."))
        return parsed


class AbsenceForm(forms.Form):
    """Who is away, from when to when, and who answers for them."""

    person = PersonField(label=_("Who is away"), choices=())
    deputy = PersonField(label=_("Deputy"), choices=())
    from_on = DayField(label=_("First day"))
    until_on = DayField(label=_("Last day"))

    def __init__(self, *args: Any, people: Iterable[Caseworker], deputies: Iterable[Caseworker], **kwargs: Any) -> None:
        """Offer those whose absence the viewer may record, and all active coordinators as deputies."""
        super().__init__(*args, **kwargs)
        self.fields["person"].offer(people)  # type: ignore[attr-defined]
        self.fields["deputy"].offer(deputies)  # type: ignore[attr-defined]
