"""Seal a secret to the recovery keys: each of them opens alone ("any"), or every single one is needed ("all").

For "all" the secret is split into as many XOR shares as there are keys, each sealed to its own key: all but one of them say nothing at all
about the secret (the missing one is uniformly random), the order of opening does not matter, and no sheet is ever typed in another's
presence. A threshold scheme would say more than is asked. The box of a share binds the policy, the exact set of keys, its place and what it
is for in ``info``; inside, a random number that all shares of one splitting have in common refuses shares of two splittings.
"""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from caseworker.vault.errors import FormatRefused, ShareMissing
from caseworker.vault.formats import ctx
from caseworker.vault.sealing import fingerprint, open_sealed, seal, sealed_size

SPLIT_BYTES = 16
Part = bytes | str | int | UUID


class Policy(StrEnum):
    """How many recovery sheets open a secret."""

    ANY = "any"
    ALL = "all"


class PublicHalf(Protocol):
    """A recovery key's public half."""

    @property
    def key_id(self) -> UUID:
        """Its id."""

    @property
    def suite(self) -> int:
        """Its suite."""

    @property
    def public_key(self) -> bytes:
        """The key itself."""


@dataclass(frozen=True)
class RecoverySet:
    """The keys of one policy, in the order of their fingerprints."""

    policy: Policy
    keys: Sequence[PublicHalf]

    @property
    def ordered(self) -> list[PublicHalf]:
        """Return the keys as their shares are numbered."""
        return sorted(self.keys, key=lambda key: (fingerprint(key.suite, key.public_key), key.key_id))

    @property
    def digest(self) -> bytes:
        """Return SHA-256 over policy and keys: what makes this set this one."""
        parts: list[Part] = [self.policy.value]
        for key in self.ordered:
            parts += [key.key_id, key.suite, key.public_key]
        return hashlib.sha256(ctx("recovery-set", *parts)).digest()


def box_size(of: RecoverySet, suite: int, length: int) -> int:
    """Return how long a box of the set is for a secret of *length* bytes: shares are longer, so a changed policy is seen."""
    return sealed_size(suite, length + (SPLIT_BYTES if of.policy is Policy.ALL else 0))


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))


def _share_info(of: RecoverySet, index: int, key_id: UUID, purpose: str, parts: Sequence[Part]) -> bytes:
    placed = (of.policy.value, len(of.keys), index, of.digest, key_id)
    return ctx("share", *placed, ctx(purpose, *parts))


def seal_to_set(secret: bytes, of: RecoverySet, purpose: str, *parts: Part) -> dict[UUID, bytes]:
    """Return one box per key id. With "any" its ``info`` is ``ctx(purpose, *parts, key id)``, as for every other recipient."""
    if of.policy is Policy.ANY:
        return {
            key.key_id: seal(secret, suite=key.suite, public_key=key.public_key, info=ctx(purpose, *parts, key.key_id))
            for key in of.keys
        }
    split, last, sealed = secrets.token_bytes(SPLIT_BYTES), secret, {}
    for index, key in enumerate(of.ordered):
        is_last = index == len(of.keys) - 1
        share = last if is_last else secrets.token_bytes(len(secret))
        last = last if is_last else _xor(last, share)
        info = _share_info(of, index, key.key_id, purpose, parts)
        sealed[key.key_id] = seal(split + share, suite=key.suite, public_key=key.public_key, info=info)
    return sealed


def open_from_set(
    boxes: Mapping[UUID, bytes], seeds: Mapping[UUID, bytes], of: RecoverySet, purpose: str, *parts: Part
) -> bytes:
    """Return the secret from its *boxes* with the *seeds* of typed sheets.

    Raises ``ShareMissing`` when the policy asks for a sheet that was not typed or a box that is not there, ``OpenFailed`` for a box of
    another place, set or policy, ``FormatRefused`` for shares of two splittings.
    """
    if of.policy is Policy.ANY:
        for key in of.ordered:
            if key.key_id in seeds and key.key_id in boxes:
                info = ctx(purpose, *parts, key.key_id)
                return open_sealed(boxes[key.key_id], seed=seeds[key.key_id], info=info)
        raise ShareMissing
    opened = [_open_share(boxes, seeds, of, index, purpose, parts) for index in range(len(of.keys))]
    splits, lengths = {share[:SPLIT_BYTES] for share in opened}, {len(share) for share in opened}
    if len(splits) != 1 or len(lengths) != 1:
        raise FormatRefused
    secret = bytes(lengths.pop() - SPLIT_BYTES)
    for share in opened:
        secret = _xor(secret, share[SPLIT_BYTES:])
    return secret


def _open_share(
    boxes: Mapping[UUID, bytes],
    seeds: Mapping[UUID, bytes],
    of: RecoverySet,
    index: int,
    purpose: str,
    parts: Sequence[Part],
) -> bytes:
    key_id = of.ordered[index].key_id
    if key_id not in seeds or key_id not in boxes:
        raise ShareMissing
    share = open_sealed(boxes[key_id], seed=seeds[key_id], info=_share_info(of, index, key_id, purpose, parts))
    if len(share) <= SPLIT_BYTES:
        raise FormatRefused
    return share
