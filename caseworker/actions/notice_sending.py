"""Send what is due, each piece claimed by a conditional update: whatever runs twice or stood still for days, one notice goes out.

Nothing is held while the network is waited for, and a notice counts as sent only after it was: one that was cut off is sent again.
"""

import datetime as dt
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings

from caseworker.enums import AccountStatus, NoticeLevel
from caseworker.models.accounts import Caseworker
from caseworker.models.notices import NoticeChoice
from caseworker.notices import texts
from caseworker.notices.addresses import code_hash
from caseworker.notices.problems import NoticeFailed
from caseworker.notices.sending import send
from caseworker.notices.times import BETWEEN_RINGS, last_slot, wait_after

SECONDS_A_RUN = 120.0
"""A run stops after so long and leaves the rest to the next: a slow mail server must not use up the time of the job."""

HasNews = Callable[[Caseworker, dt.datetime, dt.datetime], bool]
"""Tells whether something that a person asked to be rung for came up after the first moment and not after the second."""


@dataclass(frozen=True)
class _Due:
    """A text and what is written down once it was sent."""

    text: str
    changes: dict[str, dt.datetime]


def _due(choice: NoticeChoice, *, has_news: HasNews, now: dt.datetime, is_locked: bool) -> _Due | None:
    looked_at, reminded_at = choice.looked_at or now, choice.reminded_at or now
    may_ring = choice.level == NoticeLevel.IMMEDIATE and now - looked_at >= BETWEEN_RINGS
    if may_ring and has_news(choice.person, looked_at, now):
        return _Due(texts.LOOK_SOON, {"looked_at": now})
    slot = last_slot(now, settings.NOTICE_HOURS, settings.NOTICE_ZONE)
    if reminded_at < slot and not is_locked:
        return _Due(texts.REMINDER, {"reminded_at": now})
    return None


def _claim(choice: NoticeChoice, now: dt.datetime) -> bool:
    """Take the next try for this run; nobody else may until it is over or four minutes have passed."""
    if choice.tried_at is not None and now < choice.tried_at + wait_after(choice.failures):
        return False
    mine = NoticeChoice.objects.filter(person=choice.person_id, tried_at=choice.tried_at, chosen_at=choice.chosen_at)
    return bool(mine.update(tried_at=now))


def _try(choice: NoticeChoice, text: str, changes: dict[str, dt.datetime]) -> None:
    """Send, and write down how it went, unless the choice was changed meanwhile."""
    mine = NoticeChoice.objects.filter(person=choice.person_id, chosen_at=choice.chosen_at)
    try:
        send(choice, text)
    except NoticeFailed as failure:
        mine.update(failures=min(choice.failures + 1, 99), problem=failure.problem)
    else:
        mine.update(failures=0, problem="", **changes)


def send_due(now: dt.datetime, *, has_news: HasNews, is_locked: bool) -> None:
    """Send the reminders of the last fixed moment, and ring those for whom something came up; nothing where notices are switched off."""
    ends = time.monotonic() + SECONDS_A_RUN
    waiting = NoticeChoice.objects.sendable().filter(channel__in=settings.NOTICE_CHANNELS)
    for choice in waiting.select_related("person").order_by("failures", "tried_at", "person_id"):
        if time.monotonic() > ends:
            return
        due = _due(choice, has_news=has_news, now=now, is_locked=is_locked)
        if due is not None and _claim(choice, now):
            _try(choice, due.text, due.changes)


def _send_code(choice: NoticeChoice, now: dt.datetime) -> None:
    """Make a code, keep its hash and send it, unless another run has taken this choice."""
    code = f"{secrets.randbelow(10**texts.CODE_DIGITS):0{texts.CODE_DIGITS}}"
    unsent = NoticeChoice.objects.filter(person=choice.person_id, chosen_at=choice.chosen_at, code_hash="")
    if unsent.filter(confirmed_at__isnull=True).update(code_hash=code_hash(code, choice.person_id), code_sent_at=now):
        _try(choice, texts.code_text(code), {})


def send_codes(now: dt.datetime) -> None:
    """Send a code to every address that waits for one. One that did not arrive is not sent again by itself: the person asks for another."""
    ends = time.monotonic() + SECONDS_A_RUN
    chosen = NoticeChoice.objects.filter(confirmed_at__isnull=True, code_hash="", channel__in=settings.NOTICE_CHANNELS)
    for choice in chosen.filter(person__status=AccountStatus.ACTIVE).order_by("chosen_at", "person_id"):
        if time.monotonic() < ends:
            _send_code(choice, now)
