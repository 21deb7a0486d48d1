"""Country rules and targets: versioned, never altered, kept by a lead, honest about what nobody has verified."""

import datetime as dt
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, transaction

from caseworker.exceptions import PermissionRefused, PolicyRefused, StaleVersion
from requests_app.actions import rules, stages
from requests_app.catalogue import load_catalogue
from requests_app.clock_codes import RuleKind
from requests_app.clocks import StayRule
from requests_app.enums import Country, Stage, Urgency
from requests_app.models.deadlines import StageTarget
from requests_app.models.stays import CountryRule
from requests_app.queries.rules import all_rules, targets
from requests_app.queries.stays import in_force
from requests_app.stages import OWN_TARGETS
from tests.cast import START, Cast, audit_verbs
from tests.factories import make_case
from tests.rules import SEED, plant_rules

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
TODAY = START.date()
HOURS = dict(zip(Urgency, (1, 2, 3, 4), strict=True))


@pytest.fixture(autouse=True)
def country_rules(db: None) -> None:
    plant_rules()


def draft(**facts: Any) -> rules.RuleDraft:
    known = {"country": Country.KZ, "kind": RuleKind.ROLLING, "limit_days": 60, "window_days": 180}
    known |= {"effective_from": TODAY, "source": " Law ", "reverify_by": TODAY + 100 * DAY}
    return rules.RuleDraft(**(known | facts))


def test_the_seed_says_what_the_catalogue_says() -> None:
    catalogue = {row["code"]: row for row in load_catalogue()["countries"]}
    seeded = {(rule.country, rule.kind): rule for rule in CountryRule.objects.filter(version=1)}
    for code, row in catalogue.items():
        kinds = {kind for country, kind in seeded if country == code}
        assert (RuleKind.REGISTRATION in kinds) is (row["registration_due_days"] is not None), code
        assert bool(kinds - {RuleKind.REGISTRATION}) is (row["free_days"] is not None), code
        limits = {rule.limit_days for (country, _kind), rule in seeded.items() if country == code}
        assert {row["free_days"], row["registration_due_days"]} - {None} <= limits, code
    assert seeded["KZ", "rolling"].rule() == StayRule(RuleKind.ROLLING, 90, 180)
    assert seeded["AM", "per_year"].rule() == StayRule(RuleKind.PER_YEAR, 180)


def test_seeded_rules_are_stale_until_a_lead_has_looked_them_up(cast: Cast) -> None:
    rule = CountryRule.objects.get(country="KZ", kind="rolling")
    assert rule.is_stale(TODAY)
    for source in ("", " ", "Catalogue; 90 in 180 since 27 Jan 2023"):
        with pytest.raises(PolicyRefused):
            rules.reverify_rule(rule, TODAY + 10 * DAY, source=source, actor=cast.eva.person, now=START)
    made = rules.reverify_rule(rule, TODAY + 9 * DAY, source=" Law ", actor=cast.eva.person, now=START)
    assert (made.version, made.source, made.rule(), made.effective_from) == (2, "Law", rule.rule(), rule.effective_from)
    with pytest.raises(PolicyRefused):
        rules.reverify_rule(rule, TODAY + 10 * DAY, source="Law", actor=cast.eva.person, now=START)
    rule = rules.reverify_rule(made, TODAY + 10 * DAY, source="Law", actor=cast.eva.person, now=START)
    assert rule.id == made.id
    assert not rule.is_stale(TODAY + 10 * DAY)
    assert rule.is_stale(TODAY + 11 * DAY)
    assert audit_verbs()[-1] == "reverify_rule"


def test_loading_the_seed_twice_changes_nothing_and_leaves_newer_versions(cast: Cast) -> None:
    rules.add_rule_version(draft(), actor=cast.eva.person, now=START)
    before = list(CountryRule.objects.values())
    SEED.load_rules(apps, None)
    assert list(CountryRule.objects.values()) == before


@pytest.mark.parametrize(
    "column", ["country", "kind", "version", "limit_days", "window_days", "effective_from", "source"]
)
def test_the_database_refuses_to_alter_a_rule(column: str) -> None:
    values = {"country": "AM", "kind": "per_year", "version": 9, "limit_days": 1, "window_days": 90}
    values |= {"effective_from": TODAY, "source": "x"}
    with pytest.raises(DatabaseError), transaction.atomic():
        CountryRule.objects.filter(country="KZ", kind="rolling").update(**{column: values[column]})


def test_the_database_refuses_to_drop_a_limit_or_to_delete_a_rule() -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        CountryRule.objects.filter(country="KZ", kind="rolling").update(limit_days=None)
    with pytest.raises(DatabaseError), transaction.atomic():
        CountryRule.objects.filter(country="KZ").delete()


@pytest.mark.parametrize(
    "facts",
    [
        {"kind": "rolling", "window_days": None},
        {"kind": "per_year", "window_days": 180},
        {"limit_days": 200},
        {"limit_days": 3661, "window_days": 3661},
        {"version": 0},
        {"version": 1},
        {"country": "QQ"},
        {"kind": "sometimes"},
        {"source": ""},
        {"verified_on": TODAY, "reverify_by": TODAY},
        {"verified_on": None, "reverify_by": TODAY},
    ],
)
def test_the_table_refuses_rules_that_make_no_sense(facts: dict[str, Any]) -> None:
    good = {"country": "KZ", "kind": "rolling", "version": 5, "limit_days": 90, "window_days": 180}
    good |= {"effective_from": TODAY, "source": "Law"}
    with pytest.raises(IntegrityError), transaction.atomic():
        CountryRule.objects.create(**(good | facts))


def test_a_new_version_supersedes_from_its_day_on(cast: Cast) -> None:
    made = rules.add_rule_version(draft(effective_from=TODAY + 5 * DAY), actor=cast.eva.person, now=START)
    assert (made.version, made.source, made.verified_on) == (2, "Law", TODAY)
    chain = next(one for one in all_rules() if one[0].country == "KZ" and one[0].kind == "rolling")
    assert [in_force(chain, day).version for day in (dt.date(2020, 1, 1), TODAY, TODAY + 5 * DAY)] == [1, 1, 2]
    assert audit_verbs()[-1] == "add_rule_version"


@pytest.mark.parametrize(
    "facts",
    [
        {"window_days": None},
        {"kind": RuleKind.PER_YEAR, "country": Country.UZ},
        {"limit_days": 181},
        {"limit_days": 4000, "window_days": 4000},
        {"kind": RuleKind.FROM_ENTRY, "window_days": None, "limit_days": 4000},
        {"source": "  "},
        {"reverify_by": TODAY},
        {"reverify_by": TODAY + 367 * DAY},
        {"effective_from": dt.date(2023, 1, 26)},
        {"effective_from": TODAY + 367 * DAY},
    ],
)
def test_a_version_that_makes_no_sense_is_refused(cast: Cast, facts: dict[str, Any]) -> None:
    before = CountryRule.objects.count()
    with pytest.raises(PolicyRefused):
        rules.add_rule_version(draft(**facts), actor=cast.eva.person, now=START)
    assert CountryRule.objects.count() == before


def test_two_leads_who_add_a_version_at_once_do_not_overwrite_each_other(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules.add_rule_version(draft(country=Country.UZ), actor=cast.eva.person, now=START)
    monkeypatch.setattr(type(CountryRule.objects.all()), "first", lambda _self: None)
    with pytest.raises(StaleVersion):
        rules.add_rule_version(draft(country=Country.UZ), actor=cast.eva.person, now=START)


@pytest.mark.parametrize("who", ["anna", "boris", "dmitri", "sofia", "olga", "mallory"])
def test_only_a_lead_keeps_the_rules(cast: Cast, who: str) -> None:
    actor, rule = cast.all()[who].person, CountryRule.objects.filter(country="KZ")[0]
    for attempt in (
        lambda: rules.add_rule_version(draft(), actor=actor, now=START),
        lambda: rules.reverify_rule(rule, TODAY + DAY, source="Law", actor=actor, now=START),
        lambda: rules.set_stage_target(Stage.PLANNING, HOURS, actor=actor, now=START),
    ):
        with pytest.raises(PermissionRefused):
            attempt()


def test_own_targets_count_at_once_and_can_be_given_up(cast: Cast) -> None:
    case, eva = make_case(cast, urgency=Urgency.NOW), cast.eva.person
    other = make_case(cast)
    stages.move_case(other, Stage.VERIFICATION, version=other.version, actor=cast.boris.person, now=START)
    kept, version = other.due_at, case.version
    rules.set_stage_target(Stage.RECEIVED, HOURS, actor=eva, now=START)
    rules.set_stage_target(Stage.RECEIVED, HOURS, actor=eva, now=START)
    case.refresh_from_db()
    assert (case.due_at, case.version) == (START + dt.timedelta(hours=1), version)
    assert make_case(cast, urgency=Urgency.NOW).due_at == START + dt.timedelta(hours=1)
    other.refresh_from_db()
    assert other.due_at == kept
    assert next(one for one in targets() if one.stage == Stage.RECEIVED).own == HOURS
    rules.set_stage_target(Stage.RECEIVED, None, actor=eva, now=START)
    case.refresh_from_db()
    assert case.due_at == START + dt.timedelta(hours=2)
    assert not StageTarget.objects.exists()
    assert audit_verbs()[-1] == "set_stage_target"


@pytest.mark.parametrize("hours", [(0, 2, 3, 4), (1, 2, 3, 8785), (4, 3, 2, 1)])
def test_targets_that_make_no_sense_are_refused(cast: Cast, hours: tuple[int, ...]) -> None:
    told = dict(zip(Urgency, hours, strict=True))
    with pytest.raises(PolicyRefused):
        rules.set_stage_target(Stage.RECEIVED, told, actor=cast.eva.person, now=START)
    with pytest.raises(IntegrityError), transaction.atomic():
        StageTarget.objects.create(stage="nowhere", now_hours=1, days_3_hours=1, weeks_2_hours=1, routine_hours=1)


@pytest.mark.parametrize("stage", sorted(set(Stage) - set(OWN_TARGETS)))
def test_a_stage_that_waits_for_a_date_has_no_hours(cast: Cast, stage: Stage) -> None:
    with pytest.raises(PolicyRefused):
        rules.set_stage_target(stage, HOURS, actor=cast.eva.person, now=START)
