"""The packet for a partner: opens with one key in one place, tells nothing by its size, and the partner's own tool reads it."""

import json
from pathlib import Path
from typing import Any

import pytest

from caseworker.offline import caseworker_partner as tool
from caseworker.vault import sealing
from caseworker.vault.errors import FormatRefused, OpenFailed, VaultError
from caseworker.vault.packets import STEP, code_of_packet, open_packet, padded, seal_packet, suite_of_key, unpadded
from caseworker.vault.sealing import Suite, public_key_from_seed

SEED, OTHER = bytes(range(32)), bytes(range(1, 33))
SUITES = (Suite.X25519, Suite.XWING)
CONTENTS: dict[str, Any] = {
    "service": "Legal advice",
    "do_not_contact": True,
    "facts": {"Country": "Казахстан"},
    "records": [
        {"title": "1", "fields": {"contacts": "@fx_heron\x1b[2J"}, "contacts": [{"line": 1, "flags": "write: yes"}]}
    ],
}
WORDS = "six words that nobody else knows"


def packet(suite: Suite = Suite.XWING, seed: bytes = SEED, contents: dict[str, Any] = CONTENTS) -> bytes:
    return seal_packet(contents, suite=suite, public_key=public_key_from_seed(suite, seed))


def opened(raw: bytes, suite: Suite = Suite.XWING, seed: bytes = SEED) -> dict[str, Any]:
    return open_packet(raw, seed=seed, public_key=public_key_from_seed(suite, seed))


@pytest.mark.parametrize("suite", SUITES)
def test_it_opens_with_its_key_and_no_other(suite: Suite) -> None:
    made = packet(suite)
    assert opened(made, suite) == CONTENTS == tool.open_packet(made, suite, SEED)
    assert packet(suite) != made
    for refused in (opened, tool.open_packet):
        with pytest.raises((VaultError, tool.Stop)):
            refused(made, suite, OTHER)
    with pytest.raises(tool.Stop):
        tool.open_packet(made, 3 - suite, SEED)


@pytest.mark.parametrize("place", [0, 15, 16, 17, 18, 60, -1])
def test_altered_anywhere_it_does_not_open(place: int) -> None:
    made = bytearray(packet(Suite.X25519))
    made[place] ^= 1
    with pytest.raises(VaultError):
        opened(bytes(made), Suite.X25519)
    with pytest.raises(tool.Stop):
        tool.open_packet(bytes(made), Suite.X25519, SEED)


@pytest.mark.parametrize("length", [0, 1, 15, 16, 17, 18, 100])
def test_cut_anywhere_it_does_not_open(length: int) -> None:
    cut = packet(Suite.X25519)[:length]
    with pytest.raises((FormatRefused, OpenFailed)):
        opened(cut, Suite.X25519)
    with pytest.raises(tool.Stop):
        tool.open_packet(cut, Suite.X25519, SEED)


def test_the_box_of_one_packet_does_not_open_under_the_id_of_another() -> None:
    one, other = packet(), packet()
    with pytest.raises(OpenFailed):
        opened(one[:16] + other[16:])


def test_its_size_says_little() -> None:
    texts = ("", "a", "Б" * 1000)
    assert len({len(packet(contents={"text": text})) for text in texts}) == 1
    assert len(padded({"text": "a" * STEP})) == 2 * STEP


BLOCKS = {
    "empty": b"",
    "odd": b"\0" * (STEP - 1),
    "padding": padded({})[:-1] + b"x",
    "length": b"\xff\xff\xff\xff".ljust(STEP, b"\0"),
    "no JSON": b"\0\0\0\2{x".ljust(STEP, b"\0"),
    "a list": b"\0\0\0\2[]".ljust(STEP, b"\0"),
}


@pytest.mark.parametrize("name", BLOCKS)
def test_a_block_that_we_would_not_make_is_refused(name: str) -> None:
    with pytest.raises(FormatRefused):
        unpadded(BLOCKS[name])


@pytest.mark.parametrize("suite", SUITES)
def test_the_length_of_a_key_tells_its_suite(suite: Suite) -> None:
    public_key = public_key_from_seed(suite, SEED)
    assert suite_of_key(public_key) is suite
    with pytest.raises(FormatRefused):
        suite_of_key(public_key[:-1])


@pytest.mark.parametrize("suite", SUITES)
def test_the_tool_holds_the_same_formats(suite: Suite) -> None:
    public_key = public_key_from_seed(suite, SEED)
    assert tool.public_of(suite, SEED) == public_key
    assert tool.fingerprint(suite, public_key).replace(" ", "") == sealing.fingerprint(suite, public_key)
    made = packet(suite)
    assert tool.code_of(made) == code_of_packet(made)
    assert len(tool.code_of(made)) == 15


def answers(monkeypatch: pytest.MonkeyPatch, folder: Path, *typed: str) -> None:
    left = list(typed)
    monkeypatch.chdir(folder)
    monkeypatch.setattr(tool.getpass, "getpass", lambda _question: left.pop(0))
    monkeypatch.setattr(tool, "MEMORY_KIB", 64)


def test_a_partner_makes_a_key_and_opens_a_packet(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answers(monkeypatch, tmp_path, WORDS, WORDS, f" {WORDS} ", "other words entirely wrong")
    assert tool.main(["new-key"]) == 0
    kept = json.loads((tmp_path / tool.KEY_FILE).read_text())
    assert (tmp_path / tool.KEY_FILE).stat().st_mode & 0o077 == 0
    said = capsys.readouterr().out
    public_key = tool.base64.b64decode(kept["public_key"])
    assert kept["public_key"] in said
    assert tool.fingerprint(2, public_key) in said
    made = seal_packet(CONTENTS, suite=2, public_key=public_key)
    (tmp_path / "a.bin").write_bytes(made)
    assert tool.main(["open", "a.bin"]) == 0
    said = capsys.readouterr().out
    assert tool.code_of(made) in said
    for words in ("DO NOT CONTACT", "Country: Казахстан", "contacts: @fx_heron?[2J", "line 1: write: yes"):
        assert words in said
    assert "\x1b" not in said
    assert tool.main(["open", "a.bin"]) == 1
    assert "not the words" in capsys.readouterr().out
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.bin", tool.KEY_FILE]


@pytest.mark.parametrize(
    ("arguments", "typed", "said"),
    [
        ([], (), "new-key"),
        (["new-key"], ("too short",), "at least 16"),
        (["new-key"], (WORDS, "another"), "something else"),
        (["open", "none.bin"], (), "cannot be read"),
    ],
)
def test_it_says_what_does_not_fit(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    typed: tuple[str, ...],
    said: str,
) -> None:
    answers(monkeypatch, tmp_path, *typed)
    assert tool.main(arguments) == (1 if arguments else 0)
    assert said in capsys.readouterr().out
    assert not (tmp_path / tool.KEY_FILE).exists()


def test_a_key_file_is_never_overwritten_and_a_foreign_one_not_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answers(monkeypatch, tmp_path, WORDS)
    (tmp_path / tool.KEY_FILE).write_text('{"format": "another"}')
    (tmp_path / "a.bin").write_bytes(b"x")
    assert tool.main(["new-key"]) == tool.main(["open", "a.bin"]) == 1
    assert "exists already" in (out := capsys.readouterr().out)
    assert "another version" in out
    (tmp_path / tool.KEY_FILE).write_text('{"format": "casework-partner-key/1", "suite": 2}')
    assert tool.main(["open", "a.bin"]) == 1
    assert "damaged" in capsys.readouterr().out
