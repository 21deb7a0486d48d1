"""Somebody writes into the database, or holds an old cookie: every page gives one and the same answer, and nothing leaks."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from caseworker.actions.circles import admit_member, remove_member, renew_circle
from caseworker.models.ephemeral import SessionRow
from caseworker.models.keys import CircleGrant, CircleKey, StaffKey
from caseworker.vault import sealing
from caseworker.vault.formats import ctx
from requests_app.models.cases import Case
from requests_app.models.sealed import RecordKey, SealedField, SealedRecord
from tests.cast import START, Cast, Member, audit_verbs
from tests.factories import MARKERS, make_case, make_request

pytestmark = pytest.mark.django_db
SignIn = Callable[[Member], Client]
Tamper = Callable[[Cast, SealedRecord, SealedRecord], object]
ONE_ANSWER = "This record cannot be opened with your keys. If you think it should, ask a colleague of the circle."


def _of_circle(record: SealedRecord) -> Any:
    return RecordKey.objects.filter(record=record, circle_key__isnull=False)


def _swap_fields(_cast: Cast, mine: SealedRecord, _other: SealedRecord) -> None:
    name, story = (SealedField.objects.get(record=mine, name=one) for one in ("name", "story"))
    SealedField.objects.filter(id=name.id).update(envelope=story.envelope)


def _swap_rows(_cast: Cast, mine: SealedRecord, other: SealedRecord) -> None:
    for field in SealedField.objects.filter(record=other):
        SealedField.objects.filter(record=mine, name=field.name).update(envelope=field.envelope)


def _drop_field(_cast: Cast, mine: SealedRecord, _other: SealedRecord) -> None:
    SealedField.objects.filter(record=mine, name="name").delete()


def _swap_data_keys(_cast: Cast, mine: SealedRecord, other: SealedRecord) -> None:
    _of_circle(mine).update(sealed=_of_circle(other).get().sealed)


def _swap_commitments(_cast: Cast, mine: SealedRecord, other: SealedRecord) -> None:
    SealedRecord.objects.filter(id=mine.id).update(commitment=other.commitment)


def _swap_generations(_cast: Cast, mine: SealedRecord, _other: SealedRecord) -> None:
    SealedRecord.objects.filter(id=mine.id).update(generation=2)


def _move_to_a_version_it_was_not_sealed_to(cast: Cast, mine: SealedRecord, _other: SealedRecord) -> None:
    new = renew_circle(cast.north, keyring=cast.boris.keyring(), actor=cast.boris.person, now=START)
    _of_circle(mine).update(circle_key=new, recipient_key_id=new.id)


def _swap_grants_of_versions(cast: Cast, mine: SealedRecord, _other: SealedRecord) -> None:
    new = renew_circle(cast.north, keyring=cast.boris.keyring(), actor=cast.boris.person, now=START)
    of_new = CircleGrant.objects.get(circle_key=new, staff_key__person=cast.boris.person)
    CircleGrant.objects.filter(circle_key__version=1, staff_key__person=cast.boris.person).update(sealed=of_new.sealed)


def _exchange_the_circles_public_key(cast: Cast, _mine: SealedRecord, _other: SealedRecord) -> None:
    planted = sealing.generate_key_pair()
    CircleKey.objects.filter(circle=cast.north).update(public_key=planted.public_key)


def _forge_key_and_grant(cast: Cast, _mine: SealedRecord, _other: SealedRecord) -> None:
    """Plant a whole circle key: a pair of one's own, its public half in the table, its seed sealed to the member."""
    planted, key = sealing.generate_key_pair(), CircleKey.objects.get(circle=cast.north)
    to = StaffKey.objects.get(person=cast.boris.person)
    info = ctx("circle-seed", key.id, key.version, to.id)
    forged = sealing.seal(planted.seed, suite=to.suite, public_key=bytes(to.public_key), info=info)
    CircleGrant.objects.filter(circle_key=key, staff_key=to).update(sealed=forged)
    CircleKey.objects.filter(id=key.id).update(public_key=planted.public_key)


def _take_the_grant_away(cast: Cast, _mine: SealedRecord, _other: SealedRecord) -> None:
    CircleGrant.objects.filter(staff_key__person=cast.boris.person).delete()


@pytest.mark.parametrize(
    "tamper",
    [
        _swap_fields, _swap_rows, _drop_field, _swap_data_keys, _swap_commitments, _swap_generations,
        _move_to_a_version_it_was_not_sealed_to, _swap_grants_of_versions, _exchange_the_circles_public_key,
        _forge_key_and_grant,
    ],
    ids=lambda tamper: tamper.__name__.strip("_"),
)  # fmt: skip
def test_whatever_was_altered_there_is_one_answer(
    cast: Cast, boris: Member, sign_in: SignIn, caplog: pytest.LogCaptureFixture, tamper: Tamper
) -> None:
    case, other = make_case(cast), make_request(cast)
    mine = SealedRecord.objects.get(owner_id=case.help_requests.get().id)  # type: ignore[attr-defined]
    client, url = sign_in(boris), reverse("reveal_record", args=[case.id])
    form = {"record": mine.id, "reason": "assess_request"}
    tamper(cast, mine, SealedRecord.objects.get(owner_id=other.id))
    with caplog.at_level(logging.WARNING, logger="caseworker.security"):
        answer = client.post(url, form)
    page = answer.content.decode()
    assert answer.status_code == 403
    assert ONE_ANSWER in page
    assert not any(marker in page + caplog.text for marker in MARKERS)
    assert "reveal" not in audit_verbs()
    assert [(record.rule, record.view) for record in caplog.records] == [("NotReadable", "reveal_record")]  # type: ignore[attr-defined]


def test_a_request_in_triage_gives_the_same_answer(
    cast: Cast, boris: Member, sign_in: SignIn, caplog: pytest.LogCaptureFixture
) -> None:
    mine, other = make_request(cast), make_request(cast)
    record, another = (SealedRecord.objects.get(owner_id=one.id) for one in (mine, other))
    _swap_data_keys(cast, record, another)
    client, form = sign_in(boris), {"record": record.id, "reason": "assess_request"}
    with caplog.at_level(logging.WARNING, logger="caseworker.security"):
        answer = client.post(reverse("reveal_request", args=[mine.id]), form)
    assert answer.status_code == 403
    assert ONE_ANSWER in answer.content.decode()
    assert [record.rule for record in caplog.records] == ["NotReadable"]  # type: ignore[attr-defined]


def test_an_exchanged_staff_key_lets_nobody_in_and_is_written_down(cast: Cast, boris: Member) -> None:
    planted = sealing.generate_key_pair()
    StaffKey.objects.filter(person=boris.person).update(public_key=planted.public_key)
    data = {"alias": "boris", "words": boris.words, "code": ""}
    answer = Client().post(reverse("sign_in"), data)
    assert answer.status_code == 403
    assert audit_verbs()[-1] == "sign_in_refused"


def test_a_forged_vouch_stops_a_new_key_with_one_page(
    cast: Cast, boris: Member, clara: Member, sign_in: SignIn, caplog: pytest.LogCaptureFixture
) -> None:
    admit_member(cast.north, clara.person, keyring=boris.keyring(), actor=boris.person, now=START)
    CircleGrant.objects.filter(circle_key__circle=cast.north, staff_key__person=clara.person).update(vouch=b"x" * 32)
    client = sign_in(boris)
    for url in (
        reverse("renew_circle", args=[cast.north.id]),
        reverse("remove_member", args=[cast.north.id, cast.mallory.person.id]),
    ):
        with caplog.at_level(logging.WARNING, logger="caseworker.security"):
            answer = client.post(url)
        assert answer.status_code == 403
        assert "tell the security officer at once" in answer.content.decode()
        assert caplog.records[-1].rule == "KeyRefused"  # type: ignore[attr-defined]
    assert CircleKey.objects.filter(circle=cast.north).count() == 1


# -- old cookies -------------------------------------------------------------------------------------------------------------------------------


def _cookie_only(client: Client) -> Client:
    """Return a fresh browser that holds nothing but the stolen cookie."""
    thief = Client()
    thief.cookies["casework-key"] = client.cookies["casework-key"].value
    return thief


def _reboot(_cast: Cast, _client: Client, settings: Any, folder: Path) -> None:
    settings.RUNTIME_DIR = folder


def _lose_the_row(_cast: Cast, _client: Client, _settings: Any, _folder: Path) -> None:
    SessionRow.objects.all().delete()


def _lose_the_cookie(_cast: Cast, client: Client, _settings: Any, _folder: Path) -> None:
    client.cookies["casework-key"] = "A" * 43


def _guess_the_rows_name(_cast: Cast, client: Client, _settings: Any, _folder: Path) -> None:
    client.cookies["casework-key"] = SessionRow.objects.get().id_hash


def _remove_from_the_circle(cast: Cast, _client: Client, _settings: Any, _folder: Path) -> None:
    remove_member(cast.north, cast.boris.person, keyring=None, actor=cast.sofia.person, now=START)


@pytest.mark.parametrize(
    "lose",
    [_reboot, _lose_the_row, _lose_the_cookie, _guess_the_rows_name, _remove_from_the_circle],
    ids=lambda lose: lose.__name__.strip("_"),
)
def test_an_old_cookie_opens_the_sign_in_page_and_nothing_else(
    cast: Cast, boris: Member, clara: Member, sign_in: SignIn, settings: Any, tmp_path: Path, lose: Any
) -> None:
    admit_member(cast.north, clara.person, keyring=boris.keyring(), actor=boris.person, now=START)
    case = make_case(cast)
    record = SealedRecord.objects.get()
    client = _cookie_only(sign_in(boris))
    pages = (reverse("case", args=[case.id]), reverse("circles"), reverse("profile"))
    assert client.get(pages[0]).status_code == 200
    lose(cast, client, settings, tmp_path)
    for page in pages:
        answer = client.get(page)
        assert (answer.status_code, answer["Location"].split("?")[0]) == (302, reverse("sign_in"))
        assert answer.content == b""
    form = {"record": record.id, "reason": "assess_request"}
    answer = client.post(reverse("reveal_record", args=[case.id]), form)
    assert (answer.status_code, answer.content.count(b'id="id_words"')) == (401, 1)
    assert "reveal" not in audit_verbs()
    assert Case.objects.count() == 1
