"""The requester's own page: four words authorize, and decrypt nothing."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from requests_app.actions.erasure import erase_due
from requests_app.actions.intake import IntakeData, SealedTexts, log_request
from requests_app.actions.triage import promote_request
from requests_app.enums import SafeAnswer
from requests_app.models.cases import Case
from requests_app.models.contacts import ContactPoint
from requests_app.models.erasure import ErasureEntry
from requests_app.models.help_requests import HelpRequest
from requests_app.views import claims as views
from tests.cast import START, Cast, Member, audit_verbs
from tests.factories import CONTACTS, MARKERS, NAME, STORY

pytestmark = pytest.mark.django_db
SignIn = Callable[[Member], Client]


@pytest.fixture
def code(cast: Cast) -> str:
    """Log a request and open a case; return the claim code."""
    texts = SealedTexts(CONTACTS, NAME, STORY)
    receipt = log_request(IntakeData(texts=texts), actor=cast.anna.person, now=START)
    promote_request(HelpRequest.objects.get(), actor=cast.boris.person, now=START)
    return receipt.claim_code


def _opened(code: str) -> Client:
    client = Client()
    answer = client.post(reverse("claim"), {"words": f"  {code.upper()} "})
    assert answer["Location"] == reverse("claim_choices")
    return client


def test_what_is_held_is_told_in_kinds_and_numbers(code: str) -> None:
    page = _opened(code).post(reverse("claim_held")).content.decode()
    for line in ("Contact lines</dt><dd>2", "Sealed texts</dt><dd>1", "Times you wrote</dt><dd>1", "March 2025"):
        assert line in page
    for value in (*MARKERS, "boris", "anna", "North", code):
        assert value not in page
    assert audit_verbs()[-1] == "ask_what_is_held"


def test_withdrawn_consent_turns_every_answer_to_no(code: str) -> None:
    _opened(code).post(reverse("claim_withdraw"))
    flags = ContactPoint.objects.values_list("may_write", "may_call", "may_leave_message")
    assert {flag for row in flags for flag in row} == {SafeAnswer.NO}


def test_erasure_is_asked_taken_back_asked_again_and_done(code: str) -> None:
    client = _opened(code)
    page = client.post(reverse("claim_erase")).content.decode()
    assert "Do not erase me" in page
    due = HelpRequest.objects.get().erasure_due_at
    assert due is not None
    assert Case.objects.get().erasure_due_at == due
    client.post(reverse("claim_erase"))
    assert HelpRequest.objects.get().erasure_due_at == due
    assert "Erase me in 48 hours" in client.post(reverse("claim_keep")).content.decode()
    assert Case.objects.get().erasure_due_at is None
    client.post(reverse("claim_erase"))
    assert erase_due(dt.datetime(2090, 1, 1, tzinfo=dt.UTC)) == 1
    assert client.get(reverse("claim_choices"))["Location"] == reverse("claim")
    assert client.post(reverse("claim_keep"))["Location"] == reverse("claim")
    receipt = Client().post(reverse("claim"), {"words": code}).content.decode()
    assert "Nothing is kept about you" in receipt
    assert ErasureEntry.objects.get(subject_kind="help_request").id.hex[:8].upper() in receipt


@pytest.mark.parametrize("words", ["", "abacus", "abacus abacus abacus abacus", "\x00", "x" * 5000, "Полынья"])
def test_wrong_codes_are_told_and_kept(code: str, words: str) -> None:
    answer = Client().post(reverse("claim"), {"words": words})
    assert answer.status_code in {200, 403}
    assert "Please look at this again" in answer.content.decode()


def test_guessing_is_slowed_for_all_together(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "FREE_FAILURES", 3)
    for _ in range(3):
        assert Client().post(reverse("claim"), {"words": "wrong words"}).status_code == 403
    assert Client().post(reverse("claim"), {"words": code}).status_code == 429


def test_without_a_code_nothing_is_answered(cast: Cast, code: str) -> None:
    for name in ("claim_held", "claim_withdraw", "claim_erase", "claim_keep"):
        assert Client().post(reverse(name))["Location"] == reverse("claim")
    assert HelpRequest.objects.get().erasure_due_at is None


def test_a_proof_lasts_a_quarter_of_an_hour_and_ends_by_leaving(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    client = _opened(code)
    assert client.get(reverse("claim_choices")).status_code == 200
    assert client.post(reverse("claim_leave"))["Location"] == reverse("neutral")
    assert client.get(reverse("claim_choices"))["Location"] == reverse("claim")
    client = _opened(code)
    later = views.time.time() + views.CLAIM_SECONDS + 1
    monkeypatch.setattr(views.time, "time", lambda: later)
    assert client.get(reverse("claim_choices"))["Location"] == reverse("claim")


def test_the_page_speaks_the_language_that_was_chosen_there(client: Client) -> None:
    answer = client.post(reverse("choose_language"), {"language": "ru", "back": "claim"})
    assert answer["Location"] == reverse("claim")
    assert client.get(reverse("claim"))["Content-Language"] == "ru"
    elsewhere = client.post(reverse("choose_language"), {"language": "ru", "back": "people"})
    assert elsewhere["Location"] == reverse("sign_in")
