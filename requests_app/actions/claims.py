"""What a requester may do with the claim code: ask what is held, withdraw consent to be contacted, ask for erasure, think again.

The code authorizes and decrypts nothing. Nobody is signed in here, so the audit chain names no actor.
"""

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.db.models import F

from caseworker import audit
from caseworker.enums import AuditVerb
from caseworker.vault.passphrase import keyed_hash
from requests_app.actions.consents import consents_of, stop_consents
from requests_app.actions.intake import forbid_contact
from requests_app.clocks import PAUSE_BEFORE_ERASURE
from requests_app.connection_codes import ConsentScope
from requests_app.enums import RequestState
from requests_app.models.cases import Case
from requests_app.models.contacts import ContactPoint
from requests_app.models.erasure import ErasureEntry
from requests_app.models.help_requests import HelpRequest
from requests_app.models.notes import Note
from requests_app.models.sealed import SealedRecord
from requests_app.policies import check_not_erased


@dataclass(frozen=True)
class Held:
    """What is held about one requester, in kinds and numbers: never a value, never who works on it."""

    reference: str
    month: dt.date
    state: RequestState
    requests: int
    contact_lines: int
    sealed_records: int
    notes: int
    erasure_due_at: dt.datetime | None


@dataclass(frozen=True)
class ErasureReceipt:
    """What can be said of somebody of whom nothing is held: the day, and the line of the ledger."""

    erased_on: dt.date
    line: str


def receipt_of_code(words: str) -> ErasureReceipt | None:
    """Return the receipt of an erasure for the claim code that the erased request had."""
    stored = bytes.fromhex(keyed_hash(settings.CLAIM_CODE_KEY, words))
    entry = ErasureEntry.objects.filter(code_hash=stored).first()
    return ErasureReceipt(entry.erased_on, entry.id.hex[:8].upper()) if entry else None


def request_of_code(words: str) -> HelpRequest | None:
    """Return the request whose claim code *words* are; an erased one has none."""
    stored = keyed_hash(settings.CLAIM_CODE_KEY, words)
    return HelpRequest.objects.filter(claim_code_hash=stored, erased_on__isnull=True).first()


def _all_of(help_request: HelpRequest) -> list[HelpRequest]:
    """Return the requests of the same person: those of the same case, or the one alone; locked, the case before its requests as everywhere."""
    list(Case.objects.select_for_update(of=("self",)).filter(help_requests=help_request).values_list("id"))
    same = HelpRequest.objects.select_for_update(of=("self",))
    if help_request.case_id is None:
        return list(same.filter(id=help_request.id))
    return list(same.filter(case_id=help_request.case_id).order_by("id"))


@transaction.atomic
def summarize_held(help_request: HelpRequest, *, now: dt.datetime) -> Held:
    """Answer "what do you hold about me" in kinds and numbers, and write down that it was asked."""
    requests = _all_of(help_request)
    owners = [one.id for one in requests] + ([help_request.case_id] if help_request.case_id else [])
    audit.record(actor=None, verb=AuditVerb.ASK_WHAT_IS_HELD, kind="help_request", object_id=help_request.id, now=now)
    return Held(
        reference=help_request.reference,
        month=help_request.received_on.replace(day=1),
        state=RequestState(help_request.state),
        requests=len(requests),
        contact_lines=ContactPoint.objects.filter(help_request__in=requests).count(),
        sealed_records=SealedRecord.objects.filter(owner_id__in=owners).count(),
        notes=Note.objects.filter(case_id=help_request.case_id).count() if help_request.case_id else 0,
        erasure_due_at=help_request.erasure_due_at,
    )


@transaction.atomic
def withdraw_consent(help_request: HelpRequest, *, now: dt.datetime) -> None:
    """Turn every safety answer of the person to no: nobody writes, calls or leaves a message any more.

    With it goes what they agreed to beside being kept: partners who have a packet are told to stop.
    """
    check_not_erased(help_request)
    requests = _all_of(help_request)
    forbid_contact(requests, now)
    stop_consents(consents_of(requests).exclude(scope=ConsentScope.KEEP), now)
    audit.record(actor=None, verb=AuditVerb.WITHDRAW_CONSENT, kind="help_request", object_id=help_request.id, now=now)


def _set_pause(help_request: HelpRequest, due_at: dt.datetime | None) -> None:
    requests = _all_of(help_request)
    HelpRequest.objects.filter(id__in=[one.id for one in requests]).update(
        erasure_due_at=due_at, version=F("version") + 1
    )
    Case.objects.filter(help_requests=help_request).update(erasure_due_at=due_at, version=F("version") + 1)
    help_request.erasure_due_at = due_at


@transaction.atomic
def ask_for_erasure(help_request: HelpRequest, *, now: dt.datetime) -> dt.datetime:
    """Begin the pause of 48 hours, in which nobody here reads or changes anything of the person; return when they are erased.

    Asked twice, the first time counts. Raises ``PolicyRefused`` when it is erased already.
    """
    check_not_erased(help_request)
    if help_request.erasure_due_at is not None:
        return help_request.erasure_due_at
    due_at = now + PAUSE_BEFORE_ERASURE
    _set_pause(help_request, due_at)
    audit.record(actor=None, verb=AuditVerb.ASK_FOR_ERASURE, kind="help_request", object_id=help_request.id, now=now)
    return due_at


@transaction.atomic
def keep_after_all(help_request: HelpRequest, *, now: dt.datetime) -> None:
    """End the pause: nothing is erased, and the case goes on."""
    check_not_erased(help_request)
    _set_pause(help_request, None)
    audit.record(actor=None, verb=AuditVerb.KEEP_AFTER_ALL, kind="help_request", object_id=help_request.id, now=now)
