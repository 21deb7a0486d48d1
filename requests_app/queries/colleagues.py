"""Who works with whom, and who has how much to do: aliases, codes and numbers."""

import datetime as dt
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from caseworker.enums import AccountStatus, Role
from caseworker.models.accounts import Caseworker
from caseworker.models.keys import Circle, CircleGrant
from requests_app.enums import Stage
from requests_app.models.cases import Case
from requests_app.models.membership import circles_of
from requests_app.models.queues import SavedView
from requests_app.queries.queue_table import ALERTS, SOON


def circles_for(person: Caseworker) -> QuerySet[Circle]:
    """Return the circles whose cases *person* may ask for: a lead's are all, a coordinator's those they read."""
    circles = Circle.objects.order_by("name", "id")
    return circles if person.role == Role.LEAD else circles.filter(id__in=circles_of(person))


def coordinators_for(person: Caseworker) -> QuerySet[Caseworker]:
    """Return the coordinators whose cases *person* may ask for, by alias: a lead's are all, a coordinator's those of their circles."""
    coordinators: QuerySet[Caseworker] = Caseworker.objects.filter(role=Role.COORDINATOR).order_by("alias", "id")
    if person.role == Role.LEAD:
        return coordinators
    grants = CircleGrant.objects.filter(
        circle_key__circle_id__in=circles_of(person), staff_key__retired_at__isnull=True
    )
    return coordinators.filter(id__in=grants.values("staff_key__person_id"))


def workload(person: Caseworker, *, now: dt.datetime) -> list[Mapping[str, Any]]:
    """Count for each colleague the cases that *person* may know of: open, overdue, due in 24 hours, alerts, at a border. One query.

    Border hush holds: at a border everybody counts only what they own or stand in for.
    """
    visible = Case.objects.visible_to(person, now=now).open().order_by().values("id")
    late, soon = Q(owned_cases__due_at__lt=now), Q(owned_cases__due_at__gte=now, owned_cases__due_at__lt=now + SOON)

    def number(condition: Q) -> Count:
        return Count("owned_cases", filter=Q(owned_cases__in=visible) & condition)

    counted = coordinators_for(person).annotate(
        open_cases=number(Q()),
        overdue=number(late),
        soon=number(soon),
        alerts=number(Q(owned_cases__condition__in=ALERTS)),
        border=number(Q(owned_cases__stage=Stage.BORDER_CROSSING)),
    )
    working = counted.filter(Q(status=AccountStatus.ACTIVE) | Q(open_cases__gt=0))
    return list(working.values("id", "alias", "status", "open_cases", "overdue", "soon", "alerts", "border"))


def views_of(person: Caseworker) -> dict[UUID, SavedView]:
    """Return the views that *person* saved and those of their circles, oldest first. One query."""
    views = SavedView.objects.visible_to(person).select_related("circle", "of_person", "in_circle")
    return {view.id: view for view in views.order_by("created_on", "id")}


def filters_of(view: SavedView) -> Mapping[str, Any]:
    """Return the filters that the view keeps."""
    return {
        "queue": view.queue,
        "owner": view.of_person or view.whose,
        "urgency": view.urgency,
        "stage": view.stage,
        "condition": view.condition,
        "category": view.category,
        "country": view.country,
        "circle": view.in_circle or "",
    }
