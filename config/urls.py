"""All addresses. Default deny: a view that does not say ``@public`` or ``@requires`` is refused."""

from django.urls import include, path

urlpatterns = [
    path("", include("caseworker.urls")),
    path("", include("requests_app.urls")),
]

handler400 = "caseworker.views.errors.bad_request"
handler403 = "caseworker.views.errors.forbidden"
handler404 = "caseworker.views.errors.not_found"
handler500 = "caseworker.views.errors.server_error"
