"""Open the keys of backup files: with recovery sheets typed at a terminal, or with a one-time key file that was made off-line."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from uuid import UUID

from caseworker.backups.folder import Stored
from caseworker.backups.problems import BackupRefused, Problem
from caseworker.backups.reading import Opened
from caseworker.vault.containers import KEY_PURPOSE, Header
from caseworker.vault.errors import VaultError
from caseworker.vault.recovery import GROUPS, parse_sheet, sheet_fingerprint, wrong_groups
from caseworker.vault.sealing import KeyPair, fingerprint, known_suite
from caseworker.vault.shares import Policy, PublicHalf, RecoverySet, open_from_set

TRIES = 3
KEY_LINE = re.compile(r"casework-backup-key 1 ([0-9a-f-]{36}) ([123]) ([0-9a-f]{64})")
Ask = Callable[[str], str]
Say = Callable[[str], None]


def sheets_of(header: Header) -> RecoverySet:
    """Return the recovery keys and their policy as the header names them."""
    return RecoverySet(Policy(header.policy), header.locks)


def _typed_sheet(ask: Ask, say: Say, wanted: Mapping[str, int]) -> KeyPair:
    """Return the pair of one of the sheets that are *wanted* (fingerprint and suite); raises ``BackupRefused`` after three tries."""
    say(f"Fingerprint on the recovery sheet: {' or '.join(wanted)}")
    for _ in range(TRIES):
        typed = ask(f"Type the {GROUPS} groups of the recovery sheet: ")
        if wrong := wrong_groups(typed):
            say(f"Look at these groups again: {', '.join(map(str, wrong))}")
            continue
        for suite in sorted(set(wanted.values())):
            try:
                pair = parse_sheet(typed, suite=known_suite(suite))
            except VaultError:
                continue
            if sheet_fingerprint(pair) in wanted:
                return pair
        say("That is not a sheet that opens these files.")
    raise BackupRefused(Problem.SHEET_REFUSED)


def ask_sheets(stored: Sequence[Stored], *, ask: Ask, say: Say) -> list[KeyPair]:
    """Ask for the recovery sheets that open the files: one, or every single one, as their policy says.

    Raises ``BackupRefused`` when the files are not sealed to the same sheets, or when a sheet is not typed as it is printed.
    """
    sets = [sheets_of(one.header) for one in stored]
    if len({one.digest for one in sets}) != 1:
        raise BackupRefused(Problem.NOT_TOGETHER)
    left = {fingerprint(key.suite, key.public_key): key.suite for key in sets[0].ordered}
    pairs: list[KeyPair] = []
    for _ in range(len(left) if sets[0].policy is Policy.ALL else 1):
        pairs.append(_typed_sheet(ask, say, left))
        del left[sheet_fingerprint(pairs[-1])]
    return pairs


def seeds_of(keys: Iterable[PublicHalf], sheets: Sequence[KeyPair]) -> dict[UUID, bytes]:
    """Return the seeds of those *keys* whose sheet was typed, by key id."""
    by_key = {(int(pair.suite), pair.public_key): pair.seed for pair in sheets}
    found = {key.key_id: by_key.get((key.suite, bytes(key.public_key))) for key in keys}
    return {key_id: seed for key_id, seed in found.items() if seed is not None}


def open_key(header: Header, sheets: Sequence[KeyPair]) -> bytes:
    """Return the key of a stream; raises ``BackupRefused`` when the sheets do not open it."""
    boxes = {lock.key_id: lock.box for lock in header.locks}
    try:
        return open_from_set(boxes, seeds_of(header.locks, sheets), sheets_of(header), KEY_PURPOSE, *header.place)
    except VaultError:
        raise BackupRefused(Problem.NOT_OPENED) from None


def open_with_sheets(stored: Stored, sheets: Sequence[KeyPair]) -> Opened:
    """Open one file with typed sheets."""
    return Opened(stored.path, stored.header, open_key(stored.header, sheets))


def read_key_file(path: Path) -> dict[tuple[UUID, int], bytes]:
    """Return the keys in a one-time key file: a line ``casework-backup-key 1 <backup id> <stream> <64 hex digits>`` per stream."""
    try:
        lines = path.read_text(encoding="ascii").split("\n")
    except (OSError, UnicodeDecodeError):
        raise BackupRefused(Problem.NOT_READ) from None
    matches = [KEY_LINE.fullmatch(line.strip()) for line in lines if line.strip()]
    if not all(matches):
        raise BackupRefused(Problem.NOT_A_BACKUP)
    return {(UUID(one[1]), int(one[2])): bytes.fromhex(one[3]) for one in matches if one}


def open_with_key_file(stored: Stored, keys: dict[tuple[UUID, int], bytes]) -> Opened:
    """Open one file with the keys of a key file; raises ``BackupRefused`` when its key is not there."""
    key = keys.get(stored.header.place)
    if key is None:
        raise BackupRefused(Problem.NOT_OPENED)
    return Opened(stored.path, stored.header, key)
