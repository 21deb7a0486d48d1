"""A case goes from hand to hand: never half, never to two, and with its keys."""

import datetime as dt
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, close_old_connections, transaction
from django.test import Client
from django.urls import reverse

from caseworker.actions.circles import admit_member, remove_member
from caseworker.exceptions import CaseworkError, PermissionRefused, PolicyRefused, StaleVersion
from caseworker.models.keys import Circle, CircleKey
from requests_app import tasks
from requests_app.actions import casework, closure, handovers
from requests_app.actions.claims import ask_for_erasure
from requests_app.actions.handovers import Receiver
from requests_app.actions.intake import SealedTexts, add_correction
from requests_app.enums import HandoverState, Outcome, ReasonCode
from requests_app.models.cases import Case
from requests_app.models.handovers import Handover
from requests_app.models.help_requests import HelpRequest
from requests_app.models.sealed import RecordKey, SealedRecord
from requests_app.sealed import NotReadable, open_record
from tests.cast import START, Cast, Member, audit_verbs
from tests.factories import make_case

pytestmark = pytest.mark.django_db
SignIn = Callable[[Member], Client]
DAY = dt.timedelta(hours=24)


def offer(cast: Cast, case: Case, to: Member, circle: Circle, *, by: Member | None = None) -> Handover:
    who = by or cast.boris
    receiver = Receiver(to.person, circle)
    return handovers.offer_handover(
        case, receiver, ReasonCode.HANDOVER, keyring=who.keyring(), actor=who.person, now=START
    )


def galina(cast: Cast) -> Member:
    """Let Clara into the north circle too: a colleague to hand over to."""
    admit_member(cast.north, cast.clara.person, keyring=cast.boris.keyring(), actor=cast.boris.person, now=START)
    return cast.clara


def readable(member: Member) -> int:
    """Count the records that a member's keys open."""
    ring, opened = member.keyring(), 0
    for record in SealedRecord.objects.all():
        try:
            open_record(record, keyring=ring)
            opened += 1
        except NotReadable:
            continue
    return opened


def test_inside_a_circle_only_the_owner_changes_and_only_on_acceptance(cast: Cast) -> None:
    case, colleague = make_case(cast), galina(cast)
    made = offer(cast, case, colleague, cast.north)
    assert Case.objects.get().owner == cast.boris.person
    keys = RecordKey.objects.count()
    taken = handovers.accept_handover(made, actor=colleague.person, now=START + DAY / 2)
    assert (taken.owner, taken.deputy, taken.circle) == (colleague.person, None, cast.north)
    assert RecordKey.objects.count() == keys
    assert audit_verbs()[-2:] == ["offer_handover", "accept_handover"]
    for late in (handovers.accept_handover, handovers.decline_handover):
        with pytest.raises(StaleVersion):
            late(made, actor=colleague.person, now=START + DAY / 2)


def test_to_another_circle_the_keys_move_and_the_old_ones_die(cast: Cast) -> None:
    case = make_case(cast)
    casework.add_note(case, "fx_before", actor=cast.boris.person, now=START)
    made = offer(cast, case, cast.clara, cast.south)
    casework.add_note(case, "fx_between", actor=cast.boris.person, now=START)
    help_request = HelpRequest.objects.get()
    add_correction(help_request, SealedTexts(story="fx_corrected"), actor=cast.anna.person, now=START)
    assert not Case.objects.visible_to(cast.clara.person, now=START).exists()
    assert readable(cast.boris) == 4
    handovers.accept_handover(made, actor=cast.clara.person, now=START)
    assert (readable(cast.boris), readable(cast.clara)) == (0, 4)
    assert not Case.objects.visible_to(cast.boris.person, now=START).exists()
    assert Case.objects.visible_to(cast.clara.person, now=START).get().circle == cast.south
    assert not RecordKey.objects.filter(circle_key__circle=cast.north).exists()
    assert HelpRequest.objects.get().circle == cast.south
    add_correction(HelpRequest.objects.get(), SealedTexts(story="fx_after"), actor=cast.anna.person, now=START)
    assert (readable(cast.boris), readable(cast.clara)) == (0, 5)


@pytest.mark.parametrize("ending", ["decline", "withdraw", "return"])
def test_an_offer_that_comes_to_nothing_leaves_nothing(
    cast: Cast, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, before = make_case(cast), RecordKey.objects.count()
    made = offer(cast, case, cast.clara, cast.south)
    assert RecordKey.objects.count() == before + 1
    if ending == "decline":
        handovers.decline_handover(made, actor=cast.clara.person, now=START)
    elif ending == "withdraw":
        handovers.withdraw_handover(made, actor=cast.eva.person, now=START)
    else:
        monkeypatch.setattr(tasks.clock, "now", lambda: START + DAY)
        tasks.end_what_is_over()
        tasks.end_what_is_over()
        assert audit_verbs().count("return_handover") == 1
    assert RecordKey.objects.count() == before
    assert readable(cast.clara) == 0
    assert Case.objects.get().owner == cast.boris.person
    with pytest.raises(StaleVersion):
        handovers.accept_handover(made, actor=cast.clara.person, now=START)


def test_after_a_day_nobody_can_accept_even_if_no_job_ran(cast: Cast) -> None:
    case, colleague = make_case(cast), galina(cast)
    made = offer(cast, case, colleague, cast.north)
    assert not Handover.objects.waiting(now=START + DAY).exists()
    with pytest.raises(StaleVersion):
        handovers.accept_handover(made, actor=colleague.person, now=START + DAY)
    receiver = Receiver(colleague.person, cast.north)
    again = handovers.offer_handover(
        case, receiver, ReasonCode.ABSENCE, keyring=None, actor=cast.boris.person, now=START + DAY
    )
    assert Handover.objects.get(id=made.id).state == HandoverState.RETURNED
    assert handovers.accept_handover(again, actor=colleague.person, now=START + DAY).owner == colleague.person


def test_an_answer_that_comes_first_stops_no_other_return(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    colleague = galina(cast)
    for case in (make_case(cast), make_case(cast)):
        offer(cast, case, colleague, cast.north)
    first, real = Handover.objects.order_by("offered_at", "id")[0], handovers.return_handover

    def overtaken(handover: Handover, **kwargs: Any) -> None:
        if handover.id == first.id:
            handovers.decline_handover(handover, actor=colleague.person, now=START)
        real(handover, **kwargs)

    monkeypatch.setattr(handovers, "return_handover", overtaken)
    assert handovers.return_overdue(START + DAY) == 1
    assert set(Handover.objects.values_list("state", flat=True)) == {"declined", "returned"}


def test_a_key_that_opens_nothing_does_not_stop_the_others(cast: Cast) -> None:
    case = make_case(cast)
    casework.add_note(case, "fx_note", actor=cast.boris.person, now=START)
    broken = RecordKey.objects.filter(circle_key__isnull=False).order_by("id")[0]
    RecordKey.objects.filter(id=broken.id).update(sealed=bytes(broken.sealed)[:-1] + bytes([broken.sealed[-1] ^ 1]))
    made = offer(cast, case, cast.clara, cast.south)
    handovers.accept_handover(made, actor=cast.clara.person, now=START)
    assert readable(cast.clara) == 1


def test_who_may_offer_what_to_whom(cast: Cast) -> None:
    case, colleague = make_case(cast), galina(cast)
    refused: list[tuple[Member, Member, Circle]] = [
        (cast.boris, cast.boris, cast.north),
        (cast.boris, cast.eva, cast.north),
        (cast.boris, cast.mallory, cast.north),
        (cast.boris, cast.anna, cast.north),
        (colleague, cast.boris, cast.north),
        (cast.eva, cast.clara, cast.south),
    ]
    for by, to, circle in refused:
        with pytest.raises(PolicyRefused):
            offer(cast, case, to, circle, by=by)
    with pytest.raises(PolicyRefused):
        handovers.offer_handover(
            case, Receiver(cast.clara.person, cast.south), ReasonCode.OTHER, keyring=None,
            actor=cast.boris.person, now=START,
        )  # fmt: skip
    for outsider in (cast.anna, cast.dmitri, cast.sofia):
        with pytest.raises(PermissionRefused):
            offer(cast, case, colleague, cast.north, by=outsider)
    made = offer(cast, case, colleague, cast.north, by=cast.eva)
    with pytest.raises(PolicyRefused):
        offer(cast, case, colleague, cast.north)
    with pytest.raises(StaleVersion):
        handovers.decline_handover(made, actor=cast.boris.person, now=START)
    with pytest.raises(PolicyRefused):
        handovers.withdraw_handover(made, actor=cast.boris.person, now=START)


def test_a_case_without_an_owner_may_be_offered_by_anybody_of_its_circle(cast: Cast) -> None:
    case, colleague = make_case(cast), galina(cast)
    Case.objects.update(owner=None)
    assert offer(cast, case, cast.boris, cast.north, by=colleague).to_person == cast.boris.person


def test_a_circle_with_a_false_key_receives_nothing(cast: Cast) -> None:
    case = make_case(cast)
    CircleKey.objects.filter(circle=cast.south).update(distrusted_on=START.date())
    with pytest.raises(PolicyRefused):
        offer(cast, case, cast.clara, cast.south)
    assert not RecordKey.objects.filter(circle_key__circle=cast.south).exists()


@pytest.mark.parametrize("meanwhile", ["closed", "erasure", "removed"])
def test_what_happened_meanwhile_stops_the_handover(cast: Cast, meanwhile: str) -> None:
    case, colleague = make_case(cast), galina(cast)
    made = offer(cast, case, colleague, cast.north)
    if meanwhile == "closed":
        closure.close_case(case, Outcome.ADVICE_ONLY, version=case.version, actor=cast.boris.person, now=START)
    elif meanwhile == "erasure":
        ask_for_erasure(HelpRequest.objects.get(), now=START)
    else:
        remove_member(cast.north, colleague.person, keyring=cast.boris.keyring(), actor=cast.boris.person, now=START)
    with pytest.raises(PolicyRefused), transaction.atomic():
        handovers.accept_handover(made, actor=colleague.person, now=START)
    assert Case.objects.get().owner == cast.boris.person
    assert Handover.objects.get().state == HandoverState.OFFERED


def test_the_tables_forbid_a_second_offer_and_one_to_oneself(cast: Cast) -> None:
    case, colleague = make_case(cast), galina(cast)
    made = offer(cast, case, colleague, cast.north)
    row = {
        "case": case, "to_circle": cast.north, "reason": ReasonCode.OTHER, "offered_at": START, "expires_at": START,
    }  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        Handover.objects.create(offered_by=cast.boris.person, to_person=colleague.person, **row)
    handovers.decline_handover(made, actor=colleague.person, now=START)
    with pytest.raises(IntegrityError), transaction.atomic():
        Handover.objects.create(offered_by=cast.boris.person, to_person=cast.boris.person, **row)
    with pytest.raises(IntegrityError), transaction.atomic():
        Handover.objects.filter(id=made.id).update(answered_on=None)


@pytest.mark.django_db(transaction=True)
def test_of_accept_and_withdraw_at_once_one_wins(cast: Cast) -> None:
    colleague, both = galina(cast), threading.Barrier(2)
    for _ in range(4):
        case = make_case(cast)
        made = offer(cast, case, colleague, cast.north)
        outcomes: list[str] = []

        def act(name: str, made: Handover = made, outcomes: list[str] = outcomes) -> None:
            both.wait()
            try:
                if name == "accept":
                    handovers.accept_handover(made, actor=colleague.person, now=START)
                else:
                    handovers.withdraw_handover(made, actor=cast.boris.person, now=START)
                outcomes.append(name)
            except CaseworkError:
                outcomes.append("lost")
            finally:
                close_old_connections()

        threads = [threading.Thread(target=act, args=(name,)) for name in ("accept", "withdraw")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert outcomes.count("lost") == 1
        won = next(name for name in outcomes if name != "lost")
        owner = Case.objects.get(id=case.id).owner
        assert owner == (colleague.person if won == "accept" else cast.boris.person)


def _gone(*_args: object) -> None:
    raise StaleVersion


def test_the_pages_offer_answer_and_take_back(cast: Cast, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    case = make_case(cast)
    boris, clara, eva = sign_in(cast.boris), sign_in(cast.clara), sign_in(cast.eva)
    page, form = reverse("case", args=[case.id]), reverse("offer_handover", args=[case.id])
    assert "clara · South" in boris.get(page).content.decode()
    wrong = boris.post(form, {"version": 1, "to": "nobody", "reason": "handover"}).content.decode()
    assert "Choose one from the list" in wrong
    to = {"version": 1, "to": f"{cast.clara.person.id}:{cast.south.id}", "reason": "handover"}
    assert boris.post(form, to)["Location"] == page
    assert boris.post(form, to).status_code == 403
    assert "Offered to clara" in boris.get(page).content.decode()
    shown = clara.get(reverse("handovers")).content.decode()
    assert case.reference in shown
    assert clara.get(page).status_code == 404
    made = Handover.objects.get()
    for name, client in (("accept_handover", boris), ("decline_handover", boris), ("withdraw_handover", clara)):
        assert client.post(reverse(name, args=[made.id])).status_code == 404
    assert "Waiting for somebody else" in eva.get(reverse("handovers")).content.decode()
    assert boris.post(reverse("withdraw_handover", args=[made.id])).status_code == 302
    stale = clara.post(reverse("accept_handover", args=[made.id]))
    assert stale.status_code == 409
    assert "does not stand any more" in stale.content.decode()
    assert clara.post(reverse("decline_handover", args=[made.id])).status_code == 409
    boris.post(form, to)
    offered = Handover.objects.get(state=HandoverState.OFFERED)
    with monkeypatch.context() as patched:
        patched.setattr(handovers, "_answer", _gone)
        assert boris.post(reverse("withdraw_handover", args=[offered.id])).status_code == 409
    second = Handover.objects.get(state=HandoverState.OFFERED)
    assert clara.post(reverse("decline_handover", args=[second.id]))["Location"] == reverse("handovers")
    boris.post(form, to)
    third = Handover.objects.get(state=HandoverState.OFFERED)
    assert clara.post(reverse("accept_handover", args=[third.id]))["Location"] == page
    assert clara.get(page).status_code == 200
    assert boris.get(page).status_code == 404
