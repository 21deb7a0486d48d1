"""The second factor: allauth's TOTP and recovery codes, their secrets sealed under a key that is not in the database."""

import base64
import contextlib
from collections.abc import Sequence

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret, validate_totp_code
from django.conf import settings
from django.db import transaction

from caseworker.models.accounts import Caseworker
from caseworker.vault.formats import ctx
from caseworker.vault.wrapping import unwrap, wrap

PLACE = ctx("second-factor")


class SealedAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Seal what the library stores, and send nothing by mail."""

    def encrypt(self, text: str) -> str:
        """Wrap a secret for the database column."""
        return base64.b64encode(wrap(text.encode(), key=settings.SECOND_FACTOR_KEY, associated_data=PLACE)).decode(
            "ascii"
        )

    def decrypt(self, encrypted_text: str) -> str:
        """Return a wrapped secret."""
        return unwrap(base64.b64decode(encrypted_text), key=settings.SECOND_FACTOR_KEY, associated_data=PLACE).decode()

    def send_notification_mail(self, *_args: object, **_kwargs: object) -> None:
        """Send nothing: no address is known, and no mail is."""


def new_secret() -> str:
    """Return a fresh TOTP secret in base32 (RFC 6238), to be typed into an authenticator."""
    return str(generate_totp_secret())


def has_second_factor(person: Caseworker) -> bool:
    """Tell whether the person has set up TOTP."""
    return bool(Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).exists())


def lacks_second_factor(person: Caseworker) -> bool:
    """Tell whether the person must set up a second factor before anything else."""
    return settings.SECOND_FACTOR_REQUIRED and not has_second_factor(person)


def code_matches(secret: str, code: str) -> bool:
    """Tell whether *code* is the present code of *secret*."""
    return bool(validate_totp_code(secret, code.replace(" ", "")))


@transaction.atomic
def activate(person: Caseworker, secret: str) -> Sequence[str]:
    """Store the secret and return the recovery codes, which are shown once."""
    Authenticator.objects.filter(user=person).delete()
    TOTP.activate(person, secret)
    codes: Sequence[str] = RecoveryCodes.activate(person).generate_codes()
    return codes


@transaction.atomic
def deactivate(person: Caseworker) -> None:
    """Remove the second factor, so that it must be set up anew."""
    Authenticator.objects.filter(user=person).delete()


def second_factor_accepts(person: Caseworker, code: str) -> bool:
    """Tell whether *code* passes: a TOTP code once in its 30 seconds, or an unused recovery code. Without a factor, nothing is asked."""
    factors = {factor.type: factor for factor in Authenticator.objects.filter(user=person)}
    if Authenticator.Type.TOTP not in factors:
        return True
    digits = code.replace(" ", "")
    if TOTP(factors[Authenticator.Type.TOTP]).validate_code(digits):
        return True
    with contextlib.suppress(KeyError):
        return bool(RecoveryCodes(factors[Authenticator.Type.RECOVERY_CODES]).validate_code(digits))
    return False
