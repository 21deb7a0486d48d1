"""What account pages show: prepared values, no model with a key on it."""

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse

from caseworker.enums import AccountStatus, AuditVerb, CircleKeyState, Role
from caseworker.models.accounts import Caseworker
from caseworker.models.audit import AuditEvent
from caseworker.models.ephemeral import SessionRow
from caseworker.models.keys import CircleGrant, CircleKey, StaffKey
from caseworker.sessions import id_hash
from caseworker.vault.keyring import KeyRing
from caseworker.vault.sealing import fingerprint, public_key_from_seed

AUDIT_PAGE = 100


@dataclass(frozen=True)
class SessionLine:
    """One open session of one's own."""

    started_at: dt.datetime
    seen_at: dt.datetime
    ends_at: dt.datetime
    is_this_one: bool


def own_sessions(person: Caseworker, *, cookie: str | None) -> list[SessionLine]:
    """Return the person's open sessions, newest first."""
    here = id_hash(cookie) if cookie else ""
    rows = SessionRow.objects.filter(person_id=person.id).order_by("-created_at", "id_hash")
    return [SessionLine(row.created_at, row.seen_at, row.expires_at, row.id_hash == here) for row in rows]


@dataclass(frozen=True)
class PersonLine:
    """One account as the security officer sees it."""

    id: uuid.UUID
    alias: str
    role: str
    status: str
    is_suspended: bool
    is_self: bool
    circles: str


def everybody(*, viewer: Caseworker) -> list[PersonLine]:
    """Return all accounts with the circles they can read."""
    circles: dict[uuid.UUID, list[str]] = {}
    grants = CircleGrant.objects.filter(staff_key__retired_at__isnull=True).order_by("circle_key__circle__name")
    for person_id, name in grants.values_list("staff_key__person_id", "circle_key__circle__name").distinct():
        circles.setdefault(person_id, []).append(name)
    return [
        PersonLine(
            id=person.id,
            alias=person.alias,
            role=person.get_role_display(),
            status=person.get_status_display(),
            is_suspended=person.status == AccountStatus.SUSPENDED,
            is_self=person.id == viewer.id,
            circles=", ".join(circles.get(person.id, [])),
        )
        for person in Caseworker.objects.order_by("alias", "id")
    ]


@dataclass(frozen=True)
class AuditLine:
    """One event in codes."""

    sequence: int
    hour: dt.datetime
    actor: str
    verb: str
    object_kind: str
    object_id: str


@dataclass(frozen=True)
class AuditPage:
    """A page of the chain, newest first, and the address of the older one."""

    lines: list[AuditLine]
    previous_url: str
    next_url: str


def _short(value: uuid.UUID | None) -> str:
    return str(value)[:8] if value else "—"


def audit_page(*, before: int | None) -> AuditPage:
    """Return up to 100 events older than *before* (all, when None)."""
    events = AuditEvent.objects.order_by("-sequence")
    if before is not None:
        events = events.filter(sequence__lt=before)
    rows = list(events[: AUDIT_PAGE + 1])
    lines = [
        AuditLine(
            e.sequence, e.hour, _short(e.actor_id), str(AuditVerb(e.verb).label), e.object_kind, _short(e.object_id)
        )
        for e in rows[:AUDIT_PAGE]
    ]
    more = f"{reverse('audit_trail')}?before={lines[-1].sequence}" if len(rows) > AUDIT_PAGE else ""
    newest = reverse("audit_trail") if before is not None else ""
    return AuditPage(lines, newest, more)


@dataclass(frozen=True)
class KeyLine:
    """A person and the fingerprint of their present key, in groups of four."""

    id: uuid.UUID
    alias: str
    fingerprint: str


@dataclass(frozen=True)
class CircleLine:
    """A circle as its members see it."""

    id: uuid.UUID
    name: str
    members: list[KeyLine]
    candidates: list[KeyLine]

    @property
    def has_one_member(self) -> bool:
        """Tell whether one lost key would lock everybody out but the recovery sheet."""
        return len(self.members) == 1


def _grouped(digits: str) -> str:
    return " ".join(digits[n : n + 4] for n in range(0, len(digits), 4))


def _key_lines(keys: Iterable[StaffKey]) -> list[KeyLine]:
    lines = []
    for key in keys:
        grouped = _grouped(fingerprint(key.suite, bytes(key.public_key)))
        lines.append(KeyLine(key.person.id, key.person.alias, grouped))
    return lines


def own_circles(person: Caseworker) -> list[CircleLine]:
    """Return the circles whose active key is granted to *person*, with members and active coordinators who are not in."""
    active = StaffKey.objects.filter(
        retired_at__isnull=True, person__status=AccountStatus.ACTIVE, person__role=Role.COORDINATOR
    )
    keys = list(active.select_related("person").order_by("person__alias"))
    circles = []
    for circle_key in CircleKey.objects.filter(
        state=CircleKeyState.ACTIVE, grants__staff_key__person=person, grants__staff_key__retired_at__isnull=True
    ).select_related("circle"):
        inside = set(CircleGrant.objects.filter(circle_key=circle_key).values_list("staff_key_id", flat=True))
        members = _key_lines(key for key in keys if key.id in inside)
        candidates = _key_lines(key for key in keys if key.id not in inside)
        circles.append(CircleLine(circle_key.circle_id, circle_key.circle.name, members, candidates))
    return circles


def own_fingerprint(keyring: KeyRing | None) -> str:
    """Return the fingerprint of one's own key, computed from the opened seed: the database could show a false one to both sides."""
    if keyring is None:
        return ""
    return _grouped(fingerprint(keyring.suite, public_key_from_seed(keyring.suite, keyring.seed)))
