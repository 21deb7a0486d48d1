"""The recovery keys in use and their policy: what stands in the settings decides, never what stands in a table.

``RECOVERY_FINGERPRINTS`` and ``RECOVERY_POLICY`` name the keys that everything is sealed to, and how many of them open it; the ``_OLD_``
settings name those that are being replaced. Fingerprints are computed anew from the keys each time. So somebody who can write to the
database can neither plant a key, nor drop one, nor turn "all" into "any".
"""

from collections.abc import Iterable
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from caseworker.compiled import find
from caseworker.exceptions import PolicyRefused
from caseworker.models.keys import RecoveryKey
from caseworker.vault.records import Recipient
from caseworker.vault.sealing import fingerprint
from caseworker.vault.shares import Part, Policy, RecoverySet, seal_to_set


def fingerprint_of(key: RecoveryKey) -> str:
    """Return the fingerprint computed from the key's bytes; the stored text proves nothing."""
    return fingerprint(key.suite, bytes(key.public_key))


def _ask_unretired() -> QuerySet[RecoveryKey]:
    return RecoveryKey.objects.filter(retired_on__isnull=True).order_by("id")


def _unretired() -> list[RecoveryKey]:
    return find(_ask_unretired)


def pinned_recovery_keys() -> list[RecoveryKey]:
    """Return the keys to seal to.

    Raises ``PolicyRefused`` when a row in use is not pinned (a planted key would read everything sealed from now on) or a pinned one is
    not there. Without pins (demo, development, before founding) every row in use is taken; a deploy check refuses to start so.
    """
    keys, pinned, old = _unretired(), set(settings.RECOVERY_FINGERPRINTS), set(settings.RECOVERY_OLD_FINGERPRINTS)
    if not pinned:
        return [key for key in keys if not key.is_prepared and fingerprint_of(key) not in old]
    wanted = [key for key in keys if fingerprint_of(key) in pinned]
    planted = any(fingerprint_of(key) not in pinned | old for key in keys if not key.is_prepared)
    if planted or {fingerprint_of(key) for key in wanted} != pinned or len(wanted) != len(pinned):
        raise PolicyRefused(
            _("A recovery key is not the one on paper. Nothing was sealed: tell the security officer at once.")
        )
    return wanted


def as_set(keys: Iterable[RecoveryKey], policy: str) -> RecoverySet:
    """Return the keys as the vault takes them."""
    return RecoverySet(Policy(policy), [Recipient(key.id, key.suite, bytes(key.public_key)) for key in keys])


def recovery_set() -> RecoverySet:
    """Return the set that everything is sealed to; raises ``PolicyRefused`` like :func:`pinned_recovery_keys`."""
    return as_set(pinned_recovery_keys(), settings.RECOVERY_POLICY)


def old_recovery_keys() -> list[RecoveryKey]:
    """Return the keys that are being replaced: pinned as old, still in the table."""
    old = set(settings.RECOVERY_OLD_FINGERPRINTS)
    return [key for key in _unretired() if fingerprint_of(key) in old]


def old_recovery_set() -> RecoverySet | None:
    """Return the set that is being replaced, or None; retired keys still count, for what only they open."""
    old = set(settings.RECOVERY_OLD_FINGERPRINTS)
    keys = [key for key in RecoveryKey.objects.order_by("id") if fingerprint_of(key) in old]
    return as_set(keys, settings.RECOVERY_OLD_POLICY) if keys else None


def seal_to_recovery(secret: bytes, purpose: str, *parts: Part) -> dict[UUID, bytes]:
    """Seal *secret* to the recovery keys under their policy; one box per key id, to be stored beside each other.

    *purpose* and *parts* bind the boxes to their place. Raises ``PolicyRefused`` when there is no key, or one that is not on paper.
    """
    to = recovery_set()
    if not to.keys:
        raise PolicyRefused(_("There is no recovery key to seal this to. Nothing was sealed."))
    return seal_to_set(secret, to, purpose, *parts)
