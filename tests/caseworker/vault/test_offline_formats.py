"""The offline tool's copies of the formats equal the server's, byte for byte, both ways."""

from uuid import UUID

import pytest

from caseworker.offline import caseworker_recover as tool
from caseworker.vault import ceremony, recovery, sealing, vouching
from caseworker.vault.formats import ctx
from caseworker.vault.records import Recipient
from caseworker.vault.sealing import KeyPair, Suite, public_key_from_seed
from caseworker.vault.shares import Policy, RecoverySet, open_from_set, seal_to_set

RECORD = UUID(bytes=bytes(range(16)))
SEED = bytes(range(32))
PAIRS = {
    UUID(int=n): KeyPair(Suite.XWING, bytes([n]) * 32, public_key_from_seed(Suite.XWING, bytes([n]) * 32))
    for n in range(1, 4)
}
SEEDS = {key_id: pair.seed for key_id, pair in PAIRS.items()}


def server_set(policy: str) -> RecoverySet:
    return RecoverySet(Policy(policy), [Recipient(one, pair.suite, pair.public_key) for one, pair in PAIRS.items()])


def laptop_set(policy: str) -> tool.Sheets:
    keys = [{"id": str(one), "suite": 2, "public_key": tool.encoded(pair.public_key)} for one, pair in PAIRS.items()]
    return tool.sheets_in({"policy": policy, "keys": keys})


@pytest.mark.parametrize(
    "parts", [("dek", RECORD, 1), ("field", RECORD, "имя", 1, 2), ("x",), ("share", b"", b"\0" * 70000, 2**40)]
)
def test_contexts(parts: tuple[str, ...]) -> None:
    assert tool.ctx(*parts) == ctx(*parts)


@pytest.mark.parametrize("suite", [1, 2])
def test_keys_and_boxes(suite: int) -> None:
    public = sealing.public_key_from_seed(Suite(suite), SEED)
    assert tool.public_of(suite, SEED) == public
    assert tool.fingerprint(suite, public) == sealing.fingerprint(suite, public)
    assert tool.open_box(sealing.seal(b"a", suite=suite, public_key=public, info=b"i"), SEED, b"i") == b"a"
    assert sealing.open_sealed(tool.seal(b"b", suite, public, b"i"), seed=SEED, info=b"i") == b"b"
    box = tool.seal(b"b", suite, public, b"i")
    for wrong in (b"", b"\x02" + box[1:], box[:1] + b"\x09" + box[2:], box[:-1], box[:30]):
        with pytest.raises(tool.Stop):
            tool.open_box(wrong, SEED, b"i")
    with pytest.raises(tool.Stop):
        tool.open_box(box, SEED, b"j")


@pytest.mark.parametrize("policy", ["any", "all"])
def test_sets_and_shares(policy: str) -> None:
    here, there = server_set(policy), laptop_set(policy)
    assert there.digest == here.digest
    assert [key.id for key in there.keys] == [key.key_id for key in here.ordered]
    boxes = {str(one): tool.encoded(box) for one, box in seal_to_set(SEED, here, "dek", RECORD, 1).items()}
    assert there.open(boxes, SEEDS, "dek", RECORD, 1) == SEED
    back = {UUID(one): ceremony.decoded(box) for one, box in there.seal(SEED, "dek", RECORD, 1).items()}
    assert open_from_set(back, SEEDS, here, "dek", RECORD, 1) == SEED
    with pytest.raises(tool.Stop):
        there.open(boxes, SEEDS, "dek", RECORD, 2)
    with pytest.raises(tool.Stop):
        there.open({}, SEEDS, "dek", RECORD, 1)


def test_shares_of_two_splittings_are_refused_there_too() -> None:
    there = laptop_set("all")
    one, two = there.seal(SEED, "dek", RECORD, 1), there.seal(SEED, "dek", RECORD, 1)
    first = next(iter(one))
    with pytest.raises(tool.Stop, match="do not belong together"):
        there.open(one | {first: two[first]}, SEEDS, "dek", RECORD, 1)


def test_vouches_files_and_codes() -> None:
    public = PAIRS[UUID(int=1)].public_key
    here, there = Recipient(RECORD, 2, public), tool.Key(RECORD, 2, public)
    assert tool.vouch(SEED, RECORD, 3, there) == vouching.vouch(SEED, RECORD, 3, here)
    contents = {"b": 1, "a": "é", "challenge": {"x": 1}, "mac": "y"}
    assert tool.canonical(contents) == ceremony.canonical(contents)
    assert tool.code_of(SEED) == ceremony.code_of(SEED)
    assert (tool.BUNDLE, tool.ANSWER) == (ceremony.BUNDLE_FORMAT, ceremony.ANSWER_FORMAT)


def test_sheets() -> None:
    pair = PAIRS[UUID(int=1)]
    groups = recovery.sheet_groups(pair)
    assert tool.sheet_of(pair.seed) == groups
    assert tool.seed_of(groups) == pair.seed
    assert tool.letters_of(" ab-cd 0 1 8 ") == "ABCDOIB"
    assert recovery.parse_sheet(" ".join(tool.sheet_of(SEED))).seed == SEED
