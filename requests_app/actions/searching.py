"""Look for a person by a phone, a handle, an e-mail or a name: under open keys, counted, and written down without the words."""

import datetime as dt
import uuid
from dataclasses import dataclass

from django.db import transaction

from caseworker import audit
from caseworker.actions.circle_keys import lock_circles, open_own_grants
from caseworker.enums import AuditVerb
from caseworker.models.accounts import Caseworker
from caseworker.models.keys import Circle, CircleKey
from caseworker.permissions import Permission, check
from caseworker.throttle import count_use
from caseworker.vault.keyring import KeyRing
from requests_app.duplicate_codes import TagKind
from requests_app.models.duplicates import DuplicateEntry
from requests_app.models.membership import circles_of
from requests_app.normalize import forms_of_query
from requests_app.sealed_tags import find_forms, records_to_tag, tag_keys_of

MOST_SEARCHES, SEARCH_WINDOW = 120, dt.timedelta(minutes=10)


@dataclass(frozen=True)
class Found:
    """Request ids and the kinds they agree in, and whether some records are not compared yet and so cannot be found."""

    hits: dict[uuid.UUID, set[TagKind]]
    is_behind: bool

    def __repr__(self) -> str:
        """Show nothing."""
        return "<Found>"


def may_search(person: Caseworker, at: dt.datetime) -> bool:
    """Count one search of *person* and tell whether it is among the 120 of ten minutes; the first beyond them is written down."""
    used = count_use("search", str(person.id), window=SEARCH_WINDOW)
    if used == MOST_SEARCHES + 1:
        note_excess(actor=person, now=at)
    return used <= MOST_SEARCHES


@transaction.atomic
def note_excess(*, actor: Caseworker, now: dt.datetime) -> None:
    """Write down that somebody searched more often than anybody needs to."""
    audit.record(actor=actor, verb=AuditVerb.SEARCH_TOO_OFTEN, kind="search", object_id=None, now=now)


@transaction.atomic
def search_tags(typed: str, *, keyring: KeyRing, actor: Caseworker, now: dt.datetime) -> Found:
    """Look for what was *typed* in every tag row of the actor's circles, under every version of the keys they hold.

    No rotation moves a row from under the search: both lock the circle. Rows that do not open are dropped, to be made anew. What was typed
    is kept nowhere.
    """
    check(actor, Permission.SEARCH)
    forms, hits, is_behind = forms_of_query(typed), dict[uuid.UUID, set[TagKind]](), False
    circles = list(Circle.objects.filter(id__in=circles_of(actor)).order_by("id"))
    lock_circles(circle.id for circle in circles)
    for circle in circles:
        versions = tag_keys_of(open_own_grants(circle.id, keyring))
        here = find_forms(forms, versions.values())
        for form, requests in here.requests.items():
            for request_id in requests:
                hits.setdefault(request_id, set()).add(form.kind)
        DuplicateEntry.objects.filter(help_request__in=here.damaged).delete()
        active = CircleKey.objects.get(circle=circle, state="active")
        is_behind = is_behind or records_to_tag(circle, active.id, versions).exists()
    audit.record(actor=actor, verb=AuditVerb.SEARCH, kind="search", object_id=None, now=now)
    return Found(hits, is_behind)
