"""Notices: nobody gets one unasked, nothing of a case is in one, and whatever stands still or runs twice, one goes out."""

import datetime as dt
import itertools
import re
import smtplib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import reverse

from caseworker.actions import notice_sending
from caseworker.actions.notices import choose_notices, confirm_notices, drop_notices
from caseworker.actions.people import change_role, record_leaving, restore_person, suspend_person
from caseworker.enums import AuditVerb, NoticeChannel, NoticeLevel, NoticeProblem, Role
from caseworker.exceptions import PolicyRefused
from caseworker.models.accounts import Caseworker
from caseworker.models.notices import NoticeChoice
from caseworker.notices import texts
from caseworker.notices.addresses import open_address
from caseworker.notices.problems import NoticeFailed
from caseworker.notices.times import CODE_TRIES, CODES_AN_HOUR, LONGEST_WAIT, last_slot, wait_after
from requests_app import tasks
from tests.cast import START, Cast, Member, audit_verbs

pytestmark = pytest.mark.django_db
SignIn = Callable[[Member], Client]
ADDRESS = "fx_look_in@example.org"
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def switched_on(settings: Any) -> Iterator[Any]:
    settings.NOTICE_CHANNELS = ["email", "webhook"]
    settings.NOTICE_FROM = "quiet@example.net"
    settings.NOTICE_HOURS, settings.NOTICE_ZONE = [8, 18], "UTC"
    return settings


def no_news(_person: Caseworker, _since: dt.datetime, _now: dt.datetime) -> bool:
    return False


def news(_person: Caseworker, _since: dt.datetime, _now: dt.datetime) -> bool:
    return True


def choose(member: Member, level: NoticeLevel = NoticeLevel.DIGEST, *, now: dt.datetime = START) -> NoticeChoice:
    return choose_notices(level, NoticeChannel.EMAIL, ADDRESS, actor=member.person, now=now)


def sent_code() -> str:
    found = re.search(r"(\d{4}) (\d{4})", str(mail.outbox[-1].body))
    assert found
    return "".join(found.groups())


def confirmed(member: Member, level: NoticeLevel = NoticeLevel.DIGEST, *, now: dt.datetime = START) -> NoticeChoice:
    choose(member, level, now=now)
    notice_sending.send_codes(now)
    assert confirm_notices(sent_code(), actor=member.person, now=now)
    mail.outbox.clear()
    return NoticeChoice.objects.get(person=member.person)


def run(now: dt.datetime, has_news: notice_sending.HasNews = no_news, *, is_locked: bool = False) -> list[str]:
    mail.outbox.clear()
    notice_sending.send_due(now, has_news=has_news, is_locked=is_locked)
    return [str(message.body) for message in mail.outbox]


def test_nobody_who_did_not_ask_hears_anything(cast: Cast) -> None:
    assert run(START + DAY, news) == []


def test_an_address_that_is_not_proven_gets_a_code_and_nothing_else(boris: Member) -> None:
    choose(boris, NoticeLevel.IMMEDIATE)
    assert run(START + DAY, news) == []
    notice_sending.send_codes(START)
    assert [message.to for message in mail.outbox] == [[ADDRESS]]
    assert str(mail.outbox[0].body) == texts.code_text(sent_code())


def test_what_is_sent_is_the_same_for_everybody_and_names_nobody(boris: Member, clara: Member) -> None:
    confirmed(boris)
    confirmed(clara)
    run(START + DAY)
    first, second = (message.message() for message in mail.outbox)
    assert first.get_payload() == second.get_payload()
    assert first["Subject"] == second["Subject"]
    assert set(first.keys()) == {
        "Content-Type", "MIME-Version", "Content-Transfer-Encoding", "Subject", "From", "To", "Date", "Message-ID", "Auto-Submitted",
    }  # fmt: skip
    assert re.fullmatch(r"<[0-9a-f]{32}@example\.net>", first["Message-ID"])
    assert not re.search(r"\d", texts.REMINDER + texts.LOOK_SOON + texts.SUBJECT)


def test_one_reminder_at_each_fixed_time(boris: Member) -> None:
    confirmed(boris)
    assert run(START + HOUR) == []
    evening = START.replace(hour=18, minute=3)
    assert run(evening) == [texts.REMINDER]
    assert run(evening) == []
    assert run(evening + HOUR) == []
    assert run(START.replace(hour=8) + DAY) == [texts.REMINDER]


def test_ten_days_of_silence_bring_one_reminder(boris: Member) -> None:
    confirmed(boris)
    assert run(START + 10 * DAY) == [texts.REMINDER]
    assert run(START + 10 * DAY + dt.timedelta(minutes=5)) == []


def test_two_runs_at_once_send_one(boris: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    confirmed(boris)
    now, again = START + DAY, []

    def send_while_another_runs(choice: NoticeChoice, text: str) -> None:
        again.append(text)
        if len(again) == 1:
            notice_sending.send_due(now, has_news=news, is_locked=False)

    monkeypatch.setattr(notice_sending, "send", send_while_another_runs)
    notice_sending.send_due(now, has_news=no_news, is_locked=False)
    assert again == [texts.REMINDER]


def test_a_notice_that_was_cut_off_is_sent_again(boris: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    confirmed(boris, NoticeLevel.IMMEDIATE)
    now = START + 2 * HOUR

    def cut_off(_choice: NoticeChoice, _text: str) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(notice_sending, "send", cut_off)
        with pytest.raises(KeyboardInterrupt):
            run(now, news)
    assert run(now + dt.timedelta(minutes=1), news) == []
    assert run(now + dt.timedelta(minutes=5), news) == [texts.LOOK_SOON]


def test_it_rings_once_an_hour_and_only_those_who_asked(boris: Member, clara: Member) -> None:
    confirmed(boris, NoticeLevel.IMMEDIATE)
    confirmed(clara)
    first = START + HOUR
    assert run(first, news) == [texts.LOOK_SOON]
    assert mail.outbox[0].to == [ADDRESS]
    assert run(first + dt.timedelta(minutes=59), news) == []
    assert run(first + HOUR, news) == [texts.LOOK_SOON]


def test_what_came_up_within_the_hour_is_asked_for_when_it_is_over(boris: Member) -> None:
    confirmed(boris, NoticeLevel.IMMEDIATE)
    asked: list[tuple[dt.datetime, dt.datetime]] = []

    def remember(_person: Caseworker, since: dt.datetime, now: dt.datetime) -> bool:
        asked.append((since, now))
        return True

    run(START + HOUR, remember)
    run(START + HOUR + dt.timedelta(minutes=30), remember)
    run(START + 2 * HOUR, remember)
    assert asked == [(START, START + HOUR), (START + HOUR, START + 2 * HOUR)]


def test_a_failure_is_tried_again_ever_more_rarely_and_shown(boris: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    confirmed(boris)
    moments: list[dt.datetime] = []
    now = START.replace(hour=18)

    def fail(_choice: NoticeChoice, _text: str) -> None:
        moments.append(now)
        raise NoticeFailed(NoticeProblem.UNREACHABLE)

    with monkeypatch.context() as patch:
        patch.setattr(notice_sending, "send", fail)
        for _run in range(24):
            run(now)
            now += dt.timedelta(minutes=5)
    assert 3 <= len(moments) <= 6
    gaps = [later - earlier for earlier, later in itertools.pairwise(moments)]
    assert gaps == sorted(gaps)
    assert NoticeChoice.objects.get().problem == NoticeProblem.UNREACHABLE
    assert run(START + DAY) == [texts.REMINDER]
    assert NoticeChoice.objects.get().problem == ""


def test_waits_grow_and_end() -> None:
    waits = [wait_after(failures) for failures in range(100)]
    assert waits == sorted(waits)
    assert waits[-1] == LONGEST_WAIT


@pytest.mark.parametrize(
    ("now", "slot"),
    [
        ("2025-03-03T06:59+00:00", "2025-03-02T17:00+00:00"),
        ("2025-03-03T07:00+00:00", "2025-03-03T07:00+00:00"),
        ("2025-03-03T16:59+00:00", "2025-03-03T07:00+00:00"),
        ("2025-03-30T05:59+00:00", "2025-03-29T17:00+00:00"),
        ("2025-03-30T06:00+00:00", "2025-03-30T06:00+00:00"),
    ],
)
def test_the_fixed_times_follow_their_zone(now: str, slot: str) -> None:
    assert last_slot(dt.datetime.fromisoformat(now), [8, 18], "Europe/Berlin") == dt.datetime.fromisoformat(slot)


def test_the_address_is_in_no_column_and_no_audit_event(boris: Member) -> None:
    confirmed(boris)
    choice = NoticeChoice.objects.get()
    assert ADDRESS.encode() not in bytes(choice.address)
    assert open_address(choice.address, boris.person.id) == ADDRESS
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {NoticeChoice._meta.db_table}")
        assert ADDRESS not in repr(cursor.fetchall())
    assert [verb for verb in audit_verbs() if "notice" in verb] == [AuditVerb.CHOOSE_NOTICES, AuditVerb.CONFIRM_NOTICES]


def test_an_address_moved_to_another_person_opens_nothing(boris: Member, clara: Member) -> None:
    confirmed(boris)
    confirmed(clara)
    NoticeChoice.objects.filter(person=clara.person).update(
        address=NoticeChoice.objects.get(person=boris.person).address
    )
    assert run(START + DAY) == [texts.REMINDER]
    assert NoticeChoice.objects.get(person=clara.person).problem == NoticeProblem.UNREADABLE


def test_another_secret_key_sends_nothing_and_says_so(boris: Member, switched_on: Any) -> None:
    confirmed(boris)
    switched_on.SECRET_KEY = "another-" + "z" * 50
    assert run(START + DAY) == []
    assert NoticeChoice.objects.get().problem == NoticeProblem.UNREADABLE


def test_two_runs_at_once_send_one_code(boris: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    choose(boris)
    sent: list[str] = []

    def send_while_another_runs(choice: NoticeChoice, text: str) -> None:
        sent.append(text)
        notice_sending._send_code(choice, START)

    monkeypatch.setattr(notice_sending, "send", send_while_another_runs)
    notice_sending.send_codes(START)
    assert len(sent) == 1


def test_codes_that_take_too_long_wait_for_the_next_run(
    boris: Member, clara: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    choose(boris)
    choose(clara)
    moments = iter([0.0, 1.0, 1000.0])
    with monkeypatch.context() as patch:
        patch.setattr(notice_sending.time, "monotonic", lambda: next(moments))
        notice_sending.send_codes(START)
    assert len(mail.outbox) == 1
    notice_sending.send_codes(START)
    assert len(mail.outbox) == 2


def test_five_wrong_codes_end_it(boris: Member) -> None:
    choose(boris)
    notice_sending.send_codes(START)
    code = sent_code()
    wrong = f"{(int(code) + 1) % 10**8:08}"
    for _try in range(CODE_TRIES):
        assert not confirm_notices(wrong, actor=boris.person, now=START)
    with pytest.raises(PolicyRefused):
        confirm_notices(code, actor=boris.person, now=START)


def test_a_code_lasts_half_an_hour_and_fits_its_person_only(boris: Member, clara: Member) -> None:
    choose(clara)
    notice_sending.send_codes(START)
    choose(boris)
    notice_sending.send_codes(START)
    code = sent_code()
    assert not confirm_notices(code, actor=clara.person, now=START)
    with pytest.raises(PolicyRefused):
        confirm_notices(code, actor=boris.person, now=START + dt.timedelta(minutes=31))
    assert confirm_notices(f" {code[:4]}-{code[4:]} ", actor=boris.person, now=START + dt.timedelta(minutes=30))


def test_codes_are_few(boris: Member) -> None:
    for _time in range(CODES_AN_HOUR):
        choose(boris)
        drop_notices(actor=boris.person, now=START)
    with pytest.raises(PolicyRefused):
        choose(boris)


def test_a_new_address_is_proven_anew_and_the_same_one_is_not(boris: Member) -> None:
    confirmed(boris)
    choose_notices(NoticeLevel.IMMEDIATE, NoticeChannel.EMAIL, "", actor=boris.person, now=START)
    choice = NoticeChoice.objects.get()
    assert choice.confirmed_at
    assert choice.level == NoticeLevel.IMMEDIATE
    choose(boris)
    assert NoticeChoice.objects.get().confirmed_at is None
    with pytest.raises(PolicyRefused):
        choose_notices(NoticeLevel.DIGEST, NoticeChannel.WEBHOOK, "", actor=boris.person, now=START)


def test_a_code_of_the_old_address_does_not_prove_the_new_one(boris: Member) -> None:
    choose(boris)
    notice_sending.send_codes(START)
    code = sent_code()
    choose_notices(NoticeLevel.DIGEST, NoticeChannel.EMAIL, "fx_other@example.org", actor=boris.person, now=START)
    with pytest.raises(PolicyRefused):
        confirm_notices(code, actor=boris.person, now=START)


def test_nothing_is_sent_where_it_is_switched_off(boris: Member, switched_on: Any) -> None:
    confirmed(boris, NoticeLevel.IMMEDIATE)
    switched_on.NOTICE_CHANNELS = []
    assert run(START + DAY, news) == []
    notice_sending.send_codes(START)
    assert mail.outbox == []
    with pytest.raises(PolicyRefused):
        choose(boris)


def test_it_is_off_unless_somebody_switches_it_on() -> None:
    from config.settings import base  # noqa: PLC0415

    assert base.NOTICE_CHANNELS == []


@pytest.mark.parametrize("way", ["suspended", "left", "another role"])
def test_whoever_goes_is_forgotten(cast: Cast, boris: Member, sofia: Member, way: str) -> None:
    confirmed(boris)
    person, actor = boris.person, sofia.person
    if way == "suspended":
        suspend_person(person, actor=actor, now=START, typed=person.alias)
        restore_person(person, actor=actor, now=START)
    elif way == "left":
        record_leaving(person, actor=actor, now=START, typed=person.alias)
    else:
        change_role(person, Role.LEAD, intake_circle=None, actor=actor, now=START, typed=person.alias)
    assert not NoticeChoice.objects.exists()
    assert run(START + DAY) == []


def test_an_account_that_may_not_sign_in_hears_nothing(boris: Member) -> None:
    confirmed(boris)
    Caseworker.objects.filter(id=boris.person.id).update(status="suspended")
    assert run(START + DAY) == []
    NoticeChoice.objects.update(confirmed_at=None, looked_at=None, reminded_at=None)
    notice_sending.send_codes(START)
    assert mail.outbox == []


def test_no_reminder_while_everyone_is_locked_out(boris: Member) -> None:
    confirmed(boris)
    assert run(START + DAY, is_locked=True) == []
    assert run(START + DAY, is_locked=False) == [texts.REMINDER]


def test_a_run_ends_in_time_and_leaves_the_rest_to_the_next(
    boris: Member, clara: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    confirmed(boris)
    confirmed(clara)
    moments = iter([0.0, 1.0, 1000.0, 0.0, 1.0, 2.0, 3.0])
    monkeypatch.setattr(notice_sending.time, "monotonic", lambda: next(moments))
    assert run(START + DAY) == [texts.REMINDER]
    assert run(START + DAY) == [texts.REMINDER]


def test_the_jobs_call_the_actions(boris: Member, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.CLOCK_OFFSET = dt.timedelta(0)
    confirmed(boris)
    tasks.send_notices()
    assert [str(message.body) for message in mail.outbox] == [texts.REMINDER]
    drop_notices(actor=boris.person, now=START)
    choose(boris)
    tasks.send_notice_codes()
    assert str(mail.outbox[-1].body) == texts.code_text(sent_code())


def test_a_person_chooses_proves_and_drops_it_on_the_page(boris: Member, sign_in: SignIn) -> None:
    client, page = sign_in(boris), reverse("notices")
    assert "Nothing leaves this server unless you choose it." in client.get(reverse("profile")).content.decode()
    sent = {"level": "digest", "channel": "email", "address": ADDRESS}
    assert client.post(page, sent).status_code == 302
    text = client.get(page).content.decode()
    assert "Not confirmed yet" in text
    assert ADDRESS not in text
    tasks.send_notice_codes()
    code = sent_code()
    wrong = client.post(reverse("confirm_notices"), {"code": f"{(int(code) + 1) % 10**8:08}"})
    assert "not the code that was sent last" in wrong.content.decode()
    assert client.post(reverse("confirm_notices"), {"code": code}).status_code == 302
    assert "A reminder at the fixed times" in client.get(reverse("profile")).content.decode()
    late = client.post(reverse("confirm_notices"), {"code": code})
    assert "Ask for a new one" in late.content.decode()
    client.post(reverse("drop_notices"))
    assert not NoticeChoice.objects.exists()


def test_a_new_code_comes_for_the_asking(boris: Member, sign_in: SignIn) -> None:
    client = sign_in(boris)
    client.post(reverse("notices"), {"level": "immediate", "channel": "email", "address": ADDRESS})
    first = NoticeChoice.objects.get().address
    assert client.post(reverse("new_notice_code")).status_code == 302
    again = NoticeChoice.objects.get()
    assert bytes(again.address) == bytes(first)
    assert again.level == NoticeLevel.IMMEDIATE
    confirmed(boris)
    client.post(reverse("new_notice_code"))
    assert NoticeChoice.objects.get().confirmed_at


@pytest.mark.parametrize(
    ("channel", "address", "words"),
    [
        ("email", "", "Enter the address."),
        ("email", "nobody", "This is not an e-mail address."),
        ("email", "a@example.org\nBcc: b@example.org", "This is not an e-mail address."),
        ("webhook", "http://example.org/", "begins with https://"),
        ("webhook", "https://user:secret@example.org/", "begins with https://"),
        ("pigeon", ADDRESS, "Select a valid choice"),
    ],
)
def test_a_bad_address_is_explained_and_kept(
    boris: Member, sign_in: SignIn, channel: str, address: str, words: str
) -> None:
    answer = sign_in(boris).post(reverse("notices"), {"level": "digest", "channel": channel, "address": address})
    text = answer.content.decode()
    assert answer.status_code == 200
    assert words in text
    assert address.partition("\n")[0] in text
    assert not NoticeChoice.objects.exists()


def test_too_many_codes_are_refused_on_the_page_and_the_address_is_kept(boris: Member, sign_in: SignIn) -> None:
    client = sign_in(boris)
    for _time in range(CODES_AN_HOUR + 1):
        answer = client.post(reverse("notices"), {"level": "digest", "channel": "email", "address": ADDRESS})
    text = answer.content.decode()
    assert "Too many codes were sent." in text
    assert ADDRESS in text


def test_the_page_says_when_it_is_switched_off(boris: Member, sign_in: SignIn, switched_on: Any) -> None:
    switched_on.NOTICE_CHANNELS = []
    client = sign_in(boris)
    assert "This installation sends no reminders." in client.get(reverse("notices")).content.decode()
    answer = client.post(reverse("notices"), {"level": "digest", "channel": "email", "address": ADDRESS})
    assert answer.status_code == 200
    assert not NoticeChoice.objects.exists()


def test_the_receiver_of_a_webhook_is_shown_the_secret(boris: Member, sign_in: SignIn) -> None:
    client = sign_in(boris)
    client.post(reverse("notices"), {"level": "digest", "channel": "webhook", "address": "https://hooks.example.org/x"})
    text = client.get(reverse("notices")).content.decode()
    assert re.search(r"<code>[0-9a-f]{64}</code>", text)
    assert "hooks.example.org" not in text


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        (smtplib.SMTPRecipientsRefused({}), NoticeProblem.REFUSED),
        (smtplib.SMTPServerDisconnected(), NoticeProblem.UNREACHABLE),
        (TimeoutError(), NoticeProblem.UNREACHABLE),
    ],
)
def test_a_mail_server_that_fails_leaves_a_code_and_no_text(
    boris: Member, monkeypatch: pytest.MonkeyPatch, fault: Exception, problem: NoticeProblem
) -> None:
    confirmed(boris)

    def fail(*_args: Any, **_options: Any) -> int:
        raise fault

    monkeypatch.setattr("django.core.mail.message.EmailMessage.send", fail)
    run(START + DAY)
    assert NoticeChoice.objects.get().problem == problem
