"""References that people say aloud: random, never a counter (a counter gives away volume), with a check character.

Shape ``K7-4MQT``: six characters of an alphabet of 31 without look-alikes (0 O, 1 I L), the last one a check. The alphabet's size is
prime and the weights differ, so every single wrong character and every swap of two neighbours is found.
"""

import secrets
import unicodedata
from collections.abc import Callable

from caseworker.vault.passphrase import generate_words

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
RANDOM_CHARACTERS = 5
HEAD = 2


def check_character(body: str) -> str:
    """Return the check character of *body*; raises ``ValueError`` for a character outside the alphabet."""
    total = sum(weight * ALPHABET.index(character) for weight, character in enumerate(body, start=2))
    return ALPHABET[total % len(ALPHABET)]


def new_reference(*, randbelow: Callable[[int], int] = secrets.randbelow) -> str:
    """Return a fresh random reference; whoever stores it must be ready for a collision (one in 28 million each)."""
    body = "".join(ALPHABET[randbelow(len(ALPHABET))] for _ in range(RANDOM_CHARACTERS))
    whole = body + check_character(body)
    return f"{whole[:HEAD]}-{whole[HEAD:]}"


def parse_reference(text: str) -> str | None:
    """Return the reference that somebody typed in its one spelling, or None when it cannot be one."""
    bare = "".join(c for c in unicodedata.normalize("NFKC", text).upper() if c in ALPHABET)
    wanted = len(bare) == RANDOM_CHARACTERS + 1 and check_character(bare[:-1]) == bare[-1]
    return f"{bare[:HEAD]}-{bare[HEAD:]}" if wanted else None


def new_codename() -> str:
    """Return two words to speak of a case by."""
    return generate_words(2)
