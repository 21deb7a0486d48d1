"""What is due by the rules of retention, and what stands against it: two tables of questions over coded columns.

``SINCE`` of a rule is answered by an index range of days; blockers are subqueries. Nothing here is opened, and nothing is changed.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from caseworker.enums import AuditVerb
from caseworker.models.accounts import Caseworker
from caseworker.models.audit import AuditEvent
from requests_app.connection_codes import ReferralState
from requests_app.honeytokens import planted_among
from requests_app.models.cases import Case
from requests_app.models.connections import Referral
from requests_app.models.deadlines import Deadline
from requests_app.models.handovers import Handover
from requests_app.models.help_requests import HelpRequest
from requests_app.models.notes import Note
from requests_app.models.retention import RetentionHold
from requests_app.models.sealed import SealedRecord
from requests_app.retention import RULES, SHOWN_AHEAD, Effect, Rule

SHOWN = 100
"""Lines of one rule on the page; the rest come up as these go."""

Subject = type[Case] | type[HelpRequest]
Predicate = Callable[[dt.datetime], Q]


def _unread() -> QuerySet[Note]:
    """Return messages that came after the first contact and that nobody has ever revealed; the audit chain knows."""
    seen = AuditEvent.objects.filter(verb=AuditVerb.REVEAL, object_id=OuterRef("record_id"))
    return Note.objects.filter(~Exists(seen), help_request__isnull=False).order_by()


def is_unread_case(_now: dt.datetime) -> Q:
    """Say that a message on one of the case's requests was never read."""
    waiting = _unread().filter(help_request__case__isnull=False)
    return Q(id__in=waiting.values("help_request__case_id"))


def _is_unread_request(_now: dt.datetime) -> Q:
    return Q(id__in=_unread().values("help_request_id"))


def _is_held(now: dt.datetime) -> Q:
    return Q(id__in=RetentionHold.objects.standing(day=now.date()).order_by().values("case_id"))


def _has_open_date(_now: dt.datetime) -> Q:
    return Q(id__in=Deadline.objects.filter(done_on__isnull=True).order_by().values("case_id"))


def _is_offered(now: dt.datetime) -> Q:
    return Q(id__in=Handover.objects.waiting(now=now).order_by().values("case_id"))


def _is_recalled(_now: dt.datetime) -> Q:
    """Say that a partner has not been told yet that a consent was withdrawn."""
    return Q(id__in=Referral.objects.filter(state=ReferralState.RECALLED).order_by().values("case_id"))


@dataclass(frozen=True)
class Blocker:
    """One reason to wait, in words, and the question whether it stands."""

    label: str | Promise
    stands: Predicate


UNREAD = _("A message that nobody has read")
BLOCKERS: Mapping[Subject, tuple[Blocker, ...]] = {
    Case: (
        Blocker(_("Held by a lead"), _is_held),
        Blocker(_("Locked"), lambda _now: Q(locked_on__isnull=False)),
        Blocker(_("A date is open"), _has_open_date),
        Blocker(_("Offered to somebody"), _is_offered),
        Blocker(_("A partner is not told yet that consent was withdrawn"), _is_recalled),
        Blocker(UNREAD, is_unread_case),
    ),
    HelpRequest: (Blocker(UNREAD, _is_unread_request),),
}
"""A new blocker is a new row: it stops the sweep and stands on the page."""


def subject_of(rule: Rule) -> Subject:
    """Return the table whose rows the rule erases."""
    return HelpRequest if rule.effect is Effect.REQUEST else Case


def _left_over() -> Q:
    """Say that something sealed came to a closed case after its texts were erased."""
    of_requests = HelpRequest.objects.filter(case=OuterRef("id"), id__in=SealedRecord.objects.values("owner_id"))
    own = SealedRecord.objects.filter(owner_id=OuterRef("id"))
    return Q(texts_erased_on__isnull=False) & (Q(Exists(own)) | Q(Exists(of_requests.order_by())))


def _is_due(rule: Rule, day: dt.date) -> Q:
    is_due = Q(**{f"{rule.since}__lte": rule.newest_due(day)})
    kept = Q(erased_on__isnull=True, erasure_due_at__isnull=True)
    if rule.effect is Effect.REQUEST:
        return is_due & kept & Q(case__isnull=True, decision__in=rule.decisions)
    if rule.effect is Effect.TEXTS:
        is_due |= _left_over()
    return is_due & kept & Q(is_open=False)


def due(rule: Rule, day: dt.date) -> QuerySet[Any]:
    """Return what the rule erases on *day*, blocked or not. Who asked to be erased is left to that wish, which is quicker."""
    found: QuerySet[Any] = subject_of(rule).objects.filter(_is_due(rule, day))
    return found


def unblocked(rule: Rule, now: dt.datetime) -> QuerySet[Any]:
    """Return what the rule erases now: due, and nothing stands against it."""
    found = due(rule, now.date())
    for blocker in BLOCKERS[subject_of(rule)]:
        found = found.exclude(blocker.stands(now))
    return found


def to_sweep(rule: Rule, now: dt.datetime) -> list[UUID]:
    """Return the ids of what the rule erases now, in order; a honeytoken is never swept."""
    ids = list(unblocked(rule, now).order_by("id").values_list("id", flat=True))
    planted = set(planted_among(ids))
    return [id_ for id_ in ids if id_ not in planted]


def blockers_of(subject: Subject, ids: Iterable[UUID], now: dt.datetime) -> dict[UUID, list[str | Promise]]:
    """Return what stands against erasing each of *ids*. One query for each blocker."""
    wanted = list(ids)
    found: dict[UUID, list[str | Promise]] = {}
    for blocker in BLOCKERS[subject]:
        stopped = subject.objects.filter(blocker.stands(now), id__in=wanted).order_by()
        for id_ in stopped.values_list("id", flat=True):
            found.setdefault(id_, []).append(blocker.label)
    return found


@dataclass(frozen=True)
class Waiting:
    """One case or request that a rule erases soon, or would if nothing stood against it."""

    subject: Case | HelpRequest
    last_day: dt.date
    blockers: list[str | Promise]


def _last_day(rule: Rule, subject: Any, now: dt.datetime) -> dt.date:
    since = getattr(subject, rule.since)
    return rule.last_day(since) if since else now.date()


def waiting(rule: Rule, person: Caseworker, now: dt.datetime) -> list[Waiting]:
    """Return what the rule erases within 14 days, or is kept from erasing, as far as *person* may know of it."""
    table = subject_of(rule)
    visible = (
        Case.objects.visible_to(person, now=now) if table is Case else HelpRequest.objects.shown_to(person, now=now)
    )
    soon = due(rule, now.date() + SHOWN_AHEAD).order_by(rule.since, "id")
    found = list(soon.filter(id__in=visible.order_by().values("id"))[:SHOWN])
    planted = set(planted_among(one.id for one in found))
    found = [one for one in found if one.id not in planted]
    stopped = blockers_of(table, [one.id for one in found], now)
    return [Waiting(one, _last_day(rule, one, now), stopped.get(one.id, [])) for one in found]


def hold_on(case: Case, *, day: dt.date) -> RetentionHold | None:
    """Return the hold that stands on the case."""
    return RetentionHold.objects.standing(day=day).filter(case=case).first()


def blocked_count(now: dt.datetime) -> int:
    """Count what would be erased now if nothing stood against it. Two queries."""
    count = 0
    for table, blockers in BLOCKERS.items():
        rules = [rule for rule in RULES.values() if subject_of(rule) is table]
        is_due = reduce(or_, (_is_due(rule, now.date()) for rule in rules))
        stands = reduce(or_, (blocker.stands(now) for blocker in blockers))
        count += table.objects.filter(is_due, stands).count()
    return count
