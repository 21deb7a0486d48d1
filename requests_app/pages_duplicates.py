"""Prepared values for the pages of search, pairs and merges: codes and addresses, never what was typed or sealed."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from requests_app import pages
from requests_app.duplicate_codes import PairDecision, TagKind
from requests_app.enums import Country, RequestState
from requests_app.models.cases import Case
from requests_app.models.duplicates import CaseMerge, DuplicatePair
from requests_app.models.help_requests import HelpRequest
from requests_app.queries.duplicates import Match


def kind_labels(kinds: Iterable[str]) -> list[str]:
    """Return the words for what agrees."""
    return [str(TagKind(kind).label) for kind in kinds]


def _subject(subject: Case | HelpRequest) -> dict[str, Any]:
    """Return one side or one match: where its page is, how it is called, and where it stands."""
    if isinstance(subject, Case):
        return {
            "url": reverse("case", args=[subject.id]),
            "reference": subject.reference,
            "codename": subject.codename,
            "kind": _("Case"),
            "state": subject.get_stage_display(),
            "urgency": subject.get_urgency_display(),
            "urgency_tone": pages.URGENCY_TONES[subject.urgency],
        }
    return {
        "url": reverse("triage_request", args=[subject.id]),
        "reference": subject.reference,
        "codename": "",
        "kind": _("Request"),
        "state": subject.get_state_display(),
        "urgency": subject.get_urgency_display(),
        "urgency_tone": pages.URGENCY_TONES[subject.urgency],
    }


def subject_of(help_request: HelpRequest) -> Case | HelpRequest:
    """Return the case of a request, or the request where there is none."""
    return help_request.case or help_request


def match_row(match: Match) -> dict[str, Any]:
    """Return one line of what a search found."""
    return _subject(match.subject) | {"signals": kind_labels(match.kinds)}


def pair_row(pair: DuplicatePair) -> dict[str, Any]:
    """Return one line of the queue of pairs."""
    return {
        "url": reverse("pair", args=[pair.id]),
        "sides": [_subject(subject_of(one)) for one in (pair.low, pair.high)],
        "signals": kind_labels(pair.signals),
        "found_on": pair.found_on,
    }


def _request_side(help_request: HelpRequest, now: dt.datetime) -> dict[str, Any]:
    """Return one side of a pair: the request, and the case it led to."""
    case = help_request.case
    return {
        "title": help_request.reference,
        "facts": pages.request_facts(help_request),
        "case": None
        if case is None
        else {"facts": pages.case_facts(case, now), "url": reverse("case", args=[case.id])},
        "request_url": reverse("triage_request", args=[help_request.id]),
    }


def what_same_does(first: HelpRequest, second: HelpRequest) -> str:
    """Say what "the same person" would do to these two; *first* came first."""
    states = [one.state for one in (first, second)]
    if first.case_id and second.case_id:
        return _("“The same person” offers to merge the two cases.")
    if RequestState.NEW in states and (first.case_id or second.case_id):
        return _("“The same person” links the waiting request to the case.")
    if states == [RequestState.NEW, RequestState.NEW]:
        return _("“The same person” sets %(later)s aside as a duplicate of %(earlier)s. If that one becomes a case, both belong to it.") % {
            "later": second.reference,
            "earlier": first.reference,
        }  # fmt: skip
    return _("“The same person” is written down. Neither request changes.")


def pair_values(pair: DuplicatePair, ordered: Sequence[HelpRequest], now: dt.datetime) -> dict[str, Any]:
    """Return both sides of a pair, the earlier first, and what agrees."""
    differing = [kind for kind in TagKind if kind not in pair.signals]
    decided_by = pair.decided_by.alias if pair.decided_by else "—"
    return {
        "sides": [_request_side(one, now) for one in ordered],
        "agrees": kind_labels(pair.signals),
        "not_agrees": kind_labels(differing),
        "consequence": what_same_does(*ordered),
        "decided": f"{PairDecision(pair.decision).label} · {decided_by}" if pair.decision else "",
    }


def merge_line(merge: CaseMerge, last_day: dt.date) -> dict[str, Any]:
    """Return one merge that can be undone."""
    return {
        "merged": merge.merged.reference,
        "survivor": merge.survivor.reference,
        "survivor_url": reverse("case", args=[merge.survivor_id]),
        "by": merge.merged_by.alias if merge.merged_by else "—",
        "until": last_day,
        "undo_url": reverse("undo_merge", args=[merge.id]),
    }


def merge_warning(older: Case, younger: Case) -> str:
    """Say where the younger case stands, when the one that stays stands elsewhere; nothing when they agree."""
    stands = [(one.stage, one.condition, one.country) for one in (older, younger)]
    if stands[0] == stands[1]:
        return ""
    return _(
        "The older case keeps its own stage, condition and country. The younger one stands at: %(stage)s, %(condition)s, %(country)s. If the person is "
        "there now, move the older case after merging."
    ) % {
        "stage": younger.get_stage_display(),
        "condition": younger.get_condition_display(),
        "country": Country(younger.country).label,
    }


def merge_sides(older: Case, younger: Case, now: dt.datetime) -> list[dict[str, Any]]:
    """Return the two cases of a merge, the one that stays first."""
    titles = (_("Stays"), _("Goes into it"))
    return [
        {"title": title, "facts": pages.case_facts(case, now)}
        for title, case in zip(titles, (older, younger), strict=True)
    ]
