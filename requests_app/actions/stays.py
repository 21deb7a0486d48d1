"""Where a person has been: entries, exits, corrections. Each write recomputes when the case is due.

What a seized database must not tell for longer than a clock needs it is coarsened: the days of a stay become the Monday and the Sunday of
their weeks when no rule of the country can count them any more, and all of them when the case is closed.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from caseworker import audit
from caseworker.enums import AuditVerb
from caseworker.exceptions import PolicyRefused
from caseworker.models.accounts import Caseworker
from caseworker.permissions import Permission, check
from requests_app.actions.stages import claim_version
from requests_app.clock_codes import StayBasis
from requests_app.clocks import Span, counts_until, earliest_plausible, monday_of, overlap, sunday_of
from requests_app.enums import Country, Stage
from requests_app.models.cases import Case, StageSpell
from requests_app.models.stays import CountryRule, CountryStay, StayClock
from requests_app.policies import check_open, check_version
from requests_app.queries.due import due_changes
from requests_app.queries.stays import in_force, rules_of
from requests_app.stages import STAGES, Phase

ABROAD = tuple(country for country in Country if country not in {Country.RU, Country.XX})
OLDEST_STAY = dt.timedelta(days=3660)
INSIDE = tuple(stage for stage in Stage if STAGES[stage].phase in {Phase.EXIT, Phase.BORDER})
"""Stages at which the person was still inside the country, on the day they began."""


@dataclass(frozen=True)
class StayFacts:
    """What is said about a stay; ``entered_on`` None: nobody knows, the earliest plausible day is assumed and marked as an estimate."""

    country: Country
    entered_on: dt.date | None
    left_on: dt.date | None = None
    is_estimated: bool = False
    basis: StayBasis = StayBasis.VISA_FREE
    is_registered: bool = False


def _stays(case: Case) -> list[CountryStay]:
    return list(CountryStay.objects.filter(case=case).order_by("entered_on", "id"))


def _assumed_entry(case: Case, others: Iterable[CountryStay]) -> dt.date:
    """Return the earliest plausible day of an entry nobody knows the day of, or refuse."""
    left = [monday_of(one.left_on) if one.is_coarse else one.left_on for one in others if one.left_on]
    inside = StageSpell.objects.filter(case=case, stage__in=INSIDE).values_list("entered_on", flat=True)
    day = earliest_plausible([*left, *inside])
    if day is None:
        raise PolicyRefused(
            _("Nothing tells when it can have been at the earliest. Write that day, and that it is an estimate.")
        )
    return day


def _check_days(span: Span, now: dt.datetime) -> None:
    today = now.date()
    if span.entered_on > today or (span.left_on and span.left_on > today):
        raise PolicyRefused(_("The day lies in the future. Write down what has happened, not what is planned."))
    if span.entered_on < today - OLDEST_STAY:
        raise PolicyRefused(_("The day lies more than ten years back. Look at the year."))
    if span.left_on and span.left_on < span.entered_on:
        raise PolicyRefused(_("The day of leaving lies before the day of entry."))


def _check_alone(span: Span, others: Iterable[CountryStay]) -> None:
    """Refuse a stay during another: a person is in one country at a time, in two only on the day of a crossing."""
    if any(overlap(span, one.span()) for one in others if not one.is_coarse):
        raise PolicyRefused(
            _("The person was in another country on these days, as far as is recorded. Correct that stay first.")
        )


def _leave_present(others: list[CountryStay], facts: StayFacts) -> None:
    """End the stay that goes on when somebody enters another country: on the day of that entry."""
    present = next((one for one in others if one.left_on is None), None)
    if present is None or facts.left_on is not None:
        return
    if facts.entered_on is None or facts.country == present.country or facts.entered_on < present.entered_on:
        raise PolicyRefused(_("A stay is recorded that has not ended. Record the exit first, or correct that stay."))
    present.left_on = facts.entered_on
    present.save(update_fields=["left_on"])


def _pin_rules(stay: CountryStay) -> None:
    """Store under which versions the stay runs: those in force on the day of entry."""
    StayClock.objects.filter(stay=stay).delete()
    pinned = [in_force(versions, stay.entered_on) for versions in rules_of([stay.country])]
    StayClock.objects.bulk_create(StayClock(stay=stay, rule=rule) for rule in pinned)


def _save_case(case: Case, version: int, now: dt.datetime, changes: Mapping[str, object] | None = None) -> None:
    """Write when the case is due now that its stays have changed."""
    coarsen(CountryStay.objects.filter(case=case, left_on__isnull=False, is_coarse=False), now.date())
    claim_version(case, version, due_changes(case, dict(changes or {}) | {"touched_on": now.date()}))


def _begin(case: Case, facts: StayFacts, others: list[CountryStay], now: dt.datetime) -> Span:
    """Return the checked days of a stay, assuming the day of entry if nobody knows it."""
    if facts.country not in ABROAD:
        raise PolicyRefused(_("Only stays abroad are recorded. Choose the country."))
    entered = facts.entered_on or _assumed_entry(case, others)
    span = Span(entered, facts.left_on, facts.is_estimated or facts.entered_on is None)
    _check_days(span, now)
    _check_alone(span, others)
    return span


@transaction.atomic
def record_entry(case: Case, facts: StayFacts, *, version: int, actor: Caseworker, now: dt.datetime) -> CountryStay:
    """Record that the person entered a country, and pin the rules in force on that day; the stay before ends with it.

    With ``left_on`` it is a stay that is over. Raises ``PolicyRefused`` when the days cannot be, or ``StaleVersion``.
    """
    check(actor, Permission.WORK_CASE)
    check_version(case, version)
    check_open(case)
    others = _stays(case)
    _leave_present(others, facts)
    span = _begin(case, facts, others, now)
    stay = CountryStay.objects.create(
        case=case,
        country=facts.country,
        basis=facts.basis,
        entered_on=span.entered_on,
        left_on=span.left_on,
        is_estimated=span.is_estimated,
        is_registered=facts.is_registered,
    )
    _pin_rules(stay)
    _save_case(case, version, now, {"country": facts.country} if span.left_on is None else {})
    audit.record(actor=actor, verb=AuditVerb.RECORD_ENTRY, kind="case", object_id=case.id, now=now)
    return stay


@transaction.atomic
def record_exit(
    case: Case, left_on: dt.date, *, version: int, actor: Caseworker, now: dt.datetime, is_estimated: bool = False
) -> CountryStay:
    """Record that the person left the country they are in; without an entry elsewhere nothing is said about where they are."""
    check(actor, Permission.WORK_CASE)
    check_version(case, version)
    check_open(case)
    stay = CountryStay.objects.filter(case=case, left_on__isnull=True).first()
    if stay is None:
        raise PolicyRefused(_("No stay is recorded that could end. Record the entry first."))
    span = Span(stay.entered_on, left_on)
    _check_days(span, now)
    _check_alone(span, [one for one in _stays(case) if one.id != stay.id])
    stay.left_on, stay.is_estimated = left_on, stay.is_estimated or is_estimated
    stay.save(update_fields=["left_on", "is_estimated"])
    _save_case(case, version, now)
    audit.record(actor=actor, verb=AuditVerb.RECORD_EXIT, kind="case", object_id=case.id, now=now)
    return stay


@transaction.atomic
def correct_stay(
    stay: CountryStay, facts: StayFacts, *, version: int, actor: Caseworker, now: dt.datetime
) -> CountryStay:
    """Write other days, another country or other grounds; the rules in force on the day of entry are pinned anew."""
    check(actor, Permission.WORK_CASE)
    case = stay.case
    check_version(case, version)
    check_open(case)
    others = [one for one in _stays(case) if one.id != stay.id]
    span = _begin(case, facts, others, now)
    if span.left_on is None and any(one.left_on is None for one in others):
        raise PolicyRefused(_("A stay is recorded that has not ended. Record the exit first, or correct that stay."))
    stay.country, stay.basis, stay.is_registered = facts.country, facts.basis, facts.is_registered
    stay.entered_on, stay.left_on = span.entered_on, span.left_on
    stay.is_estimated, stay.is_coarse = span.is_estimated, False
    stay.save()
    _pin_rules(stay)
    _save_case(case, version, now, {"country": facts.country} if span.left_on is None else {})
    audit.record(actor=actor, verb=AuditVerb.CORRECT_STAY, kind="case", object_id=case.id, now=now)
    return stay


@transaction.atomic
def remove_stay(stay: CountryStay, *, version: int, actor: Caseworker, now: dt.datetime) -> None:
    """Delete a stay that was entered by mistake."""
    check(actor, Permission.WORK_CASE)
    case = stay.case
    check_version(case, version)
    check_open(case)
    stay.delete()
    _save_case(case, version, now)
    audit.record(actor=actor, verb=AuditVerb.REMOVE_STAY, kind="case", object_id=case.id, now=now)


def _make_coarse(stay: CountryStay) -> None:
    stay.entered_on, stay.is_coarse = monday_of(stay.entered_on), True
    stay.left_on = sunday_of(stay.left_on) if stay.left_on else None
    stay.save(update_fields=["entered_on", "left_on", "is_coarse"])


def _is_needed(left_on: dt.date, rules: Iterable[CountryRule], today: dt.date) -> bool:
    """Tell whether a rule can still count a day of the week in which a stay ended."""
    computed = filter(None, (one.rule() for one in rules))
    return max((counts_until(rule, sunday_of(left_on)) for rule in computed), default=sunday_of(left_on)) >= today


def coarsen(stays: Iterable[CountryStay], today: dt.date) -> int:
    """Coarsen those of the ended *stays* whose days no version of their country's rules can count any more; return how many. Changes no clock."""
    ended = list(stays)
    by_country: dict[str, list[CountryRule]] = {}
    for versions in rules_of({one.country for one in ended}) if ended else []:
        by_country.setdefault(versions[0].country, []).extend(versions)
    past = [one for one in ended if one.left_on and not _is_needed(one.left_on, by_country.get(one.country, ()), today)]
    for stay in past:
        _make_coarse(stay)
    return len(past)


def coarsen_all(case: Case) -> None:
    """Coarsen every stay of a case that is closed, that which goes on included."""
    for stay in CountryStay.objects.filter(case=case, is_coarse=False).order_by("id"):
        _make_coarse(stay)


@transaction.atomic
def coarsen_due(at: dt.datetime) -> int:
    """Coarsen what nobody has touched since it could be: the nightly sweep over all cases. Returns how many stays."""
    return coarsen(CountryStay.objects.filter(left_on__isnull=False, is_coarse=False).order_by("id"), at.date())
