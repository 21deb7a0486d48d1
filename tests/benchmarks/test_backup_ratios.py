"""Backup and restore against a plain copy of the same rows, and against the same bytes through AES-256-GCM, in one run."""

import io
import secrets
import uuid
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.db import connection, transaction

from caseworker.backups.streams import TABLES, models_of
from caseworker.vault.containers import Encryption, Header, Stream, decrypted, read_header
from requests_app.enums import SealedKind
from requests_app.sealed import ToSeal, seal_records
from tests.backups import back_up, blank_sqlite, restored, source_of
from tests.benchmarks.generator import Generator
from tests.benchmarks.test_ratios import TEXTS, best, ratio_of, settled
from tests.cast import START, Cast

pytestmark = [pytest.mark.django_db, pytest.mark.benchmark]
CASES, RECORDS = 4_000, 500
WRITE_TARGET, READ_TARGET, RAW_TARGET = 10, 8, 3


def fill(cast: Cast) -> int:
    """Make the rows of a few thousand cases, a third of them sealed with keys of real size; return how many rows there are."""
    Generator(cast.north, [cast.boris.person]).fill(CASES, with_spells=False, with_sealed=False)
    batch = [ToSeal(uuid.uuid4(), TEXTS) for _ in range(RECORDS)]
    seal_records(SealedKind.FIRST_CONTACT, batch, circles=[cast.north], now=START)
    return sum(
        model._base_manager.count() for stream in (Stream.MAIN, Stream.KEYS) for model in models_of(TABLES[stream])
    )


def copy_rows(to: Any) -> None:
    """Read every kept row with one plain statement a table and write it as SQLite would copy it: no type, no encryption, no check."""
    for stream in (Stream.MAIN, Stream.KEYS):
        for model in models_of(TABLES[stream]):
            with connection.cursor() as cursor:
                cursor.execute(f'SELECT {_stored_names(model)} FROM "{model._meta.db_table}"')
                while rows := cursor.fetchmany(2000):
                    to(model, rows)


def _stored_names(model: Any) -> str:
    return ", ".join(f'"{field.column}"' for field in model._meta.concrete_fields)


def test_backup_and_restore_against_a_plain_copy(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    number = fill(cast)
    written = back_up(tmp_path, START, monkeypatch)
    size = sum(part.size for part in written.parts.values())

    def plain_read() -> None:
        kept: list[Any] = []
        copy_rows(lambda _model, rows: kept.extend(rows))

    write = settled(lambda: ratio_of(lambda: back_up(tmp_path, START, monkeypatch), plain_read, 3), WRITE_TARGET)
    source = source_of(tmp_path, written)
    copied: dict[Any, list[Any]] = {}
    copy_rows(lambda model, rows: copied.setdefault(model, []).extend(rows))

    def plain_write() -> None:
        with blank_sqlite(), transaction.atomic():
            for model, rows in copied.items():
                names = _stored_names(model)
                marks = ", ".join(["%s"] * len(names.split(",")))
                statement = f'INSERT OR REPLACE INTO "{model._meta.db_table}" ({names}) VALUES ({marks})'
                with connection.cursor() as cursor:
                    cursor.executemany(statement, rows)

    def put_back() -> None:
        with blank_sqlite():
            restored(source, now=START)

    read = settled(lambda: ratio_of(put_back, plain_write, 3), READ_TARGET)
    seconds = best(lambda: back_up(tmp_path, START, monkeypatch), 1)
    with capsys.disabled():
        print(
            f"\n[ratio] backup / plain reading {write:.1f}, restore / plain inserting {read:.1f};"
            f" {number} rows, {size // 1024} KiB, backup {number / seconds:,.0f} rows/s"
        )
    assert write <= 2 * WRITE_TARGET
    assert read <= 2 * READ_TARGET


def test_the_container_against_raw_encryption(capsys: pytest.CaptureFixture[str]) -> None:
    """Both ways for 32 MiB, against AES-256-GCM in pieces of the same size with nothing around it."""
    plain, piece, key = secrets.token_bytes(32 << 20), 1 << 14, secrets.token_bytes(32)
    header = Header(uuid.uuid4(), Stream.MAIN, 0, "any", ())
    cipher = AESGCM(key)

    def ours() -> None:
        out = io.BytesIO()
        encryption = Encryption(header, key=key, out=out)
        for at in range(0, len(plain), 1 << 16):
            encryption.write(plain[at : at + (1 << 16)])
        encryption.finish()
        out.seek(0)
        _header, raw = read_header(out)
        for _ in decrypted(out, raw_header=raw, key=key):
            pass

    def raw_aead() -> None:
        for at in range(0, len(plain), piece):
            nonce = at.to_bytes(12, "big")
            cipher.decrypt(nonce, cipher.encrypt(nonce, plain[at : at + piece], b""), b"")

    ratio = settled(lambda: ratio_of(ours, raw_aead, 3), RAW_TARGET)
    with capsys.disabled():
        print(f"\n[ratio] container / raw AES-256-GCM, both ways: {ratio:.2f}")
    assert ratio <= 2 * RAW_TARGET
