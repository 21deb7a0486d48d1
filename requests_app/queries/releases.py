"""What the pages about counts and releases show."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from requests_app.enums import ReleaseState
from requests_app.models.counts import CountCell, PrivacyLedgerEntry, Release, ReleaseCell
from requests_app.statistics.document import ReleaseDocument, ordered
from requests_app.statistics.labels import CLASS_TITLES, TABLE_TITLES
from requests_app.statistics.periods import is_due, release_day
from requests_app.statistics.tables import T0, TABLES

FINAL = (ReleaseState.FROZEN, ReleaseState.PUBLISHED, ReleaseState.WITHDRAWN)


@dataclass(frozen=True)
class ShownCell:
    """One line of a table on a page."""

    title: str
    value: int


@dataclass(frozen=True)
class ShownTable:
    """One table on a page, with the largest value for its bars."""

    code: str
    title: str
    cells: list[ShownCell]
    highest: int


def _shown(values: dict[tuple[str, str], int]) -> list[ShownTable]:
    tables = []
    for spec in TABLES:
        cells = [
            ShownCell(str(CLASS_TITLES[f"{spec.code}.{cls}"]), values.get((spec.code, cls), 0)) for cls in spec.classes
        ]
        tables.append(
            ShownTable(spec.code, str(TABLE_TITLES[spec.code]), cells, max(1, *(cell.value for cell in cells)))
        )
    return tables


def true_counts(month: dt.date) -> dict[str, dict[str, int]]:
    """Return the counters of a month by table and class; they never leave the caller's transaction or the restricted page."""
    counts: dict[str, dict[str, int]] = {}
    for table, cls, count in CountCell.objects.filter(month=month).values_list("table", "cls", "count"):
        counts.setdefault(table, {})[cls] = count
    return counts


def shown_true_counts(month: dt.date) -> list[ShownTable]:
    """Return the counters of a month for the restricted page."""
    return _shown({(table, cls): n for table, cells in true_counts(month).items() for cls, n in cells.items()})


def published_cells(release: Release) -> dict[tuple[str, str], int]:
    """Return the frozen cells of a release."""
    rows = ReleaseCell.objects.filter(release=release).values_list("table", "cls", "value")
    return {(table, cls): value for table, cls, value in rows}


def shown_release(release: Release) -> list[ShownTable]:
    """Return the frozen tables of a release for its page."""
    return _shown(published_cells(release))


def document_of(release: Release) -> ReleaseDocument:
    """Return the release as the document that its files are made from."""
    return ReleaseDocument(
        release_id=str(release.id),
        period=f"{release.period:%Y-%m}",
        kind=release.kind,
        software=release.software,
        previous_hash=release.previous_hash,
        cells=ordered(published_cells(release)),
    )


@dataclass(frozen=True)
class OpenMonth:
    """A month with counters that is not frozen yet."""

    month: dt.date
    code: str
    release_on: dt.date
    is_due: bool
    is_proposed: bool


def open_months(*, today: dt.date) -> list[OpenMonth]:
    """Return the months that still have counters, newest first, and whether each may be published yet."""
    months = CountCell.objects.order_by("-month").values_list("month", flat=True).distinct()
    taken = set(Release.objects.exclude(state=ReleaseState.REJECTED).values_list("period", flat=True))
    return [OpenMonth(m, f"{m:%Y-%m}", release_day(m), is_due(m, today), m in taken) for m in months]


def recent_totals(before: dt.date) -> Sequence[int]:
    """Return the published totals of the three releases before a month, oldest first."""
    cells = ReleaseCell.objects.filter(release__state__in=FINAL, release__period__lt=before, table=T0.code)
    return list(cells.order_by("-release__period").values_list("value", flat=True)[:3])[::-1]


def releases(*, published_only: bool = False) -> list[Release]:
    """Return releases, newest month first; those that were rejected stay in sight, the newest proposal of a month above."""
    wanted = Q(state__in=FINAL) if published_only else Q()
    found = Release.objects.filter(wanted).select_related("made_by", "approved_by")
    return list(found.order_by("-period", "-proposed_on", "id"))


def ledger() -> list[PrivacyLedgerEntry]:
    """Return what was charged, newest month first."""
    return list(PrivacyLedgerEntry.objects.order_by("-period", "table", "id")[:400])
