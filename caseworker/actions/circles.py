"""Circles: made once, joined only by the hand of a member whose keys are open, left at once, and given a new key when somebody leaves."""

import datetime as dt
import uuid
from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from caseworker import audit
from caseworker.actions.alarms import raise_alarm
from caseworker.actions.circle_keys import (
    begin_version,
    check_vouched,
    grant_seed,
    lock_versions,
    open_grant,
    open_own_grants,
    proven_keys,
    remaining_keys,
    withdraw,
)
from caseworker.enums import AccountStatus, AlarmKind, AuditVerb, CircleKeyState, Role
from caseworker.exceptions import PolicyRefused
from caseworker.key_proofs import is_genuine, is_proven
from caseworker.models.accounts import Caseworker
from caseworker.models.keys import Circle, CircleEscrow, CircleGrant, CircleKey, StaffKey
from caseworker.permissions import Permission, check
from caseworker.sessions import end_sessions
from caseworker.vault import sealing
from caseworker.vault.errors import KeySubstituted
from caseworker.vault.keyring import CircleSeed, KeyRing


def create_circle(
    *, code: str, name: str, first_members: Sequence[StaffKey], is_intake: bool, now: dt.datetime
) -> Circle:
    """Make a circle with its first key version, sealed to *first_members* and to every recovery key; the seed is then dropped."""
    if not first_members:
        raise PolicyRefused(_("A circle needs a recovery key and at least one member."))
    circle = Circle.objects.create(id=uuid.uuid4(), code=code, name=name, is_intake=is_intake)
    begin_version(circle, first_members, by=None, on=now.date())
    return circle


@transaction.atomic
def open_circle(
    code: str, name: str, people: Sequence[Caseworker], *, is_intake: bool, actor: Caseworker, now: dt.datetime
) -> Circle:
    """Make a circle whose first members are *people*; the officer who makes it does not read it.

    Raises ``PolicyRefused`` when the code is taken or somebody is no active coordinator with a key.
    """
    check(actor, Permission.OPEN_CIRCLE)
    if Circle.objects.filter(code__iexact=code).exists():
        raise PolicyRefused(_("This short name is taken. Choose another."))
    for person in people:
        _check_can_join(person)
    members = list(StaffKey.objects.filter(person__in=people, retired_at__isnull=True).order_by("id"))
    circle = create_circle(code=code, name=name, first_members=members, is_intake=is_intake, now=now)
    audit.record(actor=actor, verb=AuditVerb.OPEN_CIRCLE, kind="circle", object_id=circle.id, now=now)
    return circle


def _check_can_join(person: Caseworker) -> None:
    if person.status != AccountStatus.ACTIVE or person.role != Role.COORDINATOR:
        raise PolicyRefused(_("Only an active coordinator can join a circle."))


def _active_key(circle: Circle) -> CircleKey:
    """Return the active version, locked, so that it does not retire meanwhile."""
    lock_versions([circle.id])
    return CircleKey.objects.get(circle=circle, state=CircleKeyState.ACTIVE)


def _own_seeds(circle: Circle, active: CircleKey, keyring: KeyRing, actor: Caseworker) -> dict[uuid.UUID, CircleSeed]:
    """Return the opened versions of the circle; raises ``PolicyRefused`` unless *actor* holds the active one."""
    is_own = StaffKey.objects.filter(id=keyring.staff_key_id, person=actor, retired_at__isnull=True).exists()
    seeds = open_own_grants(circle.id, keyring) if is_own else {}
    if active.id not in seeds:
        raise PolicyRefused(_("Only a member of this circle can do this, with open keys."))
    return seeds


@transaction.atomic
def admit_member(
    circle: Circle,
    newcomer: Caseworker,
    *,
    keyring: KeyRing,
    actor: Caseworker,
    now: dt.datetime,
    compared: str | None = None,
) -> CircleGrant:
    """Seal the circle's seeds to the newcomer's staff key and vouch for it; only somebody who holds them can.

    The retiring versions go along, so that nothing is unreadable while a rotation runs. Raises ``PolicyRefused`` when *actor* is no member
    (an administrator without the circle cannot let anybody in), when the newcomer is no active coordinator or is in the circle already,
    and when *compared* is not the fingerprint of the key that stands in the tables now.
    """
    check(actor, Permission.ADMIT_MEMBER)
    _check_can_join(newcomer)
    active = _active_key(circle)
    seeds = _own_seeds(circle, active, keyring, actor)
    staff_key = StaffKey.objects.get(person=newcomer, retired_at__isnull=True)
    if compared is not None and compared != sealing.fingerprint(staff_key.suite, bytes(staff_key.public_key)):
        raise PolicyRefused(
            _("The key is not the one whose fingerprint you compared. Nobody was let in: tell the security officer.")
        )
    if CircleGrant.objects.filter(circle_key=active, staff_key=staff_key).exists():
        raise PolicyRefused(_("This person is in the circle already."))
    versions = CircleKey.objects.in_bulk(list(seeds))
    grants = {
        key_id: grant_seed(versions[key_id], staff_key, opened.seed, by=actor, on=now.date())
        for key_id, opened in seeds.items()
        if not CircleGrant.objects.filter(circle_key_id=key_id, staff_key=staff_key).exists()
    }
    audit.record(actor=actor, verb=AuditVerb.GRANT_CIRCLE, kind="circle", object_id=circle.id, now=now)
    return grants[active.id]


@transaction.atomic
def remove_member(
    circle: Circle, person: Caseworker, *, keyring: KeyRing | None, actor: Caseworker, now: dt.datetime
) -> CircleKey:
    """Take *person* out: grants and open sessions end, and the circle gets a new key sealed to those who remain and to recovery.

    A member does it with open keys, and the keys of those who remain are checked against their vouches first. A security officer does
    it without any key: the new one is then sealed to those whom this server let in, and to no other. Raises ``PolicyRefused`` when the person is not in
    the circle, or would leave it empty.
    """
    check(actor, Permission.REMOVE_MEMBER)
    active = _active_key(circle)
    seeds = _own_seeds(circle, active, keyring, actor) if keyring is not None else {}
    if keyring is None and actor.role != Role.SECURITY_OFFICER:
        raise PolicyRefused(_("Only a member of this circle can do this, with open keys."))
    members = proven_keys(circle, without=[person.id])
    if not CircleGrant.objects.filter(circle_key=active, staff_key__person=person).exists():
        raise PolicyRefused(_("This person is not in the circle."))
    if not members:
        raise PolicyRefused(_("Nobody would be left who can read this circle. Let somebody else in first."))
    if active.id in seeds:
        check_vouched(active, seeds[active.id], remaining_keys(circle, without=[person.id]))
    withdraw(person, circle, now=now)
    made = begin_version(circle, members, by=actor, on=now.date())
    end_sessions(person.id)
    audit.record(actor=actor, verb=AuditVerb.REMOVE_MEMBER, kind="circle", object_id=circle.id, now=now)
    return made


@transaction.atomic
def renew_circle(circle: Circle, *, keyring: KeyRing, actor: Caseworker, now: dt.datetime) -> CircleKey:
    """Give the circle a new key without anybody leaving: after a doubt, or once a year."""
    check(actor, Permission.RENEW_CIRCLE)
    active = _active_key(circle)
    seeds = _own_seeds(circle, active, keyring, actor)
    check_vouched(active, seeds[active.id], remaining_keys(circle))
    made = begin_version(circle, proven_keys(circle), by=actor, on=now.date())
    audit.record(actor=actor, verb=AuditVerb.RENEW_CIRCLE, kind="circle", object_id=circle.id, now=now)
    return made


@transaction.atomic
def destroy_circle_key(circle_key: CircleKey, *, actor: Caseworker, now: dt.datetime) -> None:
    """End a retiring version: its grants and escrows die, and no seed of it is left anywhere. The caller holds the circle's lock."""
    CircleGrant.objects.filter(circle_key=circle_key).delete()
    CircleEscrow.objects.filter(circle_key=circle_key).delete()
    CircleKey.objects.filter(id=circle_key.id, state=CircleKeyState.RETIRING).update(state=CircleKeyState.DESTROYED)
    audit.record(actor=actor, verb=AuditVerb.DESTROY_CIRCLE_KEY, kind="circle_key", object_id=circle_key.id, now=now)


@transaction.atomic
def distrust_key(circle_key: CircleKey, *, actor: Caseworker, now: dt.datetime) -> None:
    """Note that the key of a circle is not the one of its seed, or not made by this server: from now on nothing is sealed to it."""
    CircleKey.objects.filter(id=circle_key.id, distrusted_on__isnull=True).update(distrusted_on=now.date())
    raise_alarm(AlarmKind.FALSE_KEY, actor=None, object_id=circle_key.circle_id, now=now)
    audit.record(actor=actor, verb=AuditVerb.DISTRUST_KEY, kind="circle_key", object_id=circle_key.id, now=now)


def check_own_circles(person: Caseworker, keyring: KeyRing, at: dt.datetime) -> None:
    """Compare the public key of each circle of *person* with its seed, and distrust a false one: called whenever somebody unlocks."""
    grants = CircleGrant.objects.filter(
        staff_key_id=keyring.staff_key_id,
        circle_key__state=CircleKeyState.ACTIVE,
        circle_key__distrusted_on__isnull=True,
    )
    for grant in grants.select_related("circle_key", "staff_key").order_by("id"):
        try:
            open_grant(grant, keyring)
            is_false = not (is_genuine(grant.circle_key) and is_proven(grant))
        except KeySubstituted:
            is_false = True
        if is_false:
            distrust_key(grant.circle_key, actor=person, now=at)
