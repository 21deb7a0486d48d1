"""Forms of the lead's pages about rules. They validate and never save."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from requests_app.clock_codes import RuleKind
from requests_app.clocks import LONGEST_RULE_DAYS
from requests_app.enums import Urgency
from requests_app.forms.cases import DayField
from requests_app.forms.fields import CodeField, ConditionalNumber, TypedText
from requests_app.forms.stays import ABROAD
from requests_app.models.deadlines import LONGEST_TARGET_HOURS

SOURCE_HELP = _("The law, the authority or the page. No name of a person.")
REVERIFY_HELP = _("At the latest a year from today.")


class RuleForm(forms.Form):
    """A new version of a limit."""

    country = CodeField(label=_("Country"), choices=[("", "—"), *ABROAD])
    kind = CodeField(label=_("Kind of limit"), choices=[("", "—"), *RuleKind.choices])
    limit_days = ConditionalNumber(
        label=_("Days"),
        min_value=0,
        max_value=LONGEST_RULE_DAYS,
    )
    is_dropped = forms.BooleanField(label=_("The country has dropped this limit"), required=False)
    window_days = ConditionalNumber(
        label=_("Period in days"),
        min_value=1,
        max_value=LONGEST_RULE_DAYS,
        help_text=_("Only for days in any period."),
    )
    effective_from = DayField(label=_("In force from"))
    source = TypedText(longest=200, label=_("Source"), help_text=SOURCE_HELP)
    reverify_by = DayField(label=_("Look up again by"), help_text=REVERIFY_HELP)

    def clean(self) -> dict[str, Any]:
        """Ask for a period where one belongs, and for the days unless it is said that there is no limit any more."""
        cleaned = super().clean() or {}
        if cleaned.pop("is_dropped", False):
            cleaned["limit_days"] = None
        elif cleaned.get("limit_days") is None and "limit_days" not in self.errors:
            self.add_error("limit_days", _("Write how many days are allowed."))
        if cleaned.get("kind") == RuleKind.ROLLING and not cleaned.get("window_days"):
            self.add_error("window_days", _("Write the period in which the days are counted."))
        return cleaned


class ReverifyForm(forms.Form):
    """Where the rule was looked up, and when it is to be looked up again."""

    source = TypedText(longest=200, label=_("Source"), help_text=SOURCE_HELP)
    reverify_by = DayField(label=_("Look up again by"), help_text=REVERIFY_HELP)


def _hours(urgency: Urgency) -> ConditionalNumber:
    return ConditionalNumber(label=urgency.label, min_value=1, max_value=LONGEST_TARGET_HOURS)


class TargetForm(forms.Form):
    """The organization's own hours for a stage, or nothing in every field for those of the table."""

    u1_now = _hours(Urgency.NOW)
    u2_72h = _hours(Urgency.DAYS_3)
    u3_2w = _hours(Urgency.WEEKS_2)
    u4_routine = _hours(Urgency.ROUTINE)

    def clean(self) -> dict[str, Any]:
        """Ask for all four or none."""
        cleaned = super().clean() or {}
        filled = [urgency for urgency in Urgency if cleaned.get(urgency.value)]
        if not self.errors and 0 < len(filled) < len(Urgency):
            self.add_error(None, _("Fill in all four fields, or none for the targets of the table."))
        return cleaned

    def hours(self) -> Mapping[Urgency, int] | None:
        """Return the hours by urgency, or None when the table's are wanted."""
        cleaned = self.cleaned_data
        return {urgency: cleaned[urgency.value] for urgency in Urgency} if cleaned[Urgency.NOW.value] else None
