"""Known answers: published vectors for what is used, and our own formats pinned to the byte."""

import json
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.bindings._rust import openssl as rust_openssl
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM
from cryptography.hazmat.primitives.hpke import Suite as HpkeSuite
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from caseworker.vault import sealing
from caseworker.vault.envelope import split_data_key
from caseworker.vault.formats import ctx
from caseworker.vault.padding import pad, padded_size
from caseworker.vault.passphrase import Argon2Cost, derive_root, entropy_bits, generate_words, keyed_hash, word_list

VECTORS = json.loads((Path(__file__).parent / "vectors" / "hpke.json").read_text())
RECORD = UUID(bytes=bytes(range(16)))


def test_xwing_seeds_expand_as_the_draft_says() -> None:
    vector = VECTORS["xwing"]
    public = sealing.public_key_from_seed(sealing.Suite.XWING, bytes.fromhex(vector["skRm"]))
    assert public.hex() == vector["pkRm"]


def test_x25519_public_keys_are_rfc_9180s() -> None:
    vector = VECTORS["x25519"]
    public = sealing.public_key_from_seed(sealing.Suite.X25519, bytes.fromhex(vector["skRm"]))
    assert public.hex() == vector["pkRm"]


@pytest.mark.parametrize(
    ("name", "kem", "aead"),
    [("x25519", KEM.X25519, AEAD.AES_256_GCM), ("xwing", KEM.MLKEM768_X25519, AEAD.CHACHA20_POLY1305)],
)
def test_the_backend_opens_the_published_boxes(name: str, kem: KEM, aead: AEAD) -> None:
    """RFC 9180 and the hybrid draft bind associated data, which only the backend's own entry point takes."""
    vector = VECTORS[name]
    suite = sealing.Suite.X25519 if name == "x25519" else sealing.Suite.XWING
    half = sealing.expand(suite, bytes.fromhex(vector["skRm"]))
    first, box = vector["first"], bytes.fromhex(vector["enc"] + vector["first"]["ct"])
    opened = rust_openssl.hpke._decrypt_with_aad(
        HpkeSuite(kem, KDF.HKDF_SHA256, aead), box, half.key, bytes.fromhex(vector["info"]), bytes.fromhex(first["aad"])
    )
    assert opened.hex() == first["pt"]
    assert repr(half) == "<PrivateHalf>"


def test_the_backend_computes_rfc_9106_argon2id() -> None:
    derived = Argon2id(
        salt=bytes([2] * 16),
        length=32,
        iterations=3,
        lanes=4,
        memory_cost=32,
        ad=bytes([4] * 12),
        secret=bytes([3] * 8),
    ).derive(bytes([1] * 32))
    assert derived.hex() == "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659"


def test_the_backend_computes_rfc_5869_expand() -> None:
    prk = bytes.fromhex("077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5")
    okm = HKDFExpand(hashes.SHA256(), 42, bytes(range(0xF0, 0xFA))).derive(prk)
    assert okm.hex() == "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"


def test_the_data_key_splits_as_documented() -> None:
    split = split_data_key(bytes(range(32)), record_id=RECORD, generation=1)
    assert split.encryption.hex() == "20337bad1167a58b9955dcd5cd3e53d35a9b2a77324ec3e9b558174d0fe3e857"
    assert split.commitment.hex() == "af454a57e9e777d34fd61797b8cd9efdc0191045956560ce41a296b2f60eb13c"


def test_contexts_are_pinned_and_injective() -> None:
    assert ctx("dek", RECORD, 1) == (
        b"caseworker/1\0\x03\x02dek\0\0\0\x10" + bytes(range(16)) + b"\0\0\0\x08\0\0\0\0\0\0\0\x01"
    )
    assert (
        len({ctx("a", b"bc"), ctx("ab", b"c"), ctx("a", b"b", b"c"), ctx("a", b"", b"bc"), ctx("a", b"bc", b"")}) == 5
    )


@pytest.mark.parametrize(("suite", "sealed", "public"), [(1, 82, 32), (2, 1170, 1216)])
def test_sizes_of_sealed_keys(suite: int, sealed: int, public: int) -> None:
    pair = sealing.generate_key_pair(sealing.Suite(suite))
    assert len(pair.public_key) == public
    assert len(sealing.seal(bytes(32), suite=suite, public_key=pair.public_key, info=b"")) == sealed


@pytest.mark.parametrize(("length", "size"), [(0, 128), (126, 128), (127, 512), (510, 512), (511, 1024), (5000, 5120)])
def test_padding_hides_the_length(length: int, size: int) -> None:
    assert padded_size(length) == size == len(pad("x" * length))


def test_words_are_six_of_7776() -> None:
    word_list.cache_clear()
    assert len(set(word_list())) == 7776
    assert 77 < entropy_bits() < 78
    assert len(generate_words().split()) == 6
    assert generate_words(2, randbelow=lambda _n: 0) == "abacus abacus"


def test_the_stretched_words_are_pinned() -> None:
    root = derive_root("Abacus  abdomen", salt=bytes(16), cost=Argon2Cost(64, 1, 1))
    again = derive_root("abacus abdomen ", salt=bytes(16), cost=Argon2Cost(64, 1, 1))
    assert root == again
    assert root.matches(again.verifier)
    assert not root.matches(again.kek)
    assert root.kek != derive_root("abacus abdomen", salt=bytes(15) + b"1", cost=Argon2Cost(64, 1, 1)).kek
    assert repr(root) == "<Root>"


def test_claim_codes_are_keyed() -> None:
    assert keyed_hash(b"a" * 32, "Some words") == keyed_hash(b"a" * 32, "some  words")
    assert keyed_hash(b"a" * 32, "some words") != keyed_hash(b"b" * 32, "some words")
