"""What a volunteer may see of their own requests: reference, day, category, urgency, state. Nothing that was typed."""

import datetime as dt
import uuid
from dataclasses import dataclass

from caseworker.models.accounts import Caseworker
from requests_app.enums import Category, RequestState, Urgency
from requests_app.models.help_requests import HelpRequest

PAGE_SIZE = 25
LAST_PAGE = 10_000
COLUMNS = ("id", "reference", "received_on", "category", "urgency", "state")


@dataclass(frozen=True)
class OwnReceipt:
    """One line of the volunteer's list."""

    id: uuid.UUID
    reference: str
    received_on: dt.date
    category: Category
    urgency: Urgency
    state: RequestState


@dataclass(frozen=True)
class ReceiptPage:
    """A page of receipts, newest day first; ``number`` counts from 1."""

    receipts: tuple[OwnReceipt, ...]
    number: int
    has_next: bool


def _receipt(row: HelpRequest) -> OwnReceipt:
    return OwnReceipt(
        row.id, row.reference, row.received_on, Category(row.category), Urgency(row.urgency), RequestState(row.state)
    )


def own_receipts(actor: Caseworker, *, page: int = 1) -> ReceiptPage:
    """Return one page of the actor's own requests in one query; a page out of range is empty."""
    number = min(max(page, 1), LAST_PAGE)
    start = (number - 1) * PAGE_SIZE
    rows = HelpRequest.objects.visible_to(actor).filter(logged_by=actor).only(*COLUMNS)
    found = list(rows.order_by("-received_on", "id")[start : start + PAGE_SIZE + 1])
    return ReceiptPage(tuple(_receipt(row) for row in found[:PAGE_SIZE]), number, len(found) > PAGE_SIZE)


def own_receipt(actor: Caseworker, request_id: uuid.UUID) -> OwnReceipt | None:
    """Return the actor's own request, or None when it is not theirs or does not exist."""
    rows = HelpRequest.objects.visible_to(actor).filter(logged_by=actor, id=request_id).only(*COLUMNS)
    row = rows.first()
    return _receipt(row) if row is not None else None
