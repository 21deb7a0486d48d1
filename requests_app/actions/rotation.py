"""Move a circle's records to its new key, in short steps under open keys, until nothing of the old one is left.

No background job can do it: a job holds no key. So every unlocking of a member does as many steps as fit into a moment, and the page of
the circle as many as somebody has patience for. A step is one transaction; stopped anywhere, the next one goes on where it was.
"""

import datetime as dt
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F, Q

from caseworker import audit
from caseworker.actions.circle_keys import KeyRefused, check_vouched, lock_circles, open_own_grants
from caseworker.actions.circles import destroy_circle_key
from caseworker.enums import AuditVerb, CircleKeyState
from caseworker.key_proofs import is_genuine
from caseworker.models.accounts import Caseworker
from caseworker.models.keys import Circle, CircleKey, StaffKey
from caseworker.vault.keyring import KeyRing
from requests_app.actions.tagging import compare_batch
from requests_app.models.cases import Case
from requests_app.models.duplicates import DuplicateEntry
from requests_app.models.membership import circles_of
from requests_app.models.sealed import RecordKey
from requests_app.policies import check_reads_circle
from requests_app.sealed import move_record_keys
from requests_app.sealed_tags import records_to_tag

STEP = 500
"""Record keys of one step: about a tenth of a second."""

AT_UNLOCK = 2.0
"""Seconds of rotating whenever a member unlocks: some 5,000 to 10,000 records, so that nobody has to open a page for it to end."""


@dataclass(frozen=True)
class Step:
    """What a step moved, what it had to drop, whether there was nothing left for it to do, and how many records got new tags."""

    moved: int
    dropped: int
    finished: bool
    tagged: int = 0


@transaction.atomic
def rotate_step(circle: Circle, *, keyring: KeyRing, actor: Caseworker, now: dt.datetime, limit: int = STEP) -> Step:
    """Move up to *limit* record keys of the oldest retiring version; the step that leaves none destroys that version.

    Raises ``PolicyRefused`` for somebody outside the circle, and ``KeyRefused`` when the new version was sealed to a key that nobody who
    held the old one vouched for, or was not made by this server: then nothing is moved to it. Two who rotate the same circle take turns, step by step.
    """
    check_reads_circle(circle.id, actor)
    lock_circles([circle.id])
    old, seeds = _oldest_retiring(circle.id), open_own_grants(circle.id, keyring)
    if old is None or old.id not in seeds:
        return Step(0, 0, finished=old is None)
    active = CircleKey.objects.get(circle=circle, state=CircleKeyState.ACTIVE)
    if active.version < old.version or not is_genuine(active):
        raise KeyRefused
    check_vouched(old, seeds[old.id], StaffKey.objects.filter(grants__circle_key=active))
    done = move_record_keys(old, active, opened=seeds[old.id], limit=limit)
    drop_record_keys(done.dropped, actor=actor, now=now)
    if done.moved:
        CircleKey.objects.filter(id=old.id).update(rotated_count=F("rotated_count") + done.moved)
        audit.record(actor=actor, verb=AuditVerb.ROTATE_KEYS, kind="circle", object_id=circle.id, now=now)
    tagged = 0
    if DuplicateEntry.objects.filter(circle_key=old).exists():
        tagged = compare_batch(circle, keyring=keyring, actor=actor, now=now, limit=limit).records
    _destroy_if_empty(old, active, actor=actor, now=now)
    return Step(done.moved, len(done.dropped), finished=_oldest_retiring(circle.id) is None, tagged=tagged)


@transaction.atomic
def drop_record_keys(record_ids: Iterable[uuid.UUID], *, actor: Caseworker, now: dt.datetime) -> None:
    """Note for each record that a key which opened nothing was deleted."""
    for record_id in record_ids:
        audit.record(actor=actor, verb=AuditVerb.DROP_RECORD_KEY, kind="sealed_record", object_id=record_id, now=now)


def _oldest_retiring(circle_id: uuid.UUID) -> CircleKey | None:
    return CircleKey.objects.filter(circle_id=circle_id, state=CircleKeyState.RETIRING).order_by("version").first()


def _is_needed(old: CircleKey, active: CircleKey) -> bool:
    """Tell whether a record is still sealed to the version, or found only by tags of it."""
    to_tag = records_to_tag(old.circle, active.id, [active.id])
    return RecordKey.objects.filter(circle_key=old).exists() or to_tag.filter(tag_rows__circle_key=old).exists()


def _destroy_if_empty(old: CircleKey, active: CircleKey, *, actor: Caseworker, now: dt.datetime) -> None:
    """Destroy the version with what is left of its tags, unless it is needed: what was being sealed to it when it retired is committed by then."""
    if not _is_needed(old, active):
        DuplicateEntry.objects.filter(circle_key=old).delete()
        destroy_circle_key(old, actor=actor, now=now)


def rotate_for(seconds: float, circle: Circle, *, keyring: KeyRing, member: Caseworker, at: dt.datetime) -> Step:
    """Do step after step, each its own transaction, until nothing is left or *seconds* have passed; return the sum."""
    moved, dropped, tagged, ends = 0, 0, 0, time.monotonic() + seconds
    while True:
        step = rotate_step(circle, keyring=keyring, actor=member, now=at)
        moved, dropped, tagged = moved + step.moved, dropped + step.dropped, tagged + step.tagged
        if step.finished or not (step.moved or step.tagged) or time.monotonic() >= ends:
            return Step(moved, dropped, step.finished, tagged)


def continue_rotations(person: Caseworker, keyring: KeyRing, now: dt.datetime) -> None:
    """Go on with the rotation of each circle of *person*, two seconds in all and at least a step each: called whenever somebody unlocks.

    A circle whose keys are refused does not keep the others from going on; ``KeyRefused`` is raised at the end.
    """
    waiting = Circle.objects.filter(id__in=circles_of(person), keys__state=CircleKeyState.RETIRING).distinct()
    ends, refusal = time.monotonic() + AT_UNLOCK, None
    for circle in waiting.order_by("id"):
        try:
            rotate_for(ends - time.monotonic(), circle, keyring=keyring, member=person, at=now)
        except KeyRefused as refused:
            refusal = refused
    if refusal is not None:
        raise refusal


def release_cases(person: Caseworker, circle_id: uuid.UUID, now: dt.datetime) -> None:
    """Leave the open cases of *person* in a circle without an owner, where everybody of the circle sees them as such."""
    theirs = Case.objects.filter(Q(owner=person) | Q(deputy=person), circle_id=circle_id, is_open=True)
    for case in theirs.select_for_update().order_by("id"):
        owner = None if case.owner_id == person.id else case.owner
        deputy = None if case.deputy_id == person.id else case.deputy
        Case.objects.filter(id=case.id).update(owner=owner, deputy=deputy, version=case.version + 1)
        audit.record(actor=None, verb=AuditVerb.RELEASE_CASE, kind="case", object_id=case.id, now=now)
