"""Sign-in, lock, expiry, quick exit: every way in unlocks the key or nothing."""

import datetime as dt
from collections.abc import Callable

import pytest
import time_machine
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.db import DatabaseError
from django.test import Client
from django.urls import reverse

from caseworker import second_factor
from caseworker.exceptions import PolicyRefused
from caseworker.models.accounts import Caseworker
from caseworker.models.ephemeral import AttemptCounter, SessionRow
from caseworker.models.keys import StaffKey
from caseworker.vault.errors import OpenFailed
from tests.cast import Cast, Member, audit_verbs

pytestmark = pytest.mark.django_db
SignIn = Callable[[Member], Client]


def attempt(member: Member, words: str | None = None, code: str = "") -> tuple[Client, int, str]:
    client = Client()
    answer = client.post(
        reverse("sign_in"), {"alias": member.person.alias, "words": words or member.words, "code": code}
    )
    return client, answer.status_code, answer.content.decode()


def is_inside(client: Client) -> bool:
    return client.get(reverse("profile")).status_code == 200


def test_right_words_open_a_session_and_the_key(anna: Member, sign_in: SignIn) -> None:
    assert is_inside(sign_in(anna))
    assert audit_verbs()[-1] == "sign_in"


def test_signing_out_ends_the_session_and_is_written_down(anna: Member, sign_in: SignIn) -> None:
    client = sign_in(anna)
    assert client.post(reverse("sign_out")).status_code == 302
    assert not is_inside(client)
    assert audit_verbs()[-1] == "sign_out"


@pytest.mark.parametrize("fault", [PolicyRefused(), OpenFailed(), DatabaseError()])
def test_what_fails_after_unlocking_keeps_nobody_out_and_stops_nothing_else(
    anna: Member, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    done: list[str] = []

    def fail(*_args: object) -> None:
        raise fault

    monkeypatch.setattr("caseworker.actions.sessions.AFTER_UNLOCK", [fail, lambda *_args: done.append("next")])
    assert is_inside(sign_in(anna))
    assert done == ["next"]


@pytest.mark.parametrize("words", ["wrong words entirely here now ok", "", "anna", "x" * 150, "\x00", "пароль"])
def test_wrong_words_open_nothing(anna: Member, words: str) -> None:
    client, status, _page = attempt(anna, words or " ")
    assert status in {200, 403}
    assert not is_inside(client)


def test_words_are_forgiving_about_case_and_spaces(anna: Member) -> None:
    client, status, _page = attempt(anna, "  " + anna.words.upper().replace(" ", "   "))
    assert status == 302
    assert is_inside(client)


def test_unknown_suspended_and_wrong_look_the_same(cast: Cast) -> None:
    def text(alias: str) -> str:
        answer = Client().post(reverse("sign_in"), {"alias": alias, "words": "no such six words at all"})
        assert answer.status_code == 403
        return answer.content.decode().replace(alias, "ALIAS").split("<main")[1].split("csrfmiddlewaretoken")[0]

    assert text("nobody") == text("mallory") == text("anna")


def test_a_suspended_person_does_not_get_in_with_the_right_words(mallory: Member) -> None:
    client, status, _page = attempt(mallory)
    assert status == 403
    assert not is_inside(client)


def test_the_sixth_try_is_blocked_even_with_the_right_words(anna: Member) -> None:
    for _ in range(5):
        attempt(anna, "not the words of anna here")
    _client, status, page = attempt(anna)
    assert status == 429
    assert "Wait five minutes" in page


def test_a_block_ends_by_itself(anna: Member) -> None:
    with time_machine.travel(dt.datetime(2025, 3, 3, 9, tzinfo=dt.UTC), tick=False) as traveller:
        for _ in range(9):
            attempt(anna, "not the words of anna here")
        traveller.shift(dt.timedelta(minutes=6))
        assert attempt(anna)[1] == 302


def test_counters_name_nobody(anna: Member) -> None:
    attempt(anna, "not the words of anna here")
    assert "anna" not in AttemptCounter.objects.get().key


def test_a_substituted_staff_public_key_refuses_to_open(anna: Member, boris: Member) -> None:
    other = StaffKey.objects.get(person=boris.person)
    StaffKey.objects.filter(person=anna.person).update(public_key=other.public_key)
    assert attempt(anna)[1] == 403


def test_no_second_hash_exists(cast: Cast) -> None:
    assert not any(person.has_usable_password() for person in Caseworker.objects.all())


def test_lock_asks_for_the_words_and_keeps_the_session(boris: Member, sign_in: SignIn) -> None:
    client = sign_in(boris)
    client.post(reverse("lock"))
    answer = client.get(reverse("profile"))
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("unlock"))
    assert client.post(reverse("unlock"), {"words": "not these"}).status_code == 403
    assert client.post(reverse("unlock"), {"words": boris.words}).status_code == 302
    assert is_inside(client)


def test_idle_time_depends_on_the_role(anna: Member, boris: Member, sign_in: SignIn) -> None:
    with time_machine.travel(dt.datetime(2025, 3, 3, 9, tzinfo=dt.UTC), tick=False) as traveller:
        volunteer, coordinator = sign_in(anna), sign_in(boris)
        traveller.shift(dt.timedelta(minutes=16))
        assert not is_inside(volunteer)
        assert is_inside(coordinator)
        traveller.shift(dt.timedelta(minutes=31))
        assert not is_inside(coordinator)


def test_a_session_ends_after_eight_hours_of_work(boris: Member, sign_in: SignIn) -> None:
    with time_machine.travel(dt.datetime(2025, 3, 3, 9, tzinfo=dt.UTC), tick=False) as traveller:
        client = sign_in(boris)
        for _ in range(23):
            traveller.shift(dt.timedelta(minutes=20))
            assert is_inside(client)
        traveller.shift(dt.timedelta(minutes=25))
        assert not is_inside(client)


def test_a_session_dies_when_the_clock_jumps_back(boris: Member, sign_in: SignIn) -> None:
    with time_machine.travel(dt.datetime(2025, 3, 3, 9, tzinfo=dt.UTC), tick=False) as traveller:
        client = sign_in(boris)
        traveller.shift(dt.timedelta(minutes=-10))
        assert not is_inside(client)


def test_the_third_session_ends_the_oldest(boris: Member, sign_in: SignIn) -> None:
    first, second, third = sign_in(boris), sign_in(boris), sign_in(boris)
    assert [is_inside(client) for client in (first, second, third)] == [False, True, True]


def test_suspension_ends_open_sessions_at_once(boris: Member, sofia: Member, sign_in: SignIn) -> None:
    client, officer = sign_in(boris), sign_in(sofia)
    officer.post(reverse("suspend_person", args=[boris.person.id]), {"typed": "boris"})
    assert not is_inside(client)
    assert not SessionRow.objects.filter(person_id=boris.person.id).exists()


def test_a_reboot_ends_every_session(boris: Member, sign_in: SignIn, settings: object, tmp_path: object) -> None:
    client = sign_in(boris)
    settings.RUNTIME_DIR = tmp_path  # type: ignore[attr-defined]
    assert not is_inside(client)


def test_a_session_row_tells_nothing_and_opens_for_no_other_cookie(
    boris: Member, anna: Member, sign_in: SignIn
) -> None:
    mine, other = sign_in(boris), sign_in(anna)
    row = SessionRow.objects.get(person_id=boris.person.id)
    assert len(bytes(row.payload)) % 512 == 28
    assert b"_ring" not in bytes(row.payload)
    stolen = SessionRow.objects.get(person_id=anna.person.id)
    SessionRow.objects.filter(id_hash=stolen.id_hash).update(payload=row.payload)
    assert not is_inside(other)
    assert is_inside(mine)


def test_quick_exit_ends_the_session_and_clears_the_site(boris: Member, sign_in: SignIn) -> None:
    client = sign_in(boris)
    answer = client.post(reverse("quick_exit"))
    assert answer["Location"] == reverse("neutral")
    assert "cookies" in answer["Clear-Site-Data"]
    assert not is_inside(client)
    assert "asework" not in client.get(reverse("neutral")).content.decode().split("<title>")[1].split("</head>")[
        0
    ].replace("caseworker/", "")


def test_sign_in_goes_nowhere_else(anna: Member) -> None:
    answer = Client().post(reverse("sign_in"), {"alias": "anna", "words": anna.words, "next": "//evil.example/path"})
    assert answer["Location"] == "/"


def totp(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))


def test_second_factor_is_asked_once_set_and_replay_is_refused(boris: Member) -> None:
    secret = second_factor.new_secret()
    second_factor.activate(boris.person, secret)
    assert attempt(boris)[1] == 403
    code = totp(secret)
    assert attempt(boris, code=code)[1] == 302
    assert attempt(boris, code=code)[1] == 403


def test_a_recovery_code_opens_once(boris: Member) -> None:
    code = second_factor.activate(boris.person, second_factor.new_secret())[0]
    assert attempt(boris, code=code)[1] == 302
    assert attempt(boris, code=code)[1] == 403


def test_without_a_second_factor_only_its_set_up_opens(boris: Member, sign_in: SignIn, settings: object) -> None:
    settings.SECOND_FACTOR_REQUIRED = True  # type: ignore[attr-defined]
    client = sign_in(boris)
    assert client.get(reverse("profile"))["Location"] == reverse("second_factor")
    page = client.get(reverse("second_factor")).content.decode()
    secret = page.split("<code>")[1].split("</code>")[0].replace(" ", "")
    answer = client.post(reverse("second_factor"), {"code": totp(secret)})
    assert answer.status_code == 200
    assert is_inside(client)


def test_the_database_holds_no_readable_totp_secret(boris: Member) -> None:
    secret = second_factor.new_secret()
    second_factor.activate(boris.person, secret)
    stored = str(list(boris.person.authenticator_set.values_list("data", flat=True)))
    assert secret not in stored
