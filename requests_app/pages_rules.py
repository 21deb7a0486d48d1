"""Prepared values about country rules and targets: words for a rule, and whether somebody should look it up again."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from requests_app.clock_codes import RuleKind
from requests_app.enums import Country, Stage, Urgency
from requests_app.models.stays import CountryRule
from requests_app.queries.rules import TargetLine
from requests_app.queries.stays import Chain, in_force


def rule_words(rule: CountryRule) -> str:
    """Say in words what a rule allows."""
    limit = rule.limit_days
    if limit is None:
        return _("%(kind)s: no limit any more") % {"kind": RuleKind(rule.kind).label}
    sentences = {
        RuleKind.ROLLING: ngettext("%(n)d day in any %(window)s", "%(n)d days in any %(window)s", limit),
        RuleKind.PER_YEAR: ngettext("%(n)d day in a calendar year", "%(n)d days in a calendar year", limit),
        RuleKind.FROM_ENTRY: ngettext("%(n)d day from each entry", "%(n)d days from each entry", limit),
        RuleKind.REGISTRATION: ngettext("registration within %(n)d day", "registration within %(n)d days", limit),
    }
    return sentences[RuleKind(rule.kind)] % {"n": limit, "window": rule.window_days}


def stale_words(rule: CountryRule, day: dt.date) -> str:
    """Say why a rule should be looked up again, or nothing."""
    if not rule.is_stale(day):
        return ""
    if rule.verified_on is None:
        return _("Nobody here has verified this rule. Look it up before you rely on it.")
    verified = {"day": date_format(rule.verified_on)}
    return (
        _("This rule was last verified on %(day)s and may have changed. Look it up before you rely on it.") % verified
    )


def source_words(rule: CountryRule) -> str:
    """Return the source as it was typed; the fixed words of a rule that came with the software in the reader's language."""
    shipped = {
        "Catalogue": _("Came with the software"),
        "Catalogue; believed, not verified": _("Came with the software; believed, not verified"),
        "Catalogue; one source": _("Came with the software; one source"),
        "Catalogue; 90 in 180 since 27 Jan 2023": _("Came with the software; 90 in 180 since 27 Jan 2023"),
        "Catalogue; 180 days a year": _("Came with the software; 180 days a year"),
        "Catalogue; sources say 360 to 365": _("Came with the software; sources say 360 to 365"),
        "Catalogue; 30 per stay": _("Came with the software; 30 per stay"),
        "Catalogue; 90 in 180 in total": _("Came with the software; 90 in 180 in total"),
    }
    return shipped.get(rule.source, rule.source)


def _version(rule: CountryRule, chain: Chain, today: dt.date) -> dict[str, Any]:
    current = in_force(chain, today)
    state, tone = _("superseded"), "quiet"
    if rule == current:
        state, tone = (_("look up again"), "warn") if rule.is_stale(today) else (_("verified"), "good")
    elif rule.effective_from > today:
        state, tone = _("not in force yet"), "info"
    return {
        "url": reverse("country_rule", args=[rule.id]),
        "words": rule_words(rule),
        "effective_from": date_format(rule.effective_from),
        "source": source_words(rule),
        "verified_on": date_format(rule.verified_on) if rule.verified_on else "—",
        "reverify_by": date_format(rule.reverify_by) if rule.reverify_by else "—",
        "state": state,
        "tone": tone,
        "country": Country(rule.country).label,
    }


def rules_values(chains: list[Chain], today: dt.date) -> dict[str, Any]:
    """Return every version of every limit, latest first within each, and how many in force should be looked up again."""
    rows = [_version(rule, chain, today) for chain in chains for rule in reversed(chain)]
    stale = sum(in_force(chain, today).is_stale(today) for chain in chains)
    words = ngettext(
        "%(n)d rule should be looked up again. Clocks made from it say so; nothing is closed by itself.",
        "%(n)d rules should be looked up again. Clocks made from them say so; nothing is closed by itself.",
        stale,
    )
    return {"rows": rows, "stale": words % {"n": stale} if stale else ""}


def rule_values(rule: CountryRule, chain: Chain, today: dt.date) -> dict[str, Any]:
    """Return one version for its page."""
    return {"rule": _version(rule, chain, today), "stale": stale_words(rule, today)}


def _hours_words(hours: Mapping[Urgency, int]) -> str:
    return " / ".join(str(hours[urgency]) for urgency in Urgency)


def target_rows(lines: list[TargetLine]) -> list[dict[str, Any]]:
    """Return the stages whose target is a number of hours, with the table's and the organization's own."""
    return [
        {
            "url": reverse("stage_target", args=[line.stage]),
            "label": Stage(line.stage).label,
            "table": _hours_words(line.table),
            "own": _hours_words(line.own) if line.own else "—",
        }
        for line in lines
    ]
