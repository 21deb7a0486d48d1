"""Addresses of the search, the pairs and the merges."""

from django.urls import path

from requests_app.views import duplicates, search

urlpatterns = [
    path("search/", search.search, name="search"),
    path("duplicates/", duplicates.queue, name="duplicates"),
    path("duplicates/compare/", duplicates.compare, name="compare_requests"),
    path("duplicates/<uuid:pair_id>/", duplicates.pair, name="pair"),
    path("duplicates/<uuid:pair_id>/merge/", duplicates.merge, name="merge_pair"),
    path("merges/<uuid:merge_id>/undo/", duplicates.undo, name="undo_merge"),
]
