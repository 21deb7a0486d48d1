"""Addresses of counts and releases."""

from django.urls import URLPattern, URLResolver, path, re_path

from requests_app.views import releases

urlpatterns: list[URLPattern | URLResolver] = [
    path("counts/", releases.months, name="true_counts"),
    path("counts/month/", releases.true_counts, name="true_counts_month"),
    path("releases/", releases.release_list, name="releases"),
    path("releases/propose/", releases.propose, name="propose_release"),
    path("releases/<uuid:release_id>/", releases.release_page, name="release"),
    path("releases/<uuid:release_id>/approve/", releases.approve, name="approve_release"),
    path("releases/<uuid:release_id>/reject/", releases.reject, name="reject_release"),
    path("releases/<uuid:release_id>/publish/", releases.publish, name="publish_release"),
    re_path(
        r"^releases/(?P<release_id>[0-9a-f-]{36})/(?P<kind>csv|excel|json)/$",
        releases.download,
        name="download_release",
    ),
    path("ledger/", releases.ledger, name="privacy_ledger"),
]
