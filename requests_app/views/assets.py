"""What cases depend on: the list, one page each, burning, and a partner's key."""

import uuid
from pathlib import Path
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from caseworker import clock
from caseworker.decorators import SignedInRequest, requires, unlocked
from caseworker.exceptions import PolicyRefused, StaleVersion
from caseworker.middleware_errors import log_refusal
from caseworker.models.keys import Circle
from caseworker.offline import caseworker_partner
from caseworker.permissions import Permission
from caseworker.replay import replayable
from caseworker.vault.keyring import KeyRing
from requests_app import pages, pages_assets
from requests_app.actions import assets as actions
from requests_app.connection_codes import AssetKind, BurnReason
from requests_app.forms import connections as forms
from requests_app.forms.cases import RevealForm
from requests_app.models.connections import Asset
from requests_app.queries import connections as queries
from requests_app.views.beside import refusal_status
from requests_app.views.recovery import attachment
from requests_app.views.revealing import ASKS_WORDS, revealed

TOOL = Path(caseworker_partner.__file__)


@requires(Permission.VIEW_ASSETS)
@require_GET
def assets(request: SignedInRequest) -> HttpResponse:
    """List what cases depend on, what is burned first."""
    now = clock.now()
    rows = [pages_assets.asset_row(one) for one in queries.assets_seen_by(request.user, now=now)]
    return render(request, "requests_app/assets/list.html", pages_assets.list_values(rows, request.user))


@replayable
@requires(Permission.KEEP_ASSETS)
@require_http_methods(["GET", "POST"])
def add_asset(request: SignedInRequest) -> HttpResponse:
    """Add something; a refusal keeps what was typed."""
    circles = Circle.objects.order_by("code", "id")
    form, status = forms.AssetForm(request.POST or None, circles=circles), 200
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            made = actions.add_asset(
                AssetKind(data["kind"]), form.circles[data["circle"]], data["name"], actor=request.user, now=clock.now()
            )
        except PolicyRefused as refusal:
            form.add_error("name", str(refusal.message))
            status = 403
        else:
            return redirect("asset", made.id)
    return render(request, "requests_app/assets/add.html", {"form": form}, status=status)


def _asset(request: SignedInRequest, asset_id: uuid.UUID) -> Asset:
    return queries.asset_or_404(asset_id, person=request.user)


def _page(request: SignedInRequest, asset: Asset, *, status: int = 200, **values: Any) -> HttpResponse:
    now = clock.now()
    cases = queries.cases_on(asset, person=request.user, now=now)
    context = pages_assets.asset_values(asset, cases, queries.key_of(asset), person=request.user, now=now, **values)
    return render(request, "requests_app/assets/asset.html", context, status=status)


@requires(Permission.VIEW_ASSETS)
@require_GET
def asset(request: SignedInRequest, asset_id: uuid.UUID) -> HttpResponse:
    """Show one thing, and which open cases depend on it."""
    return _page(request, _asset(request, asset_id))


def _change(request: SignedInRequest, asset_id: uuid.UUID, form: Any, run: Any) -> HttpResponse:
    found = _asset(request, asset_id)
    if not form.is_valid():
        return _page(request, found, bound=form)
    try:
        run(found, form.cleaned_data)
    except (PolicyRefused, StaleVersion) as refusal:
        form.add_error(None, str(refusal.message))
        return _page(request, _asset(request, asset_id), bound=form, status=refusal_status(refusal))
    return redirect("asset", asset_id)


@replayable
@requires(Permission.BURN_ASSET)
@require_POST
def burn_asset(request: SignedInRequest, asset_id: uuid.UUID) -> HttpResponse:
    """Mark it as burned."""

    def run(found: Asset, data: dict[str, Any]) -> None:
        actions.burn_asset(found, BurnReason(data["reason"]), actor=request.user, now=clock.now())

    return _change(request, asset_id, forms.BurnForm(request.POST), run)


@requires(Permission.KEEP_ASSETS)
@require_POST
def retire_asset(request: SignedInRequest, asset_id: uuid.UUID) -> HttpResponse:
    """Give it up."""

    def run(found: Asset, _data: dict[str, Any]) -> None:
        actions.retire_asset(found, actor=request.user, now=clock.now())

    return _change(request, asset_id, forms.SlotForm(request.POST), run)


@replayable
@requires(Permission.KEEP_ASSETS)
@require_POST
def add_partner_key(request: SignedInRequest, asset_id: uuid.UUID) -> HttpResponse:
    """Write down a partner's key whose fingerprint was compared."""

    def run(found: Asset, data: dict[str, Any]) -> None:
        compared = data["fingerprint"]
        actions.add_partner_key(found, data["public_key"], compared=compared, actor=request.user, now=clock.now())

    return _change(request, asset_id, forms.PartnerKeyForm(request.POST), run)


@requires(Permission.REFER)
@require_POST
@unlocked
def reveal_asset(request: SignedInRequest, asset_id: uuid.UUID, *, keyring: KeyRing) -> HttpResponse:
    """Open the sealed name for this answer only."""
    found, form = _asset(request, asset_id), RevealForm(request.POST)
    if found.record is None:
        raise Http404
    if not form.is_valid():
        return _page(request, found, refusal=_("Choose a reason for the reveal."))
    try:
        fields = revealed(request, form, found.record, case=None, keyring=keyring)
    except PolicyRefused as refusal:
        log_refusal(request, refusal)
        return _page(request, found, refusal=refusal.message, asks_words=isinstance(refusal, ASKS_WORDS), status=403)
    return _page(request, found, opened=pages.opened_fields(fields))


@requires(Permission.VIEW_ASSETS)
@require_POST
def partner_tool(request: SignedInRequest) -> HttpResponse:
    """Hand out the tool that a partner opens packets with."""
    return attachment(TOOL.read_bytes(), "caseworker_partner.py", "text/x-python; charset=utf-8")
