"""The session engine: nobody but the browser can open a session.

A row is named by SHA-256 of the cookie; its payload is AES-256-GCM under HKDF(cookie, salt = boot key), bound to the row, the person and
the end of the session, and padded to a multiple of 512 bytes. Row without cookie, cookie without row, and both after a reboot open
nothing. A session dies after the idle time of its role, after eight hours, and when the clock jumps back.
"""

import datetime as dt
import hashlib
import json
import secrets
import uuid
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import CreateError, SessionBase, UpdateError
from django.db import IntegrityError, connections, router
from django.utils import timezone

from caseworker.boot_key import derived_key
from caseworker.models.ephemeral import SessionRow
from caseworker.vault.formats import NONCE_BYTES, ctx

BLOCK = 512
LENGTH_BYTES = 4
TOUCH_AFTER = dt.timedelta(seconds=60)
CLOCK_TOLERANCE = dt.timedelta(seconds=60)
IDLE_KEY = "_idle"
NOBODY = uuid.UUID(int=0)


def id_hash(cookie: str) -> str:
    """Return the row's name for a cookie."""
    return hashlib.sha256(cookie.encode()).hexdigest()


def _associated_data(row: SessionRow) -> bytes:
    return ctx("session", row.id_hash, row.person_id or NOBODY, int(row.expires_at.timestamp()))


def _encrypt(data: dict[str, Any], cookie: str, row: SessionRow) -> bytes:
    raw = json.dumps(data, separators=(",", ":")).encode()
    raw = len(raw).to_bytes(LENGTH_BYTES, "big") + raw
    padded = raw.ljust(-(-len(raw) // BLOCK) * BLOCK, b"\0")
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(derived_key("session-key", cookie.encode())).encrypt(nonce, padded, _associated_data(row))


def _decrypt(row: SessionRow, cookie: str) -> dict[str, Any]:
    payload = bytes(row.payload)
    cipher = AESGCM(derived_key("session-key", cookie.encode()))
    padded = cipher.decrypt(payload[:NONCE_BYTES], payload[NONCE_BYTES:], _associated_data(row))
    length = int.from_bytes(padded[:LENGTH_BYTES], "big")
    data: dict[str, Any] = json.loads(padded[LENGTH_BYTES : LENGTH_BYTES + length])
    return data


def _idle_limit(data: dict[str, Any]) -> dt.timedelta:
    return dt.timedelta(seconds=int(data.get(IDLE_KEY, settings.SESSION_IDLE_SECONDS_DEFAULT)))


def _is_alive(row: SessionRow, data: dict[str, Any], now: dt.datetime) -> bool:
    """Tell whether the session is inside its absolute and idle time and the clock has not jumped back."""
    return row.seen_at - CLOCK_TOLERANCE <= now < min(row.expires_at, row.seen_at + _idle_limit(data))


class SessionStore(SessionBase):
    """A session whose row nobody can read without the cookie. Synchronous only: the async methods run these in a thread."""

    def _get_new_session_key(self) -> str:
        """Return a new cookie: 32 random bytes."""
        return secrets.token_urlsafe(32)

    def _row(self) -> SessionRow | None:
        if not self.session_key:
            return None
        return SessionRow.objects.filter(id_hash=id_hash(self.session_key)).first()

    def load(self) -> dict[str, Any]:
        """Return the data of a living session, else start empty; a row that does not open or has died is deleted."""
        row = self._row()
        if row is None:
            self._session_key: str | None = None
            return {}
        now, cookie = timezone.now(), str(self.session_key)
        try:
            data = _decrypt(row, cookie)
        except (InvalidTag, ValueError):
            data = {}
        if not data or not _is_alive(row, data, now):
            SessionRow.objects.filter(id_hash=row.id_hash).delete()
            self._session_key = None
            return {}
        if now - row.seen_at > TOUCH_AFTER:
            SessionRow.objects.filter(id_hash=row.id_hash).update(seen_at=now)
        return data

    def exists(self, session_key: str) -> bool:
        """Tell whether there is a row for the cookie."""
        return SessionRow.objects.filter(id_hash=id_hash(session_key)).exists()

    def create(self) -> None:
        """Make a new, empty session under a fresh cookie."""
        self._session_key = self._get_new_session_key()
        self.save(must_create=True)
        self.modified = True

    def save(self, must_create: bool = False) -> None:
        """Encrypt and store; the end of the session is fixed at its creation. Raises ``UpdateError`` if the row was ended meanwhile."""
        if self.session_key is None:
            self.create()
            return
        data = self._get_session(no_load=must_create)  # type: ignore[attr-defined]
        now, old = timezone.now(), None if must_create else self._row()
        if old is None and not must_create:
            raise UpdateError
        lifetime = dt.timedelta(seconds=settings.SESSION_ABSOLUTE_SECONDS)
        person = data.get(SESSION_KEY)
        row = SessionRow(
            id_hash=id_hash(self.session_key),
            person_id=uuid.UUID(person) if person else None,
            created_at=old.created_at if old else now,
            seen_at=now,
            expires_at=old.expires_at if old else (now + lifetime).replace(microsecond=0),
        )
        row.payload = _encrypt(data, self.session_key, row)
        try:
            row.save(force_insert=must_create, force_update=not must_create)
        except IntegrityError:
            raise CreateError from None

    def delete(self, session_key: str | None = None) -> None:
        """Delete the row."""
        cookie = session_key or self.session_key
        if cookie:
            SessionRow.objects.filter(id_hash=id_hash(cookie)).delete()

    @classmethod
    def clear_expired(cls) -> None:
        """Delete rows past their end."""
        SessionRow.objects.filter(expires_at__lt=timezone.now()).delete()


def end_sessions(person_id: uuid.UUID, *, keep: str | None = None) -> int:
    """End the sessions of a person at once, except the one whose cookie is *keep*; return how many ended."""
    rows = SessionRow.objects.filter(person_id=person_id)
    if keep:
        rows = rows.exclude(id_hash=id_hash(keep))
    return rows.delete()[0]


def end_every_session() -> int:
    """End all sessions, unlock rows with them; none is there where the ephemeral database was not made yet. Return how many ended."""
    alias = router.db_for_write(SessionRow)
    if SessionRow._meta.db_table not in connections[alias].introspection.table_names():
        return 0
    return SessionRow.objects.all().delete()[0]


def end_all_sessions(*, except_of: list[uuid.UUID]) -> int:
    """End the sessions of everybody but the people named, those of nobody in particular (a claim page) apart; return how many ended."""
    return SessionRow.objects.filter(person_id__isnull=False).exclude(person_id__in=except_of).delete()[0]


def end_named_session(person_id: uuid.UUID, name: str) -> int:
    """End the session of a person whose row is called *name* (a hash of the cookie, which opens nothing)."""
    return SessionRow.objects.filter(person_id=person_id, id_hash=name).delete()[0]


def end_oldest_sessions(person_id: uuid.UUID, *, allowed: int) -> int:
    """Keep the newest *allowed* sessions of a person; return how many ended."""
    surplus = (
        SessionRow.objects.filter(person_id=person_id)
        .order_by("-created_at", "id_hash")
        .values_list("id_hash", flat=True)
    )
    return SessionRow.objects.filter(id_hash__in=list(surplus[allowed:])).delete()[0]
