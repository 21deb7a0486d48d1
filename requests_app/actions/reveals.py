"""Open a sealed record for one answer: counted, limited, audited, watched."""

import datetime as dt
import zoneinfo
from collections.abc import Iterable, Mapping

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from caseworker import audit
from caseworker.actions.alarms import hour_of, raise_alarm
from caseworker.enums import AlarmKind, AuditVerb
from caseworker.exceptions import PolicyRefused
from caseworker.models.accounts import Caseworker
from caseworker.models.audit import AuditEvent
from caseworker.permissions import Permission, check
from caseworker.vault.keyring import KeyRing
from requests_app.enums import GrantScope, ReasonCode
from requests_app.honeytokens import is_honeytoken, planted_among
from requests_app.models.access import AccessGrant
from requests_app.models.cases import Case, in_care_of
from requests_app.models.reveals import Reveal
from requests_app.models.sealed import SealedRecord
from requests_app.policies import check_owner_not_paused, check_reveals
from requests_app.reveal_rules import LIMITS, WINDOW, Event, alarms_of, crossed, is_odd_hour
from requests_app.sealed import open_record

USUAL_SPAN = dt.timedelta(days=30)


class LimitReached(PolicyRefused):
    """The reveals of the hour or the day are used up; *kind* says which."""

    message = _("You have revealed as much as one person may today. Ask a colleague.")

    def __init__(self, kind: AlarmKind) -> None:
        """Keep the *kind*."""
        self.kind = kind
        super().__init__()


class WordsNeeded(LimitReached):
    """More than the free number: each further reveal needs the words."""

    message = _("You have revealed more than is usual. Type your words for each further one. Two people are told.")


def earlier_counts(person: Caseworker, at: dt.datetime) -> Mapping[AlarmKind, int]:
    """Return how many records *person* revealed in the present hour and in the last 24. The audit chain counts: it forgets nothing."""
    mine, hour = AuditEvent.objects.filter(actor_id=person.id, verb=AuditVerb.REVEAL), hour_of(at)
    return {
        kind: mine.filter(hour__gt=hour - dt.timedelta(hours=limit.hours)).count() for kind, limit in LIMITS.items()
    }


def _check_limits(actor: Caseworker, now: dt.datetime, *, has_typed_words: bool) -> None:
    """Raise ``WordsNeeded`` beyond the free number, and ``LimitReached`` beyond twice that."""
    over = crossed(earlier_counts(actor, now))
    if over is None:
        return
    kind, words_help = over
    if not words_help:
        raise LimitReached(kind)
    if not has_typed_words:
        raise WordsNeeded(kind)


def _events(actor: Caseworker, now: dt.datetime) -> list[Event]:
    """Return the person's reveals of the last 24 hours, in order."""
    rows = Reveal.objects.filter(person=actor, hour__gt=hour_of(now) - WINDOW).select_related("record", "case")
    return [
        Event(
            subject=row.case_id or row.record.owner_id,
            hour=row.hour,
            is_own=row.is_own,
            place=(row.case.urgency_rank, row.case.due_at, row.case.id) if row.case else None,
        )
        for row in rows.order_by("id")
    ]


def _is_odd(actor: Caseworker, now: dt.datetime) -> bool:
    """Tell whether it is night for *actor*, and a night hour at which they are not usually here."""
    zone, local_hour = zoneinfo.ZoneInfo(actor.time_zone), now.astimezone(zoneinfo.ZoneInfo(actor.time_zone)).hour
    since, until = hour_of(now) - USUAL_SPAN, hour_of(now)
    hours = Reveal.objects.filter(person=actor, hour__gte=since, hour__lt=until).values_list("hour", flat=True)
    nights = {hour.astimezone(zone).date() for hour in hours if hour.astimezone(zone).hour == local_hour}
    return is_odd_hour(local_hour, len(nights))


def _watch(actor: Caseworker, now: dt.datetime) -> None:
    """Set off the alarms that this reveal completes."""
    for kind in alarms_of(_events(actor, now)):
        raise_alarm(kind, actor=actor, now=now)
    if _is_odd(actor, now):
        raise_alarm(AlarmKind.ODD_HOUR, actor=actor, now=now)


def _is_own(case: Case, actor: Caseworker, now: dt.datetime) -> bool:
    """Tell whether *actor* owns the case, is its deputy, answers for somebody who is away, or was given its texts by a lead."""
    if actor.id == case.deputy_id or Case.objects.filter(in_care_of(actor, now.date()), id=case.id).exists():
        return True
    given = AccessGrant.objects.live(now=now).filter(case=case, person=actor, scope=GrantScope.CONTENT)
    return given.exists()


@transaction.atomic
def reveal_record(
    record: SealedRecord,
    *,
    case: Case | None,
    reason: ReasonCode,
    keyring: KeyRing,
    actor: Caseworker,
    now: dt.datetime,
    has_typed_words: bool = False,
) -> dict[str, str]:
    """Open one sealed record for one answer; counted, audited, watched, and refused while the case's state freezes reveals.

    The *reason* is asked so that nobody reveals without thinking of one; the chain holds who, which record and when. Raises
    ``WordsNeeded`` beyond the free number unless *has_typed_words*, ``LimitReached`` beyond twice that, and ``PolicyRefused`` otherwise.
    """
    check(actor, Permission.REVEAL)
    check_reveals(case)
    check_owner_not_paused(record.owner_id)
    _check_limits(actor, now, has_typed_words=has_typed_words)
    fields = open_record(record, keyring=keyring)
    if case is not None:
        Case.objects.filter(id=case.id, owner=actor).update(claimed_until=None)
    audit.record(actor=actor, verb=AuditVerb.REVEAL, kind=str(reason), object_id=record.id, now=now)
    is_own = case is not None and _is_own(case, actor, now)
    Reveal.objects.create(person=actor, record=record, case=case, is_own=is_own, reason=reason, hour=hour_of(now))
    _watch(actor, now)
    return fields


def alert_if_planted(case: Case | None, person: Caseworker, at: dt.datetime) -> None:
    """Set off an alarm when *person* touches a honeytoken, in a transaction of its own: it stays when what they try is refused."""
    if case is not None and is_honeytoken(case.id):
        raise_alarm(AlarmKind.HONEYTOKEN, actor=person, object_id=case.id, now=at)


def alert_of_found(cases: Iterable[Case], person: Caseworker, at: dt.datetime) -> None:
    """Set off an alarm when a contact that *person* searched for led to a honeytoken: nobody writes from an invented contact."""
    by_id = {case.id: case for case in cases}
    for case_id in planted_among(by_id):
        alert_if_planted(by_id[case_id], person, at)


def reveal_watched(
    record: SealedRecord,
    *,
    case: Case | None,
    reason: ReasonCode,
    keyring: KeyRing,
    person: Caseworker,
    at: dt.datetime,
    has_typed_words: bool = False,
) -> dict[str, str]:
    """Do what :func:`reveal_record` does, and tell two people of a limit even though the reveal is refused. What a page calls."""
    alert_if_planted(case, person, at)
    try:
        return reveal_record(
            record, case=case, reason=reason, keyring=keyring, actor=person, now=at, has_typed_words=has_typed_words
        )
    except LimitReached as refusal:
        raise_alarm(refusal.kind, actor=person, now=at)
        raise
