"""Use a recovery sheet, on a laptop that was never and will never be online. One file; needs Python 3.11 and ``cryptography`` 50.

    python -I caseworker_recover.py bundle.json           say what is asked, ask for the sheets, write answer.json
    python -I caseworker_recover.py bundle.json --show    read archived records here, on the screen alone
    python -I caseworker_recover.py backup-key FILE...    open the keys of backup files; they go to backup-keys.txt, for one restore
    python -I caseworker_recover.py new-sheet             make a new recovery sheet; its public half goes to public-key.json

It imports nothing of the project: the formats below are copies, and a test holds them equal to the server's. Nothing that was typed or
opened is written anywhere, the keys of backup files apart; all else that is written is sealed or public. Nothing here goes over a network.
"""

import base64
import hashlib
import hmac
import json
import os
import secrets
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

try:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
    from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from cryptography.hazmat.primitives.hpke import (
        AEAD,
        KDF,
        KEM,
        MLKEM768X25519PrivateKey,
        MLKEM768X25519PublicKey,
        Suite,
    )
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand
except ImportError:
    sys.exit(
        "This tool needs the Python package cryptography, version 50. Install it (pip install cryptography), then run this again. Nothing was done."
    )

BUNDLE, ANSWER, PUBLIC = "casework-recovery-bundle/1", "casework-recovery-answer/1", "casework-recovery-public/1"
ALPHABET, GROUPS, GROUP = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 13, 4
SUITES = {1: KEM.X25519, 2: KEM.MLKEM768_X25519}
Part = bytes | str | int | UUID
Seeds = dict[UUID, bytes]


class Stop(Exception):
    """Something does not fit; the message says what, and nothing was written."""


# -- the formats ---------------------------------------------------------------------------------------------------------


def ctx(purpose: str, *parts: Part) -> bytes:
    """Return the context that binds a box to its place: every part with its length."""
    encoded = [
        part.bytes
        if isinstance(part, UUID)
        else part.to_bytes(8, "big")
        if isinstance(part, int)
        else part.encode()
        if isinstance(part, str)
        else part
        for part in parts
    ]
    body = b"".join(len(part).to_bytes(4, "big") + part for part in encoded)
    return b"caseworker/1\x00" + bytes((len(purpose), len(encoded))) + purpose.encode("ascii") + body


def _hpke(suite: int) -> Suite:
    if suite not in SUITES:
        raise Stop("This file is from a newer version: take the newer tool.")
    return Suite(SUITES[suite], KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def _private(suite: int, seed: bytes) -> Any:
    if suite == 1:
        return X25519PrivateKey.from_private_bytes(seed)
    expanded = hashlib.shake_256(seed).digest(96)
    curve = X25519PrivateKey.from_private_bytes(expanded[64:])
    return MLKEM768X25519PrivateKey(MLKEM768PrivateKey.from_seed_bytes(expanded[:64]), curve)


def public_of(suite: int, seed: bytes) -> bytes:
    """Return the public key of a seed."""
    if suite == 1:
        return X25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    expanded = hashlib.shake_256(seed).digest(96)
    kem = MLKEM768PrivateKey.from_seed_bytes(expanded[:64]).public_key().public_bytes_raw()
    return kem + X25519PrivateKey.from_private_bytes(expanded[64:]).public_key().public_bytes_raw()


def seal(secret: bytes, suite: int, public_key: bytes, info: bytes) -> bytes:
    """Seal a secret to a public key."""
    hpke, key = _hpke(suite), X25519PublicKey.from_public_bytes(public_key[-32:])
    if suite == 1:
        return bytes((1, suite)) + hpke.encrypt(secret, key, info=info)
    both = MLKEM768X25519PublicKey(MLKEM768PublicKey.from_public_bytes(public_key[:-32]), key)
    return bytes((1, suite)) + hpke.encrypt(secret, both, info=info)


def open_box(box: bytes, seed: bytes, info: bytes) -> bytes:
    """Open what :func:`seal` made; stops when it is for another key, another place, or altered."""
    if len(box) < 2 or box[0] != 1:
        raise Stop("A box in this file has a format that this tool does not read.")
    try:
        return _hpke(box[1]).decrypt(box[2:], _private(box[1], seed), info=info)
    except (InvalidTag, ValueError):
        raise Stop(
            "A box in this file does not open with this sheet: it was altered, or is from another place."
        ) from None


def fingerprint(suite: int, public_key: bytes) -> str:
    """Return the 20 hex digits that people compare aloud."""
    return hashlib.sha256(bytes((suite,)) + public_key).hexdigest()[:20]


def spaced(digits: str) -> str:
    """Return digits in groups of four."""
    return " ".join(digits[n : n + 4] for n in range(0, len(digits), 4))


def vouch(seed: bytes, key_id: UUID, version: int, member: "Key") -> bytes:
    """Return the vouch for a member's key under the circle's seed."""
    key = HKDF(hashes.SHA256(), 32, salt=None, info=ctx("vouch-key", key_id, version)).derive(seed)
    return hmac.new(key, ctx("vouch", member.id, member.suite, member.public_key), hashlib.sha256).digest()


def canonical(contents: Mapping[str, Any]) -> bytes:
    """Return the one spelling of a file's contents."""
    kept = {name: value for name, value in contents.items() if name not in ("challenge", "mac")}
    return json.dumps(kept, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode("ascii")


def code_of(digest: bytes) -> str:
    """Return twelve characters in threes."""
    letters = base64.b32encode(digest).decode("ascii")[:12]
    return "-".join(letters[n : n + 3] for n in range(0, 12, 3))


def encoded(raw: bytes) -> str:
    """Return bytes as text."""
    return base64.b64encode(raw).decode("ascii")


# -- keys and sheets -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Key:
    """A public key with its id."""

    id: UUID
    suite: int
    public_key: bytes

    @property
    def fingerprint(self) -> str:
        """Its fingerprint."""
        return fingerprint(self.suite, self.public_key)


@dataclass(frozen=True)
class Sheets:
    """The recovery keys of one policy, in the order of their shares."""

    policy: str
    keys: list[Key]

    @property
    def digest(self) -> bytes:
        """SHA-256 over policy and keys."""
        parts: list[Part] = [self.policy]
        for key in self.keys:
            parts += [key.id, key.suite, key.public_key]
        return hashlib.sha256(ctx("recovery-set", *parts)).digest()

    def _info(self, place: int, purpose: str, parts: Iterable[Part]) -> bytes:
        placed = (self.policy, len(self.keys), place, self.digest, self.keys[place].id)
        return ctx("share", *placed, ctx(purpose, *parts))

    def seal(self, secret: bytes, purpose: str, *parts: Part) -> dict[str, str]:
        """Seal a secret to every key ("any") or split it over all of them ("all")."""
        if self.policy == "any":
            infos = [ctx(purpose, *parts, key.id) for key in self.keys]
            shares = [secret for _key in self.keys]
        else:
            infos = [self._info(place, purpose, parts) for place in range(len(self.keys))]
            shares, split = _split(secret, len(self.keys)), secrets.token_bytes(16)
            shares = [split + share for share in shares]
        boxes = zip(self.keys, shares, infos, strict=True)
        return {str(key.id): encoded(seal(share, key.suite, key.public_key, info)) for key, share, info in boxes}

    def open(self, boxes: Mapping[str, str], seeds: Seeds, purpose: str, *parts: Part) -> bytes:
        """Return a secret from its boxes with the typed sheets."""
        found = {key.id: base64.b64decode(boxes[str(key.id)]) for key in self.keys if str(key.id) in boxes}
        if self.policy == "any":
            for key in self.keys:
                if key.id in seeds and key.id in found:
                    return open_box(found[key.id], seeds[key.id], ctx(purpose, *parts, key.id))
        if self.policy == "any" or len(found) != len(self.keys):
            raise Stop("This file holds nothing that the typed sheets open.")
        opened = [
            open_box(found[key.id], seeds[key.id], self._info(place, purpose, parts))
            for place, key in enumerate(self.keys)
        ]
        if len({share[:16] for share in opened}) != 1 or len({len(share) for share in opened}) != 1:
            raise Stop("The shares in this file do not belong together.")
        secret = bytes(len(opened[0]) - 16)
        for share in opened:
            secret = bytes(a ^ b for a, b in zip(secret, share[16:], strict=True))
        return secret


def _split(secret: bytes, count: int) -> list[bytes]:
    shares, last = [], secret
    for _ in range(count - 1):
        shares.append(secrets.token_bytes(len(secret)))
        last = bytes(a ^ b for a, b in zip(last, shares[-1], strict=True))
    return [*shares, last]


def check_character(place: int, group: str) -> str:
    """Return the fifth character of a group."""
    return ALPHABET[hashlib.sha256(bytes((place,)) + group.encode("ascii")).digest()[0] % len(ALPHABET)]


def sheet_of(seed: bytes) -> list[str]:
    """Return the 13 groups that stand on paper."""
    code = base64.b32encode(seed).decode("ascii").rstrip("=")
    parts = [code[n : n + GROUP] for n in range(0, len(code), GROUP)]
    return [part + check_character(place, part) for place, part in enumerate(parts)]


def seed_of(groups: list[str]) -> bytes:
    """Return the seed on a sheet whose groups were checked."""
    return base64.b32decode("".join(group[:GROUP] for group in groups) + "====")


def letters_of(typed: str) -> str:
    """Return the letters of a sheet in what was typed: case, spaces and dashes do not matter, and 0, 1, 8 are O, I, B."""
    return "".join(c for c in typed.upper().translate(str.maketrans("018", "OIB")) if c in ALPHABET)


def ask(question: str) -> str:
    """Ask on the terminal."""
    try:
        return input(question)
    except EOFError:
        raise Stop("Nothing more was typed. Nothing was written.") from None


def type_sheet() -> bytes:
    """Ask for a sheet, whole or group by group; a wrong group is named and asked for again."""
    typed, groups = "", list[str]()
    print("Type the groups of the sheet; several in one line are fine.")
    while len(groups) < GROUPS:
        typed = typed or letters_of(ask(f"Group {len(groups) + 1}: "))
        group, typed = typed[: GROUP + 1], typed[GROUP + 1 :]
        if len(group) == GROUP + 1 and group[GROUP] == check_character(len(groups), group[:GROUP]):
            groups.append(group)
        else:
            print(f"Group {len(groups) + 1} is not what the sheet says. Type on from this group.")
            typed = ""
    return seed_of(groups)


def type_sheets(sheets: Sheets) -> Seeds:
    """Ask for as many sheets as the policy needs."""
    seeds: Seeds = {}
    needed = len(sheets.keys) if sheets.policy == "all" else 1
    while len(seeds) < needed:
        print(f"\nSheet {len(seeds) + 1} of {needed}.")
        seed = type_sheet()
        fits = [key for key in sheets.keys if public_of(key.suite, seed) == key.public_key]
        if not fits:
            print(f"This is another sheet: its fingerprint is {spaced(fingerprint(2, public_of(2, seed)))}.")
        elif fits[0].id in seeds:
            print("This sheet was typed already. Take the next one.")
        for key in fits:
            seeds[key.id] = seed
    return seeds


# -- what a bundle asks --------------------------------------------------------------------------------------------------


def key_in(part: Mapping[str, Any]) -> Key:
    """Return a key as it stands in a file."""
    return Key(UUID(part["id"]), int(part["suite"]), base64.b64decode(part["public_key"]))


def sheets_in(part: Mapping[str, Any]) -> Sheets:
    """Return a set of recovery keys as it stands in a file."""
    if part["policy"] not in ("any", "all"):
        raise Stop("This file is from a newer version: take the newer tool.")
    keys = [key_in(one) for one in part["keys"]]
    return Sheets(part["policy"], sorted(keys, key=lambda key: (key.fingerprint, key.id)))


def open_circle(part: Mapping[str, Any], sheets: Sheets, seeds: Seeds) -> bytes:
    """Return a circle's seed from its escrow; stops when it does not belong to the circle's public key."""
    key, version = key_in(part), int(part["version"])
    seed = sheets.open(part["escrows"], seeds, "circle-seed-recovery", key.id, version)
    if len(seed) != 32 or public_of(key.suite, seed) != key.public_key:
        raise Stop("A circle's public key is not the one of its seed: somebody exchanged it. Do not go on.")
    return seed


def open_data_key(part: Mapping[str, Any], sheets: Sheets, seeds: Seeds) -> tuple[bytes, bytes]:
    """Return a record's data key and its encryption half, after comparing the commitment."""
    record, generation = UUID(part["id"]), int(part["generation"])
    data_key = sheets.open(part["keys"], seeds, "dek", record, generation)
    halves = HKDFExpand(hashes.SHA256(), 64, ctx("dek", record, generation)).derive(data_key)
    if not hmac.compare_digest(halves[32:], base64.b64decode(part["commitment"])):
        raise Stop("A record's key is not the one it was sealed with. Do not go on.")
    return data_key, halves[:32]


def open_text(part: Mapping[str, Any], name: str, key: bytes) -> str:
    """Return one field of a record, without characters that could command a terminal."""
    box, schema = base64.b64decode(part["fields"][name]), int(part["schema"])
    place = ctx("field", UUID(part["id"]), name, int(part["generation"]), schema)
    try:
        block = AESGCM(key).decrypt(box[2:14], box[14:], place)
    except InvalidTag:
        raise Stop("A field of a record was altered.") from None
    text = block[2 : 2 + int.from_bytes(block[:2], "big")].decode("utf-8", "replace")
    return "".join(c if c.isprintable() or c == "\n" else "?" for c in text)


def grants(bundle: Mapping[str, Any], sheets: Sheets, seeds: Seeds) -> dict[str, Any]:
    """Seal every circle seed to the person's new key, with the vouch."""
    person, made = key_in(bundle["person"]), []
    typed = ask("\nThe person reads the fingerprint from their own profile page. Type it: ")
    if typed.replace(" ", "").lower() != person.fingerprint:
        raise Stop(
            "That is not the fingerprint in this bundle: another key stands in the person's place. Do not go on."
        )
    for part in bundle["circles"]:
        seed, circle, version = open_circle(part, sheets, seeds), UUID(part["id"]), int(part["version"])
        box = seal(seed, person.suite, person.public_key, ctx("circle-seed", circle, version, person.id))
        named = vouch(seed, circle, version, person)
        made.append({"circle": str(circle), "sealed": encoded(box), "vouch": encoded(named)})
    return {"grants": made}


def records(bundle: Mapping[str, Any], sheets: Sheets, seeds: Seeds) -> dict[str, Any]:
    """Seal every record's data key to the circle, once the circle's key was found genuine."""
    circle, made = key_in(bundle["circle"]), []
    open_circle(bundle["circle"], sheets, seeds)
    for part in bundle["records"]:
        data_key, _half = open_data_key(part, sheets, seeds)
        info = ctx("dek", UUID(part["id"]), int(part["generation"]), circle.id)
        made.append({"record": part["id"], "sealed": encoded(seal(data_key, circle.suite, circle.public_key, info))})
    return {"keys": made}


def reseal(bundle: Mapping[str, Any], sheets: Sheets, seeds: Seeds) -> dict[str, Any]:
    """Seal every record's data key to the new recovery sheets, once somebody compared them."""
    new, made = sheets_in(bundle["target"]), []
    left = [key.fingerprint for key in new.keys]
    while left:
        typed = ask("\nType the fingerprint that stands on a new sheet, each sheet once: ").replace(" ", "").lower()
        if typed not in left:
            raise Stop(f"No other new key in this bundle has it; one has {spaced(left[0])}. Do not go on.")
        left.remove(typed)
    for part in bundle["records"]:
        data_key, _half = open_data_key(part, sheets, seeds)
        boxes = new.seal(data_key, "dek", UUID(part["id"]), int(part["generation"]))
        made.append({"record": part["id"], "boxes": boxes})
    return {"keys": made}


def show(bundle: Mapping[str, Any], sheets: Sheets, seeds: Seeds) -> None:
    """Print the texts of archived records."""
    for part in bundle["records"]:
        key = open_data_key(part, sheets, seeds)[1]
        print(f"\n--- {part['kind']}, {part['month']}")
        for name in part["fields"]:
            print(f"{name}: {open_text(part, name, key)}")


WORK: dict[str, tuple[str, Callable[[Mapping[str, Any], Sheets, Seeds], dict[str, Any]]]] = {
    "circles": ("open {circles} circle key(s) and seal them to ONE person's new key", grants),
    "records": ("open {records} archived record key(s) and seal them to ONE circle's key", records),
    "reseal": ("open {records} record key(s) and seal them to the NEW recovery sheets", reseal),
}


def explain(bundle: Mapping[str, Any], sheets: Sheets) -> None:
    """Say in words what this bundle asks, and with which keys."""
    counts = {name: len(bundle.get(name, ())) for name in ("circles", "records")}
    asked = "show that the sheets open a challenge: a drill" if bundle["kind"] == "drill" else WORK[bundle["kind"]][0]
    print(f"\nThis bundle asks to {asked.format(**counts)}.")
    print(f"Code of this bundle, the same as on the page: {code_of(hashlib.sha256(canonical(bundle)).digest())}")
    needed = "ALL of these sheets are needed" if sheets.policy == "all" else "ANY ONE of these sheets is enough"
    print(f"{needed}:", *(f"  sheet  {spaced(key.fingerprint)}" for key in sheets.keys), sep="\n")
    for part in bundle.get("circles", []) + [bundle[one] for one in ("circle",) if one in bundle]:
        print(f"  circle {spaced(key_in(part).fingerprint)}, version {part['version']}")
    if "person" in bundle:
        print(f"  to     {spaced(key_in(bundle['person']).fingerprint)}")
    new = sheets_in(bundle["target"]) if "target" in bundle else Sheets("any", [])
    for key in new.keys:
        print(f"  to     {spaced(key.fingerprint)}, new sheet")
    if new.keys:
        print(
            "From then on ALL new sheets are needed."
            if new.policy == "all"
            else "From then on ANY ONE new sheet is enough."
        )


def run(bundle: Mapping[str, Any], *, on_screen: bool) -> dict[str, Any] | None:
    """Explain, ask, open, answer."""
    sheets = sheets_in(bundle["recovery"])
    explain(bundle, sheets)
    if ask("\nIs this what you came for, and is the code the same? Type yes: ").strip().lower() != "yes":
        raise Stop("Nothing was opened.")
    seeds, digest = type_sheets(sheets), hashlib.sha256(canonical(bundle)).digest()
    request = UUID(bundle["request"])
    challenge = sheets.open(bundle["challenge"], seeds, "recovery-challenge", request, digest)
    if bundle["kind"] == "drill":
        for key_id in seeds:
            proof = hmac.new(challenge, ctx("recovery-drill", key_id), hashlib.sha256).digest()
            print(f"\nThe sheet opens. Type this code into the page: {code_of(proof)}")
        return None
    if on_screen:
        show(bundle, sheets, seeds)
        return None
    answer = {"format": ANSWER, "request": bundle["request"], "bundle": digest.hex(), "kind": bundle["kind"]}
    answer |= WORK[bundle["kind"]][1](bundle, sheets, seeds)
    return answer | {"mac": hmac.new(challenge, ctx("recovery-answer", canonical(answer)), hashlib.sha256).hexdigest()}


def take(raw: bytes, length: int) -> tuple[bytes, bytes]:
    """Return the first bytes and the rest; stops when there are fewer."""
    if len(raw) < length:
        raise Stop("A backup file is cut. Nothing was written.")
    return raw[:length], raw[length:]


def take_sized(raw: bytes) -> tuple[bytes, bytes]:
    """Return bytes behind their u16 length, and the rest."""
    length, raw = take(raw, 2)
    return take(raw, int.from_bytes(length, "big"))


@dataclass(frozen=True)
class Backup:
    """The clear header of a backup file."""

    id: UUID
    stream: int
    sheets: Sheets
    boxes: dict[str, str]


def backup_in(name: str) -> Backup:
    """Return the header of a backup file: ``CWBK | 01 | u32 length | header``."""
    try:
        with Path(name).open("rb") as file:
            outer = file.read(9)
            raw = file.read(int.from_bytes(outer[5:], "big") if outer[:5] == b"CWBK\x01" else 0)
    except OSError:
        raise Stop("A backup file cannot be read.") from None
    fixed, raw = take(raw, 27)
    keys, boxes = list[Key](), dict[str, str]()
    for _ in range(fixed[26]):
        head, raw = take(raw, 17)
        public_key, raw = take_sized(raw)
        box, raw = take_sized(raw)
        keys.append(Key(UUID(bytes=head[:16]), head[16], public_key))
        boxes[str(keys[-1].id)] = encoded(box)
    if fixed[25] > 1 or not keys or raw:
        raise Stop("A file is no backup of this version.")
    ordered = sorted(keys, key=lambda key: (key.fingerprint, key.id))
    return Backup(UUID(bytes=fixed[1:17]), fixed[0], Sheets(("any", "all")[fixed[25]], ordered), boxes)


def backup_keys(names: list[str]) -> str:
    """Return a line for each file with its opened key: whoever has the lines and the files reads the backup, and no other."""
    backups = [backup_in(name) for name in names]
    if len({one.sheets.digest for one in backups}) != 1:
        raise Stop("These files are not sealed to the same sheets.")
    sheets = backups[0].sheets
    print(*(f"  sheet  {spaced(key.fingerprint)}" for key in sheets.keys), sep="\n")
    seeds, lines = type_sheets(sheets), []
    for one in backups:
        key = sheets.open(one.boxes, seeds, "backup-key", one.id, one.stream)
        lines.append(f"casework-backup-key 1 {one.id} {one.stream} {key.hex()}\n")
    return "".join(lines)


def new_sheet() -> dict[str, Any]:
    """Make a key, show its sheet, and return the public half once the whole sheet was typed back from paper."""
    seed = secrets.token_bytes(32)
    public_key, groups = public_of(2, seed), sheet_of(seed)
    print("\nRECOVERY SHEET. Write it on paper now, twice, with the fingerprint.\n")
    for start in range(0, GROUPS, 4):
        print("   ".join(f"{start + n + 1:>2} {group}" for n, group in enumerate(groups[start : start + 4])))
    print(f"\nFingerprint: {spaced(fingerprint(2, public_key))}\n")
    while type_sheet() != seed:
        print("That is another sheet. Look at the paper and type it again.")
    return {"format": PUBLIC, "suite": 2, "public_key": encoded(public_key)}


def check_free(name: str) -> None:
    """Stop before anybody types when the file to be written is there already."""
    if Path(name).exists():
        raise Stop(f"{name} exists already. Move it away and run this again.")


def write(name: str, contents: Mapping[str, Any]) -> None:
    """Write a file that does not exist yet."""
    with Path(name).open("x", encoding="ascii") as file:
        file.write(json.dumps(contents, sort_keys=True))
    print(f"\nWritten: {name}. Carry it back; then destroy what the how-to says.")


def write_text(name: str, text: str) -> None:
    """Write a file that does not exist yet and that only this account reads."""
    descriptor = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)


def read(name: str) -> dict[str, Any]:
    """Return a bundle."""
    try:
        bundle = json.loads(Path(name).read_bytes())
    except (OSError, ValueError):
        raise Stop("This file cannot be read as a bundle: it is missing, cut or damaged. Export it again.") from None
    if not isinstance(bundle, dict) or bundle.get("format") != BUNDLE or bundle.get("kind") not in (*WORK, "drill"):
        raise Stop("This file is no bundle of this version.")
    return bundle


def main(arguments: list[str]) -> int:
    """Run; returns 0, or 1 when something does not fit."""
    try:
        if arguments[:1] == ["new-sheet"]:
            check_free("public-key.json")
            write("public-key.json", new_sheet())
        elif arguments[:1] == ["backup-key"] and len(arguments) > 1:
            check_free("backup-keys.txt")
            write_text("backup-keys.txt", backup_keys(arguments[1:]))
            print("\nWritten: backup-keys.txt. It opens these files: destroy it after the restore.")
        elif len(arguments) in (1, 2):
            check_free("answer.json")
            answer = run(read(arguments[0]), on_screen="--show" in arguments)
            if answer is not None:
                write("answer.json", answer)
        else:
            print(__doc__)
    except Stop as reason:
        print(f"\nSTOP. {reason}")
        return 1
    except (KeyError, ValueError, TypeError, AttributeError):
        print("\nSTOP. This file is damaged. Nothing was written. Export it again.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
