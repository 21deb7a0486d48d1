"""What follows from "the same person": duplicates go along with their first request, and all traces go when somebody is erased."""

import datetime as dt
import uuid
from collections.abc import Sequence

from django.db import transaction
from django.db.models import F, Q

from caseworker import audit
from caseworker.enums import AuditVerb
from caseworker.models.accounts import Caseworker
from requests_app.duplicate_codes import PairDecision
from requests_app.enums import RequestState, TriageDecision
from requests_app.models.cases import Case
from requests_app.models.duplicates import CaseMerge, DuplicateEntry, DuplicatePair
from requests_app.models.help_requests import HelpRequest


def touching(requests: Sequence[HelpRequest] | set[uuid.UUID]) -> Q:
    """Say in SQL that a pair has one of *requests* on either side."""
    return Q(low__in=requests) | Q(high__in=requests)


def forget_traces(requests: Sequence[HelpRequest], case: Case | None) -> None:
    """Delete the tags and the pairs of *requests*, and what is known of merges with *case*: nobody finds these people any more."""
    DuplicateEntry.objects.filter(help_request__in=requests).delete()
    DuplicatePair.objects.filter(touching(requests)).delete()
    if case is not None:
        CaseMerge.objects.filter(Q(merged=case) | Q(survivor=case)).delete()


def _same_as(help_request: HelpRequest) -> set[uuid.UUID]:
    """Return the requests that were said to be of the same person, directly or over others."""
    known, new = set[uuid.UUID](), {help_request.id}
    while new:
        known |= new
        pairs = DuplicatePair.objects.filter(touching(new), decision=PairDecision.SAME).values_list("low_id", "high_id")
        new = {request_id for pair in pairs for request_id in pair} - known
    return known - {help_request.id}


@transaction.atomic
def adopt_duplicates(help_request: HelpRequest, case: Case, *, actor: Caseworker, now: dt.datetime) -> int:
    """Link the requests that were set aside as duplicates of *help_request* to its case; return how many. Nobody is counted.

    So the claim code of each of them speaks for the whole case. Whoever asked to be erased meanwhile is left alone.
    """
    aside = HelpRequest.objects.select_for_update().filter(
        id__in=_same_as(help_request),
        circle_id=case.circle_id,
        decision=TriageDecision.DUPLICATE,
        erasure_due_at__isnull=True,
        erased_on__isnull=True,
    )
    adopted = list(aside.order_by("id"))
    for one in adopted:
        HelpRequest.objects.filter(id=one.id).update(
            decision=TriageDecision.LINK, state=RequestState.ACCEPTED, case=case, version=F("version") + 1
        )
        audit.record(actor=actor, verb=AuditVerb.ADOPT_DUPLICATE, kind="help_request", object_id=one.id, now=now)
    return len(adopted)
