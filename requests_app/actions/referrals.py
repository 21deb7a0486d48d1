"""Refer somebody to a partner: a packet of chosen fields, sealed to the partner's key, made only while the person agrees to it.

The packet is handed out once and kept nowhere; what is kept is which parts it held. Each sealed record in it was revealed for it, counted and
watched like any other (:func:`refer_watched`).
"""

import datetime as dt
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from caseworker import audit
from caseworker.enums import AuditVerb
from caseworker.exceptions import PolicyRefused, StaleVersion
from caseworker.models.accounts import Caseworker
from caseworker.permissions import Permission, check
from caseworker.vault.keyring import KeyRing
from caseworker.vault.packets import code_of_packet, seal_packet
from requests_app.actions.contacts import check_may_change
from requests_app.actions.reveals import reveal_watched
from requests_app.connection_codes import (
    REFERRAL_NEXT,
    WAITING,
    CodedPart,
    ConsentScope,
    ReferralState,
)
from requests_app.enums import Condition, Country, Need, ReasonCode
from requests_app.models.cases import Case
from requests_app.models.connections import Asset, AssetUse, Consent, PartnerKey, Referral
from requests_app.models.contacts import ContactPoint
from requests_app.models.sealed import SealedRecord
from requests_app.partner_keys import genuine_key_of
from requests_app.policies import (
    check_may_work,
    check_reveals,
    check_touchable,
)
from requests_app.stages import CONDITIONS

LATEST_ASK = dt.timedelta(days=90)


@dataclass(frozen=True)
class Order:
    """What a packet is for and what goes into it: coded facts, and names of fields by the sealed record they come from."""

    partner: Asset
    service: Need
    ask_on: dt.date
    facts: tuple[CodedPart, ...] = ()
    fields: Mapping[uuid.UUID, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Packet:
    """A packet to be handed out once; shown as nothing."""

    referral: Referral
    content: bytes

    def __repr__(self) -> str:
        """Show nothing."""
        return "<Packet>"


def check_referable(case: Case, order: Order, *, now: dt.datetime) -> tuple[PartnerKey, Consent]:
    """Return the partner's key and the consent that a packet needs; raises ``PolicyRefused`` when anything is missing."""
    check_may_change(case)
    check_reveals(case)
    if not Asset.objects.usable().filter(id=order.partner.id, circle_id=case.circle_id).exists():
        raise PolicyRefused(_("It is burned, out of use, or of another circle. Choose another one."))
    if not now.date() < order.ask_on <= now.date() + LATEST_ASK:
        raise PolicyRefused(_("Say when to ask the partner: a day within the next 90 days."))
    if not order.facts and not any(order.fields.values()):
        raise PolicyRefused(_("Choose at least one thing that goes into the packet."))
    key = genuine_key_of(order.partner)
    if key is None:
        raise PolicyRefused(_("This partner has no key that a lead has compared. Ask a lead to add it."))
    consents = Consent.objects.of(case).live(day=now.date())
    consent = consents.filter(scope=ConsentScope.REFERRAL, partner=order.partner).order_by("-given_on", "id").first()
    if consent is None:
        raise PolicyRefused(
            _("The person has not agreed to be referred to this partner. Ask them, and record the answer.")
        )
    return key, consent


def _fact(case: Case, part: CodedPart) -> str:
    if part is CodedPart.COUNTRY:
        return str(Country(case.country).label)
    if part is CodedPart.LANGUAGE:
        return case.language
    return str(getattr(case, f"get_{part.value}_display")())


def _flags(point: ContactPoint) -> str:
    """Say in words how a contact may be used; what is not a yes is a no."""
    if point.burned_on or point.stopped_on or point.retired_on:
        return "DO NOT USE"
    words = {"may_write": "write", "may_call": "call", "may_leave_message": "leave a message"}
    said = (f"{word}: {'yes' if getattr(point, name) == 'yes' else 'NO'}" for name, word in words.items())
    return f"{', '.join(said)}; {point.get_hours_band_display()} {point.time_zone}".strip()


def _contents(case: Case, order: Order, opened: Mapping[uuid.UUID, Mapping[str, str]]) -> dict[str, Any]:
    points = list(ContactPoint.objects.filter(record__in=list(opened)).order_by("seq", "id"))
    records = [
        {
            "title": str(number),
            "fields": {name: opened[id_].get(name, "") for name in names},
            "contacts": [
                {"line": one.seq, "flags": _flags(one)}
                for one in points
                if one.record_id == id_ and "contacts" in names
            ],
        }
        for number, (id_, names) in enumerate(order.fields.items(), start=1)
    ]
    return {
        "service": str(order.service.label),
        "do_not_contact": not CONDITIONS[Condition(case.condition)].may_contact,
        "facts": {str(part.label): _fact(case, part) for part in order.facts},
        "records": records,
    }


@transaction.atomic
def make_packet(
    case: Case, order: Order, opened: Mapping[uuid.UUID, Mapping[str, str]], *, actor: Caseworker, now: dt.datetime
) -> Packet:
    """Seal the chosen parts to the partner's key and write the referral down; the case depends on the partner from now on.

    *opened* are the revealed records. Raises ``PolicyRefused`` without a living consent for this very partner, without a compared key, for a
    partner who is burned, and for a case that may not be opened or changed.
    """
    check(actor, Permission.REFER)
    Case.objects.select_for_update(of=("self",)).get(id=case.id)
    list(Consent.objects.of(case).select_for_update(of=("self",)).order_by("id"))
    key, consent = check_referable(case, order, now=now)
    content = seal_packet(_contents(case, order, opened), suite=key.suite, public_key=bytes(key.public_key))
    referral = Referral.objects.create(
        case=case,
        partner=order.partner,
        consent=consent,
        service=order.service,
        parts=sorted(
            {part.value for part in order.facts} | {name for names in order.fields.values() for name in names}
        ),
        made_by=actor,
        made_on=now.date(),
        ask_on=order.ask_on,
        packet_code=code_of_packet(content),
    )
    AssetUse.objects.get_or_create(case=case, asset=order.partner, defaults={"since_on": now.date()})
    Case.objects.filter(id=case.id).update(touched_on=now.date(), claimed_until=None)
    audit.record(actor=actor, verb=AuditVerb.REFER, kind="case", object_id=case.id, now=now)
    return Packet(referral, content)


def refer_watched(
    case: Case,
    order: Order,
    records: Collection[SealedRecord],
    *,
    reason: ReasonCode,
    keyring: KeyRing,
    person: Caseworker,
    at: dt.datetime,
    has_typed_words: bool = False,
) -> Packet:
    """Reveal what is chosen, each record counted, limited and watched, and make the packet. What a page calls.

    Nothing is revealed for a packet that cannot be made. One that fails half-way has revealed what it says it has.
    """
    check(person, Permission.REFER)
    check_may_work(case, person)
    check_referable(case, order, now=at)
    opened = {
        record.id: reveal_watched(
            record, case=case, reason=reason, keyring=keyring, person=person, at=at, has_typed_words=has_typed_words
        )
        for record in records
        if order.fields.get(record.id)
    }
    return make_packet(case, order, opened, actor=person, now=at)


@transaction.atomic
def settle_referral(
    referral: Referral,
    state: ReferralState,
    *,
    seen: ReferralState,
    ask_on: dt.date | None,
    actor: Caseworker,
    now: dt.datetime,
) -> Referral:
    """Record what became of a referral, and when to ask again where somebody has to; of a closed case too.

    Raises ``PolicyRefused`` for an outcome that cannot follow, and ``StaleVersion`` when it is no longer as *seen*.
    """
    check(actor, Permission.WORK_CASE)
    check_touchable(referral.case)
    if state not in REFERRAL_NEXT[seen]:
        raise PolicyRefused(_("This cannot follow on what is recorded. Choose another outcome."))
    next_ask = ask_on or referral.ask_on
    if state in WAITING and not now.date() < next_ask <= now.date() + LATEST_ASK:
        raise PolicyRefused(_("Say when to ask the partner: a day within the next 90 days."))
    standing = Referral.objects.filter(id=referral.id, state=seen)
    if standing.update(state=state, answered_on=now.date(), ask_on=next_ask) != 1:
        raise StaleVersion
    audit.record(actor=actor, verb=AuditVerb.SETTLE_REFERRAL, kind="case", object_id=referral.case_id, now=now)
    referral.refresh_from_db()
    return referral
