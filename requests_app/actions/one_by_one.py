"""Do the same to many rows, each in a transaction of its own, so that one that fails keeps nobody else waiting."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from django.db import DatabaseError

from caseworker.exceptions import CaseworkError

T = TypeVar("T")


def one_by_one(rows: Iterable[T], act: Callable[[T], int]) -> int:
    """Call *act*, which returns how many it did, on each of *rows*; return the sum.

    A refusal or a fault of the database is kept until all the others are done, and then raised, so that it is seen.
    """
    done, fault = 0, None
    for row in rows:
        try:
            done += act(row)
        except (CaseworkError, DatabaseError) as found:
            fault = found
    if fault is not None:
        raise fault
    return done
