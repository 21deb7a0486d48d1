"""Lock a case at once, alone; lift the lock as a lead who is somebody else."""

import datetime as dt

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from caseworker import audit
from caseworker.enums import AuditVerb, Role
from caseworker.exceptions import PolicyRefused
from caseworker.models.accounts import Caseworker
from caseworker.permissions import Permission, check
from requests_app.enums import ReasonCode
from requests_app.models.cases import Case
from requests_app.models.locks import CaseLock
from requests_app.policies import check_may_work, check_not_erased, check_not_merged


@transaction.atomic
def lock_case(case: Case, reason: ReasonCode, *, actor: Caseworker, now: dt.datetime) -> CaseLock:
    """Lock *case*: nothing of it is opened, moved, granted or shown until a lead who is not *actor* lifts it.

    A coordinator of its circle, a lead or a security officer may; no version is asked, because a lock must not lose a race. Erasure goes
    on working. Raises ``PolicyRefused`` for a case that is locked, erased or part of another.
    """
    check(actor, Permission.LOCK_CASE)
    check_not_erased(case)
    check_not_merged(case)
    if actor.role != Role.SECURITY_OFFICER:
        check_may_work(case, actor)
    free = Case.objects.filter(id=case.id, locked_on__isnull=True)
    if free.update(locked_on=now.date(), version=F("version") + 1) != 1:
        raise PolicyRefused(_("This case is locked already."))
    lock = CaseLock.objects.create(case=case, reason=reason, locked_by=actor, locked_on=now.date())
    audit.record(actor=actor, verb=AuditVerb.LOCK_CASE, kind="case", object_id=case.id, now=now)
    return lock


@transaction.atomic
def lift_case_lock(case: Case, *, actor: Caseworker, now: dt.datetime) -> CaseLock:
    """Lift the standing lock; a lead's decision, never the one's who locked it. Raises ``PolicyRefused`` otherwise."""
    check(actor, Permission.LIFT_CASE_LOCK)
    lock = CaseLock.objects.select_for_update().filter(case=case, lifted_on__isnull=True).first()
    if lock is None:
        raise PolicyRefused(_("This case is not locked."))
    if lock.locked_by_id == actor.id:
        raise PolicyRefused(_("You locked this case. Another lead lifts it."))
    lock.lifted_by, lock.lifted_on = actor, now.date()
    lock.save(update_fields=["lifted_by", "lifted_on"])
    Case.objects.filter(id=case.id).update(locked_on=None, version=F("version") + 1)
    audit.record(actor=actor, verb=AuditVerb.LIFT_CASE_LOCK, kind="case", object_id=case.id, now=now)
    return lock
