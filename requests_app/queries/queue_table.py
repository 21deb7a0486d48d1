"""The queues, as one table of questions over coded columns. None is a stored membership, and nothing is opened to answer one.

A row says what is asked (disjoint *parts*), of which cases (*scope*), due when (*span*), who sees it, how loud it is, and whether it is a
tile of *Today*. A new queue is a new row.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import reduce
from operator import or_
from types import MappingProxyType
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.lookups import GreaterThan
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from caseworker.enums import AccountStatus, Role
from caseworker.models.absences import Absence
from caseworker.models.accounts import Caseworker
from requests_app.clocks import STAY_WARNING_DAYS
from requests_app.connection_codes import WAITING, ReferralState
from requests_app.enums import CheckCode, CheckOutcome, Condition, GrantScope, HoursBand, SafeAnswer, Stage
from requests_app.hours import zones_by_band
from requests_app.models.access import AccessGrant, VerificationCheck
from requests_app.models.cases import in_care_of
from requests_app.models.connections import AssetUse, Consent, Referral
from requests_app.models.contacts import ContactPoint
from requests_app.models.duplicates import DuplicatePair
from requests_app.models.help_requests import HelpRequest
from requests_app.rules import LEAD_CHECKS, LEAD_FROM, SEEN_BY_TWO
from requests_app.stages import CONDITIONS

SOON = dt.timedelta(hours=24)
ERASED_WITHIN = dt.timedelta(days=7)
CONSENT_WARNING = dt.timedelta(days=14)
ACCESS_WARNING = dt.timedelta(days=3)
STAY_WARNING = dt.timedelta(days=STAY_WARNING_DAYS)
ALERTS = (Condition.DETAINED, Condition.EXTRADITION, Condition.COMPROMISED)
SILENT = tuple(condition for condition, row in CONDITIONS.items() if not row.may_contact)

Predicate = Callable[[Caseworker, dt.datetime], Q]


class Scope(StrEnum):
    """Which cases a queue looks at."""

    OPEN = "open"
    CLOSED = "closed"
    BOTH = "both"


class Span(StrEnum):
    """When the cases of a queue are due."""

    ANY = "any"
    LATE = "late"
    SOON = "soon"


SCOPES: Mapping[Scope, Q] = MappingProxyType(
    {Scope.OPEN: Q(is_open=True), Scope.CLOSED: Q(is_open=False), Scope.BOTH: Q()}
)


Window = tuple[dt.datetime | None, dt.datetime | None]
"""A stretch of due dates: from (included) to (not included); None has no bound."""


def windows(span: Span, as_of: dt.datetime) -> list[Window]:
    """Return the stretches of due dates in the order of the queue: what is late stands first."""
    late, later = (None, as_of), (as_of, None)
    spans: dict[Span, list[Window]] = {
        Span.ANY: [late, later],
        Span.LATE: [late],
        Span.SOON: [(as_of, as_of + SOON)],
    }
    return spans[span]


def _span(span: Span, now: dt.datetime) -> Q:
    return {Span.ANY: Q(), Span.LATE: Q(due_at__lt=now), Span.SOON: Q(due_at__gte=now, due_at__lt=now + SOON)}[span]


def has_lapsed_claim(now: dt.datetime) -> Q:
    """Say that whoever took the case did not touch it in time."""
    return Q(owner__isnull=False, claimed_until__lte=now)


def _claim_counts(now: dt.datetime) -> Q:
    return Q(claimed_until__isnull=True) | Q(claimed_until__gt=now)


def owned_by(person: Caseworker | UUID, now: dt.datetime) -> Q:
    """Say that *person* owns the case and their claim, if it is one, still counts."""
    return Q(owner=person) & _claim_counts(now)


def stood_in_by(person: Caseworker, now: dt.datetime) -> Q:
    """Say that *person* answers for the case of somebody who is away."""
    return in_care_of(person, now.date()) & ~Q(owner=person) & _claim_counts(now)


def unowned(_person: Caseworker, _now: dt.datetime) -> Q:
    """Say that nobody owns the case."""
    return Q(owner__isnull=True)


MINE: tuple[Predicate, ...] = (owned_by, stood_in_by)
UNASSIGNED: tuple[Predicate, ...] = (unowned, lambda _person, now: has_lapsed_claim(now))


def contactable(now: dt.datetime) -> Q:
    """Say that somebody may write or call now: the hours are known, the clock of their zone is in them, and it was said to be safe.

    Unknown is no: unknown hours, an unknown zone (unless any time is safe) and an unanswered question keep a case out.
    """
    bands = zones_by_band(now)
    hours = reduce(
        or_, (Q(hours_band=band, time_zone__in=zones) for band, zones in bands.items()), Q(hours_band=HoursBand.ANY)
    )
    safe = Q(may_write=SafeAnswer.YES) | Q(may_call=SafeAnswer.YES)
    used = Q(burned_on__isnull=True, stopped_on__isnull=True, retired_on__isnull=True)
    points = ContactPoint.objects.filter(hours, safe, used, help_request__case__isnull=False)
    reachable = Q(id__in=points.order_by().values("help_request__case_id"), erasure_due_at__isnull=True)
    return reachable & ~Q(condition__in=SILENT)


@dataclass(frozen=True)
class QueueRow:
    """One queue."""

    title: str | Promise
    parts: tuple[Predicate, ...]
    span: Span = Span.ANY
    scope: Scope = Scope.OPEN
    tone: str = "quiet"
    is_tile: bool = True
    is_counted: bool = True
    roles: tuple[Role, ...] = (Role.COORDINATOR, Role.LEAD)

    def question(self, person: Caseworker, now: dt.datetime) -> Q:
        """Return the whole queue as one condition, for counting."""
        asked = reduce(or_, (part(person, now) for part in self.parts))
        return SCOPES[self.scope] & _span(self.span, now) & asked


def _all(_person: Caseworker, _now: dt.datetime) -> Q:
    return Q()


def _erased_soon(now: dt.datetime) -> Q:
    until = now.date() + ERASED_WITHIN
    return Q(erasure_due_at__isnull=False) | Q(erase_after__lte=until, erased_on__isnull=True, archived_on__isnull=True)


def _owner_is_away(now: dt.datetime) -> Q:
    absent = Q(owner__in=Absence.objects.on(now.date()).values("person_id"))
    cannot = ~Q(owner__status=AccountStatus.ACTIVE) | ~Q(owner__role=Role.COORDINATOR)
    return Q(owner__isnull=False) & (cannot | absent)


def _verification_waits(_person: Caseworker, _now: dt.datetime) -> Q:
    """Say that the case stands at verification, or that its checks point to a level that nobody has approved yet."""
    return Q(stage=Stage.VERIFICATION) | Q(asked_level__gt=F("verification_level"))


def _passed(**asked: object) -> QuerySet[VerificationCheck, Any]:
    """Return the case's own checks of a kind that were passed and still count; looked up case by case, by the few that ask."""
    counting = VerificationCheck.objects.filter(case_id=OuterRef("id"), outcome=CheckOutcome.YES, is_void=False)
    return counting.filter(**asked).order_by()


def _by_two(**asked: object) -> Q:
    """Say that two people have passed such a check."""
    people = _passed(**asked).values("case_id").annotate(people=Count("checked_by_id", distinct=True))
    return Q(GreaterThan(Subquery(people.values("people")), 1))


def _level_waits(_person: Caseworker, _now: dt.datetime) -> Q:
    """Say that the checks bear a level from three upwards that no lead has approved: what ``rules.borne_level`` says of one case."""
    third = Q(verification_level__lt=LEAD_FROM) & _by_two() & Q(Exists(_passed(code__in=LEAD_CHECKS)))
    fourth = Q(verification_level__lt=SEEN_BY_TWO) & _by_two(code=CheckCode.DOCUMENT_SEEN)
    return Q(asked_level__gt=F("verification_level")) & (third | fourth)


def _access_ends(_person: Caseworker, now: dt.datetime) -> Q:
    """Say that somebody was let into the case and will be out of it within three days."""
    ending = AccessGrant.objects.live(now=now).filter(expires_at__lte=now + ACCESS_WARNING)
    return Q(id__in=ending.exclude(scope=GrantScope.BREAK_GLASS).order_by().values("case_id"))


def _is_burned(_person: Caseworker, _now: dt.datetime) -> Q:
    return Q(id__in=AssetUse.objects.filter(asset__burned_on__isnull=False).order_by().values("case_id"))


def _unreachable(_person: Caseworker, _now: dt.datetime) -> Q:
    """Say that contacts of the case were stopped or burned, and none is in use that was neither: somebody has to find another way."""
    lost = ContactPoint.objects.filter(Q(stopped_on__isnull=False) | Q(burned_on__isnull=False)).order_by()
    requests = HelpRequest.objects.filter(id__in=lost.values("help_request_id"), case__isnull=False).order_by()
    left = ContactPoint.objects.filter(help_request__case_id=OuterRef("id"), stopped_on__isnull=True)
    left = left.filter(burned_on__isnull=True, retired_on__isnull=True).order_by()
    return Q(id__in=requests.values("case_id")) & ~Q(Exists(left)) & ~Q(condition__in=SILENT)


def _consent_ends(_person: Caseworker, now: dt.datetime) -> Q:
    """Say that a consent ends within 14 days, or is over, and nobody has asked again."""
    ending = Consent.objects.standing().filter(until__lte=now.date() + CONSENT_WARNING, case__isnull=False)
    return Q(id__in=ending.order_by().values("case_id"))


def _referral(**asked: object) -> Q:
    return Q(id__in=Referral.objects.filter(**asked).order_by().values("case_id"))


def _may_be_double(person: Caseworker, now: dt.datetime) -> Q:
    """Say that somebody has to decide on a pair that leads to the case."""
    pairs = DuplicatePair.objects.visible_to(person, now=now).undecided().order_by()
    return Q(id__in=pairs.filter(low__case__isnull=False).values("low__case_id")) | Q(
        id__in=pairs.filter(high__case__isnull=False).values("high__case_id")
    )


OPEN, CLOSED = "open", "closed"
COORDINATORS, LEADS = (Role.COORDINATOR,), (Role.LEAD,)

QUEUES: Mapping[str, QueueRow] = MappingProxyType(
    {
        "alerts": QueueRow(
            _("Detained, extradition, compromised"), (lambda _p, _n: Q(condition__in=ALERTS),), tone="alert"
        ),
        "burned": QueueRow(_("Depends on something burned"), (_is_burned,), tone="alert"),
        "unreachable": QueueRow(_("No contact is safe any more"), (_unreachable,), tone="alert"),
        "recalled": QueueRow(
            _("Consent withdrawn: tell the partner"),
            (lambda _p, _n: _referral(state=ReferralState.RECALLED),),
            scope=Scope.BOTH,
            tone="alert",
        ),
        "mine_overdue": QueueRow(_("Mine, overdue"), MINE, span=Span.LATE, tone="alert", roles=COORDINATORS),
        "overdue": QueueRow(_("All overdue"), (_all,), span=Span.LATE, tone="alert"),
        "check_in": QueueRow(_("Check-in missed"), (lambda _p, now: Q(check_in_due_at__lt=now),), tone="alert"),
        "lost_contact": QueueRow(_("Lost contact"), (lambda _p, _n: Q(condition=Condition.LOST_CONTACT),), tone="warn"),
        "stay_ends": QueueRow(
            _("Stay over or ending within 7 days"),
            (lambda _p, now: Q(stay_ends_on__lt=now.date() + STAY_WARNING) & ~Q(condition=Condition.DECEASED),),
            tone="warn",
        ),
        "consent_ends": QueueRow(_("Consent expiring"), (_consent_ends,), tone="warn"),
        "ask_partner": QueueRow(
            _("Ask the partner"),
            (lambda _p, now: _referral(state__in=WAITING, ask_on__lte=now.date()),),
            tone="warn",
        ),
        "duplicates": QueueRow(
            _("Perhaps the same person"), (_may_be_double,), tone="warn", is_tile=False, roles=COORDINATORS
        ),
        "unassigned": QueueRow(_("Without an owner"), UNASSIGNED, tone="warn"),
        "owner_away": QueueRow(
            _("Owner away"),
            (lambda _p, now: _owner_is_away(now),),
            tone="warn",
        ),
        "erasure_due": QueueRow(_("Erasure due"), (lambda _p, now: _erased_soon(now),), scope=Scope.BOTH, tone="info"),
        "pause_over": QueueRow(
            _("Pause is over"),
            (lambda _p, now: Q(condition=Condition.PAUSED, next_action_on__lte=now.date()),),
            tone="warn",
        ),
        "mine_soon": QueueRow(_("Mine, due in 24 hours"), MINE, span=Span.SOON, tone="info", roles=COORDINATORS),
        "soon": QueueRow(_("Due in 24 hours"), (_all,), span=Span.SOON, tone="info"),
        "contactable": QueueRow(_("Can be contacted now"), (lambda _p, now: contactable(now),), tone="info"),
        "approve_level": QueueRow(_("Level to approve"), (_level_waits,), tone="warn", roles=LEADS),
        "access_ends": QueueRow(_("Access ending soon"), (_access_ends,), tone="info", roles=LEADS),
        "verification": QueueRow(_("Verification waiting"), (_verification_waits,), tone="info"),
        "mine": QueueRow(_("All of mine"), MINE, roles=COORDINATORS),
        OPEN: QueueRow(_("All open cases"), (_all,), is_tile=False),
        CLOSED: QueueRow(_("Closed cases"), (_all,), scope=Scope.CLOSED, is_tile=False, is_counted=False),
    }
)


def queues_of(person: Caseworker) -> dict[str, QueueRow]:
    """Return the queues that the role of *person* has, in the order of the table."""
    return {code: row for code, row in QUEUES.items() if person.role in row.roles}
