"""The only writer of audit events, and their verification.

Each event's hash covers its predecessor's, so editing, deleting or reordering is seen by :func:`verify`. Cutting the tail is seen only
against a head that was kept elsewhere (on paper, on another host): pass it as ``anchor``.
"""

import datetime as dt
import hashlib
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from caseworker.compiled import find_first, insert, update
from caseworker.enums import AuditVerb
from caseworker.models.audit import AuditEvent, AuditHead

GENESIS = "0" * 64


class Identified(Protocol):
    """Anybody with an opaque id."""

    id: UUID


@dataclass(frozen=True)
class Verdict:
    """What a walk over the chain found: the head, and the first broken place if any."""

    sequence: int
    head: str
    broken_at: int | None = None
    anchor_found: bool = True

    @property
    def is_whole(self) -> bool:
        """Tell whether nothing was altered as far as the chain can show."""
        return self.broken_at is None and self.anchor_found


def event_hash(event: AuditEvent) -> str:
    """Return SHA-256 (hex) over the fields of *event*, length-prefixed, including the previous hash."""
    parts = (
        event.previous_hash,
        str(event.sequence),
        event.hour.astimezone(dt.UTC).strftime("%Y-%m-%dT%H"),
        str(event.actor_id or ""),
        event.verb,
        event.object_kind,
        str(event.object_id or ""),
    )
    return hashlib.sha256(b"".join(len(p).to_bytes(4, "big") + p.encode() for p in parts)).hexdigest()


def _ask_head() -> QuerySet[AuditHead]:
    return AuditHead.objects.select_for_update().filter(id=1)


def _locked_head() -> AuditHead:
    """Return the head, its row locked until the transaction ends; the first event ever creates it."""
    head = find_first(_ask_head)
    if head is None:
        AuditHead.objects.get_or_create(id=1)
        head = _ask_head().get()
    return head


def record(*, actor: Identified | None, verb: AuditVerb, kind: str, object_id: UUID | None, now: dt.datetime) -> None:
    """Append one event to the chain, inside the caller's transaction; *actor* is None for the system itself."""
    with transaction.atomic(savepoint=False):
        head = _locked_head()
        event = AuditEvent(
            sequence=head.sequence + 1,
            hour=now.astimezone(dt.UTC).replace(minute=0, second=0, microsecond=0),
            actor_id=actor.id if actor else None,
            verb=verb,
            object_kind=kind,
            object_id=object_id,
            previous_hash=head.hash,
        )
        event.hash = event_hash(event)
        insert(event)
        update(AuditHead, {"id": 1}, {"sequence": event.sequence, "hash": event.hash})


def verify(*, anchor: str | None = None) -> Verdict:
    """Walk the whole chain and compare every hash; with *anchor*, that head must also occur in it.

    What others append meanwhile is walked too: a busy chain is not a broken one.
    """
    previous, sequence, anchor_found = GENESIS, 0, anchor is None or anchor == GENESIS
    unread, walked_to = AuditEvent.objects.order_by("sequence"), -1
    while True:
        for event in unread.iterator(chunk_size=2000):
            linked = event.sequence == sequence + 1 and event.previous_hash == previous
            if not linked or event_hash(event) != event.hash:
                return Verdict(sequence, previous, broken_at=sequence + 1, anchor_found=anchor_found)
            previous, sequence = event.hash, event.sequence
            anchor_found = anchor_found or previous == anchor
        head = AuditHead.objects.filter(id=1).first() or AuditHead(sequence=0, hash=GENESIS)
        if (head.sequence, head.hash) == (sequence, previous):
            return Verdict(sequence, previous, anchor_found=anchor_found)
        if head.sequence <= sequence or sequence == walked_to:
            return Verdict(sequence, previous, broken_at=sequence + 1, anchor_found=anchor_found)
        unread, walked_to = AuditEvent.objects.filter(sequence__gt=sequence).order_by("sequence"), sequence
