"""Opening sealed tags, as a ratio against decrypting the same bytes and nothing else. Both sides take turns."""

import secrets
import uuid

import pytest

from caseworker.vault.duplicates import derive_tag_keys, make_tag, open_rows, seal_row, tag_at
from caseworker.vault.formats import ctx
from tests.benchmarks.test_ratios import best, ratio_of, settled

pytestmark = pytest.mark.benchmark
ROWS = 50_000
TARGET = 3
"""What a quiet machine shows is about 2: the bytes must be taken apart, bound to their place and compared besides."""


def test_opening_fifty_thousand_rows_against_bare_decryption(capsys: pytest.CaptureFixture[str]) -> None:
    keys = derive_tag_keys(secrets.token_bytes(32), circle_key_id=uuid.uuid4(), version=1)
    wanted = make_tag(keys, "phone", "+70001234567")
    rows = [(id_, seal_row(keys, id_, [None] * 5, normalizer=1)) for id_ in (uuid.uuid4() for _ in range(ROWS - 1))]
    known = uuid.uuid4()
    rows.append((known, seal_row(keys, known, [wanted, None, None, None, None], normalizer=1)))
    bare = [(sealed[2:14], sealed[14:], ctx("dup", id_, keys.circle_key_id)) for id_, sealed in rows]
    found: list[uuid.UUID] = []

    def search() -> None:
        found[:] = [id_ for id_, tags in open_rows(keys, rows, normalizer=1) if tags and tag_at(tags, 0) == wanted]

    def decrypt() -> None:
        for nonce, ciphertext, place in bare:
            keys.row.decrypt(nonce, ciphertext, place)

    ratio = settled(lambda: ratio_of(search, decrypt, 5), TARGET)
    seconds = best(search, 3)
    with capsys.disabled():
        print(f"\n[ratio] {ROWS:,} tag rows opened / decrypted: {ratio:.2f} ({seconds * 1000:.0f} ms)")
    assert found == [known]
    assert ratio <= 2 * TARGET, "far over what a quiet machine shows"
