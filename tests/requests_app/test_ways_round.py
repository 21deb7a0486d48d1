"""Ways round: what a review tried, as an attacker and as somebody who gets lost. Each way is shut."""

import datetime as dt
import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import connections, transaction
from django.urls import reverse

from caseworker.actions.circles import admit_member, remove_member
from caseworker.actions.people import change_role, suspend_person
from caseworker.enums import Role
from caseworker.exceptions import CaseworkError, PolicyRefused
from caseworker.models.accounts import Caseworker
from requests_app.actions import bulk, casework, closure, erasure, linking, locks, stages, tasks
from requests_app.actions.absences import record_absence
from requests_app.actions.claims import ask_for_erasure
from requests_app.actions.consents import Answer, record_consent, withdraw_one
from requests_app.actions.contacting import record_contact
from requests_app.actions.handovers import Receiver, accept_handover, offer_handover
from requests_app.actions.honeytokens import keep_quiet, plant_honeytoken
from requests_app.actions.intake import SealedTexts
from requests_app.actions.merging import merge_cases, undo_merge
from requests_app.actions.referrals import check_referable, settle_referral
from requests_app.actions.retention import sweep_due
from requests_app.connection_codes import ConsentDecision, ConsentScope, ConsentWay, LinkKind, ReferralState
from requests_app.enums import BulkKind, Channel, Condition, Outcome, ReasonCode, Stage
from requests_app.enums_work import ContactResult, TaskKind
from requests_app.models.cases import Case
from requests_app.models.connections import Consent, PersonLink, Referral
from requests_app.models.help_requests import HelpRequest
from requests_app.models.work import ContactAttempt, Task
from requests_app.queries.handovers import offers_by
from requests_app.queries.queues import queue_page
from requests_app.queries.work import own_tasks
from tests.cast import START, Cast, Member
from tests.connections import agree, make_partner
from tests.factories import make_case
from tests.requests_app.test_referrals import order_for, ready, refer

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
SAID_NO = (ConsentDecision.REFUSED, ConsentWay.SAID, None)


def queued(member: Member, code: str, now: dt.datetime = START) -> list[Any]:
    person = Caseworker.objects.get(id=member.person.id)
    return [row["id"] for row in queue_page(person, {"queue": code}, cursor=None, now=now).rows]


def sees(member: Member, case: Case, now: dt.datetime = START) -> bool:
    person = Caseworker.objects.get(id=member.person.id)
    return Case.objects.visible_to(person, now=now).filter(id=case.id).exists()


def let_clara_in(cast: Cast) -> Member:
    admit_member(cast.north, cast.clara.person, keyring=cast.boris.keyring(), actor=cast.boris.person, now=START)
    return cast.clara


def fresh(case: Case) -> Case:
    return Case.objects.get(id=case.id)


def to_border(cast: Cast, case: Case) -> None:
    reason, boris = ReasonCode.ALREADY_ABROAD, cast.boris.person
    stages.move_case(case, Stage.BORDER_CROSSING, version=case.version, actor=boris, now=START, reason=reason)


@pytest.mark.parametrize("condition", [Condition.COMPROMISED, Condition.DETAINED])
def test_taking_a_merge_apart_ends_no_condition_that_needs_somebody_else(cast: Cast, condition: Condition) -> None:
    boris, merged, survivor = cast.boris.person, make_case(cast), make_case(cast)
    merge = merge_cases(merged, survivor, actor=boris, now=START)
    there = fresh(survivor)
    stages.set_condition(there, condition, version=there.version, actor=boris, now=START)
    with pytest.raises(PolicyRefused):
        undo_merge(merge, actor=boris, now=START)
    assert fresh(merged).merged_into_id == survivor.id
    assert not fresh(merged).is_open


def test_a_case_reopened_at_a_border_whose_owner_has_another_role_is_everybodys(cast: Cast) -> None:
    clara, case = let_clara_in(cast), make_case(cast)
    to_border(cast, case)
    closure.close_case(case, Outcome.SAFE_ABROAD, version=case.version, actor=cast.boris.person, now=START)
    change_role(cast.boris.person, Role.VOLUNTEER, intake_circle=cast.north, actor=cast.sofia.person, now=START)
    closed = fresh(case)
    closure.reopen_case(closed, ReasonCode.ENTERED_BY_MISTAKE, version=closed.version, actor=cast.eva.person, now=START)
    assert fresh(case).owner_id is None
    assert sees(cast.eva, case)
    assert case.id in queued(cast.eva, "unassigned")
    assert not sees(clara, case)


def test_a_case_taken_apart_from_another_is_without_an_owner_who_left_the_circle(cast: Cast) -> None:
    clara = let_clara_in(cast)
    merged, survivor = make_case(cast), make_case(cast)
    merge = merge_cases(merged, survivor, actor=cast.boris.person, now=START)
    remove_member(cast.north, cast.boris.person, keyring=None, actor=cast.sofia.person, now=START)
    undo_merge(merge, actor=clara.person, now=START)
    assert merged.id in queued(clara, "unassigned")


def test_nobody_gets_a_case_back_who_cannot_own_it_any_more(cast: Cast) -> None:
    clara, eva = let_clara_in(cast), cast.eva.person
    case = make_case(cast)
    change = bulk.Change(BulkKind.ASSIGN, owner=clara.person)
    batch = bulk.begin_batch(case.id, change, actor=eva, now=START)
    row = bulk.change_row(batch, fresh(case), change, version=case.version, actor=eva, now=START)
    remove_member(cast.north, cast.boris.person, keyring=None, actor=cast.sofia.person, now=START)
    bulk.take_back(row, fresh(case), actor=eva, now=START)
    assert fresh(case).owner_id is None


@pytest.mark.parametrize("named", [False, True])
def test_at_a_border_leads_see_a_case_whose_owner_is_away_without_a_deputy_who_can_act(cast: Cast, named: bool) -> None:
    clara, case = let_clara_in(cast), make_case(cast)
    until = START.date() + 60 * DAY
    record_absence(cast.boris.person, clara.person, START.date(), until, actor=cast.boris.person, now=START)
    if named:
        casework.assign_case(
            case, cast.boris.person, deputy=clara.person, version=case.version, actor=cast.eva.person, now=START
        )
    to_border(cast, case)
    now = START + 5 * DAY
    assert sees(clara, case, now)
    assert not sees(cast.eva, case, now)
    suspend_person(clara.person, actor=cast.sofia.person, now=START, typed="clara")
    assert sees(cast.eva, case, now)
    assert case.id in queued(cast.eva, "owner_away", now)
    assert case.id in queued(cast.eva, "check_in", now)


@pytest.mark.parametrize("later", [0, 1])
def test_a_merge_overrides_no_refusal(cast: Cast, later: int) -> None:
    boris = cast.boris.person
    younger, partner = ready(cast)
    older, now = make_case(cast), START + later * DAY
    answer = Answer(ConsentScope.REFERRAL, *SAID_NO, partner.asset)
    record_consent(older, answer, actor=boris, now=now)
    made = refer(cast, fresh(younger), order_for(younger, partner.asset)).referral
    order = order_for(older, partner.asset, ask_on=(now + 5 * DAY).date())
    merge_cases(fresh(younger), fresh(older), actor=boris, now=now)
    with pytest.raises(PolicyRefused):
        check_referable(fresh(older), order, now=now)
    made.refresh_from_db()
    assert made.state == ReferralState.RECALLED


def test_after_a_merge_one_withdrawal_is_enough(cast: Cast) -> None:
    boris, partner = cast.boris.person, make_partner(cast)
    younger, older = make_case(cast), make_case(cast)
    for case in (younger, older):
        agree(cast, case, partner.asset)
    order = order_for(older, partner.asset)
    merge_cases(fresh(younger), fresh(older), actor=boris, now=START)
    consent = Consent.objects.get(case=older, replaced_on__isnull=True)
    check_referable(fresh(older), order, now=START)
    withdraw_one(consent, case=older, actor=boris, now=START)
    with pytest.raises(PolicyRefused):
        check_referable(fresh(older), order, now=START)


def test_after_a_merge_a_withdrawn_answer_lets_nothing_go_on(cast: Cast) -> None:
    boris = cast.boris.person
    younger, partner = ready(cast)
    made = refer(cast, fresh(younger), order_for(younger, partner.asset)).referral
    older = make_case(cast)
    latest = agree(cast, older, partner.asset, now=START + DAY)
    withdraw_one(latest, case=older, actor=boris, now=START + DAY)
    order = order_for(older, partner.asset, ask_on=(START + 5 * DAY).date())
    merge_cases(fresh(younger), fresh(older), actor=boris, now=START + DAY)
    with pytest.raises(PolicyRefused):
        check_referable(fresh(older), order, now=START + DAY)
    made.refresh_from_db()
    assert made.state == ReferralState.RECALLED


def test_a_partner_is_told_of_a_withdrawal_although_the_case_is_closed(cast: Cast, sign_in: Any, settings: Any) -> None:
    boris = cast.boris.person
    case, partner = ready(cast)
    refer(cast, case, order_for(case, partner.asset, "name"))
    closed = fresh(case)
    closure.close_case(closed, Outcome.SAFE_ABROAD, version=closed.version, actor=boris, now=START)
    withdraw_one(Consent.objects.get(case=case), case=closed, actor=boris, now=START)
    assert case.id in queued(cast.boris, "recalled")
    sweep_due(START + 400 * DAY)
    referral = Referral.objects.get()
    settings.CLOCK_OFFSET = START - dt.datetime.now(dt.UTC)
    page = sign_in(cast.boris).get(reverse("case_referrals", args=[case.id])).content.decode()
    assert reverse("settle_referral", args=[case.id, referral.id]) in page
    about: dict[str, Any] = {"seen": ReferralState.RECALLED, "ask_on": None, "actor": boris, "now": START}
    settle_referral(referral, ReferralState.STOPPED, **about)
    assert case.id not in queued(cast.boris, "recalled")


def test_a_deputy_has_the_tasks_of_whom_they_stand_in_for(cast: Cast) -> None:
    clara, case = let_clara_in(cast), make_case(cast)
    tasks.add_task(case, TaskKind.MONEY, START + 2 * DAY, actor=cast.boris.person, now=START)
    assert own_tasks(clara.person, cursor="", now=START).rows == []
    until = START.date() + 10 * DAY
    record_absence(cast.boris.person, clara.person, START.date(), until, actor=cast.boris.person, now=START)
    assert len(own_tasks(clara.person, cursor="", now=START).rows) == 1


def test_tasks_go_along_to_another_circle(cast: Cast) -> None:
    boris, case = cast.boris.person, make_case(cast)
    tasks.add_task(case, TaskKind.MONEY, START + 2 * DAY, actor=boris, now=START, assigned_to=boris)
    receiver = Receiver(cast.clara.person, cast.south)
    offer = offer_handover(case, receiver, ReasonCode.HANDOVER, keyring=cast.boris.keyring(), actor=boris, now=START)
    accept_handover(offer, actor=cast.clara.person, now=START)
    assert len(own_tasks(cast.clara.person, cursor="", now=START).rows) == 1


def test_at_a_border_the_tasks_of_others_are_the_owners(cast: Cast) -> None:
    clara, boris, case = let_clara_in(cast), cast.boris.person, make_case(cast)
    tasks.add_task(case, TaskKind.MONEY, START + 2 * DAY, actor=boris, now=START, assigned_to=clara.person)
    kept = tasks.add_task(case, TaskKind.SHELTER, START + 2 * DAY, actor=boris, now=START, assigned_to=boris)
    to_border(cast, case)
    assert own_tasks(clara.person, cursor="", now=START).rows == []
    hers = Task.objects.filter(case=case, kind=TaskKind.MONEY).get()
    assert hers.assigned_to is None
    kept.refresh_from_db()
    assert kept.assigned_to == boris


def test_taking_a_merge_apart_does_not_hide_a_missed_check_in(cast: Cast) -> None:
    boris, later = cast.boris.person, START + 5 * DAY
    reached, silent = make_case(cast), make_case(cast)
    for case in (reached, silent):
        reason = ReasonCode.ALREADY_ABROAD
        stages.move_case(case, Stage.TRANSIT_ARRIVAL, version=case.version, actor=boris, now=START, reason=reason)
    record_contact(reached, ContactResult.MADE, Channel.SIGNAL, actor=boris, now=later)
    merge = merge_cases(fresh(reached), fresh(silent), actor=boris, now=later)
    assert silent.id not in queued(cast.boris, "check_in", later)
    undo_merge(merge, actor=boris, now=later)
    assert silent.id in queued(cast.boris, "check_in", later)
    assert fresh(reached).contacted_at == later


def test_a_planted_case_was_reached_and_logged_like_any_other(cast: Cast) -> None:
    texts = SealedTexts("+44 7700 900124", "x", "y")
    planted = plant_honeytoken(cast.north, texts, actor=cast.sofia.person, now=START)

    def looks_right() -> None:
        planted.refresh_from_db()
        last = ContactAttempt.objects.filter(case=planted).order_by("-tried_at")[0]
        assert last.tried_at == planted.contacted_at
        assert last.tried_by
        assert planted.touched_on == last.tried_at.date()

    looks_right()
    help_request = HelpRequest.objects.get(case=planted)
    assert help_request.logged_by
    assert Consent.objects.get(help_request=help_request).recorded_by == help_request.logged_by
    assert not HelpRequest.objects.visible_to(cast.anna.person).exists()
    assert keep_quiet(planted.due_at) == 1
    looks_right()


def test_at_a_border_an_offer_is_hushed_from_leads_too(cast: Cast) -> None:
    clara, case = let_clara_in(cast), make_case(cast)
    receiver, boris = Receiver(clara.person, cast.north), cast.boris.person
    offer_handover(case, receiver, ReasonCode.HANDOVER, keyring=None, actor=boris, now=START)
    assert len(offers_by(cast.eva.person, now=START)) == 1
    to_border(cast, fresh(case))
    assert offers_by(cast.eva.person, now=START) == []
    assert len(offers_by(boris, now=START)) == 1


def test_nothing_is_linked_to_a_locked_case_or_taken_from_it(cast: Cast) -> None:
    boris, one, other = cast.boris.person, make_case(cast), make_case(cast)
    ends = HelpRequest.objects.get(case=one), HelpRequest.objects.get(case=other)
    link = linking.link_people(*ends, LinkKind.SPOUSE, actor=boris, now=START)
    locks.lock_case(one, ReasonCode.HANDOVER, actor=boris, now=START)
    ends = HelpRequest.objects.get(case=one), HelpRequest.objects.get(case=other)
    with pytest.raises(PolicyRefused), transaction.atomic():
        linking.link_people(*ends, LinkKind.SIBLING, actor=boris, now=START)
    with pytest.raises(PolicyRefused):
        linking.unlink_people(PersonLink.objects.get(id=link.id), actor=boris, now=START)


def at_once(*works: Callable[[], object]) -> list[BaseException]:
    """Run all at the same moment; return what went wrong beyond a refusal."""
    faults: list[BaseException] = []
    start = threading.Barrier(len(works))

    def run(work: Callable[[], object]) -> None:
        try:
            start.wait(timeout=30)
            work()
        except CaseworkError:
            pass
        except BaseException as fault:
            faults.append(fault)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return faults


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("what", ["ask", "erase"])
def test_a_wish_to_be_erased_and_a_handover_at_once_never_deadlock(cast: Cast, what: str) -> None:
    receiver, boris = Receiver(cast.clara.person, cast.south), cast.boris
    for _ in range(6):
        case = make_case(cast)
        offer = offer_handover(
            case, receiver, ReasonCode.HANDOVER, keyring=boris.keyring(), actor=boris.person, now=START
        )
        accept = partial(accept_handover, offer, actor=cast.clara.person, now=START)
        ask = partial(ask_for_erasure, HelpRequest.objects.get(case=case), now=START)
        erase = partial(erasure.erase_case, fresh(case), actor=cast.eva.person, now=START)
        assert at_once(accept, ask if what == "ask" else erase) == []
