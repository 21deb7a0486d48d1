"""Search, pairs and merges through the pages; and that a volunteer's pages tell nothing about who is known."""

import datetime as dt
import logging
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from caseworker.models.audit import AuditEvent
from requests_app.actions import searching
from requests_app.actions.claims import ask_for_erasure
from requests_app.actions.tagging import compare_batch
from requests_app.models.cases import Case
from requests_app.models.duplicates import CaseMerge, DuplicateEntry, DuplicatePair
from requests_app.models.help_requests import HelpRequest
from requests_app.models.sealed import SealedRecord
from tests.cast import START, Cast, Member, audit_verbs
from tests.factories import make_case, make_request
from tests.pages.intake_form import NEW, filled

pytestmark = pytest.mark.django_db
SignIn = Callable[[Member], Client]
TYPED = ("8 (000) 555-44-33 fx_words", "@fx_grove_heron_0001", "Tikhiy")


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def two_known(cast: Cast) -> tuple[HelpRequest, HelpRequest]:
    first, second = make_request(cast), make_request(cast, now=START + dt.timedelta(days=1))
    compare_batch(cast.north, keyring=cast.boris.keyring(), actor=cast.boris.person, now=START)
    return first, second


# -- search ---------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["0044 7700 900-123", "https://t.me/fx_Grove_Heron_0001", "Tikhiy", "ТИХИЙ"])
def test_somebody_is_found_by_what_was_typed(cast: Cast, boris: Member, sign_in: SignIn, typed: str) -> None:
    waiting = make_request(cast)
    case, client = make_case(cast), sign_in(boris)
    page = text_of(client.post(reverse("search"), {"typed": typed}))
    assert waiting.reference in page
    assert case.reference in page
    assert reverse("case", args=[case.id]) in page
    assert case.help_requests.get().reference not in page  # type: ignore[attr-defined]


def test_references_and_codenames_are_found_too(cast: Cast, boris: Member, sign_in: SignIn) -> None:
    waiting, client = make_request(cast), sign_in(boris)
    case = make_case(cast)
    for typed, address in (
        (waiting.reference.lower(), reverse("triage_request", args=[waiting.id])),
        (case.reference.replace("-", " "), reverse("case", args=[case.id])),
        (f" {case.codename.upper()} ", reverse("case", args=[case.id])),
    ):
        assert address in text_of(client.post(reverse("search"), {"typed": typed}))
    ask_for_erasure(waiting, now=START)
    assert reverse("triage_request", args=[waiting.id]) not in text_of(
        client.post(reverse("search"), {"typed": waiting.reference})
    )


def test_what_was_typed_is_kept_nowhere(
    cast: Cast, boris: Member, sign_in: SignIn, caplog: pytest.LogCaptureFixture
) -> None:
    make_request(cast)
    client = sign_in(boris)
    caplog.set_level(logging.DEBUG)
    for typed in TYPED:
        answer = client.post(reverse("search"), {"typed": typed})
        assert "<title>Search</title>" in text_of(answer)
        assert not answer.has_header("Location")
        with connection.cursor() as cursor:
            tables = connection.introspection.table_names(cursor)
            stored = ""
            for table in tables:
                cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
                stored += repr(cursor.fetchall())
        assert typed not in stored
        assert typed not in caplog.text
    events = AuditEvent.objects.filter(verb="search")
    assert list(events.values_list("object_kind", "object_id")) == [("search", None)] * 3


def test_the_other_circle_finds_nobody(cast: Cast, clara: Member, sign_in: SignIn) -> None:
    waiting, case = make_request(cast), make_case(cast)
    client = sign_in(clara)
    for typed in ("+44 7700 900123", waiting.reference, case.reference, case.codename):
        assert "Nobody was found" in text_of(client.post(reverse("search"), {"typed": typed}))


def test_a_case_at_a_border_is_not_found_by_others(cast: Cast, boris: Member, sign_in: SignIn) -> None:
    case, client = make_case(cast), sign_in(boris)
    Case.objects.filter(id=case.id).update(stage="border_crossing", owner=cast.eva.person)
    request = HelpRequest.objects.get(case=case)
    for typed in ("+44 7700 900123", case.reference, case.codename, request.reference):
        assert "Nobody was found" in text_of(client.post(reverse("search"), {"typed": typed}))


def test_what_is_not_compared_yet_is_said(cast: Cast, boris: Member, sign_in: SignIn) -> None:
    client = sign_in(boris)
    make_request(cast), make_request(cast)
    page = text_of(client.post(reverse("search"), {"typed": "+44 7700 900123"}))
    assert "not compared yet" in page
    assert client.post(reverse("compare_requests"))["Location"] == reverse("duplicates")
    assert DuplicatePair.objects.count() == 1
    assert "not compared yet" not in text_of(client.post(reverse("search"), {"typed": "+44 7700 900123"}))


def test_the_121st_search_of_ten_minutes_is_refused(
    cast: Cast, boris: Member, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "MOST_SEARCHES", 3)
    client = sign_in(boris)
    assert [client.post(reverse("search"), {"typed": "Ash"}).status_code for _ in range(5)] == [200] * 3 + [429] * 2
    assert "Ash" in text_of(client.post(reverse("search"), {"typed": "Ash"}))
    assert audit_verbs().count("search_too_often") == 1
    monkeypatch.setattr(searching, "SEARCH_WINDOW", dt.timedelta())
    assert client.post(reverse("search"), {"typed": "Ash"}).status_code == 200


def test_the_limit_is_the_decided_one() -> None:
    assert (120, dt.timedelta(minutes=10)) == (searching.MOST_SEARCHES, searching.SEARCH_WINDOW)


def test_an_empty_search_and_a_locked_session(cast: Cast, boris: Member, sign_in: SignIn) -> None:
    client = sign_in(boris)
    assert "Type what to look for" in text_of(client.post(reverse("search"), {"typed": " "}))
    client.post(reverse("lock"))
    assert client.post(reverse("search"), {"typed": "Ash"}).status_code in {200, 302}
    assert "search" not in audit_verbs()


def test_ten_more_people_cost_no_more_queries(cast: Cast, boris: Member, sign_in: SignIn) -> None:
    def queries(url: str, **data: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            client.post(url, data) if data else client.get(url)
        return len(captured)

    two_known(cast)
    client = sign_in(boris)
    before = queries(reverse("search"), typed="Тихий"), queries(reverse("duplicates"))
    for _ in range(10):
        make_request(cast)
    compare_batch(cast.north, keyring=boris.keyring(), actor=boris.person, now=START)
    assert (queries(reverse("search"), typed="Тихий"), queries(reverse("duplicates"))) == before


# -- pairs and merges ------------------------------------------------------------------------------------------------------------------------


def test_a_pair_is_counted_shown_in_codes_and_decided(cast: Cast, boris: Member, sign_in: SignIn) -> None:
    first, second = two_known(cast)
    client, pair = sign_in(boris), DuplicatePair.objects.get()
    assert re.search(r"<strong>1</strong><span>Duplicates to decide", text_of(client.get(reverse("today"))))
    url = reverse("pair", args=[pair.id])
    assert url in text_of(client.get(reverse("duplicates")))
    page = text_of(client.get(url))
    for shown in (first.reference, second.reference, "Phone", "Telegram", "Name", f"{second.reference} aside"):
        assert shown in page
    assert "900123" not in page
    assert "Nothing was chosen. Choose one from the list." in text_of(client.post(url, {}))
    assert client.post(url, {"decision": "same"})["Location"] == reverse("duplicates")
    second.refresh_from_db()
    assert second.decision == "duplicate"
    assert "The same person · boris" in text_of(client.get(url))
    again = client.post(url, {"decision": "different"})
    assert again.status_code == 409
    assert "already decided" in text_of(again)


def test_a_request_is_linked_from_the_pair(cast: Cast, boris: Member, sign_in: SignIn) -> None:
    case = make_case(cast)
    make_request(cast)
    client = sign_in(boris)
    url = reverse("pair", args=[DuplicatePair.objects.get().id])
    assert "links the waiting request" in text_of(client.get(url))
    Case.objects.filter(id=case.id).update(
        is_open=False, stage="closed", outcome="referred", closed_month=case.opened_month
    )
    refused = client.post(url, {"decision": "same"})
    assert (refused.status_code, "A lead can reopen it" in text_of(refused)) == (403, True)
    Case.objects.filter(id=case.id).update(is_open=True, stage="received", outcome="", closed_month=None)
    assert client.post(url, {"decision": "same"})["Location"] == reverse("case", args=[case.id])


def test_a_decided_request_says_that_nothing_changes(cast: Cast, boris: Member, sign_in: SignIn) -> None:
    first, _second = two_known(cast)
    HelpRequest.objects.filter(id=first.id).update(state="answered", decision="advice_given", decided_on=START.date())
    url = reverse("pair", args=[DuplicatePair.objects.get().id])
    assert "Neither request changes" in text_of(sign_in(boris).get(url))


def test_two_cases_are_merged_lead_on_and_are_taken_apart(cast: Cast, boris: Member, sign_in: SignIn) -> None:
    younger, older = make_case(cast, now=START + dt.timedelta(days=40)), make_case(cast)
    client = sign_in(boris)
    pair = DuplicatePair.objects.get()
    url = reverse("merge_pair", args=[pair.id])
    assert "offers to merge" in text_of(client.get(reverse("pair", args=[pair.id])))
    assert client.post(reverse("pair", args=[pair.id]), {"decision": "same"})["Location"] == url
    versions = {"older_version": 1, "younger_version": 1}
    page = text_of(client.get(url))
    assert page.index(older.reference) < page.index(younger.reference)
    assert "The younger one stands at" not in page
    Case.objects.filter(id=younger.id).update(stage="humanitarian_visa", country="KZ")
    assert "The younger one stands at: Humanitarian visa, Active, Kazakhstan." in text_of(client.get(url))
    Case.objects.filter(id=younger.id).update(stage=younger.stage, country=younger.country)
    assert client.post(url, {"older_version": "x"}).status_code == 200
    assert client.post(url, versions | {"older_version": 7}).status_code == 409
    assert client.post(url, versions)["Location"] == reverse("case", args=[older.id])
    assert client.get(reverse("case", args=[younger.id]))["Location"] == reverse("case", args=[older.id])
    found = text_of(client.post(reverse("search"), {"typed": younger.reference}))
    assert reverse("case", args=[older.id]) in found
    assert client.get(url)["Location"] == reverse("pair", args=[pair.id])
    undo = reverse("undo_merge", args=[CaseMerge.objects.get().id])
    assert undo in text_of(client.get(reverse("duplicates")))
    assert younger.reference in text_of(client.get(undo))
    assert client.post(undo)["Location"] == reverse("case", args=[younger.id])
    assert client.get(reverse("case", args=[younger.id])).status_code == 200
    assert client.post(undo).status_code == 409


def test_two_cases_of_one_person_can_be_kept(cast: Cast, boris: Member, sign_in: SignIn) -> None:
    make_case(cast), make_case(cast)
    client = sign_in(boris)
    url = reverse("merge_pair", args=[DuplicatePair.objects.get().id])
    data = {"older_version": 1, "younger_version": 1, "keep": "yes"}
    assert client.post(url, data)["Location"] == reverse("duplicates")
    assert DuplicatePair.objects.get().decision == "same"
    assert not CaseMerge.objects.exists()


@pytest.mark.parametrize(
    ("who", "status"), [("anna", 403), ("clara", 404), ("eva", 403), ("dmitri", 403), ("sofia", 403)]
)
def test_nobody_else_sees_a_pair(cast: Cast, sign_in: SignIn, who: str, status: int) -> None:
    two_known(cast)
    client, pair = sign_in(cast.all()[who]), DuplicatePair.objects.get()
    assert client.get(reverse("pair", args=[pair.id])).status_code == status
    assert client.post(reverse("pair", args=[pair.id]), {"decision": "same"}).status_code == status
    assert client.post(reverse("search"), {"typed": "Тихий"}).status_code == (200 if who == "clara" else 403)
    if who in {"clara", "eva"}:
        assert str(pair.id) not in text_of(client.get(reverse("duplicates")))


# -- the volunteer ----------------------------------------------------------------------------------------------------------------------------


def _as_seen(client: Client, contact: str) -> tuple[list[str], int]:
    """Send one request and return everything that was answered, without what is random, and how many queries it took."""
    data = filled(client, contacts=contact, name="Ash")
    with CaptureQueriesContext(connection) as captured:
        sent = client.post(NEW, data)
        pages = [client.get(sent["Location"]), client.get(reverse("own_requests"))]
    texts = [f"{page.status_code} {sorted(page.headers.items())} {text_of(page)}" for page in (sent, *pages)]
    request = HelpRequest.objects.get(form_token=data["form_token"])
    random = (
        *(re.escape(str(request.id)), re.escape(request.reference), r"'Content-Length', '\d+'"),
        r'name="(csrfmiddlewaretoken|_for)" value="[^"]+"',
        r'<p class="code">[^<]+</p>|class="code"[^>]*>[^<]+<',
    )
    HelpRequest.objects.filter(id=request.id).update(logged_by=None)  # the list begins empty for the next one
    return [re.sub("|".join(random), "…", text) for text in texts], len(captured)


def test_a_volunteer_is_answered_alike_whether_somebody_is_known_or_not(
    cast: Cast, anna: Member, sign_in: SignIn
) -> None:
    two_known(cast)
    client = sign_in(anna)
    _as_seen(client, "+44 7700 900555")
    unknown, known = _as_seen(client, "+44 7700 900777"), _as_seen(client, "0044 7700 900 123")
    assert known == unknown
    assert unknown[1] > 5
    assert DuplicateEntry.objects.count() == 2, "nothing is compared before a coordinator unlocks"
    assert SealedRecord.objects.count() == 5


def test_a_phone_without_its_country_is_asked_about_once(cast: Cast, anna: Member, sign_in: SignIn) -> None:
    client = sign_in(anna)
    data = filled(client, contacts="771 234 56 78")
    page = text_of(client.post(NEW, data))
    assert "ask for the country" in page
    assert "771 234 56 78" in page
    assert client.post(NEW, data | {"warned": "yes"}).status_code == 302
