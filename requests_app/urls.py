"""Addresses."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("requests_app.urls_intake")),
    path("", include("requests_app.urls_queues")),
    path("", include("requests_app.urls_cases")),
    path("", include("requests_app.urls_duplicates")),
    path("", include("requests_app.urls_circles")),
    path("", include("requests_app.urls_clocks")),
    path("", include("requests_app.urls_connections")),
    path("", include("requests_app.urls_claims")),
    path("", include("requests_app.urls_handovers")),
    path("", include("requests_app.urls_recovery")),
    path("", include("requests_app.urls_releases")),
    path("", include("requests_app.urls_security")),
    path("", include("requests_app.urls_retention")),
    path("", include("requests_app.urls_work")),
]
