"""The organization: people, keys, audit."""

from django.apps import AppConfig


class CaseworkerConfig(AppConfig):
    """Configure the application that knows who works here."""

    name = "caseworker"
    default_auto_field = "django.db.models.BigAutoField"
