"""What the page of one case or one request shows: coded facts and masked records, in a fixed number of queries."""

import datetime as dt
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.shortcuts import get_object_or_404

from caseworker.enums import Role
from caseworker.models.accounts import Caseworker
from requests_app.enums import RecipientKind
from requests_app.models.cases import Case, CaseQuerySet
from requests_app.models.contacts import ContactPoint
from requests_app.models.help_requests import HelpRequest
from requests_app.models.membership import circles_of
from requests_app.models.sealed import RecordKey, SealedRecord


def case_or_404(case_id: UUID, *, person: Caseworker, now: dt.datetime) -> Case:
    """Return a case that *person* may know of, marked with ``reads_circle``; a stranger's case and one that does not exist are the same 404."""
    reads = Exists(circles_of(person).filter(circle_key__circle_id=OuterRef("circle_id")))
    visible = Case.objects.visible_to(person, now=now).annotate(reads_circle=reads)
    found: Case = get_object_or_404(visible.select_related("owner", "deputy", "circle"), id=case_id)
    return found


def request_or_404(request_id: UUID, *, person: Caseworker, now: dt.datetime) -> HelpRequest:
    """Return a request that *person* may know of, else 404."""
    visible = HelpRequest.objects.shown_to(person, now=now)
    found: HelpRequest = get_object_or_404(visible.select_related("circle", "case"), id=request_id)
    return found


def survivor(case: Case | None, visible: CaseQuerySet) -> Case | None:
    """Return the case that *case* is part of now, which is itself unless it was merged; None when it is not among the *visible*."""
    while case is not None and case.merged_into_id is not None:
        case = visible.filter(id=case.merged_into_id).first()
    return case


def case_with_reference(reference: str, visible: CaseQuerySet) -> Case | None:
    """Return the case with this reference, or the one that it is part of now, if both are among the *visible*."""
    return survivor(visible.filter(reference=reference).first(), visible)


def open_case_by_reference(reference: str, *, person: Caseworker, now: dt.datetime) -> Case | None:
    """Return the open case with this reference, or the one it was merged into, if *person* may know of it."""
    visible = Case.objects.visible_to(person, now=now).select_related("owner")
    found = case_with_reference(reference, visible)
    return found if found is not None and found.is_open else None


def requests_of(case: Case) -> list[HelpRequest]:
    """Return the requests behind a case, oldest first."""
    return list(HelpRequest.objects.filter(case=case).order_by("received_on", "id"))


def owner_ids(case_id: UUID) -> list[UUID]:
    """Return the ids that own the case's sealed records: its own, and those of its requests."""
    return [case_id, *HelpRequest.objects.filter(case_id=case_id).values_list("id", flat=True)]


def contact_points(requests: list[HelpRequest]) -> list[ContactPoint]:
    """Return the contact lines of the requests that are in use, in codes."""
    points = ContactPoint.objects.filter(help_request__in=requests, retired_on__isnull=True)
    return list(points.order_by("help_request_id", "seq", "id"))


def points_of(record: SealedRecord) -> list[ContactPoint]:
    """Return the contact lines that the record holds, those out of use too."""
    return list(ContactPoint.objects.filter(record=record))


def sealed_records(owner_ids: list[UUID]) -> list[SealedRecord]:
    """Return the sealed records of the owners with the notes they belong to, oldest first; nothing is opened."""
    records = SealedRecord.objects.filter(owner_id__in=owner_ids).select_related("note__author", "note__spell")
    return list(records.order_by("sealed_month", "kind", "id"))


def archived_ids(records: list[SealedRecord]) -> set[UUID]:
    """Return the ids of the records that no circle has a key to any more. One query."""
    ids = {record.id for record in records}
    of_circle = RecordKey.objects.filter(record_id__in=ids, recipient=RecipientKind.CIRCLE)
    return ids - set(of_circle.values_list("record_id", flat=True))


def coordinators(circle_id: UUID) -> list[Caseworker]:
    """Return the active coordinators by alias, each marked whether they read the circle. One query for every list of people."""
    members = Caseworker.objects.active().members_of(circle_id).values("id")
    active = Caseworker.objects.active().filter(role=Role.COORDINATOR)
    return list(active.annotate(reads_circle=Exists(members.filter(id=OuterRef("id")))).order_by("alias", "id"))


def record_or_404(record_id: UUID, *, owner_ids: list[UUID]) -> SealedRecord:
    """Return a record that belongs to one of the owners, else 404: a record id of another case opens nothing here."""
    found: SealedRecord = get_object_or_404(SealedRecord, id=record_id, owner_id__in=owner_ids)
    return found
