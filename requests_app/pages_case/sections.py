"""The sections of the case page, in their order: a registry. What a section shows is prepared here or in a module beside this one."""

from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from caseworker.permissions import Permission, permits
from requests_app import pages
from requests_app.forms import cases as forms
from requests_app.models.sealed import SealedRecord
from requests_app.pages_case import clocks, connections
from requests_app.pages_case.sight import Place, Section, Sight
from requests_app.pages_case.work import (
    checklist_values,
    contact_values,
    has_checklist,
    is_open,
    next_values,
    task_values,
    verification_values,
)
from requests_app.queries import cases as queries
from requests_app.queries import handovers


def _path(sight: Sight) -> dict[str, Any]:
    return {"events": pages.timeline(sight.dossier.spells)}


def _contacts(sight: Sight) -> dict[str, Any]:
    return {"contacts": pages.masked_contacts(sight.points, case=sight.case)}


def _record(record: SealedRecord, sight: Sight, archived: set[UUID]) -> dict[str, Any]:
    return {
        "id": record.id,
        "title": pages.record_title(record),
        "form": forms.RevealForm(initial={"record": record.id}, auto_id=f"reveal-{record.id}-%s"),
        "opened": sight.opened.get(record.id),
        "is_archived": record.id in archived,
        "warning": pages.no_contact_words(sight.case),
        "asks_words": sight.asks_words,
    }


def _records(sight: Sight) -> dict[str, Any]:
    records = [] if sight.is_masked else queries.sealed_records([sight.case.id, *(one.id for one in sight.requests)])
    records.sort(key=pages.record_day)
    archived = queries.archived_ids(records) if sight.case.archived_on else set()
    return {
        "records": [_record(record, sight, archived) for record in records],
        "reveal_url": reverse("reveal_record", args=[sight.case.id]),
    }


def _requests(sight: Sight) -> dict[str, Any]:
    return {"requests": [pages.request_facts(one) for one in sight.requests]}


def _access(sight: Sight) -> dict[str, Any]:
    return {
        "offer": sight.dossier.offer,
        "grants": handovers.grants_on(sight.case, viewer=sight.person, now=sight.now),
        "may_grant": permits(sight.person, Permission.GRANT_ACCESS),
        "may_hand": sight.works and permits(sight.person, Permission.HAND_KEYS),
    }


SECTIONS: tuple[Section, ...] = (
    Section("next", _("What is next"), Place.LEFT, "requests_app/cases/_next.html", next_values),
    Section("contact", _("Contact"), Place.LEFT, "requests_app/cases/_contact.html", contact_values, is_open),
    Section("more", _("More"), Place.LEFT),
    Section("tasks", _("Tasks"), Place.RIGHT, "requests_app/cases/_tasks.html", task_values, is_open),
    Section(
        "checklist", _("Checklist"), Place.RIGHT, "requests_app/cases/_checklist.html", checklist_values, has_checklist
    ),
    Section(
        "clocks", _("Clocks"), Place.RIGHT, "requests_app/cases/_clocks.html", clocks.clocks_values, clocks.has_clocks
    ),
    Section(
        "connections",
        _("Connections"),
        Place.RIGHT,
        "requests_app/cases/_connections.html",
        connections.connection_values,
        connections.has_connections,
        hides_in_lock=True,
    ),
    Section("path", _("Path"), Place.RIGHT, "requests_app/cases/_path.html", _path),
    Section("verification", _("Verification"), Place.RIGHT, "requests_app/cases/_checks.html", verification_values),
    Section("access", _("Who else"), Place.RIGHT, "requests_app/handovers/_access.html", _access),
    Section("stay", _("Stay"), Place.BELOW, "requests_app/cases/_stays.html", clocks.stay_values, clocks.has_stays),
    Section("contacts", _("Contacts"), Place.BELOW, "requests_app/cases/_contacts.html", _contacts, hides_in_lock=True),
    Section(
        "sealed", _("Sealed records"), Place.BELOW, "requests_app/cases/_sealed.html", _records, hides_in_lock=True
    ),
    Section("requests", _("Requests"), Place.BELOW, "requests_app/cases/_requests.html", _requests),
)
