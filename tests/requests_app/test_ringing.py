"""Who is rung, and for what: a missed check-in or an alert in one's own care, an alarm; never what one may not know of."""

import datetime as dt

import pytest
from django.core import mail

from caseworker.actions.alarms import acknowledge_alarm, raise_alarm
from caseworker.actions.circles import admit_member
from caseworker.actions.panic import lock_everyone
from caseworker.enums import AlarmKind, NoticeChannel, NoticeLevel
from caseworker.models.notices import NoticeChoice
from caseworker.notices import texts
from caseworker.notices.addresses import seal_address
from requests_app import tasks
from requests_app.actions.absences import record_absence
from requests_app.actions.closure import close_case
from requests_app.enums import Condition, Outcome
from requests_app.models.cases import Case
from requests_app.queries.ringing import has_news
from tests.cast import START, Cast, Member
from tests.factories import make_case

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


def missed(case: Case, at: dt.datetime = START + HOUR) -> Case:
    Case.objects.filter(id=case.id).update(check_in_due_at=at)
    return case


def is_rung(member: Member, since: dt.datetime = START, now: dt.datetime = START + 2 * HOUR) -> bool:
    return has_news(member.person, since, now)


def owned(cast: Cast, member: Member | None) -> Case:
    case = make_case(cast)
    Case.objects.filter(id=case.id).update(owner=member.person if member else None)
    return case


def test_a_missed_check_in_rings_its_owner_and_nobody_else(cast: Cast) -> None:
    missed(owned(cast, cast.boris))
    rung = {name for name, member in cast.all().items() if is_rung(member)}
    assert rung == {"boris"}


def test_it_rings_for_what_is_new_only(cast: Cast) -> None:
    missed(owned(cast, cast.boris))
    assert not is_rung(cast.boris, since=START + HOUR)
    assert not is_rung(cast.boris, now=START + HOUR - dt.timedelta(seconds=1))


def test_a_case_that_nobody_owns_rings_the_lead(cast: Cast) -> None:
    missed(owned(cast, None))
    assert {name for name, member in cast.all().items() if is_rung(member)} == {"eva"}


def test_a_claim_that_lapsed_rings_the_lead(cast: Cast) -> None:
    case = missed(owned(cast, cast.boris))
    Case.objects.filter(id=case.id).update(claimed_until=START)
    assert is_rung(cast.eva)
    assert not is_rung(cast.boris)


def test_the_deputy_is_rung_for_somebody_who_is_away(cast: Cast) -> None:
    boris, clara = cast.boris, cast.clara
    admit_member(cast.north, clara.person, keyring=boris.keyring(), actor=boris.person, now=START)
    missed(owned(cast, boris))
    assert not is_rung(clara)
    record_absence(boris.person, clara.person, START.date(), START.date(), actor=boris.person, now=START)
    assert is_rung(clara)


@pytest.mark.parametrize("condition", [Condition.DETAINED, Condition.EXTRADITION, Condition.COMPROMISED])
def test_an_alert_rings_owner_and_lead(cast: Cast, condition: Condition) -> None:
    case = owned(cast, cast.boris)
    Case.objects.filter(id=case.id).update(condition=condition, condition_at=START + HOUR)
    assert {name for name, member in cast.all().items() if is_rung(member)} == {"boris", "eva"}


def test_a_closed_case_rings_nobody(cast: Cast) -> None:
    case = Case.objects.get(id=missed(owned(cast, cast.boris)).id)
    close_case(case, Outcome.SAFE_ABROAD, version=case.version, actor=cast.boris.person, now=START)
    missed(case)
    assert not is_rung(cast.boris)


def test_an_alarm_rings_officers_until_one_took_note_but_not_its_cause(cast: Cast) -> None:
    alarm = raise_alarm(AlarmKind.ODD_HOUR, actor=cast.boris.person, now=START + HOUR)
    assert alarm
    assert {name for name, member in cast.all().items() if is_rung(member)} == {"sofia"}
    acknowledge_alarm(alarm, actor=cast.sofia.person, now=START + HOUR)
    assert not is_rung(cast.sofia)
    raise_alarm(AlarmKind.ODD_HOUR, actor=cast.sofia.person, now=START + HOUR)
    assert not is_rung(cast.sofia)


def test_while_everyone_is_locked_out_only_officers_are_rung(cast: Cast) -> None:
    missed(owned(cast, cast.boris))
    lock_everyone(actor=cast.boris.person, now=START + HOUR)
    assert not is_rung(cast.boris)
    assert is_rung(cast.sofia)


def test_a_missed_check_in_goes_out_as_two_lines_and_once(cast: Cast, settings: object) -> None:
    settings.NOTICE_CHANNELS = ["email"]  # type: ignore[attr-defined]
    settings.NOTICE_FROM = "quiet@example.net"  # type: ignore[attr-defined]
    now = dt.datetime.now(dt.UTC)
    case = missed(owned(cast, cast.boris), now - HOUR / 2)
    for member in cast.all().values():
        NoticeChoice.objects.create(
            person=member.person, level=NoticeLevel.IMMEDIATE, channel=NoticeChannel.EMAIL, chosen_at=now,
            address=seal_address("fx_look_in@example.org", member.person.id),
            confirmed_at=now - 2 * HOUR, looked_at=now - 2 * HOUR, reminded_at=now,
        )  # fmt: skip
    tasks.send_notices()
    tasks.send_notices()
    assert [message.body for message in mail.outbox] == [texts.LOOK_SOON]
    raw = mail.outbox[0].message().as_string()
    for part in (case.reference, case.codename, str(case.id), "boris", cast.north.name):
        assert part not in raw
