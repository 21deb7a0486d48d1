"""Replace recovery keys: prepare a new one, pin it in the settings, seal everything to it in short steps, retire the old one.

Like a rotation, sealing anew needs open keys: every unlocking of a member does a step while old keys are pinned, and the page of the circle
as many as somebody has patience for. Old and new sheets open everything meanwhile. A step is one transaction; stopped anywhere, the next
one goes on where it was.
"""

import datetime as dt
import json
import time
import uuid
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from caseworker import audit
from caseworker.actions.circle_keys import escrow_seed, lock_circles, open_own_grants
from caseworker.enums import AuditVerb
from caseworker.exceptions import PolicyRefused
from caseworker.models.accounts import Caseworker
from caseworker.models.keys import Circle, CircleEscrow, CircleKey, RecoveryKey
from caseworker.permissions import Permission, check
from caseworker.recovery_keys import fingerprint_of, old_recovery_keys, old_recovery_set, recovery_set
from caseworker.scrubbing import scrub_after_commit
from caseworker.vault.ceremony import decoded
from caseworker.vault.errors import VaultError
from caseworker.vault.keyring import CircleSeed, KeyRing
from caseworker.vault.sealing import DEFAULT_SUITE, PUBLIC_BYTES, fingerprint, seal
from caseworker.vault.shares import RecoverySet
from requests_app.actions.rotation import drop_record_keys
from requests_app.models.membership import circles_of
from requests_app.policies import check_reads_circle
from requests_app.queries.recovery import replacement_state
from requests_app.sealed_recovery import forget_old_keys, move_to_recovery, records_to_move

STEP = 250
PUBLIC_FORMAT = "casework-recovery-public/1"


@dataclass(frozen=True)
class Sealed:
    """What a step sealed, and whether nothing is left that this person can seal."""

    moved: int
    finished: bool


def _public_key_in(raw: bytes) -> bytes:
    """Return the public key in the file that the offline tool wrote; raises ``PolicyRefused`` for anything else."""
    try:
        contents = json.loads(raw)
        if contents["format"] != PUBLIC_FORMAT or contents["suite"] != DEFAULT_SUITE:
            raise ValueError
        public_key = decoded(contents["public_key"])
        if len(public_key) != PUBLIC_BYTES[DEFAULT_SUITE]:
            raise ValueError
        seal(b"", suite=DEFAULT_SUITE, public_key=public_key, info=b"")
    except (ValueError, KeyError, TypeError, RecursionError, VaultError):
        raise PolicyRefused(_("This is not the file that the tool wrote for a new sheet.")) from None
    return public_key


@transaction.atomic
def prepare_recovery_key(raw: bytes, typed: str, *, actor: Caseworker, now: dt.datetime) -> RecoveryKey:
    """Keep the public half of a new sheet; nothing is sealed to it until it is pinned in the settings.

    *typed* is the fingerprint on the paper. Raises ``PolicyRefused`` when it is not that of the file, or the key is known already.
    """
    check(actor, Permission.RECOVER)
    public_key = _public_key_in(raw)
    found = fingerprint(DEFAULT_SUITE, public_key)
    if "".join(typed.lower().split()) != found:
        raise PolicyRefused(_("The fingerprint on the paper is not that of the file. Nothing was kept."))
    if any(fingerprint_of(key) == found for key in RecoveryKey.objects.all()):
        raise PolicyRefused(_("This key is known already."))
    key = RecoveryKey.objects.create(
        suite=DEFAULT_SUITE, public_key=public_key, fingerprint=found, created_on=now.date(), is_prepared=True
    )
    audit.record(actor=actor, verb=AuditVerb.PREPARE_RECOVERY_KEY, kind="recovery_key", object_id=key.id, now=now)
    return key


def _escrow_anew(seeds: dict[uuid.UUID, CircleSeed], to: RecoverySet) -> int:
    """Seal to the set the seeds that it does not hold yet; return how many."""
    ids, moved = [key.key_id for key in to.keys], 0
    keys = CircleKey.objects.select_for_update().filter(id__in=list(seeds)).order_by("id")
    for key in list(keys):
        there = CircleEscrow.objects.filter(circle_key=key, recovery_key_id__in=ids)
        if there.count() < len(ids):
            there.delete()
            escrow_seed(key, seeds[key.id].seed)
            moved += 1
    return moved


@transaction.atomic
def reseal_step(circle: Circle, *, keyring: KeyRing, actor: Caseworker, now: dt.datetime, limit: int = STEP) -> Sealed:
    """Seal up to *limit* data keys of the circle, and its own seeds, to the recovery keys that are pinned now.

    Raises ``PolicyRefused`` for somebody outside the circle or when a recovery key is not the one on paper, and ``KeyRefused`` when a key
    of the circle is not genuine.
    """
    check_reads_circle(circle.id, actor)
    lock_circles([circle.id])
    to, seeds = recovery_set(), open_own_grants(circle.id, keyring)
    escrowed = _escrow_anew(seeds, to)
    done = move_to_recovery(to, seeds, limit=limit)
    drop_record_keys(done.dropped, actor=actor, now=now)
    if escrowed or done.moved:
        audit.record(actor=actor, verb=AuditVerb.RESEAL_TO_RECOVERY, kind="circle", object_id=circle.id, now=now)
    return Sealed(done.moved, finished=not records_to_move(to, seeds).exists())


def reseal_for(seconds: float, circle: Circle, *, keyring: KeyRing, member: Caseworker, at: dt.datetime) -> Sealed:
    """Do step after step, each its own transaction, until nothing is left or *seconds* have passed; return the sum."""
    moved, ends = 0, time.monotonic() + seconds
    while True:
        step = reseal_step(circle, keyring=keyring, actor=member, now=at)
        moved += step.moved
        if step.finished or not step.moved or time.monotonic() >= ends:
            return Sealed(moved, step.finished)


def continue_resealing(person: Caseworker, keyring: KeyRing, now: dt.datetime) -> None:
    """Do one step for each circle of *person* while old recovery keys are pinned: called whenever somebody unlocks."""
    if settings.RECOVERY_OLD_FINGERPRINTS and old_recovery_keys():
        for circle in Circle.objects.filter(id__in=circles_of(person)).order_by("id"):
            reseal_step(circle, keyring=keyring, actor=person, now=now)


@transaction.atomic
def retire_recovery_keys(*, accept_loss: bool, actor: Caseworker, now: dt.datetime) -> int:
    """Retire the keys that were replaced, and delete what was sealed to them; return how many boxes died.

    Raises ``PolicyRefused`` while a circle still has records or seeds that the new sheets do not open, while a new sheet has passed no
    drill, and, unless *accept_loss*, while archived records lie under the old sheets alone: those boxes stay even then, in case the old
    paper is found.
    """
    check(actor, Permission.RECOVER)
    old, to = old_recovery_set(), recovery_set()
    keys = old_recovery_keys()
    if old is None or not keys:
        raise PolicyRefused(_("No recovery key is being replaced."))
    state = replacement_state()
    if state.records_left or state.circles_left:
        raise PolicyRefused(_("Members still have to seal records to the new sheets."))
    if state.undrilled:
        raise PolicyRefused(_("Do a drill with every new sheet first."))
    if state.archived_left and not accept_loss:
        raise PolicyRefused(
            _("Archived records lie under the old sheets alone. Move them with the offline tool first.")
        )
    died = forget_old_keys(old, to)
    RecoveryKey.objects.filter(id__in=[key.id for key in keys]).update(retired_on=now.date())
    RecoveryKey.objects.filter(id__in=[key.key_id for key in to.keys]).update(is_prepared=False)
    audit.record(actor=actor, verb=AuditVerb.RETIRE_RECOVERY_KEYS, kind="recovery_key", object_id=keys[0].id, now=now)
    scrub_after_commit()
    return died
