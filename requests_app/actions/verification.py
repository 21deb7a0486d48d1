"""The verification ladder 0–4: checks are recorded by whoever made them, levels from three upwards are approved by a lead.

Nobody brings a case to level three alone: two different people must have checked, and for level four both must have seen the document.
A document is seen, never stored.
"""

import datetime as dt
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from caseworker import audit
from caseworker.enums import AuditVerb
from caseworker.exceptions import PolicyRefused
from caseworker.models.accounts import Caseworker
from caseworker.permissions import Permission, check
from requests_app.actions.stages import claim_version
from requests_app.enums import CheckCode, CheckOutcome
from requests_app.models.access import VerificationCheck
from requests_app.models.cases import Case
from requests_app.policies import check_open, check_version
from requests_app.rules import LEAD_FROM, asked_level, borne_level


def _passed(case: Case) -> list[tuple[CheckCode, UUID | None]]:
    """Return what was checked with the answer yes, by whom, since signs of pressure were last seen."""
    checks = VerificationCheck.objects.filter(case=case, outcome=CheckOutcome.YES, is_void=False)
    return [(CheckCode(code), person) for code, person in checks.values_list("code", "checked_by_id")]


@transaction.atomic
def record_check(
    case: Case, code: CheckCode, outcome: CheckOutcome, *, version: int, actor: Caseworker, now: dt.datetime
) -> VerificationCheck:
    """Record a check, and raise the level as far as it may go without a lead; signs of pressure bring it down to none.

    What points to a higher level waits until a second person has checked and a lead has approved (:func:`approve_verification`).
    """
    check(actor, Permission.VERIFY)
    check_version(case, version)
    check_open(case)
    pressed = code == CheckCode.PRESSURE_SIGNS and outcome == CheckOutcome.YES
    passed = [*_passed(case), (code, actor.id)] if outcome == CheckOutcome.YES else _passed(case)
    level = max(case.verification_level, min(borne_level(passed), LEAD_FROM - 1))
    levels = {"verification_level": level, "asked_level": max(level, asked_level(passed))}
    if pressed:
        levels = dict.fromkeys(levels, 0)
        VerificationCheck.objects.filter(case=case).update(is_void=True)
    claim_version(case, version, {**levels, "touched_on": now.date()})
    made = VerificationCheck.objects.create(
        case=case,
        code=code,
        outcome=outcome,
        checked_by=actor,
        level_after=case.verification_level,
        checked_on=now.date(),
        is_void=pressed,
    )
    audit.record(actor=actor, verb=AuditVerb.RECORD_CHECK, kind="case", object_id=case.id, now=now)
    return made


@transaction.atomic
def approve_verification(case: Case, *, version: int, actor: Caseworker, now: dt.datetime) -> Case:
    """Raise the case to the level from three upwards that its checks bear; a lead's decision.

    Raises ``PolicyRefused`` when one person alone stands behind the checks, or nothing waits to be approved.
    """
    check(actor, Permission.APPROVE_VERIFICATION)
    check_version(case, version)
    check_open(case)
    level = borne_level(_passed(case))
    if level < LEAD_FROM and case.asked_level >= LEAD_FROM:
        raise PolicyRefused(_("Level 3 needs checks by two different people. Ask a colleague to record theirs."))
    if level <= case.verification_level:
        raise PolicyRefused(
            _("Level 4 needs two people who saw the document.")
            if case.asked_level > level
            else _("Nothing to approve.")
        )
    claim_version(case, version, {"verification_level": level, "touched_on": now.date()})
    audit.record(actor=actor, verb=AuditVerb.APPROVE_VERIFICATION, kind="case", object_id=case.id, now=now)
    return case
