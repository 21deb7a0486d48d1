"""Nothing typed is lost when a session ends, and nothing of it can be read or used by somebody else."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.test import Client, RequestFactory
from django.urls import reverse

from caseworker import replay
from caseworker.models.ephemeral import SessionRow
from requests_app.models.cases import Case
from requests_app.models.notes import Note
from requests_app.models.sealed import SealedRecord
from requests_app.sealed import open_record
from tests.cast import Cast, Member
from tests.factories import make_case

pytestmark = pytest.mark.django_db
SignIn = Callable[[Member], Client]
TEXT = "Typed for a long time before the session ended"


def typed_note(case: Case, member: Member) -> dict[str, Any]:
    return {"version": case.version, "text": TEXT, "_for": replay.binding(member.person)}


def carried(answer: Any) -> str:
    page = answer.content.decode()
    assert TEXT not in page
    return str(page.split('name="carry" value="')[1].split('"')[0])


def sign_in_with(member: Member, carry: str) -> Any:
    return Client().post(reverse("sign_in"), {"alias": member.person.alias, "words": member.words, "carry": carry})


def test_a_note_survives_an_expired_session(cast: Cast, boris: Member, sign_in: SignIn) -> None:
    case, client = make_case(cast), sign_in(boris)
    SessionRow.objects.all().delete()
    carry = carried(client.post(reverse("add_note", args=[case.id]), typed_note(case, boris)))
    assert not Note.objects.exists()
    answer = sign_in_with(boris, carry)
    assert answer["Location"] == reverse("case", args=[case.id])
    assert open_record(Note.objects.get().record, keyring=boris.keyring()) == {"text": TEXT}


def test_a_note_survives_a_lock(cast: Cast, boris: Member, sign_in: SignIn) -> None:
    case, client = make_case(cast), sign_in(boris)
    client.post(reverse("lock"))
    carry = carried(client.post(reverse("add_note", args=[case.id]), typed_note(case, boris)))
    assert client.post(reverse("unlock"), {"words": boris.words, "carry": carry}).status_code == 302
    assert Note.objects.count() == 1


def test_somebody_else_cannot_use_what_was_carried(cast: Cast, boris: Member, eva: Member, sign_in: SignIn) -> None:
    case, client = make_case(cast), sign_in(boris)
    SessionRow.objects.all().delete()
    carry = carried(client.post(reverse("add_note", args=[case.id]), typed_note(case, boris)))
    assert sign_in_with(eva, carry)["Location"] == "/"
    assert not Note.objects.exists()


@pytest.mark.parametrize("binding", ["", "forged", "x:y:z"])
def test_a_forged_binding_carries_nothing(cast: Cast, boris: Member, sign_in: SignIn, binding: str) -> None:
    case, client = make_case(cast), sign_in(boris)
    SessionRow.objects.all().delete()
    answer = client.post(reverse("add_note", args=[case.id]), typed_note(case, boris) | {"_for": binding})
    assert 'name="carry"' not in answer.content.decode()


def test_tokens_age_and_die_with_the_boot(boris: Member, settings: Any, tmp_path: Any) -> None:
    request = RequestFactory().post("/cases/", {"text": TEXT})
    with time_machine.travel(dt.datetime(2025, 3, 3, 9, tzinfo=dt.UTC), tick=False) as traveller:
        token = replay.seal_post(request, boris.person.id)
        assert token is not None
        assert TEXT.encode().hex() not in token
        assert replay.open_post(token, boris.person.id) is not None
        traveller.shift(dt.timedelta(minutes=61))
        assert replay.open_post(token, boris.person.id) is None
        traveller.shift(dt.timedelta(minutes=-60))
        settings.RUNTIME_DIR = tmp_path
        assert replay.open_post(token, boris.person.id) is None


@pytest.mark.parametrize("token", ["", "zz", "00" * 40, "01" * 100])
def test_broken_tokens_are_ignored(boris: Member, token: str) -> None:
    assert replay.open_post(token, boris.person.id) is None
    assert sign_in_with(boris, token)["Location"] == "/"


def test_forms_that_are_too_large_are_not_carried(boris: Member) -> None:
    request = RequestFactory().post("/cases/", {"text": "x" * 300_000})
    assert replay.seal_post(request, boris.person.id) is None


def test_only_marked_views_are_replayed(cast: Cast, boris: Member, eva: Member, sign_in: SignIn) -> None:
    case, client = make_case(cast), sign_in(eva)
    SessionRow.objects.all().delete()
    data = {"version": case.version, "reference": case.reference, "_for": replay.binding(eva.person)}
    answer = client.post(reverse("erase_case", args=[case.id]), data)
    assert answer.status_code == 401
    request = RequestFactory().post(reverse("erase_case", args=[case.id]), data)
    token = replay.seal_post(request, eva.person.id)
    assert token is not None
    sign_in_with(eva, token)
    assert SealedRecord.objects.exists()
