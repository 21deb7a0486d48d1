"""The door to the sealed tags: rows made for a record, rows searched for contacts, records that have no row yet.

Nothing here decides who may: actions pass in the keys of the circle, which only a member's key ring gives.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Exists, OuterRef, QuerySet

from caseworker.models.keys import Circle, CircleKey
from caseworker.vault.duplicates import SLOTS, TagKeys, derive_tag_keys, make_tag, open_rows, seal_row, tag_at
from caseworker.vault.keyring import CircleSeed
from requests_app.duplicate_codes import TagKind
from requests_app.enums import SealedKind
from requests_app.models.duplicates import DuplicateEntry
from requests_app.models.help_requests import HelpRequest
from requests_app.models.sealed import RecordKey, SealedRecord
from requests_app.normalize import NORMALIZER_VERSION, Form

WITH_CONTACTS = (SealedKind.FIRST_CONTACT, SealedKind.CORRECTION, SealedKind.CONTACT)
SLOT_OF: Mapping[TagKind, int] = {kind: slot for slot, kind in enumerate(TagKind)}
CHUNK = 5000


def tag_keys_of(seeds: Mapping[uuid.UUID, CircleSeed]) -> dict[uuid.UUID, TagKeys]:
    """Return the tag keys of each opened version of a circle, by circle key id, the oldest first."""
    versions = CircleKey.objects.filter(id__in=seeds).order_by("version").values_list("id", "version")
    return {
        key_id: derive_tag_keys(seeds[key_id].seed, circle_key_id=key_id, version=version)
        for key_id, version in versions
    }


def records_to_tag(circle: Circle, active_id: uuid.UUID, held: Iterable[uuid.UUID]) -> QuerySet[SealedRecord]:
    """Return the records with contacts that have no current row under the active version and that the versions *held* can open.

    Records of somebody who wants to be erased are left alone; archived ones have no key of the circle.
    """
    requests = HelpRequest.objects.filter(circle=circle, erasure_due_at__isnull=True, erased_on__isnull=True)
    current = DuplicateEntry.objects.filter(
        record=OuterRef("pk"), circle_key_id=active_id, normalizer=NORMALIZER_VERSION
    )
    readable = RecordKey.objects.filter(record=OuterRef("pk"), circle_key_id__in=list(held))
    return SealedRecord.objects.filter(
        Exists(readable), ~Exists(current), kind__in=WITH_CONTACTS, owner_id__in=requests.values("id")
    )


def _spread(forms: Sequence[Form]) -> list[list[Form | None]]:
    """Lay *forms* out in rows of one a kind: as many rows as the commonest kind needs, and one when there is none."""
    by_kind: dict[TagKind, list[Form]] = {kind: [form for form in forms if form.kind is kind] for kind in TagKind}
    height = max(1, *(len(column) for column in by_kind.values()))
    return [[column[row] if row < len(column) else None for column in by_kind.values()] for row in range(height)]


def rows_of(record: SealedRecord, forms: Sequence[Form], keys: TagKeys) -> list[DuplicateEntry]:
    """Return the rows of a record, to be stored."""
    return [
        DuplicateEntry(
            help_request_id=record.owner_id,
            record=record,
            circle_key_id=keys.circle_key_id,
            seq=seq,
            normalizer=NORMALIZER_VERSION,
            sealed=seal_row(
                keys,
                record.owner_id,
                [None if form is None else make_tag(keys, form.kind, form.text) for form in row],
                normalizer=NORMALIZER_VERSION,
            ),
        )
        for seq, row in enumerate(_spread(forms), start=1)
    ]


@dataclass
class Hits:
    """Which requests hold which of the forms that were looked for, and whose rows did not open."""

    requests: dict[Form, set[uuid.UUID]] = field(default_factory=dict)
    damaged: set[uuid.UUID] = field(default_factory=set)


def find_forms(forms: Iterable[Form], versions: Iterable[TagKeys]) -> Hits:
    """Look for *forms* in every row of every version given; one query a version. Paused people are not looked at."""
    hits = Hits({form: set() for form in forms})
    for keys in versions:
        wanted: list[dict[bytes, Form]] = [{} for _ in range(SLOTS)]
        for form in hits.requests:
            wanted[SLOT_OF[form.kind]][make_tag(keys, form.kind, form.text)] = form
        used = [(slot, tags) for slot, tags in enumerate(wanted) if tags]
        stored = DuplicateEntry.objects.filter(
            circle_key_id=keys.circle_key_id, normalizer=NORMALIZER_VERSION, help_request__erasure_due_at__isnull=True
        )
        found = stored.values_list("help_request_id", "sealed").iterator(chunk_size=CHUNK)
        rows = ((request_id, bytes(sealed)) for request_id, sealed in found)
        for request_id, tags in open_rows(keys, rows, normalizer=NORMALIZER_VERSION):
            if tags is None:
                hits.damaged.add(request_id)
                continue
            for slot, here in used:
                if (form_found := here.get(tag_at(tags, slot))) is not None:
                    hits.requests[form_found].add(request_id)
    return hits
