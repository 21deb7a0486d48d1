"""Forms about stays, typed dates and contacts: they validate and never save."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from requests_app.clock_codes import DeadlineEnd, DeadlineKind, StayBasis
from requests_app.enums import Country
from requests_app.forms.cases import CaseForm, DayField
from requests_app.forms.fields import CodeField

ABROAD = [(code, label) for code, label in Country.choices if code not in {Country.RU, Country.XX}]


class EntryForm(CaseForm):
    """When somebody entered a country, on what grounds, and, for a stay that is over, when they left."""

    slot = "entry"
    country = CodeField(label=_("Country"), choices=[("", "—"), *ABROAD])
    entered_on = DayField(
        label=_("Day of entry"),
        required=False,
        help_text=_("Leave empty if nobody knows it: the earliest plausible day is assumed."),
    )
    is_estimated = forms.BooleanField(label=_("The day is an estimate"), required=False)
    left_on = DayField(label=_("Day of leaving"), required=False, help_text=_("Only for a stay that is over."))
    basis = CodeField(label=_("Grounds of the stay"), choices=StayBasis.choices, initial=StayBasis.VISA_FREE)


class StayForm(EntryForm):
    """The same about a stay that is recorded."""

    slot = "stay"
    is_registered = forms.BooleanField(label=_("Registered with the authorities"), required=False)


class RemoveStayForm(CaseForm):
    """Nothing but the version: the stay was entered by mistake."""

    slot = "remove_stay"


class ExitForm(CaseForm):
    """When somebody left the country they are in."""

    slot = "exit"
    left_on = DayField(label=_("Day of leaving"))
    is_estimated = forms.BooleanField(label=_("The day is an estimate"), required=False)


class DeadlineForm(CaseForm):
    """A date that somebody was told: it is typed, never guessed."""

    slot = "deadline"
    kind = CodeField(label=_("What it is about"), choices=[("", "—"), *DeadlineKind.choices])
    due_on = DayField(label=_("Day"), help_text=_("The last day on which it can be done, as the letter says."))


class SettleForm(CaseForm):
    """How a date was settled."""

    slot = "settle"
    deadline = CodeField(label=_("Date"), choices=())
    ended_as = CodeField(label=_("How it ended"), choices=[("", "—"), *DeadlineEnd.choices])

    def __init__(self, *args: Any, deadlines: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        """Offer the open dates of the case."""
        super().__init__(*args, **kwargs)
        self.fields["deadline"].choices = list(deadlines)  # type: ignore[attr-defined]
