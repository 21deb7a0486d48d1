"""The one function that moves a case, and its sibling that changes the condition. Nothing else writes stage or condition.

Both write, in one transaction and behind the optimistic version: the open spell is closed, the next one opened, the case updated, the count
cells incremented, and one audit event appended. Of eight people who move the same case at once, one wins; the others get
``StaleVersion`` and keep what they typed.
"""

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from caseworker import audit
from caseworker.compiled import find, find_first, insert, update
from caseworker.enums import AuditVerb
from caseworker.exceptions import PolicyRefused, StaleVersion
from caseworker.models.accounts import Caseworker
from caseworker.permissions import Permission, check
from requests_app.actions.consequences import drop_tasks_of, enter_condition, enter_stage
from requests_app.actions.counting import count_stage_entry
from requests_app.clocks import monday_of
from requests_app.enums import Condition, ReasonCode, Stage, Urgency
from requests_app.honeytokens import is_honeytoken
from requests_app.models.cases import Case, StageSpell
from requests_app.models.contacts import ContactPoint
from requests_app.policies import check_condition, check_move, check_not_locked, check_not_paused, check_version
from requests_app.queries.due import arrive, due_changes, stage_clock
from requests_app.stages import CONDITIONS, STAGES
from requests_app.statistics.tables import stage_group


@dataclass(frozen=True)
class Entry:
    """How the next spell begins: the day (today unless said otherwise), whether it is an estimate, and the reason code."""

    on: dt.date
    is_estimated: bool = False
    reason: str = ""


def claim_version(case: Case, version: int, changes: dict[str, object]) -> None:
    """Write *changes* if the case still has *version*, and raise it by one; raises ``StaleVersion`` otherwise.

    Whoever took the case keeps it from now on: what is worked on is no claim that lapses. Raises ``PolicyRefused`` while the person's wish to be
    erased waits, and while the case is locked.
    """
    check_not_paused(case)
    check_not_locked(case)
    changes = {"claimed_until": None} | changes
    changes["version"] = version + 1
    free = {"id": case.id, "version": version, "erasure_due_at__isnull": True, "locked_on__isnull": True}
    if update(Case, free, changes) != 1:
        raise StaleVersion
    for name, value in changes.items():
        setattr(case, name, value)


def _leave(spell: StageSpell, on: dt.date) -> None:
    """Close the open spell; exit and border days become the Monday of their week."""
    spell.left_on = max(on, spell.entered_on)
    if STAGES[Stage(spell.stage)].coarsens:
        spell.entered_on, spell.left_on = monday_of(spell.entered_on), monday_of(spell.left_on)
    if update(StageSpell, {"id": spell.id}, {"entered_on": spell.entered_on, "left_on": spell.left_on}) != 1:
        raise StaleVersion


def _ask_spells(case: UUID) -> QuerySet[StageSpell]:
    return StageSpell.objects.filter(case=case)


def _ask_last_spell(case: UUID) -> QuerySet[StageSpell]:
    return _ask_spells(case).order_by("-seq")[:1]


def last_spell(case: Case) -> StageSpell | None:
    """Return the last spell of *case*, which is the open one unless the case is closed."""
    return find_first(_ask_last_spell, case.id)


def begin_spell(case: Case, entry: Entry, *, actor: Caseworker, last: StageSpell | None = None) -> StageSpell:
    """Close the open spell of *case*, if any, and open the next in the case's present stage and condition.

    *last* is the last spell, where the caller has read it; behind the version it is still the last.
    """
    last = last or last_spell(case)
    if last is not None and last.left_on is None:
        _leave(last, entry.on)
    begun = StageSpell(
        case=case,
        seq=last.seq + 1 if last else 1,
        stage=case.stage,
        condition=case.condition,
        entered_on=entry.on,
        is_estimated=entry.is_estimated,
        moved_by=actor,
        reason=entry.reason,
    )
    insert(begun)
    return begun


def _check_entry_day(last: StageSpell | None, on: dt.date, now: dt.datetime) -> None:
    """Refuse a day in the future, or one before the present spell began."""
    if on > now.date():
        raise PolicyRefused(_("The day lies in the future. Write down what has happened, not what is planned."))
    if last is not None and last.left_on is None and on < last.entered_on:
        raise PolicyRefused(_("The day lies before the present stage began. Choose a later day."))


def count_entry(case: Case, *, now: dt.datetime) -> None:
    """Count the entry of the person into the stage's group, unless they were counted there before (three groups for life).

    A honeytoken is nobody, and is not counted.
    """
    if stage_group(case.stage) is None or is_honeytoken(case.id):
        return
    earlier = [group for spell in find(_ask_spells, case.id) if (group := stage_group(spell.stage))]
    count_stage_entry(stage=Stage(case.stage), earlier=earlier, now=now)


def put_back(case: Case, changes: dict[str, object], *, version: int, actor: Caseworker, on: dt.date) -> StageSpell:
    """Put the case back at the stage in *changes*, as a spell of its own: the history keeps the mistake and says it was one.

    Called by the action that takes a change back, which checks and audits. What was counted stays counted: a later true entry must not
    count the person again. Tasks that only the mistaken stage brought are dropped.
    """
    drop_tasks_of(case, case.stage, on)
    claim_version(case, version, changes)
    return begin_spell(case, Entry(on, reason=ReasonCode.ENTERED_BY_MISTAKE), actor=actor)


@transaction.atomic
def move_case(
    case: Case,
    there: Stage,
    *,
    version: int,
    actor: Caseworker,
    now: dt.datetime,
    reason: ReasonCode | None = None,
    entered_on: dt.date | None = None,
    is_estimated: bool = False,
) -> StageSpell:
    """Move *case* to the stage *there* and return the new spell.

    A skip ahead or a way back needs a *reason*. *entered_on* is the day it happened, if not today; with *is_estimated* the day is the
    earliest plausible one. Raises ``PermissionRefused``, ``PolicyRefused`` or ``StaleVersion``; nothing is written then.
    """
    check(actor, Permission.MOVE_CASE)
    check_version(case, version)
    check_move(case, there, actor=actor, reason=reason)
    entry = Entry(entered_on or now.date(), is_estimated, reason or "")
    last = last_spell(case)
    _check_entry_day(last, entry.on, now)
    changes = {"stage": there, "touched_on": now.date()} | arrive(now)
    claim_version(case, version, due_changes(case, changes))
    count_entry(case, now=now)
    spell = begin_spell(case, entry, actor=actor, last=last)
    enter_stage(case, now)
    audit.record(actor=actor, verb=AuditVerb.MOVE_STAGE, kind="case", object_id=case.id, now=now)
    return spell


def set_by(case: Case) -> object:
    """Return the id of whoever set the present condition, however the case was closed and reopened meanwhile; None when nobody is known."""
    spells = StageSpell.objects.filter(case=case)
    earlier = spells.exclude(condition=case.condition).order_by("-seq").first()
    first = spells.filter(seq__gt=earlier.seq if earlier else 0).order_by("seq").first()
    return first.moved_by_id if first else None


def _change_condition(
    case: Case, there: Condition, version: int, entry: Entry, actor: Caseworker, now: dt.datetime, until: dt.date | None
) -> StageSpell:
    """Write the condition, the clocks and the spell, and carry out what the condition brings with it."""
    left = Condition(case.condition)
    paused = int(stage_clock(case).paused_by(now).total_seconds())
    changes = {"condition": there, "condition_at": now, "paused_seconds": paused, "next_action_on": until}
    claim_version(case, version, due_changes(case, changes | {"touched_on": now.date()}))
    spell = begin_spell(case, entry, actor=actor)
    enter_condition(case, left, now, until)
    return spell


@transaction.atomic
def set_condition(
    case: Case,
    there: Condition,
    *,
    version: int,
    actor: Caseworker,
    now: dt.datetime,
    reason: ReasonCode | None = None,
    until: dt.date | None = None,
) -> StageSpell:
    """Change the condition of *case*; the stage stays. *until* is the day to ask again, for a pause.

    The target clock of the stage stands still while the path does, and runs on afterwards with what was left of it.
    Raises like :func:`move_case`. Somebody who set a condition that needs two people cannot end it alone.
    """
    check(actor, Permission.MOVE_CASE)
    check_version(case, version)
    check_condition(case, there, actor=actor, set_by=set_by(case), until=until, now=now)
    until = until if CONDITIONS[there].needs_date else None
    spell = _change_condition(case, there, version, Entry(now.date(), reason=reason or ""), actor, now, until)
    audit.record(actor=actor, verb=AuditVerb.SET_CONDITION, kind="case", object_id=case.id, now=now)
    return spell


@transaction.atomic
def clear_compromise(
    case: Case, *, burns_contacts: bool, version: int, actor: Caseworker, now: dt.datetime
) -> StageSpell:
    """Let a compromised case go on: the security officer's decision, who sees nothing of it.

    With *burns_contacts* every contact line known so far stays marked as burned, and behaves as "do not contact" for good.
    """
    check(actor, Permission.CLEAR_COMPROMISE)
    check_version(case, version)
    if case.condition != Condition.COMPROMISED or not case.is_open:
        raise PolicyRefused(_("This case is not frozen any more."))
    check_condition(case, Condition.ACTIVE, actor=actor, set_by=set_by(case), until=None, now=now)
    spell = _change_condition(case, Condition.ACTIVE, version, Entry(now.date()), actor, now, None)
    if burns_contacts:
        lines = ContactPoint.objects.filter(help_request__case=case, burned_on__isnull=True)
        lines.update(burned_on=now.date())
    audit.record(actor=actor, verb=AuditVerb.CLEAR_COMPROMISE, kind="case", object_id=case.id, now=now)
    return spell


@transaction.atomic
def change_urgency(case: Case, urgency: Urgency, *, version: int, actor: Caseworker, now: dt.datetime) -> Case:
    """Change how soon something must happen; the clock runs on from where it began, so that a case made more urgent is never less late."""
    check(actor, Permission.WORK_CASE)
    check_version(case, version)
    if not case.is_open:
        raise PolicyRefused(_("The case is closed. A lead can reopen it."))
    rank = list(Urgency).index(urgency)
    changes = {"urgency": urgency, "urgency_rank": rank, "touched_on": now.date()}
    claim_version(case, version, due_changes(case, changes))
    audit.record(actor=actor, verb=AuditVerb.CHANGE_URGENCY, kind="case", object_id=case.id, now=now)
    return case
