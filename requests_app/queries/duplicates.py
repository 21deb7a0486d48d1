"""Pairs to decide, merges that can be undone, and what a search found: in codes, and only what the person may know of."""

import datetime as dt
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db.models import Q
from django.shortcuts import get_object_or_404

from caseworker.enums import AuditVerb
from caseworker.models.accounts import Caseworker
from caseworker.models.audit import AuditEvent
from requests_app.duplicate_codes import TagKind
from requests_app.models.cases import Case
from requests_app.models.duplicates import CaseMerge, DuplicatePair
from requests_app.models.help_requests import HelpRequest
from requests_app.models.membership import circles_of
from requests_app.queries.cases import survivor
from requests_app.references import parse_reference

PAGE, READ_AHEAD = 50, 10
"""Lines of a page, and how many pairs are read for one: several may be between the same two people."""


def pairs_to_decide(person: Caseworker, *, now: dt.datetime) -> list[DuplicatePair]:
    """Return up to 50 undecided pairs with both sides and their cases, oldest first, one for each two people. One query."""
    pairs = DuplicatePair.objects.visible_to(person, now=now).undecided()
    first: dict[frozenset[uuid.UUID], DuplicatePair] = {}
    for pair in pairs.select_related("low__case", "high__case").order_by("found_on", "id")[: PAGE * READ_AHEAD]:
        first.setdefault(frozenset(one.case_id or one.id for one in (pair.low, pair.high)), pair)
    return list(first.values())[:PAGE]


def older_first(one: Case, other: Case) -> tuple[Case, Case]:
    """Return the two in the order in which they were opened: by month, by the first day of their paths, by their place in the audit trail."""
    first, second = sorted((one, other), key=lambda case: (case.opened_month, *_began(case), case.id))
    return first, second


def _began(case: Case) -> tuple[dt.date, int]:
    """Return the day on which a case began and the number of the event that began it: cases carry no time of day."""
    spell = case.spells.order_by("seq").first()
    if spell is None:
        return case.opened_month, 0
    requests = HelpRequest.objects.filter(case=case).values("id")
    promoted = AuditEvent.objects.filter(actor_id=spell.moved_by_id, verb=AuditVerb.PROMOTE_REQUEST)
    event = promoted.filter(object_id__in=requests).order_by("sequence").values_list("sequence", flat=True).first()
    return spell.entered_on, event or 0


def pair_or_404(pair_id: uuid.UUID, *, person: Caseworker, now: dt.datetime) -> DuplicatePair:
    """Return a pair both sides of which *person* may know of, else 404."""
    visible = DuplicatePair.objects.visible_to(person, now=now)
    found: DuplicatePair = get_object_or_404(
        visible.select_related("low__case__owner", "high__case__owner", "decided_by"), id=pair_id
    )
    return found


def _own_merges(person: Caseworker, *, now: dt.datetime) -> Q:
    visible = Case.objects.visible_to(person, now=now)
    return Q(survivor__in=visible, survivor__circle__in=circles_of(person))


def merges_to_undo(person: Caseworker, *, since: dt.date, now: dt.datetime) -> list[CaseMerge]:
    """Return the merges of the person's circles that were done *since* a day and not undone, latest first. One query."""
    merges = CaseMerge.objects.filter(_own_merges(person, now=now), undone_on__isnull=True, merged_on__gte=since)
    return list(merges.select_related("merged", "survivor", "merged_by").order_by("-merged_on", "id")[:PAGE])


def merge_or_404(merge_id: uuid.UUID, *, person: Caseworker, now: dt.datetime) -> CaseMerge:
    """Return a merge in the person's circles, else 404."""
    merges = CaseMerge.objects.filter(_own_merges(person, now=now)).select_related("merged", "survivor")
    found: CaseMerge = get_object_or_404(merges, id=merge_id)
    return found


@dataclass(frozen=True)
class Match:
    """A case, or a request without one, and by which kinds it was found; none for a reference or a codename."""

    subject: Case | HelpRequest
    kinds: tuple[TagKind, ...] = ()


def matches(person: Caseworker, hits: Mapping[uuid.UUID, Collection[TagKind]], *, now: dt.datetime) -> list[Match]:
    """Return what *hits* (request id to kinds) lead to, each case once, those that agree in most first. Two queries."""
    requests = HelpRequest.objects.visible_to(person).filter(
        id__in=list(hits), erasure_due_at__isnull=True, erased_on__isnull=True
    )
    cases = Case.objects.visible_to(person, now=now).in_bulk([one.case_id for one in requests if one.case_id])
    subjects: dict[uuid.UUID, Case | HelpRequest] = {}
    kinds: dict[uuid.UUID, set[TagKind]] = {}
    for one in requests:
        subject = cases.get(one.case_id) if one.case_id else one
        if subject is not None:
            subjects[subject.id] = subject
            kinds.setdefault(subject.id, set()).update(hits[one.id])
    found = [Match(subjects[id_], tuple(kind for kind in TagKind if kind in kinds[id_])) for id_ in subjects]
    return sorted(found, key=lambda match: (-len(match.kinds), match.subject.reference))[:PAGE]


def coded_matches(person: Caseworker, typed: str, *, now: dt.datetime) -> list[Match]:
    """Return the case or request with this reference, and cases with this codename; a merged case leads to the one it is part of."""
    reference, codename = parse_reference(typed), " ".join(typed.split())
    cases = Case.objects.visible_to(person, now=now).filter(erasure_due_at__isnull=True)
    named = cases.filter(Q(codename__iexact=codename) | Q(reference=reference or "")).order_by("reference")[:PAGE]
    visible = Case.objects.visible_to(person, now=now)
    found = {case.id: case for case in (survivor(one, visible) for one in named) if case is not None}
    requests = HelpRequest.objects.visible_to(person).filter(
        Q(case__isnull=True) | Q(case__in=cases), reference=reference or "", erasure_due_at__isnull=True
    )
    return [Match(one) for one in (*found.values(), *requests)]
