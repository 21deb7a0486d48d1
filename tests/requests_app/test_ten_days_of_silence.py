"""No job has run for ten days: every queue, every count and every access is right at the first page that is opened."""

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from caseworker.actions.circles import admit_member
from caseworker.exceptions import CaseworkError
from caseworker.models.absences import Absence
from requests_app.actions.assets import burn_asset, use_asset
from requests_app.actions.grants import grant_access
from requests_app.actions.handovers import Receiver, accept_handover, offer_handover
from requests_app.actions.verification import record_check
from requests_app.connection_codes import BurnReason, ReferralState
from requests_app.enums import CheckCode, CheckOutcome, Condition, HoursBand, ReasonCode, SafeAnswer, Stage
from requests_app.models.cases import Case
from requests_app.models.connections import Referral
from requests_app.models.contacts import ContactPoint
from requests_app.models.duplicates import DuplicatePair
from requests_app.models.help_requests import HelpRequest
from requests_app.queries import queues
from requests_app.queries.handovers import waiting_for
from requests_app.queries.queue_table import QUEUES, queues_of
from tests.cast import START, Cast, Member
from tests.connections import agree, make_asset, make_partner
from tests.factories import make_case

pytestmark = pytest.mark.django_db
SignIn = Callable[[Member], Client]
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
TODAY, LATER = START.date(), START + 10 * DAY
ENDED = {"is_open": False, "stage": Stage.CLOSED, "outcome": "advice_only", "closed_month": TODAY.replace(day=1)}


def _columns(**changes: Any) -> Callable[[Cast, Case], None]:
    def write(_cast: Cast, case: Case) -> None:
        Case.objects.filter(id=case.id).update(**changes)

    return write


def _burned(cast: Cast, case: Case) -> None:
    asset = make_asset(cast)
    use_asset(case, asset, actor=cast.boris.person, now=START)
    burn_asset(asset, BurnReason.SEIZED, actor=cast.sofia.person, now=START)


def _referral(state: ReferralState) -> Callable[[Cast, Case], None]:
    def refer(cast: Cast, case: Case) -> None:
        partner = make_partner(cast).asset
        consent = agree(cast, case, partner, days=60)
        answered_on = None if state == ReferralState.SENT else TODAY
        told: dict[str, Any] = {"service": "legal", "state": state, "made_on": TODAY, "ask_on": TODAY + 9 * DAY}
        Referral.objects.create(case=case, partner=partner, consent=consent, answered_on=answered_on, **told)

    return refer


def _consent(cast: Cast, case: Case) -> None:
    agree(cast, case, make_partner(cast).asset, days=20)


def _double(cast: Cast, case: Case) -> None:
    other = make_case(cast)
    Case.objects.filter(id=other.id).update(**ENDED)
    low, high = sorted(HelpRequest.objects.filter(case__in=(case, other)), key=lambda one: one.id)
    DuplicatePair.objects.create(low=low, high=high, signals=["phone"], found_on=TODAY)


def _absence(cast: Cast, _case: Case) -> None:
    days = {"from_on": TODAY + 3 * DAY, "until_on": TODAY + 20 * DAY}
    Absence.objects.create(person=cast.boris.person, deputy=cast.clara.person, **days)


def _evening(_cast: Cast, case: Case) -> None:
    """Let nine in the morning here be a good hour there: nothing but the hour of the page decides."""
    points = ContactPoint.objects.filter(help_request__case=case)
    points.update(may_write=SafeAnswer.YES, hours_band=HoursBand.DAY, time_zone="Etc/GMT-5")


def _stopped(_cast: Cast, case: Case) -> None:
    ContactPoint.objects.filter(help_request__case=case).update(stopped_on=TODAY)


def _vouched(cast: Cast, case: Case) -> None:
    for member in (cast.boris, cast.eva):
        case.refresh_from_db()
        actor = member.person
        record_check(case, CheckCode.VOUCHED, CheckOutcome.YES, version=case.version, actor=actor, now=START)


def _granted(cast: Cast, case: Case) -> None:
    until, reason = START + 11 * DAY, ReasonCode.EXPERTISE
    grant_access(case, cast.clara.person, until=until, reason=reason, actor=cast.eva.person, now=START)


# queue: what is done at the start, whether the case is in it then, and ten days later
QUIET = {"due_at": START + 90 * DAY, "check_in_due_at": START + 90 * DAY}
SILENCE: dict[str, tuple[Callable[[Cast, Case], None], bool, bool]] = {
    "alerts": (_columns(condition=Condition.DETAINED), True, True),
    "burned": (_burned, True, True),
    "unreachable": (_stopped, True, True),
    "recalled": (_referral(ReferralState.RECALLED), True, True),
    "mine_overdue": (_columns(due_at=START + 9 * DAY), False, True),
    "overdue": (_columns(due_at=START + 9 * DAY, owner=None), False, True),
    "check_in": (_columns(check_in_due_at=START + 9 * DAY), False, True),
    "lost_contact": (_columns(condition=Condition.LOST_CONTACT), True, True),
    "stay_ends": (_columns(stay_ends_on=TODAY + 16 * DAY), False, True),
    "consent_ends": (_consent, False, True),
    "ask_partner": (_referral(ReferralState.SENT), False, True),
    "duplicates": (_double, True, True),
    "unassigned": (_columns(claimed_until=START + HOUR), False, True),
    "owner_away": (_absence, False, True),
    "erasure_due": (_columns(**ENDED, erase_after=TODAY + 9 * DAY), False, True),
    "pause_over": (_columns(condition=Condition.PAUSED, next_action_on=TODAY + 9 * DAY), False, True),
    "mine_soon": (_columns(due_at=START + 10 * DAY + HOUR), False, True),
    "soon": (_columns(due_at=START + HOUR), True, False),
    "contactable": (_evening, True, True),
    "verification": (_columns(stage=Stage.VERIFICATION), True, True),
    "approve_level": (_vouched, True, True),
    "access_ends": (_granted, False, True),
    "mine": (_columns(claimed_until=START + HOUR), True, False),
    "open": (_columns(), True, True),
    "closed": (_columns(**ENDED), True, True),
}


def test_every_queue_is_asked() -> None:
    assert set(SILENCE) == set(QUEUES)


def holds(member: Member, queue: str, case: Case, now: dt.datetime) -> bool:
    """Tell whether the case is on the page; the count must say the same number as the page."""
    page = queues.queue_page(member.person, {"queue": queue}, cursor=None, now=now)
    if QUEUES[queue].is_counted and queue in queues_of(member.person):
        assert queues.queue_counts(member.person, {}, now=now)[0][queue] == len(page.rows)
    return case.id in {row["id"] for row in page.rows}


@pytest.mark.parametrize("queue", SILENCE)
def test_a_queue_is_right_after_ten_days_without_a_job(cast: Cast, queue: str) -> None:
    begin, at_first, later = SILENCE[queue]
    case = make_case(cast)
    _columns(**QUIET)(cast, case)
    begin(cast, case)
    assert (holds(cast.boris, queue, case, START), holds(cast.boris, queue, case, LATER)) == (at_first, later)


@pytest.mark.parametrize("queue", [code for code, (_begin, _first, later) in SILENCE.items() if later])
def test_the_first_page_after_ten_days_shows_the_case(cast: Cast, sign_in: SignIn, settings: Any, queue: str) -> None:
    case = make_case(cast)
    _columns(**QUIET)(cast, case)
    SILENCE[queue][0](cast, case)
    settings.CLOCK_OFFSET = LATER - dt.datetime.now(dt.UTC)
    client = sign_in(cast.boris)
    assert client.get(reverse("today")).status_code == 200
    assert case.reference in client.get(reverse("case_queue"), {"queue": queue}).content.decode()


def test_what_was_to_end_has_ended_without_a_job(cast: Cast, sign_in: SignIn, settings: Any) -> None:
    """A look that was granted, and an offer that nobody answered: over by their dates alone."""
    boris, clara, eva = cast.boris.person, cast.clara.person, cast.eva.person
    granted, offered = make_case(cast), make_case(cast)
    grant_access(granted, clara, until=START + 5 * DAY, reason=ReasonCode.ABSENCE, actor=eva, now=START)
    assert Case.objects.visible_to(clara, now=START).filter(id=granted.id).exists()
    assert not Case.objects.visible_to(clara, now=LATER).filter(id=granted.id).exists()

    admit_member(cast.north, clara, keyring=cast.boris.keyring(), actor=boris, now=START)
    receiver = Receiver(clara, cast.north)
    offer = offer_handover(offered, receiver, ReasonCode.ABSENCE, keyring=None, actor=boris, now=START)
    assert waiting_for(clara, now=START) == 1
    assert waiting_for(clara, now=LATER) == 0
    with pytest.raises(CaseworkError):
        accept_handover(offer, actor=clara, now=LATER)
    settings.CLOCK_OFFSET = LATER - dt.datetime.now(dt.UTC)
    assert offered.reference in sign_in(cast.boris).get(reverse("case_queue"), {"queue": "mine"}).content.decode()
    assert uuid.UUID(str(Case.objects.get(id=offered.id).owner_id)) == boris.id
