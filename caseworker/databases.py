"""Two databases: ``default`` keeps the casework, ``ephemeral`` (memory or tmpfs) keeps what must die at power-off."""

from typing import Any

from django.db.models import Model

EPHEMERAL_MODELS = frozenset({"sessionrow", "attemptcounter"})
EPHEMERAL_APP = "caseworker"
CACHE_APP = "django_cache"  # the app label Django gives to database cache tables


def is_ephemeral(app_label: str, model_name: str | None) -> bool:
    """Tell whether the model's rows may live only in the ephemeral database."""
    if app_label == CACHE_APP:
        return True
    return app_label == EPHEMERAL_APP and (model_name or "").lower() in EPHEMERAL_MODELS


class EphemeralRouter:
    """Send each model to its one database; there are no relations across."""

    def _alias(self, model: type[Model] | Model) -> str:
        return "ephemeral" if is_ephemeral(model._meta.app_label, model._meta.model_name) else "default"

    def db_for_read(self, model: type[Model], **_hints: Any) -> str:
        """Name the database to read from."""
        return self._alias(model)

    def db_for_write(self, model: type[Model], **_hints: Any) -> str:
        """Name the database to write to."""
        return self._alias(model)

    def allow_relation(self, left: Model, right: Model, **_hints: Any) -> bool:
        """Allow relations inside one database only."""
        return self._alias(left) == self._alias(right)

    def allow_migrate(self, db: str, app_label: str, model_name: str | None = None, **hints: Any) -> bool | None:
        """Create ephemeral tables in ``ephemeral`` only and everything else in ``default`` only."""
        if model_name is None:
            return bool(db == hints.get("target_db", "default"))
        return (db == "ephemeral") is is_ephemeral(app_label, model_name)
