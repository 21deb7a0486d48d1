"""Sealed tags: known answers, and everything that must not open or match."""

import hashlib
import hmac
import secrets
from uuid import UUID

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from caseworker.vault import duplicates
from caseworker.vault.duplicates import TagKeys, derive_tag_keys, make_tag, open_row, open_rows, seal_row, tag_at
from caseworker.vault.errors import FormatRefused, OpenFailed, VaultError
from caseworker.vault.formats import ctx, frame

SEED = bytes(range(32))
CIRCLE_KEY, REQUEST, OTHER = UUID(int=1), UUID(bytes=bytes(range(16))), UUID(int=9)
KEYS = derive_tag_keys(SEED, circle_key_id=CIRCLE_KEY, version=1)
PHONE = "+70001234567"
TAGS = [make_tag(KEYS, "phone", PHONE), None, None, None, make_tag(KEYS, "name", "tihi")]


def derived(secret: bytes, info: bytes) -> bytes:
    return HKDF(hashes.SHA256(), 32, salt=None, info=info).derive(secret)


def test_known_answers() -> None:
    assert make_tag(KEYS, "phone", PHONE).hex() == "2e4521298fbd0b36"
    assert make_tag(KEYS, "telegram", "fx_grove_heron").hex() == "f13091729cac467c"
    assert KEYS.associated_data(REQUEST) == ctx("dup", REQUEST, CIRCLE_KEY)


def test_the_keys_are_derived_as_the_page_says() -> None:
    root = derived(SEED, ctx("dup-key", CIRCLE_KEY, 1))
    tag_key, row_key = derived(root, ctx("tag")), AESGCM(derived(root, ctx("row")))
    assert make_tag(KEYS, "email", "a@b.cd") == hmac.new(tag_key, b"email|a@b.cd", hashlib.sha256).digest()[:8]
    sealed = seal_row(KEYS, REQUEST, TAGS, normalizer=1)
    block = row_key.decrypt(sealed[2:14], sealed[14:], ctx("dup", REQUEST, CIRCLE_KEY))
    assert (sealed[:2], len(block), block[0]) == (b"\x01\x01", 64, 1)
    assert block[1:9] == TAGS[0]
    assert block[41:] == bytes(23)


def test_a_row_gives_its_tags_back_and_absent_ones_are_random() -> None:
    rows = [open_row(KEYS, REQUEST, seal_row(KEYS, REQUEST, TAGS, normalizer=1), normalizer=1) for _ in range(2)]
    assert [tag_at(row, 0) for row in rows] == [TAGS[0]] * 2
    assert [tag_at(row, 4) for row in rows] == [TAGS[4]] * 2
    assert len({tag_at(row, slot) for row in rows for slot in (1, 2, 3)}) == 6


def test_rows_of_anybody_have_one_length() -> None:
    full = seal_row(KEYS, REQUEST, [secrets.token_bytes(8)] * 5, normalizer=1)
    assert len(full) == len(seal_row(KEYS, REQUEST, [None] * 5, normalizer=1)) == 94


@pytest.mark.parametrize("version", [0, 2])
def test_another_version_or_circle_matches_and_opens_nothing(version: int) -> None:
    sealed = seal_row(KEYS, REQUEST, TAGS, normalizer=1)
    for other in (
        derive_tag_keys(SEED, circle_key_id=CIRCLE_KEY, version=version),
        derive_tag_keys(SEED, circle_key_id=UUID(int=2), version=1),
        derive_tag_keys(bytes(32), circle_key_id=CIRCLE_KEY, version=1),
    ):
        assert make_tag(other, "phone", PHONE) != TAGS[0]
        with pytest.raises(OpenFailed):
            open_row(other, REQUEST, sealed, normalizer=1)


def test_a_row_put_under_another_request_does_not_open() -> None:
    with pytest.raises(OpenFailed):
        open_row(KEYS, OTHER, seal_row(KEYS, REQUEST, TAGS, normalizer=1), normalizer=1)


def test_every_truncation_and_every_changed_byte_is_refused() -> None:
    sealed = seal_row(KEYS, REQUEST, TAGS, normalizer=1)
    for length in range(len(sealed)):
        with pytest.raises(VaultError):
            open_row(KEYS, REQUEST, sealed[:length], normalizer=1)
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(VaultError):
            open_row(KEYS, REQUEST, bytes(changed), normalizer=1)
    with pytest.raises(FormatRefused):
        open_row(KEYS, REQUEST, sealed + b"\0", normalizer=1)


@pytest.mark.parametrize("head", [b"\x02\x01", b"\x01\x02", b"\x00\x01"])
def test_an_unknown_version_or_layout_is_refused(head: bytes) -> None:
    with pytest.raises(FormatRefused):
        open_row(KEYS, REQUEST, head + seal_row(KEYS, REQUEST, TAGS, normalizer=1)[2:], normalizer=1)


def test_another_normalizer_is_refused() -> None:
    with pytest.raises(FormatRefused):
        open_row(KEYS, REQUEST, seal_row(KEYS, REQUEST, TAGS, normalizer=1), normalizer=2)


def test_padding_that_is_not_zero_is_refused() -> None:
    nonce, block = bytes(12), b"\x01" + bytes(40) + b"\x01".rjust(23, b"\0")
    sealed = frame(1, nonce + KEYS.row.encrypt(nonce, block, ctx("dup", REQUEST, CIRCLE_KEY)))
    with pytest.raises(FormatRefused):
        open_row(KEYS, REQUEST, sealed, normalizer=1)


@pytest.mark.parametrize("tags", [[None] * 4, [None] * 6, [b"short", None, None, None, None]])
def test_anything_but_five_tags_of_eight_bytes_is_not_sealed(tags: list[bytes | None]) -> None:
    with pytest.raises(FormatRefused):
        seal_row(KEYS, REQUEST, tags, normalizer=1)


def test_a_damaged_row_hides_no_other() -> None:
    good = seal_row(KEYS, REQUEST, TAGS, normalizer=1)
    found = dict(open_rows(KEYS, [(OTHER, good), (REQUEST, good)], normalizer=1))
    assert found[OTHER] is None
    assert tag_at(found[REQUEST] or b"", 0) == TAGS[0]


def test_keys_show_nothing() -> None:
    assert repr(KEYS) == "<TagKeys>"
    assert isinstance(KEYS, TagKeys)
    assert duplicates.SLOTS == 5


def test_lone_surrogates_have_tags_too() -> None:
    assert len(make_tag(KEYS, "name", "\ud800")) == 8
