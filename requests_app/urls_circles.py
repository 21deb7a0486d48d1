"""Addresses of the circles."""

from django.urls import path

from requests_app.views import circles

urlpatterns = [
    path("circles/", circles.circles, name="circles"),
    path("circles/new/", circles.open_circle, name="open_circle"),
    path("circles/<uuid:circle_id>/admit/", circles.admit, name="admit_member"),
    path("circles/<uuid:circle_id>/remove/<uuid:person_id>/", circles.remove, name="remove_member"),
    path("circles/<uuid:circle_id>/renew/", circles.renew, name="renew_circle"),
    path("circles/<uuid:circle_id>/rotation/", circles.rotation, name="rotation"),
    path("circles/<uuid:circle_id>/rotate/", circles.rotate, name="rotate"),
]
