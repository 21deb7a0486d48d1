"""Erase a person, and archive what is closed: keys first, then everything else. No private key is needed for either.

What stays of an erased person is a husk, a reference that says "erased" so that nobody looks for a lost case, and a ledger line per record
so that no backup can bring them back. Count cells are counters and stay as they are.
"""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence

from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from caseworker import audit
from caseworker.claim_codes import new_claim_code
from caseworker.enums import AuditVerb
from caseworker.exceptions import PolicyRefused, StaleVersion
from caseworker.models.accounts import Caseworker
from caseworker.permissions import Permission, check
from caseworker.scrubbing import scrub_after_commit
from requests_app.actions.disconnecting import disconnect
from requests_app.actions.one_by_one import one_by_one
from requests_app.actions.same_person import forget_traces
from requests_app.clocks import FAR, midnight
from requests_app.enums import (
    Category,
    Channel,
    Condition,
    Country,
    DocumentStatus,
    Outcome,
    Requester,
    RequestState,
    Situation,
    Stage,
    TriageDecision,
    Urgency,
)
from requests_app.honeytokens import planted_among
from requests_app.models.access import AccessGrant, VerificationCheck
from requests_app.models.cases import Case, StageSpell
from requests_app.models.contacts import ContactPoint
from requests_app.models.deadlines import Deadline
from requests_app.models.erasure import ErasureEntry
from requests_app.models.handovers import Handover
from requests_app.models.help_requests import HelpRequest
from requests_app.models.locks import CaseLock
from requests_app.models.notes import Note
from requests_app.models.retention import RetentionHold
from requests_app.models.stays import CountryStay
from requests_app.models.work import ChecklistAnswer, ContactAttempt, Task
from requests_app.policies import check_not_erased, check_not_merged
from requests_app.queries.retention import is_unread_case
from requests_app.sealed import archive_records, destroy_records

CASE_HUSK: Mapping[str, object] = {
    "codename": "—",
    "stage": Stage.CLOSED,
    "condition": Condition.ACTIVE,
    "urgency": Urgency.ROUTINE,
    "urgency_rank": 3,
    "category": Category.UNKNOWN,
    "exit_context": Situation.UNKNOWN,
    "document_status": DocumentStatus.UNKNOWN,
    "country": Country.XX,
    "language": "",
    "verification_level": 0,
    "asked_level": 0,
    "owner": None,
    "deputy": None,
    "outcome": Outcome.ERASED_ON_REQUEST,
    "is_open": False,
    "due_at": FAR,
    "paused_seconds": 0,
    "stay_ends_on": None,
    "contacted_at": None,
    "check_in_due_at": FAR,
    "next_action_on": None,
    "erase_after": None,
    "erasure_due_at": None,
    "locked_on": None,
    "texts_erased_on": None,
}
"""What an erased case says of a person: nothing. Months and days become those of the erasure."""

REQUEST_HUSK: Mapping[str, object] = {
    "channel": Channel.UNKNOWN,
    "requester": Requester.UNKNOWN,
    "category": Category.UNKNOWN,
    "situation": Situation.UNKNOWN,
    "needs": [],
    "urgency": Urgency.ROUTINE,
    "country": Country.XX,
    "language": "",
    "decided_by": None,
    "logged_by": None,
    "erasure_due_at": None,
}
"""What an erased request says of a person."""


OF_A_CASE: tuple[type[Model], ...] = (
    Task,
    ContactAttempt,
    ChecklistAnswer,
    Note,
    VerificationCheck,
    AccessGrant,
    Handover,
    CountryStay,
    Deadline,
    CaseLock,
    RetentionHold,
    StageSpell,
)
"""Tables with rows about a case, in the order in which they are emptied."""


def _destroy(case: Case | None, requests: Sequence[HelpRequest]) -> int:
    """Delete keys and ciphertext, then every row that hangs on the person; return how many sealed records died."""
    destroyed = destroy_records([*([case.id] if case else []), *(one.id for one in requests)])
    forget_traces(requests, case)
    disconnect(case, requests)
    ContactPoint.objects.filter(help_request__in=requests).delete()
    Note.objects.filter(help_request__in=requests).delete()
    if case is not None:
        for table in OF_A_CASE:
            table._default_manager.filter(case=case).delete()
    return destroyed


def _leave_husk(help_request: HelpRequest, now: dt.datetime) -> None:
    """Overwrite every coded fact of a request; its claim code opens nothing any more."""
    month = now.date().replace(day=1)
    decision = help_request.decision if help_request.case_id else TriageDecision.DECLINED
    state = help_request.state if help_request.case_id else RequestState.SET_ASIDE
    HelpRequest.objects.filter(id=help_request.id).update(
        **REQUEST_HUSK,
        state=state,
        decision=decision,
        decided_on=month,
        received_on=month,
        erased_on=now.date(),
        claim_code_hash=new_claim_code().stored,
        form_token=uuid.uuid4(),
        version=help_request.version + 1,
    )
    _enter(help_request.id, "help_request", now, code_hash=bytes.fromhex(help_request.claim_code_hash))


def _enter(subject_id: uuid.UUID, kind: str, now: dt.datetime, *, code_hash: bytes | None = None) -> None:
    ErasureEntry.objects.create(subject_kind=kind, subject_id=subject_id, erased_on=now.date(), code_hash=code_hash)


@transaction.atomic
def erase_case(case: Case, *, actor: Caseworker | None, now: dt.datetime) -> int:
    """Erase the person behind *case*: record keys, ciphertext, contact points, notes, checks, path and facts. Returns the records destroyed.

    *actor* is None when the requester asked with the claim code. Raises ``PolicyRefused`` when it is erased already and ``StaleVersion``
    when somebody changed the case meanwhile. Cases that were merged into it go with it. Backups forget when the key stream is older than
    fourteen days (docs/encryption.md).
    """
    if actor is not None:
        check(actor, Permission.ERASE_CASE)
        check_not_merged(case)
    check_not_erased(case)
    destroyed = 0
    for one in _with_absorbed(case):
        destroyed += _erase(one, now)
        audit.record(actor=actor, verb=AuditVerb.ERASE_CASE, kind="case", object_id=one.id, now=now)
    scrub_after_commit()
    return destroyed


def _with_absorbed(case: Case) -> list[Case]:
    """Return the case and every case that was merged into it, or into one of those: they are one person."""
    found = [case]
    for one in found:
        found += Case.objects.filter(merged_into=one, erased_on__isnull=True).order_by("id")
    return found


def _erase(case: Case, now: dt.datetime) -> int:
    """Erase one case and its requests, and leave husks. The case is locked before its requests, as everywhere."""
    list(Case.objects.select_for_update(of=("self",)).filter(id=case.id).values_list("id"))
    requests = list(HelpRequest.objects.select_for_update().filter(case=case).order_by("id"))
    destroyed = _destroy(case, requests)
    for one in requests:
        _leave_husk(one, now)
    month = now.date().replace(day=1)
    days: dict[str, object] = {
        "opened_month": month,
        "closed_month": month,
        "touched_on": month,
        "erased_on": now.date(),
    }
    days |= dict.fromkeys(("clock_started_at", "condition_at", "moved_at"), midnight(month))
    changed = Case.objects.filter(id=case.id, version=case.version, erased_on__isnull=True)
    if changed.update(**CASE_HUSK, **days, archived_on=None, version=case.version + 1) != 1:
        raise StaleVersion
    case.refresh_from_db()
    _enter(case.id, "case", now)
    return destroyed


@transaction.atomic
def erase_request(help_request: HelpRequest, *, actor: Caseworker | None, now: dt.datetime) -> int:
    """Erase a request that has no case, like :func:`erase_case`. Raises ``PolicyRefused`` when it has one: then the case is erased."""
    if actor is not None:
        check(actor, Permission.ERASE_CASE)
    fresh = HelpRequest.objects.select_for_update().get(id=help_request.id)
    check_not_erased(fresh)
    if fresh.case_id is not None:
        raise PolicyRefused(_("This request has a case. Erase the case."))
    destroyed = _destroy(None, [fresh])
    _leave_husk(fresh, now)
    audit.record(actor=actor, verb=AuditVerb.ERASE_REQUEST, kind="help_request", object_id=fresh.id, now=now)
    scrub_after_commit()
    return destroyed


def erase_due(at: dt.datetime) -> int:
    """Erase everybody whose pause is over, one transaction each; return how many. Stopped anywhere, the next run does the rest.

    One that fails keeps nobody else waiting: the others are erased first, and then its fault is raised, so that it is seen.
    """
    cases = Case.objects.filter(erasure_due_at__lte=at, erased_on__isnull=True).order_by("id")
    alone = HelpRequest.objects.filter(erasure_due_at__lte=at, erased_on__isnull=True, case__isnull=True)
    rows: list[Case | HelpRequest] = [*cases, *alone.order_by("id")]
    return one_by_one(rows, lambda row: _erase_due_one(row, at))


def _erase_due_one(record: Case | HelpRequest, at: dt.datetime) -> int:
    if isinstance(record, Case):
        erase_case(record, actor=None, now=at)
    else:
        erase_request(record, actor=None, now=at)
    return 1


@transaction.atomic
def archive_case(case: Case, *, actor: Caseworker | None, now: dt.datetime) -> int:
    """Take the circle's keys from the records of a closed case: from now on only the recovery sheet opens them. Returns how many keys died.

    None do when the case was reopened, erased or archived meanwhile: an open case without its keys would be lost to everybody. Nobody finds
    the person by a contact any more.
    """
    closed = Case.objects.select_for_update(of=("self",)).filter(id=case.id, is_open=False)
    if not closed.filter(archived_on__isnull=True, erased_on__isnull=True):
        return 0
    requests = list(HelpRequest.objects.select_for_update().filter(case=case).order_by("id"))
    keys = archive_records([case.id, *(one.id for one in requests)])
    forget_traces(requests, None)
    Case.objects.filter(id=case.id, is_open=False).update(archived_on=now.date())
    audit.record(actor=actor, verb=AuditVerb.ARCHIVE_CASE, kind="case", object_id=case.id, now=now)
    scrub_after_commit()
    return keys


def archive_due(at: dt.datetime, *, after: dt.timedelta) -> int:
    """Archive the cases that were closed more than *after* ago, one transaction each; return how many.

    Locked cases, honeytokens, and cases with a message that nobody has read stay.
    """
    closed = StageSpell.objects.filter(left_on__isnull=True, stage=Stage.CLOSED, entered_on__lte=(at - after).date())
    due = Case.objects.filter(id__in=closed.values("case_id"), is_open=False, archived_on__isnull=True)
    due = due.filter(texts_erased_on__isnull=True).exclude(is_unread_case(at))
    count = 0
    due = due.filter(erased_on__isnull=True, erasure_due_at__isnull=True, locked_on__isnull=True)
    planted = set(planted_among(due.values_list("id", flat=True)))
    for case in due.exclude(id__in=planted).order_by("id"):
        archive_case(case, actor=None, now=at)
        count += 1
    return count
