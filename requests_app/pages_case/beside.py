"""The pages beside the case page: cards, each with its forms, and forms for something new. Prepared values, never a model."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from caseworker.models.accounts import Caseworker
from requests_app import pages
from requests_app.connection_codes import (
    INVERSE,
    REFERRAL_NEXT,
    CodedPart,
    ConsentDecision,
    ConsentScope,
    LinkKind,
    ReferralState,
)
from requests_app.enums import HoursBand, SealedKind
from requests_app.forms import connections as forms
from requests_app.models.cases import Case
from requests_app.models.connections import Asset, AssetUse, Consent, PersonLink, Referral
from requests_app.models.contacts import ContactPoint
from requests_app.models.sealed import SealedRecord
from requests_app.pages import Fact
from requests_app.pages_case.sight import ShownForm
from requests_app.sealed import SEALED_KINDS

WITH_TEXT = (SealedKind.FIRST_CONTACT, SealedKind.CORRECTION, SealedKind.CONTACT)
PART_WORDS = {"contacts", "name", "story"}


@dataclass(frozen=True)
class Card:
    """One thing: its title, perhaps where it leads, pills, sentences, and what can be done with it."""

    title: str
    url: str = ""
    pills: Sequence[Fact] = ()
    lines: Sequence[str] = ()
    forms: Sequence[ShownForm] = ()


@dataclass(frozen=True)
class Bound:
    """A form that was refused, and what it is about: it is shown again where it stood, with what was typed."""

    form: Any = None
    about: object = None

    def instead_of(self, form: Any, about: object = None) -> Any:
        """Return the refused form if it is this one's, else *form*."""
        is_same = self.form is not None and self.form.slot == form.slot and self.about == about
        return self.form if is_same else form


@dataclass(frozen=True)
class Beside:
    """Whose page for which case, what they may do on it (*settles*: record outcomes, of a closed case too), and the form that was refused."""

    case: Case
    person: Caseworker
    works: bool
    settles: bool
    bound: Bound = field(default_factory=Bound)

    def form(self, form: Any, url: str, title: str, submit: str, about: object = None, tone: str = "") -> ShownForm:
        """Return a form with its words; opened when it was refused."""
        shown = self.bound.instead_of(form, about)
        return ShownForm(shown, url, title, submit, tone, shown is self.bound.form)

    def version(self) -> dict[str, int]:
        """Return what every form about the case starts with."""
        return {"version": self.case.version}


def _hours(point: ContactPoint) -> str:
    if point.hours_band == HoursBand.UNKNOWN:
        return _("Hours unknown: not called on a guess")
    return pages.hours_words(point)


def _point_forms(point: ContactPoint, page: Beside) -> list[ShownForm]:
    if not page.works or point.retired_on or point.burned_on:
        return []
    names = ("may_write", "may_call", "may_leave_message", "hours_band", "time_zone")
    stored = {name: getattr(point, name) for name in names} | page.version()
    args = [page.case.id, point.id]
    safety = forms.SafetyForm(initial=stored, auto_id=f"safety{point.id}-%s")
    retire = forms.RetireForm(initial=page.version(), auto_id=f"retire{point.id}-%s")
    return [
        page.form(safety, reverse("change_safety", args=args), _("How it may be used"), _("Save"), point.id),
        page.form(retire, reverse("retire_contact", args=args), _("Take it out of use"), _("Take out"), point.id, "alert"),
    ]  # fmt: skip


def contact_cards(points: Sequence[ContactPoint], page: Beside) -> list[Card]:
    """Return the contact lines, masked."""
    return [
        Card(
            title=f"{point.get_kind_display()} · {SealedKind(point.record.kind).label} {point.seq}",
            pills=pages.point_pills(point, page.case),
            lines=[_hours(point)],
            forms=_point_forms(point, page),
        )
        for point in points
    ]


def contact_forms(page: Beside) -> list[ShownForm]:
    """Return the form for one more contact."""
    form = forms.NewContactForm(initial=page.version())
    url = reverse("add_contact", args=[page.case.id])
    return [page.form(form, url, _("Add a contact"), _("Seal the contact"))] if page.works else []


def _button(page: Beside, slot: str, url: str, submit: str, about: object, tone: str = "") -> ShownForm:
    """Return a form without fields."""
    form = type("ButtonForm", (forms.SlotForm,), {"slot": slot})(about=about)
    return page.form(form, url, submit, submit, about, tone)


def link_card(link: PersonLink, page: Beside) -> Card:
    """Return one link as seen from this case."""
    is_low = link.low.case_id == page.case.id
    kind, other = (LinkKind(link.kind), link.high) if is_low else (INVERSE[LinkKind(link.kind)], link.low)
    case = other.case
    url = reverse("case", args=[case.id]) if case else reverse("triage_request", args=[other.id])
    words = f"{case.reference} · {case.codename}" if case else other.reference
    remove = reverse("unlink_people", args=[page.case.id, link.id])
    buttons = [_button(page, "unlink", remove, _("Remove the link"), link.id, "alert")] if page.works else []
    return Card(f"{kind.label}: {words}", url, forms=buttons)


def use_card(use: AssetUse, page: Beside) -> Card:
    """Return one thing that the case depends on."""
    asset = use.asset
    pills = (
        [Fact(_("Burned: %(why)s") % {"why": asset.get_burned_as_display()}, "", "alert")] if asset.burned_on else []
    )
    leave = reverse("leave_asset", args=[page.case.id, use.id])
    buttons = [_button(page, "leave", leave, _("The case no longer depends on it"), use.id)] if page.works else []
    return Card(
        f"{asset.get_kind_display()} · {asset.codename}", reverse("asset", args=[asset.id]), pills, forms=buttons
    )


def connection_forms(page: Beside, assets: Sequence[Asset]) -> list[ShownForm]:
    """Return the forms for a link and for something the case depends on."""
    if not page.works:
        return []
    made = [page.form(forms.LinkForm(), reverse("link_people", args=[page.case.id]), _("Link a person"), _("Link"))]
    if assets:
        form = forms.UseForm(assets=assets)
        made.append(
            page.form(form, reverse("use_asset", args=[page.case.id]), _("Say what it depends on"), _("Write down"))
        )
    return made


def _consent_pill(consent: Consent, page: Beside) -> Fact:
    if consent.withdrawn_on:
        return Fact(_("Withdrawn on %(day)s") % {"day": date_format(consent.withdrawn_on)}, "", "alert")
    if consent.replaced_on:
        return Fact(_("Answered anew"), "", "quiet")
    tone = "good" if consent.decision == ConsentDecision.GIVEN else "alert"
    return Fact(str(ConsentDecision(consent.decision).label), "", tone)


def consent_card(consent: Consent, page: Beside) -> Card:
    """Return one answer."""
    partner = consent.partner.codename if consent.partner else ""
    by = consent.recorded_by.alias if consent.recorded_by else "—"
    lines = [f"{date_format(consent.given_on)} · {consent.get_way_display()} · {by}"]
    if consent.until:
        lines.append(_("Counts until %(day)s") % {"day": date_format(consent.until)})
    stands = consent.decision == ConsentDecision.GIVEN and not consent.withdrawn_on and not consent.replaced_on
    end = reverse("withdraw_consent", args=[page.case.id, consent.id])
    may_end = page.works and stands and consent.scope != ConsentScope.KEEP
    buttons = [_button(page, "withdraw", end, _("It was withdrawn"), consent.id, "alert")] if may_end else []
    title = " · ".join(filter(None, (str(ConsentScope(consent.scope).label), partner)))
    return Card(title, pills=[_consent_pill(consent, page)], lines=lines, forms=buttons)


def consent_forms(page: Beside, partners: Sequence[Asset]) -> list[ShownForm]:
    """Return the form for an answer."""
    form = forms.ConsentForm(assets=partners)
    url = reverse("record_consent", args=[page.case.id])
    return [page.form(form, url, _("Record an answer"), _("Record"))] if page.works else []


def part_words(part: str) -> str:
    """Return the words for a part of a packet."""
    return pages.field_title(part) if part in PART_WORDS else str(CodedPart(part).label)


def _outcome_form(referral: Referral, page: Beside) -> list[ShownForm]:
    state = ReferralState(referral.state)
    if not page.settles or not REFERRAL_NEXT[state]:
        return []
    form = forms.OutcomeForm(initial={"seen": state.value}, about=referral.id)
    form.fields["state"].choices = [(one.value, one.label) for one in REFERRAL_NEXT[state]]  # type: ignore[attr-defined]
    url = reverse("settle_referral", args=[page.case.id, referral.id])
    return [page.form(form, url, _("Record what became of it"), _("Record"), referral.id)]


def referral_card(referral: Referral, page: Beside) -> Card:
    """Return one referral."""
    by = referral.made_by.alias if referral.made_by else "—"
    state = ReferralState(referral.state)
    tone = "alert" if state is ReferralState.RECALLED else "info" if REFERRAL_NEXT[state] else "quiet"
    lines = [
        f"{date_format(referral.made_on)} · {by}",
        _("Code of the packet: %(code)s") % {"code": referral.packet_code},
        _("It holds: %(parts)s") % {"parts": ", ".join(part_words(part) for part in referral.parts)},
        _("Ask on %(day)s") % {"day": date_format(referral.ask_on)},
    ]
    title = f"{referral.get_service_display()} · {referral.partner.codename}"
    return Card(title, "", [Fact(str(state.label), "", tone)], lines, _outcome_form(referral, page))


def pieces_of(records: Sequence[SealedRecord]) -> list[tuple[str, str]]:
    """Return every field of the person's records as a choice: which record, which field."""
    return [
        (f"{record.id}:{name}", f"{pages.record_title(record)}: {pages.field_title(name)}")
        for record in records
        if record.kind in WITH_TEXT
        for name in SEALED_KINDS[SealedKind(record.kind)].names
    ]


def referral_forms(page: Beside, partners: Sequence[Asset], records: Sequence[SealedRecord]) -> list[ShownForm]:
    """Return the form for a packet, where there is a partner."""
    if not page.works or not partners:
        return []
    form = forms.PacketForm(assets=partners, pieces=pieces_of(records))
    return [
        page.form(form, reverse("make_packet", args=[page.case.id]), _("Make a packet"), _("Open, seal and download"))
    ]
