"""Claim next: the server picks, so that two people never take the same case."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction

from caseworker.models.accounts import Caseworker
from caseworker.permissions import Permission, check
from requests_app.actions.casework import claim_case
from requests_app.models.cases import Case
from requests_app.queries.queues import next_unassigned

WINDOW = 200
"""How many of the first free cases are looked at: so many people may be taking one at this very moment."""


@transaction.atomic
def claim_next(*, filters: Mapping[str, Any], actor: Caseworker, now: dt.datetime) -> Case | None:
    """Give *actor* the first free case of their circles in the order of the queue, and return it; None when nobody waits.

    On PostgreSQL one row is locked and those that others are just taking are skipped; on SQLite, which locks no rows, there is one writer at
    a time. In both
    the claim itself is a conditional update of the version, made by the same action as on the case's page, which audits.
    """
    check(actor, Permission.CLAIM_CASE)
    free = next_unassigned(actor, filters, now=now, limit=WINDOW)
    case = free.select_for_update(skip_locked=True, of=("self",)).first()
    return claim_case(case, version=case.version, actor=actor, now=now) if case else None
