"""The registry of sealed kinds, and the only door between the casework and the vault.

Sealing needs public keys alone: no key ring, no session, nobody's words. Opening needs a :class:`~caseworker.vault.keyring.KeyRing`
that is passed in, never looked up. Everything here runs inside the caller's transaction.
"""

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from django.utils.translation import gettext_lazy as _

from caseworker.enums import CircleKeyState
from caseworker.exceptions import PolicyRefused
from caseworker.models.keys import Circle, CircleGrant, CircleKey, RecoveryKey
from caseworker.vault import records
from caseworker.vault.errors import VaultError
from caseworker.vault.keyring import KeyRing
from requests_app.enums import RecipientKind, SealedKind
from requests_app.models.sealed import RecordKey, SealedField, SealedRecord


@dataclass(frozen=True)
class KindSpec:
    """The fields of a kind in their pinned order, and the schema number bound into every ciphertext."""

    names: tuple[str, ...]
    schema: int = 1


SEALED_KINDS: Mapping[SealedKind, KindSpec] = MappingProxyType(
    {
        SealedKind.FIRST_CONTACT: KindSpec(("contacts", "name", "story")),
        SealedKind.CORRECTION: KindSpec(("contacts", "name", "story")),
        SealedKind.CONTACT: KindSpec(("contacts",)),
        SealedKind.NOTE: KindSpec(("text",)),
    }
)


class NotReadable(PolicyRefused):
    """The record does not open for this person: one sentence for every cause, so that the cause tells nothing."""

    message = _("This record cannot be opened with your keys. If you think it should, ask a colleague of the circle.")


@dataclass(frozen=True)
class _Recipients:
    """The public keys a record is sealed to."""

    circle_keys: list[CircleKey]
    recovery_keys: list[RecoveryKey]

    def for_vault(self) -> list[records.Recipient]:
        """Return them as the vault takes them."""
        keys = (*self.circle_keys, *self.recovery_keys)
        return [records.Recipient(key.id, key.suite, bytes(key.public_key)) for key in keys]


def _recipients(circles: Iterable[Circle]) -> _Recipients:
    """Return the active keys of *circles* and every recovery key; raises ``PolicyRefused`` when either is missing."""
    circle_keys = CircleKey.objects.filter(circle__in=list(circles), state=CircleKeyState.ACTIVE).order_by("id")
    recovery_keys = RecoveryKey.objects.filter(retired_on__isnull=True).order_by("id")
    found = _Recipients(list(circle_keys), list(recovery_keys))
    if not found.circle_keys or not found.recovery_keys:
        raise PolicyRefused(_("There is no key to seal this to. Ask the security officer to finish the installation."))
    return found


def _store_keys(record: SealedRecord, recipients: _Recipients, sealed: Mapping[uuid.UUID, bytes]) -> None:
    rows = [
        RecordKey(
            record=record,
            recipient=RecipientKind.CIRCLE,
            recipient_key_id=key.id,
            circle_key=key,
            sealed=sealed[key.id],
        )
        for key in recipients.circle_keys
    ]
    rows += [
        RecordKey(
            record=record,
            recipient=RecipientKind.RECOVERY,
            recipient_key_id=key.id,
            recovery_key=key,
            sealed=sealed[key.id],
        )
        for key in recipients.recovery_keys
    ]
    RecordKey.objects.bulk_create(rows)


def seal_record(
    kind: SealedKind, fields: Mapping[str, str], *, owner_id: uuid.UUID, circles: Iterable[Circle], now: dt.datetime
) -> SealedRecord:
    """Seal *fields* of *kind* to the active keys of *circles* and to every recovery key, and store the record.

    All fields of the kind are written, absent ones empty, so that the rows do not tell which were given. Raises ``KeyError`` for a
    field the kind does not have and ``PolicyRefused`` when there is no circle or no recovery key to seal to.
    """
    spec, record_id, generation = SEALED_KINDS[kind], uuid.uuid4(), 1
    if unknown := set(fields) - set(spec.names):
        raise KeyError(f"{len(unknown)} field(s) not of kind {kind.value}")
    recipients = _recipients(circles)
    parts = records.seal_record(
        record_id=record_id,
        generation=generation,
        fields=fields,
        names=spec.names,
        schema=spec.schema,
        recipients=recipients.for_vault(),
    )
    month = now.astimezone(dt.UTC).date().replace(day=1)
    record = SealedRecord.objects.create(
        id=record_id, owner_id=owner_id, kind=kind, commitment=parts.commitment, sealed_month=month
    )
    SealedField.objects.bulk_create(
        SealedField(record=record, name=name, envelope=parts.envelopes[name]) for name in spec.names
    )
    _store_keys(record, recipients, parts.record_keys)
    return record


def _way_in(record: SealedRecord, keyring: KeyRing) -> tuple[RecordKey, CircleGrant]:
    """Find a sealed data key of *record* whose circle is granted to the key ring's staff key."""
    grants = {
        grant.circle_key_id: grant
        for grant in CircleGrant.objects.filter(
            staff_key_id=keyring.staff_key_id,
            staff_key__retired_at__isnull=True,
            circle_key__record_keys__record=record,
        ).select_related("circle_key")
    }
    for record_key in RecordKey.objects.filter(record=record, circle_key_id__in=grants).order_by("id"):
        if record_key.circle_key_id in grants:
            return record_key, grants[record_key.circle_key_id]
    raise NotReadable


def open_record(record: SealedRecord, *, keyring: KeyRing) -> dict[str, str]:
    """Return the plain fields of *record*; raises :class:`NotReadable` for every cause of failure alike."""
    spec = SEALED_KINDS[SealedKind(record.kind)]
    record_key, grant = _way_in(record, keyring)
    circle_key = grant.circle_key
    envelopes = {field.name: field.envelope for field in SealedField.objects.filter(record=record)}
    try:
        circle_seed = keyring.open_circle(
            circle_key.id, circle_key.version, bytes(grant.sealed), circle_key.suite, bytes(circle_key.public_key)
        )
        return records.open_record(
            record_id=record.id,
            generation=record.generation,
            commitment=bytes(record.commitment),
            envelopes=envelopes,
            names=spec.names,
            schema=spec.schema,
            sealed_key=bytes(record_key.sealed),
            recipient=circle_seed,
        )
    except VaultError:
        raise NotReadable from None


def destroy_records(owner_ids: Iterable[uuid.UUID]) -> int:
    """Delete keys first, then fields, then records of the owners; return how many records died. Needs no private key."""
    doomed = SealedRecord.objects.filter(owner_id__in=list(owner_ids))
    RecordKey.objects.filter(record__in=doomed).delete()
    SealedField.objects.filter(record__in=doomed).delete()
    return doomed.delete()[1].get("requests_app.SealedRecord", 0)
