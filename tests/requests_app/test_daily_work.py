"""Tasks, check-ins, checklists and the ladder, through their actions."""

import datetime as dt
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction
from django.db.models import F

from caseworker.actions.circles import admit_member
from caseworker.exceptions import PermissionRefused, PolicyRefused, StaleVersion
from caseworker.models.accounts import Caseworker
from caseworker.scrubbing import ERASED_FROM
from requests_app.actions import casework, checklists, contacting, erasure, stages, tasks, verification
from requests_app.actions.claims import ask_for_erasure
from requests_app.clocks import FAR, check_in_due, hour_of
from requests_app.enums import Channel, CheckCode, CheckOutcome, Condition, Outcome, ReasonCode, Stage
from requests_app.enums_work import ContactResult, TaskKind, TaskState
from requests_app.models.access import VerificationCheck
from requests_app.models.cases import Case, StageSpell
from requests_app.models.connections import AssetUse, Consent, Referral
from requests_app.models.work import ChecklistAnswer, ChecklistItem, ContactAttempt, Task
from requests_app.queries import work
from tests.cast import START, Cast, audit_verbs
from tests.connections import refused
from tests.factories import make_case, verify_case

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def by(person: Caseworker, now: dt.datetime = START) -> dict[str, Any]:
    return {"actor": person, "now": now}


def test_a_task_by_hand_is_the_owners_until_it_is_given_away(cast: Cast) -> None:
    case, boris, clara = make_case(cast), cast.boris.person, cast.clara.person
    task = tasks.add_task(case, TaskKind.SHELTER, START + DAY, note="A quiet place.", **by(boris))
    assert (task.rule, task.rule_version, task.note is not None) == ("", 0, True)
    assert [row["id"] for row in work.own_tasks(boris, cursor="", now=START).rows] == [task.id]
    with pytest.raises(PolicyRefused):
        tasks.assign_task(task, clara, **by(boris))
    admit_member(cast.north, clara, keyring=cast.boris.keyring(), actor=boris, now=START)
    tasks.assign_task(task, clara, **by(boris))
    assert work.own_tasks(boris, cursor="", now=START).rows == []
    assert len(work.own_tasks(clara, cursor="", now=START).rows) == 1
    tasks.return_tasks(clara, cast.north.id, START)
    assert len(work.own_tasks(boris, cursor="", now=START).rows) == 1
    assert audit_verbs()[-1] == "assign_task"


def test_a_task_follows_the_case_to_its_new_owner(cast: Cast) -> None:
    case, boris, clara = make_case(cast), cast.boris.person, cast.clara.person
    tasks.add_task(case, TaskKind.SHELTER, START + DAY, **by(boris))
    admit_member(cast.north, clara, keyring=cast.boris.keyring(), actor=boris, now=START)
    casework.assign_case(case, clara, version=case.version, **by(cast.eva.person))
    assert len(work.own_tasks(clara, cursor="", now=START).rows) == 1
    assert work.own_tasks(boris, cursor="", now=START).rows == []


def test_a_task_ends_once(cast: Cast) -> None:
    case, boris = make_case(cast), cast.boris.person
    first, second = (tasks.add_task(case, TaskKind.MONEY, START + DAY, **by(boris)) for _ in range(2))
    tasks.finish_task(first, **by(boris))
    tasks.drop_task(second, **by(boris))
    for run in (tasks.finish_task, tasks.drop_task):
        with pytest.raises(StaleVersion):
            run(first, **by(boris))
    with pytest.raises(StaleVersion):
        tasks.assign_task(first, None, **by(boris))
    assert list(Task.objects.order_by("state").values_list("state", "ended_on", "ended_by__alias")) == [
        ("done", START.date(), "boris"),
        ("dropped", START.date(), "boris"),
    ]


@pytest.mark.parametrize("days", [-1, 367])
def test_a_task_is_due_within_a_year(cast: Cast, days: int) -> None:
    case = make_case(cast)
    with pytest.raises(PolicyRefused):
        tasks.add_task(case, TaskKind.MONEY, START + days * DAY, **by(cast.boris.person))


def test_a_rule_makes_its_task_once(cast: Cast) -> None:
    case, boris = make_case(cast), cast.boris.person
    reason = ReasonCode.ALREADY_ABROAD
    for there in (Stage.ASYLUM_FILING, Stage.ONWARD_TRAVEL, Stage.ASYLUM_FILING):
        stages.move_case(case, there, version=case.version, reason=reason, **by(boris))
    (task,) = Task.objects.all()
    assert (task.kind, task.rule, task.rule_version) == (TaskKind.LAWYER, "asylum_filing", 1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Task.objects.create(
            case=case, kind=task.kind, rule=task.rule, rule_version=1, starts_on=START.date(), due_at=START
        )


def test_own_tasks_are_paged_by_key_in_one_query(cast: Cast, django_assert_num_queries: Any) -> None:
    case, boris = make_case(cast), cast.boris.person
    for number in range(53):
        tasks.add_task(case, TaskKind.MONEY, START + (number % 3) * DAY, **by(boris))
    with django_assert_num_queries(1):
        first = work.own_tasks(boris, cursor="", now=START)
    second = work.own_tasks(boris, cursor=first.next_cursor, now=START)
    seen = [row["id"] for row in (*first.rows, *second.rows)]
    assert (len(first.rows), len(second.rows), len(set(seen)), second.next_cursor) == (50, 3, 53, "")
    assert len(work.own_tasks(boris, cursor="nonsense", now=START).rows) == 50


def test_only_a_contact_that_was_made_moves_the_check_in(cast: Cast) -> None:
    case, boris = make_case(cast), cast.boris.person
    stages.move_case(case, Stage.IN_HIDING, version=case.version, reason=ReasonCode.ALREADY_LEFT, **by(boris))
    first, version = START + 7 * DAY, case.version
    assert case.check_in_due_at == first
    for result in (ContactResult.NO_ANSWER, ContactResult.MESSAGE_LEFT):
        contacting.record_contact(case, result, Channel.SIGNAL, **by(boris, START + DAY))
        assert (case.check_in_due_at, case.contacted_at) == (first, None)
    later = START + DAY + dt.timedelta(minutes=40)
    contacting.record_contact(case, ContactResult.MADE, Channel.SIGNAL, **by(boris, later))
    assert (case.contacted_at, case.check_in_due_at) == (START + DAY, first + DAY)
    assert case.version == version
    assert ContactAttempt.objects.filter(tried_at=hour_of(later)).count() == 3


def test_no_contact_is_recorded_for_a_day_that_has_not_come(cast: Cast) -> None:
    case, tomorrow, other_century = make_case(cast), (START + DAY).date(), dt.date(1999, 12, 31)
    for day in (tomorrow, other_century):
        with pytest.raises(PolicyRefused):
            contacting.record_contact(case, ContactResult.MADE, Channel.SIGNAL, on=day, **by(cast.boris.person))
    assert not ContactAttempt.objects.exists()


def test_a_day_to_ask_again_is_not_dropped_where_it_does_not_belong(cast: Cast) -> None:
    case, day = make_case(cast), (START + 10 * DAY).date()
    with refused("belongs to a pause only"):
        stages.set_condition(case, Condition.LOST_CONTACT, version=case.version, until=day, **by(cast.boris.person))
    stages.set_condition(case, Condition.PAUSED, version=case.version, until=day, **by(cast.boris.person))
    assert case.next_action_on == day


def _missed(now: dt.datetime) -> int:
    return Case.objects.filter(check_in_due_at__lt=now).count()


def test_ten_days_without_any_job_make_no_check_in_wrong(cast: Cast) -> None:
    case, boris = make_case(cast), cast.boris.person
    stages.move_case(case, Stage.IN_HIDING, version=case.version, reason=ReasonCode.ALREADY_LEFT, **by(boris))
    for days, missed in ((6, 0), (10, 1)):
        assert _missed(START + days * DAY) == missed
    now = START + 10 * DAY
    contacting.record_contact(case, ContactResult.MADE, Channel.SIGNAL, **by(boris, now))
    assert _missed(now) == 0
    assert case.check_in_due_at == check_in_due(Stage.IN_HIDING, Condition.ACTIVE, now)


def test_nothing_is_worked_on_in_a_closed_or_a_waiting_case(cast: Cast) -> None:
    case, boris = make_case(cast), cast.boris.person
    task = tasks.add_task(case, TaskKind.MONEY, START + DAY, **by(boris))
    ask_for_erasure(case.help_requests.get(), now=START)
    case.refresh_from_db()
    task = Task.objects.get(id=task.id)
    for run in (
        lambda: contacting.record_contact(case, ContactResult.MADE, Channel.SIGNAL, **by(boris)),
        lambda: tasks.add_task(case, TaskKind.MONEY, START, **by(boris)),
        lambda: tasks.finish_task(task, **by(boris)),
        lambda: checklists.answer_checklist(case, {}, **by(boris)),
    ):
        with pytest.raises(PolicyRefused):
            run()


def items_of(case: Case) -> list[ChecklistItem]:
    return work.checklist_of(case)


def test_answers_are_codes_with_who_and_when(cast: Cast) -> None:
    case, boris, eva = make_case(cast), cast.boris.person, cast.eva.person
    first, second, third = items_of(case)
    answers = {first.id: CheckOutcome.YES, second.id: CheckOutcome.UNCLEAR}
    assert len(checklists.answer_checklist(case, answers, **by(boris))) == 2
    again = checklists.answer_checklist(case, answers | {second.id: CheckOutcome.NO}, **by(eva, START + DAY))
    assert [row.item_id for row in again] == [second.id]
    given = [(item.given, item.given_by, item.given_on) for item in items_of(case)]  # type: ignore[attr-defined]
    assert given == [("yes", "boris", START.date()), ("no", "eva", (START + DAY).date()), (None, None, None)]
    stages.move_case(case, Stage.VERIFICATION, version=case.version, **by(boris))
    with pytest.raises(PolicyRefused):
        checklists.answer_checklist(case, {third.id: CheckOutcome.YES}, **by(boris))


def test_a_lead_changes_a_question_and_it_is_asked_anew(cast: Cast) -> None:
    case, eva = make_case(cast), cast.eva.person
    first = items_of(case)[0]
    checklists.answer_checklist(case, {first.id: CheckOutcome.YES}, **by(eva))
    changed = checklists.change_checklist_item(first, checklists.Wording("Safe to talk?", "Можно говорить?"), **by(eva))
    assert (changed.version, changed.item, ChecklistItem.objects.filter(item=first.item).count()) == (2, first.item, 2)
    assert items_of(case)[0].given is None  # type: ignore[attr-defined]
    assert ChecklistAnswer.objects.get().item_id == first.id
    with pytest.raises(StaleVersion):
        checklists.change_checklist_item(first, checklists.Wording("Too late?", "Поздно?"), **by(eva))
    off = checklists.Wording("Safe to talk?", "Можно говорить?", is_on=False)
    assert checklists.change_checklist_item(changed, off, **by(eva)).version == 2
    assert changed.id not in {item.id for item in items_of(case)}
    added = checklists.add_checklist_item(Stage.ADVICE, checklists.Wording("Told what follows?", "Сказано?"), **by(eva))
    assert added.place == 1
    assert audit_verbs()[-4:] == [
        "answer_checklist",
        "change_checklist_item",
        "change_checklist_item",
        "add_checklist_item",
    ]


@pytest.mark.parametrize("en", ["", "Room 12?", "Ask @fx_grove?", "Did Ivanov I. agree?"])
def test_a_question_that_tells_of_somebody_is_refused(cast: Cast, en: str) -> None:
    with pytest.raises(PolicyRefused):
        checklists.add_checklist_item(Stage.ADVICE, checklists.Wording(en, "Сказано?"), **by(cast.eva.person))
    with pytest.raises(PermissionRefused):
        checklists.add_checklist_item(Stage.ADVICE, checklists.Wording("Told?", "Сказано?"), **by(cast.boris.person))


def check(case: Case, code: CheckCode, person: Caseworker, outcome: CheckOutcome = CheckOutcome.YES) -> None:
    verification.record_check(case, code, outcome, version=case.version, **by(person))


def _waits_for_approval() -> list[Case]:
    return list(Case.objects.filter(asked_level__gt=F("verification_level")))


def test_levels_from_three_wait_for_a_second_person_and_a_lead(cast: Cast) -> None:
    case, boris, eva = verify_case(cast, make_case(cast), 2), cast.boris.person, cast.eva.person
    approve = {"version": case.version, **by(eva)}
    with pytest.raises(PolicyRefused):
        verification.approve_verification(case, **approve)
    check(case, CheckCode.DOCUMENT_SEEN, boris)
    assert (case.verification_level, case.asked_level) == (2, 4)
    assert _waits_for_approval() == [case]
    check(case, CheckCode.VOUCHED, eva)
    assert case.verification_level == 2
    with pytest.raises(PermissionRefused):
        verification.approve_verification(case, version=case.version, **by(boris))
    verification.approve_verification(case, version=case.version, **by(eva))
    assert case.verification_level == 3
    with pytest.raises(PolicyRefused):
        verification.approve_verification(case, version=case.version, **by(eva))
    check(case, CheckCode.DOCUMENT_SEEN, eva)
    verification.approve_verification(case, version=case.version, **by(eva))
    assert case.verification_level == 4
    assert not _waits_for_approval()


def test_after_signs_of_pressure_the_ladder_begins_anew(cast: Cast) -> None:
    case, boris, eva = verify_case(cast, make_case(cast), 4), cast.boris.person, cast.eva.person
    check(case, CheckCode.PRESSURE_SIGNS, boris, CheckOutcome.NO)
    assert case.verification_level == 4
    check(case, CheckCode.PRESSURE_SIGNS, boris)
    assert (case.verification_level, case.asked_level) == (0, 0)
    assert not VerificationCheck.objects.filter(is_void=False).exists()
    check(case, CheckCode.VOUCHED, eva)
    with pytest.raises(PolicyRefused):
        verification.approve_verification(case, version=case.version, **by(eva))
    assert case.verification_level == 0


def fill(case: Case, cast: Cast) -> None:
    boris = cast.boris.person
    tasks.add_task(case, TaskKind.MONEY, START + DAY, note="For the road.", **by(boris))
    contacting.record_contact(case, ContactResult.MADE, Channel.SIGNAL, **by(boris))
    checklists.answer_checklist(case, {items_of(case)[0].id: CheckOutcome.YES}, **by(boris))


def test_an_erased_person_leaves_no_task_contact_or_answer(cast: Cast) -> None:
    case = make_case(cast)
    fill(case, cast)
    case.refresh_from_db()
    erasure.erase_case(case, **by(cast.eva.person))
    assert not any(model.objects.exists() for model in (Task, ContactAttempt, ChecklistAnswer))
    case.refresh_from_db()
    assert (case.moved_at.day, case.contacted_at, case.check_in_due_at, case.asked_level) == (1, None, FAR, 0)
    assert case.outcome == Outcome.ERASED_ON_REQUEST


SHORT_LIVED = {"Reveal", "BulkChange"}
"""Purged within days by rules of their own, and empty of facts about a person."""


def test_every_table_about_a_case_is_emptied_and_written_anew() -> None:
    about = {
        model
        for model in apps.get_app_config("requests_app").get_models()
        for field in model._meta.concrete_fields
        if field.name == "case" and field.is_relation and model.__name__ not in {"HelpRequest", *SHORT_LIVED}
    }
    assert about <= {*erasure.OF_A_CASE, Referral, Consent, AssetUse}  # those three go in ``disconnect``
    assert {f"requests_app.{model.__name__}" for model in about} <= set(ERASED_FROM)


@pytest.mark.parametrize(
    "wrong",
    [
        {"state": TaskState.DONE},
        {"kind": "call_his_mother"},
        {"rule": "detained"},
        {"rule_version": 2},
        {"state": "perhaps"},
    ],
)
def test_the_table_refuses_a_task_that_cannot_be(cast: Cast, wrong: dict[str, Any]) -> None:
    task = tasks.add_task(make_case(cast), TaskKind.MONEY, START + DAY, **by(cast.boris.person))
    with pytest.raises(IntegrityError), transaction.atomic():
        Task.objects.filter(id=task.id).update(**wrong)


def test_a_spell_that_is_gone_is_not_left_in_silence(cast: Cast) -> None:
    case, boris = make_case(cast), cast.boris.person
    last = stages.last_spell(case)
    StageSpell.objects.filter(case=case).delete()
    with pytest.raises(StaleVersion), transaction.atomic():
        stages.begin_spell(case, stages.Entry(START.date()), actor=boris, last=last)
    assert not StageSpell.objects.filter(case=case).exists()
