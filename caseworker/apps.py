"""The organization: people, keys, audit."""

from importlib import import_module

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class CaseworkerConfig(AppConfig):
    """Configure the application that knows who works here."""

    name = "caseworker"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Register the system checks, what is looked at whenever somebody unlocks, and what is seen to after a migration."""
        import_module("caseworker.checks")
        post_migrate.connect(import_module("caseworker.scrubbing").keep_out_of_statistics)
        hooks, circles = import_module("caseworker.hooks"), import_module("caseworker.actions.circles")
        hooks.AFTER_UNLOCK.append(circles.check_own_circles)
        hooks.AFTER_DEPARTURE.append(import_module("caseworker.actions.notices").forget_notices)
        post_migrate.connect(import_module("caseworker.panic").make_state, sender=self)
