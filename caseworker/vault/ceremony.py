"""What goes to the offline laptop and what comes back: canonical JSON, one code to compare aloud, and a proof that the sheets were there.

The server has no private key to sign with. So a bundle carries a challenge, sealed to the recovery keys and derived from a secret of the
server, the request and every byte of the contents; the answer is authenticated under it. A foreign, replayed, altered or cut answer, and
one made without the sheets, does not fit. A forged *bundle* is caught by people: both sides show the same code of it.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from caseworker.vault.errors import FormatRefused
from caseworker.vault.formats import ctx
from caseworker.vault.shares import RecoverySet, seal_to_set

BUNDLE_FORMAT = "casework-recovery-bundle/1"
ANSWER_FORMAT = "casework-recovery-answer/1"
CHALLENGE_BYTES = 32
CODE_CHARACTERS = 12
APART = frozenset({"challenge", "mac"})
"""What is not part of the contents: it depends on them."""


def canonical(contents: Mapping[str, Any]) -> bytes:
    """Return the one spelling of *contents* as JSON, without the parts that are computed from it."""
    kept = {name: value for name, value in contents.items() if name not in APART}
    return json.dumps(kept, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode("ascii")


def digest_of(contents: Mapping[str, Any]) -> bytes:
    """Return SHA-256 of the contents."""
    return hashlib.sha256(canonical(contents)).digest()


def code_of(digest: bytes) -> str:
    """Return a digest as twelve characters in threes, to be compared aloud (60 bits)."""
    letters = base64.b32encode(digest).decode("ascii")[:CODE_CHARACTERS]
    return "-".join(letters[n : n + 3] for n in range(0, CODE_CHARACTERS, 3))


def challenge_for(secret: bytes, request_id: UUID, digest: bytes) -> bytes:
    """Derive (HKDF, RFC 5869) the challenge of a request from a *secret* that is in no database, and from what was exported."""
    info = ctx("recovery-challenge-key", request_id, digest)
    return HKDF(hashes.SHA256(), CHALLENGE_BYTES, salt=None, info=info).derive(secret)


def seal_challenge(challenge: bytes, of: RecoverySet, request_id: UUID, digest: bytes) -> dict[UUID, bytes]:
    """Seal the challenge to the recovery keys under their policy."""
    return seal_to_set(challenge, of, "recovery-challenge", request_id, digest)


def answer_mac(challenge: bytes, answer: Mapping[str, Any]) -> str:
    """Return HMAC-SHA256 (hex) of an answer under the challenge of its bundle."""
    return hmac.new(challenge, ctx("recovery-answer", canonical(answer)), hashlib.sha256).hexdigest()


def drill_code(challenge: bytes, key_id: UUID) -> str:
    """Return the code that proves in a drill that the sheet of this key opened the challenge (60 bits)."""
    return code_of(hmac.new(challenge, ctx("recovery-drill", key_id), hashlib.sha256).digest())


def encoded(raw: bytes) -> str:
    """Return bytes as text for JSON."""
    return base64.b64encode(raw).decode("ascii")


def decoded(text: object) -> bytes:
    """Return the bytes; raises ``FormatRefused`` for anything else."""
    if not isinstance(text, str):
        raise FormatRefused
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        raise FormatRefused from None


def read_answer(raw: bytes) -> dict[str, Any]:
    """Return an answer file as a mapping; raises ``FormatRefused`` when it is cut, damaged or something else."""
    try:
        answer = json.loads(raw)
    except (ValueError, RecursionError):
        raise FormatRefused from None
    if not isinstance(answer, dict) or answer.get("format") != ANSWER_FORMAT:
        raise FormatRefused
    return answer
