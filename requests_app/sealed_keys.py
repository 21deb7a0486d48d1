"""Pass data keys on to somebody else, and take them back: for a handover to another circle and for a grant that lets a person read.

Passing on needs the opened seed of a circle that reads the record; taking back needs nothing. The records and their fields stay as they are.
"""

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping

from django.db.models import QuerySet

from caseworker.models.keys import CircleKey, StaffKey
from caseworker.vault import records
from caseworker.vault.errors import VaultError
from caseworker.vault.keyring import CircleSeed
from requests_app.enums import RecipientKind
from requests_app.models.sealed import RecordKey

Seeds = Mapping[uuid.UUID, CircleSeed]


def _passed_on(owner_ids: Iterable[uuid.UUID], seeds: Seeds, to: records.Recipient) -> dict[uuid.UUID, bytes]:
    """Return the sealed data keys for *to* by record, for the owners' records that *seeds* open and *to* does not read yet.

    A key that does not open with the genuine seed opens for nobody and is left out.
    """
    held = RecordKey.objects.filter(recipient_key_id=to.key_id).values("record_id")
    rows = RecordKey.objects.filter(record__owner_id__in=list(owner_ids), circle_key_id__in=list(seeds))
    made = {}
    columns = ("record_id", "record__generation", "circle_key_id", "sealed")
    for record_id, generation, key_id, sealed in rows.exclude(record_id__in=held).order_by("id").values_list(*columns):
        try:
            made[record_id] = records.pass_on(
                bytes(sealed), record_id=record_id, generation=generation, holder=seeds[key_id], to=to
            )
        except VaultError:
            continue
    return made


def pass_on_to_circle(owner_ids: Iterable[uuid.UUID], circle_key: CircleKey, *, seeds: Seeds) -> int:
    """Let another circle's key open the owners' records too; return how many keys were made."""
    to = records.Recipient(circle_key.id, circle_key.suite, bytes(circle_key.public_key))
    rows = [
        RecordKey(
            record_id=record_id,
            recipient=RecipientKind.CIRCLE,
            recipient_key_id=circle_key.id,
            circle_key=circle_key,
            sealed=sealed,
        )
        for record_id, sealed in _passed_on(owner_ids, seeds, to).items()
    ]
    return len(RecordKey.objects.bulk_create(rows))


def pass_on_to_person(
    owner_ids: Iterable[uuid.UUID], staff_key: StaffKey, *, seeds: Seeds, expires_at: dt.datetime
) -> int:
    """Let one person's key open the owners' records until *expires_at*; return how many keys were made."""
    to = records.Recipient(staff_key.id, staff_key.suite, bytes(staff_key.public_key))
    rows = [
        RecordKey(
            record_id=record_id,
            recipient=RecipientKind.STAFF,
            recipient_key_id=staff_key.id,
            sealed=sealed,
            expires_at=expires_at,
        )
        for record_id, sealed in _passed_on(owner_ids, seeds, to).items()
    ]
    return len(RecordKey.objects.bulk_create(rows))


def take_back_from_circle(owner_ids: Iterable[uuid.UUID], circle_id: uuid.UUID) -> int:
    """Delete the keys that every version of the circle has to the owners' records; return how many died."""
    doomed = RecordKey.objects.filter(record__owner_id__in=list(owner_ids), circle_key__circle_id=circle_id)
    return doomed.delete()[0]


def take_back_from_people(person_ids: Iterable[uuid.UUID], owner_ids: Iterable[uuid.UUID] | None = None) -> int:
    """Delete the keys that these people's own staff keys have to the owners' records, or to all; return how many died."""
    keys = StaffKey.objects.filter(person_id__in=list(person_ids)).values("id")
    doomed = RecordKey.objects.filter(recipient=RecipientKind.STAFF, recipient_key_id__in=keys)
    if owner_ids is not None:
        doomed = doomed.filter(record__owner_id__in=list(owner_ids))
    return doomed.delete()[0]


def drop_expired_keys(*, now: dt.datetime) -> int:
    """Delete every data key whose time is over; return how many died."""
    return RecordKey.objects.filter(expires_at__lte=now).delete()[0]


def extend_keys(owner_ids: Iterable[uuid.UUID], keys: QuerySet[StaffKey], *, expires_at: dt.datetime) -> int:
    """Let the data keys that were passed on to these staff keys live until *expires_at*; return how many there are."""
    passed_on = RecordKey.objects.filter(record__owner_id__in=list(owner_ids), recipient=RecipientKind.STAFF)
    return passed_on.filter(recipient_key_id__in=keys.values("id")).update(expires_at=expires_at)
