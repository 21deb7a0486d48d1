"""Who can read a stored field."""

from enum import StrEnum


class Zone(StrEnum):
    """Who can read a field."""

    SEALED = "sealed"
    CODED = "coded"
    OPERATIONS = "operations"
