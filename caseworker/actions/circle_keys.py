"""Versions of a circle's key: begun, granted, retired. Parts of actions, which check and audit; nothing here asks who acts.

Beginning a version needs public keys only. The seed exists for the length of one call.
"""

import datetime as dt
from collections.abc import Iterable
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from caseworker.enums import AccountStatus, CircleKeyState
from caseworker.exceptions import PolicyRefused
from caseworker.hooks import AFTER_DEPARTURE, AFTER_WITHDRAWAL
from caseworker.key_proofs import grant_proof, is_genuine, is_proven, key_proof
from caseworker.models.accounts import Caseworker
from caseworker.models.keys import Circle, CircleEscrow, CircleGrant, CircleKey, StaffKey
from caseworker.recovery_keys import pinned_recovery_keys, seal_to_recovery
from caseworker.vault import sealing
from caseworker.vault.errors import VaultError
from caseworker.vault.formats import ctx
from caseworker.vault.keyring import CircleSeed, KeyRing
from caseworker.vault.records import Recipient
from caseworker.vault.vouching import check_vouch, vouch

USABLE = (CircleKeyState.ACTIVE, CircleKeyState.RETIRING)


class KeyRefused(PolicyRefused):
    """A key in the tables is not the one that was vouched for: somebody wrote into the database."""

    message = _(
        "A key stored here is not the one its owner has. Nothing was changed: tell the security officer at once."
    )


def lock_circles(circle_ids: Iterable[UUID]) -> None:
    """Let nobody else change the keys or members of these circles until the transaction ends; sealing to them goes on.

    Always the first lock that is taken, in one order, so that two people who change the same circles wait and never block each other.
    """
    wanted = Circle.objects.filter(id__in=list(circle_ids)).select_for_update(no_key=True)
    list(wanted.order_by("id").values_list("id", flat=True))


def lock_versions(circle_ids: Iterable[UUID]) -> None:
    """Lock the circles, then their usable versions: what is being sealed now is finished first, and nothing is sealed to them meanwhile.

    Before the audit chain is locked: whoever seals holds a version and then wants the chain.
    """
    ids = list(circle_ids)
    lock_circles(ids)
    versions = CircleKey.objects.filter(circle_id__in=ids, state__in=USABLE).select_for_update()
    list(versions.order_by("id").values_list("id", flat=True))


def _as_recipient(staff_key: StaffKey) -> Recipient:
    return Recipient(staff_key.id, staff_key.suite, bytes(staff_key.public_key))


def grant_seed(
    circle_key: CircleKey, staff_key: StaffKey, seed: bytes, *, by: Caseworker | None, on: dt.date
) -> CircleGrant:
    """Seal the circle's *seed* to one staff key, with the vouch for that key."""
    info = ctx("circle-seed", circle_key.id, circle_key.version, staff_key.id)
    sealed = sealing.seal(seed, suite=staff_key.suite, public_key=bytes(staff_key.public_key), info=info)
    vouched = vouch(seed, circle_key.id, circle_key.version, _as_recipient(staff_key))
    made = CircleGrant(
        circle_key=circle_key, staff_key=staff_key, sealed=sealed, vouch=vouched, granted_by=by, granted_on=on
    )
    made.proof = grant_proof(made)
    made.save(force_insert=True)
    return made


def escrow_seed(circle_key: CircleKey, seed: bytes) -> None:
    """Seal the circle's *seed* to the recovery keys under their policy."""
    sealed = seal_to_recovery(seed, "circle-seed-recovery", circle_key.id, circle_key.version)
    CircleEscrow.objects.bulk_create(
        CircleEscrow(circle_key=circle_key, recovery_key_id=key_id, sealed=box) for key_id, box in sealed.items()
    )


def begin_version(circle: Circle, members: Iterable[StaffKey], *, by: Caseworker | None, on: dt.date) -> CircleKey:
    """Make the next version of the circle's key, sealed to *members* and to every recovery key; the one before it retires.

    Raises ``PolicyRefused`` when there is no recovery key to seal to.
    """
    if not pinned_recovery_keys():
        raise PolicyRefused(_("A circle needs a recovery key and at least one member."))
    with transaction.atomic():
        lock_versions([circle.id])
        earlier = CircleKey.objects.filter(circle=circle)
        earlier.filter(state=CircleKeyState.ACTIVE).update(state=CircleKeyState.RETIRING, retiring_since=on)
        version = (earlier.aggregate(last=Max("version"))["last"] or 0) + 1
        pair = sealing.generate_key_pair()
        made = CircleKey(circle=circle, version=version, suite=pair.suite, public_key=pair.public_key)
        made.proof = key_proof(made)
        made.save(force_insert=True)
        for staff_key in members:
            grant_seed(made, staff_key, pair.seed, by=by, on=on)
        escrow_seed(made, pair.seed)
    return made


def open_own_grants(circle_id: UUID, keyring: KeyRing) -> dict[UUID, CircleSeed]:
    """Return the seeds of all usable versions of the circle granted to the ring, by circle key id; raises ``KeyRefused``."""
    grants = CircleGrant.objects.filter(
        circle_key__circle_id=circle_id, circle_key__state__in=USABLE, staff_key_id=keyring.staff_key_id
    ).select_related("circle_key")
    try:
        return {grant.circle_key_id: open_grant(grant, keyring) for grant in grants.order_by("circle_key__version")}
    except VaultError:
        raise KeyRefused from None


def open_grant(grant: CircleGrant, keyring: KeyRing) -> CircleSeed:
    """Return the seed in *grant*; raises a ``VaultError`` when the grant or the circle's public key is not genuine."""
    key = grant.circle_key
    return keyring.open_circle(key.id, key.version, bytes(grant.sealed), key.suite, bytes(key.public_key))


def remaining_keys(circle: Circle, *, without: Iterable[UUID] = ()) -> list[StaffKey]:
    """Return the present keys of the active people who hold the circle's active version, *without* these people's ids."""
    return list(
        StaffKey.objects.filter(
            retired_at__isnull=True,
            person__status=AccountStatus.ACTIVE,
            grants__circle_key__circle=circle,
            grants__circle_key__state=CircleKeyState.ACTIVE,
        )
        .exclude(person_id__in=list(without))
        .order_by("id")
    )


def proven_keys(circle: Circle, *, without: Iterable[UUID] = ()) -> list[StaffKey]:
    """Return the present keys that this server let in as they stand: a new version is sealed to them and to no other.

    Counted is the newest usable version that this server made. Whoever is left out was planted, or has an exchanged public key; a
    colleague who compares the fingerprint lets them in again.
    """
    grants = CircleGrant.objects.filter(
        circle_key__circle=circle,
        circle_key__state__in=USABLE,
        staff_key__retired_at__isnull=True,
        staff_key__person__status=AccountStatus.ACTIVE,
    ).exclude(staff_key__person_id__in=list(without))
    found = grants.select_related("circle_key", "staff_key").order_by("staff_key_id")
    proven = [(is_genuine(one.circle_key), one.circle_key.version, one.staff_key) for one in found if is_proven(one)]
    best = max(((genuine, version) for genuine, version, _key in proven), default=None)
    return [key for genuine, version, key in proven if (genuine, version) == best]


def check_vouched(circle_key: CircleKey, seed: CircleSeed, staff_keys: Iterable[StaffKey]) -> None:
    """Raise ``KeyRefused`` unless each of *staff_keys* carries the vouch of this version of the circle."""
    vouches = dict(CircleGrant.objects.filter(circle_key=circle_key).values_list("staff_key_id", "vouch"))
    try:
        for staff_key in staff_keys:
            stored = bytes(vouches.get(staff_key.id, b""))
            check_vouch(stored, seed.seed, circle_key.id, circle_key.version, _as_recipient(staff_key))
    except VaultError:
        raise KeyRefused from None


def withdraw(person: Caseworker, circle: Circle, *, now: dt.datetime) -> None:
    """Delete every grant of *circle* to *person*, and let others know, so that the cases in their care are not forgotten."""
    CircleGrant.objects.filter(circle_key__circle=circle, staff_key__person=person).delete()
    for told in AFTER_WITHDRAWAL:
        told(person, circle.id, now)


def leave_circles(person: Caseworker, *, now: dt.datetime) -> list[Circle]:
    """Take *person* out of every circle and return the circles; their keys stay as they are. What was given to them alone ends too."""
    usable = CircleKey.objects.filter(grants__staff_key__person=person, state__in=USABLE)
    circles = list(Circle.objects.filter(id__in=usable.values("circle_id")).order_by("id"))
    lock_versions([circle.id for circle in circles])
    for circle in circles:
        withdraw(person, circle, now=now)
    for told in AFTER_DEPARTURE:
        told(person, now)
    return circles


def withdraw_from_all(person: Caseworker, *, by: Caseworker | None, now: dt.datetime) -> list[Circle]:
    """Take *person* out of every circle and give each a new key, sealed to those who remain; return the circles.

    Needs nobody's private key, so that a security officer can do it at any hour. What was sealed before moves to the new key when a
    member next unlocks, who checks the vouches first. A circle that nobody is left in is sealed to recovery alone.
    """
    circles = leave_circles(person, now=now)
    for circle in circles:
        begin_version(circle, proven_keys(circle, without=[person.id]), by=by, on=now.date())
    return circles
