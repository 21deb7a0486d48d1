"""Background jobs: each takes ids only, calls one action, returns nothing, and may be delivered twice."""

import uuid

from caseworker import clock
from caseworker.sessions import SessionStore
from requests_app.actions import releases


def freeze_release(release_id: str) -> None:
    """Draw and freeze an approved month."""
    releases.freeze_release(uuid.UUID(release_id), now=clock.now())


def sweep_expired() -> None:
    """Delete sessions past their end."""
    SessionStore.clear_expired()
