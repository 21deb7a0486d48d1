"""The page of one case: what may be done next, and nothing else."""

import uuid
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from caseworker import clock
from caseworker.decorators import SignedInRequest, requires, unlocked
from caseworker.exceptions import PolicyRefused
from caseworker.middleware_errors import log_refusal
from caseworker.permissions import Permission
from caseworker.replay import replayable
from caseworker.vault.keyring import KeyRing
from requests_app import pages
from requests_app.actions import casework, closure, erasure, grants, stages, verification
from requests_app.actions.reveals import alert_if_planted
from requests_app.enums import CheckCode, CheckOutcome, Condition, GrantScope, Outcome, ReasonCode, Stage, Urgency
from requests_app.forms import cases as forms
from requests_app.models.cases import Case
from requests_app.queries import cases as queries
from requests_app.views.case_parts import case_of, show_case, submit
from requests_app.views.revealing import ASKS_WORDS, revealed


@requires(Permission.VIEW_CASES)
@require_GET
def case_page(request: SignedInRequest, case_id: uuid.UUID) -> HttpResponse:
    """Show one case: identity, next moves, path, notes and contacts masked; a merged one leads to the case it is part of now."""
    case = case_of(request, case_id)
    if case.merged_into_id:
        return redirect("case", case.merged_into_id)
    return show_case(request, case, there=request.GET.get("there", ""))


def _reason(data: dict[str, Any]) -> ReasonCode | None:
    return ReasonCode(data["reason"]) if data.get("reason") else None


@requires(Permission.MOVE_CASE)
@replayable
@require_POST
def move(request: SignedInRequest, case_id: uuid.UUID) -> HttpResponse:
    """Move the case to another stage, with an optional sealed note."""

    def run(case: Case, data: dict[str, Any]) -> object:
        return casework.move_case_with_note(
            case,
            Stage(data["there"]),
            version=data["version"],
            actor=request.user,
            now=clock.now(),
            note=data["note"],
            reason=_reason(data),
            entered_on=data["entered_on"],
            is_estimated=data["is_estimated"],
        )

    return submit(request, case_of(request, case_id), forms.MoveForm(request.POST), run)


@replayable
@requires(Permission.MOVE_CASE)
@require_POST
def condition(request: SignedInRequest, case_id: uuid.UUID) -> HttpResponse:
    """Change the condition."""

    def run(case: Case, data: dict[str, Any]) -> object:
        there, version = Condition(data["there"]), data["version"]
        return stages.set_condition(
            case, there, version=version, actor=request.user, now=clock.now(), reason=_reason(data), until=data["until"]
        )

    return submit(request, case_of(request, case_id), forms.ConditionForm(request.POST), run)


@replayable
@requires(Permission.WORK_CASE)
@require_POST
def urgency(request: SignedInRequest, case_id: uuid.UUID) -> HttpResponse:
    """Change the urgency."""

    def run(case: Case, data: dict[str, Any]) -> object:
        level = Urgency(data["urgency"])
        return stages.change_urgency(case, level, version=data["version"], actor=request.user, now=clock.now())

    return submit(request, case_of(request, case_id), forms.UrgencyForm(request.POST), run)


@replayable
@requires(Permission.WORK_CASE)
@require_POST
def facts(request: SignedInRequest, case_id: uuid.UUID) -> HttpResponse:
    """Correct the coded facts."""

    def run(case: Case, data: dict[str, Any]) -> object:
        return casework.change_facts(case, **data, actor=request.user, now=clock.now())

    return submit(request, case_of(request, case_id), forms.FactsForm(request.POST), run)


@requires(Permission.WORK_CASE)
@replayable
@require_POST
def note(request: SignedInRequest, case_id: uuid.UUID) -> HttpResponse:
    """Add a sealed note."""

    def run(case: Case, data: dict[str, Any]) -> object:
        return casework.add_note(case, data["text"], actor=request.user, now=clock.now())

    return submit(request, case_of(request, case_id), forms.NoteForm(request.POST), run)


@replayable
@requires(Permission.VERIFY)
@require_POST
def verify(request: SignedInRequest, case_id: uuid.UUID) -> HttpResponse:
    """Record a verification check."""

    def run(case: Case, data: dict[str, Any]) -> object:
        code, outcome = CheckCode(data["code"]), CheckOutcome(data["outcome"])
        return verification.record_check(
            case, code, outcome, version=data["version"], actor=request.user, now=clock.now()
        )

    return submit(request, case_of(request, case_id), forms.CheckForm(request.POST), run)


@replayable
@requires(Permission.CLOSE_CASE)
@require_POST
def close(request: SignedInRequest, case_id: uuid.UUID) -> HttpResponse:
    """Close with an outcome."""

    def run(case: Case, data: dict[str, Any]) -> object:
        return closure.close_case(
            case, Outcome(data["outcome"]), version=data["version"], actor=request.user, now=clock.now()
        )

    return submit(request, case_of(request, case_id), forms.CloseForm(request.POST), run)


@replayable
@requires(Permission.REOPEN_CASE)
@require_POST
def reopen(request: SignedInRequest, case_id: uuid.UUID) -> HttpResponse:
    """Reopen a closed case."""

    def run(case: Case, data: dict[str, Any]) -> object:
        reason = ReasonCode(data["reason"])
        return closure.reopen_case(case, reason, version=data["version"], actor=request.user, now=clock.now())

    return submit(request, case_of(request, case_id), forms.ReopenForm(request.POST), run)


@requires(Permission.CLAIM_CASE)
@require_POST
def claim(request: SignedInRequest, case_id: uuid.UUID) -> HttpResponse:
    """Take a case without an owner."""

    def run(case: Case, data: dict[str, Any]) -> object:
        return casework.claim_case(case, version=data["version"], actor=request.user, now=clock.now())

    return submit(request, case_of(request, case_id), forms.VersionForm(request.POST), run)


@replayable
@requires(Permission.ASSIGN_CASE)
@require_POST
def assign(request: SignedInRequest, case_id: uuid.UUID) -> HttpResponse:
    """Name owner and deputy."""

    def run(case: Case, data: dict[str, Any]) -> object:
        return casework.assign_case(
            case, data["owner"], version=data["version"], actor=request.user, now=clock.now(), deputy=data["deputy"]
        )

    case = case_of(request, case_id)
    people = queries.coordinators(case.circle_id)
    return submit(request, case, forms.AssignForm(request.POST, people=people), run)


@replayable
@requires(Permission.GRANT_ACCESS)
@require_POST
def grant(request: SignedInRequest, case_id: uuid.UUID) -> HttpResponse:
    """Let one more person see the case for a while."""
    case, now = case_of(request, case_id), clock.now()
    form = forms.GrantForm(request.POST, people=queries.coordinators(case.circle_id))

    def run(case: Case, data: dict[str, Any]) -> object:
        reason = ReasonCode(data["reason"])
        alert_if_planted(case, request.user, now)
        return grants.grant_access(
            case,
            data["person"],
            until=now + form.span(),
            reason=reason,
            actor=request.user,
            now=now,
            scope=GrantScope(data["scope"]),
        )

    return submit(request, case, form, run)


@requires(Permission.ERASE_CASE)
@require_POST
def erase(request: SignedInRequest, case_id: uuid.UUID) -> HttpResponse:
    """Erase what is sealed about a case, after its reference was typed."""

    def run(case: Case, data: dict[str, Any]) -> object:
        if data["reference"] != case.reference:
            raise PolicyRefused(_("This is the reference of another case. Nothing was erased."))
        return erasure.erase_case(case, actor=request.user, now=clock.now())

    return submit(request, case_of(request, case_id), forms.EraseForm(request.POST), run)


@requires(Permission.REVEAL)
@require_POST
@unlocked
def reveal(request: SignedInRequest, case_id: uuid.UUID, *, keyring: KeyRing) -> HttpResponse:
    """Open one sealed record of the case for this answer only."""
    case, form = case_of(request, case_id), forms.RevealForm(request.POST)
    if not form.is_valid():
        return show_case(request, case, refusal=_("Choose a reason for the reveal."))
    record = queries.record_or_404(form.cleaned_data["record"], owner_ids=queries.owner_ids(case.id))
    try:
        fields = revealed(request, form, record, case=case, keyring=keyring)
    except PolicyRefused as refusal:
        log_refusal(request, refusal)
        asks = isinstance(refusal, ASKS_WORDS)
        return show_case(request, case, refusal=refusal.message, asks_words=asks, status=403)
    shown = pages.opened_record(fields, queries.points_of(record), case)
    return show_case(request, case, opened={record.id: shown})
