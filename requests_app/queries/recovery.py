"""What recovery pages show of records: how far a replacement of sheets is, and which archived case is meant. Counts and codes only."""

import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from caseworker.actions.circle_keys import USABLE
from caseworker.models.keys import CircleEscrow, CircleKey, RecoveryKey
from caseworker.models.recovery import RecoveryDrill
from caseworker.queries_keys import CircleLine, grouped
from caseworker.queries_recovery import present_recovery_keys
from caseworker.recovery_keys import fingerprint_of, old_recovery_keys, pinned_recovery_keys, recovery_set
from requests_app.models.cases import Case
from requests_app.models.sealed import RecordKey
from requests_app.queries.cases import archived_ids, owner_ids, sealed_records
from requests_app.sealed_recovery import archived_records, records_in_circles, records_to_move


@dataclass(frozen=True)
class ReplacementState:
    """How far the recovery keys are replaced; ``archived_left`` records open only with the old sheets."""

    old: Sequence[str]
    prepared: Sequence[str]
    records: int
    records_left: int
    circles_left: int
    archived_left: int
    undrilled: int

    @property
    def is_running(self) -> bool:
        """Tell whether something has to be sealed anew."""
        return bool(self.old or self.records_left or self.circles_left)

    @property
    def moved(self) -> int:
        """Return how many records of circles the present sheets open."""
        return self.records - self.records_left

    @property
    def total(self) -> int:
        """Return at least 1, so that a bar can be drawn."""
        return max(self.records, 1)

    @property
    def may_retire(self) -> bool:
        """Tell whether the old keys can go, as far as the members and the drills are concerned."""
        return bool(self.old) and not (self.records_left or self.circles_left or self.undrilled)


def replacement_state() -> ReplacementState:
    """Count what the present sheets do not open yet. Raises ``PolicyRefused`` when they are not those on paper."""
    to, keys = recovery_set(), pinned_recovery_keys()
    escrows = CircleEscrow.objects.filter(recovery_key__in=keys, circle_key__state__in=USABLE)
    sealed = list(escrows.values_list("circle_key_id", flat=True))
    usable = CircleKey.objects.filter(state__in=USABLE).values_list("id", flat=True)
    drilled = set(RecoveryDrill.objects.filter(recovery_key__in=keys).values_list("recovery_key_id", flat=True))
    prepared = RecoveryKey.objects.filter(is_prepared=True, retired_on__isnull=True).exclude(
        id__in=[key.id for key in keys]
    )
    return ReplacementState(
        old=[grouped(fingerprint_of(key)) for key in old_recovery_keys()],
        prepared=[fingerprint_of(key) for key in prepared.order_by("id")],
        records=records_in_circles().count(),
        records_left=records_in_circles(lacking=to).count(),
        circles_left=sum(1 for key_id in usable if sealed.count(key_id) < len(keys)),
        archived_left=archived_records(lacking=to).count(),
        undrilled=len({key.id for key in keys} - drilled),
    )


def archived_case(reference: str) -> Case | None:
    """Return the case with this reference if only the recovery sheet opens something of it; the officer who asks sees nothing else of it."""
    found: Case | None = Case.objects.filter(reference__iexact=reference.strip(), erased_on__isnull=True).first()
    return found if found is not None and shut_records(found.id) else None


def shut_records(case_id: uuid.UUID) -> list[uuid.UUID]:
    """Return the records of a case that no circle opens, by id: archived, or sealed while the circle had no genuine key."""
    records = sealed_records(owner_ids(case_id))
    return sorted(archived_ids(records))


@dataclass(frozen=True)
class ResealLine:
    """Progress of one circle towards the present sheets; ``total`` is at least 1, so that a bar can be drawn."""

    moved: int
    left: int

    @property
    def total(self) -> int:
        """Return what is sealed and what is left."""
        return max(self.moved + self.left, 1)


def _per_circle(rows: QuerySet[RecordKey], circle_of: Mapping[uuid.UUID, uuid.UUID]) -> Counter[uuid.UUID]:
    counted = Counter[uuid.UUID]()
    for key_id, count in rows.values_list("circle_key_id").annotate(Count("id")).order_by():
        counted[circle_of[key_id]] += count
    return counted


def resealings(circles: Sequence[CircleLine]) -> dict[uuid.UUID, ResealLine]:
    """Return the progress of each circle that has records the present sheets do not open yet. Three queries at most."""
    if present_recovery_keys() is None:
        return {}
    circle_of = {version.id: line.id for line in circles for version in line.versions}
    left = _per_circle(records_to_move(recovery_set(), circle_of), circle_of)
    total = _per_circle(RecordKey.objects.filter(circle_key_id__in=circle_of), circle_of) if left else left
    return {circle_id: ResealLine(total[circle_id] - count, count) for circle_id, count in left.items()}
