"""Tables of the casework. Modules are imported so that Django finds the models; no class is re-exported."""

from requests_app.models import (
    access,
    cases,
    contacts,
    counts,
    deadlines,
    erasure,
    handovers,
    help_requests,
    honeytokens,
    locks,
    notes,
    queues,
    retention,
    reveals,
    sealed,
    stays,
)

__all__ = [
    "access",
    "cases",
    "contacts",
    "counts",
    "deadlines",
    "erasure",
    "handovers",
    "help_requests",
    "honeytokens",
    "locks",
    "notes",
    "queues",
    "retention",
    "reveals",
    "sealed",
    "stays",
]
