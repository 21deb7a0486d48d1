"""Link people who belong together. A link opens nothing: whoever may not see both ends sees no link."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from caseworker import audit
from caseworker.enums import AuditVerb
from caseworker.exceptions import PolicyRefused
from caseworker.models.accounts import Caseworker
from caseworker.permissions import Permission, check
from requests_app.connection_codes import INVERSE, LinkKind
from requests_app.models.connections import PersonLink
from requests_app.models.help_requests import HelpRequest
from requests_app.policies import check_not_erased, check_not_locked, check_not_paused


def _ends(one: HelpRequest, other: HelpRequest, kind: LinkKind) -> tuple[HelpRequest, HelpRequest, LinkKind]:
    """Return low end, high end, and what the high one is to the low one; *kind* is what *other* is to *one*."""
    return (one, other, kind) if one.id < other.id else (other, one, INVERSE[kind])


def keep_together(one: HelpRequest, other: HelpRequest, *, by: Caseworker, on: dt.date) -> None:
    """Link two requests as belonging together, unless they are linked already. A part of actions, which audit."""
    low, high, kind = _ends(one, other, LinkKind.TOGETHER)
    PersonLink.objects.get_or_create(low=low, high=high, defaults={"kind": kind, "linked_by": by, "linked_on": on})


@transaction.atomic
def link_people(
    one: HelpRequest, other: HelpRequest, kind: LinkKind, *, actor: Caseworker, now: dt.datetime
) -> PersonLink:
    """Write down that *other* is *kind* to *one*; an earlier link of the two is replaced.

    Raises ``PolicyRefused`` unless *actor* may see both ends, for one person, and for anybody who is erased or asked to be.
    """
    check(actor, Permission.WORK_CASE)
    for end in (one, other):
        _check_free(end)
    if one.id == other.id or (one.case_id is not None and one.case_id == other.case_id):
        raise PolicyRefused(_("This is the same case. Name another one."))
    low, high, seen_from_low = _ends(one, other, kind)
    values = {"kind": seen_from_low, "linked_by": actor, "linked_on": now.date()}
    link, _made = PersonLink.objects.update_or_create(low=low, high=high, defaults=values)
    _check_sees(link, actor, now)
    audit.record(actor=actor, verb=AuditVerb.LINK_PEOPLE, kind="person_link", object_id=link.id, now=now)
    return link


def _check_free(end: HelpRequest) -> None:
    """Refuse an end that is erased, asked to be, or behind a case that is locked."""
    check_not_erased(end)
    check_not_paused(end)
    if end.case is not None:
        check_not_locked(end.case)


def _check_sees(link: PersonLink, actor: Caseworker, now: dt.datetime) -> None:
    if not PersonLink.objects.visible_to(actor, now=now).filter(id=link.id).exists():
        raise PolicyRefused(_("One of these requests is not yours to see any more."))


@transaction.atomic
def unlink_people(link: PersonLink, *, actor: Caseworker, now: dt.datetime) -> None:
    """Remove a link both ends of which *actor* may see."""
    check(actor, Permission.WORK_CASE)
    _check_sees(link, actor, now)
    for end in (link.low, link.high):
        _check_free(end)
    audit.record(actor=actor, verb=AuditVerb.UNLINK_PEOPLE, kind="person_link", object_id=link.id, now=now)
    link.delete()
