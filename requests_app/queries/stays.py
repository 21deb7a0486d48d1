"""Stays, the rules they run under and typed dates, read once per question and put together in memory."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from caseworker.compiled import find
from requests_app.clock_codes import RuleKind, StayBasis
from requests_app.clocks import STAY_WARNING_DAYS, last_lawful_day
from requests_app.models.cases import Case, CaseQuerySet
from requests_app.models.deadlines import Deadline
from requests_app.models.stays import CountryRule, CountryStay, StayClock

Chain = Sequence[CountryRule]
"""The versions of one limit of one country, oldest first."""


def chains(rules: Iterable[CountryRule]) -> list[Chain]:
    """Return the rules as chains of versions, in the order of countries and kinds."""
    ordered = sorted(rules, key=lambda one: (one.country, one.kind, one.version))
    return [list(versions) for _key, versions in groupby(ordered, key=lambda one: (one.country, one.kind))]


def in_force(chain: Chain, day: dt.date) -> CountryRule:
    """Return the version in force on *day*; before the first one began, the first."""
    return next((one for one in reversed(chain) if one.effective_from <= day), chain[0])


def rules_of(countries: Iterable[str]) -> list[Chain]:
    """Return the chains of the countries. One query."""
    return chains(CountryRule.objects.filter(country__in=list(countries)))


def as_looked_up(rule: CountryRule, chain: Chain) -> CountryRule:
    """Return the latest version that allows the same from the same day on as *rule*: only its source was written anew."""
    said = (rule.limit_days, rule.window_days, rule.effective_from)
    for later in chain:
        is_next = later.version == rule.version + 1
        if is_next and (later.limit_days, later.window_days, later.effective_from) == said:
            rule = later
    return rule


def newer_than(rule: CountryRule, chain: Chain, last_day: dt.date | None) -> CountryRule | None:
    """Return the latest version that supersedes *rule* before *last_day* (or ever), if there is one."""
    later = [one for one in chain if one.version > rule.version]
    begun = [one for one in later if last_day is None or one.effective_from <= last_day]
    return begun[-1] if begun else None


@dataclass(frozen=True)
class RunningClock:
    """A rule that a stay runs under, the version that supersedes it meanwhile, and the last lawful day under either."""

    rule: CountryRule
    newer: CountryRule | None
    last_day: dt.date | None
    newer_last_day: dt.date | None

    @property
    def ends_on(self) -> dt.date | None:
        """The earlier of the two: what the queue goes by."""
        return min(filter(None, (self.last_day, self.newer_last_day)), default=None)


def _last_day(rule: CountryRule | None, stays: Sequence[CountryStay]) -> dt.date | None:
    computed = rule.rule() if rule else None
    return last_lawful_day(computed, [one.span() for one in stays]) if computed else None


def running_clocks(
    stays: Sequence[CountryStay], clocks: Mapping[UUID, Sequence[CountryRule]], rules: Iterable[Chain]
) -> list[RunningClock]:
    """Return the clocks of the stay that goes on, if it is without a visa: each limit of the country under the version pinned to the stay.

    *stays* are all of one case, *rules* those of the countries. A limit that had no version when the stay began runs under its first.
    """
    current = next((one for one in stays if one.left_on is None), None)
    if current is None or current.basis != StayBasis.VISA_FREE:
        return []
    here = [one for one in stays if one.country == current.country]
    pinned = {rule.kind: rule for rule in clocks.get(current.id, ())}
    running = []
    for chain in (one for one in rules if one[0].country == current.country):
        if chain[0].kind == RuleKind.REGISTRATION and current.is_registered:
            continue
        rule = as_looked_up(pinned.get(chain[0].kind) or in_force(chain, current.entered_on), chain)
        last = _last_day(rule, here)
        newer = newer_than(rule, chain, last)
        running.append(RunningClock(rule, newer, last, _last_day(newer, here)))
    return running


@dataclass(frozen=True)
class Stays:
    """Everything stored about where a person has been: stays oldest first, the rules pinned to each, all versions of those countries."""

    all: list[CountryStay]
    pinned: Mapping[UUID, Sequence[CountryRule]]
    rules: list[Chain]

    @property
    def current(self) -> CountryStay | None:
        """The stay that goes on."""
        return next((one for one in self.all if one.left_on is None), None)

    @property
    def running(self) -> list[RunningClock]:
        """The clocks of the stay that goes on."""
        return running_clocks(self.all, self.pinned, self.rules)

    def of(self, country: str) -> list[CountryStay]:
        """Return the stays in one country."""
        return [one for one in self.all if one.country == country]


def _ask_stays(case: UUID) -> QuerySet[CountryStay]:
    return CountryStay.objects.filter(case=case).order_by("entered_on", "id")


def stays_of(case: Case) -> Stays:
    """Return the stays of *case*. One query if there are none, three otherwise."""
    stays = find(_ask_stays, case.id)
    if not stays:
        return Stays([], {}, [])
    pinned: dict[UUID, list[CountryRule]] = defaultdict(list)
    for clock in StayClock.objects.filter(stay__in=stays).select_related("rule"):
        pinned[clock.stay_id].append(clock.rule)
    return Stays(stays, pinned, rules_of({one.country for one in stays}))


def deadlines_of(case: Case) -> list[Deadline]:
    """Return the typed dates of *case*, earliest first."""
    return list(Deadline.objects.filter(case=case).select_related("set_by").order_by("due_on", "id"))


def stay_or_404(stay_id: UUID, *, case: Case) -> CountryStay:
    """Return a stay of this very case, else 404."""
    found: CountryStay = get_object_or_404(CountryStay, id=stay_id, case=case)
    return found


def deadline_or_404(deadline_id: UUID, *, case: Case) -> Deadline:
    """Return a date of this very case, else 404."""
    found: Deadline = get_object_or_404(Deadline, id=deadline_id, case=case)
    return found


def stay_ends_soon(cases: CaseQuerySet, *, today: dt.date) -> CaseQuerySet:
    """Keep the open cases whose lawful stay ends within less than seven days, or has ended: one range over the index ``case_stay_ends``."""
    return cases.filter(is_open=True, stay_ends_on__lt=today + dt.timedelta(days=STAY_WARNING_DAYS))
