"""Addresses of retention."""

from django.urls import path

from requests_app.views import retention

urlpatterns = [
    path("retention/", retention.retention, name="retention"),
    path("cases/<uuid:case_id>/hold/", retention.hold, name="set_hold"),
    path("cases/<uuid:case_id>/hold/lift/", retention.lift, name="lift_hold"),
]
