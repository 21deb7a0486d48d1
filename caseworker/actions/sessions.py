"""Coming and going: what is written down when somebody signs in, locks, leaves or ends a session."""

import datetime as dt
import logging

from django.conf import settings
from django.contrib.auth import login, logout
from django.db import DatabaseError, transaction
from django.http import HttpRequest

from caseworker import audit
from caseworker.enums import AuditVerb
from caseworker.exceptions import CaseworkError
from caseworker.hooks import AFTER_UNLOCK
from caseworker.models.accounts import Caseworker
from caseworker.sessions import end_named_session, end_oldest_sessions, end_sessions
from caseworker.unlocking import keep_ring, lock_session
from caseworker.vault.errors import VaultError

logger = logging.getLogger("caseworker.security")


def _note(actor: Caseworker, verb: AuditVerb, now: dt.datetime) -> None:
    audit.record(actor=actor, verb=verb, kind="caseworker", object_id=actor.id, now=now)


@transaction.atomic
def open_session(request: HttpRequest, *, actor: Caseworker, now: dt.datetime) -> int:
    """Start a session with the ring that the backend opened; return how many older sessions it ended."""
    ring, suite = request.opened_ring  # type: ignore[attr-defined]
    login(request, actor)
    keep_ring(request.session, ring, actor, suite)
    request.session.save()
    _note(actor, AuditVerb.SIGN_IN, now)
    return end_oldest_sessions(actor.id, allowed=settings.SESSIONS_PER_ACCOUNT)


@transaction.atomic
def record_refusal(*, now: dt.datetime) -> None:
    """Write down that a sign-in was refused; not for whom, because a mistyped alias may be a passphrase."""
    audit.record(actor=None, verb=AuditVerb.SIGN_IN_REFUSED, kind="caseworker", object_id=None, now=now)


@transaction.atomic
def unlock_session(request: HttpRequest, *, actor: Caseworker, now: dt.datetime) -> None:
    """Put a freshly opened ring into the session, under a new cookie."""
    ring, suite = request.opened_ring  # type: ignore[attr-defined]
    keep_ring(request.session, ring, actor, suite)
    request.session.cycle_key()
    _note(actor, AuditVerb.UNLOCK, now)


def run_after_unlock(request: HttpRequest, person: Caseworker, at: dt.datetime) -> None:
    """Do what only open keys can do, each piece by itself; none of them can stop a person from coming in. Then forget the ring."""
    ring, _suite = request.opened_ring  # type: ignore[attr-defined]
    for work in AFTER_UNLOCK:
        try:
            work(person, ring, at)
        except (CaseworkError, VaultError, DatabaseError) as fault:
            logger.warning("refused", extra={"rule": type(fault).__name__, "view": "after_unlock"})
    ring.forget()


@transaction.atomic
def lock_keys(request: HttpRequest, *, actor: Caseworker, now: dt.datetime) -> None:
    """Drop the seed from the session."""
    lock_session(request.session)
    _note(actor, AuditVerb.LOCK, now)


@transaction.atomic
def sign_out(request: HttpRequest, *, actor: Caseworker, now: dt.datetime) -> None:
    """End this session."""
    _note(actor, AuditVerb.SIGN_OUT, now)
    logout(request)


@transaction.atomic
def leave_quickly(request: HttpRequest, *, actor: Caseworker, now: dt.datetime) -> None:
    """End this session by the quick exit."""
    _note(actor, AuditVerb.QUICK_EXIT, now)
    logout(request)


@transaction.atomic
def lock_everywhere(request: HttpRequest, *, actor: Caseworker, now: dt.datetime) -> int:
    """End every session of the person, this one too; return how many there were."""
    ended = end_sessions(actor.id)
    logout(request)
    _note(actor, AuditVerb.LOCK_EVERYWHERE, now)
    return ended


@transaction.atomic
def end_other_sessions(request: HttpRequest, *, actor: Caseworker, now: dt.datetime, name: str | None = None) -> int:
    """End every other session of the person, or the one called *name*; return how many there were."""
    cookie = request.session.session_key
    ended = end_named_session(actor.id, name) if name else end_sessions(actor.id, keep=cookie)
    _note(actor, AuditVerb.END_SESSION, now)
    return ended
