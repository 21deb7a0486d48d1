"""The casework: requests, cases, counts."""

from django.apps import AppConfig


class RequestsAppConfig(AppConfig):
    """Configure the application that knows what people ask for."""

    name = "requests_app"
    default_auto_field = "django.db.models.BigAutoField"
