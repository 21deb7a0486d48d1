"""One's own words and key: new words for the same key, or a new key when somebody may know the words."""

import datetime as dt
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from caseworker import audit
from caseworker.actions.circle_keys import (
    begin_version,
    check_vouched,
    grant_seed,
    lock_versions,
    open_own_grants,
    proven_keys,
    remaining_keys,
)
from caseworker.actions.people import make_staff_key, retire_keys, wrapping_under
from caseworker.enums import AuditVerb, CircleKeyState
from caseworker.exceptions import PolicyRefused
from caseworker.models.accounts import Caseworker
from caseworker.models.keys import Circle, CircleGrant, CircleKey, StaffKey
from caseworker.permissions import Permission, check
from caseworker.sessions import end_sessions
from caseworker.vault.keyring import CircleSeed, KeyRing


def _present_key(actor: Caseworker, keyring: KeyRing) -> StaffKey:
    """Return the key the ring was opened with, locked; raises ``PolicyRefused`` when it is no longer the person's present one."""
    keys = StaffKey.objects.select_for_update(no_key=True)
    found = keys.filter(id=keyring.staff_key_id, person=actor, retired_at__isnull=True).first()
    if found is None:
        raise PolicyRefused(_("Your key was replaced meanwhile. Sign in again."))
    return found


@transaction.atomic
def change_words(words: str, *, keyring: KeyRing, cookie: str | None, actor: Caseworker, now: dt.datetime) -> StaffKey:
    """Wrap the same seed under new *words*; the old ones open nothing any more, and every other session ends."""
    check(actor, Permission.OWN_ACCOUNT)
    key = _present_key(actor, keyring)
    for name, value in wrapping_under(words, keyring.seed, key_id=key.id, public_key=bytes(key.public_key)).items():
        setattr(key, name, value)
    key.save()
    audit.record(actor=actor, verb=AuditVerb.CHANGE_WORDS, kind="caseworker", object_id=actor.id, now=now)
    end_sessions(actor.id, keep=cookie)
    return key


@transaction.atomic
def replace_key(words: str, *, keyring: KeyRing, cookie: str | None, actor: Caseworker, now: dt.datetime) -> StaffKey:
    """Make a new key under new *words* and give every circle of the person a new key: somebody may know the old words.

    The old key is deleted with its grants; a copy of the database from before today still opens with the old words, and nothing sealed
    from now on does. Every other session ends.
    """
    check(actor, Permission.OWN_ACCOUNT)
    circles = list(Circle.objects.filter(keys__grants__staff_key_id=keyring.staff_key_id).distinct().order_by("id"))
    lock_versions([circle.id for circle in circles])
    old = _present_key(actor, keyring)
    opened = {circle: open_own_grants(circle.id, keyring) for circle in circles}
    CircleGrant.objects.filter(staff_key=old).delete()
    retire_keys(actor, now)
    new = make_staff_key(actor, words, generation=old.generation + 1)
    for circle, seeds in opened.items():
        _regrant(seeds, new, actor, now)
        _renew(circle, seeds, actor, now)
    audit.record(actor=actor, verb=AuditVerb.REPLACE_KEY, kind="caseworker", object_id=actor.id, now=now)
    end_sessions(actor.id, keep=cookie)
    return new


def _regrant(seeds: dict[UUID, CircleSeed], new: StaffKey, actor: Caseworker, now: dt.datetime) -> None:
    versions = CircleKey.objects.in_bulk(list(seeds))
    for key_id, seed in seeds.items():
        grant_seed(versions[key_id], new, seed.seed, by=actor, on=now.date())


def _renew(circle: Circle, seeds: dict[UUID, CircleSeed], actor: Caseworker, now: dt.datetime) -> None:
    active = CircleKey.objects.get(circle=circle, state=CircleKeyState.ACTIVE)
    check_vouched(active, seeds[active.id], remaining_keys(circle))
    begin_version(circle, proven_keys(circle), by=actor, on=now.date())
