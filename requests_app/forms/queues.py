"""Forms of the queues: filters by codes, saved views, and changes of several cases. They validate and never save."""

import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from caseworker.models.accounts import Caseworker
from caseworker.models.keys import Circle
from requests_app.actions.bulk import Change
from requests_app.bulk import MOST_CASES, Pick
from requests_app.enums import (
    BulkKind,
    Category,
    Condition,
    Country,
    Outcome,
    OwnerFilter,
    ReasonCode,
    Situation,
    Stage,
    Urgency,
    ViewName,
)
from requests_app.forms.cases import MOVE_REASONS, NOTHING, _pairs
from requests_app.forms.fields import CodeField, FormTokenField

HIGHEST_VERSION = 2**31
Choices = Sequence[tuple[str, Any]]


class CodesInAddress(forms.Form):
    """Filters from an address: codes only, so that it tells nothing about anybody; what is unknown is named and left out."""

    def known(self) -> dict[str, Any]:
        """Return the filters that were understood and are not empty."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    def is_narrowed(self) -> bool:
        """Tell whether more is asked for than a queue, or something that was not understood: then the form stands open."""
        return bool(self.known().keys() - {"queue"} or self.errors)

    def unknown(self) -> list[str | Promise]:
        """Return the labels of the filters that were not understood."""
        return [self.fields[name].label or name for name in self.errors]

    def query(self) -> str:
        """Return the understood filters as they stand in an address."""
        kept = QueryDict(mutable=True)
        kept.update({name: self.data[name] for name in self.known()})
        return kept.urlencode()


class QueueFilterForm(CodesInAddress):
    """Filters of the case queue; the queue itself is one of them."""

    queue = CodeField(label=_("Queue"), choices=[NOTHING], required=False)
    owner = CodeField(label=_("Owner"), choices=[NOTHING], required=False)
    urgency = CodeField(label=_("Urgency"), choices=_pairs(Urgency, optional=True), required=False)
    stage = CodeField(label=_("Stage"), choices=_pairs(Stage, optional=True), required=False)
    condition = CodeField(label=_("Condition"), choices=_pairs(Condition, optional=True), required=False)
    category = CodeField(label=_("Category"), choices=_pairs(Category, optional=True), required=False)
    country = CodeField(label=_("Country"), choices=_pairs(Country, optional=True), required=False)
    circle = CodeField(label=_("Circle"), choices=[NOTHING], required=False)

    def __init__(
        self, *args: Any, queues: Choices, people: Sequence[Caseworker], circles: Sequence[Circle], **kwargs: Any
    ) -> None:
        """Offer the queues of the role, the colleagues and the circles that may be asked for."""
        super().__init__(*args, **kwargs)
        self.people = {str(person.id): person for person in people}
        self.circles = {circle.code: circle for circle in circles}
        whose = [(OwnerFilter.ME.value, OwnerFilter.ME.label), (OwnerFilter.NONE.value, OwnerFilter.NONE.label)]
        offered: dict[str, Choices] = {
            "queue": queues,
            "owner": [*whose, *((code, person.alias) for code, person in self.people.items())],
            "circle": [(code, circle.name) for code, circle in self.circles.items()],
        }
        for name, choices in offered.items():
            self.fields[name].choices = [NOTHING, *choices]  # type: ignore[attr-defined]

    def clean_owner(self) -> Any:
        """Return *me*, *none*, or the person."""
        owner = self.cleaned_data["owner"]
        return self.people.get(owner, owner)

    def clean_circle(self) -> Any:
        """Return the circle."""
        return self.circles.get(self.cleaned_data["circle"], "")


class TriageFilterForm(CodesInAddress):
    """Filters of the requests that wait for a decision."""

    urgency = CodeField(label=_("Urgency"), choices=_pairs(Urgency, optional=True), required=False)
    category = CodeField(label=_("Category"), choices=_pairs(Category, optional=True), required=False)
    situation = CodeField(label=_("Situation"), choices=_pairs(Situation, optional=True), required=False)
    country = CodeField(label=_("Country"), choices=_pairs(Country, optional=True), required=False)


NAMES = [("", _("Named by its filters")), *ViewName.choices]


class SaveViewForm(forms.Form):
    """For whom the present filters are kept, and under which name of the list."""

    scope = CodeField(label=_("For"), choices=[], required=False)
    name = CodeField(label=_("Name"), choices=NAMES, required=False)
    filters = forms.CharField(widget=forms.HiddenInput, required=False, max_length=400)

    def __init__(self, *args: Any, circles: Sequence[Circle], **kwargs: Any) -> None:
        """Offer oneself and the circles one reads."""
        kwargs.setdefault("auto_id", "view-%s")
        super().__init__(*args, **kwargs)
        self.circles = {circle.code: circle for circle in circles}
        offered = [("", _("Only me")), *((code, circle.name) for code, circle in self.circles.items())]
        self.fields["scope"].choices = offered  # type: ignore[attr-defined]

    def clean_scope(self) -> Circle | None:
        """Return the circle, or None for oneself."""
        return self.circles.get(self.cleaned_data["scope"])


class NameViewForm(forms.Form):
    """Another name from the list."""

    name = CodeField(label=_("Name"), choices=NAMES, required=False)


def parse_picks(texts: Sequence[str]) -> list[Pick] | None:
    """Return the chosen cases with their versions, or None for anything that no page of ours has made."""
    picks = {}
    for text in texts:
        name, _dot, version = text.partition(".")
        try:
            pick = Pick(uuid.UUID(name), int(version))
        except ValueError:
            return None
        if not 1 <= pick.version < HIGHEST_VERSION:
            return None
        picks[pick.case_id] = pick
    return list(picks.values())


class BulkForm(forms.Form):
    """What shall become of the chosen cases; each kind looks at its own field."""

    kind = CodeField(label=_("What to do"), choices=BulkKind.choices)
    owner = forms.ModelChoiceField(label=_("New owner"), queryset=Caseworker.objects.none(), required=False)
    urgency = CodeField(label=_("Urgency"), choices=_pairs(Urgency, optional=True), required=False)
    stage = CodeField(
        label=_("Next stage"),
        choices=[NOTHING, *_pairs(stage for stage in Stage if stage != Stage.CLOSED)],
        required=False,
    )
    reason = CodeField(label=_("Reason"), choices=_pairs(MOVE_REASONS, optional=True), required=False)
    outcome = CodeField(label=_("Outcome"), choices=_pairs(Outcome, optional=True), required=False)

    FIELD_OF = {
        BulkKind.ASSIGN: "owner",
        BulkKind.URGENCY: "urgency",
        BulkKind.STAGE: "stage",
        BulkKind.CLOSE: "outcome",
    }
    MISSING = {
        "owner": _("Choose the new owner."),
        "urgency": _("Choose the urgency."),
        "stage": _("Choose the next stage."),
        "outcome": _("Choose the outcome."),
    }

    def __init__(self, *args: Any, people: Any, **kwargs: Any) -> None:
        """Offer *people* (a queryset) as owners."""
        kwargs.setdefault("auto_id", "bulk-%s")
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = people  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Ask for the field that the kind looks at."""
        cleaned = super().clean() or {}
        needed = self.FIELD_OF.get(cleaned.get("kind"))  # type: ignore[arg-type]
        if needed and not cleaned.get(needed) and needed not in self.errors:
            self.add_error(needed, self.MISSING[needed])
        return cleaned

    def change(self) -> Change:
        """Return the valid form as the action takes it."""
        kind = BulkKind(self.cleaned_data["kind"])
        value = self.cleaned_data[self.FIELD_OF[kind]]
        if kind is BulkKind.ASSIGN:
            return Change(kind, owner=value)
        reason = ReasonCode(self.cleaned_data["reason"]) if self.cleaned_data["reason"] else None
        return Change(kind, code=value, reason=reason if kind is BulkKind.STAGE else None)

    def spoken(self) -> list[tuple[str, str]]:
        """Return name and value of what was chosen, to be carried through the preview."""
        kept = ("kind", self.FIELD_OF[BulkKind(self.cleaned_data["kind"])], "reason")
        return [(name, self.data.get(name, "")) for name in kept]


class PicksForm(forms.Form):
    """The chosen cases of a preview in one field: a form may have 200 fields, and 200 cases may be chosen."""

    picks = forms.CharField(widget=forms.HiddenInput, max_length=60 * MOST_CASES)
    batch = FormTokenField()

    def clean_picks(self) -> list[Pick]:
        """Return the cases with their versions."""
        picks = parse_picks(self.cleaned_data["picks"].split())
        if not picks or len(picks) > MOST_CASES:
            raise forms.ValidationError(_("Go back to the queue and choose the cases again."))
        return picks
