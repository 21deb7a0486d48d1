"""Addresses of the volunteer's pages."""

from django.urls import path

from requests_app.views import intake

urlpatterns = [
    path("requests/new/", intake.log_request, name="log_request"),
    path("requests/mine/", intake.own_requests, name="own_requests"),
    path("requests/mine/<uuid:request_id>/", intake.request_receipt, name="request_receipt"),
    path("requests/mine/<uuid:request_id>/correction/", intake.add_correction, name="add_correction"),
]
