"""What pages show of keys: fingerprints, members, versions. Public halves only; no model with a key on it reaches a template."""

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import QuerySet

from caseworker.enums import AccountStatus, CircleKeyState, Role
from caseworker.key_proofs import is_proven
from caseworker.models.accounts import Caseworker
from caseworker.models.keys import Circle, CircleGrant, CircleKey, StaffKey
from caseworker.vault.keyring import KeyRing
from caseworker.vault.sealing import fingerprint, public_key_from_seed


@dataclass(frozen=True)
class KeyLine:
    """A person and the fingerprint of their present key, in groups of four."""

    id: uuid.UUID
    alias: str
    fingerprint: str
    is_self: bool = False


@dataclass(frozen=True)
class VersionLine:
    """One version of a circle's key that still exists."""

    id: uuid.UUID
    number: int
    is_active: bool
    since: dt.date | None
    moved: int
    is_false: bool


@dataclass(frozen=True)
class CircleLine:
    """A circle as its members and the security officer see it."""

    id: uuid.UUID
    name: str
    is_intake: bool
    is_member: bool
    members: list[KeyLine]
    candidates: list[KeyLine]
    versions: list[VersionLine]

    @property
    def has_nobody(self) -> bool:
        """Tell whether only the recovery sheet can read the circle."""
        return not self.members

    @property
    def has_one_member(self) -> bool:
        """Tell whether one lost key would lock everybody out but the recovery sheet."""
        return len(self.members) == 1

    @property
    def has_false_key(self) -> bool:
        """Tell whether a member found the stored public key to be another's."""
        return any(version.is_false for version in self.versions)

    @property
    def active_version(self) -> int:
        """Return the number of the version that is sealed to."""
        return next((version.number for version in self.versions if version.is_active), 0)


def grouped(digits: str) -> str:
    """Return a fingerprint in groups of four, as one reads it aloud."""
    return " ".join(digits[n : n + 4] for n in range(0, len(digits), 4))


def key_fingerprint(key: StaffKey | CircleKey) -> str:
    """Return the fingerprint computed from the stored key."""
    return fingerprint(key.suite, bytes(key.public_key))


def _key_lines(keys: Iterable[StaffKey], viewer: Caseworker) -> list[KeyLine]:
    return [
        KeyLine(
            key.person.id,
            key.person.alias,
            grouped(fingerprint(key.suite, bytes(key.public_key))),
            key.person.id == viewer.id,
        )
        for key in keys
    ]


def key_line(person: Caseworker, *, viewer: Caseworker) -> KeyLine | None:
    """Return a person with the fingerprint of their present key, or None when they have none."""
    keys = StaffKey.objects.filter(person=person, retired_at__isnull=True).select_related("person")
    return next(iter(_key_lines(keys, viewer)), None)


def circles_seen_by(viewer: Caseworker) -> QuerySet[Circle]:
    """Return the circles *viewer* may know of: officers all, coordinators those they read."""
    if viewer.role == Role.SECURITY_OFFICER:
        return Circle.objects.all()
    own = CircleGrant.objects.filter(
        staff_key__person=viewer,
        staff_key__retired_at__isnull=True,
        circle_key__state__in=(CircleKeyState.ACTIVE, CircleKeyState.RETIRING),
    )
    return Circle.objects.filter(id__in=own.values("circle_key__circle_id"))


def _holders() -> dict[uuid.UUID, set[uuid.UUID]]:
    """Return the staff keys that hold each circle's active version."""
    held: dict[uuid.UUID, set[uuid.UUID]] = {}
    active = CircleGrant.objects.filter(circle_key__state=CircleKeyState.ACTIVE)
    for circle_id, staff_key_id in active.values_list("circle_key__circle_id", "staff_key_id"):
        held.setdefault(circle_id, set()).add(staff_key_id)
    return held


def circle_lines(viewer: Caseworker) -> list[CircleLine]:
    """Return the circles *viewer* may know of with members, key versions, and active coordinators who are not in. Four queries."""
    present = StaffKey.objects.filter(
        retired_at__isnull=True, person__status=AccountStatus.ACTIVE, person__role=Role.COORDINATOR
    )
    keys, held = list(present.select_related("person").order_by("person__alias")), _holders()
    versions: dict[uuid.UUID, list[CircleKey]] = {}
    for version in CircleKey.objects.exclude(state=CircleKeyState.DESTROYED).order_by("-version"):
        versions.setdefault(version.circle_id, []).append(version)
    lines = []
    for circle in circles_seen_by(viewer).order_by("code", "id"):
        inside = held.get(circle.id, set())
        members = _key_lines((key for key in keys if key.id in inside), viewer)
        is_member = any(member.is_self for member in members)
        others = _key_lines((key for key in keys if key.id not in inside), viewer) if is_member else []
        shown = [_version_line(version) for version in versions.get(circle.id, [])]
        lines.append(CircleLine(circle.id, circle.name, circle.is_intake, is_member, members, others, shown))
    return lines


def _version_line(key: CircleKey) -> VersionLine:
    return VersionLine(
        key.id,
        key.version,
        key.state == CircleKeyState.ACTIVE,
        key.retiring_since,
        key.rotated_count,
        key.distrusted_on is not None,
    )


@dataclass(frozen=True)
class ReadersLeft:
    """A circle, and who still reads it once somebody has gone."""

    circle_id: uuid.UUID
    circle: str
    aliases: tuple[str, ...]

    @property
    def only(self) -> str:
        """Return the one who is left, or nothing when there are more or none."""
        return self.aliases[0] if len(self.aliases) == 1 else ""


def readers_left(person: Caseworker) -> list[ReadersLeft]:
    """Return each circle that *person* reads with those whom this server let in as well. Two queries."""
    own = CircleGrant.objects.filter(
        circle_key__state=CircleKeyState.ACTIVE, staff_key__person=person, staff_key__retired_at__isnull=True
    )
    circles = list(Circle.objects.filter(id__in=own.values("circle_key__circle_id")).order_by("name", "id"))
    grants = CircleGrant.objects.filter(
        circle_key__circle__in=circles,
        circle_key__state=CircleKeyState.ACTIVE,
        staff_key__retired_at__isnull=True,
        staff_key__person__status=AccountStatus.ACTIVE,
    ).exclude(staff_key__person=person)
    others: dict[uuid.UUID, list[str]] = {}
    for grant in grants.select_related("circle_key", "staff_key__person").order_by("staff_key__person__alias"):
        if is_proven(grant):
            others.setdefault(grant.circle_key.circle_id, []).append(grant.staff_key.person.alias)
    return [ReadersLeft(circle.id, circle.name, tuple(others.get(circle.id, ()))) for circle in circles]


def is_last_reader(person: Caseworker) -> bool:
    """Tell whether nobody would read some circle any more if *person* went."""
    return any(not left.aliases for left in readers_left(person))


def own_fingerprint(keyring: KeyRing | None) -> str:
    """Return the fingerprint of one's own key, computed from the opened seed: the database could show a false one to both sides."""
    if keyring is None:
        return ""
    return grouped(fingerprint(keyring.suite, public_key_from_seed(keyring.suite, keyring.seed)))
