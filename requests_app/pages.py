"""Prepared values for the pages of triage and casework: a template gets words and addresses, never a model to query."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from requests_app.clocks import FAR
from requests_app.contacts import parse_lines
from requests_app.enums import (
    Condition,
    ContactKind,
    Country,
    HoursBand,
    Need,
    Outcome,
    ReasonCode,
    SafeAnswer,
    SealedKind,
    Stage,
    Urgency,
)
from requests_app.forms.intake import TIME_ZONES, WITHOUT_ZONE
from requests_app.models.cases import Case, StageSpell
from requests_app.models.contacts import ContactPoint
from requests_app.models.help_requests import HelpRequest
from requests_app.models.notes import Note
from requests_app.models.sealed import SealedRecord
from requests_app.stages import CONDITIONS, STAGES

URGENCY_TONES: Mapping[str, str] = {
    Urgency.NOW: "alert",
    Urgency.DAYS_3: "warn",
    Urgency.WEEKS_2: "info",
    Urgency.ROUTINE: "quiet",
}
CONDITION_TONES: Mapping[str, str] = {
    Condition.ACTIVE: "good",
    Condition.PAUSED: "quiet",
    Condition.LOST_CONTACT: "warn",
    Condition.WITHDRAWN: "quiet",
}
SAFE_TONES: Mapping[str, str] = {SafeAnswer.YES: "good", SafeAnswer.NO: "alert", SafeAnswer.UNKNOWN: "alert"}
ZONES: Mapping[str, Any] = {code: label for code, label in TIME_ZONES if code}


@dataclass(frozen=True)
class Links:
    """The addresses of the pages beside this one."""

    previous_url: str
    next_url: str
    label: str = ""


@dataclass(frozen=True)
class Fact:
    """A label, a value, and a tone when the value is a pill."""

    label: str
    value: Any
    tone: str = ""


def time_left(due_at: dt.datetime, now: dt.datetime) -> Fact:
    """Say how much time is left, or by how much a case is overdue."""
    if due_at >= FAR:
        return Fact(_("Time left"), _("no date"), "quiet")
    late = due_at < now
    hours = int(abs(due_at - now).total_seconds() // 3600)
    days = hours // 24
    span = (
        ngettext("%(n)s day", "%(n)s days", days) % {"n": days}
        if days
        else ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours}
    )
    return Fact(_("Overdue by") if late else _("Time left"), span, "alert" if late else "info")


def request_facts(help_request: HelpRequest) -> list[Fact]:
    """Return the coded facts of a request."""
    return [
        Fact(_("Reference"), help_request.reference),
        Fact(_("Urgency"), help_request.get_urgency_display(), URGENCY_TONES[help_request.urgency]),
        Fact(_("Who writes"), help_request.get_requester_display()),
        Fact(_("Category"), help_request.get_category_display()),
        Fact(_("Situation"), help_request.get_situation_display()),
        Fact(_("Country now"), Country(help_request.country).label),
        Fact(_("Channel"), help_request.get_channel_display()),
        Fact(_("Needs"), ", ".join(str(Need(code).label) for code in help_request.needs) or "—"),
        Fact(_("Received"), help_request.received_on),
        Fact(_("State"), help_request.get_state_display(), "info"),
    ]


def case_facts(case: Case, now: dt.datetime, *, due_by: str = "", held_until: dt.date | None = None) -> list[Fact]:
    """Return the identity bar of a case; *due_by* says which clock it is due by, *held_until* how long nothing is erased."""
    left = time_left(case.due_at, now)
    facts = [
        Fact(_("Reference"), case.reference),
        Fact(_("Codename"), case.codename),
        Fact(_("Urgency"), case.get_urgency_display(), URGENCY_TONES[case.urgency]),
        Fact(_("Stage"), case.get_stage_display(), "info"),
        Fact(_("Condition"), case.get_condition_display(), CONDITION_TONES.get(case.condition, "alert")),
        replace(left, value=f"{left.value} · {due_by}") if due_by else left,
        Fact(_("Category"), case.get_category_display()),
        Fact(_("Country"), Country(case.country).label),
        Fact(_("Verification"), f"{case.verification_level} / 4"),
        Fact(_("Owner"), case.owner.alias if case.owner else "—"),
        Fact(_("Deputy"), case.deputy.alias if case.deputy else "—"),
    ]
    if not case.is_open:
        facts.append(Fact(_("Outcome"), Outcome(case.outcome).label))
    if case.erase_after and not case.erased_on:
        facts.append(Fact(_("Contacts are erased after"), max(case.erase_after, held_until or case.erase_after)))
    return facts


def written_day(day: dt.date, *, is_week: bool, is_estimated: bool) -> str:
    """Write a day; its week where exact days are not kept, and “about” before an estimate."""
    if is_week:
        return _("week of %(day)s") % {"day": date_format(day - dt.timedelta(days=day.weekday()))}
    return _("about %(day)s") % {"day": date_format(day)} if is_estimated else date_format(day)


def _day(spell: StageSpell, day: dt.date) -> str:
    is_week = STAGES[Stage(spell.stage)].coarsens and spell.left_on is not None
    return written_day(day, is_week=is_week, is_estimated=spell.is_estimated)


def timeline(spells: Sequence[StageSpell]) -> list[dict[str, Any]]:
    """Return the path as events, latest first."""
    events = []
    for spell in spells:
        until = f" — {_day(spell, spell.left_on)}" if spell.left_on and spell.left_on != spell.entered_on else ""
        reason = str(ReasonCode(spell.reason).label) if spell.reason else ""
        moved_by = spell.moved_by.alias if spell.moved_by else "—"
        events.append(
            {
                "title": Stage(spell.stage).label,
                "when": _day(spell, spell.entered_on) + until,
                "detail": " · ".join(part for part in (moved_by, reason) if part),
                "current": spell.left_on is None,
                "pill_label": "" if spell.condition == Condition.ACTIVE else Condition(spell.condition).label,
                "pill_tone": CONDITION_TONES.get(spell.condition, "alert"),
            }
        )
    return events


def safety_flags(point: ContactPoint, *, may_contact: bool) -> list[Fact]:
    """Return the safety flags of a contact; unknown is shown, and behaves, as no."""
    if point.burned_on is not None:
        return [Fact(_("Burned: do not contact"), "", "alert")]
    if not may_contact:
        return [Fact(_("Do not contact"), "", "alert")]
    answers = (
        (_("Write"), point.may_write),
        (_("Call"), point.may_call),
        (_("Leave a message"), point.may_leave_message),
    )
    return [Fact(f"{label}: {_safe_words(answer)}", answer, SAFE_TONES[answer]) for label, answer in answers]


def _safe_words(answer: str) -> str:
    return _("unknown, so no") if answer == SafeAnswer.UNKNOWN else str(SafeAnswer(answer).label).lower()


def may_contact(case: Case | None) -> bool:
    """Tell whether the condition of the case lets anybody write or call."""
    return case is None or CONDITIONS[Condition(case.condition)].may_contact


def no_contact_words(case: Case | None) -> str:
    """Return what stands above everything about how to reach a person whom nobody may reach now; else nothing."""
    if may_contact(case):
        return ""
    return _("Do not contact the person by any known way while the case is in this condition.")


def point_pills(point: ContactPoint, case: Case | None) -> list[Fact]:
    """Return everything that says how a contact may be used, one out of use too."""
    pills = [Fact(_("No longer in use"), "", "quiet")] if point.retired_on else []
    if not point.retired_on or point.burned_on:
        pills += safety_flags(point, may_contact=may_contact(case))
    return [*pills, Fact(_("The person asked not to be contacted"), "", "alert")] if point.stopped_on else pills


def hours_words(point: ContactPoint) -> str:
    """Return the hours of a contact on the clock of its own zone; nothing when they are unknown."""
    band = HoursBand(point.hours_band)
    if band is HoursBand.UNKNOWN:
        return ""
    unsaid = "" if band in WITHOUT_ZONE else _("time zone unknown")
    zone = str(ZONES.get(point.time_zone, unsaid))
    return " · ".join(filter(None, (str(band.label), zone)))


def masked_contacts(points: Sequence[ContactPoint], *, case: Case | None) -> list[dict[str, Any]]:
    """Return contact lines without their values."""
    return [
        {
            "kind": ContactKind(point.kind).label,
            "hours": hours_words(point),
            "flags": point_pills(point, case),
        }
        for point in points
    ]


def field_title(name: str) -> str:
    """Return the words for a sealed field."""
    return {"contacts": _("Contacts"), "name": _("Name to use"), "story": _("Story"), "text": _("Text")}[name]


def opened_fields(fields: Mapping[str, str]) -> list[Fact]:
    """Return the fields of a revealed record that are not empty, in their order."""
    return [Fact(field_title(name), value) for name, value in fields.items() if value]


@dataclass(frozen=True)
class Line:
    """One contact line in clear, with how it may be used: nobody reads the one without the other."""

    text: str
    hours: str
    flags: Sequence[Fact]


@dataclass(frozen=True)
class Opened(Fact):
    """A revealed field; contacts come line by line."""

    lines: Sequence[Line] = ()


def _line(text: str, point: ContactPoint | None, case: Case | None) -> Line:
    if point is None:
        return Line(text, "", [Fact(_("Not known how it may be used: do not contact"), "", "alert")])
    return Line(text, hours_words(point), point_pills(point, case))


def opened_record(fields: Mapping[str, str], points: Sequence[ContactPoint], case: Case | None) -> list[Opened]:
    """Return the fields of a revealed record, each contact line beside its own flags: *points* are numbered as the lines are."""
    by_number = {point.seq: point for point in points}
    lines = [
        _line(line.text, by_number.get(number), case)
        for number, line in enumerate(parse_lines(fields.get("contacts", "")), 1)
    ]
    return [
        Opened(field_title(name), value, lines=lines if name == "contacts" else ())
        for name, value in fields.items()
        if value
    ]


def note_of(record: SealedRecord) -> Note | None:
    """Return the note that the record holds, if it is one; it was read together with the record."""
    found: Note | None = getattr(record, "note", None)
    return found


def record_day(record: SealedRecord) -> tuple[dt.date, str]:
    """Return by what sealed records are ordered on a page: the day of a note, the month of anything else."""
    note = note_of(record)
    return (note.written_on if note else record.sealed_month, str(record.id))


def record_title(record: SealedRecord) -> str:
    """Name a sealed record without its content: its kind, and for a note its day and author."""
    note = note_of(record)
    kind = str(SealedKind(record.kind).label)
    if note is None:
        return f"{kind}, {record.sealed_month:%Y-%m}"
    author = note.author.alias if note.author else "—"
    stage = f" · {Stage(note.spell.stage).label}" if note.spell else ""
    return f"{kind}, {date_format(note.written_on)} · {author}{stage}"
