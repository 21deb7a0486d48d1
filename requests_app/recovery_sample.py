"""Prove on one record that the recovery sheets open what was restored; the text is compared with nothing and shown to nobody."""

from collections.abc import Sequence

from django.db.models import Count, Q

from caseworker.backups.sheets import seeds_of
from caseworker.vault.envelope import Place
from caseworker.vault.errors import VaultError
from caseworker.vault.records import open_recovered
from caseworker.vault.sealing import KeyPair
from caseworker.vault.shares import RecoverySet, open_from_set
from requests_app.enums import SealedKind
from requests_app.models.sealed import RecordKey, SealedField, SealedRecord
from requests_app.sealed import SEALED_KINDS


def sample_opens(of: RecoverySet, sheets: Sequence[KeyPair]) -> bool | None:
    """Open the first record that is sealed to all keys of the set; tell whether it opened, or None when there is no such record."""
    ids = [key.key_id for key in of.keys]
    sealed_to = Count("record_keys", filter=Q(record_keys__recovery_key_id__in=ids))
    record = SealedRecord.objects.annotate(held=sealed_to).filter(held=len(ids)).order_by("id").first()
    if record is None:
        return None
    rows = RecordKey.objects.filter(record=record, recovery_key_id__in=ids)
    boxes = {key_id: bytes(sealed) for key_id, sealed in rows.values_list("recipient_key_id", "sealed")}
    spec = SEALED_KINDS[SealedKind(record.kind)]
    try:
        data_key = open_from_set(boxes, seeds_of(of.keys, sheets), of, "dek", record.id, record.generation)
        open_recovered(
            data_key,
            place=Place(record.id, record.generation, spec.schema),
            commitment=bytes(record.commitment),
            envelopes={field.name: field.envelope for field in SealedField.objects.filter(record=record)},
            names=spec.names,
        )
    except VaultError:
        return False
    return True
