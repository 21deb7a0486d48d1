"""Make a key for referrals, and open the packets that come. One file; needs Python 3.11 and ``cryptography`` 50. Best on a computer that is offline.

    python -I caseworker_partner.py new-key           make a key; it lies in partner-key.json, under words that only you know
    python -I caseworker_partner.py open FILE         open a packet here, on the screen alone

It imports nothing of the project: the formats below are copies, and a test holds them equal to the server's. What was opened is written
nowhere. Nothing here goes over a network.
"""

import base64
import getpass
import hashlib
import json
import os
import secrets
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

try:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, MLKEM768X25519PrivateKey, Suite
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
except ImportError:
    sys.exit(
        "This tool needs the Python package cryptography, version 50. Install it (pip install cryptography), then run this again. Nothing was done."
    )

KEY_FILE, FORMAT = "partner-key.json", "casework-partner-key/1"
SUITES = {1: KEM.X25519, 2: KEM.MLKEM768_X25519}
MEMORY_KIB, ITERATIONS, LANES = 131072, 3, 1
FEWEST_LETTERS = 16


class Stop(Exception):
    """Something does not fit; the message says what."""


def ctx(purpose: str, *parts: bytes | UUID) -> bytes:
    """Return the context that binds a box to its place: every part with its length."""
    encoded = [part.bytes if isinstance(part, UUID) else part for part in parts]
    body = b"".join(len(part).to_bytes(4, "big") + part for part in encoded)
    return b"caseworker/1\x00" + bytes((len(purpose), len(encoded))) + purpose.encode("ascii") + body


def private_of(seed: bytes) -> tuple[MLKEM768PrivateKey, X25519PrivateKey]:
    """Expand a seed into its two halves."""
    expanded = hashlib.shake_256(seed).digest(96)
    return MLKEM768PrivateKey.from_seed_bytes(expanded[:64]), X25519PrivateKey.from_private_bytes(expanded[64:])


def public_of(suite: int, seed: bytes) -> bytes:
    """Return the public key of a seed."""
    if suite == 1:
        return X25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    kem, curve = private_of(seed)
    return kem.public_key().public_bytes_raw() + curve.public_key().public_bytes_raw()


def fingerprint(suite: int, public_key: bytes) -> str:
    """Return the 20 hex digits that people compare aloud, in groups of four."""
    digits = hashlib.sha256(bytes((suite,)) + public_key).hexdigest()[:20]
    return " ".join(digits[n : n + 4] for n in range(0, 20, 4))


def code_of(packet: bytes) -> str:
    """Return the twelve letters of a packet."""
    letters = base64.b32encode(hashlib.sha256(packet).digest()).decode("ascii")[:12]
    return "-".join(letters[n : n + 3] for n in range(0, 12, 3))


def wrapping_key(words: str, salt: bytes) -> AESGCM:
    """Stretch the words into the key of the key file."""
    stretched = Argon2id(salt=salt, length=32, iterations=ITERATIONS, lanes=LANES, memory_cost=MEMORY_KIB)
    return AESGCM(stretched.derive(" ".join(words.split()).encode()))


def lock_key(suite: int, seed: bytes, words: str) -> dict[str, Any]:
    """Return the contents of the key file."""
    salt, nonce, public_key = secrets.token_bytes(16), secrets.token_bytes(12), public_of(suite, seed)
    box = wrapping_key(words, salt).encrypt(nonce, seed, ctx("partner-key", bytes((suite,)), public_key))
    parts = {"salt": salt, "nonce": nonce, "box": box, "public_key": public_key}
    texts = {name: base64.b64encode(raw).decode("ascii") for name, raw in parts.items()}
    return {"format": FORMAT, "suite": suite} | texts


def unlock_key(kept: dict[str, Any], words: str) -> bytes:
    """Return the seed in the key file."""
    raw = {name: base64.b64decode(kept[name]) for name in ("salt", "nonce", "box", "public_key")}
    place = ctx("partner-key", bytes((int(kept["suite"]),)), raw["public_key"])
    try:
        return wrapping_key(words, raw["salt"]).decrypt(raw["nonce"], raw["box"], place)
    except InvalidTag:
        raise Stop("These are not the words of this key.") from None


def open_packet(packet: bytes, suite: int, seed: bytes) -> dict[str, Any]:
    """Return what is in a packet."""
    box, public_key = packet[16:], public_of(suite, seed)
    if len(packet) < 18 or box[0] != 1 or box[1] not in SUITES:
        raise Stop("This file is no packet that this tool reads.")
    if box[1] != suite:
        raise Stop("This packet was made for another key.")
    key = X25519PrivateKey.from_private_bytes(seed) if suite == 1 else MLKEM768X25519PrivateKey(*private_of(seed))
    info = ctx("referral", UUID(bytes=packet[:16]), public_key)
    try:
        hpke = Suite(SUITES[suite], KDF.HKDF_SHA256, AEAD.AES_256_GCM)
        block = hpke.decrypt(box[2:], key, info=info)
    except (InvalidTag, ValueError):
        raise Stop("This packet does not open: it was made for another key, or it was altered or cut.") from None
    contents: dict[str, Any] = json.loads(block[4 : 4 + int.from_bytes(block[:4], "big")])
    return contents


def plain(text: object) -> str:
    """Return text without characters that could command a terminal."""
    return "".join(c if c.isprintable() or c == "\n" else "?" for c in str(text))


def lines_of(contents: dict[str, Any]) -> list[str]:
    """Return what is shown."""
    lines = [f"Asked for: {contents['service']}"]
    if contents["do_not_contact"]:
        lines.append("DO NOT CONTACT THE PERSON. Answer whoever sent this.")
    lines += [f"{label}: {value}" for label, value in contents["facts"].items()]
    for record in contents["records"]:
        lines.append(f"\n--- {record['title']}")
        lines += [f"{label}: {value}" for label, value in record["fields"].items()]
        lines += [f"line {point['line']}: {point['flags']}" for point in record["contacts"]]
    return [plain(line) for line in lines]


def new_key() -> None:
    """Make a key file and show the public half."""
    if Path(KEY_FILE).exists():
        raise Stop(f"{KEY_FILE} exists already. Move it away and run this again.")
    words = getpass.getpass("Six words or more that lock this key: ")
    if len(words) < FEWEST_LETTERS:
        raise Stop(f"Take at least {FEWEST_LETTERS} letters. Nothing was written.")
    if getpass.getpass("The same again: ") != words:
        raise Stop("That was something else. Nothing was written.")
    seed = secrets.token_bytes(32)
    descriptor = os.open(KEY_FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(json.dumps(lock_key(2, seed, words)))
    public_key = public_of(2, seed)
    print(f"\nWritten: {KEY_FILE}. Keep it and the words apart; without either no packet opens.")
    print(f"\nSend this, by any way:\n\n{base64.b64encode(public_key).decode('ascii')}\n")
    print(f"Read this aloud to them, by voice:\n\n{fingerprint(2, public_key)}\n")


def show(name: str) -> None:
    """Open a packet on the screen."""
    try:
        kept, packet = json.loads(Path(KEY_FILE).read_bytes()), Path(name).read_bytes()
    except OSError:
        raise Stop(f"The packet or {KEY_FILE} cannot be read here.") from None
    if kept.get("format") != FORMAT or kept.get("suite") not in SUITES:
        raise Stop("The key file is from another version.")
    print(f"\nCode of this file, to be compared aloud: {code_of(packet)}\n")
    seed = unlock_key(kept, getpass.getpass("Your words: "))
    print("\n".join(lines_of(open_packet(packet, kept["suite"], seed))))


def main(arguments: list[str]) -> int:
    """Run; returns 0, or 1 when something does not fit."""
    try:
        if arguments == ["new-key"]:
            new_key()
        elif len(arguments) == 2 and arguments[0] == "open":
            show(arguments[1])
        else:
            print(__doc__)
    except Stop as reason:
        print(f"\nSTOP. {reason}")
        return 1
    except (KeyError, ValueError, TypeError, AttributeError):
        print("\nSTOP. This file is damaged. Ask for it again.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
