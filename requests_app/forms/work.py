"""Forms of the daily work: tasks, contacts, checklist answers, checklist questions, clearing a frozen case."""

import datetime as dt
from collections.abc import Iterable
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from requests_app.enums import Channel, CheckOutcome, Stage
from requests_app.enums_work import ContactResult, TaskKind
from requests_app.forms.cases import NOTE_LENGTH, NOTHING, CaseForm, DayField, PersonField
from requests_app.forms.fields import CodeField, TypedText
from requests_app.models.work import ITEM_LENGTH, ChecklistItem

BY_HAND = (
    TaskKind.CALL_BACK,
    TaskKind.LAWYER,
    TaskKind.DOCUMENTS,
    TaskKind.SHELTER,
    TaskKind.MONEY,
    TaskKind.MEDICAL,
    TaskKind.PSYCHOLOGIST,
    TaskKind.FAMILY,
    TaskKind.TRANSLATION,
    TaskKind.REGISTRATION,
    TaskKind.APPOINTMENT,
    TaskKind.OTHER,
)
"""Kinds that somebody picks; the others are made by rules."""


def _pairs(codes: Iterable[Any]) -> list[tuple[str, Any]]:
    return [(str(code), code.label) for code in codes]


class ContactForm(CaseForm):
    """How an attempt to reach the person went, and through what."""

    slot = "contact"
    result = CodeField(label=_("How it went"), choices=[NOTHING, *_pairs(ContactResult)])
    channel = CodeField(label=_("Channel"), choices=[NOTHING, *_pairs(Channel)])
    on = DayField(label=_("Day, if not today"), required=False)


class TaskForm(CaseForm):
    """What is to be done, until when, and a note that is sealed."""

    slot = "task"
    kind = CodeField(label=_("Task"), choices=_pairs(BY_HAND))
    due_on = DayField(label=_("Due on"))
    note = TypedText(longest=NOTE_LENGTH, rows=2, label=_("Note"), required=False, help_text=_("Sealed to the circle."))

    def due_at(self) -> dt.datetime:
        """Return the end of the day that was typed."""
        return dt.datetime.combine(self.cleaned_data["due_on"], dt.time(23, 59), dt.UTC)


class ApproveForm(CaseForm):
    """Nothing but the version: for approving a level of verification."""

    slot = "approve"


class AnswersForm(forms.Form):
    """Yes, no or unclear to each question of the present stage; never a free text."""

    slot: ClassVar[str] = "answers"

    def __init__(self, *args: Any, items: Iterable[ChecklistItem], **kwargs: Any) -> None:
        """Make a field for each question, in the language of the page."""
        kwargs.setdefault("auto_id", f"{self.slot}-%s")
        super().__init__(*args, **kwargs)
        self.items = {f"item_{item.id}": item for item in items}
        for name, item in self.items.items():
            label = item.text_ru if get_language() == "ru" else item.text_en
            field = CodeField(label=label, choices=_pairs(CheckOutcome), required=False, widget=forms.RadioSelect)
            field.initial = getattr(item, "given", None)
            self.fields[name] = field

    def clean(self) -> dict[str, Any]:
        """Complain when questions were sent that are not asked any more, so that no answer is lost unseen."""
        if any(name.startswith("item_") and name not in self.items for name in self.data):
            raise forms.ValidationError(
                _("The checklist was changed meanwhile, or the case has moved. Look at it again.")
            )
        return super().clean() or {}

    def answers(self) -> dict[UUID, CheckOutcome]:
        """Return the answers that were given."""
        given = ((item.id, self.cleaned_data.get(name)) for name, item in self.items.items())
        return {item_id: CheckOutcome(answer) for item_id, answer in given if answer}


class AssignTaskForm(forms.Form):
    """Who does a task; nobody means whoever owns the case."""

    slot: ClassVar[str] = "assign"
    person = PersonField(label=_("Who does it"), choices=(), required=False)

    def __init__(self, *args: Any, people: Iterable[Any], **kwargs: Any) -> None:
        """Offer the active members of the circle."""
        super().__init__(*args, **kwargs)
        self.fields["person"].offer([one for one in people if one.reads_circle])  # type: ignore[attr-defined]


class WordingForm(forms.Form):
    """One question in both languages."""

    text_en = TypedText(longest=ITEM_LENGTH, label=_("Question in English"))
    text_ru = TypedText(longest=ITEM_LENGTH, label=_("Question in Russian"))
    is_on = forms.BooleanField(label=_("Asked"), required=False, initial=True)


class NewItemForm(WordingForm):
    """A question that is added to a stage."""

    stage = CodeField(label=_("Stage"), choices=_pairs(Stage))
    field_order = ("stage", "text_en", "text_ru", "is_on")


class ClearForm(forms.Form):
    """What becomes of the contacts of a case that was frozen; the handle again, so that nobody clears another one by a slip."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)
    contacts = CodeField(
        label=_("Contacts known so far"),
        choices=[("burned", _("are burned: never use them again")), ("kept", _("may be used again"))],
        widget=forms.RadioSelect,
    )
    handle = forms.CharField(label=_("Type the handle to clear"), max_length=12)
