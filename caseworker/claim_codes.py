"""Claim codes: words that authorize a requester later, on any channel. They decrypt nothing; only a keyed hash is stored."""

import hmac
from dataclasses import dataclass

from django.conf import settings

from caseworker.vault.passphrase import generate_words, keyed_hash

WORDS = 4
"""Four of 7,776 words: 51 bits, enough against guessing through a throttled page."""


@dataclass(frozen=True)
class ClaimCode:
    """The words to read out, which exist nowhere else, and what may be stored of them."""

    words: str
    stored: str

    def __repr__(self) -> str:
        """Show nothing."""
        return "<ClaimCode>"


def new_claim_code() -> ClaimCode:
    """Return a fresh claim code."""
    words = generate_words(WORDS)
    return ClaimCode(words, keyed_hash(settings.CLAIM_CODE_KEY, words))


def claim_code_fits(words: str, stored: str) -> bool:
    """Tell in constant time whether *words* are the code that was stored as *stored*."""
    return hmac.compare_digest(keyed_hash(settings.CLAIM_CODE_KEY, words), stored)
