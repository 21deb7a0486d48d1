"""Merge two cases of one person, and undo it. Never by itself, never counted again, never losing what is more urgent.

The merged case stays as a closed page that leads to the other. Its requests, notes, sealed records, typed dates and stays move; its path and
checks stay, so that undoing puts everything back. So do the tasks that its own stage and condition brought; those that somebody made by hand,
and what was tried to reach the person, move. What was granted on it alone ends, and has to be granted anew.
"""

import datetime as dt
import uuid
from collections.abc import Collection, Mapping, Sequence
from typing import cast

from django.db import transaction
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from caseworker import audit
from caseworker.enums import AuditVerb
from caseworker.exceptions import PolicyRefused, StaleVersion
from caseworker.models.accounts import Caseworker
from caseworker.permissions import Permission, check
from requests_app.actions.closure import last_open_stage
from requests_app.actions.consents import settle_answers
from requests_app.actions.contacting import last_contact
from requests_app.actions.duplicates import answer_pairs
from requests_app.actions.grants import end_grants_on
from requests_app.actions.stages import Entry, begin_spell, claim_version
from requests_app.duplicate_codes import PairDecision
from requests_app.enums import Condition, Outcome, ReasonCode, Stage
from requests_app.honeytokens import planted_among
from requests_app.models.cases import Case
from requests_app.models.connections import AssetUse, Consent, Referral
from requests_app.models.deadlines import Deadline
from requests_app.models.duplicates import CaseMerge, DuplicatePair
from requests_app.models.help_requests import HelpRequest
from requests_app.models.notes import Note
from requests_app.models.sealed import SealedRecord
from requests_app.models.stays import CountryStay
from requests_app.models.work import ContactAttempt, Task
from requests_app.policies import (
    check_may_work,
    check_mergeable,
    check_not_erased,
    check_not_merged,
    check_not_paused,
    if_able,
    whoever_acts,
)
from requests_app.queries.due import arrive, due_changes
from requests_app.rules import CONSEQUENCES, HAND

UNDO_WITHIN = dt.timedelta(days=30)


def _locked(ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Case]:
    """Lock both cases in one order, whoever comes from which side, and return them as they are now."""
    both = Case.objects.select_for_update(of=("self",)).filter(id__in=ids).order_by("id")
    return {case.id: case for case in both}


@transaction.atomic
def merge_cases(merged: Case, survivor: Case, *, actor: Caseworker, now: dt.datetime) -> CaseMerge:
    """Put *merged* into *survivor*: its requests, notes and sealed records move, its page leads there from now on.

    The survivor takes the more urgent urgency, the earlier due date, and the owner if it has none. Nobody is counted or un-counted.
    Raises ``PolicyRefused`` for cases that must not be merged (:func:`~requests_app.policies.check_mergeable`), and ``StaleVersion`` when
    either changed since it was read: of A into B and B into A at the same moment, one succeeds.
    """
    check(actor, Permission.DECIDE_DUPLICATES)
    fresh = _locked([merged.id, survivor.id])
    if any(fresh[case.id].version != case.version for case in (merged, survivor)):
        raise StaleVersion
    merged, survivor = fresh[merged.id], fresh[survivor.id]
    for case in (merged, survivor):
        check_may_work(case, actor)
    check_mergeable(merged, survivor, actor=actor, now=now)
    if planted_among(fresh):  # whoever takes a planted case away takes its requests with it; nobody is told what it is
        raise StaleVersion  # the one answer that says nothing of the case which its page could contradict
    ones, others = (
        list(HelpRequest.objects.filter(case=case).values_list("id", flat=True)) for case in (merged, survivor)
    )
    answer_pairs(ones, others, PairDecision.SAME, by=actor, on=now.date())
    done = _write_merge(merged, survivor, actor=actor, now=now)
    audit.record(actor=actor, verb=AuditVerb.MERGE_CASES, kind="case", object_id=merged.id, now=now)
    return done


def _write_merge(merged: Case, survivor: Case, *, actor: Caseworker, now: dt.datetime) -> CaseMerge:
    was_open, today = merged.is_open, now.date()
    end_grants_on(merged)
    moved = _move(_holdings(merged, survivor), merged, survivor)
    settle_answers(survivor, now)
    claim_version(survivor, survivor.version, _more_urgent(survivor, merged) | {"touched_on": today})
    closing: dict[str, object] = {
        "stage": Stage.CLOSED,
        "outcome": Outcome.DUPLICATE,
        "is_open": False,
        "closed_month": today.replace(day=1),
        "next_action_on": None,
    }
    changes = {"merged_into_id": survivor.id, "touched_on": today} | (closing if was_open else {})
    claim_version(merged, merged.version, due_changes(merged, changes))
    if was_open:
        begin_spell(merged, Entry(today), actor=actor)
    return CaseMerge.objects.create(
        merged=merged, survivor=survivor, moved=moved, was_open=was_open, merged_by=actor, merged_on=today
    )


def _more_urgent(survivor: Case, merged: Case) -> dict[str, object]:
    """Return what the survivor takes over: the more urgent urgency, the earlier date, an owner, the later contact, and the moved dates."""
    contacts = filter(None, (survivor.contacted_at, merged.contacted_at))
    changes: dict[str, object] = {
        "urgency": min(survivor.urgency, merged.urgency),
        "urgency_rank": min(survivor.urgency_rank, merged.urgency_rank),
        "owner": survivor.owner or if_able(merged.owner, survivor.circle_id),
        "contacted_at": max(contacts, default=None),
    }
    computed = due_changes(survivor, changes)
    return computed | {"due_at": min(cast(dt.datetime, computed["due_at"]), merged.due_at)}


Holdings = dict[str, list[str]]
MOVING: Mapping[str, type[Model]] = {
    "notes": Note,
    "deadlines": Deadline,
    "stays": CountryStay,
    "tasks": Task,
    "attempts": ContactAttempt,
    "consents": Consent,
    "referrals": Referral,
    "uses": AssetUse,
}
"""What moves by its case. A merge that was made before a table existed says nothing of it."""


def _holdings(case: Case, target: Case) -> Holdings:
    """Return the ids of what moves with a case to *target*; what both depend on stays where it is."""
    held = {
        "requests": HelpRequest.objects.filter(case=case),
        "notes": Note.objects.filter(case=case),
        "records": SealedRecord.objects.filter(owner_id=case.id),
        "deadlines": Deadline.objects.filter(case=case),
        "stays": CountryStay.objects.filter(case=case),
        "tasks": Task.objects.filter(case=case, rule=HAND),
        "attempts": ContactAttempt.objects.filter(case=case),
        "consents": Consent.objects.filter(case=case),
        "referrals": Referral.objects.filter(case=case),
        "uses": AssetUse.objects.filter(case=case).exclude(asset__uses__case=target),
    }
    return {name: [str(id_) for id_ in rows.order_by("id").values_list("id", flat=True)] for name, rows in held.items()}


def _move(holdings: Holdings, source: Case, target: Case) -> Holdings:
    """Move the holdings that are still with *source* to *target*."""
    HelpRequest.objects.filter(id__in=holdings["requests"], case=source).update(case=target)
    for name, table in MOVING.items():
        table._default_manager.filter(id__in=holdings.get(name, ()), case=source).update(case=target)
    SealedRecord.objects.filter(id__in=holdings["records"], owner_id=source.id).update(owner_id=target.id)
    return holdings


@transaction.atomic
def undo_merge(merge: CaseMerge, *, actor: Caseworker, now: dt.datetime) -> Case:
    """Take a merge apart again, within 30 days: what moved goes back, and the case is open again at its stage, with a new clock.

    What came to the surviving case afterwards stays there, as does its urgency. The pair is asked about again. Raises ``PolicyRefused``
    outside the circle, too late, while either is erased, paused or merged further, and while the survivor is in a condition that one person
    cannot end: taking apart is no way around it.
    """
    check(actor, Permission.DECIDE_DUPLICATES)
    fresh = _locked([merge.merged_id, merge.survivor_id])
    merged, survivor = fresh[merge.merged_id], fresh[merge.survivor_id]
    stored = CaseMerge.objects.select_for_update(of=("self",)).filter(id=merge.id, undone_on__isnull=True).first()
    if stored is None:
        raise StaleVersion(_("Somebody has already undone this merge."))
    _check_undo(stored, merged, survivor, actor=actor, now=now)
    CaseMerge.objects.filter(id=stored.id).update(undone_by=actor, undone_on=now.date())
    _move(stored.moved, survivor, merged)
    heard = {"contacted_at": last_contact(survivor), "touched_on": now.date()}
    claim_version(survivor, survivor.version, due_changes(survivor, heard))
    _reopen(stored, merged, actor=actor, now=now)
    between = DuplicatePair.objects.filter(decision=PairDecision.SAME)
    for low, high in (("low", "high"), ("high", "low")):
        between.filter(**{f"{low}__case": merged, f"{high}__case": survivor}).update(
            decision="", decided_by=None, decided_on=None
        )
    audit.record(actor=actor, verb=AuditVerb.UNDO_MERGE, kind="case", object_id=merged.id, now=now)
    return merged


def part_again(merged: Case, erased: Collection[uuid.UUID]) -> None:
    """Give a restored, merged case back what moved if its requests are among the *erased*: then it was a case of its own when it was erased.

    Otherwise only the emptied case was, and what moved lives on with the survivor, which may have been merged further. A part of an action.
    """
    survivor = merged
    while survivor.merged_into is not None:
        survivor = survivor.merged_into
    for merge in CaseMerge.objects.filter(merged=merged, undone_on__isnull=True):
        if {uuid.UUID(one) for one in merge.moved["requests"]} & set(erased):
            _move(merge.moved, survivor, merged)


def _check_undo(merge: CaseMerge, merged: Case, survivor: Case, *, actor: Caseworker, now: dt.datetime) -> None:
    if now.date() > merge.merged_on + UNDO_WITHIN:
        raise PolicyRefused(_("A merge can be undone for 30 days. These are over."))
    check_not_merged(survivor)
    for case in (merged, survivor):
        check_may_work(case, actor)
        check_not_erased(case)
        check_not_paused(case)
    if CONSEQUENCES[Condition(survivor.condition)].stays_closed and merged.condition != survivor.condition:
        raise PolicyRefused(_("While the case is in this condition no merge is undone. End the condition first."))
    is_seen = Case.objects.visible_to(actor, now=now).filter(id=survivor.id).exists()
    if not is_seen or survivor.circle_id != merged.circle_id:
        raise PolicyRefused(_("One of these requests is not yours to see any more."))


def _reopen(merge: CaseMerge, merged: Case, *, actor: Caseworker, now: dt.datetime) -> None:
    """Let a case lead nowhere else again; if it was open, at the stage it had, and due by the rule of that stage from now."""
    changes: dict[str, object] = {"merged_into_id": None, "touched_on": now.date()}
    if merge.was_open:
        changes |= {"stage": last_open_stage(merged), "outcome": "", "is_open": True, "closed_month": None}
        changes |= {"archived_on": None, "condition_at": now} | arrive(now) | whoever_acts(merged)
    claim_version(merged, merged.version, due_changes(merged, changes))
    if merge.was_open:
        begin_spell(merged, Entry(now.date(), reason=ReasonCode.ENTERED_BY_MISTAKE), actor=actor)
