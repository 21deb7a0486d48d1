"""Prepared values for the pages of what cases depend on: codenames and codes; a name only when it was just revealed."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from caseworker.models.accounts import Caseworker
from caseworker.permissions import Permission, permits
from caseworker.queries_keys import grouped
from caseworker.vault.sealing import fingerprint
from requests_app import pages
from requests_app.connection_codes import AssetKind
from requests_app.forms import connections as forms
from requests_app.forms.cases import RevealForm
from requests_app.models.cases import Case
from requests_app.models.connections import Asset, PartnerKey
from requests_app.pages import Fact
from requests_app.partner_keys import genuine_key_of


def _state(asset: Asset) -> Fact:
    if asset.burned_on:
        return Fact(_("State"), _("Burned: %(why)s") % {"why": asset.get_burned_as_display()}, "alert")
    return Fact(_("State"), _("Out of use"), "quiet") if asset.retired_on else Fact(_("State"), _("In use"), "good")


def asset_row(asset: Any) -> dict[str, Any]:
    """Return one line of the list; ``cases`` was counted with it."""
    state = _state(asset)
    return {
        "url": reverse("asset", args=[asset.id]),
        "codename": asset.codename,
        "kind": asset.get_kind_display(),
        "circle": asset.circle.name,
        "state": state.value,
        "tone": state.tone,
        "cases": asset.cases,
    }


def list_values(rows: Sequence[dict[str, Any]], person: Caseworker) -> dict[str, Any]:
    """Return the list."""
    return {"rows": rows, "may_add": permits(person, Permission.KEEP_ASSETS)}


def _case_line(case: Case, now: dt.datetime) -> dict[str, Any]:
    due = pages.time_left(case.due_at, now)
    return {
        "url": reverse("case", args=[case.id]),
        "title": f"{case.reference} · {case.codename}",
        "stage": case.get_stage_display(),
        "urgency": case.get_urgency_display(),
        "urgency_tone": pages.URGENCY_TONES[case.urgency],
        "due": f"{due.label} {due.value}",
        "due_tone": due.tone,
        "owner": case.owner.alias if case.owner else "—",
    }


def _shown_forms(asset: Asset, person: Caseworker, bound: Any) -> list[dict[str, Any]]:
    """Return the forms that *person* may use, the refused one as it was typed."""
    is_live = asset.burned_on is None and asset.retired_on is None
    is_partner = asset.kind == AssetKind.PARTNER
    table = (
        (Permission.KEEP_ASSETS, is_live and is_partner, forms.PartnerKeyForm, "add_partner_key", _("Add a key"), _("Add"), ""),
        (Permission.BURN_ASSET, asset.burned_on is None, forms.BurnForm, "burn_asset", _("Mark as burned"), _("Burned, for ever"), "alert"),
        (Permission.KEEP_ASSETS, is_live, forms.SlotForm, "retire_asset", _("Take it out of use"), _("Take out of use"), ""),
    )  # fmt: skip
    return [
        {
            "form": bound if bound is not None and bound.slot == form.slot else form(),
            "url": reverse(name, args=[asset.id]),
            "title": title,
            "submit": submit,
            "tone": tone,
            "is_open": bound is not None and bound.slot == form.slot,
        }
        for permission, fits, form, name, title, submit, tone in table
        if fits and permits(person, permission)
    ]


def _key_facts(asset: Asset, key: PartnerKey | None) -> list[Fact]:
    if key is None:
        return [Fact(_("Key"), _("none"), "warn")]
    is_genuine = genuine_key_of(asset) is not None
    digits = grouped(fingerprint(key.suite, bytes(key.public_key)))
    facts = [Fact(_("Key"), digits), Fact(_("Compared on"), date_format(key.added_on))]
    return (
        facts
        if is_genuine
        else [*facts, Fact(_("State of the key"), _("not written by this server: add it again"), "alert")]
    )


def asset_values(
    asset: Asset,
    cases: Sequence[Case],
    key: PartnerKey | None,
    *,
    person: Caseworker,
    now: dt.datetime,
    bound: Any = None,
    opened: Sequence[Fact] | None = None,
    refusal: Any = "",
    asks_words: bool = False,
) -> dict[str, Any]:
    """Return one page."""
    facts = [
        Fact(_("Codename"), asset.codename),
        Fact(_("Kind"), asset.get_kind_display()),
        Fact(_("Circle"), asset.circle.name),
        _state(asset),
    ]
    if asset.burned_on:
        by = asset.burned_by.alias if asset.burned_by else "—"
        facts.append(Fact(_("Marked"), f"{date_format(asset.burned_on)} · {by}"))
    shown = _shown_forms(asset, person, bound)
    may_reveal = asset.record_id is not None and permits(person, Permission.REFER)
    return {
        "codename": asset.codename,
        "facts": facts + (_key_facts(asset, key) if asset.kind == AssetKind.PARTNER else []),
        "sees_cases": permits(person, Permission.VIEW_CASES),
        "is_partner": asset.kind == AssetKind.PARTNER,
        "cases": [_case_line(one, now) for one in cases],
        "shown_forms": shown,
        "bound": bound,
        "bound_title": next((one["title"] for one in shown if one["form"] is bound), ""),
        "refusal": refusal,
        "opened": opened,
        "asks_words": asks_words,
        "reveal_form": RevealForm(initial={"record": asset.record_id}) if may_reveal else None,
        "reveal_url": reverse("reveal_asset", args=[asset.id]),
    }
