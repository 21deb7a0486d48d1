"""Check-ins: what was tried to reach the person, and when the next one is due."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from caseworker import audit
from caseworker.enums import AuditVerb
from caseworker.exceptions import PolicyRefused
from caseworker.models.accounts import Caseworker
from caseworker.permissions import Permission, check
from requests_app.clocks import hour_of, midnight
from requests_app.enums import Channel
from requests_app.enums_work import ContactResult
from requests_app.models.cases import Case
from requests_app.models.work import ContactAttempt
from requests_app.policies import check_not_locked, check_not_paused, check_open
from requests_app.queries.due import due_changes

LONGEST_BEFORE = dt.timedelta(days=365)


def _moment(on: dt.date | None, opened: dt.date, now: dt.datetime) -> dt.datetime:
    """Return when it was tried: the present hour, or the beginning of an earlier day, so that the next check-in is rather early than late."""
    if on is not None and on > now.date():
        raise PolicyRefused(_("The day lies in the future. Write down what has happened, not what is planned."))
    if on is not None and on < opened - LONGEST_BEFORE:
        raise PolicyRefused(_("The day lies long before the case began. Look at the year."))
    return hour_of(now) if on is None or on == now.date() else midnight(on)


def last_contact(case: Case) -> dt.datetime | None:
    """Return when the person was last reached, by the attempts that are kept with the case."""
    made = ContactAttempt.objects.filter(case=case, result=ContactResult.MADE).order_by("-tried_at", "id")
    return made.values_list("tried_at", flat=True).first()


@transaction.atomic
def record_contact(
    case: Case,
    result: ContactResult,
    channel: Channel,
    *,
    actor: Caseworker,
    now: dt.datetime,
    on: dt.date | None = None,
) -> ContactAttempt:
    """Record an attempt to reach the person, to the hour, or to an earlier day. Only a contact that was made moves the next check-in.

    The case keeps its version: whoever has its page open loses nothing. The row is locked, so that the stage that counts is the present one.
    """
    check(actor, Permission.WORK_CASE)
    fresh = Case.objects.select_for_update(of=("self",)).get(id=case.id)
    for fits in (check_open, check_not_paused, check_not_locked):
        fits(fresh)
    tried_at = _moment(on, fresh.opened_month, now)
    changes: dict[str, object] = {"touched_on": now.date(), "claimed_until": None}
    if result == ContactResult.MADE:
        latest = max(tried_at, fresh.contacted_at or tried_at)
        changes = due_changes(fresh, changes | {"contacted_at": latest})
    Case.objects.filter(id=case.id).update(**changes)
    made = ContactAttempt.objects.create(case=case, result=result, channel=channel, tried_at=tried_at, tried_by=actor)
    case.refresh_from_db()
    audit.record(actor=actor, verb=AuditVerb.RECORD_CONTACT, kind="case", object_id=case.id, now=now)
    return made
