"""A sealed record: all fields of its kind under one data key, the data key sealed to each recipient."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from caseworker.vault.envelope import (
    Envelope,
    Place,
    SplitKey,
    check_commitment,
    new_data_key,
    open_field,
    seal_field,
    split_data_key,
)
from caseworker.vault.errors import FormatRefused
from caseworker.vault.formats import ctx
from caseworker.vault.sealing import PrivateHalf, open_sealed, seal
from caseworker.vault.shares import RecoverySet, seal_to_set


@dataclass(frozen=True)
class Recipient:
    """A public key that a record is sealed to, and its id, which is bound into the box."""

    key_id: UUID
    suite: int
    public_key: bytes


class SeedHolder(Protocol):
    """An opened private key: a circle's seed, a person's, or the recovery key's."""

    @property
    def key_id(self) -> UUID:
        """The id the record keys name."""

    @property
    def seed(self) -> bytes:
        """The 32-byte seed."""

    @property
    def half(self) -> PrivateHalf | None:
        """The expanded private key, where it was expanded before."""


@dataclass(frozen=True)
class SealedParts:
    """What has to be stored: the commitment, an envelope per field, the sealed data key per recipient key id."""

    commitment: bytes
    envelopes: Mapping[str, Envelope]
    record_keys: Mapping[UUID, bytes]


def data_key_info(record_id: UUID, generation: int, recipient_key_id: UUID) -> bytes:
    """Return the HPKE ``info`` that binds a sealed data key to its record, generation and recipient."""
    return ctx("dek", record_id, generation, recipient_key_id)


def seal_record(
    *,
    record_id: UUID,
    generation: int,
    fields: Mapping[str, str],
    names: Sequence[str],
    schema: int,
    recipients: Iterable[Recipient],
    recovery: RecoverySet | None = None,
) -> SealedParts:
    """Seal every name of the kind (absent ones empty) under a fresh data key, and that key to each recipient and to recovery."""
    data_key = new_data_key()
    split = split_data_key(data_key, record_id=record_id, generation=generation)
    cipher, place = AESGCM(split.encryption), Place(record_id, generation, schema)
    envelopes = {name: seal_field(fields.get(name, ""), cipher=cipher, place=place, name=name) for name in names}
    record_keys = {
        to.key_id: seal(
            data_key, suite=to.suite, public_key=to.public_key, info=data_key_info(record_id, generation, to.key_id)
        )
        for to in recipients
    }
    if recovery is not None:
        record_keys |= seal_to_set(data_key, recovery, "dek", record_id, generation)
    return SealedParts(split.commitment, envelopes, record_keys)


def open_data_key(
    *, record_id: UUID, generation: int, commitment: bytes, sealed_key: bytes, recipient: SeedHolder
) -> SplitKey:
    """Open the sealed data key and compare its commitment before anything is decrypted with it."""
    info = data_key_info(record_id, generation, recipient.key_id)
    split = split_data_key(
        open_sealed(sealed_key, seed=recipient.seed, info=info, half=recipient.half),
        record_id=record_id,
        generation=generation,
    )
    check_commitment(split, commitment)
    return split


def pass_on(sealed_key: bytes, *, record_id: UUID, generation: int, holder: SeedHolder, to: Recipient) -> bytes:
    """Open a sealed data key and seal it to another recipient; the record and its fields stay as they are."""
    info = data_key_info(record_id, generation, holder.key_id)
    data_key = open_sealed(sealed_key, seed=holder.seed, info=info, half=holder.half)
    return seal(
        data_key, suite=to.suite, public_key=to.public_key, info=data_key_info(record_id, generation, to.key_id)
    )


def pass_to_recovery(
    sealed_key: bytes, *, record_id: UUID, generation: int, commitment: bytes, holder: SeedHolder, to: RecoverySet
) -> dict[UUID, bytes]:
    """Open a sealed data key, compare its commitment, and seal it to the recovery keys under their policy."""
    data_key = open_sealed(
        sealed_key,
        seed=holder.seed,
        info=data_key_info(record_id, generation, holder.key_id),
        half=holder.half,
    )
    check_commitment(split_data_key(data_key, record_id=record_id, generation=generation), commitment)
    return seal_to_set(data_key, to, "dek", record_id, generation)


def _open_fields(
    split: SplitKey, place: Place, envelopes: Mapping[str, Envelope], names: Sequence[str]
) -> dict[str, str]:
    cipher = AESGCM(split.encryption)
    return {name: open_field(envelopes[name], cipher=cipher, place=place, name=name) for name in names}


def open_record(
    *,
    record_id: UUID,
    generation: int,
    commitment: bytes,
    envelopes: Mapping[str, Envelope],
    names: Sequence[str],
    schema: int,
    sealed_key: bytes,
    recipient: SeedHolder,
) -> dict[str, str]:
    """Return all fields; a missing or an extra field refuses the whole record."""
    if set(envelopes) != set(names):
        raise FormatRefused
    split = open_data_key(
        record_id=record_id, generation=generation, commitment=commitment, sealed_key=sealed_key, recipient=recipient
    )
    return _open_fields(split, Place(record_id, generation, schema), envelopes, names)


def open_recovered(
    data_key: bytes, *, place: Place, commitment: bytes, envelopes: Mapping[str, Envelope], names: Sequence[str]
) -> dict[str, str]:
    """Return all fields under a data key that recovery sheets opened, after comparing its commitment."""
    split = split_data_key(data_key, record_id=place.record_id, generation=place.generation)
    check_commitment(split, commitment)
    return _open_fields(split, place, envelopes, names)
