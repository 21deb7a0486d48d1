"""What other applications want to be told: registered from their ``ready()``, because imports never point upwards."""

import datetime as dt
from collections.abc import Callable
from uuid import UUID

from django.utils.functional import Promise

from caseworker.models.accounts import Caseworker
from caseworker.vault.keyring import KeyRing

AfterUnlock = Callable[[Caseworker, KeyRing, dt.datetime], None]
AfterWithdrawal = Callable[[Caseworker, UUID, dt.datetime], None]

AfterDeparture = Callable[[Caseworker, dt.datetime], None]

KIND_LABELS: dict[str, str | Promise] = {}
"""Words for the kinds that the audit trail holds as codes; a kind that has none is shown as its code."""

AFTER_UNLOCK: list[AfterUnlock] = []
"""Called with the opened key ring after words were typed: work that only open keys can do, in short pieces."""

AFTER_WITHDRAWAL: list[AfterWithdrawal] = []
"""Called in the same transaction when a person no longer reads a circle (its id), so that nobody in their care is forgotten."""

AFTER_DEPARTURE: list[AfterDeparture] = []
"""Called in the same transaction when a person leaves all circles at once (suspended, left, another role, words forgotten)."""
