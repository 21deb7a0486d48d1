"""Rows and records as bytes, and the table that says where each model goes."""

import contextlib
import datetime as dt
import hashlib
import json
import struct
import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caseworker.backups.records import RecordReader, RecordWriter, Row, Table
from caseworker.backups.rows import decode_row, encode_row
from caseworker.backups.streams import KEY_TABLES, MAIN_TABLES, model_of
from caseworker.vault.errors import FormatRefused

MOMENTS = st.datetimes(timezones=st.just(dt.UTC))
VALUES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.text(alphabet=st.characters(exclude_categories=["Cs"]))
    | st.binary()
    | st.uuids()
    | st.dates()
    | MOMENTS
    | st.lists(st.text(alphabet="abя"))
    | st.dictionaries(st.text(alphabet="abя"), st.integers(0, 9))
)


@given(st.lists(VALUES))
def test_a_row_is_read_as_it_was_written(values: list[Any]) -> None:
    assert decode_row(encode_row(values)) == values


@given(st.binary(max_size=60))
def test_any_bytes_are_a_row_or_are_refused(raw: bytes) -> None:
    with contextlib.suppress(FormatRefused):
        decode_row(raw)


@given(st.lists(VALUES, min_size=1), st.data())
def test_a_row_cut_inside_a_value_is_refused_or_shorter(values: list[Any], data: st.DataObject) -> None:
    raw = encode_row(values)
    cut = raw[: data.draw(st.integers(0, len(raw) - 1))]
    with contextlib.suppress(FormatRefused):
        assert len(decode_row(cut)) < len(values)


@pytest.mark.parametrize("value", [1.5, (1,), dt.timedelta(1), dt.datetime(2025, 3, 3), dt.time(1), object()])  # noqa: DTZ001
def test_other_values_are_refused(value: object) -> None:
    with pytest.raises(TypeError):
        encode_row([value])


def test_bytes_that_a_driver_lends_are_copied() -> None:
    assert decode_row(encode_row([memoryview(b"abc")])) == [b"abc"]


class Sealed:
    """Somewhere that plain bytes go to."""

    def __init__(self) -> None:
        self.pieces: list[bytes] = []

    def write(self, plain: bytes | bytearray) -> None:
        self.pieces.append(bytes(plain))


def written(rows: int = 3) -> list[bytes]:
    sink = Sealed()
    writer = RecordWriter(sink)
    writer.put_head({"backup": "x"})
    for label in ("a.A", "b.B"):
        writer.begin_table(label, ["id", "text"])
        for n in range(rows):
            writer.put_row([n, "я" * 300])
    writer.finish()
    return sink.pieces


def read(pieces: list[bytes]) -> tuple[RecordReader, list[Table | Row]]:
    reader = RecordReader(pieces)
    return reader, list(reader)


@pytest.mark.parametrize("size", [1, 7, 1000, 1 << 20])
def test_records_are_read_in_whatever_pieces_they_come(size: int) -> None:
    whole = b"".join(written())
    reader, found = read([whole[at : at + size] for at in range(0, len(whole), size)])
    assert reader.head["backup"] == "x"
    assert found[0] == Table("a.A", ("id", "text"))
    assert [one.values[0] for one in found if isinstance(one, Row)] == [0, 1, 2] * 2
    assert reader.summary.rows == {"a.A": 3, "b.B": 3}
    assert reader.summary.total == 6


def test_many_rows_are_handed_on_in_pieces() -> None:
    pieces = written(rows=400)
    assert len(pieces) > 3
    assert max(map(len, pieces)) < 70_000
    assert read(pieces)[0].summary.total == 800


def record(kind: bytes, payload: object) -> bytes:
    raw = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return struct.pack(">cI", kind, len(raw)) + raw


HEAD, TABLE, ROW = (
    record(b"H", {"version": 1}),
    record(b"T", {"table": "a.A", "columns": []}),
    record(b"R", encode_row([1])),
)


def end(rows: dict[str, int], before: bytes) -> bytes:
    return record(b"Z", {"rows": rows, "digest": hashlib.sha256(before).hexdigest()})


def test_the_smallest_stream_is_read() -> None:
    assert len(read([HEAD + TABLE + ROW + end({"a.A": 1}, HEAD + TABLE + ROW)])[1]) == 2


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"H", id="less than a record"),
        pytest.param(record(b"H", {"version": 2}), id="another version"),
        pytest.param(record(b"H", []), id="no object"),
        pytest.param(record(b"H", b"{"), id="no JSON"),
        pytest.param(TABLE, id="no first record"),
        pytest.param(struct.pack(">cI", b"H", 1 << 27), id="a record without end"),
        pytest.param(HEAD + TABLE, id="no end"),
        pytest.param(HEAD + ROW + end({}, HEAD + ROW), id="a row before any table"),
        pytest.param(HEAD + TABLE + TABLE + end({"a.A": 0}, HEAD + TABLE + TABLE), id="a table twice"),
        pytest.param(HEAD + record(b"T", {"table": 1, "columns": []}), id="a table without name"),
        pytest.param(HEAD + record(b"T", {"table": "a.A"}), id="a table without columns"),
        pytest.param(HEAD + record(b"X", {}), id="an unknown record"),
        pytest.param(HEAD + TABLE + ROW + end({"a.A": 2}, HEAD + TABLE + ROW), id="a wrong count"),
        pytest.param(HEAD + TABLE + ROW + end({"a.A": 1}, b""), id="a wrong digest"),
        pytest.param(HEAD + end({}, HEAD) + TABLE, id="more after the end"),
        pytest.param(HEAD + end({}, HEAD) + b"T", id="a half record after the end"),
        pytest.param(HEAD + TABLE + record(b"R", b"?"), id="a row that is none"),
    ],
)
def test_records_out_of_order_are_refused(raw: bytes) -> None:
    with pytest.raises(FormatRefused):
        read([raw])


def test_what_opens_something_is_in_the_stream_that_dies() -> None:
    """Nothing in the main stream is a key, sealed or wrapped; ciphertext and commitments are there, and open nothing."""
    secret = {"sealed", "wrapped_seed", "vouch", "verifier", "salt", "code_hash", "seed"}
    opens_nothing = {"requests_app.ErasureEntry": {"code_hash"}}
    for label in MAIN_TABLES:
        columns = {field.name for field in model_of(label)._meta.concrete_fields}
        assert not secret & columns - opens_nothing.get(label, set()), label


def test_no_kept_column_is_changed_by_being_written() -> None:
    for label in (*MAIN_TABLES, *KEY_TABLES):
        for field in model_of(label)._meta.concrete_fields:
            assert not getattr(field, "auto_now", False), field
            assert not getattr(field, "auto_now_add", False), field
            assert field.get_internal_type() not in {"FloatField", "DecimalField", "TimeField", "DurationField"}, field


def test_parents_are_put_in_before_their_children() -> None:
    order = [*MAIN_TABLES, *KEY_TABLES]
    for place, label in enumerate(KEY_TABLES, len(MAIN_TABLES)):
        for field in model_of(label)._meta.concrete_fields:
            if field.is_relation and field.related_model is not None:
                assert order.index(field.related_model._meta.label) <= place, field


def test_ids_are_ids() -> None:
    assert decode_row(encode_row([uuid.UUID(int=7)])) == [uuid.UUID(int=7)]
