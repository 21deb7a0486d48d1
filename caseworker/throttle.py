"""Slow down guessing without ever locking anybody out for good, and without storing whom: keys are HMACs under the boot key.

After five failures in five minutes each further one blocks for 2, 4, 8 … seconds, up to five minutes (OWASP ASVS 5.0, 6.3).
"""

import datetime as dt
import hashlib
import hmac

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from caseworker.boot_key import boot_key
from caseworker.exceptions import CaseworkError
from caseworker.models.ephemeral import AttemptCounter

WINDOW = dt.timedelta(minutes=5)
FREE_FAILURES = 5
LONGEST_BLOCK = dt.timedelta(minutes=5)


class AttemptsBlocked(CaseworkError):
    """Too many failures; wait (HTTP 429)."""

    message = _("Too many attempts. Wait five minutes, then try again.")


def _key(kind: str, name: str) -> str:
    return hmac.new(
        boot_key(), f"{kind}|{name.casefold()}".encode("utf-8", "surrogatepass"), hashlib.sha256
    ).hexdigest()


def check_not_blocked(kind: str, name: str) -> None:
    """Raise ``AttemptsBlocked`` while the block of *name* lasts."""
    counter = AttemptCounter.objects.filter(key=_key(kind, name)).first()
    if counter and counter.blocked_until and counter.blocked_until > timezone.now():
        raise AttemptsBlocked


def record_failure(kind: str, name: str, *, free: int = FREE_FAILURES) -> None:
    """Count one failure, atomically; the same work for names that exist and names that do not. *free* failures block nothing."""
    now = timezone.now()
    with transaction.atomic(using="ephemeral"):
        counter, _new = AttemptCounter.objects.get_or_create(key=_key(kind, name), defaults={"window_started_at": now})
        if now - counter.window_started_at > WINDOW and not (
            counter.blocked_until and counter.blocked_until > now - WINDOW
        ):
            counter.failures, counter.window_started_at, counter.blocked_until = 0, now, None
        counter.failures += 1
        if counter.failures >= free:
            seconds = 2 ** min(counter.failures - free + 1, 9)
            counter.blocked_until = now + min(dt.timedelta(seconds=seconds), LONGEST_BLOCK)
        counter.save()


def count_use(kind: str, name: str, *, window: dt.timedelta) -> int:
    """Count one use of something that is allowed so many times in a *window*, atomically, and return how many there were in this one."""
    now = timezone.now()
    with transaction.atomic(using="ephemeral"):
        counter, _new = AttemptCounter.objects.get_or_create(key=_key(kind, name), defaults={"window_started_at": now})
        if not dt.timedelta() <= now - counter.window_started_at < window:
            counter.failures, counter.window_started_at = 0, now
        counter.failures += 1
        counter.save()
    return counter.failures


def clear_failures(kind: str, name: str) -> None:
    """Forget the failures of *name* after a success."""
    AttemptCounter.objects.filter(key=_key(kind, name)).delete()
