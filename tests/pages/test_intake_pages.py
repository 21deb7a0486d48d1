"""The volunteer's pages: one POST, nothing lost, nothing shown again, whatever is typed."""

import datetime as dt
import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from caseworker.models.keys import RecoveryKey
from requests_app.enums import Category, Channel, Country, Need, Requester, Situation
from requests_app.forms.intake import COMMON_NEEDS, IntakeForm
from requests_app.models.contacts import ContactPoint
from requests_app.models.help_requests import HelpRequest
from requests_app.models.notes import Note
from requests_app.models.sealed import SealedRecord
from requests_app.sealed import open_record
from tests.cast import START, Member
from tests.pages.intake_form import CONTACT, NAME, NEW, STORY, filled

pytestmark = pytest.mark.django_db
SignIn = Callable[[Member], Client]


@pytest.fixture
def client(anna: Member, sign_in: SignIn) -> Client:
    return sign_in(anna)


class TestTheForm:
    def test_one_post_leads_to_the_receipt(self, client: Client) -> None:
        answer = client.post(NEW, filled(client))
        found = HelpRequest.objects.get()
        assert answer.headers["Location"] == reverse("request_receipt", args=[found.id])
        assert answer.content == b""

    def test_fields_follow_the_conversation(self, client: Client) -> None:
        page = client.get(NEW).content.decode()
        names = list(
            dict.fromkeys(
                re.findall(r'<(?:input type="(?:text|checkbox|radio)"|select|textarea)[^>]*? ?name="([^"]+)"', page)
            )
        )
        assert names == [*IntakeForm.field_order]
        assert list(IntakeForm().fields)[:-1] == [*IntakeForm.field_order]

    def test_unknown_is_the_default_everywhere(self, client: Client) -> None:
        page = client.get(NEW).content.decode()
        for name in ("requester", "category", "situation", "channel", "hours_band"):
            select = re.search(rf'<select name="{name}".*?</select>', page, re.DOTALL)
            assert select
            assert '<option value="unknown" selected>' in select[0]
        assert len(re.findall(r'value="unknown"[^>]*checked', page)) == 3

    def test_every_vocabulary_can_say_unknown(self) -> None:
        assert all("unknown" in vocabulary.values for vocabulary in (Requester, Category, Situation, Channel))
        assert "XX" in Country.values

    def test_the_last_channel_is_offered_next_time(self, client: Client) -> None:
        client.post(NEW, filled(client, channel="hotline"))
        assert '<option value="hotline" selected>' in client.get(NEW).content.decode()

    def test_at_most_25_keys_that_are_not_text(self, client: Client) -> None:
        """Count as a keyboard does: a tab to each stop (a radio group is one), the keys that change an answer, and Enter."""
        page = (
            client.get(NEW).content.decode().split('<form method="post" action="/requests/new/"')[1].split("</form>")[0]
        )
        folded = re.sub(r"<details>.*?</details>", "<summary>", page, flags=re.DOTALL)
        singles = re.findall(r'<(?:select|textarea|summary|input type="(?:text|checkbox)")', folded)
        radio_groups = set(re.findall(r'type="radio" name="([^"]+)"', folded))
        tabs = len(singles) + len(radio_groups) - 1  # the first field has the focus
        one_need, agreed, enter, may_write = 1, 1, 1, 1
        assert "autofocus" in page.split("</textarea>")[0]
        assert tabs + one_need + agreed + enter + may_write <= 25

    def test_browsers_are_told_to_remember_and_send_nothing(self, client: Client) -> None:
        page = client.get(NEW).content.decode()
        assert '<form method="post" action="/requests/new/" class="narrow stack" autocomplete="off"' in page
        assert page.count('spellcheck="false"') == 3
        assert "maxlength" not in page

    def test_the_most_frequent_needs_stand_open(self) -> None:
        assert Need.values[:COMMON_NEEDS] == ["legal", "route", "documents", "shelter"]

    @pytest.mark.parametrize(("needs", "is_open"), [(["legal"], False), (["asylum"], True)])
    def test_a_ticked_need_is_never_folded_away(self, client: Client, needs: list[str], is_open: bool) -> None:
        page = client.post(NEW, filled(client, contacts="", needs=needs)).content.decode()
        assert ("<details open>" in page) == is_open

    def test_needs_and_answers_are_kept(self, client: Client) -> None:
        client.post(
            NEW,
            filled(
                client,
                needs=["psych", "legal"],
                may_write="yes",
                may_call="no",
                hours_band="evening",
                time_zone="Etc/GMT-3",
            ),
        )
        point = ContactPoint.objects.get()
        assert HelpRequest.objects.get().needs == ["legal", "psych"]
        assert (point.may_write, point.may_call, point.may_leave_message) == ("yes", "no", "unknown")
        assert (point.hours_band, point.time_zone) == ("evening", "Etc/GMT-3")

    def test_hours_without_their_zone_are_asked_about_and_unknown_hours_are_the_way_on(self, client: Client) -> None:
        sent = filled(client, hours_band="evening")
        page = client.post(NEW, sent).content.decode()
        assert "Ask for their time zone" in page
        assert all(typed in page for typed in (CONTACT, NAME, STORY, '<option value="evening" selected>'))
        assert not HelpRequest.objects.exists()
        for band in ("any", "unknown"):
            assert client.post(NEW, filled(client, hours_band=band)).status_code == 302

    @pytest.mark.parametrize("name", ["boris", "eva", "dmitri", "sofia", "olga"])
    def test_others_may_not_open_it(self, cast: Any, sign_in: SignIn, name: str) -> None:
        other = sign_in(cast.all()[name])
        assert other.get(NEW).status_code == 403
        assert other.post(NEW, {}).status_code == 403


class TestNothingIsLost:
    @pytest.mark.parametrize(
        "wrong",
        [
            {"contacts": ""},
            {"agreed": ""},
            {"category": "no-such"},
            {"needs": ["no-such"]},
            {"story": STORY * 40},
            {"contacts": "\n".join([CONTACT] * 11)},
            {"contacts": CONTACT * 100},
            {"name": NAME * 20},
            {"time_zone": "Mars/Base"},
        ],
    )
    def test_a_refused_form_keeps_every_text(self, client: Client, wrong: dict[str, Any]) -> None:
        sent = filled(client, **wrong)
        answer = client.post(NEW, sent)
        page = answer.content.decode()
        assert answer.status_code == 200
        assert not HelpRequest.objects.exists()
        assert 'role="alert" tabindex="-1" autofocus' in page
        for name in ("contacts", "name", "story"):
            assert escape(sent[name]) in page

    def test_each_complaint_links_to_its_field(self, client: Client) -> None:
        page = client.post(NEW, filled(client, contacts="", category="x", needs=["x"], may_call="x")).content.decode()
        targets = re.findall(r'<li><a href="#([^"]+)">', page)
        assert len(targets) == 4
        assert all(f'id="{target}"' in page for target in targets)

    def test_a_complaint_is_tied_to_its_field(self, client: Client) -> None:
        page = client.post(NEW, filled(client, contacts="")).content.decode()
        assert 'id="id_contacts_error"' in page
        assert re.search(r'<textarea[^>]*aria-describedby="id_contacts_helptext id_contacts_error"', page)

    def test_no_key_to_seal_to_is_said_on_the_form(self, client: Client) -> None:
        SealedRecord.objects.all().delete()
        RecoveryKey.objects.update(retired_on=dt.date(2025, 1, 1))
        page = client.post(NEW, filled(client)).content.decode()
        assert escape(STORY) in page
        assert "no key to seal this to" in page
        assert not HelpRequest.objects.exists()

    def test_a_form_sent_after_the_session_ended_is_carried_through_sign_in(
        self, anna: Member, boris: Member, client: Client
    ) -> None:
        with time_machine.travel("2030-01-01T09:00:00Z", tick=False) as clock:
            fresh = Client()
            fresh.post("/sign-in/", {"alias": "anna", "words": anna.words, "code": ""})
            sent = filled(fresh)
            clock.shift(16 * 60)
            carried = fresh.post(NEW, sent)
            page = carried.content.decode()
            assert STORY not in page
            carry = re.search(r'name="carry" value="([^"]+)"', page)
            assert carry
            answer = fresh.post("/sign-in/", {"alias": "anna", "words": anna.words, "code": "", "carry": carry[1]})
        assert answer.headers["Location"] == reverse("request_receipt", args=[HelpRequest.objects.get().id])
        assert open_record(SealedRecord.objects.get(), keyring=boris.keyring())["story"] == STORY

    def test_a_replayed_form_with_a_fault_goes_on_at_its_own_address(self, anna: Member) -> None:
        fresh = Client()
        fresh.post("/sign-in/", {"alias": "anna", "words": anna.words, "code": ""})
        sent = filled(fresh, contacts="")
        fresh.cookies.pop(settings.SESSION_COOKIE_NAME)
        page = fresh.post(NEW, sent).content.decode()
        carry = re.search(r'name="carry" value="([^"]+)"', page)
        assert carry
        answer = fresh.post("/sign-in/", {"alias": "anna", "words": anna.words, "code": "", "carry": carry[1]})
        assert escape(STORY) in answer.content.decode()
        assert '<form method="post" action="/requests/new/"' in answer.content.decode()

    def test_the_form_stays_on_the_screen_longer_than_the_session(self, client: Client) -> None:
        assert 'content="3600;url=/unlock/"' in client.get(NEW).content.decode()


class TestTheLinter:
    RISKY = "Служит в/ч 12345, Иванов И.И., паспорт 4510 123456"

    def test_it_warns_once_and_keeps_the_text(self, client: Client) -> None:
        answer = client.post(NEW, filled(client, story=self.RISKY))
        page = answer.content.decode()
        assert not HelpRequest.objects.exists()
        assert escape(self.RISKY) in page
        for warning in ("passport", "military unit", "surname", "Save anyway"):
            assert warning in page

    def test_save_anyway_saves(self, client: Client) -> None:
        sent = filled(client, story=self.RISKY)
        assert client.post(NEW, sent).status_code == 200
        assert client.post(NEW, sent | {"warned": "yes"}).status_code == 302
        assert HelpRequest.objects.count() == 1

    def test_it_never_stops_a_form_twice(self, client: Client) -> None:
        sent = filled(client, story=self.RISKY, contacts="", warned="yes")
        page = client.post(NEW, sent).content.decode()
        assert '<input type="hidden" name="warned" value="yes">' in page
        assert client.post(NEW, sent | {"contacts": CONTACT, "name": "Петров П.П."}).status_code == 302

    def test_a_form_with_a_fault_is_not_yet_warned(self, client: Client) -> None:
        page = client.post(NEW, filled(client, story=self.RISKY, contacts="")).content.decode()
        assert 'name="warned"' not in page

    def test_plain_contacts_are_no_reason_to_warn(self, client: Client) -> None:
        assert client.post(NEW, filled(client, contacts="8 916 123-45-67\n9161234567")).status_code == 302


class TestAfterSaving:
    def test_the_claim_code_is_shown_once(self, client: Client) -> None:
        receipt = client.post(NEW, filled(client)).headers["Location"]
        first, second = (client.get(receipt).content.decode() for _ in range(2))
        codes = re.findall(r'<p class="code">([^<]+)</p>', first)
        assert codes[0] == HelpRequest.objects.get().reference
        assert len(codes[1].split()) == 4
        assert re.findall(r'<p class="code">([^<]+)</p>', second) == codes[:1]

    def test_the_receipt_has_the_focus_and_says_where_the_code_is_typed(self, client: Client) -> None:
        """A phone scrolls to what has the focus, and Enter presses it: never past the code that is shown once."""
        page = client.get(client.post(NEW, filled(client)).headers["Location"]).content.decode()
        assert re.search(r'<section class="receipt narrow" tabindex="-1" autofocus', page)
        assert page.count("autofocus") == 1
        assert "<code>http://testserver/claim/</code>" in page

    def test_a_double_click_is_one_request_with_its_code(self, client: Client) -> None:
        sent = filled(client)
        first, second = client.post(NEW, sent), client.post(NEW, sent)
        assert first.headers["Location"] == second.headers["Location"]
        assert HelpRequest.objects.count() == 1
        assert client.get(first.headers["Location"]).content.decode().count('<p class="code">') == 2

    def test_two_forms_are_two_requests_and_keep_both_codes(self, client: Client) -> None:
        receipts = [client.post(NEW, filled(client)).headers["Location"] for _ in range(2)]
        assert [client.get(receipt).content.decode().count('<p class="code">') for receipt in receipts] == [2, 2]

    def test_nothing_that_was_typed_comes_back(self, client: Client) -> None:
        saved = client.post(NEW, filled(client, needs=["psych"]))
        receipt = saved.headers["Location"]
        answers = [
            saved,
            *(client.get(address) for address in (receipt, receipt + "correction/", "/requests/mine/", NEW)),
        ]
        for answer in answers:
            everything = answer.content.decode() + repr(answer.headers) + str(answer.request) + repr(answer.cookies)
            for needle in ("7700 900", "900123", NAME, "Story-needle"):
                assert needle not in everything

    def test_the_address_is_random_and_nobody_elses(self, client: Client, cast: Any, sign_in: SignIn) -> None:
        receipt = client.post(NEW, filled(client)).headers["Location"]
        assert client.get(reverse("request_receipt", args=[uuid.uuid4()])).status_code == 404
        assert sign_in(cast.boris).get(receipt).status_code == 403

    def test_the_list_shows_codes_only(self, client: Client) -> None:
        client.post(NEW, filled(client, category="mobilized", urgency="u2_72h"))
        page = client.get("/requests/mine/").content.decode()
        for shown in (HelpRequest.objects.get().reference, "Mobilised", "Within 3 days", "Waiting"):
            assert shown in page

    def test_an_empty_list_says_what_to_do(self, client: Client) -> None:
        assert "You have not logged a request yet." in client.get("/requests/mine/").content.decode()

    @pytest.mark.parametrize("page", ["", "0", "-1", "99999999999", "x", "²", "1e9", "\x00", "%0d%0a"])
    def test_a_strange_page_number_is_no_error(self, client: Client, page: str) -> None:
        assert client.get("/requests/mine/", {"page": page}).status_code == 200

    def test_ten_more_requests_cost_the_list_no_more_queries(
        self, client: Client, django_assert_max_num_queries: Callable[[int], Any]
    ) -> None:
        for _ in range(2):
            for _ in range(10):
                client.post(NEW, filled(client))
            with django_assert_max_num_queries(4):
                assert client.get("/requests/mine/").status_code == 200


class TestCorrections:
    @pytest.fixture
    def address(self, client: Client) -> str:
        return client.post(NEW, filled(client)).headers["Location"] + "correction/"

    def test_it_is_added_and_reads_nothing_back(self, client: Client, address: str, boris: Member) -> None:
        answer = client.post(address, _correction(story="Now at home-needle."))
        assert answer.status_code == 302
        assert open_record(Note.objects.get().record, keyring=boris.keyring())["story"] == "Now at home-needle."
        for page in (client.get(address), client.get(answer.headers["Location"])):
            assert "needle" not in page.content.decode()

    def test_an_empty_one_is_refused(self, client: Client, address: str) -> None:
        assert "Write what is to be added." in client.post(address, _correction()).content.decode()
        assert not Note.objects.exists()

    def test_bad_input_keeps_the_text(self, client: Client, address: str) -> None:
        story = "Long text. " * 100
        page = client.post(address, _correction(story=story, name=NAME)).content.decode()
        assert story.strip() in page
        assert NAME in page

    def test_the_linter_warns_once(self, client: Client, address: str) -> None:
        sent = _correction(story="в/ч 12345")
        assert client.post(address, sent).status_code == 200
        assert client.post(address, sent | {"warned": "yes"}).status_code == 302

    def test_stopping_contact_needs_no_words(self, client: Client, address: str) -> None:
        assert client.post(address, _correction(stop_contact="on")).status_code == 302
        assert set(ContactPoint.objects.values_list("may_write", "may_call")) == {("no", "no")}

    def test_hours_of_a_further_contact_need_their_zone_too(self, client: Client, address: str) -> None:
        page = client.post(address, _correction(contacts="@fx_kept", hours_band="night")).content.decode()
        assert "Ask for their time zone" in page
        assert "@fx_kept" in page

    def test_an_erased_request_is_said_on_the_form(self, client: Client, address: str) -> None:
        HelpRequest.objects.update(erased_on=START.date())
        page = client.post(address, _correction(story="kept text")).content.decode()
        assert "kept text" in page
        assert "erased" in page

    def test_a_request_that_is_not_theirs_is_404(self, client: Client) -> None:
        assert client.get(reverse("add_correction", args=[uuid.uuid4()])).status_code == 404
        assert client.post(reverse("add_correction", args=[uuid.uuid4()]), _correction(story="x")).status_code == 404


def _correction(**changes: str) -> dict[str, str]:
    answers = dict.fromkeys(("may_write", "may_call", "may_leave_message", "hours_band"), "unknown")
    return answers | {"contacts": "", "name": "", "story": "", "time_zone": ""} | changes
