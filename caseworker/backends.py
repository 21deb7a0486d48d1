"""The one authentication backend: every way in passes it, and it unlocks the key or nothing."""

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from caseworker import throttle
from caseworker.models.accounts import Caseworker
from caseworker.panic import ADMITTED, everyone_is_locked
from caseworker.second_factor import second_factor_accepts
from caseworker.unlocking import active_key_of, unlock

THROTTLE = "words"


class WordsBackend(BaseBackend):
    """Check alias, six words and second factor in one step, so that nothing half-unlocked exists between two of them."""

    def authenticate(  # type: ignore[override]
        self,
        request: HttpRequest | None,
        alias: str | None = None,
        words: str | None = None,
        code: str = "",
        factor_given: bool = False,
    ) -> Caseworker | None:
        """Return the person and leave the opened key ring on *request*, or return None.

        Unknown, suspended, wrong and locked out by a panic cost the same work and end the same way. Raises ``AttemptsBlocked`` while the account's block
        lasts. The seed reaches nothing before the second factor has passed; *factor_given* says that it did, in this same session.
        """
        if request is None or alias is None or words is None:
            return None
        throttle.check_not_blocked(THROTTLE, alias)
        person: Caseworker | None = Caseworker.objects.filter(alias__iexact=alias).first()
        key = active_key_of(person)
        shut_out = everyone_is_locked() and (person is None or person.role not in ADMITTED)
        ring = unlock(key, words)
        if (
            person is None
            or key is None
            or ring is None
            or shut_out
            or not (factor_given or second_factor_accepts(person, code))
        ):
            throttle.record_failure(THROTTLE, alias)
            return None
        throttle.clear_failures(THROTTLE, alias)
        request.opened_ring = (ring, key.suite)  # type: ignore[attr-defined]
        return person

    def get_user(self, user_id: object) -> Caseworker | None:
        """Return an active person; suspension takes effect with the next request."""
        person: Caseworker | None = Caseworker.objects.select_related("intake_circle").filter(pk=user_id).first()
        return person if person is not None and person.is_active else None
