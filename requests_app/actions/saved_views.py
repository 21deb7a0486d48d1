"""Saved views: filters in codes, one's own or the circle's."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from caseworker import audit
from caseworker.enums import AuditVerb
from caseworker.exceptions import PolicyRefused
from caseworker.models.accounts import Caseworker
from caseworker.models.keys import Circle
from caseworker.permissions import Permission, check
from requests_app.enums import OwnerFilter, ViewName
from requests_app.models.queues import SavedView
from requests_app.policies import check_reads_circle

MOST_VIEWS = 12
CODES = ("queue", "stage", "condition", "urgency", "category", "country")


def _whose(owner: object) -> dict[str, Any]:
    if isinstance(owner, Caseworker):
        return {"whose": OwnerFilter.PERSON, "of_person": owner}
    return {"whose": owner or ""}


@transaction.atomic
def save_view(
    filters: Mapping[str, Any], *, circle: Circle | None, name: str, actor: Caseworker, now: dt.datetime
) -> SavedView:
    """Keep *filters* for oneself, or for a *circle* that one reads; twelve for each, so that *Today* stays readable.

    Raises ``PolicyRefused`` for the thirteenth, and for filters that are kept there already.
    """
    check(actor, Permission.SAVE_VIEW)
    if circle is not None:
        check_reads_circle(circle.id, actor)
    belongs: dict[str, Any] = {"circle": circle} if circle else {"owner": actor}
    if SavedView.objects.filter(**belongs).count() >= MOST_VIEWS:
        raise PolicyRefused(_("Twelve views are saved already. Delete one that nobody uses."))
    kept = belongs | {code: filters.get(code) or "" for code in CODES} | _whose(filters.get("owner"))
    kept["in_circle"] = filters.get("circle") or None
    if SavedView.objects.filter(**(dict.fromkeys(("of_person",)) | kept)).exists():
        raise PolicyRefused(_("These filters are saved already."))
    view = SavedView.objects.create(name=name, created_on=now.date(), **kept)
    audit.record(actor=actor, verb=AuditVerb.SAVE_VIEW, kind="saved_view", object_id=view.id, now=now)
    return view


def _check_theirs(view: SavedView, actor: Caseworker) -> None:
    """Refuse a view that is neither one's own nor of a circle one reads."""
    check(actor, Permission.SAVE_VIEW)
    if not SavedView.objects.visible_to(actor).filter(id=view.id).exists():
        raise PolicyRefused(_("This view belongs to somebody else."))


@transaction.atomic
def name_view(view: SavedView, name: ViewName | None, *, actor: Caseworker, now: dt.datetime) -> SavedView:
    """Give the view a name from the list, or let its filters name it."""
    _check_theirs(view, actor)
    view.name = name or ""
    view.save(update_fields=["name"])
    audit.record(actor=actor, verb=AuditVerb.NAME_VIEW, kind="saved_view", object_id=view.id, now=now)
    return view


@transaction.atomic
def drop_view(view: SavedView, *, actor: Caseworker, now: dt.datetime) -> None:
    """Delete the view; the cases it showed stay as they are."""
    _check_theirs(view, actor)
    view_id = view.id
    view.delete()
    audit.record(actor=actor, verb=AuditVerb.DROP_VIEW, kind="saved_view", object_id=view_id, now=now)
