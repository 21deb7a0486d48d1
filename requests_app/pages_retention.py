"""Prepared values for the page of retention."""

import datetime as dt
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from caseworker.models.accounts import Caseworker
from requests_app.models.cases import Case
from requests_app.queries.retention import Waiting, waiting
from requests_app.retention import RULES


def _line(one: Waiting, today: dt.date) -> dict[str, Any]:
    name = "case" if isinstance(one.subject, Case) else "triage_request"
    is_over = one.last_day < today
    return {
        "url": reverse(name, args=[one.subject.id]),
        "reference": one.subject.reference,
        "last_day": one.last_day,
        "blockers": [str(label) for label in one.blockers],
        "state": _("kept, though its time is over") if is_over and one.blockers else _("kept") if one.blockers else "",
        "tone": "warn" if is_over else "info",
        "next": _("erased tonight") if is_over else _("erased after its last day"),
    }


def retention_values(person: Caseworker, now: dt.datetime) -> dict[str, Any]:
    """Return for every rule what it erases soon, with what stands against it."""
    today = now.date()
    return {
        "rules": [
            {"title": str(rule.what), "lines": [_line(one, today) for one in waiting(rule, person, now)]}
            for rule in RULES.values()
        ]
    }
