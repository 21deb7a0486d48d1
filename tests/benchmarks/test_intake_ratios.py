"""What recording a request costs, against its statements raw and its sealing by the primitives alone."""

import uuid

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from caseworker.vault import sealing
from requests_app.actions.intake import IntakeData, SealedTexts, log_request
from tests.benchmarks.test_queue_ratios import Statement, raw, sent_by, undone
from tests.benchmarks.test_ratios import TEXTS, ratio_of, settled
from tests.cast import START, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.benchmark]
RECORD_TARGET = 3
READERS = 2
"""The circle, and the recovery sheet."""


def test_recording_a_request_against_raw_inserts_and_raw_sealing(
    cast: Cast, capsys: pytest.CaptureFixture[str]
) -> None:
    actor, pair, cipher = cast.anna.person, sealing.generate_key_pair(), AESGCM(bytes(32))

    def bare() -> None:
        data = IntakeData(texts=SealedTexts(**TEXTS), form_token=uuid.uuid4())
        assert log_request(data, actor=actor, now=START).claim_code

    statements: list[Statement] = []
    undone(lambda: statements.extend(sent_by(bare)))()
    send = raw(statements)

    def bare_raw() -> None:
        send()
        for text in TEXTS.values():
            cipher.encrypt(bytes(12), text.encode(), b"benchmark")
        for _reader in range(READERS):
            sealing.seal(bytes(32), suite=pair.suite, public_key=pair.public_key, info=b"benchmark")

    ratio = settled(lambda: ratio_of(undone(bare), undone(bare_raw), 25), RECORD_TARGET)
    with capsys.disabled():
        print(f"\n[ratio] record a request / its {len(statements)} statements and its sealing raw: {ratio:.2f}")
    assert ratio <= 2 * RECORD_TARGET
