"""Clocks: the vectors of the design, and every computation against one that counts days one by one."""

import datetime as dt
import itertools
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from requests_app import clocks
from requests_app.clock_codes import DeadlineKind, RuleKind
from requests_app.clocks import (
    DATES_OF_STAGES,
    FAR,
    Dates,
    Span,
    StageClock,
    StayRule,
    counts_until,
    days_used,
    days_within,
    earliest_plausible,
    last_lawful_day,
    lawful_entry,
    midnight,
    monday_of,
    next_due,
    overlap,
    own_due,
    presence,
    read_stay,
    stands_still,
    sunday_of,
    target_due,
)
from requests_app.enums import Condition, Stage, Urgency
from requests_app.stages import CONDITIONS, STAGES, TargetKind
from tests.cast import START

DAY = dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)
KZ = StayRule(RuleKind.ROLLING, 90, 180)
AM = StayRule(RuleKind.PER_YEAR, 180)
BASE = dt.date(2024, 12, 1)
fast = settings(max_examples=120, deadline=None)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(f"2025-{text}")


def stay(entered: str, left: str = "") -> Span:
    return Span(day(entered), day(left) if left else None)


# --- the vectors of the design ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spans", "last"),
    [
        ([stay("04-01")], "06-29"),
        ([stay("04-01", "05-10"), stay("05-17")], "07-05"),
        ([stay("01-01", "03-31"), stay("06-30")], "09-27"),
    ],
)
def test_ninety_days_in_any_hundred_and_eighty_end_as_in_the_design(spans: list[Span], last: str) -> None:
    assert last_lawful_day(KZ, spans) == day(last)


@pytest.mark.parametrize(("entry", "lawful"), [("04-01", False), ("06-29", False), ("06-30", True)])
def test_ninety_days_at_a_stretch_refuse_an_entry_until_the_first_one_drops_out(entry: str, *, lawful: bool) -> None:
    past = stay("01-01", "03-31")
    assert (lawful_entry(KZ, [past], day(entry)) == day(entry)) is lawful
    assert lawful_entry(KZ, [past], day("04-01")) == day("06-30")
    assert (days_used(KZ, [past, stay(entry)], day(entry)) <= KZ.limit) is lawful
    if not lawful:
        assert last_lawful_day(KZ, [past, stay(entry)]) == day(entry) - DAY


def test_entry_and_exit_days_count_and_a_crossing_day_counts_in_both_countries() -> None:
    there, back = stay("04-01", "04-10"), stay("04-20", "04-20")
    assert days_used(KZ, [there, back], day("04-30")) == 11
    kazakhstan, kyrgyzstan = [stay("04-01", "04-10")], [stay("04-10", "04-12")]
    assert days_used(KZ, kazakhstan, day("04-12")) + days_used(KZ, kyrgyzstan, day("04-12")) == 13


def test_days_of_a_calendar_year_begin_anew_with_the_year() -> None:
    assert last_lawful_day(AM, [Span(dt.date(2025, 1, 1))]) == dt.date(2025, 6, 29)
    assert last_lawful_day(AM, [Span(dt.date(2025, 9, 1))]) == dt.date(2026, 6, 29)
    assert last_lawful_day(StayRule(RuleKind.PER_YEAR, 365), [Span(dt.date(2025, 5, 1))]) == dt.date(2028, 12, 30)
    assert last_lawful_day(StayRule(RuleKind.PER_YEAR, 366), [Span(dt.date(2025, 5, 1))]) is None
    used_up = [Span(dt.date(2025, 1, 1), dt.date(2025, 6, 29))]
    assert lawful_entry(AM, used_up, dt.date(2025, 7, 1)) == dt.date(2026, 1, 1)
    assert lawful_entry(AM, used_up, dt.date(2026, 3, 1)) == dt.date(2026, 3, 1)


def test_days_from_entry_begin_anew_with_each_entry() -> None:
    rule = StayRule(RuleKind.FROM_ENTRY, 30)
    assert last_lawful_day(rule, [stay("03-01", "03-30"), stay("03-30")]) == day("04-28")
    assert days_used(rule, [stay("03-01", "03-30"), stay("03-30")], day("03-31")) == 2
    assert lawful_entry(rule, [stay("03-01", "03-30")], day("03-31")) == day("03-31")


def test_a_limit_of_no_days_allows_none_and_a_limit_as_long_as_its_period_never_ends() -> None:
    assert lawful_entry(StayRule(RuleKind.ROLLING, 0, 180), [], BASE) is None
    assert last_lawful_day(StayRule(RuleKind.ROLLING, 0, 180), [Span(BASE)]) == BASE - DAY
    assert last_lawful_day(StayRule(RuleKind.ROLLING, 180, 180), [Span(BASE)]) is None
    assert read_stay(StayRule(RuleKind.ROLLING, 180, 180), [Span(BASE)], BASE + 400 * DAY).left is None


# --- against a counter of days ---------------------------------------------------------------------------------------

offsets = st.integers(0, 400)


@st.composite
def histories(draw: st.DrawFn, *, goes_on: bool) -> list[Span]:
    """Draw stays that may touch but do not overlap; the last one goes on, or is over."""
    marks = sorted(draw(st.lists(offsets, min_size=2, max_size=8)))
    pairs = list(zip(marks[::2], marks[1::2], strict=False))
    spans = [Span(BASE + first * DAY, BASE + last * DAY) for first, last in pairs]
    return [*spans, Span(BASE + (marks[-1] + draw(st.integers(0, 60))) * DAY)] if goes_on else spans


@st.composite
def rules(draw: st.DrawFn) -> StayRule:
    kind = draw(st.sampled_from(list(RuleKind)))
    window = draw(st.integers(1, 200)) if kind is RuleKind.ROLLING else 0
    return StayRule(kind, draw(st.integers(0, window - 1 if window else 300)), window)


def present(spans: Sequence[Span], on: dt.date) -> bool:
    return any(one.entered_on <= on and (one.left_on is None or on <= one.left_on) for one in spans)


def counted(rule: StayRule, spans: Sequence[Span], on: dt.date) -> int:
    """Count the days of presence one by one."""
    if rule.kind is RuleKind.ROLLING:
        first = on - (rule.window - 1) * DAY
    elif rule.kind is RuleKind.PER_YEAR:
        first = dt.date(on.year, 1, 1)
    else:
        first = max((one.entered_on for one in spans if one.entered_on <= on), default=on)
    return sum(present(spans, first + n * DAY) for n in range((on - first).days + 1))


@fast
@given(rules(), histories(goes_on=True), offsets)
def test_used_days_are_those_a_counter_counts(rule: StayRule, spans: list[Span], offset: int) -> None:
    on = BASE + offset * DAY
    assert days_used(rule, spans, on) == counted(rule, spans, on)


@fast
@given(rules(), histories(goes_on=True))
def test_the_last_lawful_day_is_the_one_before_a_counter_finds_too_many(rule: StayRule, spans: list[Span]) -> None:
    on = spans[-1].entered_on
    while counted(rule, spans, on) <= rule.limit:
        on += DAY
    assert last_lawful_day(rule, spans) == on - DAY


@fast
@given(rules(), histories(goes_on=False), offsets)
def test_the_first_lawful_entry_is_the_one_a_counter_finds(rule: StayRule, spans: list[Span], offset: int) -> None:
    asked = BASE + offset * DAY
    found = lawful_entry(rule, spans, asked)
    if rule.limit == 0:
        assert found is None
        return
    on = max(asked, spans[-1].left_on or asked)
    while counted(rule, [*spans, Span(on)], on) > rule.limit:
        on += DAY
    assert found == on


@fast
@given(histories(goes_on=True), st.integers(0, 7))
def test_countries_count_their_own_days_only(spans: list[Span], turn: int) -> None:
    here, there = spans[turn % 2 :: 2], spans[1 - turn % 2 :: 2]
    on = spans[-1].entered_on + 10 * DAY
    for one in (here, there):
        assert days_used(KZ, one, on) == counted(KZ, one, on)


@fast
@given(rules(), histories(goes_on=False), st.integers(1, 500))
def test_days_that_can_count_no_more_change_no_clock_when_they_become_weeks(
    rule: StayRule, spans: list[Span], later: int
) -> None:
    past = spans[0]
    assert past.left_on is not None
    coarse = Span(monday_of(past.entered_on), sunday_of(past.left_on), is_estimated=True)
    on = counts_until(rule, sunday_of(past.left_on)) + later * DAY
    if rule.kind in {RuleKind.FROM_ENTRY, RuleKind.REGISTRATION}:
        assert last_lawful_day(rule, [coarse, Span(on)]) == last_lawful_day(rule, [past, Span(on)])
        return
    assert days_used(rule, [coarse], on) == days_used(rule, [past], on) == 0
    assert last_lawful_day(rule, [coarse, Span(on)]) == last_lawful_day(rule, [past, Span(on)])


@fast
@given(histories(goes_on=False), histories(goes_on=True))
def test_presence_is_disjoint_and_ascending_whatever_the_stays(some: list[Span], others: list[Span]) -> None:
    intervals = presence([*some, *others])
    assert all(first <= last for first, last in intervals)
    assert all(one[1] + 1 < other[0] for one, other in itertools.pairwise(intervals))


@fast
@given(st.tuples(offsets, offsets), st.tuples(offsets, st.one_of(st.none(), offsets)))
def test_stays_overlap_when_they_share_more_than_the_day_of_a_crossing(
    one: tuple[int, int], other: tuple[int, int | None]
) -> None:
    a = Span(BASE + min(one) * DAY, BASE + max(one) * DAY)
    until = None if other[1] is None else BASE + max(other[0], other[1]) * DAY
    b = Span(BASE + other[0] * DAY, until)
    hours = {BASE + n * DAY for n in range(801)}
    inside = [
        d
        for d in hours
        if a.entered_on <= d < (a.left_on or d) and b.entered_on <= d and (not b.left_on or d < b.left_on)
    ]
    touching = a.entered_on == a.left_on or b.entered_on == b.left_on
    assert overlap(a, b) == overlap(b, a)
    if not touching:
        assert overlap(a, b) is bool(inside)


@pytest.mark.parametrize("rule", [KZ, AM, StayRule(RuleKind.ROLLING, 1000, 3660)])
def test_a_clock_costs_intervals_and_not_days(rule: StayRule, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty years abroad in a hundred stays are looked at a few times, not once for each day."""
    spans = [Span(BASE - n * 70 * DAY, BASE - (n * 70 - 30) * DAY) for n in range(100, 0, -1)] + [Span(BASE)]
    looks: list[int] = []

    def counting(*arguments: object) -> int:
        looks.append(1)
        return days_within(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(clocks, "days_within", counting)
    assert last_lawful_day(rule, spans) is not None
    assert 0 < len(looks) <= 16


# --- readings --------------------------------------------------------------------------------------------------------


def test_a_reading_says_used_left_last_day_and_how_sure_it_is() -> None:
    reading = read_stay(KZ, [stay("04-01")], day("06-20"))
    assert (reading.used, reading.left, reading.last_day, reading.enter_from) == (81, 9, day("06-29"), None)
    assert not reading.ends_soon(day("06-20"))
    assert reading.ends_soon(day("06-23"))
    assert not reading.is_over(day("06-29"))
    assert reading.is_over(day("06-30"))
    assert not reading.is_estimated
    assert read_stay(KZ, [Span(day("04-01"), None, is_estimated=True)], day("06-20")).is_estimated


def test_a_reading_of_somebody_who_has_left_says_when_they_may_enter() -> None:
    reading = read_stay(KZ, [stay("01-01", "03-31")], day("04-15"))
    assert (reading.used, reading.left, reading.last_day, reading.enter_from) == (90, 0, None, day("06-30"))
    assert not reading.is_running
    assert not reading.is_over(day("12-31"))
    assert not reading.ends_soon(day("12-31"))


def test_an_estimate_that_counts_no_more_does_not_make_a_clock_uncertain() -> None:
    old = Span(BASE - 400 * DAY, BASE - 390 * DAY, is_estimated=True)
    assert not read_stay(KZ, [old, stay("04-01")], day("04-02")).is_estimated


def test_an_unknown_entry_is_assumed_on_the_last_day_somebody_was_elsewhere() -> None:
    assert earliest_plausible([day("03-03"), day("02-01")]) == day("03-03")
    assert earliest_plausible([]) is None


# --- target clocks ---------------------------------------------------------------------------------------------------


def clock(stage: Stage = Stage.PLANNING, condition: Condition = Condition.ACTIVE, **facts: object) -> StageClock:
    known = {"urgency": Urgency.NOW, "started_at": START, "condition_at": START} | facts
    return StageClock(stage, condition, **known)  # type: ignore[arg-type]


def test_a_target_clock_stands_still_exactly_while_the_path_does() -> None:
    assert {one for one in Condition if not stands_still(one)} == {Condition.ACTIVE, Condition.EXTRADITION}


def test_a_paused_clock_runs_on_with_what_was_left_of_it() -> None:
    paused = clock(condition=Condition.PAUSED, condition_at=START + 10 * HOUR, ask_again_on=day("03-20"))
    assert own_due(paused) == midnight(day("03-20"))
    assert paused.used(START + 500 * HOUR) == 10 * HOUR
    again = clock(condition_at=START + 500 * HOUR, paused=paused.paused_by(START + 500 * HOUR))
    assert again.paused == 490 * HOUR
    assert own_due(again) == START + 24 * HOUR + 490 * HOUR
    assert again.used(START + 501 * HOUR) == 11 * HOUR


@pytest.mark.parametrize("condition", [one for one in Condition if stands_still(one) and one != Condition.PAUSED])
def test_nobody_is_forgotten_in_a_condition(condition: Condition) -> None:
    since = START + 50 * HOUR
    due = own_due(clock(condition=condition, condition_at=since))
    hours = CONDITIONS[condition].clock_hours or {Urgency.NOW: 24}
    assert due == since + hours[Urgency.NOW] * HOUR


def test_a_condition_with_a_clock_starts_it_anew_when_the_case_moves() -> None:
    moved = clock(condition=Condition.EXTRADITION, condition_at=START - 50 * HOUR)
    assert own_due(moved) == START + 4 * HOUR


def test_the_organizations_own_target_replaces_the_tables() -> None:
    hours = dict.fromkeys(Urgency, 5)
    assert target_due(Stage.PLANNING, Condition.ACTIVE, Urgency.NOW, START, hours=hours) == START + 5 * HOUR
    assert target_due(Stage.PLANNING, Condition.DETAINED, Urgency.NOW, START, hours=hours) == START + 3 * HOUR


def test_every_stage_with_a_typed_date_says_which() -> None:
    typed = {stage for stage, row in STAGES.items() if row.target.kind in {TargetKind.APPOINTMENT, TargetKind.DEADLINE}}
    assert set(DATES_OF_STAGES) == typed


@pytest.mark.parametrize(
    ("stage", "dates"),
    [
        (Stage.ASYLUM_APPEAL, Dates(typed=[(DeadlineKind.APPEAL, day("05-01"))])),
        (Stage.ASYLUM_INTERVIEW, Dates(typed=[(DeadlineKind.INTERVIEW, day("05-01"))])),
        (Stage.LOCAL_REGISTRATION, Dates(registrations=[day("05-01")])),
        (Stage.LOCAL_REGISTRATION, Dates(stay_ends=[day("05-01")])),
    ],
)
def test_a_stage_goes_by_its_date_as_soon_as_it_is_known(stage: Stage, dates: Dates) -> None:
    fallback = next_due(clock(stage), Dates())
    assert START < fallback < midnight(day("05-01"))
    assert next_due(clock(stage), dates) == midnight(day("05-01"))
    detained = clock(stage, Condition.DETAINED)
    assert next_due(detained, dates) == START + 3 * HOUR


def test_another_date_does_not_stand_for_the_one_a_stage_waits_for() -> None:
    dates = Dates(typed=[(DeadlineKind.HEARING, day("12-01"))])
    assert next_due(clock(Stage.ASYLUM_APPEAL), dates) == next_due(clock(Stage.ASYLUM_APPEAL), Dates())


@pytest.mark.parametrize(
    "dates",
    [
        Dates(typed=[(DeadlineKind.OTHER, day("03-03"))]),
        Dates(stay_ends=[day("03-03")]),
        Dates(registrations=[day("03-03")]),
    ],
)
@pytest.mark.parametrize("condition", Condition)
def test_what_ends_earlier_brings_a_case_forward_in_every_condition(dates: Dates, condition: Condition) -> None:
    assert next_due(clock(condition=condition), dates) == midnight(day("03-03"))
    assert next_due(clock(Stage.CLOSED), dates) == FAR


@fast
@given(st.lists(st.integers(0, 90), max_size=5), st.sampled_from([one for one in Stage if one != Stage.CLOSED]))
def test_a_case_is_never_due_later_than_any_of_its_dates(offsets: list[int], stage: Stage) -> None:
    days = [day("03-03") + n * DAY for n in offsets]
    due = next_due(clock(stage), Dates(stay_ends=days))
    assert all(due <= midnight(one) for one in days)
    assert due in {midnight(one) for one in days} | {own_due(clock(stage))}
