"""Words in, key ring out: one Argon2id run that both checks the words and unwraps the seed, and the seed's place in the session."""

import base64
import datetime as dt
import threading
import uuid
from dataclasses import dataclass

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase

from caseworker.models.accounts import Caseworker
from caseworker.models.keys import StaffKey
from caseworker.sessions import IDLE_KEY
from caseworker.vault.errors import VaultError
from caseworker.vault.formats import ctx
from caseworker.vault.keyring import KeyRing
from caseworker.vault.passphrase import Argon2Cost, Root, derive_root
from caseworker.vault.sealing import check_key_matches
from caseworker.vault.wrapping import unwrap

RING_KEY = "_ring"
LOCKED_KEY = "_locked"
_DUMMY_SALT = b"no such account."
_slots = threading.BoundedSemaphore(2)


@dataclass(frozen=True)
class _Stretching:
    """What Argon2id needs for one attempt; the dummy serves unknown and suspended accounts with the same work."""

    salt: bytes
    cost: Argon2Cost


def _stretching_for(key: StaffKey | None) -> _Stretching:
    if key is None:
        return _Stretching(_DUMMY_SALT, Argon2Cost(*settings.ARGON2_COST))
    return _Stretching(bytes(key.salt), Argon2Cost(key.memory_kib, key.iterations, key.lanes))


def _stretch(words: str, key: StaffKey | None) -> Root:
    """Run Argon2id, at most two at a time in this process, so that sign-in cannot exhaust the memory."""
    stretching = _stretching_for(key)
    with _slots:
        return derive_root(words, salt=stretching.salt, cost=stretching.cost)


def unlock(key: StaffKey | None, words: str) -> KeyRing | None:
    """Return the key ring that *words* open, or None; the work is the same when there is no key.

    The seed is refused when it does not belong to the stored public key, so a key exchanged in the database opens nothing.
    """
    root = _stretch(words, key)
    if key is None or not root.matches(bytes(key.verifier)):
        return None
    try:
        seed = unwrap(
            bytes(key.wrapped_seed), key=root.kek, associated_data=ctx("staff-seed", key.id, bytes(key.public_key))
        )
        check_key_matches(key.suite, seed, bytes(key.public_key))
    except VaultError:
        return None
    return KeyRing(key.id, key.suite, seed)


def active_key_of(person: Caseworker | None) -> StaffKey | None:
    """Return the present staff key of an active person."""
    if person is None or not person.is_active:
        return None
    return StaffKey.objects.filter(person=person, retired_at__isnull=True).first()


def idle_time(person: Caseworker) -> dt.timedelta:
    """Return how long a session of this person's role stays open without a request."""
    return dt.timedelta(seconds=settings.SESSION_IDLE_SECONDS.get(person.role, settings.SESSION_IDLE_SECONDS_DEFAULT))


def keep_ring(session: SessionBase, ring: KeyRing, person: Caseworker, suite: int) -> None:
    """Put the opened seed into the (encrypted) session, with the idle time of the role."""
    session[RING_KEY] = [str(ring.staff_key_id), suite, base64.b64encode(ring.seed).decode("ascii")]
    session[IDLE_KEY] = int(idle_time(person).total_seconds())
    session.pop(LOCKED_KEY, None)


def ring_in(session: SessionBase) -> KeyRing | None:
    """Return the key ring of the session, or None when it is locked."""
    stored = session.get(RING_KEY)
    if not stored:
        return None
    staff_key_id, suite, seed = stored
    return KeyRing(uuid.UUID(staff_key_id), int(suite), base64.b64decode(seed))


def lock_session(session: SessionBase) -> None:
    """Drop the seed; the session stays, and asks for the words again."""
    session.pop(RING_KEY, None)
    session[LOCKED_KEY] = True


def is_locked(session: SessionBase) -> bool:
    """Tell whether the words must be typed again."""
    return bool(session.get(LOCKED_KEY))
