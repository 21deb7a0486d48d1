"""The backup container: what it opens, and everything it must refuse."""

import io
import random
import uuid
from collections.abc import Callable

import pytest

from caseworker.vault.containers import Encryption, Header, Lock, Stream, decrypted, encode_header, read_header
from caseworker.vault.errors import FormatRefused, OpenFailed, VaultError

KEY = bytes(range(32))
LOCKS = (Lock(uuid.UUID(int=2), 2, b"public" * 9, b"box" * 7), Lock(uuid.UUID(int=3), 1, b"p", b""))
HEADER = Header(uuid.UUID(int=1), Stream.MAIN, 1_741_000_000, "any", LOCKS)
BEFORE_CHUNKS, CHUNK = 24 + 32, 16 * 1024 + 16
PLAIN = random.Random(5).randbytes(3 * 16 * 1024 + 777)
START = len(encode_header(HEADER)) + BEFORE_CHUNKS


def sealed(plain: bytes = PLAIN, header: Header = HEADER, key: bytes = KEY) -> bytes:
    out = io.BytesIO()
    encryption = Encryption(header, key=key, out=out)
    for at in range(0, len(plain), 5000):
        encryption.write(plain[at : at + 5000])
    encryption.finish()
    return out.getvalue()


def opened(raw: bytes, key: bytes = KEY) -> bytes:
    file = io.BytesIO(raw)
    _header, raw_header = read_header(file)
    return b"".join(decrypted(file, raw_header=raw_header, key=key))


@pytest.fixture(scope="module")
def whole() -> bytes:
    return sealed()


@pytest.mark.parametrize("length", [0, 1, 16 * 1024 - 1, 16 * 1024, 16 * 1024 + 1, 3 * 16 * 1024])
def test_what_was_written_is_read(length: int) -> None:
    assert opened(sealed(PLAIN[:length])) == PLAIN[:length]


def test_the_header_is_read_as_it_was_written() -> None:
    assert read_header(io.BytesIO(encode_header(HEADER)))[0] == HEADER
    shared = Header(uuid.UUID(int=9), Stream.LEDGER, 0, "all", ())
    assert read_header(io.BytesIO(encode_header(shared)))[0] == shared
    assert HEADER.place == (uuid.UUID(int=1), 1)


def test_known_answer() -> None:
    """A container that was written once must open for ever, and its header stays as it is."""
    header = Header(uuid.UUID(int=1), Stream.KEYS, 1_741_000_000, "any", (Lock(uuid.UUID(int=2), 2, b"pk", b"box"),))
    assert encode_header(header).hex() == KNOWN_HEADER
    assert opened(bytes.fromhex(KNOWN_HEADER + KNOWN_STREAM)) == b"casework"


KNOWN_HEADER = "4357424b010000003502000000000000000000000000000000010000000067c58d40000100000000000000000000000000000002020002706b0003626f78"
KNOWN_STREAM = "083c2d9d64fa8965105315b0d665f2f5b9029392ae309fa861b0100b8072b030c4dfb2b31700c5d73ee4f292ae0f29405a346fd4ae8f5714b4068647daca5cb8a55beab09b4d0bc1235f35afe4a6f6de"


def chunks(raw: bytes) -> list[bytes]:
    return [raw[at : at + CHUNK] for at in range(START, len(raw), CHUNK)]


def _swapped(raw: bytes) -> bytes:
    first, second, *rest = chunks(raw)
    return raw[:START] + second + first + b"".join(rest)


def _dropped(raw: bytes) -> bytes:
    first, _second, *rest = chunks(raw)
    return raw[:START] + first + b"".join(rest)


def _repeated(raw: bytes) -> bytes:
    first, *rest = chunks(raw)
    return raw[:START] + first + first + b"".join(rest)


def _mixed(raw: bytes) -> bytes:
    other = chunks(sealed())
    first, _second, *rest = chunks(raw)
    return raw[:START] + first + other[1] + b"".join(rest)


def _other_backup(raw: bytes) -> bytes:
    other = Header(uuid.UUID(int=7), HEADER.stream, HEADER.made_at, HEADER.policy, HEADER.locks)
    return encode_header(other) + raw[len(encode_header(HEADER)) :]


def _other_stream(raw: bytes) -> bytes:
    other = Header(HEADER.backup_id, Stream.KEYS, HEADER.made_at, HEADER.policy, HEADER.locks)
    return encode_header(other) + raw[len(encode_header(HEADER)) :]


def _younger(raw: bytes) -> bytes:
    other = Header(HEADER.backup_id, HEADER.stream, HEADER.made_at + 1, HEADER.policy, HEADER.locks)
    return encode_header(other) + raw[len(encode_header(HEADER)) :]


def _other_lock(raw: bytes) -> bytes:
    other = Header(HEADER.backup_id, HEADER.stream, HEADER.made_at, HEADER.policy, HEADER.locks[:1])
    return encode_header(other) + raw[len(encode_header(HEADER)) :]


def _longer(raw: bytes) -> bytes:
    return raw + b"\0"


def _two_in_one(raw: bytes) -> bytes:
    return raw + raw[START - BEFORE_CHUNKS :]


@pytest.mark.parametrize(
    "change",
    [_swapped, _dropped, _repeated, _mixed, _other_backup, _other_stream, _younger, _other_lock, _longer, _two_in_one],
)
def test_a_changed_stream_does_not_open(whole: bytes, change: Callable[[bytes], bytes]) -> None:
    with pytest.raises(OpenFailed):
        opened(change(whole))


@pytest.mark.parametrize(
    "cut",
    [START - BEFORE_CHUNKS, START - 1, START]
    + [START + n * CHUNK + inside for n in range(4) for inside in (-1, 1, 16, 700) if n or inside > 0]
    + [START + n * CHUNK for n in (1, 2, 3)],
)
def test_a_stream_cut_at_a_border_or_inside_does_not_open(whole: bytes, cut: int) -> None:
    assert cut < len(whole)
    with pytest.raises(OpenFailed):
        opened(whole[:cut])


def test_cut_at_any_of_the_last_bytes_it_does_not_open() -> None:
    small = sealed(b"casework")
    for cut in range(len(encode_header(HEADER)), len(small)):
        with pytest.raises(OpenFailed):
            opened(small[:cut])


def test_another_key_does_not_open(whole: bytes) -> None:
    with pytest.raises(OpenFailed):
        opened(whole, key=bytes(32))
    with pytest.raises(OpenFailed):
        opened(whole, key=bytes(31))


def test_no_bit_of_a_container_can_be_turned() -> None:
    small = sealed(b"casework")
    for place in range(len(small)):
        turned = bytearray(small)
        turned[place] ^= 1
        with pytest.raises(VaultError):
            opened(bytes(turned))


def test_a_header_cut_anywhere_is_refused() -> None:
    header = encode_header(HEADER)
    for cut in range(len(header)):
        with pytest.raises(FormatRefused):
            read_header(io.BytesIO(header[:cut]))


@pytest.mark.parametrize(
    ("place", "value"),
    [
        pytest.param(0, 0x50, id="another kind of file"),
        pytest.param(4, 2, id="unknown version"),
        pytest.param(5, 0xFF, id="a header without end"),
        pytest.param(9, 9, id="unknown stream"),
        pytest.param(9 + 1 + 16 + 8, 2, id="unknown policy"),
        pytest.param(9 + 1 + 16 + 8 + 1, 3, id="fewer keys than it says"),
        pytest.param(9 + 1 + 16 + 8 + 1, 1, id="more keys than it says"),
    ],
)
def test_an_unknown_header_is_refused(place: int, value: int) -> None:
    header = bytearray(encode_header(HEADER))
    header[place] = value
    with pytest.raises(FormatRefused):
        read_header(io.BytesIO(bytes(header)))
