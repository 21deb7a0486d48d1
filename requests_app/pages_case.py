"""Everything the page of one case needs, prepared: facts, the forms that are allowed now, the path, masked records."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

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
from requests_app.policies import may_work
from requests_app.queries import cases as queries
from requests_app.stages import CONDITIONS, STAGES, MoveRefusal, refusal_of_move


def open_moves(case: Case, person: Caseworker) -> list[tuple[Any, Any]]:
    """Return the stages the case may move to, in two groups: the route's next ones, and those that need a reason."""
    here, role = Stage(case.stage), Role(person.role)

    def is_open(there: Stage) -> bool:
        condition, level = Condition(case.condition), case.verification_level
        refusal = refusal_of_move(here, there, condition=condition, level=level, role=role, reason=ReasonCode.OTHER)
        return refusal in {None, MoveRefusal.VERIFICATION}

    steps = [stage for stage in STAGES[here].next if is_open(stage)]
    others = [stage for stage in Stage if stage not in steps and is_open(stage)]
    groups = ((_("Next on the route"), steps), (_("Skips or goes back: needs a reason"), others))
    return [(title, [(stage.value, stage.label) for stage in stages]) for title, stages in groups if stages]


Build = Callable[[Case], Any]


@dataclass(frozen=True)
class Offer:
    """A form of the case page: who may use it, in which state of the case, and how it is made."""

    permission: Permission
    build: Build
    when: Callable[[Case], bool]


def _is_open(case: Case) -> bool:
    return case.is_open


def _versioned(form: type[forms.CaseForm]) -> Build:
    return lambda case: form(initial={"version": case.version})


def _facts(case: Case) -> forms.FactsForm:
    facts = {"country": case.country, "document_status": case.document_status, "category": case.category}
    return forms.FactsForm(initial=facts | {"version": case.version})


OFFERS: tuple[Offer, ...] = (
    Offer(Permission.CLAIM_CASE, _versioned(forms.VersionForm), lambda case: case.is_open and case.owner_id is None),
    Offer(Permission.MOVE_CASE, _versioned(forms.MoveForm), _is_open),
    Offer(Permission.MOVE_CASE, _versioned(forms.ConditionForm), _is_open),
    Offer(Permission.WORK_CASE, _versioned(forms.UrgencyForm), _is_open),
    Offer(Permission.WORK_CASE, _versioned(forms.NoteForm), lambda case: not case.erased_on),
    Offer(Permission.WORK_CASE, _facts, _is_open),
    Offer(Permission.VERIFY, _versioned(forms.CheckForm), _is_open),
    Offer(Permission.CLOSE_CASE, _versioned(forms.CloseForm), _is_open),
    Offer(
        Permission.ASSIGN_CASE,
        lambda case: forms.AssignForm(initial={"version": case.version}, circle_id=case.circle_id),
        _is_open,
    ),
    Offer(Permission.GRANT_ACCESS, lambda _case: forms.GrantForm(), _is_open),
    Offer(Permission.REOPEN_CASE, _versioned(forms.ReopenForm), lambda case: not case.is_open and not case.erased_on),
    Offer(Permission.ERASE_CASE, _versioned(forms.EraseForm), lambda case: not case.erased_on),
)


def _forms(case: Case, person: Caseworker) -> dict[str, Any]:
    """Return a fresh form for everything this person may do with the case in its present state."""
    wanted = [offer.build(case) for offer in OFFERS if permits(person, offer.permission) and offer.when(case)]
    return {form.slot: form for form in wanted}


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
    is_paused = case.erasure_due_at is not None
    made = _forms(case, person) if may_work(case, person) and not is_paused else {}
    if bound is not None and not is_paused:
        made[bound.slot] = bound
    _fit_choices(made, case, person)
    requests, notes = queries.requests_of(case), queries.notes_of(case)
    records = [] if is_paused else queries.sealed_records([case.id, *(one.id for one in requests)])
    by_record = {note.record_id: note for note in notes}
    records.sort(key=lambda record: by_record[record.id].written_on if record.id in by_record else record.sealed_month)
    return {
        "facts": pages.case_facts(case, now),
        "case_id": case.id,
        "forms": made,
        "bound": bound,
        "refusal": refusal,
        "timeline": pages.timeline(queries.spells_of(case)),
        "requests": [pages.request_facts(one) for one in requests],
        "contacts": pages.masked_contacts([] if is_paused else queries.contact_points(requests), case=case),
        "records": [_record_values(record, by_record, opened or {}) for record in records],
        "checks": queries.checks_of(case),
        "is_erased": case.erased_on is not None,
        "is_paused": is_paused,
        "archived_on": case.archived_on,
        "binding": replay.binding(person),
    }
