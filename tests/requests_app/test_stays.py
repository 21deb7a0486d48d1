"""Stays and dates of a case: what may be recorded, what it does to the queue, and how long a day stays exact."""

import datetime as dt
import random
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models.deletion import ProtectedError
from django.test.utils import CaptureQueriesContext

from caseworker.exceptions import PermissionRefused, PolicyRefused, StaleVersion
from requests_app import tasks
from requests_app.actions import closure, deadlines, rules, stages, stays
from requests_app.actions.erasure import erase_case
from requests_app.clock_codes import DeadlineEnd, DeadlineKind, RuleKind, StayBasis
from requests_app.clocks import FAR, midnight
from requests_app.enums import Condition, Country, Outcome, ReasonCode, Stage, Urgency
from requests_app.models.cases import Case
from requests_app.models.deadlines import Deadline
from requests_app.models.stays import CountryRule, CountryStay, StayClock
from requests_app.queries.due import due_changes
from requests_app.queries.stays import deadlines_of, stay_ends_soon, stays_of
from tests.cast import START, Cast, audit_verbs
from tests.factories import make_case, verify_case
from tests.rules import plant_rules

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
TODAY = START.date()


@pytest.fixture(autouse=True)
def country_rules(db: None) -> None:
    plant_rules()


def enter(case: Case, cast: Cast, country: Country = Country.KZ, ago: int | None = 0, **facts: Any) -> CountryStay:
    """Record an entry *ago* days before *now*, as Boris."""
    now = facts.pop("now", START)
    entered = None if ago is None else now.date() - ago * DAY
    told = stays.StayFacts(country, entered, **facts)
    return stays.record_entry(case, told, version=case.version, actor=cast.boris.person, now=now)


def leave(case: Case, cast: Cast, ago: int = 0, *, now: dt.datetime = START, is_estimated: bool = False) -> CountryStay:
    left, actor = now.date() - ago * DAY, cast.boris.person
    return stays.record_exit(case, left, version=case.version, actor=actor, now=now, is_estimated=is_estimated)


def draft(**facts: Any) -> rules.RuleDraft:
    known = {"country": Country.KZ, "kind": RuleKind.ROLLING, "limit_days": 30, "window_days": 180}
    known |= {"effective_from": TODAY, "source": "Law", "reverify_by": TODAY + 100 * DAY}
    return rules.RuleDraft(**(known | facts))


# --- entries, exits, corrections -------------------------------------------------------------------------------------


def test_an_entry_pins_the_rules_in_force_and_sets_the_country(cast: Cast) -> None:
    case = make_case(cast)
    stay = enter(case, cast, ago=10)
    assert case.country == Country.KZ
    assert {clock.rule.kind for clock in stay.clocks.all()} == {RuleKind.ROLLING, RuleKind.REGISTRATION}  # type: ignore[attr-defined]
    assert case.stay_ends_on == TODAY + 79 * DAY
    assert audit_verbs()[-1] == "record_entry"


def test_another_entry_ends_the_stay_before_on_the_day_of_the_crossing(cast: Cast) -> None:
    case = make_case(cast)
    enter(case, cast, ago=10)
    enter(case, cast, Country.KG, ago=4)
    first, second = CountryStay.objects.order_by("entered_on")
    assert first.left_on == second.entered_on == TODAY - 4 * DAY
    assert case.country == Country.KG


def test_several_countries_interleave_and_each_counts_its_own_days(cast: Cast) -> None:
    case = make_case(cast)
    enter(case, cast, ago=60)
    enter(case, cast, Country.AM, ago=50)
    enter(case, cast, Country.KZ, ago=30)
    assert case.stay_ends_on == TODAY - 30 * DAY + (90 - 11 - 1) * DAY
    running = stays_of(case).running
    assert {one.rule.country for one in running} == {Country.KZ}


def test_a_stay_that_is_over_can_be_added_and_changes_no_country(cast: Cast) -> None:
    case = make_case(cast)
    enter(case, cast, ago=100, left_on=TODAY - 80 * DAY)
    assert (case.country, case.stay_ends_on) == (Country.XX, None)
    enter(case, cast, ago=10)
    enter(case, cast, Country.AM, ago=70, left_on=TODAY - 60 * DAY)
    assert case.country == Country.KZ
    assert stays_of(case).current is not None


@pytest.mark.parametrize(
    ("country", "ago", "facts"),
    [
        (Country.RU, 1, {}),
        (Country.XX, 1, {}),
        (Country.AM, -1, {}),
        (Country.AM, 4000, {"left_on": TODAY - 3990 * DAY}),
        (Country.AM, 5, {"left_on": TODAY - 6 * DAY}),
        (Country.AM, 5, {"left_on": TODAY + DAY}),
        (Country.KZ, 1, {}),
        (Country.AM, 11, {}),
        (Country.AM, 15, {"left_on": TODAY - 9 * DAY}),
        (Country.AM, None, {}),
        (Country.AM, None, {"left_on": TODAY}),
    ],
)
def test_days_that_cannot_be_are_refused_and_nothing_is_written(
    cast: Cast, country: Country, ago: int | None, facts: dict[str, Any]
) -> None:
    case = make_case(cast)
    enter(case, cast, ago=10)
    before = list(CountryStay.objects.values()), case.version
    with pytest.raises(PolicyRefused):
        enter(case, cast, country, ago, **facts)
    assert (list(CountryStay.objects.values()), case.version) == before


def test_an_unknown_entry_is_the_earliest_plausible_day_and_an_estimate(cast: Cast) -> None:
    case, boris = verify_case(cast, make_case(cast)), cast.boris.person
    with pytest.raises(PolicyRefused):
        enter(case, cast, ago=None)
    reason = ReasonCode.ALREADY_LEFT
    stages.move_case(case, Stage.BORDER_CROSSING, version=case.version, actor=boris, now=START, reason=reason)
    later = START + 9 * DAY
    stages.move_case(case, Stage.TRANSIT_ARRIVAL, version=case.version, actor=boris, now=later)
    stay = enter(case, cast, ago=None, now=later)
    assert (stay.entered_on, stay.is_estimated) == (TODAY - TODAY.weekday() * DAY, True)
    leave(case, cast, now=later)
    assert enter(case, cast, Country.KG, ago=None, now=later + DAY).entered_on == later.date()


def test_an_exit_ends_the_clock_and_only_a_stay_that_goes_on_ends(cast: Cast) -> None:
    case = make_case(cast)
    with pytest.raises(PolicyRefused):
        leave(case, cast)
    enter(case, cast, ago=10)
    for ago in (-1, 11):
        with pytest.raises(PolicyRefused):
            leave(case, cast, ago=ago)
    stay = leave(case, cast, ago=2, is_estimated=True)
    assert (stay.left_on, stay.is_estimated, case.stay_ends_on) == (TODAY - 2 * DAY, True, None)
    assert audit_verbs()[-1] == "record_exit"


def test_a_correction_pins_the_rules_anew_and_a_mistake_is_removed(cast: Cast) -> None:
    case, boris = make_case(cast), cast.boris.person
    stay = enter(case, cast, ago=10)
    other = stays.StayFacts(Country.AM, TODAY - 5 * DAY, is_registered=True)
    stays.correct_stay(stay, other, version=case.version, actor=boris, now=START)
    case.refresh_from_db()
    assert {clock.rule.country for clock in StayClock.objects.select_related("rule")} == {Country.AM}
    assert case.country == Country.AM
    assert case.stay_ends_on == TODAY + (180 - 5 - 1) * DAY
    past = enter(case, cast, ago=40, left_on=TODAY - 30 * DAY)
    reopened = stays.StayFacts(Country.KZ, TODAY - 40 * DAY)
    with pytest.raises(PolicyRefused):
        stays.correct_stay(past, reopened, version=case.version, actor=boris, now=START)
    again = stays.StayFacts(Country.KZ, TODAY)
    with pytest.raises(PolicyRefused):
        stays.correct_stay(past, again, version=case.version, actor=boris, now=START)
    over = stays.StayFacts(Country.KZ, TODAY - 41 * DAY, TODAY - 31 * DAY)
    stays.correct_stay(past, over, version=case.version, actor=boris, now=START)
    case.refresh_from_db()
    stays.remove_stay(stay, version=case.version, actor=boris, now=START)
    case.refresh_from_db()
    assert (CountryStay.objects.get(), case.stay_ends_on) == (past, None)
    assert audit_verbs()[-4:] == ["correct_stay", "record_entry", "correct_stay", "remove_stay"]


def test_a_stale_version_loses_nothing_and_writes_nothing(cast: Cast) -> None:
    case, now, actor = make_case(cast), START, cast.boris.person
    told = stays.StayFacts(Country.KZ, TODAY)
    with pytest.raises(StaleVersion):
        stays.record_entry(case, told, version=case.version - 1, actor=actor, now=now)
    assert not CountryStay.objects.exists()
    with pytest.raises(StaleVersion):
        deadlines.set_deadline(case, DeadlineKind.OTHER, TODAY, version=0, actor=actor, now=now)
    assert not Deadline.objects.exists()


def test_only_casework_may_write_and_only_in_an_open_case(cast: Cast) -> None:
    case, told = make_case(cast), stays.StayFacts(Country.KZ, TODAY)
    for who in (cast.anna, cast.dmitri, cast.sofia, cast.mallory):
        with pytest.raises(PermissionRefused):
            stays.record_entry(case, told, version=case.version, actor=who.person, now=START)
    stay = enter(case, cast)
    closure.close_case(case, Outcome.SAFE_ABROAD, version=case.version, actor=cast.boris.person, now=START)
    stay.case.refresh_from_db()
    actor: dict[str, Any] = {"version": case.version, "actor": cast.boris.person, "now": START}
    for attempt in (
        lambda: stays.record_entry(case, told, **actor),
        lambda: stays.record_exit(case, TODAY, **actor),
        lambda: stays.correct_stay(stay, told, **actor),
        lambda: stays.remove_stay(stay, **actor),
        lambda: deadlines.set_deadline(case, DeadlineKind.OTHER, TODAY, **actor),
    ):
        with pytest.raises(PolicyRefused):
            attempt()


def test_the_table_refuses_what_the_actions_refuse(cast: Cast) -> None:
    case = make_case(cast)
    good = {"case": case, "country": "KZ", "entered_on": TODAY}
    CountryStay.objects.create(**good)
    for bad in (good, good | {"left_on": TODAY - DAY}, good | {"country": "RU", "left_on": TODAY}):
        with pytest.raises(IntegrityError), transaction.atomic():
            CountryStay.objects.create(**bad)
    with pytest.raises(IntegrityError), transaction.atomic():
        Deadline.objects.create(case=case, kind="appeal", due_on=TODAY, set_on=TODAY, ended_as="done")


# --- days become weeks -----------------------------------------------------------------------------------------------


def test_a_day_becomes_a_week_when_no_rule_can_count_it(cast: Cast) -> None:
    case = make_case(cast)
    enter(case, cast, Country.RS, ago=40)
    enter(case, cast, Country.KZ, ago=30)
    serbia = CountryStay.objects.get(country="RS")
    assert (serbia.entered_on.isoweekday(), serbia.left_on.isoweekday(), serbia.is_coarse) == (1, 7, True)  # type: ignore[union-attr]
    assert serbia.entered_on <= TODAY - 40 * DAY
    leave(case, cast)
    kazakhstan = CountryStay.objects.get(country="KZ")
    assert (kazakhstan.entered_on, kazakhstan.is_coarse) == (TODAY - 30 * DAY, False)


def test_the_nightly_sweep_makes_weeks_of_what_nobody_touched(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    case = make_case(cast)
    enter(case, cast, ago=30)
    leave(case, cast)
    kept = START + 185 * DAY
    monkeypatch.setattr("caseworker.clock.now", lambda: kept)
    tasks.coarsen_stays()
    assert not CountryStay.objects.get().is_coarse
    monkeypatch.setattr("caseworker.clock.now", lambda: kept + DAY)
    tasks.coarsen_stays()
    tasks.coarsen_stays()
    assert CountryStay.objects.get().is_coarse
    assert stays.coarsen_due(kept + 40 * DAY) == 0


def test_closing_makes_weeks_of_every_stay_and_a_reopened_clock_is_an_estimate_never_too_long(cast: Cast) -> None:
    case, boris = make_case(cast), cast.boris.person
    wednesday = START + 2 * DAY
    enter(case, cast, ago=90, left_on=TODAY - 80 * DAY)
    enter(case, cast, now=wednesday)
    exact = case.stay_ends_on
    assert exact is not None
    closure.close_case(case, Outcome.SAFE_ABROAD, version=case.version, actor=boris, now=wednesday)
    assert (case.due_at, case.stay_ends_on) == (FAR, None)
    assert set(CountryStay.objects.values_list("is_coarse", flat=True)) == {True}
    reason, actor = ReasonCode.CAME_BACK, cast.eva.person
    closure.reopen_case(case, reason, version=case.version, actor=actor, now=wednesday)
    assert case.stay_ends_on is not None
    assert exact - 13 * DAY <= case.stay_ends_on < exact
    assert stays_of(case).current.span().is_estimated  # type: ignore[union-attr]
    told = stays.StayFacts(Country.KZ, wednesday.date())
    stays.correct_stay(CountryStay.objects.get(left_on=None), told, version=case.version, actor=boris, now=wednesday)
    assert not CountryStay.objects.get(left_on=None).is_coarse


def test_a_reopened_case_still_has_one_stay_that_goes_on(cast: Cast) -> None:
    case, boris = make_case(cast), cast.boris.person
    past = enter(case, cast, Country.AM, ago=90, left_on=TODAY - 80 * DAY)
    enter(case, cast, ago=20)
    closure.close_case(case, Outcome.SAFE_ABROAD, version=case.version, actor=boris, now=START)
    closure.reopen_case(case, ReasonCode.CAME_BACK, version=case.version, actor=cast.eva.person, now=START)
    told = stays.StayFacts(Country.AM, TODAY - 90 * DAY)
    past.refresh_from_db()
    with pytest.raises(PolicyRefused):
        stays.correct_stay(past, told, version=case.version, actor=boris, now=START)
    enter(case, cast, Country.AM, ago=2)
    assert CountryStay.objects.get(left_on=None).country == Country.AM


def test_an_unknown_entry_after_a_coarse_stay_is_assumed_in_its_last_week(cast: Cast) -> None:
    case = make_case(cast)
    enter(case, cast, Country.RS, ago=40, left_on=TODAY - 30 * DAY)
    assert CountryStay.objects.get().is_coarse
    assert enter(case, cast, Country.KZ, ago=None).entered_on == TODAY - 35 * DAY


def test_erasure_leaves_no_stay_and_no_date(cast: Cast) -> None:
    case = make_case(cast)
    enter(case, cast, ago=10)
    deadlines.set_deadline(case, DeadlineKind.APPEAL, TODAY, version=case.version, actor=cast.boris.person, now=START)
    erase_case(case, actor=cast.eva.person, now=START + 40 * DAY)
    assert [table.objects.count() for table in (CountryStay, StayClock, Deadline)] == [0, 0, 0]
    month = midnight((TODAY + 40 * DAY).replace(day=1))
    facts = (case.stay_ends_on, case.contacted_at, case.clock_started_at, case.condition_at, case.paused_seconds)
    assert facts == (None, None, month, month, 0)


# --- dates ---------------------------------------------------------------------------------------------------------


def test_a_typed_date_brings_the_case_forward_until_it_is_settled(cast: Cast) -> None:
    case, boris = make_case(cast, urgency=Urgency.ROUTINE), cast.boris.person
    usual = case.due_at
    kind, tomorrow = DeadlineKind.HEARING, TODAY + DAY
    made = deadlines.set_deadline(case, kind, tomorrow, version=case.version, actor=boris, now=START)
    assert case.due_at == midnight(tomorrow) < usual
    told: dict[str, Any] = {"actor": boris, "now": START}
    deadlines.settle_deadline(made, DeadlineEnd.MOVED, version=case.version, **told)
    case.refresh_from_db()
    assert (case.due_at, made.ended_as) == (usual, DeadlineEnd.MOVED)
    with pytest.raises(PolicyRefused):
        deadlines.settle_deadline(made, DeadlineEnd.DONE, version=case.version, **told)
    assert deadlines_of(case) == [made]
    assert audit_verbs()[-2:] == ["set_deadline", "settle_deadline"]


@pytest.mark.parametrize("days", [-1, 3661])
def test_a_date_that_cannot_be_meant_is_refused(cast: Cast, days: int) -> None:
    case, due_on, actor = make_case(cast), TODAY + days * DAY, cast.boris.person
    with pytest.raises(PolicyRefused):
        deadlines.set_deadline(case, DeadlineKind.OTHER, due_on, version=case.version, actor=actor, now=START)


# --- pauses ----------------------------------------------------------------------------------------------------------


def test_a_pause_stops_the_target_clock_and_never_the_stay_clock(cast: Cast) -> None:
    case, boris = make_case(cast, urgency=Urgency.ROUTINE), cast.boris.person
    due = case.due_at
    enter(case, cast, ago=80, is_registered=True)
    ends = case.stay_ends_on
    later, until = START + 20 * DAY, TODAY + 50 * DAY
    stages.set_condition(case, Condition.PAUSED, version=case.version, actor=boris, now=START + DAY, until=until)
    assert case.stay_ends_on == ends == TODAY + 9 * DAY
    assert case.due_at == midnight(TODAY + 9 * DAY)
    stages.set_condition(case, Condition.ACTIVE, version=case.version, actor=boris, now=later)
    assert case.stay_ends_on == ends
    leave(case, cast, now=later)
    assert case.due_at == due + 19 * DAY


# --- superseded rules ------------------------------------------------------------------------------------------------


def test_a_superseded_rule_keeps_running_and_the_new_one_stands_beside_it(cast: Cast) -> None:
    case = make_case(cast)
    enter(case, cast, ago=10)
    rules.add_rule_version(draft(), actor=cast.eva.person, now=START)
    case.refresh_from_db()
    running = {one.rule.kind: one for one in stays_of(case).running}[RuleKind.ROLLING]
    assert (running.rule.version, running.last_day) == (1, TODAY + 79 * DAY)
    assert running.newer is not None
    assert (running.newer.version, running.newer_last_day) == (2, TODAY + 19 * DAY)
    assert case.stay_ends_on == TODAY + 19 * DAY
    new = make_case(cast)
    stay = enter(new, cast)
    pinned = CountryRule.objects.get(clocks__stay=stay, kind=RuleKind.ROLLING)
    assert pinned.version == 2
    with pytest.raises(ProtectedError), transaction.atomic():
        pinned.delete()


def test_a_new_rule_that_begins_after_the_stay_must_end_stands_not_beside_it(cast: Cast) -> None:
    case = make_case(cast)
    enter(case, cast, ago=10)
    begins = TODAY + 80 * DAY
    rules.add_rule_version(draft(effective_from=begins), actor=cast.eva.person, now=START)
    case.refresh_from_db()
    assert [one.newer for one in stays_of(case).running] == [None, None]
    assert case.stay_ends_on == TODAY + 79 * DAY


def test_a_longer_new_rule_prolongs_no_stay_by_itself(cast: Cast) -> None:
    case = make_case(cast)
    enter(case, cast, ago=10)
    for limit in (120, None):
        rules.add_rule_version(draft(limit_days=limit), actor=cast.eva.person, now=START)
        case.refresh_from_db()
        assert case.stay_ends_on == TODAY + 79 * DAY


def test_the_first_rule_of_a_country_runs_for_those_who_are_there(cast: Cast) -> None:
    case = make_case(cast)
    enter(case, cast, Country.UZ, ago=10)
    assert case.stay_ends_on is None
    first = draft(country=Country.UZ, kind=RuleKind.FROM_ENTRY, limit_days=15, window_days=None)
    rules.add_rule_version(first, actor=cast.eva.person, now=START)
    case.refresh_from_db()
    assert case.stay_ends_on == TODAY + 4 * DAY


@pytest.mark.parametrize("basis", [StayBasis.PERMIT, StayBasis.ASYLUM])
def test_a_permit_or_a_procedure_has_no_clock_but_its_dates(cast: Cast, basis: StayBasis) -> None:
    case = make_case(cast)
    enter(case, cast, ago=100, basis=basis)
    assert (case.stay_ends_on, stays_of(case).running) == (None, [])


def test_registration_is_due_until_it_is_done_and_ends_no_stay(cast: Cast) -> None:
    case, boris = make_case(cast, urgency=Urgency.ROUTINE), cast.boris.person
    stay = enter(case, cast, Country.KG, ago=28)
    assert case.stay_ends_on is None
    assert case.due_at == midnight(TODAY + DAY)
    told = stays.StayFacts(Country.KG, stay.entered_on, is_registered=True)
    stays.correct_stay(stay, told, version=case.version, actor=boris, now=START)
    case.refresh_from_db()
    assert case.due_at > midnight(TODAY + DAY)


# --- stored equals recomputed ----------------------------------------------------------------------------------------


def _random_write(case: Case, cast: Cast, rng: random.Random, now: dt.datetime) -> None:
    """Do one thing that may change when the case is due; what is refused changes nothing."""
    boris, eva = cast.boris.person, cast.eva.person
    told: dict[str, Any] = {"version": case.version, "actor": boris, "now": now}
    country = rng.choice([Country.KZ, Country.KG, Country.AM, Country.RS, Country.MN])
    day = now.date() - rng.randrange(6) * DAY
    facts = stays.StayFacts(country, day, is_registered=rng.random() < 0.3)
    mine = list(CountryStay.objects.filter(case=case).order_by("id"))
    open_dates = list(Deadline.objects.filter(case=case, done_on=None))
    condition = rng.choice([Condition.ACTIVE, Condition.PAUSED, Condition.LOST_CONTACT])
    choices = [
        lambda: stays.record_entry(case, facts, **told),
        lambda: stays.record_entry(case, facts, **told),
        lambda: stays.record_exit(case, day, **told),
        lambda: stays.correct_stay(rng.choice(mine), facts, **told) if mine else None,
        lambda: stays.remove_stay(rng.choice(mine), **told) if len(mine) > 2 else None,
        lambda: deadlines.set_deadline(case, DeadlineKind.APPEAL, now.date() + rng.randrange(90) * DAY, **told),
        lambda: deadlines.settle_deadline(rng.choice(open_dates), DeadlineEnd.DONE, **told) if open_dates else None,
        lambda: stages.move_case(case, rng.choice(list(Stage)[1:-1]), reason=ReasonCode.ALREADY_LEFT, **told),
        lambda: stages.set_condition(case, condition, until=now.date() + 9 * DAY, **told),
        lambda: stages.change_urgency(case, rng.choice(list(Urgency)), **told),
        lambda: rules.add_rule_version(
            draft(limit_days=rng.choice([20, 60, None]), effective_from=day, reverify_by=now.date() + DAY),
            actor=eva,
            now=now,
        ),
        lambda: rules.set_stage_target(
            Stage.PLANNING, dict.fromkeys(Urgency, rng.randrange(1, 99)), actor=eva, now=now
        ),
        lambda: stays.coarsen_due(now),
        lambda: closure.close_case(case, Outcome.SAFE_ABROAD, **told),
        lambda: closure.reopen_case(case, ReasonCode.CAME_BACK, **(told | {"actor": eva})),
    ]
    try:
        rng.choice(choices)()
    except PolicyRefused:
        return


@pytest.mark.parametrize("seed", range(6))
def test_what_is_stored_equals_what_is_recomputed_after_any_history(cast: Cast, seed: int) -> None:
    rng, now = random.Random(seed), START
    case = make_case(cast)
    for _ in range(45):
        now += dt.timedelta(hours=rng.randrange(120))
        _random_write(case, cast, rng, now)
        case = Case.objects.get(id=case.id)
        again = due_changes(case)
        assert (case.due_at, case.stay_ends_on) == (again["due_at"], again["stay_ends_on"])
    assert CountryStay.objects.exists()


def test_one_range_finds_the_stays_that_end_within_a_week(cast: Cast) -> None:
    far, near, over, gone = (make_case(cast) for _ in range(4))
    enter(far, cast, ago=82)
    enter(near, cast, ago=83)
    enter(over, cast, ago=200)
    enter(gone, cast, ago=85)
    leave(gone, cast)
    ends = {case: case.stay_ends_on for case in (far, near, over)}
    assert ends[far] == TODAY + 7 * DAY
    assert ends[near] == TODAY + 6 * DAY
    visible = Case.objects.visible_to(cast.boris.person, now=START)
    with CaptureQueriesContext(connection) as queries:
        found = set(stay_ends_soon(visible, today=TODAY))
    assert found == {near, over}
    assert len(queries) == 1
    assert not stay_ends_soon(Case.objects.visible_to(cast.clara.person, now=START), today=TODAY).exists()
