"""Contacts of a case after intake: how each may be used, one more, one out of use. Answers in codes; the line itself is sealed.

Unknown behaves as no. Tightening is always possible; loosening is not while the condition forbids contact, and never for a contact that
somebody else reads or whose owner asked not to be contacted: they write anew, and that is a new contact.
"""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from caseworker import audit
from caseworker.enums import AuditVerb
from caseworker.exceptions import PolicyRefused, StaleVersion
from caseworker.models.accounts import Caseworker
from caseworker.permissions import Permission, check
from requests_app.actions.handovers import circles_to_seal
from requests_app.actions.intake import Safety
from requests_app.actions.stages import claim_version
from requests_app.contacts import parse_lines
from requests_app.enums import Condition, SafeAnswer, SealedKind
from requests_app.models.cases import Case
from requests_app.models.contacts import ContactPoint
from requests_app.models.help_requests import HelpRequest
from requests_app.policies import (
    check_not_erased,
    check_not_locked,
    check_not_merged,
    check_not_paused,
    check_open,
    check_version,
)
from requests_app.sealed import seal_record
from requests_app.stages import CONDITIONS

ANSWERS = ("may_write", "may_call", "may_leave_message")


def check_may_change(case: Case) -> None:
    """Raise ``PolicyRefused`` unless what a case is connected with may be changed now."""
    for fits in (check_not_erased, check_not_merged, check_open, check_not_paused, check_not_locked):
        fits(case)


def _loosens(point: ContactPoint, safety: Safety) -> bool:
    said = (getattr(safety, name) for name in ANSWERS)
    return any(new == SafeAnswer.YES != getattr(point, name) for name, new in zip(ANSWERS, said, strict=True))


def _check_safety(case: Case, point: ContactPoint, safety: Safety) -> None:
    if not _loosens(point, safety):
        return
    if point.burned_on or point.stopped_on:
        raise PolicyRefused(
            _("This contact stays as it is: it is burned, or the person asked not to be contacted. Add a new one.")
        )
    if not CONDITIONS[Condition(case.condition)].may_contact:
        raise PolicyRefused(_("Nobody is contacted while the case is in this condition. Change the condition first."))


def _fresh(point: ContactPoint, case: Case) -> ContactPoint:
    """Return the contact as it is now; raises ``StaleVersion`` when it is out of use or gone."""
    found = ContactPoint.objects.filter(id=point.id, help_request__case=case, retired_on__isnull=True).first()
    if found is None:
        raise StaleVersion
    return found


@transaction.atomic
def change_safety(
    point: ContactPoint, safety: Safety, *, case: Case, version: int, actor: Caseworker, now: dt.datetime
) -> ContactPoint:
    """Write how a contact may be used; raises ``PolicyRefused`` for a loosening that is not allowed, and ``StaleVersion``."""
    check(actor, Permission.WORK_CASE)
    check_may_change(case)
    claim_version(case, version, {"touched_on": now.date()})
    fresh = _fresh(point, case)
    _check_safety(case, fresh, safety)
    for name in (*ANSWERS, "hours_band", "time_zone"):
        setattr(fresh, name, getattr(safety, name))
    fresh.save(update_fields=[*ANSWERS, "hours_band", "time_zone"])
    audit.record(actor=actor, verb=AuditVerb.CHANGE_SAFETY, kind="case", object_id=case.id, now=now)
    return fresh


@transaction.atomic
def retire_contact(
    point: ContactPoint, *, is_burned: bool, case: Case, version: int, actor: Caseworker, now: dt.datetime
) -> ContactPoint:
    """Take a contact out of use; a burned one stays in sight as what must never be used again. Its sealed line goes with the case."""
    check(actor, Permission.WORK_CASE)
    check_may_change(case)
    claim_version(case, version, {"touched_on": now.date()})
    fresh = _fresh(point, case)
    never = dict.fromkeys(ANSWERS, SafeAnswer.NO)
    gone = {"burned_on": now.date()} if is_burned else {"retired_on": now.date()}
    ContactPoint.objects.filter(id=fresh.id).update(**never, **gone)
    audit.record(actor=actor, verb=AuditVerb.RETIRE_CONTACT, kind="case", object_id=case.id, now=now)
    fresh.refresh_from_db()
    return fresh


@transaction.atomic
def add_contact(
    case: Case, line: str, safety: Safety, *, version: int, actor: Caseworker, now: dt.datetime
) -> ContactPoint:
    """Seal one more contact of the person to the case's circle; search and duplicates find it like the first ones.

    It belongs to the first request of the case, so that it goes where that goes. Raises ``PolicyRefused`` for anything but one line.
    """
    check(actor, Permission.WORK_CASE)
    check_version(case, version)
    check_may_change(case)
    lines = parse_lines(line)
    carrier = HelpRequest.objects.filter(case=case).order_by("received_on", "id").first()
    if len(lines) != 1 or carrier is None:
        raise PolicyRefused(_("Write one contact in one line."))
    if not CONDITIONS[Condition(case.condition)].may_contact and SafeAnswer.YES in (
        getattr(safety, name) for name in ANSWERS
    ):
        raise PolicyRefused(_("Nobody is contacted while the case is in this condition. Change the condition first."))
    circles = circles_to_seal(case, now)
    record = seal_record(SealedKind.CONTACT, {"contacts": lines[0].text}, owner_id=carrier.id, circles=circles, now=now)
    values = {name: getattr(safety, name) for name in (*ANSWERS, "hours_band", "time_zone")}
    point = ContactPoint.objects.create(help_request=carrier, record=record, seq=1, kind=lines[0].kind, **values)
    claim_version(case, version, {"touched_on": now.date()})
    audit.record(actor=actor, verb=AuditVerb.ADD_CONTACT, kind="case", object_id=case.id, now=now)
    return point
