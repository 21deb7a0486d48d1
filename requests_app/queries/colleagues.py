"""Who works with whom, and who has how much to do: aliases, codes and numbers."""

import datetime as dt
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from caseworker.enums import AccountStatus, Role
from caseworker.models.absences import Absence
from caseworker.models.accounts import Caseworker
from caseworker.models.keys import Circle, CircleGrant
from requests_app.enums import Stage
from requests_app.models.cases import Case, nobody_acts
from requests_app.models.membership import circles_of
from requests_app.models.queues import SavedView
from requests_app.queries.queue_table import ALERTS, SOON, has_lapsed_claim


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


def active_coordinators_for(person: Caseworker) -> QuerySet[Caseworker]:
    """Return those of them who work here now: whoever left, is suspended or never joined is offered nowhere."""
    return coordinators_for(person).filter(status=AccountStatus.ACTIVE)


def _numbers(now: dt.datetime, case: str = "") -> dict[str, Q]:
    """Return what is counted of cases, in the order of the columns; *case* is the way to the case, like ``"owned_cases__"``."""
    due = f"{case}due_at"
    return {
        "open_cases": Q(),
        "overdue": Q(**{f"{due}__lt": now}),
        "soon": Q(**{f"{due}__gte": now, f"{due}__lt": now + SOON}),
        "alerts": Q(**{f"{case}condition__in": ALERTS}),
        "border": Q(**{f"{case}stage": Stage.BORDER_CROSSING}),
    }


def workload(person: Caseworker, *, now: dt.datetime) -> list[Mapping[str, Any]]:
    """Count for each colleague the cases that *person* may know of: open, overdue, due in 24 hours, alerts, at a border. One query.

    Border hush holds: at a border everybody counts only what they own or stand in for. Who is away is marked, until when and with whom
    as deputy.
    """
    visible = Case.objects.visible_to(person, now=now).open().order_by().values("id")
    numbers = _numbers(now, "owned_cases__")
    mine = Q(owned_cases__in=visible)
    away = Absence.objects.on(now.date()).filter(person=OuterRef("pk")).order_by("-until_on", "id")
    counted = coordinators_for(person).annotate(
        **{name: Count("owned_cases", filter=mine & asked) for name, asked in numbers.items()},
        away_until=Subquery(away.values("until_on")[:1]),
        away_deputy=Subquery(away.values("deputy__alias")[:1]),
    )
    working = counted.filter(Q(status=AccountStatus.ACTIVE) | Q(open_cases__gt=0))
    return list(working.values("id", "alias", "status", "away_until", "away_deputy", *numbers))


def without_anybody(person: Caseworker, *, now: dt.datetime) -> Mapping[str, int]:
    """Count the same of the cases that *person* may know of and that nobody can act on: no owner, or neither owner nor deputy can. One query."""
    left = Q(nobody_acts(now.date())) | has_lapsed_claim(now)
    cases = Case.objects.visible_to(person, now=now).open().filter(left).order_by()
    return cases.aggregate(**{name: Count("id", filter=asked) for name, asked in _numbers(now).items()})


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
