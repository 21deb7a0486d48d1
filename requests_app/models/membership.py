"""Which circles a person can read: the one subquery that every ``visible_to`` starts from."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet

from caseworker.enums import CircleKeyState
from caseworker.models.accounts import Caseworker
from caseworker.models.keys import CircleGrant


def circles_of(person: Caseworker) -> QuerySet[CircleGrant, UUID]:
    """Return a subquery of circle ids whose usable key is granted to the present staff key of *person*."""
    usable = (CircleKeyState.ACTIVE, CircleKeyState.RETIRING)
    return CircleGrant.objects.filter(
        staff_key__person=person, staff_key__retired_at__isnull=True, circle_key__state__in=usable
    ).values_list("circle_key__circle_id", flat=True)
