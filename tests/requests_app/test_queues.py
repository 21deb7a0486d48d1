"""Every queue is a question over coded columns: what is in it, in which order, for whom, and at what cost."""

import contextlib
import datetime as dt
import random
import re
import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.core import signing
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from caseworker.enums import AccountStatus
from caseworker.exceptions import PolicyRefused
from caseworker.models.absences import Absence
from requests_app.actions.grants import break_glass, grant_access
from requests_app.actions.verification import approve_verification, record_check
from requests_app.clocks import FAR, URGENCY_RANK
from requests_app.enums import (
    CheckCode,
    CheckOutcome,
    Condition,
    HoursBand,
    ReasonCode,
    SafeAnswer,
    Stage,
    Urgency,
)
from requests_app.forms.intake import TIME_ZONES
from requests_app.hours import zones_by_band
from requests_app.models.access import AccessGrant
from requests_app.models.cases import Case
from requests_app.models.contacts import ContactPoint
from requests_app.models.help_requests import HelpRequest
from requests_app.queries import queues
from requests_app.queries.colleagues import without_anybody, workload
from requests_app.queries.queue_table import QUEUES
from requests_app.queries.ranges import Bound, after_key
from tests.cast import START, Cast
from tests.factories import make_case, make_request

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)
TODAY = START.date()


def codes(case: Case, **changes: Any) -> Case:
    """Put coded columns where a test wants them."""
    Case.objects.filter(id=case.id).update(**changes)
    case.refresh_from_db()
    return case


def members(cast: Cast, queue: str, who: str = "boris", *, now: dt.datetime = START) -> set[uuid.UUID]:
    page = queues.queue_page(cast.all()[who].person, {"queue": queue}, cursor=None, now=now)
    return {row["id"] for row in page.rows}


LAPSED = {"claimed_until": START - HOUR}
CLOSING = {"is_open": False, "stage": Stage.CLOSED, "outcome": "advice_only", "closed_month": TODAY.replace(day=1)}

# queue, what puts a case into it, what keeps it out
EXAMPLES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "alerts": ({"condition": Condition.DETAINED}, {"condition": Condition.LOST_CONTACT}),
    "mine_overdue": ({"due_at": START - HOUR}, {"due_at": START}),
    "overdue": ({"due_at": START - HOUR, "owner": None}, {"due_at": START, "owner": None}),
    "check_in": ({"check_in_due_at": START - HOUR}, {"check_in_due_at": START}),
    "lost_contact": ({"condition": Condition.LOST_CONTACT}, {"condition": Condition.PAUSED}),
    "unassigned": (LAPSED, {"claimed_until": START + HOUR}),
    "erasure_due": ({**CLOSING, "erase_after": TODAY}, {**CLOSING, "erase_after": TODAY + dt.timedelta(days=8)}),
    "pause_over": (
        {"condition": Condition.PAUSED, "next_action_on": TODAY},
        {"condition": Condition.PAUSED, "next_action_on": TODAY + dt.timedelta(days=1)},
    ),
    "stay_ends": (
        {"stay_ends_on": TODAY + dt.timedelta(days=6)},
        {"stay_ends_on": TODAY + dt.timedelta(days=7)},
    ),
    "mine_soon": ({"due_at": START + HOUR}, {"due_at": START + 24 * HOUR}),
    "soon": ({"due_at": START, "owner": None}, {"due_at": START - HOUR}),
    "verification": ({"stage": Stage.VERIFICATION}, {"stage": Stage.PLANNING}),
    "mine": ({}, LAPSED),
    "open": ({}, CLOSING),
    "closed": (CLOSING, {}),
}


@pytest.mark.parametrize("queue", EXAMPLES)
def test_a_queue_holds_what_it_asks_for(cast: Cast, queue: str) -> None:
    inside, outside = EXAMPLES[queue]
    case, other = codes(make_case(cast), **inside), codes(make_case(cast), **outside)
    assert members(cast, queue) == {case.id}
    if QUEUES[queue].is_counted:
        assert queues.queue_counts(cast.boris.person, {}, now=START)[0][queue] == 1
    assert other.id not in members(cast, queue)


def test_erasure_is_due_for_who_asked_and_not_for_who_is_archived(cast: Cast) -> None:
    asked = codes(make_case(cast), erasure_due_at=START + HOUR)
    codes(make_case(cast), **CLOSING, erase_after=TODAY, archived_on=TODAY)
    assert members(cast, "erasure_due") == {asked.id}


CONNECTED = {"burned", "unreachable", "recalled", "consent_ends", "ask_partner", "duplicates"}
"""Asked about by tests of their own, in ``test_connections``, ``test_referrals`` and ``test_connection_pages``."""


def test_every_queue_has_an_example() -> None:
    assert set(QUEUES) == set(EXAMPLES) | {"contactable", "owner_away", "approve_level", "access_ends"} | CONNECTED


def test_nobodys_stay_ends_after_death(cast: Cast) -> None:
    gone, over = make_case(cast), make_case(cast)
    codes(gone, stay_ends_on=TODAY, condition=Condition.DECEASED)
    codes(over, stay_ends_on=TODAY - dt.timedelta(days=400))
    assert members(cast, "stay_ends") == {over.id}


def _check(cast: Cast, case: Case, code: CheckCode, *who: str, outcome: CheckOutcome = CheckOutcome.YES) -> None:
    for name in who:
        case.refresh_from_db()
        record_check(case, code, outcome, version=case.version, actor=cast.all()[name].person, now=START)


@pytest.mark.parametrize(
    ("checks", "expected"),
    [
        ([("vouched", "boris")], False),
        ([("vouched", "boris", "boris")], False),
        ([("vouched", "boris", "eva")], True),
        ([("coherent_story", "boris", "eva")], False),
        ([("coherent_story", "eva"), ("vouched", "boris")], True),
        ([("coherent_story", "eva"), ("vouched", "boris"), ("pressure_signs", "boris")], False),
        ([("document_seen", "boris"), ("vouched", "eva")], True),
        ([("vouched", "boris", "eva"), "approve", ("document_seen", "boris")], False),
        ([("vouched", "boris", "eva"), "approve", ("document_seen", "boris", "eva")], True),
        ([("document_seen", "boris", "eva"), "approve"], False),
    ],
)
def test_a_level_waits_for_a_lead_exactly_when_the_lead_can_approve_it(
    cast: Cast, sign_in: Callable[[Any], Any], checks: list[Any], expected: bool
) -> None:
    case, eva = make_case(cast), cast.eva.person
    for step in checks:
        case.refresh_from_db()
        if step == "approve":
            approve_verification(case, version=case.version, actor=eva, now=START)
        else:
            _check(cast, case, CheckCode(step[0]), *step[1:])
    assert (case.id in members(cast, "approve_level", "eva")) is expected
    assert queues.queue_counts(eva, {}, now=START)[0]["approve_level"] == int(expected)
    assert "approve_level" not in queues.queue_counts(cast.boris.person, {}, now=START)[0]
    page = sign_in(cast.eva).get(reverse("case", args=[case.id])).content.decode()
    assert ("Approve the level" in page) is expected
    case.refresh_from_db()
    with contextlib.ExitStack() as stack:
        if not expected:
            stack.enter_context(pytest.raises(PolicyRefused))
        approve_verification(case, version=case.version, actor=eva, now=START)


def test_access_that_ends_soon_is_on_a_leads_list(cast: Cast) -> None:
    for days, expected in ((1, 1), (3, 1), (4, 0)):
        AccessGrant.objects.all().delete()
        case = make_case(cast)
        until, reason = START + dt.timedelta(days=days), ReasonCode.EXPERTISE
        grant_access(case, cast.clara.person, until=until, reason=reason, actor=cast.eva.person, now=START)
        assert len(members(cast, "access_ends", "eva")) == expected
        assert members(cast, "access_ends", "eva", now=until) == set()
    break_glass(case, ReasonCode.SAFETY, actor=cast.eva.person, now=START, for_texts=True)
    assert members(cast, "access_ends", "eva") == set()


def test_cases_of_somebody_who_is_away_wait_in_a_queue(cast: Cast) -> None:
    case = make_case(cast)
    assert members(cast, "owner_away", "eva") == set()
    cast.boris.person.status = AccountStatus.SUSPENDED
    cast.boris.person.save(update_fields=["status"])
    assert members(cast, "owner_away", "eva") == {case.id}


def test_the_cases_of_an_absence_are_the_deputys_too(cast: Cast) -> None:
    case, clara = codes(make_case(cast), circle=cast.south), cast.clara.person
    assert members(cast, "mine", "clara") == set()
    day = TODAY + dt.timedelta(days=1)
    Absence.objects.create(person=cast.boris.person, deputy=clara, from_on=TODAY, until_on=day)
    assert members(cast, "mine", "clara") == members(cast, "owner_away", "clara") == {case.id}
    assert queues.queue_counts(clara, {uuid.uuid4(): {"owner": "me"}}, now=START)[0]["mine"] == 1
    assert workload(clara, now=START)[0]["open_cases"] == 0


UTC5 = "Etc/GMT-5"


@pytest.mark.parametrize(
    ("point", "expected"),
    [
        ({"hours_band": HoursBand.ANY, "may_write": SafeAnswer.YES}, True),
        ({"hours_band": HoursBand.DAY, "time_zone": UTC5, "may_call": SafeAnswer.YES}, True),
        ({"hours_band": HoursBand.MORNING, "time_zone": UTC5, "may_call": SafeAnswer.YES}, False),
        ({"hours_band": HoursBand.DAY, "time_zone": "", "may_call": SafeAnswer.YES}, False),
        ({"hours_band": HoursBand.UNKNOWN, "time_zone": UTC5, "may_call": SafeAnswer.YES}, False),
        ({"hours_band": HoursBand.ANY, "may_write": SafeAnswer.UNKNOWN, "may_call": SafeAnswer.NO}, False),
        ({"hours_band": HoursBand.ANY, "may_write": SafeAnswer.YES, "burned_on": TODAY}, False),
    ],
)
def test_contactable_now_takes_unknown_for_no(cast: Cast, point: dict[str, Any], expected: bool) -> None:
    case = make_case(cast)  # 09:00 in UTC is 14:00 where the clock is five hours ahead
    ContactPoint.objects.update(may_write=SafeAnswer.NO, may_call=SafeAnswer.NO)
    first = ContactPoint.objects.filter(help_request__case=case).order_by("seq", "id")[0]
    ContactPoint.objects.filter(id=first.id).update(**point)
    assert (case.id in members(cast, "contactable")) is expected
    assert queues.queue_counts(cast.boris.person, {}, now=START)[0]["contactable"] == int(expected)


@pytest.mark.parametrize("silence", [{"condition": Condition.DETAINED}, {"erasure_due_at": START + HOUR}])
def test_nobody_is_contacted_who_must_not_be(cast: Cast, silence: dict[str, Any]) -> None:
    case = make_case(cast)
    ContactPoint.objects.update(hours_band=HoursBand.ANY)
    assert members(cast, "contactable") == {case.id}
    codes(case, **silence)
    assert members(cast, "contactable") == set()


def test_every_zone_that_can_be_chosen_is_in_one_band() -> None:
    placed = [zone for zones in zones_by_band(START).values() for zone in zones]
    assert len(placed) == len(set(placed))
    assert {zone for zone, _label in TIME_ZONES if zone} <= set(placed)
    assert UTC5 in zones_by_band(START)[HoursBand.DAY]


def fill(cast: Cast, number: int, *, seed: int = 1) -> list[Case]:
    """Insert open cases without owner in bulk; many share a due date, so that ties are common."""
    rng, urgencies = random.Random(seed), list(Urgency)
    dues = [START + dt.timedelta(hours=n - 12) for n in range(24)] + [FAR]
    cases = [
        Case(
            reference=f"Q{seed % 10}{n:06d}",
            codename="a b",
            circle=cast.north,
            stage=Stage.PLANNING,
            urgency=(urgency := rng.choice(urgencies)),
            urgency_rank=URGENCY_RANK[urgency],
            category="mobilized",
            opened_month=TODAY.replace(day=1),
            touched_on=TODAY,
            due_at=rng.choice(dues),
            clock_started_at=START,
            condition_at=START,
            moved_at=START,
        )
        for n in range(number)
    ]
    return Case.objects.bulk_create(cases, batch_size=500)


def place(case: Case) -> tuple[bool, int, dt.datetime, uuid.UUID]:
    """Say where a case belongs: overdue first, then urgency, then who waits longest, then the key."""
    return (case.due_at >= START, case.urgency_rank, case.due_at, case.id)


def walk(cast: Cast, filters: dict[str, Any], *, later: dt.timedelta = dt.timedelta(0)) -> list[uuid.UUID]:
    """Return the ids of all pages, one after the other, each opened *later* than the one before."""
    ids: list[uuid.UUID] = []
    cursor, now = None, START
    while True:
        page = queues.queue_page(cast.boris.person, filters, cursor=cursor, now=now)
        ids += [row["id"] for row in page.rows]
        if not page.next_cursor:
            return ids
        cursor, now = queues.parse_cursor(page.next_cursor), now + later


@pytest.mark.parametrize("later", [dt.timedelta(0), HOUR])
@pytest.mark.parametrize("filters", [{}, {"queue": "unassigned"}, {"urgency": Urgency.DAYS_3}, {"owner": "none"}])
def test_pages_are_the_whole_queue_in_order(cast: Cast, filters: dict[str, Any], later: dt.timedelta) -> None:
    expected = sorted(fill(cast, 260), key=place)
    if filters.get("urgency"):
        expected = [case for case in expected if case.urgency == filters["urgency"]]
    assert walk(cast, filters, later=later) == [case.id for case in expected]


def test_whoever_is_overdue_and_most_urgent_stands_first(cast: Cast) -> None:
    rows: list[tuple[Urgency, dt.timedelta]] = [
        (Urgency.NOW, -HOUR),
        (Urgency.ROUTINE, -10 * HOUR),
        (Urgency.NOW, 2 * HOUR),
        (Urgency.NOW, 5 * HOUR),
        (Urgency.ROUTINE, HOUR),
    ]
    made = [
        codes(make_case(cast), urgency=urgency, urgency_rank=URGENCY_RANK[urgency], due_at=START + due)
        for urgency, due in rows
    ]
    page = queues.queue_page(cast.boris.person, {}, cursor=None, now=START)
    assert [row["id"] for row in page.rows] == [case.id for case in made]


def test_a_due_date_shared_by_all_is_paged_by_key(cast: Cast) -> None:
    cases = fill(cast, 120)
    Case.objects.update(due_at=FAR, urgency_rank=3)
    assert walk(cast, {}) == sorted(case.id for case in cases)


def test_a_cursor_that_was_not_signed_here_is_ignored(cast: Cast) -> None:
    assert queues.parse_cursor("x") is None
    assert queues.parse_triage_cursor("x") is None
    assert queues.parse_cursor(signing.dumps(["a"], salt="another")) is None


def test_three_columns_make_three_ranges() -> None:
    assert after_key([("a", 1), ("b", 2), ("c", 3)]) == [
        (Bound("a", "=", 1), Bound("b", "=", 2), Bound("c", ">", 3)),
        (Bound("a", "=", 1), Bound("b", ">", 2)),
        (Bound("a", ">", 1),),
    ]


@pytest.mark.parametrize("who", ["clara", "dmitri", "anna", "sofia", "olga"])
def test_no_queue_and_no_count_shows_a_stranger_anything(cast: Cast, who: str) -> None:
    for number, changes in enumerate((CLOSING | {"erase_after": TODAY}, {"due_at": START}, {"condition": "detained"})):
        codes(make_case(cast), **changes | {"owner": None, "codename": str(number)})
    assert {queue: members(cast, queue, who) for queue in QUEUES} == {queue: set() for queue in QUEUES}
    assert not any(queues.queue_counts(cast.all()[who].person, {}, now=START)[0].values())


def test_at_a_border_no_queue_and_no_count_shows_the_case_to_others(cast: Cast) -> None:
    case = codes(make_case(cast), stage=Stage.BORDER_CROSSING, condition=Condition.DETAINED, due_at=START - HOUR)
    eva = cast.eva.person
    assert {queue: members(cast, queue, "eva") for queue in QUEUES} == {queue: set() for queue in QUEUES}
    views: dict[uuid.UUID, dict[str, Any]] = {
        uuid.uuid4(): {"queue": "alerts"},
        uuid.uuid4(): {"stage": Stage.BORDER_CROSSING},
        uuid.uuid4(): {"owner": cast.boris.person},
    }
    counts, view_counts = queues.queue_counts(eva, views, now=START)
    assert not any(counts.values())
    assert not any(view_counts.values())
    assert not any(row["border"] or row["open_cases"] for row in workload(eva, now=START))
    assert case.id in members(cast, "mine")
    assert {row["alias"]: row["border"] for row in workload(cast.boris.person, now=START)} == {"boris": 1}


READS: dict[str, Callable[[Cast], Any]] = {
    "page": lambda cast: queues.queue_page(cast.boris.person, {}, cursor=None, now=START),
    "unassigned": lambda cast: queues.queue_page(cast.boris.person, {"queue": "unassigned"}, cursor=None, now=START),
    "counts": lambda cast: queues.queue_counts(cast.boris.person, {uuid.uuid4(): {"owner": "me"}}, now=START),
    "workload": lambda cast: workload(cast.eva.person, now=START),
    "without anybody": lambda cast: without_anybody(cast.eva.person, now=START),
    "triage": lambda cast: queues.triage_page(cast.boris.person, {}, after=None),
}


@pytest.mark.parametrize("name", READS)
def test_one_query_for_ten_cases_and_for_a_thousand(cast: Cast, name: str) -> None:
    numbers = []
    for seed, more in ((1, 10), (2, 990)):
        fill(cast, more, seed=seed)
        with CaptureQueriesContext(connection) as captured:
            READS[name](cast)
        numbers.append(len(captured))
        assert "sealed" not in " ".join(query["sql"] for query in captured)
    assert numbers == [1, 1]


def plan(run: Callable[[], Any]) -> str:
    """Return the plan of the one statement that *run* sends, as the database says it."""
    with CaptureQueriesContext(connection) as captured:
        run()
    explain = "EXPLAIN QUERY PLAN " if connection.vendor == "sqlite" else "EXPLAIN "
    with connection.cursor() as cursor:
        cursor.execute(explain + captured[0]["sql"].replace("%", "%%"))
        return "\n".join(str(row) for row in cursor.fetchall())


DEEP = queues.Cursor(START, START + 3 * HOUR, 2, uuid.UUID(int=0))
INDEXES: list[tuple[str, dict[str, Any], queues.Cursor | None, str]] = [
    ("first page", {}, None, "case_queue"),
    ("deep page", {}, DEEP, "case_queue"),
    ("of one person", {"owner": "me"}, DEEP, "case_queue_of_owner"),
    ("without an owner", {"queue": "unassigned"}, DEEP, "case_queue_(unowned|of_owner)"),
    ("lapsed claims", {"queue": "unassigned"}, None, "case_queue_claimed"),
    ("closed", {"queue": "closed"}, None, "case_queue_closed"),
]


def test_each_range_starts_inside_its_index(cast: Cast) -> None:
    cases = fill(cast, 12_000)
    owned = [case.id for case in cases[::2]]
    Case.objects.filter(id__in=owned).update(owner=cast.clara.person)
    Case.objects.filter(id__in=owned[:40]).update(owner=cast.boris.person, claimed_until=START + HOUR)
    Case.objects.filter(id__in=owned[-900:]).update(**CLOSING, due_at=FAR)
    with connection.cursor() as raw:
        raw.execute("ANALYZE")
    for name, filters, cursor, index in INDEXES:
        said = plan(partial(queues.queue_page, cast.boris.person, filters, cursor=cursor, now=START))
        assert re.search(rf"\b{index}\b", said), f"{name}: {said}"
        assert not re.search(r"SCAN requests_app_case\b(?! USING)|Seq Scan on requests_app_case\b", said), name


def test_requests_are_paged_most_urgent_and_oldest_first(cast: Cast) -> None:
    made = [make_request(cast) for _ in range(3)]
    for n, help_request in enumerate(made):
        HelpRequest.objects.filter(id=help_request.id).update(
            urgency=list(Urgency)[n], received_on=TODAY - dt.timedelta(days=n)
        )
    copies = [
        HelpRequest(
            reference=f"R{n:07d}", circle=cast.north, channel="signal", urgency=Urgency.WEEKS_2, country="KZ",
            received_on=TODAY - dt.timedelta(days=n % 7), form_token=uuid.uuid4(), claim_code_hash=f"{n:064d}",
        )
        for n in range(120)
    ]  # fmt: skip
    HelpRequest.objects.bulk_create(copies)
    expected = list(HelpRequest.objects.order_by("urgency", "received_on", "id").values_list("id", flat=True))
    found, after = [], None
    while True:
        page = queues.triage_page(cast.boris.person, {}, after=after)
        found += [row.id for row in page.rows]
        if not page.next_cursor:
            break
        after = queues.parse_triage_cursor(page.next_cursor)
    assert found == expected
    assert len(queues.triage_page(cast.boris.person, {"country": "KZ"}, after=None).rows) == queues.PAGE
    assert queues.triage_page(cast.clara.person, {}, after=None).rows == []
    counted = {row.url_name: count for row, count in queues.pages_of(cast.boris.person, now=START)}
    assert counted == {"triage_queue": 123, "duplicates": 0, "handovers": 0}


def test_a_page_of_requests_starts_inside_its_index(cast: Cast) -> None:
    copies = [
        HelpRequest(
            reference=f"R{n:07d}", circle=cast.north, channel="signal", urgency=list(Urgency)[n % 4], country="KZ",
            received_on=TODAY - dt.timedelta(days=n % 7), form_token=uuid.uuid4(), claim_code_hash=f"{n:064d}",
        )
        for n in range(8000)
    ]  # fmt: skip
    HelpRequest.objects.bulk_create(copies)
    with connection.cursor() as raw:
        raw.execute("ANALYZE")
    key = [Urgency.DAYS_3, TODAY.isoformat(), str(uuid.UUID(int=0))]
    said = plan(lambda: queues.triage_page(cast.boris.person, {}, after=key))
    assert re.search(r"\brequest_triage_(order|queue)\b", said), said
    assert not re.search(r"SCAN requests_app_helprequest\b(?! USING)|Seq Scan on requests_app_helprequest\b", said), (
        said
    )


def test_postgresql_compiles_no_question_to_machine_code() -> None:
    """The counts are one long question: compiling it took ten times as long as answering it."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no such compiler")
    with connection.cursor() as cursor:
        cursor.execute("SHOW jit")
        assert cursor.fetchone() == ("off",)
