"""The contents of a recovery bundle, computed anew from the tables: at export, and again at import, where they must be the same.

Public keys, ids and sealed values only; no alias, no reference, no name of a circle.
"""

import hashlib
import json
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from caseworker.actions.circle_keys import USABLE
from caseworker.enums import CircleKeyState, RecoveryKind
from caseworker.exceptions import PolicyRefused
from caseworker.key_proofs import is_genuine
from caseworker.models.keys import CircleKey
from caseworker.models.recovery import RecoveryRequest
from caseworker.offline import caseworker_recover
from caseworker.recovery_keys import old_recovery_set, recovery_set
from caseworker.vault.ceremony import (
    BUNDLE_FORMAT,
    answer_mac,
    challenge_for,
    code_of,
    digest_of,
    encoded,
    seal_challenge,
)
from caseworker.vault.shares import Policy, RecoverySet
from requests_app.sealed_recovery import escrow_boxes, record_parts

Contents = dict[str, Any]
Found = tuple[RecoverySet, Contents]
TOOL = Path(caseworker_recover.__file__)


class NotRecoverable(PolicyRefused):
    """What was asked for lies under no single set of recovery sheets."""

    message = _(
        "This cannot be exported: not everything of it is sealed to the recovery sheets, or its key was replaced meanwhile."
    )


def _key(key_id: uuid.UUID, suite: int, public_key: bytes) -> Contents:
    return {"id": str(key_id), "suite": suite, "public_key": encoded(public_key)}


def _sheets(of: RecoverySet) -> Contents:
    return {
        "policy": of.policy.value,
        "keys": [_key(key.key_id, key.suite, key.public_key) for key in of.ordered],
    }


def _sets() -> list[RecoverySet]:
    """Return the present set and the one being replaced."""
    old = old_recovery_set()
    return [recovery_set(), *([old] if old else [])]


def _covering(of: RecoverySet, boxes: Iterable[Mapping[str, str]]) -> RecoverySet | None:
    """Return the part of the set that opens all of the boxes: every key of an "all" set, any common keys of an "any" set."""
    everywhere = [key for key in of.keys if all(str(key.key_id) in found for found in boxes)]
    enough = len(everywhere) == len(of.keys) if of.policy is Policy.ALL else bool(everywhere)
    return RecoverySet(of.policy, everywhere) if enough else None


def _circle(key: CircleKey, of: RecoverySet) -> Contents:
    escrows = {"escrows": escrow_boxes(key, of), "version": key.version}
    return _key(key.id, key.suite, bytes(key.public_key)) | escrows


def _items(request: RecoveryRequest) -> list[uuid.UUID]:
    return sorted(request.items.values_list("object_id", flat=True))


def _circles(request: RecoveryRequest) -> Found:
    ids, person = _items(request), request.staff_key
    keys = list(CircleKey.objects.filter(id__in=ids, state__in=USABLE).order_by("id"))
    if person is None or person.retired_at is not None or len(keys) != len(ids):
        raise NotRecoverable
    for of in _sets():
        parts = [_circle(key, of) for key in keys]
        if used := _covering(of, [part["escrows"] for part in parts]):
            named = _key(person.id, person.suite, bytes(person.public_key))
            return used, {"person": named, "circles": parts}
    raise NotRecoverable


def _records(request: RecoveryRequest) -> Found:
    ids, circle = _items(request), request.circle_key
    if circle is None or circle.state != CircleKeyState.ACTIVE or not is_genuine(circle):
        raise NotRecoverable
    for of in _sets():
        parts, target = record_parts(ids, of, with_fields=True), _circle(circle, of)
        used = _covering(of, [target["escrows"], *(part["keys"] for part in parts)])
        if used and len(parts) == len(ids):
            return used, {"circle": target, "records": parts}
    raise NotRecoverable


def _reseal(request: RecoveryRequest) -> Found:
    ids, old = _items(request), old_recovery_set()
    if old is None:
        raise NotRecoverable
    parts = record_parts(ids, old, with_fields=False)
    used = _covering(old, [part["keys"] for part in parts])
    if used is None or len(parts) != len(ids):
        raise NotRecoverable
    return used, {"target": _sheets(recovery_set()), "records": parts}


def _drill(request: RecoveryRequest) -> Found:
    return recovery_set(), {}


PARTS: Mapping[RecoveryKind, Callable[[RecoveryRequest], Found]] = MappingProxyType(
    {
        RecoveryKind.CIRCLES: _circles,
        RecoveryKind.RECORDS: _records,
        RecoveryKind.RESEAL: _reseal,
        RecoveryKind.DRILL: _drill,
    }
)


@dataclass(frozen=True)
class Bundle:
    """What a request exports, with its challenge; shown as nothing."""

    request_id: uuid.UUID
    contents: Contents
    recovery: RecoverySet

    @property
    def digest(self) -> bytes:
        """Return SHA-256 of the contents."""
        return digest_of(self.contents)

    @property
    def challenge(self) -> bytes:
        """Return the challenge; it is in no table."""
        return challenge_for(settings.SECRET_KEY.encode(), self.request_id, self.digest)

    def file(self) -> bytes:
        """Return the bytes to be carried to the laptop."""
        sealed = seal_challenge(self.challenge, self.recovery, self.request_id, self.digest)
        boxes = {str(key_id): encoded(box) for key_id, box in sealed.items()}
        return json.dumps(self.contents | {"challenge": boxes}, sort_keys=True).encode("ascii")

    def mac_of(self, answer: Mapping[str, Any]) -> str:
        """Return the proof that an answer to this bundle must carry."""
        return answer_mac(self.challenge, answer)

    def __repr__(self) -> str:
        """Show nothing."""
        return "<Bundle>"


def bundle_of(request: RecoveryRequest) -> Bundle:
    """Return what the request exports now; raises :class:`NotRecoverable`."""
    kind = RecoveryKind(request.kind)
    head = {"format": BUNDLE_FORMAT, "kind": kind.value, "request": str(request.id), "made_on": str(request.made_on)}
    used, parts = PARTS[kind](request)
    return Bundle(request.id, head | {"recovery": _sheets(used)} | parts, used)


def bundle_code(request: RecoveryRequest) -> str:
    """Return the code of an exported bundle, to be compared with the tool's."""
    return code_of(bytes.fromhex(request.digest))


def tool_file() -> bytes:
    """Return the offline tool, as it stands in this release."""
    return TOOL.read_bytes()


def tool_digest() -> str:
    """Return SHA-256 (hex) of the offline tool."""
    return hashlib.sha256(tool_file()).hexdigest()
