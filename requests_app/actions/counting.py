"""Count in the same transaction as the event. A cell is a number for a month and a class: no case, no order, no actor.

These are called by other actions and have no permission, audit or transaction of their own.
"""

import datetime as dt
from collections.abc import Collection
from typing import Any

from caseworker.clock import month_of
from caseworker.compiled import update
from requests_app.enums import Stage
from requests_app.models.counts import CountCell
from requests_app.statistics.tables import (
    MAX_GROUPS_PER_PERSON,
    T0,
    T1,
    T2,
    T3,
    category_group,
    region_group,
    stage_group,
)


def _increment(table: str, cls: str, now: dt.datetime) -> None:
    cell: dict[str, Any] = {"month": month_of(now), "table": table, "cls": cls}
    if not update(CountCell, cell, {}, raised="count"):
        CountCell.objects.get_or_create(**cell)
        update(CountCell, cell, {}, raised="count")


def count_new_person(*, country: str, category: str, now: dt.datetime) -> None:
    """Count a person confirmed at triage, in the UTC month of the confirmation: in T0, by region in T1, by category in T2."""
    _increment(T0.code, T0.classes[0], now)
    _increment(T1.code, region_group(country), now)
    _increment(T2.code, category_group(category), now)


def count_stage_entry(*, stage: Stage, earlier: Collection[str], now: dt.datetime) -> None:
    """Count the first entry of a person into a stage group, at most three groups for life; *earlier* are the groups entered before."""
    group = stage_group(stage)
    if group and group not in earlier and len(set(earlier)) < MAX_GROUPS_PER_PERSON:
        _increment(T3.code, group, now)
