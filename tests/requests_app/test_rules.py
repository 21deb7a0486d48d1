"""The tables of what stages and conditions bring with them: total, the catalogue's, and carried out whole."""

import datetime as dt
import uuid

import pytest

from caseworker.enums import Role
from caseworker.exceptions import PermissionRefused, PolicyRefused
from requests_app.actions import grants as access
from requests_app.actions import stages
from requests_app.catalogue import load_catalogue, load_checklists
from requests_app.clocks import FAR, check_in_due, hour_of
from requests_app.enums import CheckCode, Condition, ReasonCode, SafeAnswer, Stage
from requests_app.enums_work import TaskKind, TaskState
from requests_app.linter import tells_of_a_person
from requests_app.models.access import AccessGrant
from requests_app.models.cases import Case
from requests_app.models.contacts import ContactPoint
from requests_app.models.work import Task
from requests_app.pages import masked_contacts
from requests_app.policies import check_reveals
from requests_app.rules import CONSEQUENCES, LEVEL_OF, STAGE_TASKS, asked_level, borne_level
from requests_app.stages import CONDITIONS, STAGES
from tests.cast import START, Cast
from tests.factories import make_case

HOUR = dt.timedelta(hours=1)
A, B = uuid.UUID(int=1), uuid.UUID(int=2)
LAWYER = {(TaskKind.LAWYER_NOW, 3)}
SCRIPT = {
    (TaskKind.WRITE_AGAIN, 24),
    (TaskKind.OTHER_CHANNEL, 72),
    (TaskKind.ASK_TRUSTED, 14 * 24),
    (TaskKind.ASK_LAWYERS, 60 * 24),
}


def test_the_tables_are_total() -> None:
    assert set(CONSEQUENCES) == set(Condition)
    assert set(STAGE_TASKS) == set(Stage)
    assert set(LEVEL_OF) == set(CheckCode)


def test_conditions_keep_the_rhythm_of_the_catalogue() -> None:
    rows = {row["code"]: row for row in load_catalogue()["conditions"]}
    for condition in (Condition.LOST_CONTACT, Condition.DETAINED, Condition.EXTRADITION):
        assert CONSEQUENCES[condition].checkin_hours == rows[condition]["checkin_hours"]


def test_whoever_may_not_be_contacted_has_no_check_in_but_through_others() -> None:
    for condition, row in CONDITIONS.items():
        if not row.may_contact and condition != Condition.DETAINED:
            assert CONSEQUENCES[condition].stops_checkins, condition


@pytest.mark.parametrize("stage", Stage)
@pytest.mark.parametrize("condition", Condition)
def test_every_check_in_has_one_answer(stage: Stage, condition: Condition) -> None:
    due, consequence = check_in_due(stage, condition, START), CONSEQUENCES[condition]
    hours = consequence.checkin_hours or STAGES[stage].checkin_hours
    none = hours is None or consequence.stops_checkins or stage == Stage.CLOSED
    assert due == (FAR if none else START + (hours or 0) * HOUR)


@pytest.mark.parametrize(
    ("condition", "tasks", "contact", "reveal", "grants", "check_in"),
    [
        (Condition.PAUSED, {(TaskKind.ASK_AGAIN, 20 * 24 - 9)}, True, True, True, None),
        (Condition.LOST_CONTACT, SCRIPT, True, True, True, 14 * 24),
        (Condition.DETAINED, LAWYER, False, True, False, 48),
        (Condition.EXTRADITION, LAWYER, True, True, True, 72),
        (Condition.RETURNED, set(), False, True, True, None),
        (Condition.COMPROMISED, {(TaskKind.NEW_CONTACT, 24)}, False, False, False, None),
        (Condition.WITHDRAWN, set(), False, False, True, None),
        (Condition.DECEASED, set(), False, True, True, None),
    ],
)
@pytest.mark.django_db
def test_each_condition_brings_what_its_row_says(
    cast: Cast,
    condition: Condition,
    tasks: set[tuple[TaskKind, int]],
    contact: bool,
    reveal: bool,
    grants: bool,
    check_in: int | None,
) -> None:
    case, boris, eva = make_case(cast), cast.boris.person, cast.eva.person
    ContactPoint.objects.update(may_write=SafeAnswer.YES, may_call=SafeAnswer.YES)
    month = START + dt.timedelta(days=30)
    access.grant_access(case, cast.clara.person, until=month, reason=ReasonCode.ABSENCE, actor=eva, now=START)
    until = START.date() + dt.timedelta(days=20) if condition == Condition.PAUSED else None
    stage = case.stage
    stages.set_condition(case, condition, version=case.version, actor=boris, now=START, until=until)
    case.refresh_from_db()
    assert (case.condition, case.stage) == (condition, stage)
    open_tasks = Task.objects.filter(case=case, state=TaskState.OPEN)
    assert {(one.kind, int((one.due_at - START) / HOUR)) for one in open_tasks} == tasks
    assert {one.rule_version for one in open_tasks} <= {1}
    flags = [flag.label for point in masked_contacts(ContactPoint.objects.all(), case=case) for flag in point["flags"]]
    assert ("Do not contact" in flags) is not contact
    assert any(flag.startswith("Write: yes") for flag in flags) is contact
    assert _is_allowed(check_reveals, case) is reveal
    assert AccessGrant.objects.filter(case=case).exists() is grants
    assert Case.objects.visible_to(cast.clara.person, now=START).filter(id=case.id).exists() is grants
    assert case.check_in_due_at == (FAR if check_in is None else hour_of(START) + check_in * HOUR)
    again = {"until": month, "reason": ReasonCode.ABSENCE, "actor": eva, "now": START}
    if not grants:
        with pytest.raises(PolicyRefused):
            access.grant_access(case, cast.clara.person, **again)


def _is_allowed(check: object, case: Case) -> bool:
    try:
        check(case)  # type: ignore[operator]
    except PolicyRefused:
        return False
    return True


@pytest.mark.django_db
def test_safety_flags_come_back_as_they_were_and_only_by_a_second_person(cast: Cast) -> None:
    case, boris, eva = make_case(cast), cast.boris.person, cast.eva.person
    before = list(ContactPoint.objects.order_by("id").values_list("may_write", "may_call"))
    stages.set_condition(case, Condition.DETAINED, version=case.version, actor=boris, now=START)
    for there in (Condition.ACTIVE, Condition.RETURNED, Condition.LOST_CONTACT, Condition.EXTRADITION):
        with pytest.raises(PolicyRefused):
            stages.set_condition(case, there, version=case.version, actor=boris, now=START)
    stages.set_condition(case, Condition.ACTIVE, version=case.version, actor=eva, now=START)
    assert list(ContactPoint.objects.order_by("id").values_list("may_write", "may_call")) == before
    shown = masked_contacts(ContactPoint.objects.all(), case=case)
    assert "Do not contact" not in [flag.label for point in shown for flag in point["flags"]]


@pytest.mark.django_db
def test_leaving_lost_contact_drops_its_script_and_nothing_else(cast: Cast) -> None:
    case, boris = make_case(cast), cast.boris.person
    stages.move_case(
        case, Stage.ASYLUM_APPEAL, version=case.version, actor=boris, now=START, reason=ReasonCode.ALREADY_ABROAD
    )
    stages.set_condition(case, Condition.LOST_CONTACT, version=case.version, actor=boris, now=START)
    assert Task.objects.open().filter(case=case).count() == 6
    stages.set_condition(case, Condition.ACTIVE, version=case.version, actor=boris, now=START)
    kept = Task.objects.open().filter(case=case)
    assert {one.kind for one in kept} == {TaskKind.APPEAL_DEADLINE, TaskKind.LAWYER}
    assert Task.objects.filter(case=case, state=TaskState.DROPPED, ended_on=START.date()).count() == 4


@pytest.mark.django_db
def test_nothing_closes_a_lost_case_by_itself(cast: Cast) -> None:
    case, boris = make_case(cast), cast.boris.person
    stages.set_condition(case, Condition.LOST_CONTACT, version=case.version, actor=boris, now=START)
    late = START + dt.timedelta(days=89)
    assert Task.objects.open().filter(case=case, due_at__lt=late).count() == 4
    assert Case.objects.open().filter(check_in_due_at__lt=late).get() == case
    case.refresh_from_db()
    assert case.is_open


@pytest.mark.parametrize(
    ("passed", "asked", "borne"),
    [
        ([], 0, 0),
        ([(CheckCode.COHERENT_STORY, A)], 1, 1),
        ([(CheckCode.INDEPENDENT_DETAIL, A)], 2, 2),
        ([(CheckCode.VOUCHED, A)], 3, 0),
        ([(CheckCode.COHERENT_STORY, A), (CheckCode.VOUCHED, A)], 3, 1),
        ([(CheckCode.COHERENT_STORY, A), (CheckCode.VOUCHED, B)], 3, 3),
        ([(CheckCode.COHERENT_STORY, None), (CheckCode.VOUCHED, B)], 3, 1),
        ([(CheckCode.COHERENT_STORY, A), (CheckCode.DOCUMENT_SEEN, B)], 4, 3),
        ([(CheckCode.DOCUMENT_SEEN, A), (CheckCode.DOCUMENT_SEEN, A)], 4, 0),
        ([(CheckCode.DOCUMENT_SEEN, A), (CheckCode.DOCUMENT_SEEN, B)], 4, 4),
    ],
)
def test_the_ladder_needs_two_people_and_a_document_seen_by_both(
    passed: list[tuple[CheckCode, uuid.UUID | None]], asked: int, borne: int
) -> None:
    assert (asked_level(passed), borne_level(passed)) == (asked, borne)


def test_the_first_wording_of_the_checklists_tells_of_nobody() -> None:
    lists = load_checklists()
    assert set(lists) <= set(Stage)
    assert not any(tells_of_a_person(text) for rows in lists.values() for pair in rows for text in pair)


@pytest.mark.parametrize(
    ("text", "tells"),
    [
        ("Code word agreed?", False),
        ("Кодовое слово согласовано?", False),
        ("Room 12?", True),
        ("Call @fx_grove_heron?", True),
        ("See t.me/fx_grove?", True),
        ("Иванов И.И. согласен?", True),
        ("https://example.org?", True),
        ("٣?", True),
    ],
)
def test_a_sentence_in_clear_holds_no_digit_handle_link_or_name(text: str, tells: bool) -> None:
    assert tells_of_a_person(text) is tells


@pytest.mark.django_db
def test_only_the_security_officer_clears_a_compromised_case(cast: Cast) -> None:
    case, boris, eva, sofia = make_case(cast), cast.boris.person, cast.eva.person, cast.sofia.person
    with pytest.raises(PolicyRefused):
        stages.clear_compromise(case, burns_contacts=False, version=case.version, actor=sofia, now=START)
    stages.set_condition(case, Condition.COMPROMISED, version=case.version, actor=boris, now=START)
    for there in Condition:
        for actor in (boris, eva):
            with pytest.raises(PolicyRefused):
                stages.set_condition(case, there, version=case.version, actor=actor, now=START)
    for actor in (boris, eva):
        with pytest.raises(PermissionRefused):
            stages.clear_compromise(case, burns_contacts=False, version=case.version, actor=actor, now=START)
    assert CONDITIONS[Condition.COMPROMISED].ended_by == (Role.SECURITY_OFFICER,)
    stages.clear_compromise(case, burns_contacts=True, version=case.version, actor=sofia, now=START)
    assert case.condition == Condition.ACTIVE
    shown = masked_contacts(ContactPoint.objects.all(), case=case)
    assert {flag.label for point in shown for flag in point["flags"]} == {"Burned: do not contact"}
    assert not Task.objects.open().filter(case=case).exists()


def test_a_cleared_case_keeps_its_contacts_unless_they_are_burned(cast: Cast) -> None:
    case = make_case(cast)
    stages.set_condition(case, Condition.COMPROMISED, version=case.version, actor=cast.boris.person, now=START)
    stages.clear_compromise(case, burns_contacts=False, version=case.version, actor=cast.sofia.person, now=START)
    assert case.condition == Condition.ACTIVE
    assert not ContactPoint.objects.filter(help_request__case=case, burned_on__isnull=False).exists()
