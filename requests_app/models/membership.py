"""Which circles a person can read: the one subquery that every ``visible_to`` starts from."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from caseworker.enums import AccountStatus, CircleKeyState, Role
from caseworker.models.accounts import Caseworker
from caseworker.models.keys import CircleGrant

USABLE = (CircleKeyState.ACTIVE, CircleKeyState.RETIRING)


def acts(person: str, circle: str | OuterRef) -> Exists:
    """Say in SQL that whoever the column *person* names can work in the circle that the column *circle* names: active, a coordinator, with keys."""
    grants = CircleGrant.objects.filter(
        staff_key__person_id=OuterRef(person), staff_key__retired_at__isnull=True,
        staff_key__person__status=AccountStatus.ACTIVE, staff_key__person__role=Role.COORDINATOR,
        circle_key__circle_id=OuterRef(circle), circle_key__state__in=USABLE,
    )  # fmt: skip
    return Exists(grants)


def circles_of(person: Caseworker) -> QuerySet[CircleGrant, UUID]:
    """Return a subquery of circle ids whose usable key is granted to the present staff key of *person*."""
    return CircleGrant.objects.filter(
        staff_key__person=person, staff_key__retired_at__isnull=True, circle_key__state__in=USABLE
    ).values_list("circle_key__circle_id", flat=True)
