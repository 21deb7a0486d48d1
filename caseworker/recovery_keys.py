"""The recovery keys in use: every row must be one whose fingerprint is pinned in the settings, computed anew from the key itself."""

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from caseworker.exceptions import PolicyRefused
from caseworker.models.keys import RecoveryKey
from caseworker.vault.sealing import fingerprint


def stored_fingerprints() -> set[str]:
    """Return the fingerprints of the unretired keys, computed from their bytes; the stored text proves nothing."""
    keys = RecoveryKey.objects.filter(retired_on__isnull=True)
    return {fingerprint(key.suite, bytes(key.public_key)) for key in keys}


def pinned_recovery_keys() -> list[RecoveryKey]:
    """Return the keys to seal to.

    Raises ``PolicyRefused`` when a row is not pinned: a planted key would read everything sealed from now on. Without pins (demo,
    development, before founding) every row is taken; a deploy check refuses to start so.
    """
    keys = list(RecoveryKey.objects.filter(retired_on__isnull=True).order_by("id"))
    pinned = set(settings.RECOVERY_FINGERPRINTS)
    if pinned and any(fingerprint(key.suite, bytes(key.public_key)) not in pinned for key in keys):
        raise PolicyRefused(
            _("A recovery key is not the one on paper. Nothing was sealed: tell the security officer at once.")
        )
    return keys
