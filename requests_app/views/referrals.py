"""Referrals to partners: the packet, and what became of it."""

import secrets
import uuid
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from caseworker import clock
from caseworker.decorators import SignedInRequest, requires, unlocked
from caseworker.exceptions import PolicyRefused, StaleVersion
from caseworker.middleware_errors import log_refusal
from caseworker.permissions import Permission, permits
from caseworker.replay import replayable
from caseworker.step_up import typed_own_words
from caseworker.vault.keyring import KeyRing
from requests_app.actions import referrals as actions
from requests_app.connection_codes import AssetKind, CodedPart, ReferralState
from requests_app.enums import Need, ReasonCode
from requests_app.forms import connections as forms
from requests_app.models.cases import Case
from requests_app.models.sealed import SealedRecord
from requests_app.pages_case import beside as pages
from requests_app.pages_case.beside import Beside, Bound
from requests_app.pages_case.sight import Sight
from requests_app.policies import check_may_work
from requests_app.queries import cases as case_queries
from requests_app.queries import connections as queries
from requests_app.views.beside import Contents, case_of, refusal_status, show, submit
from requests_app.views.recovery import attachment
from requests_app.views.revealing import ASKS_WORDS, WordsWrong


def _records(case: Case) -> list[SealedRecord]:
    return case_queries.sealed_records(case_queries.owner_ids(case.id))


def _build(page: Beside, _sight: Sight) -> Contents:
    cards = [pages.referral_card(one, page) for one in queries.referrals_of(page.case)]
    intro = _(
        "A packet opens only with the partner's key. It is handed out once and kept nowhere: read its code aloud to the partner."
    )
    may_refer = page.works and permits(page.person, Permission.REFER)
    partners = queries.usable_assets(page.case, AssetKind.PARTNER) if may_refer else []
    made = pages.referral_forms(page, partners, _records(page.case)) if partners else []
    return _("Referrals"), intro, cards, made


@requires(Permission.VIEW_CASES)
@require_GET
def case_referrals(request: SignedInRequest, case_id: uuid.UUID) -> HttpResponse:
    """Show the referrals of a case."""
    return show(request, case_of(request, case_id), _build)


def _order(form: forms.PacketForm) -> actions.Order:
    data = form.cleaned_data
    facts = tuple(CodedPart(code) for code in data["facts"])
    return actions.Order(data["asset"], Need(data["service"]), data["ask_on"], facts, form.chosen())


def _packet(
    request: SignedInRequest, form: forms.PacketForm, case: Case, records: list[SealedRecord], keyring: KeyRing
) -> actions.Packet:
    has_typed = bool(form.cleaned_data["words"])
    if has_typed and not typed_own_words(request, form, request.user.alias):
        raise WordsWrong
    return actions.refer_watched(
        case,
        _order(form),
        records,
        reason=ReasonCode(form.cleaned_data["reason"]),
        keyring=keyring,
        person=request.user,
        at=clock.now(),
        has_typed_words=has_typed,
    )


@requires(Permission.REFER)
@require_POST
@unlocked
def make_packet(request: SignedInRequest, case_id: uuid.UUID, *, keyring: KeyRing) -> HttpResponse:
    """Reveal what was chosen, seal it to the partner, and hand the file out under a name that says nothing."""
    case = case_of(request, case_id)
    records, partners = _records(case), queries.usable_assets(case, AssetKind.PARTNER)
    form = forms.PacketForm(request.POST, assets=partners, pieces=pages.pieces_of(records))
    if not form.is_valid():
        return show(request, case, _build, Bound(form))
    try:
        packet = _packet(request, form, case, records, keyring)
    except (PolicyRefused, StaleVersion) as refusal:
        log_refusal(request, refusal)
        if isinstance(refusal, ASKS_WORDS):
            form = forms.PacketForm(request.POST, assets=partners, pieces=pages.pieces_of(records), asks_words=True)
            form.is_valid()
        form.add_error(None, str(refusal.message))
        return show(request, case_of(request, case_id), _build, Bound(form), status=refusal_status(refusal))
    return attachment(packet.content, f"{secrets.token_hex(4)}.bin", "application/octet-stream")


@replayable
@requires(Permission.WORK_CASE)
@require_POST
def settle_referral(request: SignedInRequest, case_id: uuid.UUID, referral_id: uuid.UUID) -> HttpResponse:
    """Record what became of a referral."""
    case = case_of(request, case_id)
    referral = queries.referral_or_404(referral_id, case=case)

    def run(form: Any) -> None:
        data = form.cleaned_data
        check_may_work(case, request.user)
        actions.settle_referral(
            referral,
            ReferralState(data["state"]),
            seen=ReferralState(data["seen"]),
            ask_on=data["ask_on"],
            actor=request.user,
            now=clock.now(),
        )

    form = forms.OutcomeForm(request.POST, about=referral_id)
    return submit(request, case, form, run, _build, "case_referrals", referral_id)
