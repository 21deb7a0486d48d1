"""Addresses of triage and casework."""

from django.urls import URLPattern, URLResolver, path

from requests_app.views import cases, triage

urlpatterns: list[URLPattern | URLResolver] = [
    path("triage/<uuid:request_id>/", triage.triage_request, name="triage_request"),
    path("triage/<uuid:request_id>/decide/", triage.decide, name="decide"),
    path("triage/<uuid:request_id>/reveal/", triage.reveal, name="reveal_request"),
    path("triage/<uuid:request_id>/erase/", triage.erase, name="erase_request"),
    path("cases/<uuid:case_id>/", cases.case_page, name="case"),
    path("cases/<uuid:case_id>/move/", cases.move, name="move_case"),
    path("cases/<uuid:case_id>/condition/", cases.condition, name="set_condition"),
    path("cases/<uuid:case_id>/urgency/", cases.urgency, name="change_urgency"),
    path("cases/<uuid:case_id>/facts/", cases.facts, name="change_facts"),
    path("cases/<uuid:case_id>/note/", cases.note, name="add_note"),
    path("cases/<uuid:case_id>/check/", cases.verify, name="record_check"),
    path("cases/<uuid:case_id>/close/", cases.close, name="close_case"),
    path("cases/<uuid:case_id>/reopen/", cases.reopen, name="reopen_case"),
    path("cases/<uuid:case_id>/claim/", cases.claim, name="claim_case"),
    path("cases/<uuid:case_id>/assign/", cases.assign, name="assign_case"),
    path("cases/<uuid:case_id>/grant/", cases.grant, name="grant_access"),
    path("cases/<uuid:case_id>/erase/", cases.erase, name="erase_case"),
    path("cases/<uuid:case_id>/reveal/", cases.reveal, name="reveal_record"),
]
