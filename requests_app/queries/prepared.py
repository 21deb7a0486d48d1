"""Questions that Django compiles once, and that are asked again with another person and another moment.

Compiling what a person may see costs Django several times what the database needs to answer it, and the text is the same for all people of a
role. So a question is compiled for a *stand-in*: ids of nobody and of nothing, and a moment in a year of which nothing is ever said.
Parameters that come out as those ids, or as a moment or a day of that year, are slots; the rest is constant. Asking fills the slots.

What this does not do by itself: a question must use nothing of a person but the id and the role (a stand-in has nothing else, and says so
loudly), nothing of a record but its id, and its *text* nothing of the moment but the hour of the day. A test compiles every queue for every role both ways and compares.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connection, models

from caseworker.compiled import ID, MOST_KEPT, NOTHING, Statement
from caseworker.models.accounts import Caseworker

Ask = Callable[..., tuple[Statement, ...]]
"""A function of a person, a moment and further codes that compiles statements; it is named by its place in a module."""

NOBODY = UUID("00000000-5ca1-4b1e-8000-000000000000")
STAND_IN_YEAR = 1801
DAY, MOMENT = models.DateField(), models.DateTimeField()


def _stand_in_moment(hour: int) -> dt.datetime:
    return dt.datetime(STAND_IN_YEAR, 6, 15, hour, 17, 29, 123457, tzinfo=dt.UTC)


def _stand_in_person(role: str) -> Caseworker:
    """Return an account with an id and a role; its other columns are not there, and reading one raises ``DoesNotExist``."""
    return Caseworker.from_db(DEFAULT_DB_ALIAS, ["id", "role"], [NOBODY, role])


@dataclass(frozen=True)
class Asking:
    """What fills the slots: whose question it is, when it is asked, and about which record."""

    person: UUID
    now: dt.datetime
    about: UUID


Slot = Callable[[Asking], Any]
"""A parameter to be filled: the value of one asking, as the driver takes it."""


def _person(asking: Asking) -> Any:
    return ID.get_db_prep_value(asking.person, connection)


def _about(asking: Asking) -> Any:
    return ID.get_db_prep_value(asking.about, connection)


def _moment(offset: dt.timedelta) -> Slot:
    return lambda asking: MOMENT.get_db_prep_value(asking.now + offset, connection)


def _day(offset: dt.timedelta) -> Slot:
    return lambda asking: DAY.get_db_prep_value(asking.now.date() + offset, connection)


def _moment_in(value: Any) -> dt.datetime | dt.date | None:
    """Return the moment or day that a parameter says, where a database takes them as text too; None for anything else."""
    if isinstance(value, dt.date):
        return value
    if not isinstance(value, str) or not value.startswith(f"{STAND_IN_YEAR}-"):
        return None
    return dt.date.fromisoformat(value) if len(value) == len("1801-06-15") else dt.datetime.fromisoformat(value)


def _slot(value: Any, moment: dt.datetime) -> Any:
    """Return the slot that a parameter of a stand-in is, or the value itself."""
    for id_, fill in ((NOBODY, _person), (NOTHING, _about)):
        if value == ID.get_db_prep_value(id_, connection):
            return fill
    found = _moment_in(value)
    if found is None or found.year != STAND_IN_YEAR:
        return value
    if isinstance(found, dt.datetime):
        return _moment(found.replace(tzinfo=dt.UTC) - moment)
    return _day(found - moment.date())


@lru_cache(maxsize=MOST_KEPT)
def _compiled(_vendor: str, ask: Ask, role: str, hour: int, codes: tuple[Hashable, ...]) -> tuple[Statement, ...]:
    moment = _stand_in_moment(hour)
    asked = ask(_stand_in_person(role), moment, *codes)
    return tuple((sql, tuple(_slot(value, moment) for value in values)) for sql, values in asked)


def prepared(ask: Ask, person: Caseworker, now: dt.datetime, *codes: Hashable) -> tuple[Statement, ...]:
    """Return what ``ask(person, now, *codes)`` compiles, without compiling it again."""
    return _filled(ask, person, now, codes, NOTHING)


def prepared_about(
    record: UUID, ask: Ask, person: Caseworker, now: dt.datetime, *codes: Hashable
) -> tuple[Statement, ...]:
    """Return what ``ask(person, now, record, *codes)`` compiles, without compiling it again for another record."""
    return _filled(ask, person, now, (NOTHING, *codes), record)


def _filled(
    ask: Ask, person: Caseworker, now: dt.datetime, codes: tuple[Hashable, ...], about: UUID
) -> tuple[Statement, ...]:
    asking = Asking(person.id, now.astimezone(dt.UTC), about)
    kept = _compiled(connection.vendor, ask, person.role, asking.now.hour, codes)
    return tuple((sql, tuple(value(asking) if callable(value) else value for value in values)) for sql, values in kept)
