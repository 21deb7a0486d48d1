"""Addresses of the queues, of *Today*, and of what is done to several cases at once."""

from django.urls import path

from requests_app.views import bulk, queues, saved_views

urlpatterns = [
    path("today/", queues.today, name="today"),
    path("triage/", queues.triage_queue, name="triage_queue"),
    path("cases/", queues.case_queue, name="case_queue"),
    path("claim-next/", queues.claim_next, name="claim_next"),
    path("workload/", queues.workload, name="workload"),
    path("views/", saved_views.saved_views, name="saved_views"),
    path("views/save/", saved_views.save, name="save_view"),
    path("views/<uuid:view_id>/name/", saved_views.name, name="name_view"),
    path("views/<uuid:view_id>/drop/", saved_views.drop, name="drop_view"),
    path("bulk/preview/", bulk.preview, name="bulk_preview"),
    path("bulk/run/", bulk.run, name="bulk_run"),
    path("bulk/<uuid:batch_id>/", bulk.batch, name="bulk_batch"),
    path("bulk/<uuid:batch_id>/take-back/", bulk.take_back, name="take_back"),
]
