"""What account pages show: prepared values, no model with a key on it."""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from django.urls import reverse

from caseworker.enums import AccountStatus, AuditVerb
from caseworker.hooks import KIND_LABELS
from caseworker.models.accounts import Caseworker, Invitation
from caseworker.models.audit import AuditEvent
from caseworker.models.ephemeral import SessionRow
from caseworker.models.keys import CircleGrant
from caseworker.sessions import id_hash

AUDIT_PAGE = 100


@dataclass(frozen=True)
class SessionLine:
    """One open session of one's own."""

    name: str
    started_at: dt.datetime
    seen_at: dt.datetime
    idle_ends_at: dt.datetime
    ends_at: dt.datetime
    is_this_one: bool


def own_sessions(person: Caseworker, *, cookie: str | None, idle: dt.timedelta) -> list[SessionLine]:
    """Return the person's open sessions, newest first, each with the moment it ends when nothing more is done in it."""
    here = id_hash(cookie) if cookie else ""
    rows = SessionRow.objects.filter(person_id=person.id).order_by("-created_at", "id_hash")
    return [
        SessionLine(
            row.id_hash,
            row.created_at,
            row.seen_at,
            min(row.seen_at + idle, row.expires_at),
            row.expires_at,
            row.id_hash == here,
        )
        for row in rows
    ]


@dataclass(frozen=True)
class PersonLine:
    """One account as the security officer sees it."""

    id: uuid.UUID
    alias: str
    role: str
    status: str
    status_code: str
    tone: str
    is_self: bool
    circles: str


STATUS_TONES: Mapping[str, str] = {
    AccountStatus.ACTIVE: "good",
    AccountStatus.INVITED: "info",
    AccountStatus.SUSPENDED: "alert",
    AccountStatus.LEFT: "quiet",
}


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
            status_code=person.status,
            tone=STATUS_TONES[person.status],
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
            e.sequence,
            e.hour,
            _short(e.actor_id),
            str(AuditVerb(e.verb).label),
            str(KIND_LABELS.get(e.object_kind, e.object_kind)),
            _short(e.object_id),
        )
        for e in rows[:AUDIT_PAGE]
    ]
    more = f"{reverse('audit_trail')}?before={lines[-1].sequence}" if len(rows) > AUDIT_PAGE else ""
    newest = reverse("audit_trail") if before is not None else ""
    return AuditPage(lines, newest, more)


@dataclass(frozen=True)
class PersonPage:
    """One account with what can be done to it now."""

    line: PersonLine
    role_code: str
    invitation_ends_at: dt.datetime | None

    @property
    def audit_id(self) -> str:
        """Return the letters by which the audit trail names the person."""
        return _short(self.line.id)

    @property
    def is_active(self) -> bool:
        """Tell whether the person can sign in."""
        return self.line.status_code == AccountStatus.ACTIVE

    @property
    def is_suspended(self) -> bool:
        """Tell whether the account is suspended."""
        return self.line.status_code == AccountStatus.SUSPENDED

    @property
    def has_left(self) -> bool:
        """Tell whether the person has left."""
        return self.line.status_code == AccountStatus.LEFT


def person_page(person: Caseworker, *, viewer: Caseworker) -> PersonPage:
    """Return one account as the security officer sees it."""
    line = next(line for line in everybody(viewer=viewer) if line.id == person.id)
    invitation = Invitation.objects.filter(person=person).first()
    return PersonPage(line, person.role, invitation.expires_at if invitation else None)
