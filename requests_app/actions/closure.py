"""Closing with an outcome, and reopening."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from caseworker import audit
from caseworker.enums import AuditVerb
from caseworker.exceptions import PolicyRefused
from caseworker.models.accounts import Caseworker
from caseworker.permissions import Permission, check
from requests_app.actions.consequences import condition_after_reopening, enter_condition
from requests_app.actions.stages import Entry, begin_spell, claim_version, count_entry
from requests_app.actions.stays import coarsen_all
from requests_app.clocks import ASYLUM_ELSEWHERE, erase_after
from requests_app.enums import Condition, Outcome, ReasonCode, Stage
from requests_app.models.cases import Case, StageSpell
from requests_app.policies import check_not_erased, check_not_merged, check_open, check_version, whoever_acts
from requests_app.queries.due import arrive, due_changes


@transaction.atomic
def close_case(case: Case, outcome: Outcome, *, version: int, actor: Caseworker, now: dt.datetime) -> Case:
    """Close *case* with an *outcome*; contacts and notes are erased 90 days later (180 while asylum runs elsewhere).

    The days of its stays become weeks: no clock needs them any more. What was still to be done sleeps, and wakes if it is reopened.
    """
    check(actor, Permission.CLOSE_CASE)
    check_version(case, version)
    check_open(case)
    changes: dict[str, object] = {
        "stage": Stage.CLOSED,
        "outcome": outcome,
        "is_open": False,
        "closed_month": now.date().replace(day=1),
        "next_action_on": None,
        "erase_after": erase_after(now.date(), asylum_elsewhere=outcome in ASYLUM_ELSEWHERE),
        "texts_erased_on": None,
        "touched_on": now.date(),
    }
    claim_version(case, version, due_changes(case, changes))
    coarsen_all(case)
    begin_spell(case, Entry(now.date()), actor=actor)
    audit.record(actor=actor, verb=AuditVerb.CLOSE_CASE, kind="case", object_id=case.id, now=now)
    return case


def last_open_stage(case: Case) -> Stage:
    """Return the stage the case was closed from."""
    spell = StageSpell.objects.filter(case=case).exclude(stage=Stage.CLOSED).order_by("-seq").first()
    return Stage(spell.stage) if spell else Stage.VERIFICATION


@transaction.atomic
def reopen_case(case: Case, reason: ReasonCode, *, version: int, actor: Caseworker, now: dt.datetime) -> Case:
    """Reopen a closed case at the stage it was closed from; a lead's decision, with a reason.

    A condition that one person cannot end (detained, compromised) goes on: closing and reopening is no way around it.
    """
    check(actor, Permission.REOPEN_CASE)
    check_version(case, version)
    check_not_erased(case)
    check_not_merged(case)
    if case.is_open:
        raise PolicyRefused(_("The case is open already."))
    stage, condition, left = last_open_stage(case), condition_after_reopening(case), Condition(case.condition)
    changes: dict[str, object] = {
        "stage": stage,
        "condition": condition,
        "outcome": "",
        "is_open": True,
        "closed_month": None,
        "erase_after": None,
        "archived_on": None,
        "condition_at": now,
        "touched_on": now.date(),
    } | arrive(now)
    changes |= whoever_acts(case)
    claim_version(case, version, due_changes(case, changes))
    count_entry(case, now=now)
    begin_spell(case, Entry(now.date(), reason=reason), actor=actor)
    enter_condition(case, left, now)
    audit.record(actor=actor, verb=AuditVerb.REOPEN_CASE, kind="case", object_id=case.id, now=now)
    return case
