"""Set off an alarm, and take note of one. Both are in the audit chain, by the alarm's own id: the chain does not say what it was about."""

import datetime as dt
import uuid

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from caseworker import audit
from caseworker.enums import AlarmKind, AuditVerb
from caseworker.exceptions import PolicyRefused
from caseworker.models.accounts import Caseworker
from caseworker.models.alarms import NOBODY, Alarm
from caseworker.permissions import Permission, check


def hour_of(moment: dt.datetime) -> dt.datetime:
    """Return the UTC hour of *moment*: nothing finer is kept about what people here do."""
    return moment.astimezone(dt.UTC).replace(minute=0, second=0, microsecond=0)


@transaction.atomic
def raise_alarm(
    kind: AlarmKind, *, actor: Caseworker | None, now: dt.datetime, object_id: uuid.UUID = NOBODY
) -> Alarm | None:
    """Set off an alarm about what *actor* did; None when the same one was set off in this hour already."""
    alarm, is_new = Alarm.objects.get_or_create(
        kind=kind, actor_id=actor.id if actor else NOBODY, object_id=object_id, hour=hour_of(now)
    )
    if not is_new:
        return None
    audit.record(actor=actor, verb=AuditVerb.RAISE_ALARM, kind="alarm", object_id=alarm.id, now=now)
    return alarm


def report_broken_chain(at: dt.datetime) -> audit.Verdict:
    """Walk the audit chain, and set off an alarm when it is not whole; return the verdict."""
    verdict = audit.verify()
    if not verdict.is_whole:
        raise_alarm(AlarmKind.AUDIT_BROKEN, actor=None, now=at)
    return verdict


@transaction.atomic
def acknowledge_alarm(alarm: Alarm, *, actor: Caseworker, now: dt.datetime) -> Alarm:
    """Take note of an alarm; never of one about oneself. Taken note of twice, the first person stays."""
    check(actor, Permission.ACKNOWLEDGE_ALARM)
    if alarm.actor_id == actor.id:
        raise PolicyRefused(_("This alarm is about you. Another security officer takes note of it."))
    free = Alarm.objects.open().filter(id=alarm.id)
    if free.update(acknowledged_by=actor, acknowledged_on=now.date()):
        audit.record(actor=actor, verb=AuditVerb.ACKNOWLEDGE_ALARM, kind="alarm", object_id=alarm.id, now=now)
    alarm.refresh_from_db()
    return alarm
