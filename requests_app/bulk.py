"""The loop around the actions of :mod:`requests_app.actions.bulk`: rehearse for the preview, run, take back. Each row on its own."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from caseworker.exceptions import CaseworkError, PolicyRefused, StaleVersion
from caseworker.models.accounts import Caseworker
from requests_app.actions import bulk as actions
from requests_app.actions.bulk import Change, Turn
from requests_app.enums import RowRefusal, RowResult
from requests_app.models.cases import Case
from requests_app.models.queues import BulkBatch, BulkChange
from requests_app.policies import may_work

MOST_CASES = 200
STALE = _("Somebody changed this case since you chose it.")


@dataclass(frozen=True)
class Pick:
    """A chosen case and the version it had on the page where it was chosen."""

    case_id: uuid.UUID
    version: int

    def text(self) -> str:
        """Return the pick as it stands in a form."""
        return f"{self.case_id}.{self.version}"


@dataclass(frozen=True)
class Rehearsed:
    """What would happen to one case; an empty *refusal* means that it would change."""

    pick: Pick
    case: Case
    refusal: str | Promise = ""


def chosen(picks: Sequence[Pick], *, person: Caseworker, now: dt.datetime) -> list[tuple[Pick, Case]]:
    """Return the chosen cases that *person* may know of, in the order of their references; others are left out. One query."""
    by_id = {pick.case_id: pick for pick in picks}
    visible = Case.objects.visible_to(person, now=now).filter(id__in=by_id)
    cases = visible.select_related("owner", "deputy", "circle").order_by("reference")
    return [(by_id[case.id], case) for case in cases]


def rehearse(picks: Sequence[Pick], change: Change, *, person: Caseworker, now: dt.datetime) -> list[Rehearsed]:
    """Run the change on every case and undo it at once: the preview is what the same actions say, not a guess at it."""
    rows = []
    for pick, case in chosen(picks, person=person, now=now):
        refusal: str | Promise = ""
        try:
            with transaction.atomic():
                actions.change_one(case, change, Turn(pick.version, person, now))
                transaction.set_rollback(True)
        except StaleVersion:
            refusal = STALE
        except PolicyRefused as refused:
            refusal = refused.message
        rows.append(Rehearsed(pick, case, refusal))
    return rows


def _why(refused: CaseworkError, case: Case, person: Caseworker) -> RowRefusal:
    if isinstance(refused, StaleVersion):
        return RowRefusal.STALE
    return RowRefusal.RULES if may_work(case, person) else RowRefusal.GONE


def run(
    picks: Sequence[Pick], change: Change, *, batch_id: uuid.UUID, person: Caseworker, now: dt.datetime
) -> BulkBatch:
    """Change the chosen cases, each in its own transaction; refusals are kept by row. Raises ``IntegrityError`` on a used *batch_id*."""
    batch = actions.begin_batch(batch_id, change, actor=person, now=now)
    for pick, case in chosen(picks, person=person, now=now):
        try:
            actions.change_row(batch, case, change, version=pick.version, actor=person, now=now)
        except (PolicyRefused, StaleVersion) as refused:
            actions.refuse_row(batch, case, _why(refused, case, person))
    return batch


def take_back(batch: BulkBatch, *, person: Caseworker, now: dt.datetime) -> None:
    """Put back what can be put back, each case in its own transaction; what cannot says why."""
    changed = BulkChange.objects.filter(batch=batch, result=RowResult.CHANGED).select_related("batch")
    visible = Case.objects.visible_to(person, now=now).in_bulk([row.case_id for row in changed])
    for row in changed:
        case = visible.get(row.case_id)
        if case is None:
            actions.keep_row(row, RowRefusal.GONE)
            continue
        try:
            actions.take_back(row, case, actor=person, now=now)
        except (PolicyRefused, StaleVersion) as refused:
            actions.keep_row(row, _why(refused, case, person))
