"""Hand work to the background: a function from the allow-list and ids, nothing else, inside the caller's transaction."""

import re
import uuid
from collections.abc import Callable
from functools import wraps

from django_q.tasks import async_task

from caseworker.panic import everyone_is_locked

ALLOWED_FUNCTIONS = frozenset(
    f"requests_app.tasks.{name}"
    for name in (
        "freeze_release",
        "sweep_expired",
        "purge_job_rows",
        "erase_due",
        "archive_due",
        "sweep_retention",
        "scrub_erased",
        "end_what_is_over",
        "coarsen_stays",
        "make_backup",
        "keep_ledger",
        "keep_honeytokens_quiet",
        "verify_audit_chain",
        "send_notices",
        "send_notice_codes",
    )
)
HELD_IN_PANIC = frozenset({"archive_due", "sweep_retention", "keep_honeytokens_quiet"})
"""Scheduled jobs that change cases and can wait; they come again. Erasure is not among them: nobody may stop it."""
CODE = re.compile(r"[A-Za-z0-9_.-]{1,40}")
"""An id or a code: no space, no plus, no letter outside ASCII."""


class JobRefused(Exception):
    """The function is not on the list, or an argument is more than an id or a code."""


class JobFailed(Exception):
    """A job raised; the message is the class of what it raised, no text of it."""


def job(function: Callable[..., None]) -> Callable[..., None]:
    """Wrap a background function so that a failure leaves the name of a class and nothing else.

    The library stores the text of an exception and its traceback in a table, and a database error quotes the row that it refused.
    """

    @wraps(function)
    def sealed(*arguments: str) -> None:
        try:
            if function.__name__ in HELD_IN_PANIC and everyone_is_locked():
                return
            function(*arguments)
        except Exception as error:  # any text may hold a value
            raise JobFailed(type(error).__name__) from None

    return sealed


def check_job(function: object, arguments: tuple[object, ...]) -> None:
    """Raise ``JobRefused`` unless *function* may run in the background and every argument is a short plain text."""
    if not isinstance(function, str) or function not in ALLOWED_FUNCTIONS:
        raise JobRefused
    if not all(isinstance(value, str) and CODE.fullmatch(value) for value in arguments):
        raise JobRefused


def enqueue(function: str, *arguments: str) -> None:
    """Put a job into the queue; it is delivered at least once after the transaction commits, and never if it does not."""
    check_job(function, arguments)
    async_task(function, *arguments, task_name=uuid.uuid4().hex[:12])
