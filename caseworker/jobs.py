"""Hand work to the background: a function from the allow-list and ids, nothing else, inside the caller's transaction."""

import uuid

from django_q.tasks import async_task

ALLOWED_FUNCTIONS = frozenset(
    {"requests_app.tasks.freeze_release", "requests_app.tasks.sweep_expired", "requests_app.tasks.purge_job_rows"}
)
LONGEST_ARGUMENT = 40


class JobRefused(Exception):
    """The function is not on the list, or an argument is more than an id or a code."""


def check_job(function: object, arguments: tuple[object, ...]) -> None:
    """Raise ``JobRefused`` unless *function* may run in the background and every argument is a short plain text."""
    if function not in ALLOWED_FUNCTIONS:
        raise JobRefused
    if not all(isinstance(value, str) and len(value) <= LONGEST_ARGUMENT and value.isascii() for value in arguments):
        raise JobRefused


def enqueue(function: str, *arguments: str) -> None:
    """Put a job into the queue; it is delivered at least once after the transaction commits, and never if it does not."""
    check_job(function, arguments)
    async_task(function, *arguments, task_name=uuid.uuid4().hex[:12])
