"""For whom something came up that they asked to be rung for: a missed check-in, an alert, an alarm. A yes or a no, and nothing else."""

import datetime as dt
from functools import reduce
from operator import or_

from django.db.models import Q

from caseworker.enums import Role
from caseworker.models.accounts import Caseworker
from caseworker.models.alarms import Alarm
from caseworker.panic import everyone_is_locked
from caseworker.permissions import Permission, permits
from requests_app.models.cases import Case
from requests_app.queries.queue_table import ALERTS, MINE, UNASSIGNED


def has_alarm(person: Caseworker, since: dt.datetime, now: dt.datetime) -> bool:
    """Tell whether somebody else set off an alarm since, of which nobody took note. Alarms know their hour only, so that hour counts whole."""
    begins = since.astimezone(dt.UTC).replace(minute=0, second=0, microsecond=0)
    alarms = Alarm.objects.open().filter(hour__gte=begins, hour__lte=now)
    return alarms.exclude(actor_id=person.id).exists()


def has_urgent_case(person: Caseworker, since: dt.datetime, now: dt.datetime) -> bool:
    """Tell whether a check-in was missed, or an alert came up, in a case that *person* answers for.

    One answers for one's own cases and for those of somebody who is away; a lead also for those that nobody owns, and for every alert.
    """
    is_lead = person.role == Role.LEAD
    care = reduce(or_, (part(person, now) for part in (*MINE, *(UNASSIGNED if is_lead else ()))))
    missed = Q(check_in_due_at__gt=since, check_in_due_at__lte=now)
    alert = Q(condition__in=ALERTS, condition_at__gt=since, condition_at__lte=now)
    asked = (care & missed) | (alert if is_lead else care & alert)
    return Case.objects.visible_to(person, now=now).filter(asked, is_open=True).exists()


def has_news(person: Caseworker, since: dt.datetime, now: dt.datetime) -> bool:
    """Tell whether *person* is to be rung; while everyone is locked out, only those who can let them in again."""
    if permits(person, Permission.ACKNOWLEDGE_ALARM):
        return has_alarm(person, since, now)
    if not permits(person, Permission.VIEW_CASES) or everyone_is_locked():
        return False
    return has_urgent_case(person, since, now)
