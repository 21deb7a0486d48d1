"""What every recovery page of the organization shows: sheets and their drills, bundles that wait. Public values only."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Max

from caseworker.enums import RecoveryKind
from caseworker.exceptions import PolicyRefused
from caseworker.models.keys import RecoveryKey
from caseworker.models.recovery import RecoveryDrill, RecoveryRequest
from caseworker.queries_keys import grouped
from caseworker.recovery_keys import fingerprint_of, pinned_recovery_keys

DRILL_EVERY = dt.timedelta(days=365)
SHOWN_REQUESTS = 20


@dataclass(frozen=True)
class SheetLine:
    """One recovery key, with the day its sheet last opened something."""

    fingerprint: str
    created_on: dt.date
    drilled_on: dt.date | None
    is_due: bool


@dataclass(frozen=True)
class RequestLine:
    """A bundle that was exported."""

    id: uuid.UUID
    kind: str
    made_on: dt.date
    made_by: str
    answered_on: dt.date | None


@dataclass(frozen=True)
class RecoveryPage:
    """Everything on the overview."""

    keys_are_right: bool
    needs_all: bool
    sheets: Sequence[SheetLine]
    requests: Sequence[RequestLine]

    @property
    def is_due(self) -> bool:
        """Tell whether a drill is due."""
        return any(sheet.is_due for sheet in self.sheets)


def present_recovery_keys() -> list[RecoveryKey] | None:
    """Return the keys in use, or None when they are not those on paper."""
    try:
        return pinned_recovery_keys()
    except PolicyRefused:
        return None


def _sheet_lines(keys: Sequence[RecoveryKey], today: dt.date) -> list[SheetLine]:
    done = RecoveryDrill.objects.filter(recovery_key__in=keys).values("recovery_key_id").annotate(last=Max("done_on"))
    last = {row["recovery_key_id"]: row["last"] for row in done}
    return [
        SheetLine(
            grouped(fingerprint_of(key)),
            key.created_on,
            last.get(key.id),
            key.id not in last or today - last[key.id] > DRILL_EVERY,
        )
        for key in sorted(keys, key=fingerprint_of)
    ]


def drill_is_due(*, today: dt.date) -> bool:
    """Tell whether some sheet in use has opened nothing for a year, or never."""
    return any(line.is_due for line in _sheet_lines(present_recovery_keys() or [], today))


def recovery_page(*, today: dt.date) -> RecoveryPage:
    """Return what the overview shows. Four queries."""
    keys = present_recovery_keys()
    shown = RecoveryRequest.objects.select_related("made_by").order_by("-made_on", "-id")[:SHOWN_REQUESTS]
    lines = [
        RequestLine(one.id, str(RecoveryKind(one.kind).label), one.made_on, one.made_by.alias, one.answered_on)
        for one in shown
    ]
    return RecoveryPage(keys is not None, settings.RECOVERY_POLICY == "all", _sheet_lines(keys or [], today), lines)
