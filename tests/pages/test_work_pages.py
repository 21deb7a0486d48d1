"""Pages of the daily work: the case page at night, tasks, checklists, frozen cases, and silence about whoever is at a border."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from caseworker.actions.circles import admit_member
from requests_app.actions import closure, erasure, stages, tasks, verification
from requests_app.enums import CheckCode, CheckOutcome, Condition, Outcome, ReasonCode, Stage
from requests_app.enums_work import TaskKind, TaskState
from requests_app.models.cases import Case
from requests_app.models.contacts import ContactPoint
from requests_app.models.work import ChecklistAnswer, ChecklistItem, ContactAttempt, Task
from requests_app.queries.work import checklist_of, handle_of
from tests.cast import START, Cast, Member
from tests.factories import make_case, make_request, verify_case

pytestmark = pytest.mark.django_db
SignIn = Callable[[Member], Client]


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def post(client: Client, name: str, case: Case, **data: Any) -> Any:
    case.refresh_from_db()
    return client.post(reverse(name, args=[case.id]), {"version": case.version} | data)


def page_of(client: Client, case: Case, query: str = "") -> str:
    return text_of(client.get(reverse("case", args=[case.id]) + query))


def test_the_next_steps_are_buttons_that_open_the_form(cast: Cast, boris: Member, sign_in: SignIn) -> None:
    case, client = make_case(cast), sign_in(boris)
    page = page_of(client, case)
    assert f"?there={Stage.VERIFICATION}#form-move" in page
    assert f"?there={Stage.ASYLUM_FILING}#form-move" not in page
    assert "3 questions of the checklist are not answered yet." in page
    opened = page_of(client, case, "?there=verification")
    assert '<option value="verification" selected>' in opened
    assert '<details class="card" id="form-move" open>' in opened
    ids = re.findall(r' id="([^"]+)"', opened)
    assert len(ids) == len(set(ids))
    assert opened.count("<details") == page.count("<details")
    assert opened.count(" open>") == page.count(" open>") + 1
    for nonsense in ("%00", "nowhere", "x" * 3000):
        assert 'value="verification" selected' not in page_of(client, case, f"?there={nonsense}")


def test_a_contact_and_a_task_through_the_page(cast: Cast, boris: Member, sign_in: SignIn) -> None:
    case, client = make_case(cast), sign_in(boris)
    assert post(client, "record_contact", case, result="made", channel="signal").status_code == 302
    assert post(client, "record_contact", case, result="sang", channel="signal").status_code == 200
    assert ContactAttempt.objects.count() == 1
    day = Case.objects.get().touched_on.isoformat()
    note = "A quiet place for two."
    assert post(client, "add_task", case, kind="shelter", due_on=day, note=note).status_code == 302
    refused = post(client, "add_task", case, kind="shelter", due_on="1999-01-01", note=note)
    assert re.search(r'<li><a href="#form-task">Add a task</a>: \w', text_of(refused))
    assert 'id="form-task" open' in text_of(refused)
    assert refused.status_code == 403
    assert note in text_of(refused)
    task, page = Task.objects.get(), page_of(client, case)
    assert "Shelter" in page
    assert note not in page
    assert client.post(reverse("end_task", args=[task.id]), {"state": "done"}).status_code == 302
    again = client.post(reverse("end_task", args=[task.id]), {"state": "done"})
    assert again.status_code == 409
    assert client.post(reverse("end_task", args=[task.id]), {"state": "sung"}).status_code == 200
    assert Task.objects.get().state == TaskState.DONE


def test_a_task_page_gives_it_to_a_colleague(cast: Cast, boris: Member, sign_in: SignIn) -> None:
    case, client = make_case(cast), sign_in(boris)
    task = tasks.add_task(case, TaskKind.MONEY, START, actor=boris.person, now=START)
    admit_member(cast.north, cast.clara.person, keyring=boris.keyring(), actor=boris.person, now=START)
    url = reverse("assign_task", args=[task.id])
    assert "boris" in text_of(client.get(reverse("task", args=[task.id])))
    assert client.post(url, {"person": cast.clara.person.id}).status_code == 302
    assert client.post(url, {"person": "nobody we know"}).status_code == 200
    assert Task.objects.get().assigned_to == cast.clara.person
    assert "Money" in text_of(sign_in(cast.clara).get(reverse("own_tasks")))
    assert "No task waits for you." in text_of(client.get(reverse("own_tasks")))
    tasks.finish_task(task, actor=boris.person, now=START)
    assert client.post(url, {"person": ""}).status_code == 409


def test_whoever_was_given_a_case_to_look_at_ends_no_task(cast: Cast, sign_in: SignIn) -> None:
    case, client = make_case(cast), sign_in(cast.clara)
    task = tasks.add_task(case, TaskKind.MONEY, START, actor=cast.boris.person, now=START)
    far = {"person": cast.clara.person.id, "days": 60, "scope": "coded", "reason": "expertise"}
    assert post(sign_in(cast.eva), "grant_access", case, **far).status_code == 302
    page = text_of(client.get(reverse("task", args=[task.id])))
    assert "Money" in page
    assert "end/" not in page
    assert client.post(reverse("end_task", args=[task.id]), {"state": "done"}).status_code == 403
    assert client.post(reverse("assign_task", args=[task.id]), {"person": ""}).status_code == 403
    assert Task.objects.get().state == TaskState.OPEN


def test_the_list_of_tasks_costs_one_query_more_rows_or_not(
    cast: Cast, boris: Member, sign_in: SignIn, django_assert_num_queries: Any
) -> None:
    case, client, url = make_case(cast), sign_in(boris), reverse("own_tasks")
    for extra in (1, 10, 60):
        for _ in range(extra):
            tasks.add_task(case, TaskKind.MONEY, START, actor=boris.person, now=START)
        client.get(url)
        with django_assert_num_queries(3):
            page = text_of(client.get(url))
    following = page.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    assert text_of(client.get(following)).count('<th scope="row">') == 21


def test_answers_through_the_page(cast: Cast, boris: Member, sign_in: SignIn) -> None:
    case, client = make_case(cast), sign_in(boris)
    first, second, _third = checklist_of(case)
    assert post(client, "answer_checklist", case, **{f"item_{first.id}": "yes"}).status_code == 302
    assert "2 questions of the checklist are not answered yet." in page_of(client, case)
    assert post(client, "answer_checklist", case, **{f"item_{second.id}": "his name"}).status_code == 200
    ChecklistItem.objects.filter(id=second.id).update(is_on=False)
    lost = post(client, "answer_checklist", case, **{f"item_{second.id}": "no"})
    assert "The checklist was changed meanwhile" in text_of(lost)
    assert ChecklistAnswer.objects.count() == 1


def test_the_questions_of_closing_are_answered_on_the_closed_case(cast: Cast, boris: Member, sign_in: SignIn) -> None:
    case, client = make_case(cast), sign_in(boris)
    closure.close_case(case, Outcome.ADVICE_ONLY, version=case.version, actor=boris.person, now=START)
    first = checklist_of(case)[0]
    page = page_of(client, case)
    assert first.text_en in page
    assert 'id="form-answers"' in page
    assert post(client, "answer_checklist", case, **{f"item_{first.id}": "yes"}).status_code == 302
    assert checklist_of(case)[0].given == "yes"  # type: ignore[attr-defined]
    erasure.erase_case(case, actor=None, now=START)
    assert 'id="form-answers"' not in page_of(client, case)


def test_the_checklist_speaks_the_language_of_the_person(cast: Cast, boris: Member, sign_in: SignIn) -> None:
    case, person = make_case(cast), boris.person
    person.language = "ru"
    person.save(update_fields=["language"])
    assert "Кодовое слово согласовано?" in page_of(sign_in(boris), case)


def test_a_lead_edits_the_checklists(cast: Cast, eva: Member, sign_in: SignIn) -> None:
    client, item = sign_in(eva), ChecklistItem.objects.filter(stage=Stage.PLANNING).order_by("place")[0]
    assert item.text_en in text_of(client.get(reverse("checklists"))).replace("&#x27;", "'")
    url = reverse("change_item", args=[item.id])
    assert item.text_ru in text_of(client.get(url))
    refused = client.post(url, {"text_en": "Ask @fx_grove?", "text_ru": "Спросить?", "is_on": "on"})
    assert refused.status_code == 403
    assert "Ask @fx_grove?" in text_of(refused)
    assert client.post(url, {"text_en": "x" * 161, "text_ru": "Спросить?"}).status_code == 403
    assert client.post(url, {"text_en": "Whose decision?", "text_ru": "Чьё решение?"}).status_code == 302
    assert client.get(url).status_code == 404
    changed = ChecklistItem.objects.get(item=item.item, is_current=True)
    assert (changed.version, changed.is_on, changed.made_by) == (2, False, eva.person)
    new = {"stage": "advice", "text_en": "Told?", "text_ru": "Сказано?", "is_on": "on"}
    assert client.post(reverse("add_item"), new | {"text_en": "Room 12?"}).status_code == 403
    assert client.post(reverse("add_item"), new).status_code == 302
    assert client.get(reverse("add_item")).status_code == 200
    assert "Told?" in text_of(client.get(reverse("checklists")))


def test_a_compromised_case_is_cleared_by_the_officer_who_sees_nothing_of_it(
    cast: Cast, boris: Member, sofia: Member, sign_in: SignIn
) -> None:
    case, client, officer = make_case(cast), sign_in(boris), sign_in(sofia)
    clear = reverse("clear_case", args=[case.id])
    assert officer.get(clear).status_code == 404
    assert post(client, "set_condition", case, there="compromised").status_code == 302
    handle = handle_of(case.id)
    assert handle in page_of(client, case)
    case.refresh_from_db()
    facts = (case.reference, case.codename, "Request received", "north", "North")
    for page in (text_of(officer.get(reverse("frozen"))), text_of(officer.get(clear))):
        assert handle in page
        assert not any(fact in page for fact in facts)
    data = {"version": case.version, "contacts": "burned", "handle": handle}
    assert officer.post(clear, data | {"handle": "00000000"}).status_code == 403
    assert officer.post(clear, data | {"contacts": ""}).status_code == 403
    assert officer.post(clear, data | {"version": case.version + 1}).status_code == 403
    assert not ContactPoint.objects.filter(burned_on__isnull=False).exists()
    assert officer.post(clear, data | {"handle": handle.upper()}).status_code == 302
    assert "No case is frozen." in text_of(officer.get(reverse("frozen")))
    assert "Burned: do not contact" in page_of(client, case)


def test_a_lead_sees_what_waits_and_approves_it(cast: Cast, boris: Member, eva: Member, sign_in: SignIn) -> None:
    case, client = verify_case(cast, make_case(cast), 2), sign_in(eva)
    assert "/approve/" not in page_of(client, case)
    for member in (boris, eva):
        case.refresh_from_db()
        verification.record_check(
            case, CheckCode.VOUCHED, CheckOutcome.YES, version=case.version, actor=member.person, now=START
        )
    page = page_of(client, case)
    assert "level 3 waits" in page
    assert "/approve/" in page
    assert "/approve/" not in page_of(sign_in(boris), case)
    assert post(client, "approve_verification", case).status_code == 302
    assert "Level 3 of 4" in page_of(client, case)


@pytest.mark.parametrize(
    ("condition", "says"),
    [
        (Condition.DETAINED, "Do not contact the person by any known way"),
        (Condition.DETAINED, "Find a lawyer at once"),
        (Condition.LOST_CONTACT, "Write again through the same channel"),
        (Condition.EXTRADITION, "Find a lawyer at once"),
        (Condition.COMPROMISED, "Nothing is revealed until the security officer"),
    ],
)
def test_at_three_in_the_morning_the_page_says_what_to_do(
    cast: Cast, boris: Member, sign_in: SignIn, condition: Condition, says: str
) -> None:
    case = make_case(cast)
    stages.set_condition(case, condition, version=case.version, actor=boris.person, now=START)
    assert says in page_of(sign_in(boris), case)


def hushed(cast: Cast) -> tuple[Case, Task]:
    """Bring a case of Boris to a border, with a task that Clara, now of the same circle, was given before."""
    case, boris, clara = make_case(cast), cast.boris.person, cast.clara.person
    admit_member(cast.north, clara, keyring=cast.boris.keyring(), actor=boris, now=START)
    task = tasks.add_task(case, TaskKind.MONEY, START, actor=boris, now=START, assigned_to=clara)
    reason = ReasonCode.ALREADY_LEFT
    stages.move_case(case, Stage.BORDER_CROSSING, version=case.version, actor=boris, now=START, reason=reason)
    return case, task


@pytest.mark.parametrize("who", ["clara", "eva"])
def test_nothing_tells_others_of_a_case_at_a_border(cast: Cast, sign_in: SignIn, who: str) -> None:
    case, task = hushed(cast)
    client, request_id = sign_in(cast.all()[who]), case.help_requests.get().id
    waiting = make_request(cast)
    today = text_of(client.get(reverse("today")))
    assert today.count("<strong>1</strong>") == 1
    for url in (reverse("case_queue"), reverse("case_queue") + "?view=overdue", reverse("own_tasks"), reverse("today")):
        page = text_of(client.get(url))
        assert case.reference not in page
        assert case.codename not in page
    for name, key in (("case", case.id), ("task", task.id), ("triage_request", request_id)):
        assert client.get(reverse(name, args=[key])).status_code == 404, name
    for name, key in (("move_case", case.id), ("end_task", task.id), ("reveal_request", request_id)):
        assert client.post(reverse(name, args=[key])).status_code == 404, name
    if who == "clara":
        linked = {"decision": "link", "reference": case.reference}
        assert client.post(reverse("decide", args=[waiting.id]), linked).status_code == 403


@pytest.mark.parametrize("who", ["sofia", "olga"])
def test_the_audit_page_does_not_name_a_case_at_a_border(cast: Cast, sign_in: SignIn, who: str) -> None:
    case, _task = hushed(cast)
    page = text_of(sign_in(cast.all()[who]).get(reverse("audit_trail")))
    assert "moved a case" in page
    assert not any(fact in page for fact in (case.reference, case.codename, "border", "Border"))


def test_owner_and_deputy_see_it_and_nobody_else_does_when_it_has_a_deputy(cast: Cast, sign_in: SignIn) -> None:
    case, task = hushed(cast)
    Case.objects.filter(id=case.id).update(deputy=cast.clara.person)
    for member in (cast.boris, cast.clara):
        client = sign_in(member)
        assert case.reference in text_of(client.get(reverse("case_queue")))
        assert client.get(reverse("triage_request", args=[case.help_requests.get().id])).status_code == 200
    assert "Money" in text_of(sign_in(cast.boris).get(reverse("own_tasks")))
    assert sign_in(cast.clara).get(reverse("task", args=[task.id])).status_code == 200
    assert sign_in(cast.eva).get(reverse("task", args=[task.id])).status_code == 404
    volunteer = text_of(sign_in(cast.anna).get(reverse("own_requests")))
    assert "With a coordinator" in volunteer
    assert "Border" not in volunteer
