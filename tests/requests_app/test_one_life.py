"""One life as the press told it, and the rules of casework around it."""

import datetime as dt
import threading
from collections.abc import Callable

import pytest
from django.db import IntegrityError, close_old_connections, connection, transaction
from django.test.utils import CaptureQueriesContext

from caseworker.exceptions import PermissionRefused, PolicyRefused, StaleVersion
from requests_app.actions import casework, closure, erasure, grants, reveals, stages, triage, verification
from requests_app.enums import CheckCode, CheckOutcome, Condition, Outcome, ReasonCode, Stage
from requests_app.models.access import AccessGrant
from requests_app.models.cases import Case, StageSpell
from requests_app.models.counts import CountCell
from requests_app.models.erasure import ErasureEntry
from requests_app.models.help_requests import HelpRequest
from requests_app.models.sealed import SealedRecord
from tests.cast import START, Cast, audit_verbs
from tests.factories import make_case, make_request, verify_case

pytestmark = pytest.mark.django_db


def counts() -> dict[tuple[str, str, str], int]:
    rows = CountCell.objects.values_list("month", "table", "cls", "count")
    return {(f"{month:%Y-%m}", table, cls): count for month, table, cls, count in rows}


def at(year: int, month: int, day: int) -> dt.datetime:
    return dt.datetime(year, month, day, 12, tzinfo=dt.UTC)


def test_a_life_is_recorded_truthfully_and_counted_in_its_months(cast: Cast) -> None:
    """Wounded, left from hospital, hid for a year and a half, then wrote, crossed on the internal passport, waits for asylum."""
    wrote = at(2024, 4, 10)
    help_request = make_request(cast, now=wrote, situation="awol_inside", category="mobilized", country="RU")
    case = triage.promote_request(help_request, actor=cast.boris.person, now=wrote)

    def move(there: Stage, now: dt.datetime, **how: object) -> StageSpell:
        return stages.move_case(case, there, version=case.version, actor=cast.boris.person, now=now, **how)  # type: ignore[arg-type]

    hiding = move(Stage.IN_HIDING, at(2024, 4, 12), reason=ReasonCode.ALREADY_LEFT, is_estimated=True)
    assert (hiding.seq, hiding.reason, hiding.is_estimated) == (2, ReasonCode.ALREADY_LEFT, True)
    verify_case(cast, case, 3, now=at(2024, 5, 2))
    move(Stage.BORDER_CROSSING, at(2024, 5, 6))
    move(Stage.TRANSIT_ARRIVAL, at(2024, 5, 9))
    facts = {"country": "KZ", "document_status": "internal_passport", "category": case.category}
    casework.change_facts(case, **facts, version=case.version, actor=cast.boris.person, now=at(2024, 5, 9))
    move(Stage.ASYLUM_FILING, at(2024, 9, 2), entered_on=dt.date(2024, 8, 28))
    move(Stage.ASYLUM_DECISION, at(2024, 12, 1))

    assert [spell.stage for spell in StageSpell.objects.filter(case=case).order_by("seq")] == [
        "received", "in_hiding", "border_crossing", "transit_arrival", "asylum_filing", "asylum_decision",
    ]  # fmt: skip
    border = StageSpell.objects.get(case=case, stage=Stage.BORDER_CROSSING)
    assert (border.entered_on, border.left_on) == (dt.date(2024, 5, 6), dt.date(2024, 5, 6))
    assert StageSpell.objects.filter(case=case, left_on__isnull=True).count() == 1
    assert counts() == {
        ("2024-04", "T0", "all"): 1,
        ("2024-04", "T1", "inside_russia"): 1,
        ("2024-04", "T2", "mobilized"): 1,
        ("2024-04", "T3", "in_hiding"): 1,
        ("2024-05", "T3", "crossed_border"): 1,
        ("2024-09", "T3", "asylum_filed"): 1,
    }


def test_a_person_is_counted_in_at_most_three_groups_for_life(cast: Cast) -> None:
    case = verify_case(cast, make_case(cast), 4)
    route = (Stage.IN_HIDING, Stage.BORDER_CROSSING, Stage.TRANSIT_ARRIVAL, Stage.TRAVEL_DOCUMENT, Stage.ASYLUM_FILING)
    for there in route:
        stages.move_case(
            case, there, version=case.version, actor=cast.boris.person, now=START, reason=ReasonCode.ALREADY_LEFT
        )
    assert CountCell.objects.filter(table="T3").count() == 3


@pytest.mark.parametrize(
    ("decide", "counted"),
    [
        (triage.promote_request, 1),
        (triage.advise_request, 1),
        (triage.decline_request, 0),
        (triage.mark_duplicate, 0),
        (triage.mark_suspected_probe, 0),
    ],
)
def test_only_confirmed_new_people_are_counted_and_only_once(
    cast: Cast, decide: Callable[..., object], counted: int
) -> None:
    help_request = make_request(cast)
    stale = HelpRequest.objects.get(id=help_request.id)
    decide(help_request, actor=cast.boris.person, now=START)
    with pytest.raises((PolicyRefused, StaleVersion)):
        triage.promote_request(help_request, actor=cast.boris.person, now=START)
    with pytest.raises(StaleVersion):
        triage.advise_request(stale, actor=cast.boris.person, now=START)
    assert counts().get(("2025-03", "T0", "all"), 0) == counted


def test_a_reference_that_is_taken_is_drawn_again(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    first = make_case(cast)
    drawn = iter([first.reference, first.reference, "ZZ-ZZZZ"])
    monkeypatch.setattr("requests_app.actions.triage.new_reference", lambda: next(drawn))
    assert make_case(cast).reference == "ZZ-ZZZZ"


def test_linking_counts_nobody_and_stays_in_the_circle(cast: Cast) -> None:
    case, help_request = make_case(cast), make_request(cast)
    triage.link_request(help_request, case, actor=cast.boris.person, now=START)
    assert help_request.case_id == case.id
    assert counts()["2025-03", "T0", "all"] == 1
    other = make_request(cast)
    with pytest.raises(PolicyRefused):
        triage.link_request(other, case, actor=cast.clara.person, now=START)


def test_a_move_costs_the_same_statements_however_long_the_history_is(cast: Cast) -> None:
    case = verify_case(cast, make_case(cast), 4)
    numbers = []
    for there in (Stage.ADVICE, Stage.PLANNING) * 4:
        with CaptureQueriesContext(connection) as sent:
            stages.move_case(
                case,
                there,
                version=case.version,
                actor=cast.boris.person,
                now=START,
                reason=ReasonCode.ENTERED_BY_MISTAKE,
            )
        numbers.append(len([query for query in sent if "SAVEPOINT" not in query["sql"]]))
    assert numbers[2:] == numbers[:2] * 3
    assert max(numbers) <= 16


def test_days_in_the_future_or_before_the_present_stage_are_refused(cast: Cast) -> None:
    case = make_case(cast)
    for day in (START.date() + dt.timedelta(days=1), START.date() - dt.timedelta(days=400)):
        with pytest.raises(PolicyRefused):
            stages.move_case(
                case, Stage.VERIFICATION, version=case.version, actor=cast.boris.person, now=START, entered_on=day
            )
    case.refresh_from_db()
    assert case.stage == Stage.RECEIVED


def test_a_volunteer_and_a_suspended_person_move_nothing(cast: Cast) -> None:
    case = make_case(cast)
    for actor in (cast.anna.person, cast.mallory.person, cast.dmitri.person):
        with pytest.raises(PermissionRefused):
            stages.move_case(case, Stage.VERIFICATION, version=case.version, actor=actor, now=START)


def test_level_three_needs_two_people(cast: Cast) -> None:
    case = verify_case(cast, make_case(cast), 2)
    verification.record_check(
        case, CheckCode.VOUCHED, CheckOutcome.YES, version=case.version, actor=cast.boris.person, now=START
    )
    with pytest.raises(PolicyRefused):
        verification.approve_verification(case, version=case.version, actor=cast.eva.person, now=START)
    verification.record_check(
        case, CheckCode.VOUCHED, CheckOutcome.YES, version=case.version, actor=cast.eva.person, now=START
    )
    assert case.verification_level == 2
    verification.approve_verification(case, version=case.version, actor=cast.eva.person, now=START)
    assert case.verification_level == 3
    verification.record_check(
        case, CheckCode.PRESSURE_SIGNS, CheckOutcome.YES, version=case.version, actor=cast.boris.person, now=START
    )
    assert case.verification_level == 0


def test_grants_are_short_and_never_to_oneself(cast: Cast) -> None:
    case = make_case(cast)
    month = START + dt.timedelta(days=30)
    with pytest.raises(PolicyRefused):
        grants.grant_access(
            case, cast.eva.person, until=month, reason=ReasonCode.ABSENCE, actor=cast.eva.person, now=START
        )
    with pytest.raises(PolicyRefused):
        grants.grant_access(
            case,
            cast.clara.person,
            until=START + dt.timedelta(days=61),
            reason=ReasonCode.ABSENCE,
            actor=cast.eva.person,
            now=START,
        )
    grants.grant_access(
        case, cast.clara.person, until=month, reason=ReasonCode.ABSENCE, actor=cast.eva.person, now=START
    )
    assert Case.objects.visible_to(cast.clara.person, now=START).count() == 1
    assert not Case.objects.visible_to(cast.clara.person, now=month).exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        AccessGrant.objects.create(
            case=case,
            person=cast.eva.person,
            granted_by=cast.eva.person,
            scope="coded",
            reason="other",
            expires_at=month,
        )


def test_closing_reopening_and_the_rows_that_forbid_half_of_it(cast: Cast) -> None:
    case = make_case(cast)
    closure.close_case(case, Outcome.REFERRED, version=case.version, actor=cast.boris.person, now=START)
    assert (case.erase_after - START.date()).days == 180  # type: ignore[operator]
    with pytest.raises(PermissionRefused):
        closure.reopen_case(case, ReasonCode.CAME_BACK, version=case.version, actor=cast.boris.person, now=START)
    closure.reopen_case(case, ReasonCode.CAME_BACK, version=case.version, actor=cast.eva.person, now=START)
    assert (case.stage, case.erase_after) == (Stage.RECEIVED, None)
    for broken in ({"outcome": "referred"}, {"is_open": False}, {"stage": Stage.CLOSED}, {"stage": "nowhere"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Case.objects.filter(id=case.id).update(**broken)
    with pytest.raises(IntegrityError), transaction.atomic():
        StageSpell.objects.create(case=case, seq=99, stage=Stage.PLANNING, condition="active", entered_on=START.date())


def test_erasing_leaves_counts_and_a_ledger_line_per_record(cast: Cast) -> None:
    case = make_case(cast)
    casework.add_note(case, "A note that must die", actor=cast.boris.person, now=START)
    before = counts()
    assert erasure.erase_case(case, actor=cast.eva.person, now=START) == 2
    assert not SealedRecord.objects.exists()
    assert counts() == before
    assert ErasureEntry.objects.filter(subject_id=case.id).count() == 1
    assert ErasureEntry.objects.count() == 2
    assert (case.outcome, case.is_open) == (Outcome.ERASED_ON_REQUEST, False)
    with pytest.raises(PolicyRefused):
        erasure.erase_case(case, actor=cast.eva.person, now=START)


def test_a_frozen_reveal_stays_frozen(cast: Cast) -> None:
    case = make_case(cast)
    stages.set_condition(case, Condition.COMPROMISED, version=case.version, actor=cast.boris.person, now=START)
    with pytest.raises(PolicyRefused):
        reveals.reveal_record(
            SealedRecord.objects.get(),
            case=case,
            reason=ReasonCode.CONTACT_PERSON,
            keyring=cast.boris.keyring(),
            actor=cast.boris.person,
            now=START,
        )
    assert "reveal" not in audit_verbs()


@pytest.mark.django_db(transaction=True)
def test_of_eight_people_who_move_the_same_case_one_wins(cast: Cast) -> None:
    case = make_case(cast)
    won, lost, barrier = [], [], threading.Barrier(8)

    def move() -> None:
        mine = Case.objects.get(id=case.id)
        barrier.wait()
        try:
            stages.move_case(mine, Stage.VERIFICATION, version=mine.version, actor=cast.boris.person, now=START)
            won.append(1)
        except StaleVersion:
            lost.append(1)
        finally:
            close_old_connections()
            connection.close()

    threads = [threading.Thread(target=move) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(won), len(lost)) == (1, 7)
    assert StageSpell.objects.filter(case=case).count() == 2
    assert audit_verbs().count("move_stage") == 1
