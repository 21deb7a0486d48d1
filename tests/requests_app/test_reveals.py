"""Reveals are limited, kept without minutes, watched, and forgotten with the record."""

import datetime as dt
from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from django.urls import reverse

from caseworker.enums import AlarmKind
from caseworker.models.alarms import Alarm
from requests_app.actions import erasure, reveals
from requests_app.actions.casework import add_note
from requests_app.enums import ReasonCode
from requests_app.models.cases import Case
from requests_app.models.reveals import Reveal
from requests_app.models.sealed import SealedRecord
from requests_app.reveal_rules import Limit
from tests.cast import START, Cast, Member
from tests.factories import MARKERS, make_case, make_request

pytestmark = pytest.mark.django_db
SignIn = Callable[[Member], Client]


def record_of(case: Case) -> SealedRecord:
    return SealedRecord.objects.get(owner_id__in=case.help_requests.values("id"))


def open_case(cast: Cast, case: Case, at: dt.datetime = START, *, words: bool = False) -> dict[str, str]:
    return reveals.reveal_watched(
        record_of(case),
        case=case,
        reason=ReasonCode.CONTACT_PERSON,
        keyring=cast.boris.keyring(),
        person=cast.boris.person,
        at=at,
        has_typed_words=words,
    )


def rung() -> list[str]:
    return sorted(Alarm.objects.values_list("kind", flat=True))


def others(cast: Cast, number: int) -> Iterator[Case]:
    """Cases of the circle that belong to nobody here."""
    for _ in range(number):
        case = make_case(cast)
        Case.objects.filter(id=case.id).update(owner=None)
        yield Case.objects.get(id=case.id)


def test_a_day_with_own_cases_rings_nothing(cast: Cast) -> None:
    for hour in range(8):
        open_case(cast, make_case(cast), START + dt.timedelta(hours=hour))
    assert rung() == []


def test_a_note_of_the_case_opens_like_its_requests(cast: Cast) -> None:
    case = make_case(cast)
    note = add_note(case, "fx_note", actor=cast.boris.person, now=START)
    boris = cast.boris
    texts = reveals.reveal_record(
        note.record, case=case, reason=ReasonCode.PREPARE_STEP, keyring=boris.keyring(), actor=boris.person, now=START
    )
    assert texts == {"text": "fx_note"}


def test_a_reveal_keeps_the_hour_and_no_minute(cast: Cast) -> None:
    open_case(cast, make_case(cast), START + dt.timedelta(minutes=47))
    row = Reveal.objects.get()
    assert (row.hour, row.is_own, row.reason) == (START, True, ReasonCode.CONTACT_PERSON)


def test_the_third_case_of_others_rings(cast: Cast) -> None:
    for case in others(cast, 3):
        assert open_case(cast, case)
    assert rung() == [AlarmKind.OUTSIDE_OWN]


def test_a_deputy_works_own_cases(cast: Cast) -> None:
    for case in others(cast, 4):
        Case.objects.filter(id=case.id).update(deputy=cast.boris.person)
        open_case(cast, Case.objects.get(id=case.id))
    assert rung() == []


def test_the_night_is_the_persons_own(cast: Cast) -> None:
    case, night = make_case(cast), START.replace(hour=2)
    cast.boris.person.time_zone = "Asia/Tbilisi"
    open_case(cast, case, night.replace(hour=3))
    assert rung() == []
    cast.boris.person.time_zone = "UTC"
    open_case(cast, case, night)
    assert rung() == [AlarmKind.ODD_HOUR]


def test_a_night_shift_becomes_usual(cast: Cast) -> None:
    case, night = make_case(cast), START.replace(hour=2)
    for day in range(7):
        open_case(cast, case, night + dt.timedelta(days=day))
    assert Alarm.objects.filter(kind=AlarmKind.ODD_HOUR).count() == 5


@pytest.fixture
def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    limits = {AlarmKind.REVEALS_PER_HOUR: Limit(1, 2, 4), AlarmKind.REVEALS_PER_DAY: Limit(24, 3, 6)}
    monkeypatch.setattr("requests_app.reveal_rules.LIMITS", limits)
    monkeypatch.setattr("requests_app.actions.reveals.LIMITS", limits)


@pytest.mark.usefixtures("small_limits")
def test_beyond_the_limit_the_words_help_for_a_while_and_two_people_know(cast: Cast) -> None:
    case = make_case(cast)
    for _ in range(2):
        open_case(cast, case)
    with pytest.raises(reveals.WordsNeeded):
        open_case(cast, case)
    assert rung() == [AlarmKind.REVEALS_PER_HOUR]
    for _ in range(2):
        assert open_case(cast, case, words=True)
    with pytest.raises(reveals.LimitReached) as refusal:
        open_case(cast, case, words=True)
    assert not isinstance(refusal.value, reveals.WordsNeeded)
    later = START + dt.timedelta(hours=1)
    with pytest.raises(reveals.WordsNeeded):
        open_case(cast, case, later)
    assert AlarmKind.REVEALS_PER_DAY in rung()


@pytest.mark.usefixtures("small_limits")
def test_the_page_asks_for_the_words_and_takes_them(cast: Cast, boris: Member, sign_in: SignIn) -> None:
    case, client = make_case(cast), sign_in(boris)
    url, data = reverse("reveal_record", args=[case.id]), {"record": record_of(case).id, "reason": "contact_person"}
    for _ in range(2):
        assert client.post(url, data).status_code == 200
    asked = client.post(url, data)
    assert asked.status_code == 403
    assert 'name="words"' in asked.content.decode()
    wrong = client.post(url, data | {"words": "not these words"})
    assert wrong.status_code == 403
    assert 'name="words"' in wrong.content.decode()
    assert MARKERS[0] not in wrong.content.decode()
    assert MARKERS[0] in client.post(url, data | {"words": boris.words}).content.decode()


@pytest.mark.usefixtures("small_limits")
def test_triage_asks_for_the_words_too(cast: Cast, boris: Member, sign_in: SignIn) -> None:
    waiting, client = make_request(cast), sign_in(boris)
    url, record = reverse("reveal_request", args=[waiting.id]), SealedRecord.objects.get()
    data = {"record": record.id, "reason": "assess_request"}
    for _ in range(2):
        client.post(url, data)
    assert 'name="words"' in client.post(url, data).content.decode()


def test_reveals_die_with_the_person(cast: Cast) -> None:
    case = make_case(cast)
    open_case(cast, case)
    erasure.erase_case(case, actor=cast.eva.person, now=START)
    assert not Reveal.objects.exists()
