"""The policies of the recovery sheets: any one, or every one; shares of other policies, sets, places or splittings never mix."""

import secrets
from uuid import UUID

import pytest

from caseworker.vault import sealing, shares
from caseworker.vault.ceremony import (
    answer_mac,
    canonical,
    challenge_for,
    code_of,
    decoded,
    digest_of,
    drill_code,
    encoded,
    read_answer,
    seal_challenge,
)
from caseworker.vault.errors import FormatRefused, OpenFailed, ShareMissing, VaultError
from caseworker.vault.formats import ctx
from caseworker.vault.records import Recipient
from caseworker.vault.sealing import KeyPair, Suite, public_key_from_seed
from caseworker.vault.shares import Policy, RecoverySet, open_from_set, seal_to_set

SECRET = bytes(range(32))
RECORD = UUID(bytes=bytes(range(16)))
PAIRS = {
    UUID(int=n): KeyPair(Suite.XWING, bytes([n]) * 32, public_key_from_seed(Suite.XWING, bytes([n]) * 32))
    for n in range(1, 5)
}


def a_set(policy: Policy, *numbers: int) -> RecoverySet:
    """Return a set of the fixed keys with these numbers."""
    ids = [UUID(int=n) for n in numbers]
    return RecoverySet(policy, [Recipient(one, Suite.XWING, PAIRS[one].public_key) for one in ids])


def seeds(*numbers: int) -> dict[UUID, bytes]:
    return {UUID(int=n): PAIRS[UUID(int=n)].seed for n in numbers}


ANY, ALL = a_set(Policy.ANY, 1, 2), a_set(Policy.ALL, 1, 2, 3)


def test_any_one_sheet_opens() -> None:
    boxes = seal_to_set(SECRET, ANY, "dek", RECORD, 1)
    for one in (1, 2):
        assert open_from_set(boxes, seeds(one), ANY, "dek", RECORD, 1) == SECRET
        info = ctx("dek", RECORD, 1, UUID(int=one))
        assert sealing.open_sealed(boxes[UUID(int=one)], seed=PAIRS[UUID(int=one)].seed, info=info) == SECRET
    for held in (seeds(), seeds(3)):
        with pytest.raises(ShareMissing):
            open_from_set(boxes, held, ANY, "dek", RECORD, 1)


def test_all_sheets_open_and_fewer_say_nothing() -> None:
    boxes = seal_to_set(SECRET, ALL, "dek", RECORD, 1)
    assert open_from_set(boxes, seeds(1, 2, 3), ALL, "dek", RECORD, 1) == SECRET
    for held in (seeds(1, 2), seeds(2, 3), seeds(1), seeds()):
        with pytest.raises(ShareMissing):
            open_from_set(boxes, held, ALL, "dek", RECORD, 1)
    del boxes[UUID(int=2)]
    with pytest.raises(ShareMissing):
        open_from_set(boxes, seeds(1, 2, 3), ALL, "dek", RECORD, 1)


def test_one_sheet_of_one_is_still_a_share() -> None:
    alone = a_set(Policy.ALL, 1)
    assert open_from_set(seal_to_set(SECRET, alone, "x"), seeds(1), alone, "x") == SECRET
    with pytest.raises(OpenFailed):
        open_from_set(seal_to_set(SECRET, alone, "x"), seeds(1), a_set(Policy.ANY, 1), "x")


def test_shares_are_random_and_cancel_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pin the scheme: split number, then random shares, then the one that makes the sum; numbered by fingerprint."""
    drawn = iter([b"s" * 16, b"\x11" * 32, b"\x22" * 32])
    monkeypatch.setattr(shares.secrets, "token_bytes", lambda _size: next(drawn))
    boxes = seal_to_set(SECRET, ALL, "dek", RECORD, 1)
    opened = []
    for index, key in enumerate(ALL.ordered):
        info = ctx("share", "all", 3, index, ALL.digest, key.key_id, ctx("dek", RECORD, 1))
        opened.append(sealing.open_sealed(boxes[key.key_id], seed=PAIRS[key.key_id].seed, info=info))
    assert opened[:2] == [b"s" * 16 + b"\x11" * 32, b"s" * 16 + b"\x22" * 32]
    assert opened[2] == b"s" * 16 + bytes(b ^ 0x33 for b in SECRET)


def test_known_answers() -> None:
    assert ANY.digest.hex()[:16] == "d1529927960c83e5"
    assert ALL.digest.hex()[:16] == "7d036ba41a5d6ef9"
    assert [key.key_id.int for key in ALL.ordered] == [2, 3, 1]
    assert code_of(bytes(32)) == "AAA-AAA-AAA-AAA"
    digest = digest_of({"b": 1, "a": "é", "mac": "apart", "challenge": {}})
    assert canonical({"b": 1, "a": "é", "mac": 2}) == b'{"a":"\\u00e9","b":1}'
    challenge = challenge_for(b"secret of the server", RECORD, digest)
    assert challenge.hex()[:16] == "793a5ffa771456ae"
    assert answer_mac(challenge, {"kind": "x", "mac": "apart"})[:16] == "4f46683ecc008cbf"
    assert drill_code(challenge, UUID(int=1)) == "JKA-F5L-TV3-QPP"


OTHER_PLACES = {
    "another record": lambda boxes: open_from_set(boxes, seeds(1, 2, 3), ALL, "dek", UUID(int=9), 1),
    "another generation": lambda boxes: open_from_set(boxes, seeds(1, 2, 3), ALL, "dek", RECORD, 2),
    "another purpose": lambda boxes: open_from_set(boxes, seeds(1, 2, 3), ALL, "backup", RECORD, 1),
    "policy any": lambda boxes: open_from_set(boxes, seeds(1, 2, 3), a_set(Policy.ANY, 1, 2, 3), "dek", RECORD, 1),
    "a smaller set": lambda boxes: open_from_set(boxes, seeds(1, 2), a_set(Policy.ALL, 1, 2), "dek", RECORD, 1),
    "a larger set": lambda boxes: open_from_set(
        boxes | {UUID(int=4): b""}, seeds(1, 2, 3, 4), a_set(Policy.ALL, 1, 2, 3, 4), "dek", RECORD, 1
    ),
    "two shares swapped": lambda boxes: open_from_set(
        boxes | {UUID(int=1): boxes[UUID(int=2)], UUID(int=2): boxes[UUID(int=1)]},
        seeds(1, 2, 3),
        ALL,
        "dek",
        RECORD,
        1,
    ),
    "a share of another splitting": lambda boxes: open_from_set(
        boxes | {UUID(int=1): seal_to_set(SECRET, ALL, "dek", RECORD, 1)[UUID(int=1)]},
        seeds(1, 2, 3),
        ALL,
        "dek",
        RECORD,
        1,
    ),
    "a box of policy any": lambda boxes: open_from_set(
        boxes | seal_to_set(SECRET, ANY, "dek", RECORD, 1), seeds(1, 2, 3), ALL, "dek", RECORD, 1
    ),
}


@pytest.mark.parametrize("place", OTHER_PLACES)
def test_shares_open_nowhere_else(place: str) -> None:
    boxes = seal_to_set(SECRET, ALL, "dek", RECORD, 1)
    with pytest.raises(VaultError):
        OTHER_PLACES[place](boxes)


def test_any_boxes_open_nowhere_else() -> None:
    boxes = seal_to_set(SECRET, ANY, "dek", RECORD, 1)
    for parts in ((UUID(int=9), 1), (RECORD, 2)):
        with pytest.raises(OpenFailed):
            open_from_set(boxes, seeds(1), ANY, "dek", *parts)
    with pytest.raises(OpenFailed):
        open_from_set({UUID(int=1): boxes[UUID(int=2)]}, seeds(1), ANY, "dek", RECORD, 1)


def test_a_share_without_a_number_is_refused() -> None:
    alone = a_set(Policy.ALL, 1)
    info = ctx("share", "all", 1, 0, alone.digest, UUID(int=1), ctx("x"))
    short = sealing.seal(b"s" * 16, suite=2, public_key=PAIRS[UUID(int=1)].public_key, info=info)
    with pytest.raises(FormatRefused):
        open_from_set({UUID(int=1): short}, seeds(1), alone, "x")


def test_a_challenge_is_bound_to_request_and_contents() -> None:
    challenge = secrets.token_bytes(32)
    boxes = seal_challenge(challenge, ANY, RECORD, b"d" * 32)
    assert open_from_set(boxes, seeds(1), ANY, "recovery-challenge", RECORD, b"d" * 32) == challenge
    for parts in ((UUID(int=9), b"d" * 32), (RECORD, b"e" * 32)):
        with pytest.raises(OpenFailed):
            open_from_set(boxes, seeds(1), ANY, "recovery-challenge", *parts)
    derived = {challenge_for(b"k", RECORD, b"d"), challenge_for(b"k", RECORD, b"e"), challenge_for(b"l", RECORD, b"d")}
    assert len(derived | {challenge_for(b"k", UUID(int=9), b"d")}) == 4


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"[]", b"{}", b'{"format": "casework-recovery-answer/2"}', b"\xff", b"[" * 20000]
)
def test_what_is_no_answer_is_refused(raw: bytes) -> None:
    with pytest.raises(FormatRefused):
        read_answer(raw)


def test_an_answer_is_read() -> None:
    assert read_answer(b'{"format": "casework-recovery-answer/1"}') == {"format": "casework-recovery-answer/1"}
    assert decoded(encoded(b"abc")) == b"abc"
    for wrong in ("a", "a*==", None, 7, "é"):
        with pytest.raises(FormatRefused):
            decoded(wrong)
