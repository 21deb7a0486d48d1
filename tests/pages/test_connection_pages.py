"""The pages of contacts, links, consents, referrals and what cases depend on: what is shown, refused, kept, handed out."""

import base64
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from caseworker.models.alarms import Alarm
from caseworker.offline import caseworker_partner
from caseworker.vault.packets import open_packet
from caseworker.vault.sealing import fingerprint
from requests_app.actions import assets, honeytokens, stages
from requests_app.actions.claims import ask_for_erasure
from requests_app.actions.intake import SealedTexts, add_correction
from requests_app.connection_codes import AssetKind, BurnReason
from requests_app.enums import Condition, SealedKind
from requests_app.models.cases import Case
from requests_app.models.connections import Asset, Consent, PartnerKey, PersonLink, Referral
from requests_app.models.contacts import ContactPoint
from requests_app.models.help_requests import HelpRequest
from requests_app.models.sealed import SealedRecord
from tests.cast import START, Cast, Member, audit_verbs
from tests.connections import DAY, PARTNER_NAME, agree, make_asset, make_partner, pair_of
from tests.factories import MARKERS, make_case, make_request

pytestmark = pytest.mark.django_db
SignIn = Callable[[Member], Client]
BESIDE = ("case_contacts", "case_connections", "case_consents", "case_referrals")
OPEN = {"may_write": "yes", "may_call": "no", "may_leave_message": "unknown", "hours_band": "any", "time_zone": ""}


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the pages be looked at on the day of the cast."""
    monkeypatch.setattr("caseworker.clock.now", lambda: START)


def page(client: Client, name: str, *args: Any) -> str:
    answer = client.get(reverse(name, args=args))
    assert answer.status_code == 200
    return answer.content.decode()


def post(client: Client, address: str, /, *args: Any, **data: Any) -> Any:
    return client.post(reverse(address, args=args), data)


def words(answer: Any) -> str:
    return re.sub(r"\s+", " ", answer.content.decode())


def test_a_contact_is_changed_added_and_taken_out_through_the_page(cast: Cast, sign_in: SignIn) -> None:
    case, client = make_case(cast), sign_in(cast.boris)
    point = ContactPoint.objects.order_by("seq")[0]
    text = page(client, "case_contacts", case.id)
    assert "Leave a message: unknown, so no" in text
    assert "Hours unknown" in text
    assert not any(marker in text for marker in MARKERS)
    assert post(client, "change_safety", case.id, point.id, version=case.version, **OPEN).status_code == 302
    stale = post(client, "change_safety", case.id, point.id, version=case.version, **OPEN | {"time_zone": "Etc/GMT-5"})
    assert stale.status_code == 409
    assert '<option value="Etc/GMT-5" selected>' in words(stale)
    case.refresh_from_db()
    added = post(client, "add_contact", case.id, version=case.version, line="@fx_page_second", **OPEN)
    assert added.status_code == 302
    assert "@fx_page_second" not in page(client, "case_contacts", case.id)
    case.refresh_from_db()
    for how, said in (("burned", "Burned: do not contact"), ("retired", "No longer in use")):
        one = ContactPoint.objects.filter(burned_on=None).order_by("seq")[0]
        assert post(client, "retire_contact", case.id, one.id, version=case.version, how=how).status_code == 302
        assert said in page(client, "case_contacts", case.id)
        case.refresh_from_db()
    assert "Burned: do not contact" in page(client, "case", case.id)
    assert "No longer in use" not in page(client, "case", case.id)


def test_hours_stand_on_the_clock_of_their_zone_as_people_say_it(cast: Cast, sign_in: SignIn) -> None:
    case, client = make_case(cast), sign_in(cast.boris)
    point, other = ContactPoint.objects.order_by("seq")
    evening = OPEN | {"hours_band": "evening"}
    asked = words(post(client, "change_safety", case.id, point.id, version=case.version, **evening))
    assert "Ask for their time zone" in asked
    assert '<option value="evening" selected>' in asked
    evening["time_zone"] = "Etc/GMT-3"
    assert post(client, "change_safety", case.id, point.id, version=case.version, **evening).status_code == 302
    ContactPoint.objects.filter(id=other.id).update(hours_band="night")
    request = HelpRequest.objects.get()
    for name, id_ in (("case_contacts", case.id), ("case", case.id), ("triage_request", request.id)):
        text = page(client, name, id_)
        assert "Evening (18–24) · UTC+3 · Moscow" in text
        assert "Night (0–6) · time zone unknown" in text
        assert "GMT" not in text.replace('value="Etc/GMT', "")


def opened(client: Client, name: str, id_: Any, record: SealedRecord) -> str:
    answer = post(client, name, id_, record=record.id, reason="contact_person")
    return re.sub(
        r"<[^>]+>|\s+", " ", answer.content.decode().split(f'id="record-{record.id}"')[1].split("Shown once")[0]
    )


@pytest.mark.parametrize("place", ["case", "request"])
def test_a_revealed_line_stands_beside_its_own_marks(cast: Cast, sign_in: SignIn, place: str) -> None:
    case, client = make_case(cast), sign_in(cast.boris)
    request, record = HelpRequest.objects.get(), SealedRecord.objects.get()
    first, second = ContactPoint.objects.filter(record=record).order_by("seq")
    ContactPoint.objects.filter(id=first.id).update(retired_on=START.date())
    ContactPoint.objects.filter(id=second.id).update(burned_on=START.date(), hours_band="evening", time_zone="Etc/UTC")
    name, id_ = ("reveal_record", case.id) if place == "case" else ("reveal_request", request.id)
    text = opened(client, name, id_, record)
    gone, burned = text.index("No longer in use"), text.index("Burned: do not contact")
    assert text.index(MARKERS[0]) < gone < text.index(MARKERS[1]) < burned < text.index("Evening (18–24)")
    ContactPoint.objects.update(retired_on=None, burned_on=None)
    ContactPoint.objects.filter(id=first.id).delete()
    assert re.search(r"900123\s+Not known how it may be used: do not contact", opened(client, name, id_, record))
    assert "Do not contact the person" not in opened(client, name, id_, record)
    Case.objects.filter(id=case.id).update(condition=Condition.DETAINED)
    text = opened(client, name, id_, record)
    assert "Do not contact the person by any known way" in text
    assert re.search(r"0001\s+Do not contact", text)


def test_what_is_burned_stays_marked_when_it_is_taken_out_of_use(cast: Cast, sign_in: SignIn) -> None:
    case, client = make_case(cast), sign_in(cast.boris)
    record, day = SealedRecord.objects.get(), START.date()
    ContactPoint.objects.filter(record=record).update(retired_on=day, burned_on=day, stopped_on=day)
    text = opened(client, "reveal_record", case.id, record)
    assert text.count("Burned: do not contact") == text.count("The person asked not to be contacted") == 2
    assert text.count("No longer in use") == 2


LOST: tuple[tuple[tuple[str, ...], tuple[str, ...], bool], ...] = (
    (("burned_on",), ("burned_on",), True),
    (("stopped_on", "retired_on"), ("stopped_on", "retired_on"), True),
    (("burned_on",), ("retired_on",), True),
    (("burned_on",), (), False),
    (("retired_on",), ("retired_on",), False),
)


@pytest.mark.parametrize(("first", "second", "expected"), LOST)
def test_a_case_that_nobody_can_reach_is_in_the_queue_however_it_came(
    cast: Cast, sign_in: SignIn, first: tuple[str, ...], second: tuple[str, ...], expected: bool
) -> None:
    case, client = make_case(cast), sign_in(cast.boris)
    for point, marks in zip(ContactPoint.objects.order_by("seq"), (first, second), strict=True):
        ContactPoint.objects.filter(id=point.id).update(**dict.fromkeys(marks, START.date()))
    queue = words(client.get(reverse("case_queue") + "?queue=unreachable"))
    assert (case.reference in queue) is expected


def test_what_a_volunteer_stopped_stands_above_the_case_and_in_a_queue(cast: Cast, sign_in: SignIn) -> None:
    case, client = make_case(cast), sign_in(cast.boris)
    said, queue = "No contact is safe any more: nobody writes", reverse("case_queue") + "?queue=unreachable"
    assert said not in page(client, "case", case.id)
    assert case.reference not in words(client.get(queue))
    request = HelpRequest.objects.get()
    nothing = SealedTexts("", "", "")
    add_correction(request, nothing, actor=cast.anna.person, now=START, stop_contact=True)
    assert said in page(client, "case", case.id)
    assert case.reference in words(client.get(queue))
    assert "The person asked not to be contacted" in page(client, "case", case.id)
    assert post(client, "add_contact", case.id, version=case.version, line="@fx_new", **OPEN).status_code == 302
    assert said not in page(client, "case", case.id)
    assert "Some contacts must not be used any more" in page(client, "case", case.id)
    assert case.reference not in words(client.get(queue))


def test_a_refused_contact_keeps_what_was_typed_and_rings_nothing_twice(cast: Cast, sign_in: SignIn) -> None:
    case, client = make_case(cast), sign_in(cast.boris)
    stages.set_condition(case, Condition.DETAINED, version=case.version, actor=cast.boris.person, now=START)
    answer = post(client, "add_contact", case.id, version=case.version, line="@fx_kept_line", **OPEN)
    assert answer.status_code == 403
    assert "Nobody is contacted while" in words(answer)
    assert "@fx_kept_line" in words(answer)
    assert post(client, "add_contact", case.id, version=case.version, line="", **OPEN).status_code == 200
    assert "Do not contact" in page(client, "case_contacts", case.id)


def test_people_are_linked_by_a_reference_that_one_may_see(cast: Cast, sign_in: SignIn) -> None:
    one, other, client = make_case(cast), make_case(cast), sign_in(cast.boris)
    foreign = make_case(cast)
    Case.objects.filter(id=foreign.id).update(circle=cast.south)
    said = set()
    for reference in (foreign.reference, "ZZ-22Z"):
        answer = post(client, "link_people", one.id, kind="spouse", reference=reference)
        said |= set(re.findall(r"You see no case[^<]*|This is not a reference[^<]*", words(answer)))
        assert reference in words(answer)
    assert len(said) == 2
    assert post(client, "link_people", one.id, kind="spouse", reference=other.reference).status_code == 302
    for here, there in ((one, other), (other, one)):
        for name in ("case", "case_connections"):
            text = page(client, name, here.id)
            assert there.reference in text
            assert "Spouse or partner" in text
    clara = sign_in(cast.clara)
    assert post(clara, "link_people", one.id, kind="spouse", reference=other.reference).status_code == 404
    link = PersonLink.objects.get()
    assert post(client, "unlink_people", foreign.id, link.id).status_code == 404
    assert post(client, "unlink_people", one.id, link.id).status_code == 302
    alone = make_request(cast)
    assert post(client, "link_people", one.id, kind="child", reference=alone.reference).status_code == 302
    for name in ("case", "case_connections"):
        assert reverse("triage_request", args=[alone.id]) in page(client, name, one.id)


def test_linking_to_a_honeytoken_rings(cast: Cast, sign_in: SignIn) -> None:
    case, client = make_case(cast), sign_in(cast.boris)
    texts = SealedTexts("@fx_planted", "Reed", "Asks.")
    planted = honeytokens.plant_honeytoken(cast.north, texts, actor=cast.sofia.person, now=START)
    post(client, "link_people", case.id, kind="spouse", reference=planted.reference)
    post(client, "link_people", planted.id, kind="spouse", reference="ZZ-22Z")
    assert Alarm.objects.count() == 1
    Alarm.objects.all().delete()
    answer = {"scope": "count", "decision": "given", "way": "said"}
    assert post(client, "record_consent", planted.id, **answer).status_code == 302
    assert Alarm.objects.count() == 1


def test_what_is_burned_is_loud_on_the_case_until_it_is_taken_off(cast: Cast, sign_in: SignIn) -> None:
    case, asset, client = make_case(cast), make_asset(cast), sign_in(cast.boris)
    assert post(client, "use_asset", case.id, asset=str(asset.id)).status_code == 302
    assert asset.codename in page(client, "case", case.id)
    sofia = sign_in(cast.sofia)
    assert post(sofia, "burn_asset", asset.id, reason="").status_code == 200
    assert post(sofia, "burn_asset", asset.id, reason="seized").status_code == 302
    text = page(sofia, "asset", asset.id)
    assert "Burned: Seized" in text
    assert case.reference not in text
    assert "Cases are shown to coordinators and leads." in text
    for name in ("boris", "eva"):
        assert case.reference in page(sign_in(cast.all()[name]), "asset", asset.id)
    text = page(client, "case", case.id)
    assert "depends on something that is burned" in text
    assert f'href="{reverse("case_queue")}?queue=burned"' in page(client, "today")
    use = case.uses.get()  # type: ignore[attr-defined]
    assert post(client, "use_asset", case.id, asset=str(asset.id)).status_code == 200
    assert post(client, "leave_asset", case.id, use.id).status_code == 302
    assert "depends on something that is burned" not in page(client, "case", case.id)


def test_a_lead_adds_a_partner_and_their_key(cast: Cast, sign_in: SignIn) -> None:
    eva, pair = sign_in(cast.eva), pair_of()
    answer = post(eva, "add_asset", kind="partner", circle=str(cast.north.id), name="")
    assert (answer.status_code, Asset.objects.count()) == (403, 0)
    assert post(eva, "add_asset", kind="guide", circle=str(cast.north.id), name="fx_name").status_code == 403
    assert post(eva, "add_asset", kind="partner", circle=str(cast.north.id), name=PARTNER_NAME).status_code == 302
    asset = Asset.objects.get()
    key, heard = base64.b64encode(pair.public_key).decode(), fingerprint(pair.suite, pair.public_key)
    for public_key, digits in (("%%%", heard), ("abcd", heard), (key, heard[::-1])):
        answer = post(eva, "add_partner_key", asset.id, public_key=public_key, fingerprint=digits)
        assert answer.status_code in {200, 403}
        assert digits in words(answer)
    assert not PartnerKey.objects.exists()
    spaced = " ".join((heard[:8].upper(), heard[8:]))
    folded = f"{key[:70]}\n {key[70:]}"
    assert post(eva, "add_partner_key", asset.id, public_key=folded, fingerprint=spaced).status_code == 302
    assert heard[:4] in page(eva, "asset", asset.id)
    PartnerKey.objects.update(proof=b"planted")
    assert "not written by this server" in page(eva, "asset", asset.id)
    tool = eva.post(reverse("partner_tool"))
    assert tool.content == Path(caseworker_partner.__file__).read_bytes()
    assert asset.codename in page(eva, "assets")
    assert PARTNER_NAME not in page(eva, "assets") + page(eva, "asset", asset.id)
    assert post(eva, "retire_asset", asset.id).status_code == 302
    assert post(eva, "retire_asset", asset.id).status_code == 409
    assert "Out of use" in page(eva, "assets")
    assert f"<h1>{asset.codename}</h1>" in page(eva, "asset", asset.id)


def test_the_name_of_a_partner_opens_once_for_a_reason(cast: Cast, sign_in: SignIn) -> None:
    asset, boris = make_partner(cast).asset, sign_in(cast.boris)
    record = asset.record_id
    assert "Choose a reason" in words(post(boris, "reveal_asset", asset.id))
    shown = post(boris, "reveal_asset", asset.id, record=record, reason="prepare_step")
    assert "fx_Heron House" in words(shown)
    assert audit_verbs()[-1] == "reveal"
    assert "fx_Heron House" not in page(boris, "asset", asset.id)
    assert post(sign_in(cast.eva), "reveal_asset", asset.id, record=record, reason="prepare_step").status_code == 403
    assert post(boris, "reveal_asset", make_asset(cast).id, record=record, reason="prepare_step").status_code == 404
    SealedRecord.objects.filter(id=record).update(commitment=b"x" * 32)
    refused = post(boris, "reveal_asset", asset.id, record=record, reason="prepare_step")
    assert refused.status_code == 403
    assert "cannot be opened" in words(refused)


def test_an_answer_is_recorded_and_withdrawn(cast: Cast, sign_in: SignIn) -> None:
    case, partner, client = make_case(cast), make_partner(cast).asset, sign_in(cast.boris)
    first = Consent.objects.get()
    answer = {"scope": "referral", "decision": "given", "way": "said", "asset": "", "until": "2025-04-30"}
    refused = post(client, "record_consent", case.id, **answer)
    assert refused.status_code == 403
    assert "Name the partner" in words(refused)
    assert 'value="2025-04-30"' in words(refused)
    assert post(client, "record_consent", case.id, **answer | {"asset": str(partner.id)}).status_code == 302
    assert "until 30 April 2025" in page(client, "case", case.id)
    made = Consent.objects.exclude(id=first.id).get()
    assert post(client, "withdraw_consent", case.id, made.id).status_code == 302
    assert post(client, "withdraw_consent", case.id, made.id).status_code == 409
    assert post(client, "withdraw_consent", case.id, first.id).status_code == 403
    assert "Withdrawn on 3 March 2025" in page(client, "case_consents", case.id)
    assert post(client, "withdraw_consent", make_case(cast).id, made.id).status_code == 404
    refusal = {"scope": "family", "decision": "refused", "way": "said"}
    assert post(client, "record_consent", case.id, **refusal).status_code == 302
    assert "Did not agree" in page(client, "case_consents", case.id)


def pieces(case: Case, *names: str) -> list[str]:
    owner = HelpRequest.objects.get(case=case).id
    record = SealedRecord.objects.get(owner_id=owner, kind=SealedKind.FIRST_CONTACT)
    return [f"{record.id}:{name}" for name in names]


def packet_form(partner: Asset, **changed: Any) -> dict[str, Any]:
    form = {"asset": str(partner.id), "service": "legal", "facts": ["country"], "ask_on": "2025-03-20"}
    return form | {"reason": "prepare_step"} | changed


def test_a_packet_is_downloaded_under_a_name_that_says_nothing(cast: Cast, sign_in: SignIn) -> None:
    case, partner, client = make_case(cast), make_partner(cast), sign_in(cast.boris)
    form = packet_form(partner.asset, fields_chosen=pieces(case, "contacts", "name"))
    refused = post(client, "make_packet", case.id, **form)
    assert refused.status_code == 403
    assert "has not agreed" in words(refused)
    assert refused.content.decode().count("checked") == 3
    agree(cast, case, partner.asset)
    assert post(client, "make_packet", case.id, **form | {"ask_on": "x"}).status_code == 200
    answer = post(client, "make_packet", case.id, **form)
    assert re.fullmatch(r'attachment; filename="[0-9a-f]{8}\.bin"', answer["Content-Disposition"])
    assert answer["Content-Type"] == "application/octet-stream"
    assert "no-store" in answer["Cache-Control"]
    contents = open_packet(answer.content, seed=partner.pair.seed, public_key=partner.pair.public_key)
    assert contents["records"][0]["fields"]["name"] == MARKERS[2]
    referral = Referral.objects.get()
    text = page(client, "case_referrals", case.id)
    assert referral.packet_code in text
    assert "Contacts, Country now, Name to use" in text
    assert not any(marker in text for marker in MARKERS)
    assert "Waiting for the partner" in page(client, "case", case.id)
    outcome = {"seen": "sent", "state": "accepted", "ask_on": "2025-04-01"}
    assert post(client, "settle_referral", case.id, referral.id, **outcome).status_code == 302
    assert post(client, "settle_referral", case.id, referral.id, **outcome).status_code == 409
    assert post(client, "settle_referral", make_case(cast).id, referral.id, **outcome).status_code == 404
    Referral.objects.update(state="recalled")
    assert "Tell the partner to stop" in page(client, "case", case.id)
    assert "Make a packet" not in page(sign_in(cast.eva), "case_referrals", case.id)


def test_a_packet_asks_for_the_words_beyond_the_limit(
    cast: Cast, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, partner, client = make_case(cast), make_partner(cast), sign_in(cast.boris)
    agree(cast, case, partner.asset)
    monkeypatch.setattr("requests_app.actions.reveals.crossed", lambda _counts: ("reveals_per_hour", True))
    form = packet_form(partner.asset, fields_chosen=pieces(case, "name"))
    asked = post(client, "make_packet", case.id, **form)
    assert asked.status_code == 403
    assert 'type="password"' in words(asked)
    assert pieces(case, "name")[0] in words(asked)
    wrong = post(client, "make_packet", case.id, **form | {"words": "not my six words"})
    assert (wrong.status_code, "not my six words" in words(wrong)) == (403, False)
    assert 'type="password"' in words(wrong)
    right = post(client, "make_packet", case.id, **form | {"words": cast.boris.words})
    assert right["Content-Type"] == "application/octet-stream"


def test_a_record_of_another_case_cannot_be_chosen(cast: Cast, sign_in: SignIn) -> None:
    case, other, partner, client = make_case(cast), make_case(cast), make_partner(cast), sign_in(cast.boris)
    agree(cast, case, partner.asset)
    form = packet_form(partner.asset, fields_chosen=pieces(other, "name"))
    assert post(client, "make_packet", case.id, **form).status_code == 200
    assert not Referral.objects.exists()


@pytest.mark.parametrize("state", ["paused", "locked", "erased"])
def test_nothing_is_shown_of_a_case_that_is_masked(cast: Cast, sign_in: SignIn, state: str) -> None:
    case, partner, client = make_case(cast), make_partner(cast).asset, sign_in(cast.boris)
    agree(cast, case, partner)
    if state == "paused":
        ask_for_erasure(HelpRequest.objects.get(), now=START)
    else:
        Case.objects.filter(id=case.id).update(**{f"{state}_on": START.date()})
    for name in (*BESIDE, "case"):
        text = page(client, name, case.id)
        assert partner.codename not in text
        assert "Add a contact" not in text


@pytest.mark.parametrize("who", ["clara", "boris"])
def test_who_sees_a_case_by_a_grant_changes_nothing_beside_it(cast: Cast, sign_in: SignIn, who: str) -> None:
    case = make_case(cast)
    Case.objects.filter(id=case.id).update(circle=cast.south if who == "boris" else cast.north)
    client = sign_in(cast.all()[who])
    assert client.get(reverse("case_contacts", args=[case.id])).status_code == 404
    assert post(client, "add_contact", case.id, version=1, line="@fx_x", **OPEN).status_code == 404


@pytest.mark.parametrize("name", BESIDE)
def test_ten_more_rows_cost_no_more_queries(cast: Cast, sign_in: SignIn, name: str) -> None:
    case, client = make_case(cast), sign_in(cast.boris)

    def grow() -> None:
        partner = make_partner(cast).asset
        consent = agree(cast, case, partner)
        Referral.objects.create(
            case=case,
            partner=partner,
            consent=consent,
            service="legal",
            made_on=START.date(),
            ask_on=START.date() + DAY,
        )
        assets.use_asset(case, partner, actor=cast.boris.person, now=START)
        reference = make_case(cast).reference
        assert post(client, "link_people", case.id, kind="friend", reference=reference).status_code == 302

    def cost() -> int:
        page(client, name, case.id)
        with CaptureQueriesContext(connection) as queries:
            page(client, name, case.id)
        return len(queries)

    grow()
    few = cost()
    for _ in range(3):
        grow()
    assert few == cost()


def test_the_list_of_what_cases_depend_on_is_one_query_more_than_nothing(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.eva)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            page(client, "assets")
        return len(queries)

    page(client, "assets")
    few = cost()
    for kind in (AssetKind.GUIDE, AssetKind.SAFE_HOUSE):
        for _ in range(5):
            make_asset(cast, kind)
    burned = make_asset(cast)
    assets.burn_asset(burned, BurnReason.WATCHED, actor=cast.eva.person, now=START)
    assert few == cost()
    assert page(client, "assets").index(burned.codename) < page(client, "assets").index("In use")
