"""Who has what to answer: offers, broken glass, absences. Coded columns only."""

import datetime as dt
import uuid
from dataclasses import dataclass

from django.db.models import Count, F, Q

from caseworker.enums import Role
from caseworker.models.absences import Absence
from caseworker.models.accounts import Caseworker
from requests_app.enums import GrantScope, RecipientKind
from requests_app.models.access import AccessGrant
from requests_app.models.cases import Case, in_care_of
from requests_app.models.handovers import Handover
from requests_app.models.sealed import RecordKey
from requests_app.queries.cases import owner_ids


def offers_to(person: Caseworker, *, now: dt.datetime) -> list[Handover]:
    """Return what waits for this person's answer, what ends first in front."""
    waiting = Handover.objects.waiting(now=now).for_person(person)
    return list(waiting.select_related("case", "offered_by", "to_circle").order_by("expires_at", "id"))


def offers_by(person: Caseworker, *, now: dt.datetime) -> list[Handover]:
    """Return what this person offered, and for a lead all offers of cases they may know of, that wait for somebody else's answer."""
    waiting, mine = Handover.objects.waiting(now=now).exclude(to_person=person), Q(offered_by=person)
    if person.role == Role.LEAD:
        mine |= Q(case__in=Case.objects.visible_to(person, now=now))
    return list(waiting.filter(mine).select_related("case", "to_person", "to_circle").order_by("expires_at", "id"))


def broken_glass_for(person: Caseworker, *, now: dt.datetime) -> list[AccessGrant]:
    """Return the broken glass on cases that this person answers for, until they have taken note of it."""
    cases = Case.objects.filter(in_care_of(person, now.date()))
    unseen = AccessGrant.objects.broken_glass().filter(case__in=cases, seen_by_owner_on__isnull=True)
    return list(unseen.exclude(person=person).select_related("case", "person").order_by("expires_at", "id"))


def waiting_for(person: Caseworker, *, now: dt.datetime) -> int:
    """Count what waits for this person: offers, and glass broken on their cases."""
    return Handover.objects.waiting(now=now).for_person(person).count() + len(broken_glass_for(person, now=now))


@dataclass(frozen=True)
class GrantLine:
    """One access to a case: until when, and how many of its records the person can open."""

    id: uuid.UUID
    alias: str
    scope: GrantScope
    until: dt.datetime
    readable: int
    records: int
    is_own: bool

    @property
    def takes_keys(self) -> bool:
        """Tell whether a member of the circle may hand keys over."""
        return self.scope != GrantScope.CODED and self.readable < self.records and not self.is_own

    @property
    def may_be_renewed(self) -> bool:
        """Tell whether a lead may let it go on."""
        return self.scope != GrantScope.BREAK_GLASS


def grants_on(case: Case, *, viewer: Caseworker, now: dt.datetime) -> list[GrantLine]:
    """Return who else has access to a case, with the state of their keys. Three queries."""
    grants = list(
        AccessGrant.objects.live(now=now).filter(case=case).select_related("person").order_by("expires_at", "id")
    )
    if not grants:
        return []
    records = RecordKey.objects.filter(record__owner_id__in=owner_ids(case.id), recipient=RecipientKind.RECOVERY)
    total = records.values("record_id").distinct().count()
    people = [grant.person_id for grant in grants]
    passed_on = Q(record__owner_id__in=owner_ids(case.id), recipient=RecipientKind.STAFF)
    by_key = dict(
        RecordKey.objects.filter(passed_on).values_list("recipient_key_id").annotate(n=Count("id")).order_by()
    )
    keys = Caseworker.objects.filter(id__in=people, staff_keys__retired_at__isnull=True)
    held = {person_id: by_key.get(key_id, 0) for person_id, key_id in keys.values_list("id", "staff_keys__id")}
    return [
        GrantLine(
            grant.id,
            grant.person.alias,
            GrantScope(grant.scope),
            grant.expires_at,
            held.get(grant.person_id, 0),
            total,
            grant.person_id == viewer.id,
        )
        for grant in grants
    ]


def grant_visible_to(person: Caseworker, grant_id: uuid.UUID, *, now: dt.datetime) -> AccessGrant | None:
    """Return a live grant on a case that *person* may know of."""
    cases = Case.objects.visible_to(person, now=now)
    live = AccessGrant.objects.live(now=now).filter(id=grant_id, case__in=cases)
    found: AccessGrant | None = live.select_related("person", "case").first()
    return found


def absences(viewer: Caseworker, *, today: dt.date) -> list[Absence]:
    """Return absences that are not over: a lead sees all, anybody else their own and those they are the deputy in."""
    present = Absence.objects.filter(until_on__gte=today, ended_on__isnull=True)
    if viewer.role != Role.LEAD:
        present = present.filter(Q(person=viewer) | Q(deputy=viewer))
    return list(present.select_related("person", "deputy").order_by("from_on", "id"))


def receivers(viewer: Caseworker) -> list[tuple[Caseworker, uuid.UUID, str]]:
    """Return the active coordinators with each circle they read, the viewer left out. One query."""
    usable = Q(staff_keys__retired_at__isnull=True, staff_keys__grants__circle_key__state__in=("active", "retiring"))
    people = Caseworker.objects.active().filter(usable, role=Role.COORDINATOR).exclude(id=viewer.id)
    circle = "staff_keys__grants__circle_key__circle"
    rows = people.annotate(read_circle=F(f"{circle}_id"), read_circle_name=F(f"{circle}__name")).distinct()
    return [(one, one.read_circle, one.read_circle_name) for one in rows.order_by("alias", "read_circle_name", "id")]
