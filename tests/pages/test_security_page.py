"""The security officer's page: what it shows, what it takes, and who sees it."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from caseworker.actions.alarms import raise_alarm
from caseworker.enums import AlarmKind
from caseworker.models.alarms import Alarm
from caseworker.queries_panic import alarms
from requests_app.actions.locks import lock_case
from requests_app.actions.merging import merge_cases
from requests_app.actions.reveals import reveal_record
from requests_app.enums import ReasonCode
from requests_app.honeytokens import planted_cases
from requests_app.models.cases import Case
from requests_app.models.sealed import SealedRecord
from tests.cast import START, Cast, Member
from tests.connections import refused
from tests.factories import MARKERS, make_case

pytestmark = pytest.mark.django_db
SignIn = Callable[[Member], Client]


def test_reveals_are_numbers_per_person_and_day(
    cast: Cast, sofia: Member, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, client = make_case(cast), sign_in(sofia)
    monkeypatch.setattr("requests_app.views.security.clock.now", lambda: START)
    assert "Nobody has opened anything" in client.get(reverse("security")).content.decode()
    for _ in range(2):
        reveal_record(
            SealedRecord.objects.get(),
            case=case,
            reason=ReasonCode.CONTACT_PERSON,
            keyring=cast.boris.keyring(),
            actor=cast.boris.person,
            now=START,
        )
    page = client.get(reverse("security")).content.decode()
    assert '<th scope="row">boris</th>' in page
    assert '<td class="num">2</td>' in page
    assert not any(marker in page for marker in (*MARKERS, case.reference, case.codename))


def test_an_alarm_is_taken_note_of_on_the_page(cast: Cast, sofia: Member, sign_in: SignIn) -> None:
    raise_alarm(AlarmKind.ODD_HOUR, actor=cast.boris.person, now=START)
    raise_alarm(AlarmKind.PANIC, actor=sofia.person, now=START)
    alarm, client = Alarm.objects.get(kind=AlarmKind.ODD_HOUR), sign_in(sofia)
    page = client.get(reverse("security")).content.decode()
    assert "A reveal at an odd hour" in page
    assert "by another officer" in page
    assert f'<a href="{reverse("person", args=[cast.boris.person.id])}">boris</a>' in page
    assert str(cast.boris.person.id)[:8] in client.get(reverse("person", args=[cast.boris.person.id])).content.decode()
    assert alarms(viewer=cast.eva.person)[0].actor_url == ""
    assert client.post(reverse("acknowledge_alarm", args=[alarm.id])).status_code == 302
    assert client.post(reverse("acknowledge_alarm", args=[cast.north.id])).status_code == 404
    alarm.refresh_from_db()
    assert alarm.acknowledged_by == sofia.person


def test_a_case_is_locked_by_its_reference(cast: Cast, sofia: Member, sign_in: SignIn) -> None:
    case, client, url = make_case(cast), sign_in(sofia), reverse("lock_by_reference")
    assert "not a reference" in client.post(url, {"reference": "???", "reason": "safety"}).content.decode()
    case_reference = case.reference
    Case.objects.filter(id=case.id).update(reference="F-2222-22" if case_reference != "F-2222-22" else "F-3333-33")
    missing = client.post(url, {"reference": case_reference, "reason": "safety"})
    assert missing.status_code == 403
    assert "no case with this reference" in missing.content.decode()
    Case.objects.filter(id=case.id).update(reference=case_reference)
    assert client.post(url, {"reference": case_reference, "reason": "safety"}).status_code == 302
    page = client.get(reverse("security")).content.decode()
    assert case_reference in page
    assert client.post(url, {"reference": case_reference, "reason": "safety"}).status_code == 403


def test_the_reference_of_a_merged_case_locks_the_one_it_is_part_of(cast: Cast, sofia: Member, sign_in: SignIn) -> None:
    older, younger = make_case(cast), make_case(cast, now=START + dt.timedelta(days=1))
    merge_cases(younger, older, actor=cast.boris.person, now=START + dt.timedelta(days=2))
    typed = {"reference": younger.reference, "reason": "safety"}
    assert sign_in(sofia).post(reverse("lock_by_reference"), typed).status_code == 302
    older.refresh_from_db(), younger.refresh_from_db()
    assert older.locked_on is not None
    assert younger.locked_on is None
    with refused("merged into another"):
        lock_case(younger, ReasonCode.SAFETY, actor=sofia.person, now=START)


def test_a_honeytoken_is_planted_and_removed_on_the_page(cast: Cast, sofia: Member, sign_in: SignIn) -> None:
    client = sign_in(sofia)
    assert client.post(reverse("plant_honeytoken"), {"circle": "x"}).status_code == 200
    assert client.post(reverse("plant_honeytoken"), {"circle": cast.north.id}).status_code == 302
    (case,) = planted_cases()
    raise_alarm(AlarmKind.HONEYTOKEN, actor=cast.boris.person, object_id=case.id, now=START)
    assert client.get(reverse("security")).content.decode().count(case.reference) == 2
    client.post(reverse("remove_honeytoken", args=[case.id]))
    assert planted_cases() == []
    assert case.reference not in client.get(reverse("security")).content.decode()


def test_ten_more_alarms_make_no_more_queries(
    cast: Cast, sofia: Member, sign_in: SignIn, django_assert_max_num_queries: Callable[..., object]
) -> None:
    client, url = sign_in(sofia), reverse("security")
    for hour in range(2):
        raise_alarm(AlarmKind.ODD_HOUR, actor=cast.boris.person, now=START.replace(hour=hour))
    with django_assert_max_num_queries(30) as before:  # type: ignore[attr-defined]
        client.get(url)
    for hour in range(2, 12):
        raise_alarm(AlarmKind.ODD_HOUR, actor=cast.boris.person, now=START.replace(hour=hour))
    with django_assert_max_num_queries(len(before)):  # type: ignore[attr-defined]
        client.get(url)
