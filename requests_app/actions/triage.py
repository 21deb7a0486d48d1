"""Triage: the decisions a coordinator may take on a request. A person is counted here, once, when confirmed as new."""

import datetime as dt
import uuid
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from caseworker import audit
from caseworker.enums import AuditVerb
from caseworker.exceptions import PolicyRefused, StaleVersion
from caseworker.models.accounts import Caseworker
from caseworker.permissions import Permission, check
from requests_app.actions.consequences import enter_stage
from requests_app.actions.counting import count_new_person
from requests_app.actions.same_person import adopt_duplicates
from requests_app.actions.stages import Entry, begin_spell
from requests_app.clocks import URGENCY_RANK
from requests_app.enums import Condition, RequestState, Situation, Stage, TriageDecision, Urgency
from requests_app.models.cases import Case
from requests_app.models.help_requests import HelpRequest
from requests_app.policies import check_not_locked, check_open, check_undecided
from requests_app.queries.due import first_due
from requests_app.references import new_codename, new_reference


@dataclass(frozen=True)
class DecisionRow:
    """What a decision leaves the request in, and what is written to the audit chain."""

    state: RequestState
    verb: AuditVerb


DECISIONS = {
    TriageDecision.PROMOTE: DecisionRow(RequestState.ACCEPTED, AuditVerb.PROMOTE_REQUEST),
    TriageDecision.LINK: DecisionRow(RequestState.ACCEPTED, AuditVerb.LINK_REQUEST),
    TriageDecision.ADVICE_GIVEN: DecisionRow(RequestState.ANSWERED, AuditVerb.ADVISE_REQUEST),
    TriageDecision.DECLINED: DecisionRow(RequestState.SET_ASIDE, AuditVerb.DECLINE_REQUEST),
    TriageDecision.DUPLICATE: DecisionRow(RequestState.SET_ASIDE, AuditVerb.MARK_DUPLICATE),
    TriageDecision.SUSPECTED_PROBE: DecisionRow(RequestState.SET_ASIDE, AuditVerb.MARK_PROBE),
}


def _decide(
    help_request: HelpRequest,
    decision: TriageDecision,
    *,
    actor: Caseworker,
    now: dt.datetime,
    case: Case | None = None,
) -> HelpRequest:
    """Write the decision if nobody decided meanwhile, and audit it; raises ``StaleVersion`` otherwise."""
    row = DECISIONS[decision]
    changes = {"state": row.state, "decision": decision, "decided_by": actor, "decided_on": now.date(), "case": case}
    free = HelpRequest.objects.filter(id=help_request.id, version=help_request.version, state=RequestState.NEW)
    if free.update(version=help_request.version + 1, **changes) != 1:
        raise StaleVersion(_("Somebody decided on this request while you had it open."))
    for name, value in (changes | {"version": help_request.version + 1}).items():
        setattr(help_request, name, value)
    audit.record(actor=actor, verb=row.verb, kind="help_request", object_id=help_request.id, now=now)
    if case is not None:
        adopt_duplicates(help_request, case, actor=actor, now=now)
    return help_request


def _check_triage(help_request: HelpRequest, actor: Caseworker) -> None:
    check(actor, Permission.TRIAGE)
    check_undecided(help_request)


def _count(help_request: HelpRequest, now: dt.datetime) -> None:
    count_new_person(country=help_request.country, category=help_request.category, now=now)


def _free_reference() -> str:
    """Return a reference that no case has: among thousands of random ones a collision is a matter of time, not of luck."""
    reference = new_reference()
    while Case.objects.filter(reference=reference).exists():
        reference = new_reference()
    return reference


@transaction.atomic
def promote_request(help_request: HelpRequest, *, actor: Caseworker, now: dt.datetime) -> Case:
    """Confirm a new person and open their case at ``received``, owned by whoever triaged; the person is counted once."""
    _check_triage(help_request, actor)
    urgency = Urgency(help_request.urgency)
    case = Case.objects.create(
        id=uuid.uuid4(),
        reference=_free_reference(),
        codename=new_codename(),
        circle_id=help_request.circle_id,
        stage=Stage.RECEIVED,
        condition=Condition.ACTIVE,
        urgency=urgency,
        urgency_rank=URGENCY_RANK[urgency],
        category=help_request.category,
        exit_context=Situation(help_request.situation),
        country=help_request.country,
        language=help_request.language,
        owner=actor,
        opened_month=now.date().replace(day=1),
        touched_on=now.date(),
        **first_due(Stage.RECEIVED, urgency, now),
    )
    begin_spell(case, Entry(help_request.received_on), actor=actor)
    enter_stage(case, now)
    _decide(help_request, TriageDecision.PROMOTE, actor=actor, now=now, case=case)
    _count(help_request, now)
    return case


@transaction.atomic
def link_request(help_request: HelpRequest, case: Case, *, actor: Caseworker, now: dt.datetime) -> HelpRequest:
    """Add the request to an open case of the same circle that the actor can see; nobody is counted."""
    _check_triage(help_request, actor)
    check_open(case)
    check_not_locked(case)
    if (
        case.circle_id != help_request.circle_id
        or not Case.objects.visible_to(actor, now=now).filter(id=case.id).exists()
    ):
        raise PolicyRefused(_("No open case with this reference in the same circle. Check the reference."))
    return _decide(help_request, TriageDecision.LINK, actor=actor, now=now, case=case)


@transaction.atomic
def advise_request(help_request: HelpRequest, *, actor: Caseworker, now: dt.datetime) -> HelpRequest:
    """Close the request with advice: a person is confirmed and counted, and no case is needed."""
    _check_triage(help_request, actor)
    decided = _decide(help_request, TriageDecision.ADVICE_GIVEN, actor=actor, now=now)
    _count(help_request, now)
    return decided


@transaction.atomic
def decline_request(help_request: HelpRequest, *, actor: Caseworker, now: dt.datetime) -> HelpRequest:
    """Set the request aside as outside the mandate; nobody is counted."""
    _check_triage(help_request, actor)
    return _decide(help_request, TriageDecision.DECLINED, actor=actor, now=now)


@transaction.atomic
def mark_duplicate(help_request: HelpRequest, *, actor: Caseworker, now: dt.datetime) -> HelpRequest:
    """Set the request aside as one that was logged before; nobody is counted."""
    _check_triage(help_request, actor)
    return _decide(help_request, TriageDecision.DUPLICATE, actor=actor, now=now)


@transaction.atomic
def mark_suspected_probe(help_request: HelpRequest, *, actor: Caseworker, now: dt.datetime) -> HelpRequest:
    """Set the request aside as a suspected probe by the adversary; nobody is counted."""
    _check_triage(help_request, actor)
    return _decide(help_request, TriageDecision.SUSPECTED_PROBE, actor=actor, now=now)
