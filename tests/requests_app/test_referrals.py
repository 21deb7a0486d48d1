"""Consents and referrals: nothing leaves without a living consent for this very partner, and withdrawing stops what stood on it."""

import datetime as dt
import subprocess
import sys
import uuid
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from django.apps import apps as present
from django.test import Client

from caseworker.exceptions import PermissionRefused, PolicyRefused, StaleVersion
from caseworker.models.alarms import Alarm
from caseworker.offline import caseworker_partner, caseworker_recover
from caseworker.vault.packets import code_of_packet, open_packet
from caseworker.vault.sealing import Suite
from requests_app.actions import assets, closure, consents, referrals, stages
from requests_app.actions.claims import ask_for_erasure, withdraw_consent
from requests_app.actions.contacts import retire_contact
from requests_app.actions.honeytokens import plant_honeytoken
from requests_app.actions.intake import SealedTexts
from requests_app.actions.referrals import Order, Packet, refer_watched, settle_referral
from requests_app.actions.reveals import LimitReached, WordsNeeded
from requests_app.connection_codes import (
    REFERRAL_NEXT,
    STANDING,
    BurnReason,
    CodedPart,
    ConsentDecision,
    ConsentScope,
    ConsentWay,
    ReferralState,
)
from requests_app.enums import Channel, Condition, Need, Outcome, ReasonCode, SealedKind
from requests_app.models.cases import Case
from requests_app.models.connections import Asset, AssetUse, Consent, PartnerKey, Referral
from requests_app.models.contacts import ContactPoint
from requests_app.models.help_requests import HelpRequest
from requests_app.models.reveals import Reveal
from requests_app.models.sealed import SealedRecord
from requests_app.queries.queues import queue_page
from tests.cast import START, Cast, Member, audit_verbs
from tests.connections import DAY, Partner, agree, make_asset, make_partner, refused
from tests.factories import MARKERS, NAME, make_case, make_request

pytestmark = pytest.mark.django_db
SignIn = Callable[[Member], Client]
SOON = START.date() + 7 * DAY
GIVEN, SAID_NO = ConsentDecision.GIVEN, ConsentDecision.REFUSED


def record_of(case: Case) -> SealedRecord:
    return SealedRecord.objects.get(owner_id=HelpRequest.objects.get(case=case).id, kind=SealedKind.FIRST_CONTACT)


def order_for(case: Case, partner: Asset, *names: str, **kwargs: Any) -> Order:
    about: dict[str, Any] = {"facts": (CodedPart.COUNTRY, CodedPart.LANGUAGE, CodedPart.CATEGORY)} | kwargs
    return Order(partner, Need.LEGAL, about.pop("ask_on", SOON), fields={record_of(case).id: names}, **about)


def refer(cast: Cast, case: Case, order: Order, **kwargs: Any) -> Packet:
    who: Member = kwargs.pop("who", cast.boris)
    ring = kwargs.pop("ring", None) or who.keyring()
    about: dict[str, Any] = {"reason": ReasonCode.PREPARE_STEP, "at": START} | kwargs
    return refer_watched(case, order, [record_of(case)], keyring=ring, person=who.person, **about)


def ready(cast: Cast, suite: Suite = Suite.XWING) -> tuple[Case, Partner]:
    case, partner = make_case(cast), make_partner(cast, suite)
    agree(cast, case, partner.asset)
    return case, partner


def queued(cast: Cast, code: str, now: dt.datetime = START) -> list[uuid.UUID]:
    return [row["id"] for row in queue_page(cast.boris.person, {"queue": code}, cursor=None, now=now).rows]


def opened(partner: Partner, packet: Packet) -> dict[str, Any]:
    return open_packet(packet.content, seed=partner.pair.seed, public_key=partner.pair.public_key)


@pytest.mark.parametrize("suite", [Suite.X25519, Suite.XWING])
def test_the_partner_opens_what_was_chosen_and_nothing_else(cast: Cast, suite: Suite) -> None:
    case, partner = ready(cast, suite)
    packet = refer(cast, case, order_for(case, partner.asset, "name"))
    contents = opened(partner, packet)
    assert contents["records"] == [{"title": "1", "fields": {"name": NAME}, "contacts": []}]
    assert contents["facts"] == {"Country now": "Other / unknown", "Language": "ru", "Category": "Unknown"}
    assert (contents["service"], contents["do_not_contact"]) == ("Legal advice", False)
    assert not any(marker.encode() in packet.content for marker in MARKERS)
    assert repr(packet) == "<Packet>"
    stored = packet.referral
    assert stored.parts == ["category", "country", "language", "name"]
    assert (stored.packet_code, stored.state) == (code_of_packet(packet.content), ReferralState.SENT)
    assert AssetUse.objects.get(case=case).asset == partner.asset


def test_making_a_packet_is_a_reveal_and_the_packet_is_kept_nowhere(cast: Cast) -> None:
    case, partner = ready(cast)
    packet = refer(cast, case, order_for(case, partner.asset, "contacts", "name"))
    assert Reveal.objects.get().record == record_of(case)
    assert audit_verbs()[-2:] == ["reveal", "refer"]
    for model in present.get_app_config("requests_app").get_models():
        for row in model._default_manager.values_list():
            assert not any(
                isinstance(cell, bytes | memoryview) and packet.content[16:48] in bytes(cell) for cell in row
            )
    before = Reveal.objects.count()
    refer(cast, case, order_for(case, partner.asset))
    assert Reveal.objects.count() == before


def test_a_contact_goes_with_how_it_may_be_used(cast: Cast) -> None:
    case, partner = ready(cast)
    second = ContactPoint.objects.order_by("seq")[1]
    retire_contact(second, is_burned=True, case=case, version=case.version, actor=cast.boris.person, now=START)
    stages.set_condition(case, Condition.DETAINED, version=case.version, actor=cast.boris.person, now=START)
    contents = opened(partner, refer(cast, case, order_for(case, partner.asset, "contacts")))
    assert contents["do_not_contact"] is True
    flags = [point["flags"] for point in contents["records"][0]["contacts"]]
    assert flags == ["write: yes, call: NO, leave a message: NO; Unknown", "DO NOT USE"]


def _none(_cast: Cast, case: Case, _partner: Asset) -> None:
    Consent.objects.filter(case=case).delete()


def _withdrawn(cast: Cast, case: Case, _partner: Asset) -> None:
    consents.withdraw_one(Consent.objects.get(case=case), case=case, actor=cast.boris.person, now=START)


def _refused(cast: Cast, case: Case, partner: Asset) -> None:
    answer = consents.Answer(ConsentScope.REFERRAL, SAID_NO, partner=partner)
    consents.record_consent(case, answer, actor=cast.boris.person, now=START)


def _over(_cast: Cast, case: Case, _partner: Asset) -> None:
    Consent.objects.filter(case=case).update(given_on=START.date() - 9 * DAY, until=START.date() - DAY)


def _another(cast: Cast, case: Case, _partner: Asset) -> None:
    Consent.objects.filter(case=case).update(partner=make_asset(cast, "partner", "fx_other"))  # type: ignore[arg-type]


def _family(_cast: Cast, case: Case, _partner: Asset) -> None:
    Consent.objects.filter(case=case).update(partner=None, scope=ConsentScope.FAMILY)


@pytest.mark.parametrize("spoil", [_none, _withdrawn, _refused, _over, _another, _family])
def test_without_a_living_consent_for_this_partner_nothing_opens(
    cast: Cast, spoil: Callable[[Cast, Case, Asset], None]
) -> None:
    case, partner = ready(cast)
    spoil(cast, case, partner.asset)
    with refused("has not agreed"):
        refer(cast, case, order_for(case, partner.asset, "contacts"))
    with refused("has not agreed"):
        referrals.make_packet(case, order_for(case, partner.asset), {}, actor=cast.boris.person, now=START)
    assert not Reveal.objects.exists()
    assert not Referral.objects.exists()


def _burned(cast: Cast, _case: Case, partner: Asset) -> None:
    assets.burn_asset(partner, BurnReason.INFORMER, actor=cast.eva.person, now=START)


def _planted(_cast: Cast, _case: Case, _partner: Asset) -> None:
    key = PartnerKey.objects.get()
    PartnerKey.objects.update(public_key=bytes(key.public_key)[::-1])


def _closed(cast: Cast, case: Case, _partner: Asset) -> None:
    closure.close_case(case, Outcome.NO_RESPONSE, version=case.version, actor=cast.boris.person, now=START)


def _paused(_cast: Cast, case: Case, _partner: Asset) -> None:
    ask_for_erasure(HelpRequest.objects.get(case=case), now=START)


def _frozen(cast: Cast, case: Case, _partner: Asset) -> None:
    stages.set_condition(case, Condition.COMPROMISED, version=case.version, actor=cast.boris.person, now=START)


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (_burned, "burned"),
        (_planted, "no key"),
        (_closed, "closed"),
        (_paused, "erased"),
        (_frozen, "frozen"),
    ],
)
def test_what_protects_the_person_stops_a_packet(
    cast: Cast, spoil: Callable[[Cast, Case, Asset], None], why: str
) -> None:
    case, partner = ready(cast)
    order = order_for(case, partner.asset, "contacts")
    spoil(cast, case, partner.asset)
    case.refresh_from_db()
    with refused(why):
        refer(cast, case, order)
    assert not Reveal.objects.exists()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"ask_on": START.date()}, "90 days"),
        ({"ask_on": START.date() + 91 * DAY}, "90 days"),
        ({"facts": ()}, "at least one"),
    ],
)
def test_an_order_that_does_not_fit_is_refused(cast: Cast, change: dict[str, Any], why: str) -> None:
    case, partner = ready(cast)
    with refused(why):
        refer(cast, case, order_for(case, partner.asset, **change))


def test_only_a_coordinator_of_the_circle_refers(cast: Cast) -> None:
    case, partner = ready(cast)
    order = order_for(case, partner.asset, "name")
    for name in ("anna", "dmitri", "eva", "sofia", "olga", "mallory"):
        with pytest.raises(PermissionRefused):
            refer(cast, case, order, who=Member(cast.all()[name].person, ""), ring=cast.boris.keyring())
    with pytest.raises(PolicyRefused):
        refer(cast, case, order, who=cast.clara)
    with pytest.raises(PermissionRefused):
        referrals.make_packet(case, order, {}, actor=cast.eva.person, now=START)


def test_the_limits_of_reveals_hold_for_packets(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    case, partner = ready(cast)
    order = order_for(case, partner.asset, "name")
    monkeypatch.setattr("requests_app.actions.reveals.crossed", lambda _counts: ("reveals_per_hour", True))
    with pytest.raises(WordsNeeded):
        refer(cast, case, order)
    assert Alarm.objects.count() == 1
    assert refer(cast, case, order, has_typed_words=True).referral.parts
    monkeypatch.setattr("requests_app.actions.reveals.crossed", lambda _counts: ("reveals_per_hour", False))
    with pytest.raises(LimitReached):
        refer(cast, case, order, has_typed_words=True)
    assert Referral.objects.count() == 1


def test_a_packet_from_a_honeytoken_rings(cast: Cast) -> None:
    case = plant_honeytoken(cast.north, SealedTexts("@fx_planted", "Reed", "Asks."), actor=cast.sofia.person, now=START)
    partner = make_partner(cast)
    agree(cast, case, partner.asset)
    refer(cast, case, order_for(case, partner.asset, "contacts"))
    assert list(Alarm.objects.values_list("kind", flat=True)) == ["honeytoken"]


def test_an_outcome_follows_only_what_the_table_says(cast: Cast) -> None:
    assert set(REFERRAL_NEXT) == set(ReferralState)
    case, partner = ready(cast)
    referral = refer(cast, case, order_for(case, partner.asset)).referral
    for seen in ReferralState:
        for there in ReferralState:
            Referral.objects.filter(id=referral.id).update(
                state=seen, answered_on=None if seen == ReferralState.SENT else START.date(), ask_on=SOON
            )
            about: dict[str, Any] = {"seen": seen, "ask_on": None, "actor": cast.boris.person, "now": START}
            if there in REFERRAL_NEXT[seen]:
                assert settle_referral(referral, there, **about).state == there
            else:
                with refused("cannot follow"):
                    settle_referral(referral, there, **about)
    with pytest.raises(StaleVersion):
        settle_referral(
            referral, ReferralState.DONE, seen=ReferralState.ACCEPTED, ask_on=None, actor=cast.boris.person, now=START
        )
    with refused("90 days"):
        settle_referral(
            referral,
            ReferralState.ACCEPTED,
            seen=ReferralState.SENT,
            ask_on=START.date(),
            actor=cast.boris.person,
            now=START,
        )


def test_a_partner_who_is_due_to_be_asked_stands_in_the_queue(cast: Cast) -> None:
    case, partner = ready(cast)
    referral = refer(cast, case, order_for(case, partner.asset)).referral
    later = START + 7 * DAY
    assert (queued(cast, "ask_partner"), queued(cast, "ask_partner", later)) == ([], [case.id])
    settle_referral(
        referral, ReferralState.REFUSED, seen=ReferralState.SENT, ask_on=None, actor=cast.boris.person, now=later
    )
    assert queued(cast, "ask_partner", later) == []


@pytest.mark.parametrize("how", ["page", "claim code", "refusal"])
def test_withdrawing_recalls_what_a_partner_may_still_act_on(cast: Cast, how: str) -> None:
    case, partner = ready(cast)
    packets = {state: refer(cast, case, order_for(case, partner.asset)).referral for state in ReferralState}
    for state, one in packets.items():
        answered = None if state == ReferralState.SENT else START.date()
        Referral.objects.filter(id=one.id).update(state=state, answered_on=answered)
    if how == "claim code":
        withdraw_consent(HelpRequest.objects.get(case=case), now=START)
    else:
        (_withdrawn if how == "page" else _refused)(cast, case, partner.asset)
    for state, one in packets.items():
        one.refresh_from_db()
        assert one.state == (ReferralState.RECALLED if state in STANDING else state)
    assert queued(cast, "recalled") == [case.id]
    about: dict[str, Any] = {"seen": ReferralState.RECALLED, "ask_on": None, "actor": cast.boris.person, "now": START}
    for one in Referral.objects.filter(state=ReferralState.RECALLED):
        settle_referral(one, ReferralState.STOPPED, **about)
    assert queued(cast, "recalled") == []


def test_the_agreement_at_intake_is_the_first_record(cast: Cast) -> None:
    for channel, way in ((Channel.HOTLINE, ConsentWay.SAID), (Channel.SIGNAL, ConsentWay.WRITTEN)):
        first = Consent.objects.get(help_request=make_request(cast, channel=channel))
        assert (first.scope, first.decision, first.way) == (ConsentScope.KEEP, GIVEN, way)
        assert (first.recorded_by, first.given_on, first.until) == (cast.anna.person, START.date(), None)


def test_to_be_kept_is_never_merely_withdrawn(cast: Cast) -> None:
    """Whoever does not want to be kept is erased: a flag that keeps them would be a lie."""
    case = make_case(cast)
    first = Consent.objects.get(help_request__case=case)
    with refused("is erased"):
        consents.withdraw_one(first, case=case, actor=cast.boris.person, now=START)
    with refused("is erased"):
        consents.record_consent(case, consents.Answer(ConsentScope.KEEP, SAID_NO), actor=cast.boris.person, now=START)
    withdraw_consent(HelpRequest.objects.get(case=case), now=START)
    first.refresh_from_db()
    assert first.withdrawn_on is None


@pytest.mark.parametrize(
    ("scope", "until", "with_partner", "why"),
    [
        (ConsentScope.FAMILY, None, False, "next year"),
        (ConsentScope.FAMILY, START.date() - DAY, False, "next year"),
        (ConsentScope.FAMILY, START.date() + 367 * DAY, False, "next year"),
        (ConsentScope.FAMILY, SOON, True, "Name the partner"),
        (ConsentScope.REFERRAL, SOON, False, "Name the partner"),
    ],
)
def test_an_answer_that_does_not_fit_is_refused(
    cast: Cast, scope: ConsentScope, until: dt.date | None, with_partner: bool, why: str
) -> None:
    case, partner = make_case(cast), make_partner(cast).asset
    answer = consents.Answer(scope, GIVEN, until=until, partner=partner if with_partner else None)
    with refused(why):
        consents.record_consent(case, answer, actor=cast.boris.person, now=START)


def test_a_guide_is_no_partner_and_a_partner_of_another_circle_is_none_here(cast: Cast) -> None:
    case, south = make_case(cast), make_partner(cast).asset
    Asset.objects.filter(id=south.id).update(circle=cast.south)
    south.refresh_from_db()
    for other in (south, make_asset(cast)):
        with refused("no partner"):
            agree(cast, case, other)
    Asset.objects.filter(id=south.id).update(circle=cast.north)
    south.refresh_from_db()
    agree(cast, case, south)
    Asset.objects.filter(id=south.id).update(circle=cast.south)
    with refused("another circle"):
        refer(cast, case, order_for(case, south))


def test_counting_has_no_end_and_a_newer_answer_replaces(cast: Cast) -> None:
    case, boris = make_case(cast), cast.boris.person
    counted = consents.record_consent(
        case, consents.Answer(ConsentScope.COUNT, GIVEN, until=SOON), actor=boris, now=START
    )
    assert counted.until is None
    again = consents.record_consent(case, consents.Answer(ConsentScope.COUNT, SAID_NO), actor=boris, now=START)
    counted.refresh_from_db()
    assert (counted.replaced_on, counted.withdrawn_on) == (START.date(), START.date())
    assert not Consent.objects.of(case).standing().filter(scope=ConsentScope.COUNT).exists()
    with pytest.raises(StaleVersion):
        consents.withdraw_one(again, case=case, actor=boris, now=START)
    assert audit_verbs()[-1] == "record_consent"


def test_asked_again_what_stands_goes_on_under_the_new_answer(cast: Cast) -> None:
    case, partner = ready(cast)
    referral = refer(cast, case, order_for(case, partner.asset)).referral
    newer = agree(cast, case, partner.asset, now=START + DAY)
    referral.refresh_from_db()
    assert (referral.consent, referral.state) == (newer, ReferralState.SENT)
    consents.withdraw_one(newer, case=case, actor=cast.boris.person, now=START + DAY)
    referral.refresh_from_db()
    assert referral.state == ReferralState.RECALLED


@pytest.mark.parametrize(("days", "expected"), [(13, True), (14, True), (15, False)])
def test_a_consent_that_ends_within_14_days_is_asked_for_again(cast: Cast, days: int, expected: bool) -> None:
    case, partner = make_case(cast), make_partner(cast).asset
    agree(cast, case, partner, days=days)
    assert queued(cast, "consent_ends") == ([case.id] if expected else [])
    assert queued(cast, "consent_ends", START + 99 * DAY) == [case.id]
    agree(cast, case, partner, days=60)
    assert queued(cast, "consent_ends") == []
    newest = Consent.objects.get(case=case, replaced_on__isnull=True)
    consents.withdraw_one(newest, case=case, actor=cast.boris.person, now=START)
    assert queued(cast, "consent_ends", START + 99 * DAY) == []


def test_only_who_works_on_cases_records_consents(cast: Cast) -> None:
    case = make_case(cast)
    for name in ("anna", "dmitri", "sofia", "olga", "mallory"):
        with pytest.raises(PermissionRefused):
            consents.record_consent(
                case, consents.Answer(ConsentScope.COUNT, GIVEN), actor=cast.all()[name].person, now=START
            )


@pytest.mark.parametrize("tool", [caseworker_partner, caseworker_recover])
def test_a_tool_without_its_package_says_so_in_one_sentence(tool: ModuleType) -> None:
    command = [sys.executable, "-I", "-S", str(tool.__file__), "new-key"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("This tool needs the Python package cryptography")
    assert "Traceback" not in done.stderr
