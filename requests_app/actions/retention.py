"""Erase what is past its time, coarsen what stays, and hold what must wait.

The sweep takes one row in one transaction: it is locked first, and whether it is due and nothing stands against it is asked after that. A
message that is being written to it meanwhile waits for the lock, so none dies unread. Stopped anywhere, the next sweep does the rest.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models.functions import TruncMonth
from django.utils.translation import gettext_lazy as _

from caseworker import audit
from caseworker.enums import AuditVerb
from caseworker.exceptions import PolicyRefused
from caseworker.models.accounts import Caseworker
from caseworker.permissions import Permission, check
from caseworker.scrubbing import scrub_after_commit
from requests_app.actions.disconnecting import disconnect
from requests_app.actions.erasure import erase_case, erase_request
from requests_app.actions.one_by_one import one_by_one
from requests_app.actions.same_person import forget_traces
from requests_app.actions.stages import claim_version
from requests_app.clocks import midnight
from requests_app.enums import HandoverState
from requests_app.models.access import AccessGrant, VerificationCheck
from requests_app.models.cases import Case, StageSpell
from requests_app.models.contacts import ContactPoint
from requests_app.models.deadlines import Deadline
from requests_app.models.handovers import Handover
from requests_app.models.help_requests import HelpRequest
from requests_app.models.notes import Note
from requests_app.models.retention import RetentionHold
from requests_app.models.work import ChecklistAnswer, ContactAttempt, Task
from requests_app.policies import check_not_erased, check_version
from requests_app.queries import retention as queries
from requests_app.retention import LONGEST_HOLD, RULES, Effect, HoldReason, Rule
from requests_app.sealed import destroy_records

COARSENED: tuple[tuple[Any, str, tuple[str, ...]], ...] = (
    (StageSpell, "case", ("entered_on", "left_on")),
    (VerificationCheck, "case", ("checked_on",)),
    (Deadline, "case", ("set_on", "due_on", "done_on")),
    (HelpRequest, "case", ("received_on", "decided_on")),
    (ChecklistAnswer, "case", ("answered_on",)),
)
"""Days that become the first of their month. Stays are weeks since the case was closed: a month would count too few days."""


def _coarsen(case: Case, now: dt.datetime) -> None:
    for table, owner, columns in COARSENED:
        table.objects.filter(**{owner: case}).update(**{name: TruncMonth(name) for name in columns})
    ContactAttempt.objects.filter(case=case).delete()
    Task.objects.filter(case=case).delete()
    Handover.objects.filter(case=case).exclude(state=HandoverState.OFFERED).delete()
    AccessGrant.objects.filter(case=case, expires_at__lte=now).delete()


def _month(moment: dt.datetime) -> dt.datetime:
    return midnight(moment.date().replace(day=1))


@transaction.atomic
def erase_texts(case: Case, *, actor: Caseworker | None, now: dt.datetime) -> int:
    """Destroy everything sealed of a closed case, its contact lines, notes and what it was connected with; codes stay, days become months. Returns the records destroyed.

    No ledger line is written: in a restored backup the texts are due at once, and the next sweep erases them again.
    """
    requests = list(HelpRequest.objects.select_for_update().filter(case=case).order_by("id"))
    destroyed = destroy_records([case.id, *(one.id for one in requests)])
    forget_traces(requests, None)
    disconnect(case, requests)
    ContactPoint.objects.filter(help_request__in=requests).delete()
    Note.objects.filter(help_request__in=requests).delete()
    Note.objects.filter(case=case).delete()
    _coarsen(case, now)
    changes: dict[str, object] = {
        "texts_erased_on": now.date().replace(day=1),
        "erase_after": None,
        "touched_on": case.touched_on.replace(day=1),
        "contacted_at": case.contacted_at and _month(case.contacted_at),
        "clock_started_at": _month(case.clock_started_at),
        "condition_at": _month(case.condition_at),
        "moved_at": _month(case.moved_at),
    }
    claim_version(case, case.version, changes)
    audit.record(actor=actor, verb=AuditVerb.ERASE_TEXTS, kind="case", object_id=case.id, now=now)
    scrub_after_commit()
    return destroyed


EFFECTS: Mapping[Effect, Callable[..., int]] = {
    Effect.REQUEST: erase_request,
    Effect.TEXTS: erase_texts,
    Effect.RECORD: erase_case,
}


@transaction.atomic
def _sweep_one(rule: Rule, id_: UUID, at: dt.datetime) -> int:
    """Erase one row if it is still due and nothing stands against it; return how many were."""
    table = queries.subject_of(rule)
    list(table.objects.select_for_update().filter(id=id_))
    if table is Case:
        list(HelpRequest.objects.select_for_update().filter(case_id=id_).order_by("id"))
    found = queries.unblocked(rule, at).filter(id=id_).first()
    if found is None:
        return 0
    EFFECTS[rule.effect](found, actor=None, now=at)
    return 1


def sweep_due(at: dt.datetime) -> int:
    """Erase what every rule says is due and nothing stands against, one transaction each; return how many.

    One that fails keeps nothing else from its time: its fault is raised after all the others.
    """
    due = ((rule, id_) for rule in RULES.values() for id_ in queries.to_sweep(rule, at))
    return one_by_one(due, lambda row: _sweep_one(*row, at))


def _lift(case: Case, now: dt.datetime) -> int:
    return RetentionHold.objects.filter(case=case, lifted_on__isnull=True).update(lifted_on=now.date())


@transaction.atomic
def set_hold(
    case: Case, reason: HoldReason, until: dt.date, *, version: int, actor: Caseworker, now: dt.datetime
) -> RetentionHold:
    """Keep the case from every rule until the end of the day *until*, at most 180 days ahead; a hold before it ends with this one.

    It does not keep it from the person's own wish to be erased, nor from a lead who erases it by hand.
    """
    check(actor, Permission.KEEP_RETENTION)
    check_version(case, version)
    check_not_erased(case)
    if not now.date() < until <= now.date() + LONGEST_HOLD:
        raise PolicyRefused(_("Choose a day after today, at most 180 days ahead."))
    _lift(case, now)
    claim_version(case, version, {})
    hold = RetentionHold.objects.create(case=case, reason=reason, set_by=actor, set_on=now.date(), until=until)
    audit.record(actor=actor, verb=AuditVerb.SET_HOLD, kind="case", object_id=case.id, now=now)
    return hold


@transaction.atomic
def lift_hold(case: Case, *, version: int, actor: Caseworker, now: dt.datetime) -> Case:
    """Let the rules hold again from now on."""
    check(actor, Permission.KEEP_RETENTION)
    check_version(case, version)
    if not _lift(case, now):
        raise PolicyRefused(_("Nothing holds this case."))
    claim_version(case, version, {})
    audit.record(actor=actor, verb=AuditVerb.LIFT_HOLD, kind="case", object_id=case.id, now=now)
    return case
