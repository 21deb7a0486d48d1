"""What can go wrong, in words a caseworker can act on.

No exception here ever carries a value that somebody typed: messages are fixed, translatable sentences.
"""

from collections.abc import Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class CaseworkError(Exception):
    """Base of all expected refusals; ``message`` is a fixed sentence that may be shown."""

    message: str | Promise = _("This cannot be done now.")

    def __init__(self, message: str | Promise | None = None) -> None:
        """Keep *message* if one is given, else the sentence of the class."""
        if message is not None:
            self.message = message
        super().__init__(type(self).__name__)


class PermissionRefused(CaseworkError):
    """The role may not do this at all (HTTP 403)."""

    message = _("Your role does not include this.")


class PolicyRefused(CaseworkError):
    """The role may do this, but not to this record in this state (HTTP 403, or an error on the form)."""


class StaleVersion(CaseworkError):
    """Somebody else changed the record first (HTTP 409); what was typed must be kept."""

    message = _(
        "Somebody changed this case while you had it open. Nothing of yours was lost: look at the new state and decide again."
    )


class VaultClosed(CaseworkError):
    """No key ring is open in this session: the words must be typed again."""

    message = _("Your keys are locked. Type your words to go on.")


class InvalidInput(CaseworkError):
    """Input that a form did not catch; ``problems`` are fixed sentences."""

    def __init__(self, problems: Sequence[str | Promise]) -> None:
        """Keep the *problems*; the first one is the message."""
        self.problems = tuple(problems)
        super().__init__(self.problems[0] if self.problems else None)
