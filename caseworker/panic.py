"""Who may be here while everyone is locked out. The state is one row; what cannot be read counts as locked.

Volunteers stay: they hold no circle key, and nobody who asks for help may find the door shut. Officers come in to unlock. The list of
views is the second fence: an officer who is alone cannot make a second one meanwhile.
"""

import datetime as dt
from typing import Any, TypeVar

from django.db import connections
from django.utils import timezone

from caseworker.enums import Role
from caseworker.models.accounts import Caseworker
from caseworker.models.panic import PanicState

CONSOLE_WAITS = dt.timedelta(days=7)
ADMITTED = frozenset({Role.VOLUNTEER, Role.SECURITY_OFFICER})
V = TypeVar("V")


def everyone_is_locked() -> bool:
    """Tell whether everyone is locked out, in one query; a missing row counts as locked, and a database that fails answers nobody."""
    return PanicState.objects.filter(id=1).values_list("is_locked", flat=True).first() is not False


def is_freshly_locked(at: dt.datetime) -> bool:
    """Tell whether everyone is locked out since less than a week: so long the console makes no officer who could lift it."""
    if not everyone_is_locked():
        return False
    locked_at = PanicState.objects.filter(id=1).values_list("locked_at", flat=True).first()
    return locked_at is None or at - locked_at < CONSOLE_WAITS


def make_state(using: str = "default", **_kwargs: Any) -> None:
    """Make the one row after a migration if it is missing: open in an empty organization, else locked, because somebody took it away."""
    if using == "default" and PanicState._meta.db_table in connections[using].introspection.table_names():
        PanicState.objects.get_or_create(id=1, defaults=_state_of(has_people=Caseworker.objects.exists()))


def _state_of(*, has_people: bool) -> dict[str, object]:
    return {"is_locked": has_people, "locked_at": timezone.now() if has_people else None}


def stands_in_panic(view: V) -> V:
    """Let this view answer volunteers and officers while everyone else is locked out."""
    view.stands_in_panic = True  # type: ignore[attr-defined]
    return view


def is_shut(role: str, view: object) -> bool:
    """Tell whether a panic keeps a person of *role* from *view*; nothing is asked of the database for what stands anyway."""
    stands = role in ADMITTED and getattr(view, "stands_in_panic", False)
    return not stands and everyone_is_locked()
