"""Triage and case pages: what coordinators see and do, what strangers do not, and what stays sealed."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from requests_app.enums import Condition, Outcome, Stage
from requests_app.models.cases import Case
from requests_app.models.counts import CountCell
from requests_app.models.sealed import SealedRecord
from tests.cast import Cast, Member
from tests.factories import MARKERS, make_case, make_request, verify_case

pytestmark = pytest.mark.django_db
SignIn = Callable[[Member], Client]


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def shows_nothing_sealed(page: str) -> bool:
    return not any(marker in page for marker in MARKERS)


def post(client: Client, name: str, case: Case, **data: Any) -> Any:
    case.refresh_from_db()
    return client.post(reverse(name, args=[case.id]), {"version": case.version} | data)


def test_a_request_goes_from_the_queue_to_a_case(cast: Cast, boris: Member, sign_in: SignIn) -> None:
    help_request, client = make_request(cast), sign_in(boris)
    assert help_request.reference in text_of(client.get(reverse("triage_queue")))
    page = text_of(client.get(reverse("triage_request", args=[help_request.id])))
    assert shows_nothing_sealed(page)
    answer = client.post(reverse("decide", args=[help_request.id]), {"decision": "promote"})
    case = Case.objects.get()
    assert answer["Location"] == reverse("case", args=[case.id])
    assert client.get(answer["Location"]).status_code == 200
    assert help_request.reference not in text_of(client.get(reverse("triage_queue")))


def test_a_reveal_shows_the_record_once_and_is_counted(cast: Cast, boris: Member, sign_in: SignIn) -> None:
    help_request, client = make_request(cast), sign_in(boris)
    record, url = SealedRecord.objects.get(), reverse("reveal_request", args=[help_request.id])
    revealed = text_of(client.post(url, {"record": record.id, "reason": "assess_request"}))
    assert all(marker.split("\n")[0] in revealed for marker in MARKERS)
    assert shows_nothing_sealed(text_of(client.get(reverse("triage_request", args=[help_request.id]))))
    refused = text_of(client.post(url, {"record": record.id, "reason": ""}))
    assert shows_nothing_sealed(refused)


def test_the_31st_reveal_of_an_hour_is_refused(cast: Cast, boris: Member, sign_in: SignIn) -> None:
    help_request, client = make_request(cast), sign_in(boris)
    record, url = SealedRecord.objects.get(), reverse("reveal_request", args=[help_request.id])
    data = {"record": record.id, "reason": "assess_request"}
    assert {client.post(url, data).status_code for _ in range(30)} == {200}
    refused = client.post(url, data)
    assert refused.status_code == 403
    assert shows_nothing_sealed(text_of(refused))


def test_the_other_circle_sees_nothing(cast: Cast, clara: Member, sign_in: SignIn) -> None:
    waiting, case = make_request(cast), make_case(cast)
    client, record = sign_in(clara), SealedRecord.objects.filter(owner_id=waiting.id).get()
    assert waiting.reference not in text_of(client.get(reverse("triage_queue")))
    assert case.reference not in text_of(client.get(reverse("case_queue")))
    assert client.get(reverse("case", args=[case.id])).status_code == 404
    assert client.get(reverse("triage_request", args=[waiting.id])).status_code == 404
    reveal = {"record": record.id, "reason": "assess_request"}
    assert client.post(reverse("reveal_request", args=[waiting.id]), reveal).status_code == 404
    assert client.post(reverse("move_case", args=[case.id]), {"there": "verification", "version": 1}).status_code == 404


def test_a_lead_sees_codes_and_cannot_open_what_is_sealed(cast: Cast, eva: Member, sign_in: SignIn) -> None:
    case, client = make_case(cast), sign_in(eva)
    assert case.reference in text_of(client.get(reverse("case_queue")))
    record = SealedRecord.objects.get()
    answer = client.post(reverse("reveal_record", args=[case.id]), {"record": record.id, "reason": "contact_person"})
    assert answer.status_code == 403
    assert shows_nothing_sealed(text_of(answer))


def test_a_page_with_forms_stays_longer_than_one_with_texts(cast: Cast, boris: Member, sign_in: SignIn) -> None:
    """What is being typed outlives the session, so the page waits an hour; a revealed text goes with the session."""
    case, client = make_case(cast), sign_in(boris)
    unlock = reverse("unlock")
    for name in ("case", "case_contacts", "case_referrals"):
        assert f'content="3600;url={unlock}"' in client.get(reverse(name, args=[case.id])).content.decode()
    record = SealedRecord.objects.get()
    answer = client.post(reverse("reveal_record", args=[case.id]), {"record": record.id, "reason": "contact_person"})
    assert f'content="1800;url={unlock}"' in answer.content.decode()


def test_a_record_of_another_case_does_not_open_here(cast: Cast, boris: Member, sign_in: SignIn) -> None:
    case, other, client = make_case(cast), make_request(cast), sign_in(boris)
    foreign = SealedRecord.objects.get(owner_id=other.id)
    answer = client.post(reverse("reveal_record", args=[case.id]), {"record": foreign.id, "reason": "contact_person"})
    assert answer.status_code == 404


def test_the_route_from_hospital_to_asylum_through_the_pages(cast: Cast, boris: Member, sign_in: SignIn) -> None:
    case, client = make_case(cast, situation="hospital"), sign_in(boris)
    for there in ("verification", "legal_consult"):
        assert post(client, "move_case", case, there=there).status_code == 302
    assert post(client, "move_case", case, there="planning").status_code == 403
    case.refresh_from_db()
    verify_case(cast, case, 3)
    for there in ("planning", "hospital_exit", "border_crossing", "transit_arrival", "asylum_filing"):
        assert post(client, "move_case", case, there=there, note="All is well.").status_code == 302, there
    assert post(client, "close_case", case, outcome=Outcome.PROTECTION_GRANTED).status_code == 302
    case.refresh_from_db()
    assert (case.stage, case.is_open) == (Stage.CLOSED, False)
    counted = dict(CountCell.objects.filter(table="T3").values_list("cls", "count"))
    assert counted == {"left_service": 1, "crossed_border": 1, "asylum_filed": 1}


def test_a_stale_form_gets_409_the_new_state_and_keeps_its_note(cast: Cast, boris: Member, sign_in: SignIn) -> None:
    case, client = make_case(cast), sign_in(boris)
    old = case.version
    assert post(client, "move_case", case, there="verification").status_code == 302
    answer = client.post(
        reverse("move_case", args=[case.id]),
        {"version": old, "there": "legal_consult", "note": "My note that must stay"},
    )
    page = text_of(answer)
    assert answer.status_code == 409
    assert "My note that must stay" in page
    case.refresh_from_db()
    assert case.stage == Stage.VERIFICATION
    assert f'value="{case.version}"' in page


def test_condition_changes_and_its_refusals(cast: Cast, boris: Member, eva: Member, sign_in: SignIn) -> None:
    case, client = make_case(cast), sign_in(boris)
    assert post(client, "set_condition", case, there="paused").status_code == 403
    assert post(client, "set_condition", case, there="detained").status_code == 302
    assert "Do not contact" in text_of(client.get(reverse("case", args=[case.id])))
    assert post(client, "set_condition", case, there="active").status_code == 403
    assert post(sign_in(eva), "set_condition", case, there="active").status_code == 302
    case.refresh_from_db()
    assert case.condition == Condition.ACTIVE


def test_at_a_border_only_owner_and_deputy_see_the_case(
    cast: Cast, boris: Member, eva: Member, sign_in: SignIn
) -> None:
    case = make_case(cast)
    verify_case(cast, case, 3)
    client = sign_in(boris)
    post(client, "move_case", case, there="border_crossing", reason="already_left")
    assert client.get(reverse("case", args=[case.id])).status_code == 200
    assert sign_in(eva).get(reverse("case", args=[case.id])).status_code == 404
    Case.objects.filter(id=case.id).update(owner=None)
    assert sign_in(eva).get(reverse("case", args=[case.id])).status_code == 200


def test_reopening_is_for_a_lead(cast: Cast, boris: Member, eva: Member, sign_in: SignIn) -> None:
    case, client = make_case(cast), sign_in(boris)
    post(client, "close_case", case, outcome=Outcome.NO_RESPONSE)
    assert post(client, "reopen_case", case, reason="came_back").status_code == 403
    assert post(sign_in(eva), "reopen_case", case, reason="came_back").status_code == 302
    case.refresh_from_db()
    assert case.is_open


def test_erasing_needs_the_reference_and_leaves_codes(cast: Cast, eva: Member, sign_in: SignIn) -> None:
    case, client = make_case(cast), sign_in(eva)
    assert post(client, "erase_case", case, reference="AA-AAAA").status_code in {200, 403}
    assert SealedRecord.objects.exists()
    assert post(client, "erase_case", case, reference=case.reference).status_code == 302
    assert not SealedRecord.objects.exists()
    assert client.get(reverse("case", args=[case.id])).status_code == 200


def test_today_counts_match_the_queues(cast: Cast, boris: Member, sign_in: SignIn) -> None:
    make_request(cast)
    make_case(cast)
    page = text_of(sign_in(boris).get(reverse("today")))
    assert page.count("<strong>1</strong>") >= 2


def test_filters_take_codes_only_and_survive_nonsense(cast: Cast, boris: Member, sign_in: SignIn) -> None:
    case, client = make_case(cast), sign_in(boris)
    assert case.reference in text_of(client.get(reverse("case_queue"), {"stage": "received", "owner": "me"}))
    assert case.reference not in text_of(client.get(reverse("case_queue"), {"stage": "planning"}))
    for nonsense in ("%00", "'; drop table", "x" * 5000, "\u202e"):
        assert client.get(reverse("case_queue"), {"stage": nonsense, "after": nonsense}).status_code == 200


@pytest.mark.parametrize("extra", [1, 11])
def test_ten_more_rows_cost_the_same_queries(
    cast: Cast, boris: Member, sign_in: SignIn, extra: int, django_assert_max_num_queries: Any
) -> None:
    for _ in range(extra):
        make_case(cast)
        make_request(cast)
    client, case = sign_in(boris), Case.objects.first()
    assert case is not None
    for url in (reverse("case_queue"), reverse("triage_queue"), reverse("today"), reverse("case", args=[case.id])):
        client.get(url)
        with django_assert_max_num_queries(12):
            client.get(url)
