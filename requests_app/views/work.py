"""The daily work: contacts, tasks, checklist answers, the level a lead approves, and one's own list of tasks."""

import uuid
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from caseworker import clock
from caseworker.decorators import SignedInRequest, requires
from caseworker.exceptions import PolicyRefused, StaleVersion
from caseworker.permissions import Permission
from caseworker.replay import replayable
from requests_app import pages_work
from requests_app.actions import checklists, contacting, tasks, verification
from requests_app.enums import Channel
from requests_app.enums_work import ContactResult, TaskKind, TaskState
from requests_app.forms import work as forms
from requests_app.models.cases import Case
from requests_app.models.work import Task
from requests_app.policies import check_may_work, may_work
from requests_app.queries import cases as case_queries
from requests_app.queries import work as queries
from requests_app.views.case_parts import case_of, show_case, submit

ENDINGS = {TaskState.DONE: tasks.finish_task, TaskState.DROPPED: tasks.drop_task}


@replayable
@requires(Permission.WORK_CASE)
@require_POST
def record_contact(request: SignedInRequest, case_id: uuid.UUID) -> HttpResponse:
    """Record that the person was reached, or not."""

    def run(case: Case, data: dict[str, Any]) -> object:
        result, channel = ContactResult(data["result"]), Channel(data["channel"])
        return contacting.record_contact(case, result, channel, actor=request.user, now=clock.now(), on=data["on"])

    return submit(request, case_of(request, case_id), forms.ContactForm(request.POST), run)


@requires(Permission.WORK_CASE)
@replayable
@require_POST
def add_task(request: SignedInRequest, case_id: uuid.UUID) -> HttpResponse:
    """Add a task, with an optional sealed note."""
    form = forms.TaskForm(request.POST)

    def run(case: Case, data: dict[str, Any]) -> object:
        kind, now = TaskKind(data["kind"]), clock.now()
        return tasks.add_task(case, kind, form.due_at(), actor=request.user, now=now, note=data["note"])

    return submit(request, case_of(request, case_id), form, run)


@replayable
@requires(Permission.WORK_CASE)
@require_POST
def answer_checklist(request: SignedInRequest, case_id: uuid.UUID) -> HttpResponse:
    """Keep the answers to the checklist of the present stage."""
    case = case_of(request, case_id)
    form = forms.AnswersForm(request.POST, items=queries.checklist_of(case))

    def run(case: Case, _data: dict[str, Any]) -> object:
        return checklists.answer_checklist(case, form.answers(), actor=request.user, now=clock.now())

    return submit(request, case, form, run)


@requires(Permission.APPROVE_VERIFICATION)
@require_POST
def approve_verification(request: SignedInRequest, case_id: uuid.UUID) -> HttpResponse:
    """Approve the level that the checks bear."""

    def run(case: Case, data: dict[str, Any]) -> object:
        return verification.approve_verification(case, version=data["version"], actor=request.user, now=clock.now())

    return submit(request, case_of(request, case_id), forms.ApproveForm(request.POST), run)


@requires(Permission.VIEW_CASES)
@require_GET
def own_tasks(request: SignedInRequest) -> HttpResponse:
    """List the open tasks that fall to the person, in the order in which they are due."""
    now, cursor = clock.now(), request.GET.get("after", "")
    page = queries.own_tasks(request.user, cursor=cursor, now=now)
    return render(request, "requests_app/tasks/tasks.html", pages_work.own_tasks(page, now, is_first=not cursor))


def _task(request: SignedInRequest, task_id: uuid.UUID) -> Task:
    return queries.task_or_404(task_id, person=request.user, now=clock.now())


def _task_page(request: SignedInRequest, one: Task, *, refusal: Any = "", status: int = 200) -> HttpResponse:
    can_work = may_work(one.case, request.user)
    people = case_queries.coordinators(one.case.circle_id) if can_work else []
    form = forms.AssignTaskForm(initial={"person": str(one.assigned_to_id or "")}, people=people) if can_work else None
    context = pages_work.task(one, clock.now()) | {"form": form, "refusal": refusal}
    return render(request, "requests_app/tasks/task.html", context, status=status)


@requires(Permission.VIEW_CASES)
@require_GET
def task(request: SignedInRequest, task_id: uuid.UUID) -> HttpResponse:
    """Show one task: what, until when, whose, how it ended."""
    return _task_page(request, _task(request, task_id))


@replayable
@requires(Permission.WORK_CASE)
@require_POST
def end_task(request: SignedInRequest, task_id: uuid.UUID) -> HttpResponse:
    """Record that a task is done or dropped, and go back to its case."""
    one, ending = _task(request, task_id), ENDINGS.get(request.POST.get("state", ""))  # type: ignore[call-overload]
    if ending is None:
        return _task_page(request, one)
    try:
        check_may_work(one.case, request.user)
        ending(one, actor=request.user, now=clock.now())
    except (PolicyRefused, StaleVersion) as refusal:
        status = 409 if isinstance(refusal, StaleVersion) else 403
        return _task_page(request, _task(request, task_id), refusal=refusal.message, status=status)
    return redirect("case", one.case_id)


@replayable
@requires(Permission.WORK_CASE)
@require_POST
def assign_task(request: SignedInRequest, task_id: uuid.UUID) -> HttpResponse:
    """Give a task to a member of the circle, or back to the owner of the case."""
    one = _task(request, task_id)
    form = forms.AssignTaskForm(request.POST, people=case_queries.coordinators(one.case.circle_id))
    if not form.is_valid():
        return _task_page(request, one, refusal=form.errors["person"][0])
    try:
        check_may_work(one.case, request.user)
        tasks.assign_task(one, form.cleaned_data["person"], actor=request.user, now=clock.now())
    except (PolicyRefused, StaleVersion) as refusal:
        status = 409 if isinstance(refusal, StaleVersion) else 403
        return show_case(request, case_of(request, one.case_id), refusal=refusal.message, status=status)
    return redirect("task", one.id)
