"""Generated words and the one Argon2id run (RFC 9106) that turns them into a key and a verifier.

Six words of a list of 7,776 are 77.5 bits. Nobody types a passphrase of their own, so the stretching only has to cover a guesser who
holds the database: 128 MiB, 3 passes, 1 lane by default.
"""

import hashlib
import hmac
import math
import secrets
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from caseworker.vault.errors import WordsRefused

WORD_COUNT = 6
WORD_LIST = Path(__file__).parent / "words" / "en.txt"
ROOT_BYTES = 64
LOGIN_DATA = b"caseworker/1/login"


class Argon2Cost(NamedTuple):
    """Memory in KiB, passes, lanes."""

    memory_kib: int
    iterations: int
    lanes: int


DEFAULT_COST = Argon2Cost(128 * 1024, 3, 1)


@dataclass(frozen=True)
class Root:
    """The two halves of the stretched words: the key that unwraps the seed, and what the server may compare."""

    kek: bytes
    verifier: bytes

    def matches(self, verifier: bytes) -> bool:
        """Compare with a stored verifier in constant time."""
        return hmac.compare_digest(self.verifier, verifier)

    def __repr__(self) -> str:
        """Show nothing."""
        return "<Root>"


@cache
def word_list() -> tuple[str, ...]:
    """Return the 7,776 words in their pinned order."""
    return tuple(WORD_LIST.read_text(encoding="ascii").split())


def entropy_bits(count: int = WORD_COUNT) -> float:
    """Return the entropy of *count* generated words in bits."""
    return count * math.log2(len(word_list()))


def generate_words(count: int = WORD_COUNT, *, randbelow: Callable[[int], int] = secrets.randbelow) -> str:
    """Return *count* words drawn independently, separated by spaces."""
    words = word_list()
    return " ".join(words[randbelow(len(words))] for _ in range(count))


def normalize_words(text: str) -> str:
    """Return the words in the one form that is stretched: NFKC, lower case, single spaces; hyphens inside a word stay."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def check_words(text: str, count: int = WORD_COUNT) -> str:
    """Return the normalized words; raises ``WordsRefused`` unless they are *count* words of the list."""
    normalized = normalize_words(text)
    parts = normalized.split(" ")
    if len(parts) != count or not set(parts) <= set(word_list()):
        raise WordsRefused
    return normalized


def derive_root(words: str, *, salt: bytes, cost: Argon2Cost = DEFAULT_COST) -> Root:
    """Stretch *words* once with Argon2id (length 64, associated data ``caseworker/1/login``) and split the result."""
    stretched = Argon2id(
        salt=salt,
        length=ROOT_BYTES,
        iterations=cost.iterations,
        lanes=cost.lanes,
        memory_cost=cost.memory_kib,
        ad=LOGIN_DATA,
    ).derive(normalize_words(words).encode("utf-8", "surrogatepass"))
    return Root(stretched[:32], stretched[32:])


def keyed_hash(key: bytes, words: str) -> str:
    """Return HMAC-SHA256 (hex) of the normalized words: how a claim code is stored."""
    return hmac.new(key, normalize_words(words).encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()
