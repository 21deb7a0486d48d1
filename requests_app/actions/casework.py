"""Work on a case that moves nothing: notes, owners, facts."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from caseworker import audit
from caseworker.enums import AuditVerb
from caseworker.exceptions import PolicyRefused
from caseworker.models.accounts import Caseworker
from caseworker.permissions import Permission, check
from requests_app.actions.handovers import circles_to_seal
from requests_app.actions.stages import claim_version, move_case
from requests_app.clocks import CLAIM_LASTS
from requests_app.enums import ReasonCode, SealedKind, Stage
from requests_app.models.cases import Case, StageSpell
from requests_app.models.notes import Note
from requests_app.policies import (
    can_own,
    check_keeps_texts,
    check_not_erased,
    check_not_locked,
    check_not_merged,
    check_not_paused,
    check_open,
    check_version,
)
from requests_app.sealed import lock_for_sealing, seal_record


@transaction.atomic
def add_note(case: Case, text: str, *, actor: Caseworker, now: dt.datetime, spell: StageSpell | None = None) -> Note:
    """Seal *text* to the case's circle; whoever wrote it reads it back only by a reveal."""
    check(actor, Permission.WORK_CASE)
    check_not_erased(case)
    check_not_merged(case)
    check_not_paused(case)
    check_not_locked(case)
    check_keeps_texts(case)
    circles = circles_to_seal(case, now)
    record = seal_record(SealedKind.NOTE, {"text": text}, owner_id=case.id, circles=circles, now=now)
    note = Note.objects.create(case=case, spell=spell, record=record, author=actor, written_on=now.date())
    Case.objects.filter(id=case.id).update(touched_on=now.date(), claimed_until=None)
    audit.record(actor=actor, verb=AuditVerb.ADD_NOTE, kind="case", object_id=case.id, now=now)
    return note


def _check_can_own(person: Caseworker, case: Case) -> None:
    """Refuse an owner who is away or cannot read the circle."""
    if not can_own(person, case.circle_id):
        raise PolicyRefused(_("A case can be owned only by an active coordinator of its circle."))


@transaction.atomic
def assign_case(
    case: Case,
    owner: Caseworker,
    *,
    version: int,
    actor: Caseworker,
    now: dt.datetime,
    deputy: Caseworker | None = None,
) -> Case:
    """Give *case* to *owner*, and name a deputy, who sees it at a border too; a lead's decision."""
    check(actor, Permission.ASSIGN_CASE)
    check_version(case, version)
    check_open(case)
    if deputy is not None and deputy.id == owner.id:
        raise PolicyRefused(_("The deputy is the owner. Choose somebody else, or nobody."))
    for person in filter(None, (owner, deputy)):
        _check_can_own(person, case)
    claim_version(case, version, {"owner": owner, "deputy": deputy, "touched_on": now.date()})
    audit.record(actor=actor, verb=AuditVerb.ASSIGN_CASE, kind="case", object_id=case.id, now=now)
    return case


@transaction.atomic
def claim_case(case: Case, *, version: int, actor: Caseworker, now: dt.datetime) -> Case:
    """Take a case of one's own circle that nobody owns, or whose claim lapsed; untouched, it is free again after two hours."""
    check(actor, Permission.CLAIM_CASE)
    check_version(case, version)
    check_open(case)
    has_lapsed = case.claimed_until is not None and case.claimed_until <= now
    if case.owner_id is not None and not has_lapsed:
        raise PolicyRefused(_("The case has an owner. Ask the owner or a lead."))
    _check_can_own(actor, case)
    changes = {"owner": actor, "claimed_until": now + CLAIM_LASTS, "touched_on": now.date()}
    claim_version(case, version, changes)
    audit.record(actor=actor, verb=AuditVerb.CLAIM_CASE, kind="case", object_id=case.id, now=now)
    return case


@transaction.atomic
def move_case_with_note(
    case: Case,
    there: Stage,
    *,
    version: int,
    actor: Caseworker,
    now: dt.datetime,
    note: str = "",
    reason: ReasonCode | None = None,
    entered_on: dt.date | None = None,
    is_estimated: bool = False,
) -> StageSpell:
    """Move the case and seal a note about the move, both or neither."""
    if note:
        lock_for_sealing(circles_to_seal(case, now))
    spell = move_case(
        case,
        there,
        version=version,
        actor=actor,
        now=now,
        reason=reason,
        entered_on=entered_on,
        is_estimated=is_estimated,
    )
    if note:
        add_note(case, note, actor=actor, now=now, spell=spell)
    return spell


@transaction.atomic
def change_facts(
    case: Case, *, country: str, document_status: str, category: str, version: int, actor: Caseworker, now: dt.datetime
) -> Case:
    """Correct the coded facts of an open case: where the person is, which papers they have, under what they serve."""
    check(actor, Permission.WORK_CASE)
    check_version(case, version)
    check_open(case)
    changes: dict[str, object] = {"country": country, "document_status": document_status, "category": category}
    claim_version(case, version, changes | {"touched_on": now.date()})
    audit.record(actor=actor, verb=AuditVerb.CHANGE_FACTS, kind="case", object_id=case.id, now=now)
    return case
