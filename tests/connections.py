"""Partners, keys and consents for tests, made by the same actions as the pages."""

import contextlib
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from caseworker.exceptions import PolicyRefused
from caseworker.vault.sealing import KeyPair, Suite, fingerprint, public_key_from_seed
from requests_app.actions.assets import add_asset, add_partner_key
from requests_app.actions.consents import Answer, record_consent
from requests_app.connection_codes import AssetKind, ConsentDecision, ConsentScope, ConsentWay
from requests_app.models.cases import Case
from requests_app.models.connections import Asset, Consent
from tests.cast import START, Cast

PARTNER_NAME = "fx_Heron House, +44 7700 900777"
DAY = dt.timedelta(days=1)


@contextlib.contextmanager
def refused(words: str) -> Iterator[None]:
    """Expect a refusal whose sentence has *words* in it."""
    with pytest.raises(PolicyRefused) as refusal:
        yield
    assert words in str(refusal.value.message)


@dataclass(frozen=True)
class Partner:
    """A partner with the seed that only they have."""

    asset: Asset
    pair: KeyPair


def pair_of(suite: Suite = Suite.XWING, seed: bytes = bytes(range(100, 132))) -> KeyPair:
    """Return a key pair of a partner."""
    return KeyPair(suite, seed, public_key_from_seed(suite, seed))


def make_asset(cast: Cast, kind: AssetKind = AssetKind.GUIDE, name: str = "") -> Asset:
    """Let Eva add something to the north circle."""
    return add_asset(kind, cast.north, name, actor=cast.eva.person, now=START)


def make_partner(cast: Cast, suite: Suite = Suite.XWING) -> Partner:
    """Let Eva add a partner of the north circle with a key."""
    asset, pair = make_asset(cast, AssetKind.PARTNER, PARTNER_NAME), pair_of(suite)
    compared = fingerprint(pair.suite, pair.public_key)
    add_partner_key(asset, pair.public_key, compared=compared, actor=cast.eva.person, now=START)
    return Partner(asset, pair)


def agree(cast: Cast, case: Case, partner: Asset, *, now: dt.datetime = START, days: int = 60) -> Consent:
    """Let Boris record that the person agrees to be referred."""
    until = now.date() + days * DAY
    answer = Answer(ConsentScope.REFERRAL, ConsentDecision.GIVEN, ConsentWay.SAID, until, partner)
    return record_consent(case, answer, actor=cast.boris.person, now=now)
