"""The clocks, dates and stays of a case in words: used, left, last lawful day, and every reason to doubt them."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from requests_app import pages
from requests_app.clock_codes import RuleKind, StayBasis
from requests_app.clocks import FAR, StayReading, midnight, read_stay, stage_due, stands_still
from requests_app.enums import Condition, Country, Stage
from requests_app.forms import stays as forms
from requests_app.models.deadlines import Deadline
from requests_app.models.stays import CountryRule, CountryStay
from requests_app.pages import Fact
from requests_app.pages_case.sight import Sight
from requests_app.pages_rules import rule_words, stale_words
from requests_app.queries.due import dates_of, stage_clock
from requests_app.queries.stays import RunningClock, in_force
from requests_app.stages import CONDITIONS


@dataclass(frozen=True)
class Caution:
    """A sentence and how much it matters."""

    message: str
    tone: str = "warn"


@dataclass(frozen=True)
class Card:
    """One clock: what it is, its numbers, and what to beware of."""

    title: str
    facts: Sequence[Fact]
    cautions: Sequence[Caution] = field(default_factory=tuple)


def _days(number: int) -> str:
    return ngettext("%(n)s day", "%(n)s days", number) % {"n": number}


def _span(span: dt.timedelta) -> str:
    hours = max(0, int(span.total_seconds() // 3600))
    return _days(hours // 24) if hours >= 48 else ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours}


def target_card(sight: Sight) -> Card:
    """Return the target clock of the stage."""
    clock = stage_clock(sight.case)
    due = stage_due(clock, dates_of(sight.deadlines, sight.stays), hours=sight.dossier.hours)
    facts = [Fact(_("Used"), _span(clock.used(sight.now))), pages.time_left(due, sight.now)]
    still = []
    if stands_still(clock.condition):
        condition = Condition(clock.condition).label
        still.append(
            Caution(_("The clock of the stage stands still: %(condition)s.") % {"condition": condition}, "info")
        )
    return Card(_("Target: %(stage)s") % {"stage": Stage(clock.stage).label}, facts, still)


def due_by(sight: Sight) -> str:
    """Say which of its clocks a case is due by; nothing where no clock is shown."""
    due, condition = sight.case.due_at, CONDITIONS[Condition(sight.case.condition)]
    if not has_clocks(sight) or due >= FAR:
        return ""
    typed = next((one for one in sight.deadlines if one.done_on is None and midnight(one.due_on) == due), None)
    dates = dates_of(sight.deadlines, sight.stays)
    if typed is not None:
        return str(typed.get_kind_display())
    if due in map(midnight, dates.stay_ends):
        return _("last lawful day")
    if due in map(midnight, dates.registrations):
        return _("last day to register")
    if sight.case.condition == Condition.PAUSED and sight.case.next_action_on:
        return _("day to ask again")
    return str(sight.case.get_condition_display()) if condition.clock_hours else _("target of the stage")


def _stay_facts(rule: CountryRule, reading: StayReading) -> list[Fact]:
    facts = [Fact(_("Days used"), reading.used)]
    if reading.left is not None:
        facts.append(Fact(_("Days left"), reading.left))
    if not reading.is_running:
        entry = date_format(reading.enter_from) if reading.enter_from else _("never")
        return [*facts, Fact(_("May enter from"), entry)]
    last = _("Last day to register") if rule.kind == RuleKind.REGISTRATION else _("Last lawful day")
    return [*facts, Fact(last, date_format(reading.last_day) if reading.last_day else _("no end"))]


def _over_words(rule: CountryRule) -> str:
    if rule.kind == RuleKind.REGISTRATION:
        return _("The last day to register is over. If it was done, say so by correcting the stay.")
    return _("The last lawful day is over.")


def _stay_cautions(rule: CountryRule, reading: StayReading, today: dt.date) -> list[Caution]:
    found = []
    if reading.is_over(today):
        found.append(Caution(_over_words(rule), "alert"))
    elif reading.ends_soon(today):
        found.append(Caution(_("Fewer than 7 days are left."), "alert"))
    estimated = _("Estimated: the earliest plausible days are assumed.") if reading.is_estimated else ""
    if doubts := " ".join(filter(None, (estimated, stale_words(rule, today)))):
        found.append(Caution(doubts))
    return found


def stay_card(rule: CountryRule, stays: Sequence[CountryStay], today: dt.date, *, superseded: bool = False) -> Card:
    """Return the clock of one version of a limit; one without a limit has words only."""
    title = f"{Country(rule.country).label}: {rule_words(rule)}"
    computed = rule.rule()
    cautions = []
    if superseded:
        cautions.append(
            Caution(
                _(
                    "Superseded: this stay began under it. The newer rule stands beside it; the queue goes by the earlier end."
                ),
                "info",
            )
        )
    if computed is None:
        return Card(title, [Fact(_("In force from"), date_format(rule.effective_from))], cautions)
    reading = read_stay(computed, [one.span() for one in stays], today)
    return Card(title, _stay_facts(rule, reading), [*_stay_cautions(rule, reading, today), *cautions])


def _newer_card(rule: CountryRule, stays: Sequence[CountryStay], today: dt.date) -> Card:
    card = stay_card(rule, stays, today)
    since = Caution(_("Newer rule, in force from %(day)s.") % {"day": date_format(rule.effective_from)}, "info")
    return Card(card.title, card.facts, [*card.cautions, since])


def _running_cards(one: RunningClock, stays: Sequence[CountryStay], today: dt.date) -> list[Card]:
    own = stay_card(one.rule, stays, today, superseded=one.newer is not None)
    return [own, _newer_card(one.newer, stays, today)] if one.newer else [own]


def stay_cards(sight: Sight) -> list[Card]:
    """Return the clocks of the present stay, then those of countries the person has left: each counts its own days."""
    today, stays = sight.now.date(), sight.stays
    current = stays.current
    cards = [
        card
        for one in stays.running
        for card in _running_cards(one, stays.of(current.country if current else ""), today)
    ]
    for chain in stays.rules:
        rule = in_force(chain, today)
        elsewhere = current is None or rule.country != current.country
        if elsewhere and rule.kind in {RuleKind.ROLLING, RuleKind.PER_YEAR}:
            cards.append(stay_card(rule, stays.of(rule.country), today))
    return cards


def deadline_row(one: Deadline, sight: Sight) -> dict[str, Any]:
    """Return one typed date; a settled one says how it ended."""
    left = pages.time_left(midnight(one.due_on) + dt.timedelta(days=1), sight.now)
    is_open = one.done_on is None
    return {
        "title": one.get_kind_display(),
        "due_on": date_format(one.due_on),
        "state": f"{left.label} {left.value}" if is_open else one.get_ended_as_display(),
        "tone": left.tone if is_open else "quiet",
        "set_by": one.set_by.alias if one.set_by else "—",
    }


def clocks_values(sight: Sight) -> dict[str, Any]:
    """Return the clocks and dates of an open case."""
    return {
        "cards": [target_card(sight), *stay_cards(sight)],
        "deadlines": [deadline_row(one, sight) for one in sight.deadlines],
    }


def _day(day: dt.date, stay: CountryStay) -> str:
    return pages.written_day(day, is_week=stay.is_coarse, is_estimated=stay.is_estimated)


def stay_values(sight: Sight) -> dict[str, Any]:
    """Return the stays, latest first."""
    may_correct = sight.works and sight.case.is_open
    now = _("now")
    rows = [
        {
            "country": Country(one.country).label,
            "when": f"{_day(one.entered_on, one)} — {_day(one.left_on, one) if one.left_on else now}",
            "basis": "" if one.basis == StayBasis.VISA_FREE else one.get_basis_display(),
            "is_registered": one.is_registered,
            "url": reverse("correct_stay", args=[sight.case.id, one.id]) if may_correct else "",
        }
        for one in reversed(sight.stays.all)
    ]
    return {"stays": rows}


def open_dates(deadlines: Sequence[Deadline]) -> list[tuple[str, str]]:
    """Return the dates that are not settled, as choices."""
    return [
        (str(one.id), f"{one.get_kind_display()}, {date_format(one.due_on)}") for one in deadlines if not one.done_on
    ]


def with_dates(form: Any, sight: Sight) -> forms.SettleForm:
    """Make the form that settles a date."""
    made: forms.SettleForm = form(initial={"version": sight.case.version}, deadlines=open_dates(sight.deadlines))
    return made


def has_open_stay(sight: Sight) -> bool:
    """Show while a stay goes on."""
    return sight.case.is_open and sight.stays.current is not None


def has_open_dates(sight: Sight) -> bool:
    """Show while a date waits."""
    return sight.case.is_open and any(one.done_on is None for one in sight.deadlines)


def has_clocks(sight: Sight) -> bool:
    """Show in an open case of nobody who asked to be erased."""
    return sight.case.is_open and not sight.is_paused


def has_stays(sight: Sight) -> bool:
    """Show where a stay is recorded or can be."""
    return not sight.is_paused and (sight.case.is_open or bool(sight.stays.all))
