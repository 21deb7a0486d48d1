"""The recovery key on paper: printed in groups with a check character each, typed back, used off-line.

The sheet shows the 32-byte seed as 52 characters of base32 (RFC 4648) in 13 groups of four; each group is followed by a check
character over the group and its place, so that a slip is found where it was made.
"""

import base64
import hashlib
from dataclasses import dataclass
from uuid import UUID

from caseworker.vault.errors import SheetRefused
from caseworker.vault.sealing import DEFAULT_SUITE, KeyPair, PrivateHalf, Suite, fingerprint, public_key_from_seed

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
GROUP = 4
CODE_CHARACTERS = 52
GROUPS = CODE_CHARACTERS // GROUP
CONFUSED = str.maketrans({"0": "O", "1": "I", "8": "B"})


@dataclass(frozen=True)
class RecoverySeed:
    """An opened recovery key."""

    key_id: UUID
    seed: bytes
    half: PrivateHalf | None = None

    def __repr__(self) -> str:
        """Show nothing."""
        return "<RecoverySeed>"


def _check_character(place: int, group: str) -> str:
    digest = hashlib.sha256(bytes((place,)) + group.encode("ascii")).digest()
    return ALPHABET[digest[0] % len(ALPHABET)]


def sheet_groups(pair: KeyPair) -> list[str]:
    """Return the 13 groups of five characters that are printed."""
    code = base64.b32encode(pair.seed).decode("ascii").rstrip("=")
    parts = [code[n : n + GROUP] for n in range(0, CODE_CHARACTERS, GROUP)]
    return [part + _check_character(place, part) for place, part in enumerate(parts)]


def wrong_groups(typed: str) -> list[int]:
    """Return the places (from 1) of typed groups whose check character is wrong, so that they can be typed again."""
    groups = _typed_groups(typed)
    return [n for n, group in enumerate(groups, 1) if group[GROUP:] != _check_character(n - 1, group[:GROUP])]


def _typed_groups(typed: str) -> list[str]:
    letters = "".join(c for c in typed.upper().translate(CONFUSED) if c in ALPHABET)
    width = GROUP + 1
    return [letters[n : n + width] for n in range(0, len(letters), width)]


def parse_sheet(typed: str, *, suite: Suite = DEFAULT_SUITE) -> KeyPair:
    """Return the key pair on a typed sheet; case, spaces and dashes do not matter. Raises ``SheetRefused`` otherwise."""
    groups = _typed_groups(typed)
    if len(groups) != GROUPS or wrong_groups(typed):
        raise SheetRefused
    code = "".join(group[:GROUP] for group in groups)
    seed = base64.b32decode(code + "====")
    if base64.b32encode(seed).decode("ascii").rstrip("=") != code:
        raise SheetRefused
    return KeyPair(suite, seed, public_key_from_seed(suite, seed))


def sheet_fingerprint(pair: KeyPair) -> str:
    """Return the fingerprint printed on the sheet and pinned in the settings."""
    return fingerprint(pair.suite, pair.public_key)
