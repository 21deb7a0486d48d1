"""Several cases at once, one at a time: each row runs the action of the case page, in a transaction of its own, and can be taken back.

A row that is refused changes nothing and stops no other. What a case was before is kept for 15 minutes' worth of second thoughts.
"""

import datetime as dt
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from caseworker import audit
from caseworker.enums import AuditVerb
from caseworker.exceptions import PolicyRefused
from caseworker.models.accounts import Caseworker
from caseworker.permissions import Permission, check
from requests_app.actions.casework import assign_case
from requests_app.actions.closure import close_case
from requests_app.actions.stages import change_urgency, claim_version, move_case, put_back
from requests_app.clocks import URGENCY_RANK
from requests_app.enums import BulkKind, Outcome, ReasonCode, RowRefusal, RowResult, Stage, Urgency
from requests_app.models.cases import Case
from requests_app.models.queues import BulkBatch, BulkChange
from requests_app.policies import check_may_work, check_not_erased, if_able
from requests_app.queries.due import due_changes


@dataclass(frozen=True)
class Change:
    """What shall become of every chosen case: a code (stage, urgency or outcome) or an owner, and a reason where the route asks for one."""

    kind: BulkKind
    code: str = ""
    owner: Caseworker | None = None
    reason: ReasonCode | None = None


@dataclass(frozen=True)
class Turn:
    """Who does it to a case of which version, and when."""

    version: int
    actor: Caseworker
    now: dt.datetime


def _assign(case: Case, change: Change, turn: Turn) -> None:
    """Keep the deputy, unless the deputy becomes the owner."""
    if change.owner is None:
        raise PolicyRefused(_("Choose who shall own the cases."))
    deputy = None if case.deputy_id == change.owner.id else case.deputy
    assign_case(case, change.owner, version=turn.version, actor=turn.actor, now=turn.now, deputy=deputy)


def _urgency(case: Case, change: Change, turn: Turn) -> None:
    change_urgency(case, Urgency(change.code), version=turn.version, actor=turn.actor, now=turn.now)


def _stage(case: Case, change: Change, turn: Turn) -> None:
    there = Stage(change.code)
    move_case(case, there, version=turn.version, actor=turn.actor, now=turn.now, reason=change.reason)


def _close(case: Case, change: Change, turn: Turn) -> None:
    close_case(case, Outcome(change.code), version=turn.version, actor=turn.actor, now=turn.now)


@dataclass(frozen=True)
class KindRow:
    """One kind of change: the permission of the single action, that action, and whether taking it back moves the case."""

    permission: Permission
    single: Callable[[Case, Change, Turn], None]
    moves: bool = False


KINDS: Mapping[BulkKind, KindRow] = MappingProxyType(
    {
        BulkKind.ASSIGN: KindRow(Permission.ASSIGN_CASE, _assign),
        BulkKind.URGENCY: KindRow(Permission.WORK_CASE, _urgency),
        BulkKind.STAGE: KindRow(Permission.MOVE_CASE, _stage, moves=True),
        BulkKind.CLOSE: KindRow(Permission.CLOSE_CASE, _close, moves=True),
    }
)


def change_one(case: Case, change: Change, turn: Turn) -> None:
    """Do to one case what its own page would do; raises what the single action raises."""
    check_may_work(case, turn.actor)
    KINDS[change.kind].single(case, change, turn)


@transaction.atomic
def begin_batch(batch_id: uuid.UUID, change: Change, *, actor: Caseworker, now: dt.datetime) -> BulkBatch:
    """Write down that several cases are about to be changed; an id that was used raises ``IntegrityError``: a form counts once."""
    check(actor, KINDS[change.kind].permission)
    batch = BulkBatch.objects.create(
        id=batch_id, made_by=actor, made_at=now, kind=change.kind, code=change.code, new_owner=change.owner
    )
    audit.record(actor=actor, verb=AuditVerb.CHANGE_IN_BULK, kind="bulk_batch", object_id=batch.id, now=now)
    return batch


@transaction.atomic
def change_row(
    batch: BulkBatch, case: Case, change: Change, *, version: int, actor: Caseworker, now: dt.datetime
) -> BulkChange:
    """Change one case and remember what it was, both or neither; the single action checks and audits."""
    row = BulkChange(
        batch=batch,
        case=case,
        result=RowResult.CHANGED,
        version_after=version + 1,
        stage_before=case.stage,
        urgency_before=case.urgency,
        moved_before=case.moved_at,
        clock_started_before=case.clock_started_at,
        paused_seconds_before=case.paused_seconds,
        next_action_before=case.next_action_on,
        owner_before=case.owner,
        deputy_before=case.deputy,
        claimed_before=case.claimed_until,
    )
    change_one(case, change, Turn(version, actor, now))
    row.save(force_insert=True)
    return row


def refuse_row(batch: BulkBatch, case: Case, refusal: RowRefusal) -> BulkChange:
    """Remember that one case was not changed, and in codes why."""
    return BulkChange.objects.create(batch=batch, case=case, result=RowResult.REFUSED, refusal=refusal)


def _before(row: BulkChange, kind: BulkKind, case: Case) -> dict[str, object]:
    """Return the stored facts of the case as they were; when it is due follows from them. Nobody gets it back who cannot own it any more."""
    if kind is BulkKind.ASSIGN:
        before = {"owner": row.owner_before, "deputy": row.deputy_before}
        return {name: if_able(person, case.circle_id) for name, person in before.items()}
    clock: dict[str, object] = {
        "clock_started_at": row.clock_started_before,
        "paused_seconds": row.paused_seconds_before,
        "next_action_on": row.next_action_before,
    }
    if kind is BulkKind.URGENCY:
        rank = URGENCY_RANK[Urgency(row.urgency_before)]
        return clock | {"urgency": row.urgency_before, "urgency_rank": rank}
    if kind is BulkKind.STAGE:
        return clock | {"stage": row.stage_before, "moved_at": row.moved_before}
    opened: dict[str, object] = {"outcome": "", "is_open": True, "closed_month": None, "erase_after": None}
    return clock | opened | {"stage": row.stage_before}


@transaction.atomic
def take_back(row: BulkChange, case: Case, *, actor: Caseworker, now: dt.datetime) -> BulkChange:
    """Put one case of a batch back to what it was, within 15 minutes and by whoever changed it.

    Raises ``StaleVersion`` when the case was changed since, and ``PolicyRefused`` when it is too late or not theirs to take back. A stage is
    put back by a spell of its own; what was counted stays counted.
    """
    batch, kind = row.batch, BulkKind(row.batch.kind)
    check(actor, KINDS[kind].permission)
    if batch.made_by_id != actor.id or not batch.may_be_undone(now=now):
        raise PolicyRefused(_("A change of several cases can be taken back for 15 minutes, by whoever made it."))
    check_may_work(case, actor)
    check_not_erased(case)
    touched = {"touched_on": now.date(), "claimed_until": row.claimed_before}
    changes, version = due_changes(case, _before(row, kind, case) | touched), row.version_after or 0
    if KINDS[kind].moves:
        put_back(case, changes, version=version, actor=actor, on=now.date())
    else:
        claim_version(case, version, changes)
    row.result = RowResult.UNDONE
    row.save(update_fields=["result"])
    audit.record(actor=actor, verb=AuditVerb.TAKE_BACK, kind="case", object_id=case.id, now=now)
    return row


def keep_row(row: BulkChange, refusal: RowRefusal) -> BulkChange:
    """Remember that one case could not be put back, and in codes why."""
    row.result, row.refusal = RowResult.KEPT, refusal
    row.save(update_fields=["result", "refusal"])
    return row


def forget_batches(now: dt.datetime, *, older_than: dt.timedelta) -> None:
    """Delete batches that nobody can take back any more."""
    BulkBatch.objects.filter(made_at__lt=now - older_than).delete()
