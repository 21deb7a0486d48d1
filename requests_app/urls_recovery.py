"""Addresses of recovery."""

from django.urls import path

from requests_app.views import recovery, replacement

urlpatterns = [
    path("recovery/", recovery.overview, name="recovery"),
    path("recovery/person/", recovery.export_person, name="export_person"),
    path("recovery/archive/", recovery.export_case, name="export_case"),
    path("recovery/drill/", recovery.export_drill, name="export_drill"),
    path("recovery/tool/", recovery.tool, name="recovery_tool"),
    path("recovery/requests/<uuid:recovery_id>/", recovery.bundle_page, name="recovery_request"),
    path("recovery/requests/<uuid:recovery_id>/file/", recovery.download, name="recovery_file"),
    path("recovery/keys/", replacement.replacement, name="recovery_keys"),
    path("recovery/keys/new/", replacement.prepare, name="prepare_recovery_key"),
    path("recovery/keys/archived/", replacement.export_archived, name="export_archived"),
    path("recovery/keys/retire/", replacement.retire, name="retire_recovery_keys"),
    path("circles/<uuid:circle_id>/sheets/", replacement.reseal, name="reseal_circle"),
]
