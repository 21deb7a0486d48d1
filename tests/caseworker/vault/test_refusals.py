"""The negative set: everything that must not open does not open, and says nothing about why."""

import copy
import pickle
import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from caseworker.vault import errors, records, recovery, sealing, wrapping
from caseworker.vault.envelope import Envelope, Place, check_commitment, open_field, seal_field, split_data_key
from caseworker.vault.errors import FormatRefused, KeySubstituted, OpenFailed, SheetRefused, VaultError
from caseworker.vault.formats import ctx, frame, unframe
from caseworker.vault.keyring import CircleSeed, KeyRing
from caseworker.vault.padding import pad, unpad
from caseworker.vault.passphrase import check_words, generate_words


def pair_of(seed: bytes) -> sealing.KeyPair:
    return sealing.KeyPair(sealing.Suite.XWING, seed, sealing.public_key_from_seed(sealing.Suite.XWING, seed))


PAIR, OTHER = pair_of(bytes(range(32))), pair_of(bytes(range(32, 64)))
NAMES = ("contacts", "name", "story")
TEXTS = {"contacts": "+44 7700 900123", "name": "Ash"}
KEY_ID = uuid4()


def made(record_id: UUID, generation: int = 1, schema: int = 1) -> records.SealedParts:
    return records.seal_record(
        record_id=record_id,
        generation=generation,
        fields=TEXTS,
        names=NAMES,
        schema=schema,
        recipients=[records.Recipient(KEY_ID, PAIR.suite, PAIR.public_key)],
    )


def opened(record_id: UUID, parts: records.SealedParts, /, **changes: Any) -> dict[str, str]:
    arguments: dict[str, Any] = {
        "record_id": record_id,
        "generation": 1,
        "commitment": parts.commitment,
        "envelopes": parts.envelopes,
        "names": NAMES,
        "schema": 1,
        "sealed_key": parts.record_keys[KEY_ID],
        "recipient": CircleSeed(KEY_ID, PAIR.seed),
    }
    return records.open_record(**(arguments | changes))


def test_a_record_opens_with_all_its_fields() -> None:
    record_id = uuid4()
    assert opened(record_id, made(record_id)) == TEXTS | {"story": ""}


def _swapped_fields(parts: records.SealedParts) -> dict[str, Envelope]:
    envelopes = dict(parts.envelopes)
    envelopes["name"], envelopes["contacts"] = envelopes["contacts"], envelopes["name"]
    return envelopes


REFUSALS: dict[str, Callable[[records.SealedParts, records.SealedParts], dict[str, Any]]] = {
    "another record's id": lambda _one, _two: {"record_id": uuid4()},
    "another generation": lambda _one, _two: {"generation": 2},
    "another schema": lambda _one, _two: {"schema": 2},
    "another record's data key": lambda _one, two: {"sealed_key": two.record_keys[KEY_ID]},
    "another record's commitment": lambda _one, two: {"commitment": two.commitment},
    "another record's field": lambda one, two: {"envelopes": dict(one.envelopes) | {"name": two.envelopes["name"]}},
    "fields swapped": lambda one, _two: {"envelopes": _swapped_fields(one)},
    "a field missing": lambda one, _two: {"envelopes": {"name": one.envelopes["name"]}},
    "a field too many": lambda one, _two: {"envelopes": dict(one.envelopes) | {"more": one.envelopes["name"]}},
    "another person's seed": lambda _one, _two: {"recipient": CircleSeed(KEY_ID, OTHER.seed)},
    "another recipient's id": lambda _one, _two: {"recipient": CircleSeed(uuid4(), PAIR.seed)},
    "a key sealed to somebody else": lambda one, _two: {
        "sealed_key": sealing.seal(bytes(32), suite=2, public_key=OTHER.public_key, info=b"")
    },
}


@pytest.mark.parametrize("case", REFUSALS)
def test_a_record_opens_nowhere_else(case: str) -> None:
    first, second = uuid4(), uuid4()
    one, two = made(first), made(second)
    with pytest.raises(VaultError):
        opened(first, one, **REFUSALS[case](one, two))


def test_a_planted_data_key_is_refused_by_the_commitment() -> None:
    record_id = uuid4()
    parts = made(record_id)
    info = records.data_key_info(record_id, 1, KEY_ID)
    planted = sealing.seal(secrets.token_bytes(32), suite=2, public_key=PAIR.public_key, info=info)
    with pytest.raises(errors.CommitmentMismatch):
        opened(record_id, parts, sealed_key=planted)


SEALED = sealing.seal(b"secret", suite=2, public_key=PAIR.public_key, info=b"here")
SMALL_PAIR = sealing.generate_key_pair(sealing.Suite.X25519)
SMALL = sealing.seal(b"secret", suite=1, public_key=SMALL_PAIR.public_key, info=b"here")
WRAPPED = wrapping.wrap(b"secret", key=bytes(32), associated_data=b"here")


@pytest.mark.parametrize("length", range(len(SMALL)))
def test_truncation_of_a_sealed_box_is_refused_at_every_byte(length: int) -> None:
    with pytest.raises(VaultError):
        sealing.open_sealed(SMALL[:length], seed=SMALL_PAIR.seed, info=b"here")


@pytest.mark.parametrize("length", [0, 1, 2, 100, 1121, 1122, 1137, len(SEALED) - 1])
def test_truncation_of_a_hybrid_box_is_refused(length: int) -> None:
    with pytest.raises(VaultError):
        sealing.open_sealed(SEALED[:length], seed=PAIR.seed, info=b"here")


@pytest.mark.parametrize("length", range(len(WRAPPED)))
def test_truncation_of_a_wrap_is_refused_at_every_byte(length: int) -> None:
    with pytest.raises(VaultError):
        wrapping.unwrap(WRAPPED[:length], key=bytes(32), associated_data=b"here")


@pytest.mark.parametrize("place", range(len(WRAPPED)))
def test_a_flipped_bit_anywhere_in_a_wrap_is_refused(place: int) -> None:
    flipped = bytearray(WRAPPED)
    flipped[place] ^= 1
    with pytest.raises(VaultError):
        wrapping.unwrap(bytes(flipped), key=bytes(32), associated_data=b"here")


@pytest.mark.parametrize("place", [0, 1, 2, 500, 1121, 1130, len(SEALED) - 1])
def test_a_flipped_bit_in_a_sealed_box_is_refused(place: int) -> None:
    flipped = bytearray(SEALED)
    flipped[place] ^= 1
    with pytest.raises(VaultError):
        sealing.open_sealed(bytes(flipped), seed=PAIR.seed, info=b"here")


def test_another_context_or_key_is_refused() -> None:
    with pytest.raises(OpenFailed):
        sealing.open_sealed(SEALED, seed=PAIR.seed, info=b"there")
    with pytest.raises(OpenFailed):
        sealing.open_sealed(SEALED, seed=OTHER.seed, info=b"here")
    with pytest.raises(OpenFailed):
        wrapping.unwrap(WRAPPED, key=bytes(31) + b"1", associated_data=b"here")
    with pytest.raises(OpenFailed):
        wrapping.unwrap(WRAPPED, key=bytes(32), associated_data=b"there")


def test_unknown_versions_suites_and_algorithms_are_refused() -> None:
    for broken in (b"\x02" + SEALED[1:], SEALED[:1] + b"\x09" + SEALED[2:]):
        with pytest.raises(FormatRefused):
            sealing.open_sealed(broken, seed=PAIR.seed, info=b"here")
    with pytest.raises(FormatRefused):
        wrapping.unwrap(WRAPPED[:1] + b"\x02" + WRAPPED[2:], key=bytes(32), associated_data=b"here")
    with pytest.raises(FormatRefused):
        sealing.seal(b"", suite=7, public_key=b"", info=b"")
    with pytest.raises(FormatRefused):
        sealing.seal(b"", suite=2, public_key=PAIR.public_key[:-1], info=b"")


@pytest.mark.parametrize("seed", [b"", bytes(31), bytes(33)])
def test_seeds_of_another_length_are_refused(seed: bytes) -> None:
    for suite in sealing.Suite:
        with pytest.raises(FormatRefused):
            sealing.public_key_from_seed(suite, seed)
    with pytest.raises(FormatRefused):
        sealing.open_sealed(SEALED, seed=seed, info=b"here")
    with pytest.raises(FormatRefused):
        split_data_key(seed, record_id=uuid4(), generation=1)


def test_padding_must_be_exactly_as_it_is_made() -> None:
    block = pad("text")
    for broken in (
        block[:-1],
        block + b"\0",
        block[:-1] + b"\1",
        b"\xff\xff" + block[2:],
        b"\0\2\xff\xff" + bytes(124),
    ):
        with pytest.raises(FormatRefused):
            unpad(broken)
    with pytest.raises(errors.TextTooLong):
        pad("x" * 70_000)


@given(st.text(max_size=2000))
def test_every_text_comes_back(text: str) -> None:
    assert unpad(pad(text)) == text


@given(st.text(max_size=300), st.uuids(), st.integers(1, 9))
def test_every_field_comes_back_and_only_in_its_place(text: str, record_id: UUID, generation: int) -> None:
    cipher, place = AESGCM(bytes(32)), Place(record_id, generation, 1)
    envelope = seal_field(text, cipher=cipher, place=place, name="story")
    assert open_field(envelope, cipher=cipher, place=place, name="story") == text
    for elsewhere, name in ((place, "name"), (replace(place, generation=generation + 1), "story")):
        with pytest.raises(OpenFailed):
            open_field(envelope, cipher=cipher, place=elsewhere, name=name)
    with pytest.raises(FormatRefused):
        open_field(envelope, cipher=cipher, place=replace(place, schema=2), name="story")


def test_a_schema_byte_cannot_be_changed() -> None:
    cipher, place = AESGCM(bytes(32)), Place(uuid4(), 1, 1)
    envelope = seal_field("text", cipher=cipher, place=place, name="story")
    changed = Envelope(envelope.raw[:1] + b"\x02" + envelope.raw[2:])
    with pytest.raises(OpenFailed):
        open_field(changed, cipher=cipher, place=replace(place, schema=2), name="story")


def test_envelopes_show_nothing_and_are_checked() -> None:
    envelope = Envelope(frame(1, bytes(40)))
    assert repr(envelope) == "<Envelope>"
    assert envelope == Envelope(frame(1, bytes(40)))
    assert len({envelope, Envelope(frame(1, bytes(40)))}) == 1
    assert envelope != "text"
    for broken in (b"", b"plain text that is long enough to look like something", frame(1, bytes(10))):
        with pytest.raises(FormatRefused):
            Envelope(broken)


RING_ID, CIRCLE_ID = uuid4(), uuid4()


def grant_for(circle_seed: bytes, *, version: int = 1, staff: UUID = RING_ID, circle: UUID = CIRCLE_ID) -> bytes:
    info = ctx("circle-seed", circle, version, staff)
    return sealing.seal(circle_seed, suite=2, public_key=PAIR.public_key, info=info)


def ring() -> KeyRing:
    return KeyRing(RING_ID, 2, PAIR.seed)


def test_a_ring_opens_its_circle_once_and_forgets() -> None:
    mine = ring()
    seed = mine.open_circle(CIRCLE_ID, 1, grant_for(OTHER.seed), 2, OTHER.public_key)
    assert seed.seed == OTHER.seed
    assert mine.open_circle(CIRCLE_ID, 1, b"", 2, b"") is seed
    assert mine.key_id == mine.staff_key_id == RING_ID
    assert mine.half is None
    assert seed.half is not None
    mine.forget()
    with pytest.raises(errors.RingForgotten):
        mine.open_circle(CIRCLE_ID, 1, grant_for(OTHER.seed), 2, OTHER.public_key)


def test_a_substituted_circle_key_is_refused() -> None:
    attacker = sealing.generate_key_pair()
    with pytest.raises(KeySubstituted):
        ring().open_circle(CIRCLE_ID, 1, grant_for(OTHER.seed), 2, attacker.public_key)


@pytest.mark.parametrize("changes", [{"version": 2}, {"staff": uuid4()}, {"circle": uuid4()}])
def test_a_grant_of_another_version_person_or_circle_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(OpenFailed):
        ring().open_circle(CIRCLE_ID, 1, grant_for(OTHER.seed, **changes), 2, OTHER.public_key)


def test_rings_and_seeds_are_never_shown_copied_or_pickled() -> None:
    mine = ring()
    shown = (
        repr(mine) + repr(PAIR) + repr(CircleSeed(RING_ID, PAIR.seed)) + repr(recovery.RecoverySeed(RING_ID, PAIR.seed))
    )
    assert PAIR.seed.hex() not in shown
    assert repr(PAIR.seed)[2:10] not in shown
    for escape in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError):
            escape(mine)


def test_split_keys_are_compared_and_not_shown() -> None:
    split = split_data_key(bytes(32), record_id=uuid4(), generation=1)
    check_commitment(split, split.commitment)
    with pytest.raises(errors.CommitmentMismatch):
        check_commitment(split, bytes(32))
    assert repr(split) == "<SplitKey>"


def test_no_refusal_carries_a_value() -> None:
    for kind in VaultError.__subclasses__():
        assert str(kind()) == kind.__doc__


def test_unframe_refuses_what_is_too_short() -> None:
    with pytest.raises(FormatRefused):
        unframe(b"\x01\x01", minimum=1)


SHEET = recovery.sheet_groups(PAIR)


def test_the_sheet_is_typed_back_in_any_case_and_spacing() -> None:
    for typed in (" ".join(SHEET), "-".join(SHEET).lower(), "".join(SHEET)):
        assert recovery.parse_sheet(typed) == PAIR
    assert recovery.sheet_fingerprint(PAIR) == sealing.fingerprint(2, PAIR.public_key)


@pytest.mark.parametrize("group", range(recovery.GROUPS))
def test_a_slip_is_found_in_its_group(group: int) -> None:
    broken = list(SHEET)
    first = broken[group][0]
    hits = 0
    for other in recovery.ALPHABET:
        if other != first:
            broken[group] = other + SHEET[group][1:]
            hits += group + 1 in recovery.wrong_groups(" ".join(broken))
    assert hits >= 28


@pytest.mark.parametrize("typed", ["", "AAAAA", " ".join(SHEET[:-1]), " ".join(reversed(SHEET)), "пароль", "0" * 65])
def test_another_text_is_no_sheet(typed: str) -> None:
    with pytest.raises(SheetRefused):
        recovery.parse_sheet(typed)


def test_spare_bits_of_the_last_group_must_be_zero() -> None:
    group = SHEET[-1][:3] + recovery.ALPHABET[recovery.ALPHABET.index(SHEET[-1][3]) ^ 1]
    check = next(c for c in recovery.ALPHABET if not recovery.wrong_groups(" ".join([*SHEET[:-1], group + c])))
    with pytest.raises(SheetRefused):
        recovery.parse_sheet(" ".join([*SHEET[:-1], group + check]))


def test_only_words_of_the_list_are_words() -> None:
    words = generate_words()
    assert check_words("  " + words.upper()) == words
    for wrong in ("", words + " abacus", "one two three four five six", words.replace(" ", "")):
        with pytest.raises(errors.WordsRefused):
            check_words(wrong)
