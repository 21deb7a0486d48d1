"""The organization: people, keys, audit."""

from importlib import import_module

from django.apps import AppConfig


class CaseworkerConfig(AppConfig):
    """Configure the application that knows who works here."""

    name = "caseworker"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the system checks."""
        import_module("caseworker.checks")
