"""Addresses of stays, dates, country rules and targets."""

from django.urls import URLPattern, URLResolver, path

from requests_app.views import rules, stays

urlpatterns: list[URLPattern | URLResolver] = [
    path("cases/<uuid:case_id>/entry/", stays.record_entry, name="record_entry"),
    path("cases/<uuid:case_id>/exit/", stays.record_exit, name="record_exit"),
    path("cases/<uuid:case_id>/stays/<uuid:stay_id>/", stays.correct_stay, name="correct_stay"),
    path("cases/<uuid:case_id>/stays/<uuid:stay_id>/remove/", stays.remove_stay, name="remove_stay"),
    path("cases/<uuid:case_id>/dates/", stays.set_deadline, name="set_deadline"),
    path("cases/<uuid:case_id>/dates/settle/", stays.settle_deadline, name="settle_deadline"),
    path("rules/", rules.country_rules, name="country_rules"),
    path("rules/new/", rules.add_country_rule, name="add_country_rule"),
    path("rules/<uuid:rule_id>/", rules.country_rule, name="country_rule"),
    path("targets/", rules.stage_targets, name="stage_targets"),
    path("targets/<slug:stage>/", rules.stage_target, name="stage_target"),
]
