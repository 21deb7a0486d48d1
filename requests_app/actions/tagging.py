"""Give every request its sealed tags, and note which requests have a contact in common. Only open keys can do it, so it goes in batches.

A batch is one transaction, and one process of a circle at a time: two batches that do not see each other could miss a pair. It compares
under every version of the circle's key that the member holds, so nothing is missed while a rotation runs; the rows of an older version go
as soon as there are new ones, and the last of them with the version itself.
"""

import datetime as dt
import heapq
import time
import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.db import transaction

from caseworker import audit
from caseworker.actions.circle_keys import lock_circles, open_own_grants
from caseworker.enums import AuditVerb, CircleKeyState
from caseworker.models.accounts import Caseworker
from caseworker.models.keys import Circle, CircleKey
from caseworker.permissions import Permission, check, permits
from caseworker.vault.duplicates import TagKeys
from caseworker.vault.keyring import KeyRing
from requests_app.duplicate_codes import TagKind
from requests_app.models.duplicates import DuplicateEntry, DuplicatePair
from requests_app.models.help_requests import HelpRequest
from requests_app.models.membership import circles_of
from requests_app.models.sealed import SealedRecord
from requests_app.normalize import Form, forms_of
from requests_app.policies import check_reads_circle
from requests_app.sealed import open_readable
from requests_app.sealed_tags import find_forms, records_to_tag, rows_of, tag_keys_of

BATCH = 500
MOST_PARTNERS = 20
"""Pairs of one request by one contact. A lawyer's number in a thousand requests must not make half a million pairs."""

Pair = tuple[uuid.UUID, uuid.UUID]
Shared = Mapping[uuid.UUID, set[Form]]


@dataclass(frozen=True)
class Compared:
    """How many records were tagged, and how many pairs were new."""

    records: int
    pairs: int


@transaction.atomic
def compare_batch(
    circle: Circle, *, keyring: KeyRing, actor: Caseworker, now: dt.datetime, limit: int = BATCH
) -> Compared:
    """Tag up to *limit* records that have no row under the active version, and note the pairs they make with all others.

    Raises ``PolicyRefused`` for somebody outside the circle. A record that does not open gets a row of random tags: it is not tried again.
    """
    check(actor, Permission.DECIDE_DUPLICATES)
    check_reads_circle(circle.id, actor)
    lock_circles([circle.id])
    versions = tag_keys_of(open_own_grants(circle.id, keyring))
    active = CircleKey.objects.get(circle=circle, state=CircleKeyState.ACTIVE)
    if active.id not in versions:
        return Compared(0, 0)
    batch = _locked(records_to_tag(circle, active.id, versions).order_by("id")[:limit])
    if not batch:
        return Compared(0, 0)
    opened = open_readable(batch, keyring=keyring)
    forms = {record.id: _forms(opened.get(record.id, {})) for record in batch}
    pairs = _note_pairs(_by_request(batch, forms), versions.values(), now)
    _replace_rows(batch, forms, versions[active.id])
    audit.record(actor=actor, verb=AuditVerb.COMPARE_REQUESTS, kind="circle", object_id=circle.id, now=now)
    return Compared(len(batch), pairs)


def _forms(fields: Mapping[str, str]) -> list[Form]:
    return forms_of(fields.get("contacts", ""), fields.get("name", ""))


def _locked(records: Iterable[SealedRecord]) -> list[SealedRecord]:
    """Keep the records whose request nobody else is changing now, erasing for example, and lock these until the end."""
    found = list(records)
    free = HelpRequest.objects.select_for_update(skip_locked=True, no_key=True)
    owners = {one.id for one in free.filter(id__in=[record.owner_id for record in found]).order_by("id")}
    return [record for record in found if record.owner_id in owners]


def _by_request(batch: Iterable[SealedRecord], forms: Mapping[uuid.UUID, list[Form]]) -> dict[uuid.UUID, set[Form]]:
    held: dict[uuid.UUID, set[Form]] = {}
    for record in batch:
        held.setdefault(record.owner_id, set()).update(forms[record.id])
    return held


def _replace_rows(batch: Collection[SealedRecord], forms: Mapping[uuid.UUID, list[Form]], keys: TagKeys) -> None:
    DuplicateEntry.objects.filter(record__in=batch).delete()
    DuplicateEntry.objects.bulk_create(row for record in batch for row in rows_of(record, forms[record.id], keys))


def _note_pairs(held: Shared, versions: Iterable[TagKeys], now: dt.datetime) -> int:
    """Write down the pairs that the batch makes, and return how many were not known."""
    hits = find_forms({form for forms in held.values() for form in forms}, versions)
    DuplicateEntry.objects.filter(help_request__in=hits.damaged).delete()
    for request_id, forms in held.items():
        for form in forms:
            hits.requests[form].add(request_id)
    shared = _shared(held, hits.requests)
    apart = _of_two_people(shared)
    known = {
        (pair.low_id, pair.high_id): pair
        for pair in DuplicatePair.objects.filter(
            low__in={low for low, _ in apart}, high__in={high for _, high in apart}
        )
    }
    for pair, kinds in apart.items():
        if pair in known and not known[pair].decision:
            merged = _in_order({*kinds, *known[pair].signals})
            DuplicatePair.objects.filter(id=known[pair].id, decision="").update(signals=merged)
    new = [pair for pair in apart if pair not in known]
    DuplicatePair.objects.bulk_create(
        DuplicatePair(low_id=low, high_id=high, signals=_in_order(apart[low, high]), found_on=now.date())
        for low, high in new
    )
    return len(new)


def _in_order(kinds: Collection[str]) -> list[str]:
    return [kind.value for kind in TagKind if kind in kinds]


def _shared(held: Shared, hits: Mapping[Form, set[uuid.UUID]]) -> dict[Pair, set[TagKind]]:
    """Return pairs with the kinds they agree in: pairs that a contact makes, or a name of several words; a first name alone makes none."""
    found: dict[Pair, set[TagKind]] = {}
    for request_id, forms in held.items():
        for form in filter(lambda one: one.stands_alone, forms):
            for other in heapq.nsmallest(MOST_PARTNERS, hits[form] - {request_id}):
                pair = (min(request_id, other), max(request_id, other))
                found.setdefault(pair, set()).update(one.kind for one in forms if other in hits[one])
    return found


def _of_two_people(shared: Mapping[Pair, set[TagKind]]) -> dict[Pair, set[TagKind]]:
    """Leave out pairs within one case, and with somebody who is paused or erased."""
    ids = {request_id for pair in shared for request_id in pair}
    present = HelpRequest.objects.filter(id__in=ids, erasure_due_at__isnull=True, erased_on__isnull=True)
    case_of = dict(present.values_list("id", "case_id"))
    return {
        (low, high): kinds
        for (low, high), kinds in shared.items()
        if low in case_of and high in case_of and (case_of[low] is None or case_of[low] != case_of[high])
    }


def compare_for(seconds: float, *, keyring: KeyRing, member: Caseworker, at: dt.datetime) -> Compared:
    """Compare batch after batch in every circle of *member*, each its own transaction, until all is done or *seconds* have passed."""
    records, pairs, ends = 0, 0, time.monotonic() + seconds
    for circle in Circle.objects.filter(id__in=circles_of(member)).order_by("id"):
        done = compare_batch(circle, keyring=keyring, actor=member, now=at)
        while done.records:
            records, pairs = records + done.records, pairs + done.pairs
            if time.monotonic() >= ends:
                return Compared(records, pairs)
            done = compare_batch(circle, keyring=keyring, actor=member, now=at)
    return Compared(records, pairs)


def continue_comparing(person: Caseworker, keyring: KeyRing, now: dt.datetime) -> None:
    """Compare one batch in each circle of *person*: called whenever somebody unlocks."""
    if permits(person, Permission.DECIDE_DUPLICATES):
        for circle in Circle.objects.filter(id__in=circles_of(person)).order_by("id"):
            compare_batch(circle, keyring=keyring, actor=person, now=now)
