"""Addresses of the daily work: tasks, contacts, checklists, frozen cases."""

from django.urls import URLPattern, URLResolver, path

from requests_app.views import checklists, work

urlpatterns: list[URLPattern | URLResolver] = [
    path("tasks/", work.own_tasks, name="own_tasks"),
    path("tasks/<uuid:task_id>/", work.task, name="task"),
    path("tasks/<uuid:task_id>/end/", work.end_task, name="end_task"),
    path("tasks/<uuid:task_id>/assign/", work.assign_task, name="assign_task"),
    path("cases/<uuid:case_id>/contact/", work.record_contact, name="record_contact"),
    path("cases/<uuid:case_id>/task/", work.add_task, name="add_task"),
    path("cases/<uuid:case_id>/checklist/", work.answer_checklist, name="answer_checklist"),
    path("cases/<uuid:case_id>/approve/", work.approve_verification, name="approve_verification"),
    path("checklists/", checklists.all_checklists, name="checklists"),
    path("checklists/new/", checklists.add_item, name="add_item"),
    path("checklists/<uuid:item_id>/", checklists.change_item, name="change_item"),
    path("frozen/", checklists.frozen, name="frozen"),
    path("frozen/<uuid:case_id>/clear/", checklists.clear, name="clear_case"),
]
