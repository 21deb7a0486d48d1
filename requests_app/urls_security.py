"""Addresses of the security officer's page, and of locking a case."""

from django.urls import URLPattern, URLResolver, path

from requests_app.views import locks, security

urlpatterns: list[URLPattern | URLResolver] = [
    path("security/", security.security, name="security"),
    path("security/alarms/<uuid:alarm_id>/", security.acknowledge, name="acknowledge_alarm"),
    path("security/lock/", security.lock_by_reference, name="lock_by_reference"),
    path("security/honeytokens/", security.plant, name="plant_honeytoken"),
    path("security/honeytokens/<uuid:case_id>/remove/", security.uproot, name="remove_honeytoken"),
    path("cases/<uuid:case_id>/lock/", locks.lock, name="lock_case"),
    path("cases/<uuid:case_id>/lift/", locks.lift, name="lift_case_lock"),
]
