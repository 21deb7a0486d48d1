"""The casework: requests, cases, counts."""

from importlib import import_module

from django.apps import AppConfig


class RequestsAppConfig(AppConfig):
    """Configure the application that knows what people ask for."""

    name = "requests_app"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Say what is to be done when somebody unlocks and when somebody leaves a circle, and what is said when something was done."""
        hooks, rotation = import_module("caseworker.hooks"), import_module("requests_app.actions.rotation")
        replacement, tagging = (import_module(f"requests_app.actions.{name}") for name in ("replacement", "tagging"))
        hooks.KIND_LABELS.update(import_module("requests_app.audit_kinds").LABELS)
        hooks.AFTER_UNLOCK.append(rotation.continue_rotations)
        hooks.AFTER_UNLOCK.append(replacement.continue_resealing)
        hooks.AFTER_UNLOCK.append(tagging.continue_comparing)
        hooks.AFTER_WITHDRAWAL.append(rotation.release_cases)
        hooks.AFTER_WITHDRAWAL.append(import_module("requests_app.actions.tasks").return_tasks)
        hooks.AFTER_DEPARTURE.append(import_module("requests_app.actions.grants").end_grants_of)
        import_module("caseworker.said").SENTENCES.update(import_module("requests_app.said").SENTENCES)
