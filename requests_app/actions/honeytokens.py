"""Plant a case that nobody has a reason to open, and take it away again. Needs public keys only, counts nobody, and makes nothing due.

Everything on the pages is as in a real case: it was received months ago, went the shortest way to a decision that is awaited, and has no
owner. The audit chain says that *a* honeytoken was planted, not which: a forged history of it there would be a lie about people.
"""

import datetime as dt
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from caseworker import audit
from caseworker.claim_codes import new_claim_code
from caseworker.enums import AccountStatus, AuditVerb, Role
from caseworker.models.accounts import Caseworker
from caseworker.models.keys import Circle
from caseworker.permissions import Permission, check
from requests_app.actions.consents import first_consent
from requests_app.actions.intake import SealedTexts
from requests_app.clocks import URGENCY_RANK, check_in_due, hour_of
from requests_app.connection_codes import ConsentWay
from requests_app.contacts import parse_lines
from requests_app.enums import (
    Category,
    Channel,
    Condition,
    Requester,
    RequestState,
    SafeAnswer,
    SealedKind,
    Situation,
    Stage,
    TriageDecision,
    Urgency,
)
from requests_app.enums_work import ContactResult
from requests_app.honeytokens import mark_of, planted_cases
from requests_app.models.cases import Case, StageSpell
from requests_app.models.contacts import ContactPoint
from requests_app.models.help_requests import HelpRequest
from requests_app.models.honeytokens import Honeytoken
from requests_app.models.notes import Note
from requests_app.models.work import ContactAttempt
from requests_app.queries.due import first_due
from requests_app.references import new_codename, new_reference
from requests_app.sealed import destroy_records, seal_record

PATH: tuple[tuple[Stage, int], ...] = (
    (Stage.RECEIVED, 0),
    (Stage.LEGAL_CONSULT, 3),
    (Stage.ASYLUM_FILING, 17),
    (Stage.ASYLUM_DECISION, 45),
)
"""Stages and the day of the path on which each began."""
OLDEST, YOUNGEST = 110, 60
"""Days since the request was received: the decision is then awaited for some weeks."""
QUIET_FOR = dt.timedelta(days=14)
"""When less than this is left, the next check-in moves on, as a coordinator's would."""
CATEGORIES = (Category.MOBILIZED, Category.CONTRACT_POST, Category.CONTRACT_PRE, Category.CONSCRIPT)
COUNTRIES = ("DE", "FR", "PL", "LT", "ES")


@dataclass(frozen=True)
class _Legend:
    """What is invented in codes, and the days."""

    began_on: dt.date
    category: Category
    country: str
    mover: Caseworker | None
    logger: Caseworker | None


def _mover(circle: Circle) -> Caseworker | None:
    """Return somebody whose name may stand beside the moves: best somebody who has left, and cannot wonder."""
    people = Caseworker.objects.filter(role=Role.COORDINATOR).order_by("id")
    gone = list(people.filter(status__in=(AccountStatus.LEFT, AccountStatus.SUSPENDED)))
    members = list(people.active().members_of(circle.id))
    return secrets.choice(gone or members) if gone or members else None


def _logger(mover: Caseworker | None) -> Caseworker | None:
    """Return who may stand as the one who logged the request: a volunteer who has left, for one who is here would miss it in their list."""
    gone = (AccountStatus.LEFT, AccountStatus.SUSPENDED)
    people = list(Caseworker.objects.filter(role=Role.VOLUNTEER, status__in=gone).order_by("id"))
    return secrets.choice(people) if people else mover


def _free_reference(taken: type[Case] | type[HelpRequest]) -> str:
    reference = new_reference()
    while taken.objects.filter(reference=reference).exists():
        reference = new_reference()
    return reference


def _case_of(legend: _Legend, circle: Circle, now: dt.datetime) -> Case:
    urgency, moved_on = Urgency.ROUTINE, legend.began_on + dt.timedelta(days=PATH[-1][1])
    moved_at = dt.datetime.combine(moved_on, dt.time(9 + secrets.randbelow(9), secrets.randbelow(60)), dt.UTC)
    return Case.objects.create(
        reference=_free_reference(Case),
        codename=new_codename(),
        circle=circle,
        stage=PATH[-1][0],
        urgency=urgency,
        urgency_rank=URGENCY_RANK[urgency],
        category=legend.category,
        exit_context=Situation.ABROAD_EU,
        country=legend.country,
        opened_month=legend.began_on.replace(day=1),
        **first_due(PATH[-1][0], urgency, moved_at) | _heard(PATH[-1][0], now),
        version=len(PATH),
    )


def _heard(stage: Stage, now: dt.datetime) -> dict[str, object]:
    """Return that somebody heard from the person a few days ago, and when the next check-in is due."""
    at = hour_of(now - dt.timedelta(hours=24 + secrets.randbelow(5 * 24)))
    return {"contacted_at": at, "check_in_due_at": check_in_due(stage, Condition.ACTIVE, at), "touched_on": at.date()}


def _attempt(case: Case, mover: Caseworker | None) -> None:
    """Write down the attempt at which the person was last heard of, as stands beside it in every case."""
    channel = secrets.choice((Channel.TELEGRAM_DM, Channel.SIGNAL, Channel.EMAIL))
    ContactAttempt.objects.create(
        case=case,
        result=ContactResult.MADE,
        channel=channel,
        tried_at=case.contacted_at or case.moved_at,
        tried_by=mover,
    )


def _path_of(case: Case, legend: _Legend) -> list[StageSpell]:
    days = [legend.began_on + dt.timedelta(days=day) for _stage, day in PATH]
    ends: Sequence[dt.date | None] = [*days[1:], None]
    return [
        StageSpell(
            case=case,
            seq=number,
            stage=stage,
            condition=Condition.ACTIVE,
            entered_on=days[number - 1],
            left_on=ends[number - 1],
            moved_by=legend.mover,
        )
        for number, (stage, _day) in enumerate(PATH, start=1)
    ]


def _request_of(case: Case, legend: _Legend) -> HelpRequest:
    return HelpRequest.objects.create(
        reference=_free_reference(HelpRequest),
        circle=case.circle,
        channel=secrets.choice((Channel.TELEGRAM_DM, Channel.SIGNAL, Channel.EMAIL)),
        requester=Requester.SELF,
        category=legend.category,
        situation=Situation.ABROAD_EU,
        needs=["asylum", "legal"],
        urgency=Urgency.ROUTINE,
        country=legend.country,
        state=RequestState.ACCEPTED,
        decision=TriageDecision.PROMOTE,
        decided_by=legend.mover,
        decided_on=legend.began_on,
        received_on=legend.began_on,
        logged_by=legend.logger,
        case=case,
        form_token=uuid.uuid4(),
        claim_code_hash=new_claim_code().stored,
        version=2,
    )


def _seal_first_contact(help_request: HelpRequest, texts: SealedTexts, on: dt.date) -> None:
    moment = dt.datetime.combine(on, dt.time(12), dt.UTC)
    record = seal_record(
        SealedKind.FIRST_CONTACT, texts.as_fields(), owner_id=help_request.id, circles=[help_request.circle], now=moment
    )
    ContactPoint.objects.bulk_create(
        ContactPoint(
            help_request=help_request,
            record=record,
            seq=number,
            kind=line.kind,
            may_write=SafeAnswer.YES,
            may_call=SafeAnswer.NO,
        )
        for number, line in enumerate(parse_lines(texts.contacts), start=1)
    )


@transaction.atomic
def plant_honeytoken(circle: Circle, texts: SealedTexts, *, actor: Caseworker, now: dt.datetime) -> Case:
    """Plant a case in *circle* whose sealed first contact is *texts*; nobody is counted, and nothing is due for months.

    Raises ``PolicyRefused`` when there is no key to seal to.
    """
    check(actor, Permission.PLANT_HONEYTOKEN)
    age = dt.timedelta(days=YOUNGEST + secrets.randbelow(OLDEST - YOUNGEST))
    category, country = secrets.choice(CATEGORIES), secrets.choice(COUNTRIES)
    mover = _mover(circle)
    legend = _Legend(now.date() - age, category, country, mover, _logger(mover))
    case = _case_of(legend, circle, now)
    StageSpell.objects.bulk_create(_path_of(case, legend))
    help_request = _request_of(case, legend)
    _seal_first_contact(help_request, texts, legend.began_on)
    first_consent(help_request, ConsentWay.WRITTEN, by=legend.logger, on=legend.began_on).save()
    _attempt(case, mover)
    Honeytoken.objects.create(mark=mark_of(case.id))
    audit.record(actor=actor, verb=AuditVerb.PLANT_HONEYTOKEN, kind="honeytoken", object_id=None, now=now)
    return case


@transaction.atomic
def remove_honeytoken(case: Case, *, actor: Caseworker, now: dt.datetime) -> bool:
    """Delete a planted case with all that hangs on it; False, and nothing done, for any other case.

    A real request that somebody linked to it goes back to triage. No counter changes.
    """
    check(actor, Permission.PLANT_HONEYTOKEN)
    if not Honeytoken.objects.filter(mark=mark_of(case.id)).delete()[0]:
        return False
    requests = HelpRequest.objects.filter(case=case)
    requests.filter(decision=TriageDecision.LINK).update(
        state=RequestState.NEW, decision="", decided_on=None, decided_by=None, case=None
    )
    owners = [case.id, *requests.values_list("id", flat=True)]
    Note.objects.filter(record__owner_id__in=owners).delete()
    ContactPoint.objects.filter(help_request__in=requests).delete()
    destroy_records(owners)
    requests.delete()
    case.delete()
    audit.record(actor=actor, verb=AuditVerb.REMOVE_HONEYTOKEN, kind="honeytoken", object_id=None, now=now)
    return True


def keep_quiet(at: dt.datetime) -> int:
    """Move on the clocks of open planted cases before one is due, so that none ever blocks a queue; return how many."""
    until = at + QUIET_FOR
    soon = [case for case in planted_cases() if case.is_open and min(case.due_at, case.check_in_due_at) < until]
    for case in soon:
        clock = first_due(Stage(case.stage), Urgency(case.urgency), at) | _heard(Stage(case.stage), at)
        Case.objects.filter(id=case.id).update(**clock | {"moved_at": case.moved_at})
        case.refresh_from_db()
        _attempt(case, _mover(case.circle))
    return len(soon)
