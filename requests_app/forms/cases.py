"""Forms of triage and casework. They validate and never save; every one that changes a case carries its version."""

import datetime as dt
from collections.abc import Iterable
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from caseworker.models.accounts import Caseworker
from requests_app.enums import (
    Category,
    CheckCode,
    CheckOutcome,
    Condition,
    Country,
    DocumentStatus,
    GrantScope,
    Outcome,
    ReasonCode,
    Stage,
    TriageDecision,
    Urgency,
)
from requests_app.forms.fields import CodeField, TypedText
from requests_app.references import parse_reference

NOTHING = ("", "—")
NEEDS_REFERENCE = (TriageDecision.LINK, TriageDecision.DUPLICATE)
NOTE_LENGTH = 4000
MOVE_REASONS = (
    ReasonCode.ALREADY_LEFT,
    ReasonCode.ALREADY_ABROAD,
    ReasonCode.STEP_NOT_NEEDED,
    ReasonCode.PLAN_CHANGED,
    ReasonCode.CAME_BACK,
    ReasonCode.ENTERED_BY_MISTAKE,
    ReasonCode.NEW_INFORMATION,
    ReasonCode.PERSON_ASKED,
)
CONDITION_REASONS = (
    ReasonCode.NEW_INFORMATION,
    ReasonCode.PERSON_ASKED,
    ReasonCode.FOUND_AGAIN,
    ReasonCode.RELEASED,
    ReasonCode.SAFETY,
)
REVEAL_REASONS = (
    ReasonCode.CONTACT_PERSON,
    ReasonCode.ASSESS_REQUEST,
    ReasonCode.CHECK_DUPLICATE,
    ReasonCode.PREPARE_STEP,
    ReasonCode.HANDOVER,
)
REOPEN_REASONS = (
    ReasonCode.CAME_BACK,
    ReasonCode.NEW_INFORMATION,
    ReasonCode.ENTERED_BY_MISTAKE,
    ReasonCode.PERSON_ASKED,
)
LOCK_REASONS = (ReasonCode.SAFETY, ReasonCode.PERSON_ASKED, ReasonCode.NEW_INFORMATION, ReasonCode.OTHER)
GRANT_REASONS = (ReasonCode.ABSENCE, ReasonCode.EXPERTISE, ReasonCode.HANDOVER, ReasonCode.SAFETY)


def _pairs(codes: Iterable[Any], *, optional: bool = False) -> list[tuple[str, Any]]:
    pairs = [(str(code), code.label) for code in codes]
    return [NOTHING, *pairs] if optional else pairs


class DayField(forms.DateField):
    """A day, as the browser's own date field."""

    def __init__(self, **options: Any) -> None:
        """Use the native field; accept ISO days."""
        options.setdefault("error_messages", {"invalid": _("Write a day as YYYY-MM-DD.")})
        super().__init__(
            input_formats=["%Y-%m-%d"], widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"), **options
        )


class CaseForm(forms.Form):
    """A form about one case: ``slot`` is its place on the page, ``version`` what the case was when the page was opened."""

    slot: ClassVar[str] = ""
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Give the fields of each form ids of their own."""
        kwargs.setdefault("auto_id", f"{self.slot}-%s")
        super().__init__(*args, **kwargs)

    def renew(self, version: int) -> None:
        """Let the form be sent again, against the version that is shown now."""
        data = QueryDict(mutable=True)
        data.update(self.data)
        data["version"] = str(version)
        self.data = data


class MoveForm(CaseForm):
    """Where the case goes, why if it skips or goes back, when, and a note that is sealed."""

    slot = "move"
    there = CodeField(label=_("Next stage"), choices=_pairs(stage for stage in Stage if stage != Stage.CLOSED))
    reason = CodeField(label=_("Reason"), choices=_pairs(MOVE_REASONS, optional=True), required=False)
    entered_on = DayField(label=_("Day it happened"), required=False, help_text=_("Leave empty for today."))
    is_estimated = forms.BooleanField(label=_("The day is an estimate"), required=False)
    note = TypedText(longest=NOTE_LENGTH, rows=3, label=_("Note"), required=False, help_text=_("Sealed to the circle."))


class ConditionForm(CaseForm):
    """What state the person is in."""

    slot = "condition"
    there = CodeField(label=_("Condition"), choices=_pairs(Condition, optional=True))
    reason = CodeField(label=_("Reason"), choices=_pairs(CONDITION_REASONS, optional=True), required=False)
    until = DayField(label=_("Ask again on"), required=False, help_text=_("For a pause: at most 60 days ahead."))


class UrgencyForm(CaseForm):
    """How soon something must happen."""

    slot = "urgency"
    urgency = CodeField(label=_("Urgency"), choices=_pairs(Urgency, optional=True))


class FactsForm(CaseForm):
    """The coded facts that change on the way."""

    slot = "facts"
    country = CodeField(label=_("Country now"), choices=_pairs(Country))
    document_status = CodeField(label=_("Documents"), choices=_pairs(DocumentStatus))
    category = CodeField(label=_("Category"), choices=_pairs(Category))


class NoteForm(CaseForm):
    """A note; it is sealed when saved and read only by a reveal."""

    slot = "note"
    text = TypedText(
        longest=NOTE_LENGTH,
        rows=4,
        label=_("Note"),
        help_text=_("No surnames, units, addresses. Sealed to the circle when saved."),
    )


class CheckForm(CaseForm):
    """A step of the verification ladder."""

    slot = "check"
    code = CodeField(label=_("Check"), choices=_pairs(CheckCode, optional=True))
    outcome = CodeField(label=_("Answer"), choices=_pairs(CheckOutcome, optional=True))


class CloseForm(CaseForm):
    """How the case ended."""

    slot = "close"
    outcome = CodeField(label=_("Outcome"), choices=_pairs(Outcome, optional=True))


class ReopenForm(CaseForm):
    """Why a closed case is opened again."""

    slot = "reopen"
    reason = CodeField(label=_("Reason"), choices=_pairs(REOPEN_REASONS))


class VersionForm(CaseForm):
    """Nothing but the version: for claiming."""

    slot = "claim"


class EraseForm(CaseForm):
    """The reference again, so that nobody erases by a slip."""

    slot = "erase"
    reference = forms.CharField(label=_("Type the reference to erase"), max_length=12)

    def clean_reference(self) -> str:
        """Return the reference in its one spelling."""
        parsed = parse_reference(self.cleaned_data["reference"])
        if parsed is None:
            raise forms.ValidationError(_("This is not a reference. Check each character."))
        return parsed


class PersonField(CodeField):
    """One of the people that were read already, so that two lists of the same people cost one query."""

    def offer(self, people: Iterable[Caseworker]) -> None:
        """Offer *people*."""
        self.people = {str(person.id): person for person in people}
        self.choices = ([] if self.required else [NOTHING]) + [(key, one.alias) for key, one in self.people.items()]

    def clean(self, value: Any) -> Caseworker | None:
        """Return the person, or None when nobody is chosen and nobody has to be."""
        return self.people.get(super().clean(value))


class AssignForm(CaseForm):
    """Who owns the case, and who stands in; *people* are marked with ``reads_circle``, and those who do are offered."""

    slot = "assign"
    owner = PersonField(label=_("Owner"), choices=())
    deputy = PersonField(label=_("Deputy"), choices=(), required=False)

    def __init__(self, *args: Any, people: Iterable[Any], **kwargs: Any) -> None:
        """Offer the active members of the circle."""
        super().__init__(*args, **kwargs)
        members = [person for person in people if person.reads_circle]
        for name in ("owner", "deputy"):
            self.fields[name].offer(members)  # type: ignore[attr-defined]


class GrantForm(forms.Form):
    """Leave for one more person to see the case for a while: its codes, or its texts too."""

    slot: ClassVar[str] = "grant"
    person = PersonField(label=_("Person"), choices=())
    scope = CodeField(
        label=_("What it opens"),
        choices=_pairs((GrantScope.CODED, GrantScope.CONTENT)),
        help_text=_("For sealed texts a member of the circle has to hand the keys over as well."),
    )
    days = forms.IntegerField(label=_("Days"), min_value=1, max_value=60, initial=14)
    reason = CodeField(label=_("Reason"), choices=_pairs(GRANT_REASONS))

    def __init__(self, *args: Any, people: Iterable[Caseworker], **kwargs: Any) -> None:
        """Offer active coordinators."""
        kwargs.setdefault("auto_id", f"{self.slot}-%s")
        super().__init__(*args, **kwargs)
        self.fields["person"].offer(people)  # type: ignore[attr-defined]

    def span(self) -> dt.timedelta:
        """Return how long the grant lasts."""
        return dt.timedelta(days=self.cleaned_data["days"])


class RevealForm(forms.Form):
    """Why a sealed record is opened; the words are asked for when it has been many."""

    slot: ClassVar[str] = "reveal"
    reason = CodeField(label=_("Reason"), choices=_pairs(REVEAL_REASONS))
    record = forms.UUIDField(widget=forms.HiddenInput)
    words = forms.CharField(
        label=_("Your six words"),
        max_length=200,
        required=False,
        widget=forms.PasswordInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}, render_value=False
        ),
    )


class DecisionForm(forms.Form):
    """A triage decision; linking and a duplicate name the other one.

    ``sure``: the case whose owner was shown before. ``had_texts``: the page showed what is sealed, which an answer with an error hides again.
    """

    slot: ClassVar[str] = "decision"
    decision = CodeField(label=_("Decision"), choices=_pairs(TriageDecision))
    reference = forms.CharField(
        label=_("Reference"),
        max_length=12,
        required=False,
        help_text=_("Only for linking to an open case, or for a duplicate: the other request or case."),
    )
    sure = forms.UUIDField(required=False, widget=forms.HiddenInput)
    had_texts = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        """Ask for a valid reference where one is needed, and for none where none is used."""
        cleaned = super().clean() or {}
        typed, needs = cleaned.get("reference") or "", cleaned.get("decision") in NEEDS_REFERENCE
        if "decision" not in cleaned or "reference" not in cleaned or not (needs or typed):
            return cleaned
        if not needs:
            self.add_error(
                "reference", _("You typed a reference: choose “Link to a case” or “Duplicate”, or clear it.")
            )
        elif not typed:
            self.add_error("reference", _("Type the reference of the other request or case."))
        else:
            cleaned["reference"] = parse_reference(typed)
            if cleaned["reference"] is None:
                self.add_error("reference", _("This is not a reference. Check each character."))
        return cleaned

    def asked_again(self, case_id: UUID) -> "DecisionForm":
        """Return the form as it goes along, hidden, with the question whether this is the right case."""
        asked = DecisionForm(initial=self.cleaned_data | {"sure": case_id, "had_texts": False})
        for field in asked.fields.values():
            field.widget = forms.HiddenInput()
        return asked
