"""What pages show of a panic and of alarms: prepared values."""

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _

from caseworker.actions.panic import PROPOSAL_LASTS, is_standing
from caseworker.enums import AccountStatus, AlarmKind, Role
from caseworker.models.accounts import Caseworker
from caseworker.models.alarms import Alarm
from caseworker.models.panic import PanicState
from caseworker.permissions import Permission, permits

ALARMS_SHOWN = 50


@dataclass(frozen=True)
class PanicPage:
    """Whether everyone is locked out, since when, by whom, and how far the lifting is."""

    is_locked: bool
    locked_at: dt.datetime | None
    locked_by: str
    proposed_by: str
    proposal_ends_at: dt.datetime | None
    is_mine_to_confirm: bool


def panic_page(*, viewer: Caseworker, at: dt.datetime) -> PanicPage:
    """Return the state of the lock as *viewer* sees it; a missing row shows as locked."""
    states = PanicState.objects.select_related("locked_by", "proposed_by")
    state = states.filter(id=1).first() or PanicState(is_locked=True)
    stands = state.is_locked and is_standing(state, at)
    return PanicPage(
        is_locked=state.is_locked,
        locked_at=state.locked_at if state.is_locked else None,
        locked_by=state.locked_by.alias if state.locked_by else "—",
        proposed_by=state.proposed_by.alias if stands and state.proposed_by else "",
        proposal_ends_at=state.proposed_at + PROPOSAL_LASTS if stands and state.proposed_at else None,
        is_mine_to_confirm=stands and state.proposed_by_id != viewer.id,
    )


def few_officers(*, viewer: Caseworker) -> str:
    """Return what lifting a lock takes when there are not two active officers, else nothing. One query."""
    officers = Caseworker.objects.filter(role=Role.SECURITY_OFFICER, status=AccountStatus.ACTIVE)
    ids = set(officers.order_by("id").values_list("id", flat=True)[:2])
    if len(ids) > 1:
        return ""
    if not ids:
        return _("No security officer is active: nobody can lift it for a week.")
    if viewer.id in ids:
        return _(
            "You are the only active officer: to lift it you propose, and within the hour somebody with the machine's console runs"
            " manage.py panic_unlock."
        )
    return _("Only one security officer is active: lifting it takes them and somebody with the machine's console.")


ALERTED: Mapping[AlarmKind, frozenset[Role]] = {
    AlarmKind.REVEALS_PER_HOUR: frozenset({Role.SECURITY_OFFICER, Role.LEAD}),
    AlarmKind.REVEALS_PER_DAY: frozenset({Role.SECURITY_OFFICER, Role.LEAD}),
    AlarmKind.OUTSIDE_OWN: frozenset({Role.SECURITY_OFFICER}),
    AlarmKind.IN_SEQUENCE: frozenset({Role.SECURITY_OFFICER}),
    AlarmKind.ODD_HOUR: frozenset({Role.SECURITY_OFFICER}),
    AlarmKind.HONEYTOKEN: frozenset({Role.SECURITY_OFFICER}),
    AlarmKind.PANIC: frozenset({Role.SECURITY_OFFICER, Role.LEAD}),
    AlarmKind.AUDIT_BROKEN: frozenset({Role.SECURITY_OFFICER, Role.LEAD}),
    AlarmKind.FALSE_KEY: frozenset({Role.SECURITY_OFFICER, Role.LEAD}),
}
"""Who sees a notice of an open alarm on every page. Honeytokens stay among officers: a lead must not learn which cases they are."""


def alarm_notice(person: Caseworker) -> str:
    """Return the kinds of the open alarms that concern the role of *person*, in words, or nothing. One query for those roles only."""
    kinds = [kind for kind, roles in ALERTED.items() if person.role in roles]
    if not kinds:
        return ""
    others = Alarm.objects.open().filter(kind__in=kinds).exclude(actor_id=person.id)
    found = set(others.values_list("kind", flat=True).order_by().distinct())
    return "; ".join(str(kind.label) for kind in kinds if kind in found)


@dataclass(frozen=True)
class AlarmLine:
    """One alarm as the officer sees it: what, who, in which hour, and who took note."""

    id: uuid.UUID
    kind: str
    kind_code: str
    actor: str
    hour: dt.datetime
    object_id: uuid.UUID
    noted_by: str
    is_about_viewer: bool
    actor_url: str


def alarms(*, viewer: Caseworker) -> list[AlarmLine]:
    """Return the newest alarms, open ones first. Two queries."""
    rows = list(
        Alarm.objects.select_related("acknowledged_by").order_by(
            F("acknowledged_on").asc(nulls_first=True), "-hour", "id"
        )[:ALARMS_SHOWN]
    )
    names = dict(Caseworker.objects.filter(id__in={row.actor_id for row in rows}).values_list("id", "alias"))
    may_suspend = permits(viewer, Permission.SUSPEND_PERSON)
    return [
        AlarmLine(
            id=row.id,
            kind=str(AlarmKind(row.kind).label),
            kind_code=row.kind,
            actor=names.get(row.actor_id, "—"),
            hour=row.hour,
            object_id=row.object_id,
            noted_by=row.acknowledged_by.alias if row.acknowledged_by else "",
            is_about_viewer=row.actor_id == viewer.id,
            actor_url=reverse("person", args=[row.actor_id]) if may_suspend and row.actor_id in names else "",
        )
        for row in rows
    ]
