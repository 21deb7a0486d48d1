"""Coming and going: what is written down when somebody signs in, locks, leaves or ends a session."""

import datetime as dt

from django.conf import settings
from django.contrib.auth import login, logout
from django.db import transaction
from django.http import HttpRequest

from caseworker import audit
from caseworker.enums import AuditVerb
from caseworker.models.accounts import Caseworker
from caseworker.sessions import end_oldest_sessions, end_sessions
from caseworker.unlocking import keep_ring, lock_session


def _note(actor: Caseworker, verb: AuditVerb, now: dt.datetime) -> None:
    audit.record(actor=actor, verb=verb, kind="caseworker", object_id=actor.id, now=now)


@transaction.atomic
def open_session(request: HttpRequest, *, actor: Caseworker, now: dt.datetime) -> int:
    """Start a session with the ring that the backend opened; return how many older sessions it ended."""
    ring, suite = request.opened_ring  # type: ignore[attr-defined]
    login(request, actor)
    keep_ring(request.session, ring, actor, suite)
    ring.forget()
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
    ring.forget()
    request.session.cycle_key()
    _note(actor, AuditVerb.UNLOCK, now)


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
def end_other_sessions(request: HttpRequest, *, actor: Caseworker, now: dt.datetime) -> int:
    """End every other session of the person; return how many there were."""
    ended = end_sessions(actor.id, keep=request.session.session_key)
    _note(actor, AuditVerb.END_SESSION, now)
    return ended
