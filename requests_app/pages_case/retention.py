"""What the page of a case says about its erasure: what has gone, what holds it, and, before a button is pressed, the new date."""

import datetime as dt
from collections.abc import Callable, Mapping

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from requests_app.clocks import ASYLUM_ELSEWHERE, erase_after
from requests_app.enums import Outcome
from requests_app.models.cases import Case
from requests_app.pages_case.sight import Sight


def _before_closing(_case: Case, today: dt.date) -> list[str]:
    """Say when contacts and texts would go."""
    later = ", ".join(str(outcome.label) for outcome in Outcome if outcome in ASYLUM_ELSEWHERE)
    usual, longer = (erase_after(today, asylum_elsewhere=elsewhere) for elsewhere in (False, True))
    return [
        _("If closed today, contacts and texts are erased after %(day)s.") % {"day": date_format(usual)},
        _("After %(day)s with one of these outcomes: %(outcomes)s.") % {"day": date_format(longer), "outcomes": later},
    ]


def _before_reopening(case: Case, today: dt.date) -> list[str]:
    """Say that the date is called off, and when it would be next."""
    again = date_format(erase_after(today, asylum_elsewhere=False))
    if case.erase_after is None:
        said = _("The old texts are gone. New ones are erased 90 days after the next closing: not before %(again)s.")
        return [said % {"again": again}]
    said = _(
        "The erasure after %(day)s is called off. The next is 90 days after the next closing: not before %(again)s."
    )
    return [said % {"day": date_format(case.erase_after), "again": again}]


SAID_BEFORE: Mapping[str, Callable[[Case, dt.date], list[str]]] = {
    "close": _before_closing,
    "reopen": _before_reopening,
}
"""By slot of the form."""


def held_until(sight: Sight) -> dt.date | None:
    """Return the day until which nothing of the case is erased, where something is to be."""
    if sight.case.erase_after is None or sight.case.erased_on is not None or sight.hold is None:
        return None
    return sight.hold.until


def notice(sight: Sight) -> str:
    """Return the sentence above the case, or nothing."""
    case = sight.case
    if case.texts_erased_on is not None:
        month = f"{case.texts_erased_on:%Y-%m}"
        return _("Contacts and texts of the time before were erased in %(month)s; days are months.") % {"month": month}
    if sight.hold is not None:
        words = {"day": date_format(sight.hold.until), "reason": sight.hold.get_reason_display()}
        return _("Held back from erasure until %(day)s. Reason: %(reason)s.") % words
    return ""
