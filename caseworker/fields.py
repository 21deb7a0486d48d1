"""A model field for ciphertext: an ``Envelope`` goes in and an ``Envelope`` comes out, never text."""

from typing import Any

from django.db import models

from caseworker.vault.envelope import Envelope


class EnvelopeField(models.BinaryField):  # type: ignore[type-arg]
    """Store the framed bytes of an :class:`Envelope`; everything else is refused with ``TypeError``, so plain text cannot slip in."""

    description = "sealed field"

    def from_db_value(self, value: Any, _expression: Any, _connection: Any) -> Envelope | None:
        """Return what the database holds as an envelope; bytes in another format raise ``FormatRefused``."""
        return None if value is None else Envelope(bytes(value))

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        """Return the bytes to store; raises ``TypeError`` for anything but an envelope."""
        if value is None:
            return None
        if not isinstance(value, Envelope):
            raise TypeError("a sealed field takes an Envelope")
        return super().get_db_prep_value(value.raw, connection, prepared)

    def to_python(self, value: Any) -> Envelope | None:
        """Accept envelopes only."""
        if value is None or isinstance(value, Envelope):
            return value
        raise TypeError("a sealed field takes an Envelope")

    def value_to_string(self, obj: models.Model) -> str:
        """Refuse to be serialised: fixtures and dumps of ciphertext go through backup."""
        raise TypeError("a sealed field is not serialised")
