"""The ways in which something secret may lie on a disk, and a search for all of them in every file below some folders."""

import base64
import json
import pickle
from collections.abc import Iterable, Iterator
from pathlib import Path


def _in_base64(raw: bytes) -> Iterator[bytes]:
    """Yield the inner part of each of the three alignments."""
    for shift in range(3):
        whole = base64.b64encode(bytes(shift) + raw)
        yield whole[4 if shift else 0 : -4]


def spellings(marker: str) -> Iterator[bytes]:
    """Yield the spellings of a text."""
    raw = marker.encode()
    yield raw
    yield marker.encode("utf-16-le")
    yield marker.encode("utf-16-be")
    yield raw.hex().encode()
    yield json.dumps(marker).strip('"').encode()
    yield pickle.dumps(marker)[10:-3]
    yield from _in_base64(raw)


def byte_spellings(secret: bytes) -> Iterator[bytes]:
    """Yield the spellings of a key or a ciphertext."""
    yield secret
    yield secret.hex().encode()
    yield secret.hex().upper().encode()
    yield from _in_base64(secret)


def found_in(folders: Iterable[Path], needles: dict[str, list[bytes]]) -> set[tuple[str, str]]:
    """Return which needle was found in which file; files are read whole."""
    found = set()
    for folder in folders:
        for path in (one for one in folder.rglob("*") if one.is_file()):
            content = path.read_bytes()
            for name, spelled in needles.items():
                if any(one in content for one in spelled):
                    found.add((name, str(path.relative_to(folder))))
    return found
