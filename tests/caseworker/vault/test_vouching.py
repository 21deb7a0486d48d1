"""A vouch holds for one key in one version of one circle, and only a holder of the seed can make it."""

import uuid

import pytest

from caseworker.vault.errors import KeySubstituted, OpenFailed
from caseworker.vault.keyring import CircleSeed
from caseworker.vault.records import Recipient, pass_on, seal_record
from caseworker.vault.sealing import generate_key_pair
from caseworker.vault.vouching import check_vouch, vouch

CIRCLE, STAFF = uuid.UUID(int=1), uuid.UUID(int=2)
SEED = bytes(range(32))
MEMBER = Recipient(STAFF, 1, b"p" * 32)


def test_known_answer() -> None:
    assert vouch(SEED, CIRCLE, 1, MEMBER).hex() == "e417ebf2b0cf663935943f2e7a85682fae30632bcf4ddcb7f463223f831031b1"


@pytest.mark.parametrize(
    ("seed", "circle", "version", "member"),
    [
        (bytes(32), CIRCLE, 1, MEMBER),
        (SEED, STAFF, 1, MEMBER),
        (SEED, CIRCLE, 2, MEMBER),
        (SEED, CIRCLE, 1, Recipient(CIRCLE, 1, b"p" * 32)),
        (SEED, CIRCLE, 1, Recipient(STAFF, 2, b"p" * 32)),
        (SEED, CIRCLE, 1, Recipient(STAFF, 1, b"q" * 32)),
    ],
)
def test_anything_else_is_refused(seed: bytes, circle: uuid.UUID, version: int, member: Recipient) -> None:
    with pytest.raises(KeySubstituted):
        check_vouch(vouch(seed, circle, version, member), SEED, CIRCLE, 1, MEMBER)
    check_vouch(vouch(SEED, CIRCLE, 1, MEMBER), SEED, CIRCLE, 1, MEMBER)


def test_a_data_key_is_passed_on_only_from_its_own_place() -> None:
    old, new, record = generate_key_pair(), generate_key_pair(), uuid.uuid4()
    old_id, new_id = uuid.uuid4(), uuid.uuid4()
    parts = seal_record(
        record_id=record,
        generation=1,
        fields={},
        names=["text"],
        schema=1,
        recipients=[Recipient(old_id, old.suite, old.public_key)],
    )
    holder, to = CircleSeed(old_id, old.seed), Recipient(new_id, new.suite, new.public_key)
    moved = pass_on(parts.record_keys[old_id], record_id=record, generation=1, holder=holder, to=to)
    again = pass_on(moved, record_id=record, generation=1, holder=CircleSeed(new_id, new.seed), to=to)
    assert len(again) == len(moved)
    for wrong in (
        {"record_id": old_id, "generation": 1, "holder": holder},
        {"record_id": record, "generation": 2, "holder": holder},
        {"record_id": record, "generation": 1, "holder": CircleSeed(new_id, old.seed)},
        {"record_id": record, "generation": 1, "holder": CircleSeed(old_id, new.seed)},
    ):
        with pytest.raises(OpenFailed):
            pass_on(parts.record_keys[old_id], to=to, **wrong)  # type: ignore[arg-type]
