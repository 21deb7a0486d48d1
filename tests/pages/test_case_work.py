"""The smaller forms of a case: taking, assigning, facts, urgency, checks, grants, linking."""

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from caseworker.actions.circles import admit_member
from caseworker.exceptions import PermissionRefused, PolicyRefused
from requests_app.actions import casework, closure, erasure, reveals, stages
from requests_app.actions.deadlines import set_deadline
from requests_app.clock_codes import DeadlineKind
from requests_app.clocks import FAR, check_in_due
from requests_app.enums import Condition, Outcome, ReasonCode, Stage, Urgency
from requests_app.models.cases import Case
from requests_app.models.counts import CountCell
from requests_app.models.help_requests import HelpRequest
from requests_app.models.sealed import SealedRecord
from tests.cast import START, Cast, Member, audit_verbs
from tests.factories import make_case, make_request

pytestmark = pytest.mark.django_db
SignIn = Callable[[Member], Client]


def post(client: Client, name: str, case: Case, **data: Any) -> Any:
    case.refresh_from_db()
    return client.post(reverse(name, args=[case.id]), {"version": case.version} | data)


def unowned(cast: Cast) -> Case:
    case = make_case(cast)
    Case.objects.filter(id=case.id).update(owner=None)
    case.refresh_from_db()
    return case


def test_an_unowned_case_is_taken_once(cast: Cast, boris: Member, sign_in: SignIn) -> None:
    case, client = unowned(cast), sign_in(boris)
    assert "/claim/" in client.get(reverse("case", args=[case.id])).content.decode()
    assert post(client, "claim_case", case).status_code == 302
    case.refresh_from_db()
    assert case.owner == boris.person
    assert post(client, "claim_case", case).status_code == 403
    assert audit_verbs()[-1] == "claim_case"


def test_nothing_dangerous_is_chosen_beforehand(cast: Cast, boris: Member, sign_in: SignIn) -> None:
    case, client = make_case(cast), sign_in(boris)
    page = client.get(reverse("case", args=[case.id])).content.decode()
    fields = "close-outcome condition-there contact-result contact-channel check-code check-outcome urgency-urgency"
    for field in fields.split():
        options = page.split(f'id="{field}"', 1)[1].split("</select>", 1)[0]
        assert re.findall("<option[^>]*>", options)[0] == '<option value="" selected>', field
    for name in ("close_case", "set_condition", "record_contact", "record_check", "change_urgency"):
        refused = post(client, name, case, reason="safety").content.decode()
        assert "Nothing was chosen. Choose one from the list." in refused, name
    kept = post(client, "set_condition", case, reason="safety").content.decode()
    assert '<option value="safety" selected>' in kept
    case.refresh_from_db()
    assert (case.is_open, case.condition, case.verification_level) == (True, "active", 0)
    queue = client.get(reverse("case_queue")).content.decode().split('id="bulk-outcome"')[1]
    assert re.search("<option[^>]*>", queue)[0] == '<option value="" selected>'  # type: ignore[index]


def test_nobody_takes_what_they_cannot_read(cast: Cast) -> None:
    case = unowned(cast)
    with pytest.raises(PolicyRefused):
        casework.claim_case(case, version=case.version, actor=cast.clara.person, now=START)
    with pytest.raises(PermissionRefused):
        casework.claim_case(case, version=case.version, actor=cast.eva.person, now=START)


def test_a_lead_names_owner_and_deputy_from_the_circle(cast: Cast, boris: Member, eva: Member, sign_in: SignIn) -> None:
    case, client = unowned(cast), sign_in(eva)
    admit_member(cast.north, cast.clara.person, keyring=boris.keyring(), actor=boris.person, now=START)
    answer = post(client, "assign_case", case, owner=boris.person.id, deputy=cast.clara.person.id)
    assert answer.status_code == 302
    case.refresh_from_db()
    assert (case.owner, case.deputy) == (boris.person, cast.clara.person)
    assert post(client, "assign_case", case, owner=cast.dmitri.person.id).status_code == 200
    with pytest.raises(PolicyRefused):
        casework.assign_case(case, cast.mallory.person, version=case.version, actor=eva.person, now=START)


@pytest.mark.parametrize("condition", [Condition.ACTIVE, Condition.LOST_CONTACT, Condition.DETAINED])
def test_a_case_made_more_urgent_is_never_less_late(cast: Cast, condition: Condition) -> None:
    case, actor = make_case(cast, urgency=Urgency.WEEKS_2), cast.boris.person
    if condition != Condition.ACTIVE:
        later = START + dt.timedelta(days=1)
        stages.set_condition(case, condition, version=case.version, actor=actor, now=later)
    began, due = case.clock_started_at, case.due_at
    late = START + dt.timedelta(days=155)
    for urgency in (Urgency.DAYS_3, Urgency.NOW):
        stages.change_urgency(case, urgency, version=case.version, actor=actor, now=late)
        case.refresh_from_db()
        assert case.due_at <= due < late
        due = case.due_at
    stages.change_urgency(case, Urgency.WEEKS_2, version=case.version, actor=actor, now=late)
    assert case.due_at >= due
    assert case.clock_started_at == began


def test_facts_and_urgency_change(cast: Cast, boris: Member, sign_in: SignIn) -> None:
    case, client = make_case(cast), sign_in(boris)
    data = {"country": "KZ", "document_status": "internal_passport", "category": "mobilized"}
    assert post(client, "change_facts", case, **data).status_code == 302
    assert post(client, "change_urgency", case, urgency="u1_now").status_code == 302
    case.refresh_from_db()
    assert (case.country, case.document_status, case.urgency_rank) == ("KZ", "internal_passport", 0)
    assert audit_verbs()[-2:] == ["change_facts", "change_urgency"]


def test_the_page_says_which_clock_is_late(cast: Cast, boris: Member, sign_in: SignIn, settings: Any) -> None:
    case, client, actor = make_case(cast), sign_in(boris), boris.person
    settings.CLOCK_OFFSET = START + dt.timedelta(days=45, hours=1) - dt.datetime.now(dt.UTC)
    Case.objects.update(check_in_due_at=START)
    url = reverse("case", args=[case.id])

    def page() -> str:
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", client.get(url).content.decode()))

    shown = page()
    case.refresh_from_db()
    assert re.search(r"Overdue by \d+ days · target of the stage", shown)
    assert re.search(r"Next check-in [^·]*? Overdue by \d+ days", shown)
    assert "set the condition “Lost contact”" in shown
    stages.set_condition(case, Condition.LOST_CONTACT, version=case.version, actor=actor, now=START)
    shown = page()
    assert "The check-in is missed. Try again by the next way" in shown
    assert "set the condition “Lost contact”" not in shown
    set_deadline(case, DeadlineKind.APPEAL, START.date(), version=case.version, actor=actor, now=START)
    assert re.search(r"Overdue by 45 days · Appeal", page())


def test_a_closed_case_takes_no_more_work(cast: Cast) -> None:
    case, now, actor = make_case(cast), START, cast.boris.person
    closure.close_case(case, Outcome.ADVICE_ONLY, version=case.version, actor=actor, now=now)
    with pytest.raises(PolicyRefused):
        stages.change_urgency(case, Urgency.NOW, version=case.version, actor=actor, now=now)
    with pytest.raises(PolicyRefused):
        stages.set_condition(case, Condition.DETAINED, version=case.version, actor=actor, now=now)
    with pytest.raises(PolicyRefused):
        closure.close_case(case, Outcome.DIED, version=case.version, actor=actor, now=now)


def test_an_open_case_is_not_reopened(cast: Cast) -> None:
    case = make_case(cast)
    with pytest.raises(PolicyRefused):
        closure.reopen_case(case, ReasonCode.CAME_BACK, version=case.version, actor=cast.eva.person, now=START)


def test_a_closed_case_may_be_erased(cast: Cast) -> None:
    case = make_case(cast)
    closure.close_case(case, Outcome.ADVICE_ONLY, version=case.version, actor=cast.boris.person, now=START)
    assert erasure.erase_case(case, actor=None, now=START) == 1
    assert case.outcome == Outcome.ERASED_ON_REQUEST
    with pytest.raises(PolicyRefused):
        closure.reopen_case(case, ReasonCode.CAME_BACK, version=case.version, actor=cast.eva.person, now=START)
    with pytest.raises(PolicyRefused):
        casework.add_note(case, "too late", actor=cast.boris.person, now=START)


def test_a_pause_is_due_on_its_day(cast: Cast) -> None:
    case, until = make_case(cast), START.date() + dt.timedelta(days=20)
    stages.set_condition(case, Condition.PAUSED, version=case.version, actor=cast.boris.person, now=START, until=until)
    assert case.due_at.date() == until
    with pytest.raises(PolicyRefused):
        stages.move_case(case, Stage.VERIFICATION, version=case.version, actor=cast.boris.person, now=START)


def test_linking_through_the_page(cast: Cast, boris: Member, sign_in: SignIn) -> None:
    case, help_request, client = make_case(cast), make_request(cast), sign_in(boris)
    url = reverse("decide", args=[help_request.id])
    assert client.post(url, {"decision": "link", "reference": "nonsense"}).status_code == 200
    assert client.post(url, {"decision": "link", "reference": make_request(cast).reference}).status_code == 403
    typed = case.reference.lower().replace("-", " ")
    asked = client.post(url, {"decision": "link", "reference": typed}).content.decode()
    assert all(said in asked for said in (case.codename, case.reference, "boris", f'name="sure" value="{case.id}"'))
    assert HelpRequest.objects.get(id=help_request.id).case_id is None
    sure = {"decision": "link", "reference": case.reference, "sure": case.id}
    other = make_case(cast)
    assert client.post(url, sure | {"reference": other.reference}).status_code == 200
    assert HelpRequest.objects.get(id=help_request.id).case_id is None
    assert client.post(url, sure)["Location"] == reverse("case", args=[case.id])
    assert client.post(url, {"decision": "promote"}).status_code == 403
    assert HelpRequest.objects.get(id=help_request.id).case_id == case.id


def test_a_reference_is_used_or_refused_and_never_ignored(cast: Cast, boris: Member, sign_in: SignIn) -> None:
    case, help_request, client = make_case(cast), make_request(cast), sign_in(boris)
    url = reverse("decide", args=[help_request.id])
    cases = Case.objects.count()
    for decision in ("promote", "advice_given", "declined", "suspected_probe"):
        answer = client.post(url, {"decision": decision, "reference": case.reference, "had_texts": "True"})
        assert "You typed a reference" in answer.content.decode()
        assert "The texts are hidden again" in answer.content.decode()
        assert case.reference in answer.content.decode()
    for decision in ("link", "duplicate"):
        answer = client.post(url, {"decision": decision, "had_texts": "False"})
        assert "Type the reference of the other request or case." in answer.content.decode()
        assert "The texts are hidden again" not in answer.content.decode()
    for reference in (help_request.reference, "ZZ-22Z-22Z"):
        assert client.post(url, {"decision": "duplicate", "reference": reference}).status_code in {200, 403}
    assert Case.objects.count() == cases
    assert HelpRequest.objects.get(id=help_request.id).state == "new"
    assert client.post(url, {"decision": "duplicate", "reference": case.reference}).status_code == 302


def test_a_page_with_opened_texts_says_so_in_its_form(cast: Cast, boris: Member, sign_in: SignIn) -> None:
    help_request, client = make_request(cast), sign_in(boris)
    record = SealedRecord.objects.get()
    reveal = reverse("reveal_request", args=[help_request.id])
    text = client.post(reveal, {"record": record.id, "reason": "assess_request"}).content.decode()
    assert 'name="had_texts" value="True"' in text


@pytest.mark.parametrize("decision", ["advice_given", "declined", "duplicate", "suspected_probe"])
def test_the_other_decisions_lead_back_to_the_queue(cast: Cast, boris: Member, sign_in: SignIn, decision: str) -> None:
    help_request = make_request(cast)
    sent = {"decision": decision} | ({"reference": make_request(cast).reference} if decision == "duplicate" else {})
    answer = sign_in(boris).post(reverse("decide", args=[help_request.id]), sent)
    assert answer["Location"] == reverse("triage_queue")
    assert CountCell.objects.filter(table="T0").exists() is (decision == "advice_given")


def test_a_grant_through_the_page_opens_codes_for_its_days(cast: Cast, eva: Member, sign_in: SignIn) -> None:
    case, client = make_case(cast), sign_in(eva)
    data = {"person": cast.clara.person.id, "scope": "coded", "days": 14, "reason": "expertise"}
    assert post(client, "grant_access", case, **data).status_code == 302
    assert case.grants.count() == 1
    assert post(client, "grant_access", case, **(data | {"days": 61})).status_code == 200


def test_checks_through_the_page(cast: Cast, boris: Member, sign_in: SignIn) -> None:
    case, client = make_case(cast), sign_in(boris)
    assert post(client, "record_check", case, code="coherent_story", outcome="yes").status_code == 302
    assert post(client, "record_check", case, code="vouched", outcome="unclear").status_code == 302
    case.refresh_from_db()
    assert case.verification_level == 1
    assert post(client, "record_check", case, code="document_seen", outcome="yes").status_code == 302
    case.refresh_from_db()
    assert (case.verification_level, case.asked_level) == (1, 4)


def test_the_hundred_and_first_reveal_of_a_day_needs_the_words(cast: Cast) -> None:
    case, record = make_case(cast), SealedRecord.objects.get()
    ring, person = cast.boris.keyring(), cast.boris.person

    def reveal(now: dt.datetime, **words: bool) -> dict[str, str]:
        return reveals.reveal_record(
            record, case=case, reason=ReasonCode.CONTACT_PERSON, keyring=ring, actor=person, now=now, **words
        )

    for number in range(100):
        reveal(START + dt.timedelta(hours=number // 25))
    with pytest.raises(PolicyRefused, match="WordsNeeded"):
        reveal(START + dt.timedelta(hours=5))
    assert reveal(START + dt.timedelta(hours=5), has_typed_words=True)
    assert reveal(START + dt.timedelta(hours=30))


def test_the_last_page_of_a_long_queue_is_reached_by_its_key(cast: Cast, boris: Member, sign_in: SignIn) -> None:
    cases = [make_case(cast) for _ in range(53)]
    client, url, seen = sign_in(boris), reverse("case_queue"), set()
    for _ in range(3):
        page = client.get(url).content.decode()
        seen |= {case.reference for case in cases if case.reference in page}
        if 'rel="next"' not in page:
            break
        url = page.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    assert len(seen) == 53


def test_check_ins_follow_their_stage() -> None:
    assert check_in_due(Stage.BORDER_CROSSING, Condition.ACTIVE, START) == START + dt.timedelta(hours=24)
    assert check_in_due(Stage.RECEIVED, Condition.ACTIVE, START) == FAR
