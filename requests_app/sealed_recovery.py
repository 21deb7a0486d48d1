"""The second door to the tables of ciphertext: what recovery reads of them, and how data keys move from old recovery sheets to new ones."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from caseworker.models.keys import CircleEscrow, CircleKey
from caseworker.vault.ceremony import encoded
from caseworker.vault.errors import VaultError
from caseworker.vault.keyring import CircleSeed
from caseworker.vault.records import pass_to_recovery
from caseworker.vault.shares import RecoverySet
from requests_app.enums import RecipientKind, SealedKind
from requests_app.models.sealed import RecordKey, SealedField, SealedRecord
from requests_app.sealed import SEALED_KINDS, Moved, circle_row, recovery_row

Ids = Sequence[uuid.UUID]


def _ids(of: RecoverySet) -> list[uuid.UUID]:
    return [key.key_id for key in of.keys]


def _is_incomplete(of: RecoverySet, record: str) -> Q:
    """Return the condition that a record, named by the outer column *record*, lacks a box of the set."""
    lacks = Q(pk__in=[])
    for key_id in _ids(of):
        lacks |= ~Q(Exists(RecordKey.objects.filter(record=OuterRef(record), recovery_key_id=key_id)))
    return lacks


def records_to_move(to: RecoverySet, circle_key_ids: Iterable[uuid.UUID]) -> QuerySet[RecordKey]:
    """Return the circle's rows of records that are not yet sealed to the whole set *to*."""
    return RecordKey.objects.filter(_is_incomplete(to, "record_id"), circle_key_id__in=list(circle_key_ids))


def _of_circles() -> QuerySet[RecordKey]:
    return RecordKey.objects.filter(record=OuterRef("pk"), recipient=RecipientKind.CIRCLE)


def records_in_circles(*, lacking: RecoverySet | None = None) -> QuerySet[SealedRecord]:
    """Return the records that a circle opens; with *lacking*, those not yet sealed to that set."""
    found = SealedRecord.objects.filter(Exists(_of_circles()))
    return found.filter(_is_incomplete(lacking, "pk")) if lacking else found


def archived_records(*, lacking: RecoverySet) -> QuerySet[SealedRecord]:
    """Return the records that no circle opens and that are not sealed to that set: only older sheets open them."""
    return SealedRecord.objects.filter(~Exists(_of_circles()), _is_incomplete(lacking, "pk")).order_by("id")


def move_to_recovery(to: RecoverySet, seeds: Mapping[uuid.UUID, CircleSeed], *, limit: int) -> Moved:
    """Seal up to *limit* data keys to the set *to*, opened with the circle's *seeds*; what older sheets open stays beside it.

    Rows that another process is moving are left to it. A row of the circle that does not open with its genuine seed, or opens a key that
    is not the record's, is dropped, as in a rotation: the older sheets still read the record.
    """
    rows = records_to_move(to, seeds).order_by("id").select_related("record")
    batch = list(rows.select_for_update(of=("self",), skip_locked=True)[:limit])
    moved: dict[uuid.UUID, Mapping[uuid.UUID, bytes]] = {}
    dropped = []
    for row in batch:
        try:
            moved[row.record_id] = pass_to_recovery(
                bytes(row.sealed),
                record_id=row.record_id,
                generation=row.record.generation,
                commitment=bytes(row.record.commitment),
                holder=seeds[row.recipient_key_id],
                to=to,
            )
        except VaultError:
            dropped.append(row)
    RecordKey.objects.filter(id__in=[row.id for row in dropped]).delete()
    store_resealed(to, moved)
    return Moved(len(moved), [row.record_id for row in dropped])


def store_resealed(to: RecoverySet, boxes: Mapping[uuid.UUID, Mapping[uuid.UUID, bytes]]) -> None:
    """Store whole sets of boxes, per record; what stood there of the same set goes: shares of two splittings never lie together."""
    rows = [recovery_row(record, key_id, box) for record, made in boxes.items() for key_id, box in made.items()]
    RecordKey.objects.filter(record_id__in=list(boxes), recovery_key_id__in=_ids(to)).delete()
    RecordKey.objects.bulk_create(rows)


def store_for_circle(circle_key_id: uuid.UUID, boxes: Mapping[uuid.UUID, bytes]) -> None:
    """Let a circle open archived records again, with the data keys that the offline tool sealed to it."""
    rows = [circle_row(record_id, circle_key_id, box) for record_id, box in boxes.items()]
    RecordKey.objects.bulk_create(rows, ignore_conflicts=True)


def forget_old_keys(old: RecoverySet, to: RecoverySet) -> int:
    """Delete the boxes of the set *old*, except of records that nothing of the set *to* opens; return how many died."""
    covered = RecordKey.objects.filter(~_is_incomplete(to, "record_id"), recovery_key_id__in=_ids(old))
    escrows = CircleEscrow.objects.filter(recovery_key_id__in=_ids(old))
    return RecordKey.objects.filter(id__in=list(covered.values_list("id", flat=True))).delete()[0] + escrows.delete()[0]


# -- what goes into a bundle ---------------------------------------------------------------------------------------------


def escrow_boxes(key: CircleKey, of: RecoverySet) -> dict[str, str]:
    """Return the escrow of one circle key under the set."""
    rows = CircleEscrow.objects.filter(circle_key=key, recovery_key_id__in=_ids(of))
    return {str(row.recovery_key_id): encoded(bytes(row.sealed)) for row in rows}


def record_parts(record_ids: Ids, of: RecoverySet, *, with_fields: bool) -> list[dict[str, Any]]:
    """Return the records as a bundle holds them, ordered by id: sealed values and codes. Four queries at most."""
    keys: dict[uuid.UUID, dict[str, str]] = {}
    for row in RecordKey.objects.filter(record_id__in=record_ids, recovery_key_id__in=_ids(of)):
        keys.setdefault(row.record_id, {})[str(row.recovery_key_id)] = encoded(bytes(row.sealed))
    fields: dict[uuid.UUID, dict[str, str]] = {}
    for field in SealedField.objects.filter(record_id__in=record_ids) if with_fields else ():
        fields.setdefault(field.record_id, {})[field.name] = encoded(field.envelope.raw)
    return [
        {
            "id": str(record.id),
            "generation": record.generation,
            "commitment": encoded(bytes(record.commitment)),
            "kind": record.kind,
            "month": f"{record.sealed_month:%Y-%m}",
            "schema": SEALED_KINDS[SealedKind(record.kind)].schema,
            "keys": keys.get(record.id, {}),
            "fields": fields.get(record.id, {}),
        }
        for record in SealedRecord.objects.filter(id__in=record_ids).order_by("id")
    ]
