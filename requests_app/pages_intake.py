"""Prepared values for the volunteer's pages."""

from collections.abc import Mapping
from typing import Any

from django.urls import reverse

from requests_app.enums import RequestState, Urgency
from requests_app.queries.intake import OwnReceipt, ReceiptPage

URGENCY_TONES: Mapping[Urgency, str] = {
    Urgency.NOW: "alert",
    Urgency.DAYS_3: "warn",
    Urgency.WEEKS_2: "info",
    Urgency.ROUTINE: "quiet",
}
STATE_TONES: Mapping[RequestState, str] = {
    RequestState.NEW: "info",
    RequestState.ACCEPTED: "good",
    RequestState.ANSWERED: "good",
    RequestState.SET_ASIDE: "quiet",
}


def receipt_values(receipt: OwnReceipt) -> dict[str, Any]:
    """Return one receipt with its labels, tones and addresses."""
    return {
        "reference": receipt.reference,
        "received_on": receipt.received_on,
        "category": receipt.category.label,
        "urgency": receipt.urgency.label,
        "urgency_tone": URGENCY_TONES[receipt.urgency],
        "state": receipt.state.label,
        "state_tone": STATE_TONES[receipt.state],
        "url": reverse("request_receipt", args=[receipt.id]),
        "correction_url": reverse("add_correction", args=[receipt.id]),
    }


def list_values(page: ReceiptPage) -> dict[str, Any]:
    """Return the list and its pager."""
    own = reverse("own_requests")
    return {
        "receipts": [receipt_values(receipt) for receipt in page.receipts],
        "page": {
            "previous_url": f"{own}?page={page.number - 1}" if page.number > 1 else "",
            "next_url": f"{own}?page={page.number + 1}" if page.has_next else "",
            "label": str(page.number),
        },
    }
