"""The organization: people, keys, audit."""

from importlib import import_module

from django.apps import AppConfig


class CaseworkerConfig(AppConfig):
    """Configure the application that knows who works here."""

    name = "caseworker"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the system checks, and what is looked at whenever somebody unlocks."""
        import_module("caseworker.checks")
        hooks, circles = import_module("caseworker.hooks"), import_module("caseworker.actions.circles")
        hooks.AFTER_UNLOCK.append(circles.check_own_circles)
