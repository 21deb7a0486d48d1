"""Dates that are typed, never guessed. Each write recomputes when the case is due."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from caseworker import audit
from caseworker.enums import AuditVerb
from caseworker.exceptions import PolicyRefused
from caseworker.models.accounts import Caseworker
from caseworker.permissions import Permission, check
from requests_app.actions.stages import claim_version
from requests_app.clock_codes import DeadlineEnd, DeadlineKind
from requests_app.models.cases import Case
from requests_app.models.deadlines import Deadline
from requests_app.policies import check_open, check_version
from requests_app.queries.due import due_changes

FARTHEST = dt.timedelta(days=3660)


@transaction.atomic
def set_deadline(
    case: Case, kind: DeadlineKind, due_on: dt.date, *, version: int, actor: Caseworker, now: dt.datetime
) -> Deadline:
    """Write down a date of the case; it brings the case forward in the queue. Raises ``PolicyRefused`` or ``StaleVersion``."""
    check(actor, Permission.WORK_CASE)
    check_version(case, version)
    check_open(case)
    if not now.date() <= due_on <= now.date() + FARTHEST:
        raise PolicyRefused(_("A date lies between today and ten years ahead. Look at the year."))
    made = Deadline.objects.create(case=case, kind=kind, due_on=due_on, set_by=actor, set_on=now.date())
    claim_version(case, version, due_changes(case, {"touched_on": now.date()}))
    audit.record(actor=actor, verb=AuditVerb.SET_DEADLINE, kind="case", object_id=case.id, now=now)
    return made


@transaction.atomic
def settle_deadline(
    deadline: Deadline, ended_as: DeadlineEnd, *, version: int, actor: Caseworker, now: dt.datetime
) -> Deadline:
    """Say how a date was settled; what was settled stays as history and moves no queue."""
    check(actor, Permission.WORK_CASE)
    case = deadline.case
    check_version(case, version)
    check_open(case)
    still_open = Deadline.objects.filter(id=deadline.id, done_on__isnull=True)
    if still_open.update(done_on=now.date(), ended_as=ended_as) != 1:
        raise PolicyRefused(_("This date is settled already."))
    claim_version(case, version, due_changes(case, {"touched_on": now.date()}))
    audit.record(actor=actor, verb=AuditVerb.SETTLE_DEADLINE, kind="case", object_id=case.id, now=now)
    deadline.refresh_from_db()
    return deadline
