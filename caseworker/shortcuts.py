"""The one script there is: keys for the queues, off unless the server and the person both turned it on."""

from django.conf import settings
from django.http import HttpRequest

from caseworker.enums import Role
from caseworker.models.accounts import Caseworker

ROLES = (Role.COORDINATOR, Role.LEAD)


def offers_shortcuts(person: Caseworker) -> bool:
    """Tell whether *person* may turn the shortcuts on: the server has them, and the role has queues."""
    return bool(settings.SHORTCUTS) and person.role in ROLES


def runs_script(request: HttpRequest) -> bool:
    """Tell whether the answer to *request* may bring the script: only to a person who turned it on."""
    person = getattr(request, "user", None) if settings.SHORTCUTS else None
    return isinstance(person, Caseworker) and offers_shortcuts(person) and person.uses_shortcuts
