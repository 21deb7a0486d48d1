"""How long what is kept, as one table. Pure: a sweep that did not run for ten days finds the same rows due.

Every rule says *after*: a rule of seven days lets the seventh day pass whole. What is closed is known by its month; the last month counts
whole, so nothing is erased earlier than it says here.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from requests_app.enums import TriageDecision

LONGEST_HOLD = dt.timedelta(days=180)
SHOWN_AHEAD = dt.timedelta(days=14)
RECORD_MONTHS = 24


class HoldReason(TextChoices):
    """Why something is kept for longer."""

    PERSON_ASKED = "person_asked", _("The person asked")
    COURT_CASE = "court_case", _("A court or asylum procedure needs it")
    COMPLAINT = "complaint", _("A complaint is open")
    SAFETY = "safety", _("Safety")
    OTHER = "other", _("Other")


class RuleCode(StrEnum):
    """The rules."""

    PROBE = "probe"
    DECIDED = "decided"
    TEXTS = "texts"
    RECORD = "record"


class Effect(StrEnum):
    """What a rule does: erase a request, a case's texts, or all that is left of a case."""

    REQUEST = "request"
    TEXTS = "texts"
    RECORD = "record"


@dataclass(frozen=True)
class Rule:
    """One rule: *what* is erased, so many days or months after the day in the column *since*."""

    what: str | Promise
    effect: Effect
    since: str
    days: int = 0
    months: int = 0
    decisions: tuple[TriageDecision, ...] = ()

    def last_day(self, since: dt.date) -> dt.date:
        """Return the last day on which it is kept."""
        if self.months:
            return _months_after(since, self.months + 1) - dt.timedelta(days=1)
        return since + dt.timedelta(days=self.days)

    def newest_due(self, day: dt.date) -> dt.date:
        """Return the latest value of the column *since* that is due on *day*."""
        if self.months:
            return _months_after(day, -self.months - 1)
        return day - dt.timedelta(days=self.days + 1)


def _months_after(day: dt.date, months: int) -> dt.date:
    """Return the first day of the month that is so many months away."""
    years, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(years, month + 1, 1)


RULES: Mapping[RuleCode, Rule] = MappingProxyType(
    {
        RuleCode.PROBE: Rule(
            _("Request, suspected probe: 7 days after the decision"),
            Effect.REQUEST,
            "decided_on",
            days=7,
            decisions=(TriageDecision.SUSPECTED_PROBE,),
        ),
        RuleCode.DECIDED: Rule(
            _("Request without a case: 30 days after the decision"),
            Effect.REQUEST,
            "decided_on",
            days=30,
            decisions=(TriageDecision.ADVICE_GIVEN, TriageDecision.DECLINED, TriageDecision.DUPLICATE),
        ),
        RuleCode.TEXTS: Rule(
            _("Contacts and texts: 90 days after closing, 180 while a procedure runs elsewhere"),
            Effect.TEXTS,
            "erase_after",
        ),
        RuleCode.RECORD: Rule(
            _("All that is left of a case: 24 months after closing"),
            Effect.RECORD,
            "closed_month",
            months=RECORD_MONTHS,
        ),
    }
)
