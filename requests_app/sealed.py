"""The registry of sealed kinds, and the only door between the casework and the vault.

Sealing needs public keys alone: no key ring, no session, nobody's words. Opening needs a :class:`~caseworker.vault.keyring.KeyRing`
that is passed in, never looked up. Everything here runs inside the caller's transaction.
"""

import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple, cast

from django.utils.translation import gettext_lazy as _

from caseworker.compiled import insert
from caseworker.enums import CircleKeyState
from caseworker.exceptions import PolicyRefused
from caseworker.key_proofs import is_genuine
from caseworker.models.keys import Circle, CircleKey, StaffKey
from caseworker.recovery_keys import recovery_set
from caseworker.vault import records
from caseworker.vault.envelope import Envelope
from caseworker.vault.errors import VaultError
from caseworker.vault.keyring import CircleSeed, KeyRing
from caseworker.vault.shares import RecoverySet
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
        SealedKind.ASSET: KindSpec(("text",)),
    }
)


class NotReadable(PolicyRefused):
    """The record does not open for this person: one sentence for every cause, so that the cause tells nothing."""

    message = _("This record cannot be opened with your keys. If you think it should, ask a colleague of the circle.")


class Archived(NotReadable):
    """The record's circle keys were deleted when its case was archived."""

    message = _("This text is archived: only the recovery sheet opens it.")


@dataclass(frozen=True)
class _Recipients:
    """The public keys a record is sealed to."""

    circle_keys: list[CircleKey]
    recovery: RecoverySet

    def for_vault(self) -> list[records.Recipient]:
        """Return the circles' keys as the vault takes them."""
        return [records.Recipient(key.id, key.suite, bytes(key.public_key)) for key in self.circle_keys]


def lock_for_sealing(circles: Sequence[Circle]) -> list[CircleKey]:
    """Return the active versions, locked until the transaction ends. One that was replaced while this waited for its lock is looked up again.

    An action that writes into the audit chain before it seals calls this first: everybody takes the keys, then the chain.
    """
    active = CircleKey.objects.filter(circle__in=circles, state=CircleKeyState.ACTIVE)
    locked = active.select_for_update(of=("self",), no_key=True).order_by("id")
    found = list(locked)
    return found if len(found) == len(set(circles)) else list(locked.all())


def _recipients(circles: Iterable[Circle]) -> _Recipients:
    """Return the active keys of *circles* and every recovery key; raises ``PolicyRefused`` when either is missing.

    The circle keys are locked until the transaction ends: a version that is being sealed to cannot be destroyed meanwhile. A version
    that this server did not make, or that a member found to be false, is left out: the record is then sealed to recovery alone, and not lost.
    """
    circle_keys = lock_for_sealing(list(circles))
    genuine = [key for key in circle_keys if is_genuine(key)]
    found = _Recipients(genuine, recovery_set())
    if not circle_keys or not found.recovery.keys:
        raise PolicyRefused(_("There is no key to seal this to. Ask the security officer to finish the installation."))
    return found


def circle_row(record_id: uuid.UUID, key_id: uuid.UUID, sealed: bytes) -> RecordKey:
    """Return the unsaved row of a data key that is sealed to a circle."""
    return RecordKey(
        record_id=record_id,
        recipient=RecipientKind.CIRCLE,
        recipient_key_id=key_id,
        circle_key_id=key_id,
        sealed=sealed,
    )


def recovery_row(record_id: uuid.UUID, key_id: uuid.UUID, sealed: bytes) -> RecordKey:
    """Return the unsaved row of a data key, or of a share of it, that is sealed to a recovery key."""
    return RecordKey(
        record_id=record_id,
        recipient=RecipientKind.RECOVERY,
        recipient_key_id=key_id,
        recovery_key_id=key_id,
        sealed=sealed,
    )


def _key_rows(record: SealedRecord, recipients: _Recipients, sealed: Mapping[uuid.UUID, bytes]) -> list[RecordKey]:
    """Return one row per recipient."""
    return [
        *(circle_row(record.id, key.id, sealed[key.id]) for key in recipients.circle_keys),
        *(recovery_row(record.id, key.key_id, sealed[key.key_id]) for key in recipients.recovery.keys),
    ]


@dataclass(frozen=True)
class ToSeal:
    """One record to be sealed: its owner and its fields; never shown."""

    owner_id: uuid.UUID
    fields: Mapping[str, str]

    def __repr__(self) -> str:
        """Show nothing."""
        return "<ToSeal>"


def seal_records(
    kind: SealedKind, batch: Iterable[ToSeal], *, circles: Iterable[Circle], now: dt.datetime
) -> list[SealedRecord]:
    """Seal every record of *batch* to the active keys of *circles* and to every recovery key, and store them; five statements in all.

    All fields of the kind are written, absent ones empty, so that the rows do not tell which were given. Raises ``KeyError`` for a
    field the kind does not have and ``PolicyRefused`` when there is no circle or no recovery key to seal to.
    """
    spec, generation, recipients = SEALED_KINDS[kind], 1, _recipients(circles)
    month, to = now.astimezone(dt.UTC).date().replace(day=1), recipients.for_vault()
    made: list[SealedRecord] = []
    fields: list[SealedField] = []
    keys: list[RecordKey] = []
    for one in batch:
        if unknown := set(one.fields) - set(spec.names):
            raise KeyError(f"{len(unknown)} field(s) not of kind {kind.value}")
        record = SealedRecord(owner_id=one.owner_id, kind=kind, generation=generation, sealed_month=month)
        parts = records.seal_record(
            record_id=record.id,
            generation=generation,
            fields=one.fields,
            names=spec.names,
            schema=spec.schema,
            recipients=to,
            recovery=recipients.recovery,
        )
        record.commitment = parts.commitment
        made.append(record)
        fields += [SealedField(record_id=record.id, name=name, envelope=parts.envelopes[name]) for name in spec.names]
        keys += _key_rows(record, recipients, parts.record_keys)
    insert(*made)
    insert(*fields)
    insert(*keys)
    return made


def seal_record(
    kind: SealedKind, fields: Mapping[str, str], *, owner_id: uuid.UUID, circles: Iterable[Circle], now: dt.datetime
) -> SealedRecord:
    """Seal one record; raises like :func:`seal_records`."""
    return seal_records(kind, [ToSeal(owner_id, fields)], circles=circles, now=now)[0]


class _WayIn(NamedTuple):
    """A sealed data key, the circle key it is sealed to, and the sealed circle seed granted to the reader."""

    sealed: bytes
    circle_key_id: uuid.UUID
    version: int
    suite: int
    public_key: bytes
    grant: bytes


_WAY_IN_COLUMNS = (
    *("sealed", "circle_key_id", "circle_key__version", "circle_key__suite", "circle_key__public_key"),
    "circle_key__grants__sealed",
)


def _way_in(sealed: Any, key_id: uuid.UUID, version: int, suite: int, public_key: Any, grant: Any) -> _WayIn:
    return _WayIn(bytes(sealed), key_id, version, suite, bytes(public_key), bytes(grant))


def _through_circle(record: SealedRecord, keyring: KeyRing) -> _WayIn | None:
    """Find a circle key that opens *record* and is granted to the key ring's staff key."""
    granted = RecordKey.objects.filter(
        record=record,
        circle_key__grants__staff_key_id=keyring.staff_key_id,
        circle_key__grants__staff_key__retired_at__isnull=True,
    )
    found = granted.order_by("id").values_list(*_WAY_IN_COLUMNS).first()
    return None if found is None else _way_in(*found)


def _to_person(record: SealedRecord, keyring: KeyRing) -> bytes | None:
    """Find a data key that was passed on to the key ring's own staff key."""
    present = StaffKey.objects.filter(id=keyring.staff_key_id, retired_at__isnull=True).values("id")
    own = RecordKey.objects.filter(record=record, recipient=RecipientKind.STAFF, recipient_key_id__in=present).first()
    return bytes(own.sealed) if own else None


def _holder(way: _WayIn, keyring: KeyRing) -> CircleSeed:
    return keyring.open_circle(way.circle_key_id, way.version, way.grant, way.suite, way.public_key)


def _key_and_holder(record: SealedRecord, keyring: KeyRing) -> tuple[bytes, records.SeedHolder]:
    """Return the sealed data key and what opens it; raises :class:`NotReadable`, or a ``VaultError`` for a key that is not genuine."""
    if way := _through_circle(record, keyring):
        return way.sealed, _holder(way, keyring)
    if own := _to_person(record, keyring):
        return own, keyring
    raise NotReadable if RecordKey.objects.filter(record=record, recipient=RecipientKind.CIRCLE).exists() else Archived


def open_record(record: SealedRecord, *, keyring: KeyRing) -> dict[str, str]:
    """Return the plain fields of *record*; raises :class:`NotReadable` for every cause of failure alike."""
    stored = SealedField.objects.filter(record=record).values_list("name", "envelope")
    envelopes = cast(dict[str, Envelope], dict(stored))
    try:
        return _open_fields(record, envelopes, *_key_and_holder(record, keyring))
    except VaultError:
        raise NotReadable from None


def _open_fields(
    record: SealedRecord, envelopes: Mapping[str, Envelope], sealed_key: bytes, holder: records.SeedHolder
) -> dict[str, str]:
    spec = SEALED_KINDS[SealedKind(record.kind)]
    return records.open_record(
        record_id=record.id,
        generation=record.generation,
        commitment=bytes(record.commitment),
        envelopes=envelopes,
        names=spec.names,
        schema=spec.schema,
        sealed_key=sealed_key,
        recipient=holder,
    )


def open_readable(batch: Collection[SealedRecord], *, keyring: KeyRing) -> dict[uuid.UUID, dict[str, str]]:
    """Return the plain fields of every record of *batch* that a circle's key opens, by id; what does not open is left out. Two queries."""
    granted = RecordKey.objects.filter(
        record__in=batch,
        circle_key__grants__staff_key_id=keyring.staff_key_id,
        circle_key__grants__staff_key__retired_at__isnull=True,
    )
    ways = {row[0]: _way_in(*row[1:]) for row in granted.order_by("-id").values_list("record_id", *_WAY_IN_COLUMNS)}
    envelopes: dict[uuid.UUID, dict[str, Envelope]] = {record.id: {} for record in batch}
    fields = SealedField.objects.filter(record__in=batch).values_list("record_id", "name", "envelope")
    for record_id, name, envelope in fields:
        envelopes[record_id][name] = cast(Envelope, envelope)
    opened = {}
    for record in batch:
        with suppress(VaultError, KeyError):
            way = ways[record.id]
            opened[record.id] = _open_fields(record, envelopes[record.id], way.sealed, _holder(way, keyring))
    return opened


@dataclass(frozen=True)
class Moved:
    """What one step of a rotation did: keys moved to the new version, and ids of records whose key opened nothing."""

    moved: int
    dropped: list[uuid.UUID]


def move_record_keys(old: CircleKey, new: CircleKey, *, opened: CircleSeed, limit: int) -> Moved:
    """Seal up to *limit* data keys of the version *old* to *new* and delete what they were; all or nothing.

    Both versions stay readable meanwhile: a record has exactly one of the two keys at any moment. Rows that an
    erasure is deleting are left to it. A key that does not open with the genuine seed opens for nobody: it is dropped, and the recovery key
    still reads the record. In no order: sorting would read all that is left for each step.
    """
    rows = RecordKey.objects.filter(circle_key=old).select_for_update(skip_locked=True)
    batch = list(rows.values_list("id", "record_id", "sealed")[:limit])
    record_ids = [record_id for _id, record_id, _sealed in batch]
    generations = dict(SealedRecord.objects.filter(id__in=record_ids).values_list("id", "generation"))
    to, made, dropped = records.Recipient(new.id, new.suite, bytes(new.public_key)), [], []
    for _id, record_id, sealed in batch:
        try:
            passed = records.pass_on(
                bytes(sealed), record_id=record_id, generation=generations[record_id], holder=opened, to=to
            )
        except VaultError:
            dropped.append(record_id)
            continue
        made.append(circle_row(record_id, new.id, passed))
    RecordKey.objects.filter(id__in=[id_ for id_, _record_id, _sealed in batch]).delete()
    RecordKey.objects.bulk_create(made, ignore_conflicts=True)
    return Moved(len(made), dropped)


def archive_records(owner_ids: Iterable[uuid.UUID]) -> int:
    """Delete every key of the owners' records but the recovery keys'; return how many died. Needs no private key."""
    keys = RecordKey.objects.filter(record__owner_id__in=list(owner_ids))
    return keys.exclude(recipient=RecipientKind.RECOVERY).delete()[0]


def destroy_records(owner_ids: Iterable[uuid.UUID]) -> int:
    """Delete keys first, then fields, then records of the owners; return how many records died. Needs no private key."""
    doomed = SealedRecord.objects.filter(owner_id__in=list(owner_ids))
    RecordKey.objects.filter(record__in=doomed).delete()
    SealedField.objects.filter(record__in=doomed).delete()
    return doomed.delete()[1].get("requests_app.SealedRecord", 0)
