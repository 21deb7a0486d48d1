"""Circles: made once, and joined only by the hand of a member whose keys are open."""

import datetime as dt
import uuid

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from caseworker import audit
from caseworker.enums import AccountStatus, AuditVerb, CircleKeyState, Role
from caseworker.exceptions import PolicyRefused
from caseworker.models.accounts import Caseworker
from caseworker.models.keys import Circle, CircleEscrow, CircleGrant, CircleKey, RecoveryKey, StaffKey
from caseworker.permissions import Permission, check
from caseworker.recovery_keys import pinned_recovery_keys
from caseworker.vault import sealing
from caseworker.vault.formats import ctx
from caseworker.vault.keyring import KeyRing


def _seal_seed_to(staff_key: StaffKey, seed: bytes, circle_key: CircleKey) -> bytes:
    info = ctx("circle-seed", circle_key.id, circle_key.version, staff_key.id)
    return sealing.seal(seed, suite=sealing.Suite(staff_key.suite), public_key=bytes(staff_key.public_key), info=info)


def _escrow_seed_to(recovery_key: RecoveryKey, seed: bytes, circle_key: CircleKey) -> bytes:
    info = ctx("circle-seed-recovery", circle_key.id, circle_key.version, recovery_key.id)
    return sealing.seal(
        seed, suite=sealing.Suite(recovery_key.suite), public_key=bytes(recovery_key.public_key), info=info
    )


def _grant(
    circle_key: CircleKey, staff_key: StaffKey, seed: bytes, *, actor: Caseworker | None, now: dt.datetime
) -> CircleGrant:
    return CircleGrant.objects.create(
        circle_key=circle_key,
        staff_key=staff_key,
        sealed=_seal_seed_to(staff_key, seed, circle_key),
        granted_by=actor,
        granted_on=now.date(),
    )


@transaction.atomic
def create_circle(*, code: str, name: str, first_members: list[StaffKey], is_intake: bool, now: dt.datetime) -> Circle:
    """Make a circle with its first key version, sealed to *first_members* and to every recovery key; the seed is then dropped."""
    recovery_keys = pinned_recovery_keys()
    if not recovery_keys or not first_members:
        raise PolicyRefused(_("A circle needs a recovery key and at least one member."))
    pair = sealing.generate_key_pair()
    circle = Circle.objects.create(id=uuid.uuid4(), code=code, name=name, is_intake=is_intake)
    circle_key = CircleKey.objects.create(circle=circle, version=1, suite=pair.suite, public_key=pair.public_key)
    for staff_key in first_members:
        _grant(circle_key, staff_key, pair.seed, actor=None, now=now)
    CircleEscrow.objects.bulk_create(
        CircleEscrow(circle_key=circle_key, recovery_key=key, sealed=_escrow_seed_to(key, pair.seed, circle_key))
        for key in recovery_keys
    )
    return circle


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
    """Seal the circle's active seed to the newcomer's staff key; only somebody who holds that seed can.

    Raises ``PolicyRefused`` when *actor* is no member (an administrator without the circle cannot let anybody in), when the newcomer is
    no active coordinator, or is in the circle already.
    """
    check(actor, Permission.ADMIT_MEMBER)
    if newcomer.status != AccountStatus.ACTIVE or newcomer.role != Role.COORDINATOR:
        raise PolicyRefused(_("Only an active coordinator can join a circle."))
    circle_key = CircleKey.objects.get(circle=circle, state=CircleKeyState.ACTIVE)
    own = CircleGrant.objects.filter(
        circle_key=circle_key, staff_key_id=keyring.staff_key_id, staff_key__person=actor
    ).first()
    if own is None:
        raise PolicyRefused(_("Only a member of this circle can let somebody in."))
    opened = keyring.open_circle(
        circle_key.id,
        circle_key.version,
        bytes(own.sealed),
        sealing.Suite(circle_key.suite),
        bytes(circle_key.public_key),
    )
    staff_key = StaffKey.objects.get(person=newcomer, retired_at__isnull=True)
    if compared is not None and compared != sealing.fingerprint(staff_key.suite, bytes(staff_key.public_key)):
        raise PolicyRefused(
            _("The key is not the one whose fingerprint you compared. Nobody was let in: tell the security officer.")
        )
    if CircleGrant.objects.filter(circle_key=circle_key, staff_key=staff_key).exists():
        raise PolicyRefused(_("This person is in the circle already."))
    grant = _grant(circle_key, staff_key, opened.seed, actor=actor, now=now)
    audit.record(actor=actor, verb=AuditVerb.GRANT_CIRCLE, kind="circle", object_id=circle.id, now=now)
    return grant
