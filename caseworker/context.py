"""Prepared values that every page needs: where one may go, whose page it is, and when an unattended screen goes blank."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from caseworker import clock
from caseworker.enums import Role
from caseworker.models.accounts import Caseworker
from caseworker.permissions import Permission, permits
from caseworker.queries_panic import alarm_notice
from caseworker.said import said_values
from caseworker.shortcuts import runs_script
from caseworker.unlocking import idle_time


@dataclass(frozen=True)
class Entry:
    """A place in the navigation: its label, the name of its address, and a digit as access key (a Cyrillic layout sends digits alike)."""

    label: str | Promise
    url_name: str
    access_key: str = ""


_RELEASES = Entry(_("Releases"), "releases")
_LEDGER = Entry(_("Privacy ledger"), "privacy_ledger")
_AUDIT = Entry(_("Audit"), "audit_trail")

NAVIGATION: Mapping[Role, tuple[Entry, ...]] = {
    Role.VOLUNTEER: (Entry(_("New request"), "log_request", "1"), Entry(_("My requests"), "own_requests", "2")),
    Role.COORDINATOR: (
        Entry(_("Today"), "today", "1"),
        Entry(_("New requests"), "triage_queue", "2"),
        Entry(_("Search"), "search", "3"),
        Entry(_("Cases"), "case_queue", "4"),
        Entry(_("Handovers"), "handovers", "6"),
        Entry(_("My tasks"), "own_tasks", "7"),
        Entry(_("Absences"), "absences"),
        Entry(_("Dependencies"), "assets"),
        Entry(_("Circles"), "circles"),
    ),
    Role.LEAD: (
        Entry(_("Today"), "today", "1"),
        Entry(_("Requests"), "triage_queue", "2"),
        Entry(_("Cases"), "case_queue", "3"),
        Entry(_("Workload"), "workload"),
        Entry(_("Handovers"), "handovers", "4"),
        Entry(_("Absences"), "absences"),
        Entry(_("Broken glass"), "break_glass"),
        Entry(_("Dependencies"), "assets"),
        Entry(_("Rules"), "country_rules"),
        Entry(_("Checklists"), "checklists"),
        Entry(_("Retention"), "retention"),
        _RELEASES,
    ),
    Role.STATISTICIAN: (Entry(_("Counts"), "true_counts", "1"), _RELEASES, _LEDGER),
    Role.SECURITY_OFFICER: (
        Entry(_("People"), "people", "1"),
        Entry(_("Circles"), "circles", "2"),
        Entry(_("Recovery"), "recovery", "3"),
        Entry(_("Security"), "security", "4"),
        Entry(_("Frozen cases"), "frozen", "5"),
        Entry(_("Dependencies"), "assets"),
        _AUDIT,
    ),
    Role.AUDITOR: (_AUDIT, _RELEASES, _LEDGER),
}


def _places(person: Caseworker, path: str) -> list[dict[str, Any]]:
    """Return the entries of the role; the longest address that *path* starts with is the current one."""
    entries = [(entry, reverse(entry.url_name)) for entry in NAVIGATION[Role(person.role)]]
    current = max((url for _entry, url in entries if url and path.startswith(url)), key=len, default="")
    return [
        {"label": entry.label, "url": url, "access_key": entry.access_key, "current": url == current}
        for entry, url in entries
        if url
    ]


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Return ``navigation``, ``account`` and ``unattended`` for a signed-in person, and nothing for anybody else.

    ``account`` holds the viewer's alias, the day, and the addresses for locking and leaving; ``unattended`` the seconds after which
    the page replaces itself by the unlock page; ``shortcuts`` tells whether the page brings the script with the keys; ``said`` is there
    once after something was done.
    """
    person = getattr(request, "user", None)
    if not isinstance(person, Caseworker):
        return {"navigation": []}
    account = {
        "alias": person.alias,
        "today": clock.now(),
        "lock_url": reverse("lock"),
        "sign_out_url": reverse("sign_out"),
        "profile_url": reverse("profile"),
        "lock_everywhere_url": reverse("lock_everywhere"),
        "panic_url": reverse("lock_everyone") if permits(person, Permission.LOCK_EVERYONE) else "",
        "alarms": alarm_notice(person),
        "alarms_url": reverse("security") if permits(person, Permission.VIEW_SECURITY) else "",
    }
    unattended = {"seconds": int(idle_time(person).total_seconds()), "url": reverse("unlock")}
    places = _places(person, request.path)
    common = {"navigation": places, "account": account, "unattended": unattended, "shortcuts": runs_script(request)}
    return common | said_values(request)
