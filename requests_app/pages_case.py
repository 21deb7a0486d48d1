"""Everything the page of one case needs, prepared: facts, the forms that are allowed now, the path, masked records."""

import datetime as dt
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from caseworker import replay
from caseworker.enums import Role
from caseworker.models.accounts import Caseworker
from caseworker.permissions import Permission, permits
from requests_app import pages
from requests_app.enums import Condition, ReasonCode, Stage
from requests_app.forms import cases as forms
from requests_app.models.cases import Case
from requests_app.models.notes import Note
from requests_app.models.sealed import SealedRecord
from requests_app.queries import cases as queries
from requests_app.stages import CONDITIONS, MoveKind, MoveRefusal, move_kind, refusal_of_move


def open_moves(case: Case, person: Caseworker) -> list[tuple[str, Any]]:
    """Return the stages the case may move to: the route's next ones first, then those that need a reason."""
    here, role = Stage(case.stage), Role(person.role)
    allowed = []
    for there in Stage:
        refusal = refusal_of_move(
            here, there, condition=Condition(case.condition), level=case.verification_level, role=role, reason=ReasonCode.OTHER
        )
        if refusal in {None, MoveRefusal.VERIFICATION}:
            allowed.append(there)
    steps = [stage for stage in allowed if move_kind(here, stage) is MoveKind.STEP]
    others = [stage for stage in allowed if stage not in steps]
    return [(stage.value, stage.label) for stage in (*steps, *others)]


def _forms(case: Case, person: Caseworker) -> dict[str, Any]:
    """Return a fresh form for everything this person may do with the case in its present state."""
    initial = {"version": case.version}
    facts = {"country": case.country, "document_status": case.document_status, "category": case.category}
    made: dict[str, Any] = {}
    if case.is_open:
        wanted = {
            Permission.MOVE_CASE: (forms.MoveForm, forms.ConditionForm),
            Permission.WORK_CASE: (forms.UrgencyForm, forms.NoteForm),
            Permission.VERIFY: (forms.CheckForm,),
            Permission.CLOSE_CASE: (forms.CloseForm,),
        }
        for permission, classes in wanted.items():
            if permits(person, permission):
                made |= {cls.slot: cls(initial=initial) for cls in classes}
        if permits(person, Permission.WORK_CASE):
            made["facts"] = forms.FactsForm(initial=initial | facts)
        if case.owner_id is None and permits(person, Permission.CLAIM_CASE):
            made["claim"] = forms.VersionForm(initial=initial)
        if permits(person, Permission.ASSIGN_CASE):
            made["assign"] = forms.AssignForm(initial=initial, circle_id=case.circle_id)
            made["grant"] = forms.GrantForm()
    elif permits(person, Permission.REOPEN_CASE) and not case.erased_on:
        made["reopen"] = forms.ReopenForm(initial=initial)
    if permits(person, Permission.ERASE_CASE) and not case.erased_on:
        made["erase"] = forms.EraseForm(initial=initial)
    return made


def _fit_choices(made: dict[str, Any], case: Case, person: Caseworker) -> None:
    """Offer only moves and conditions that the tables allow from here."""
    if "move" in made:
        moves = open_moves(case, person)
        made["move"].fields["there"].choices = moves
        if not moves:
            del made["move"]
    if "condition" in made:
        following = CONDITIONS[Condition(case.condition)].next
        made["condition"].fields["there"].choices = [(one.value, one.label) for one in following]


def _record_values(record: SealedRecord, notes: Mapping[UUID, Note], opened: Mapping[UUID, Any]) -> dict[str, Any]:
    return {
        "id": record.id,
        "title": pages.record_title(record, notes),
        "form": forms.RevealForm(initial={"record": record.id}, auto_id=f"reveal-{record.id}-%s"),
        "opened": opened.get(record.id),
    }


def case_values(
    case: Case,
    *,
    person: Caseworker,
    now: dt.datetime,
    bound: Any = None,
    opened: Mapping[UUID, Any] | None = None,
    refusal: Any = "",
) -> dict[str, Any]:
    """Return the context of the case page; *bound* is a form that was refused, *opened* the fields of a record just revealed."""
    made = _forms(case, person)
    if bound is not None:
        made[bound.slot] = bound
    _fit_choices(made, case, person)
    requests, notes = queries.requests_of(case), queries.notes_of(case)
    records = queries.sealed_records([case.id, *(one.id for one in requests)])
    by_record = {note.record_id: note for note in notes}
    return {
        "facts": pages.case_facts(case, now),
        "case_id": case.id,
        "forms": made,
        "bound": bound,
        "refusal": refusal,
        "timeline": pages.timeline(queries.spells_of(case)),
        "requests": [pages.request_facts(one) for one in requests],
        "contacts": pages.masked_contacts(queries.contact_points(requests), case=case),
        "records": [_record_values(record, by_record, opened or {}) for record in records],
        "checks": queries.checks_of(case),
        "is_erased": case.erased_on is not None,
        "binding": replay.binding(person),
    }
