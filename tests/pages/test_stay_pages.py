"""Clocks, stays and dates on the case page, and the lead's pages about rules: what is shown, refused, kept."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from caseworker.exceptions import StaleVersion
from requests_app.actions import closure, deadlines, rules, stages, stays
from requests_app.clock_codes import DeadlineEnd, DeadlineKind, RuleKind
from requests_app.enums import Condition, Country, Outcome, Urgency
from requests_app.models.cases import Case
from requests_app.models.deadlines import Deadline, StageTarget
from requests_app.models.stays import CountryRule, CountryStay
from tests.cast import START, Cast, Member
from tests.factories import make_case
from tests.rules import plant_rules

pytestmark = pytest.mark.django_db
SignIn = Callable[[Member], Client]
DAY = dt.timedelta(days=1)
TODAY = START.date()
UNVERIFIED = "Nobody here has verified this rule"


@pytest.fixture(autouse=True)
def today(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the pages be looked at on the day of the cast."""
    plant_rules()
    monkeypatch.setattr("caseworker.clock.now", lambda: START)


def page(client: Client, case: Case) -> str:
    return client.get(reverse("case", args=[case.id])).content.decode()


def post(client: Client, name: str, case: Case, **data: Any) -> Any:
    case.refresh_from_db()
    return client.post(reverse(name, args=[case.id]), {"version": case.version} | data)


def stay_of(case: Case, cast: Cast, ago: int, country: Country = Country.KZ, **facts: Any) -> CountryStay:
    told = stays.StayFacts(country, TODAY - ago * DAY, **facts)
    return stays.record_entry(case, told, version=case.version, actor=cast.boris.person, now=START)


def verify_rules(cast: Cast) -> None:
    for rule in CountryRule.objects.all():
        rules.reverify_rule(rule, TODAY + 90 * DAY, source="Law", actor=cast.eva.person, now=START)


def test_an_entry_and_an_exit_through_the_page(cast: Cast, boris: Member, sign_in: SignIn) -> None:
    case, client = make_case(cast), sign_in(boris)
    assert "No stay abroad is recorded." in page(client, case)
    entry = {"country": "KZ", "entered_on": "2025-02-01", "basis": "visa_free"}
    assert post(client, "record_entry", case, **entry).status_code == 302
    text = page(client, case)
    assert "Kazakhstan: 90 days in any 180" in text
    assert "Kazakhstan: registration within 30 days" in text
    assert "1 May 2025" in text
    assert post(client, "record_exit", case, left_on="2025-03-01", is_estimated="on").status_code == 302
    text = page(client, case)
    assert "May enter from" in text
    assert "about 1 February 2025 — about 1 March 2025" in text


def test_a_refused_entry_keeps_what_was_typed(cast: Cast, boris: Member, sign_in: SignIn) -> None:
    case, client = make_case(cast), sign_in(boris)
    entry = {"country": "KZ", "entered_on": "2026-02-01", "basis": "visa_free"}
    answer = post(client, "record_entry", case, **entry)
    assert answer.status_code == 403
    assert 'value="2026-02-01"' in answer.content.decode()
    wrong = post(client, "record_entry", case, **(entry | {"entered_on": "yesterday", "country": "RU"}))
    text = wrong.content.decode()
    assert "Write a day as YYYY-MM-DD." in text
    assert 'value="yesterday"' in text
    assert "Nothing you typed was lost." in text
    assert not CountryStay.objects.exists()


def test_a_stay_is_corrected_and_removed_on_a_page_of_its_own(cast: Cast, boris: Member, sign_in: SignIn) -> None:
    case, client = make_case(cast), sign_in(boris)
    stay = stay_of(case, cast, 5)
    url = reverse("correct_stay", args=[case.id, stay.id])
    assert url in page(client, case)
    assert 'value="2025-02-26"' in client.get(url).content.decode()
    facts = {"version": case.version, "country": "AM", "entered_on": "2025-02-20", "basis": "permit"}
    assert client.post(url, facts | {"country": ""}).status_code == 200
    refused = client.post(url, facts | {"entered_on": "2030-01-01"})
    assert refused.status_code == 403
    assert 'value="2030-01-01"' in refused.content.decode()
    assert client.post(url, facts | {"version": case.version + 9}).status_code == 409
    assert client.post(url, facts | {"is_registered": "on"}).status_code == 302
    text = page(client, case)
    assert "Visa or residence permit" in text
    assert "registered" in text
    case.refresh_from_db()
    remove = reverse("remove_stay", args=[case.id, stay.id])
    assert client.post(remove, {"version": 1}).status_code == 409
    assert client.post(remove, {"version": case.version}).status_code == 302
    assert not CountryStay.objects.exists()


def test_a_stay_or_a_date_of_another_case_is_not_found_here(cast: Cast, boris: Member, sign_in: SignIn) -> None:
    case, other, client = make_case(cast), make_case(cast), sign_in(boris)
    stay = stay_of(other, cast, 5)
    for name in ("correct_stay", "remove_stay"):
        answer = client.post(reverse(name, args=[case.id, stay.id]), {"version": case.version})
        assert answer.status_code == 404
    foreign = deadlines.set_deadline(
        other, DeadlineKind.APPEAL, TODAY, version=other.version, actor=boris.person, now=START
    )
    assert post(client, "settle_deadline", case, deadline=foreign.id, ended_as="done").status_code == 200
    foreign.refresh_from_db()
    assert foreign.done_on is None


def test_a_guest_sees_the_clocks_and_changes_nothing(cast: Cast, clara: Member, eva: Member, sign_in: SignIn) -> None:
    from_eva, case = sign_in(eva), make_case(cast)
    stay = stay_of(case, cast, 5)
    assert "90 days in any 180" in page(from_eva, case)
    client = sign_in(clara)
    assert client.get(reverse("correct_stay", args=[case.id, stay.id])).status_code == 404
    granted = {"person": clara.person.id, "days": 5, "reason": "expertise", "scope": "coded"}
    assert post(from_eva, "grant_access", case, **granted).status_code == 302
    text = page(client, case)
    assert "90 days in any 180" in text
    assert "/entry/" not in text
    facts = {"country": "AM", "entered_on": "2025-02-20", "basis": "permit"}
    answer = client.post(reverse("correct_stay", args=[case.id, stay.id]), facts | {"version": case.version})
    assert answer.status_code == 403
    assert post(client, "record_exit", case, left_on="2025-03-03").status_code == 403
    stay.refresh_from_db()
    assert (stay.country, stay.left_on) == ("KZ", None)


@pytest.mark.parametrize(
    ("ago", "shown", "hidden"),
    [
        (10, (), ("Fewer than 7 days are left.", "The last lawful day is over.")),
        (84, ("Fewer than 7 days are left.",), ("The last lawful day is over.",)),
        (95, ("The last lawful day is over.",), ("Fewer than 7 days are left.",)),
    ],
)
def test_a_stay_that_ends_soon_or_has_ended_says_so(
    cast: Cast, boris: Member, sign_in: SignIn, ago: int, shown: tuple[str, ...], hidden: tuple[str, ...]
) -> None:
    case, client = make_case(cast), sign_in(boris)
    stay_of(case, cast, ago, is_registered=True)
    verify_rules(cast)
    text = page(client, case)
    assert all(one in text for one in shown)
    assert not any(one in text for one in hidden)
    assert UNVERIFIED not in text


def test_an_estimate_and_a_stale_rule_say_so_and_close_nothing(cast: Cast, boris: Member, sign_in: SignIn) -> None:
    case, client = make_case(cast), sign_in(boris)
    stay_of(case, cast, 5, is_estimated=True)
    text = page(client, case)
    assert UNVERIFIED in text
    assert "Estimated: the earliest plausible days are assumed." in text
    for rule in CountryRule.objects.all():
        rules.reverify_rule(rule, TODAY - 29 * DAY, source="Law", actor=cast.eva.person, now=START - 30 * DAY)
    assert "This rule was last verified on 1 February 2025" in page(client, case)
    case.refresh_from_db()
    assert case.is_open
    assert case.stay_ends_on is not None


def test_old_and_new_rule_stand_side_by_side(cast: Cast, boris: Member, sign_in: SignIn) -> None:
    case, client = make_case(cast), sign_in(boris)
    stay_of(case, cast, 10)
    newer = {"effective_from": TODAY, "source": "Law", "reverify_by": TODAY + 9 * DAY}
    rolling: dict[str, Any] = {"country": Country.KZ, "kind": RuleKind.ROLLING, "window_days": 180}
    rules.add_rule_version(rules.RuleDraft(limit_days=30, **rolling, **newer), actor=cast.eva.person, now=START)
    text = page(client, case)
    for words in ("90 days in any 180", "30 days in any 180", "Superseded:", "Newer rule, in force from 3 March 2025."):
        assert words in text
    assert "21 May 2025" in text
    assert "22 March 2025" in text
    rules.add_rule_version(rules.RuleDraft(limit_days=None, **rolling, **newer), actor=cast.eva.person, now=START)
    assert "Days in any period: no limit any more" in page(client, case)


def test_a_rule_without_an_end_and_one_without_a_day_are_said_in_words(
    cast: Cast, boris: Member, sign_in: SignIn
) -> None:
    case, client, eva = make_case(cast), sign_in(boris), cast.eva.person
    facts = {"window_days": None, "effective_from": TODAY, "source": "Law", "reverify_by": TODAY + 9 * DAY}
    kind: dict[str, Any] = {"kind": RuleKind.PER_YEAR}
    endless = rules.RuleDraft(country=Country.UZ, limit_days=366, **kind, **facts)  # type: ignore[arg-type]
    closed = rules.RuleDraft(country=Country.US, limit_days=0, **kind, **facts)  # type: ignore[arg-type]
    for draft in (endless, closed):
        rules.add_rule_version(draft, actor=eva, now=START)
    stay_of(case, cast, 40, Country.US, left_on=TODAY - 35 * DAY)
    stay_of(case, cast, 20, Country.UZ)
    text = page(client, case)
    assert "no end" in text
    assert "never" in text


def test_dates_are_set_and_settled_through_the_page(cast: Cast, boris: Member, sign_in: SignIn) -> None:
    case, client = make_case(cast), sign_in(boris)
    assert "/dates/settle/" not in page(client, case)
    assert post(client, "set_deadline", case, kind="appeal", due_on="2025-03-02").status_code == 403
    assert post(client, "set_deadline", case, kind="appeal", due_on="2025-03-20").status_code == 302
    made = Deadline.objects.get()
    text = page(client, case)
    assert "20 March 2025 · Appeal must be filed" in text
    assert "Time left 17 days" in text
    assert post(client, "settle_deadline", case, deadline=made.id, ended_as="").status_code == 200
    assert post(client, "settle_deadline", case, deadline=made.id, ended_as="done").status_code == 302
    assert "Done in time" in page(client, case)
    Deadline.objects.update(set_by=None)
    assert post(client, "settle_deadline", case, deadline=made.id, ended_as="done").status_code == 200


def test_a_clock_that_stands_still_says_why(cast: Cast, boris: Member, sign_in: SignIn) -> None:
    case, client = make_case(cast), sign_in(boris)
    condition, until = Condition.PAUSED, TODAY + 20 * DAY
    stages.set_condition(case, condition, version=case.version, actor=boris.person, now=START, until=until)
    assert "The clock of the stage stands still: Paused." in page(client, case)


def test_a_closed_case_shows_weeks_and_no_clocks(cast: Cast, boris: Member, sign_in: SignIn) -> None:
    case, client = make_case(cast), sign_in(boris)
    stay_of(case, cast, 10)
    closure.close_case(case, Outcome.SAFE_ABROAD, version=case.version, actor=boris.person, now=START)
    text = page(client, case)
    assert "week of 17 February 2025" in text
    assert "21 February 2025" not in text
    assert "90 days in any 180" not in text
    assert "/stays/" not in text


def test_a_person_who_asked_to_be_erased_has_no_stay_on_the_page(cast: Cast, boris: Member, sign_in: SignIn) -> None:
    case, client = make_case(cast), sign_in(boris)
    stay_of(case, cast, 10)
    Case.objects.update(erasure_due_at=START + DAY)
    text = page(client, case)
    assert "Kazakhstan: 90" not in text
    assert "21 February 2025" not in text


def test_ten_more_stays_and_dates_cost_the_page_nothing(
    cast: Cast, boris: Member, sign_in: SignIn, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    case, client, url = make_case(cast), sign_in(boris), ""
    stay_of(case, cast, 1)
    url = reverse("case", args=[case.id])
    client.get(url)
    with django_assert_max_num_queries(100) as few:
        client.get(url)
    for n in range(10):
        stay_of(case, cast, 300 - 20 * n, Country.AM if n % 2 else Country.MN, left_on=TODAY - (290 - 20 * n) * DAY)
        Deadline.objects.create(case=case, kind="other", due_on=TODAY + n * DAY, set_on=TODAY, set_by=boris.person)
    with django_assert_num_queries(len(few.captured_queries)):
        client.get(url)


# --- the lead's pages ------------------------------------------------------------------------------------------------

NEW = {
    "country": "KZ",
    "kind": "rolling",
    "limit_days": "60",
    "window_days": "180",
    "effective_from": "2025-03-01",
    "source": "Law",
    "reverify_by": "2025-09-01",
}


def test_a_lead_sees_which_rules_are_stale_and_verifies_one(cast: Cast, eva: Member, sign_in: SignIn) -> None:
    client, rule = sign_in(eva), CountryRule.objects.get(country="KZ", kind="rolling")
    listed = client.get(reverse("country_rules")).content.decode()
    assert "14 rules should be looked up again." in listed
    assert "look up again" in listed
    url = reverse("country_rule", args=[rule.id])
    assert UNVERIFIED in client.get(url).content.decode()
    assert "Came with the software; 90 in 180" in client.get(url).content.decode()
    assert "This field is required" in client.post(url, {"reverify_by": "2025-06-01"}).content.decode()
    refused = client.post(url, {"reverify_by": "2029-01-01", "source": "Law"})
    assert refused.status_code == 403
    assert client.post(url, {"reverify_by": "2025-06-01", "source": "Catalogue"}).status_code == 403
    assert 'value="2029-01-01"' in refused.content.decode()
    assert client.post(url, {"reverify_by": "soon"}).status_code == 200
    assert client.post(url, {"reverify_by": "2025-06-01", "source": "Law"}).status_code == 302
    assert "13 rules should be looked up again." in client.get(reverse("country_rules")).content.decode()
    looked_up = reverse("country_rule", args=[CountryRule.objects.get(country="KZ", kind="rolling", version=2).id])
    shown = client.get(looked_up).content.decode()
    assert UNVERIFIED not in shown
    assert 'value="Law"' in shown
    assert "superseded" in client.get(url).content.decode()


def test_a_lead_adds_a_version_and_the_old_one_stays_listed(cast: Cast, eva: Member, sign_in: SignIn) -> None:
    client, url = sign_in(eva), reverse("add_country_rule")
    prefilled = client.get(f"{url}?country=KZ&kind=rolling").content.decode()
    assert '<option value="KZ" selected>' in prefilled
    assert "(optional)" not in prefilled
    assert client.get(f"{url}?country=<script>").status_code == 200
    missing = client.post(url, NEW | {"window_days": ""}).content.decode()
    assert "Write the period in which the days are counted." in missing
    refused = client.post(url, NEW | {"limit_days": "181"})
    assert refused.status_code == 403
    assert 'value="181"' in refused.content.decode()
    assert client.post(url, NEW).status_code == 302
    later = NEW | {"effective_from": "2025-08-01"}
    assert "Write how many days are allowed." in client.post(url, later | {"limit_days": ""}).content.decode()
    assert client.post(url, later | {"is_dropped": "on"}).status_code == 302
    listed = client.get(reverse("country_rules")).content.decode()
    for words in ("90 days in any 180", "60 days in any 180", "no limit any more", "superseded", "not in force yet"):
        assert words in listed


def test_a_page_without_rules_says_what_follows(cast: Cast, eva: Member, sign_in: SignIn, monkeypatch: Any) -> None:
    monkeypatch.setattr("requests_app.queries.rules.all_rules", list)
    assert "no stay has a clock" in sign_in(eva).get(reverse("country_rules")).content.decode()


def test_a_version_somebody_else_added_meanwhile_is_409(
    cast: Cast, eva: Member, sign_in: SignIn, monkeypatch: Any
) -> None:
    client = sign_in(eva)

    def too_late(*_arguments: object, **_facts: object) -> None:
        raise StaleVersion

    monkeypatch.setattr(rules, "add_rule_version", too_late)
    answer = client.post(reverse("add_country_rule"), NEW)
    assert answer.status_code == 409
    assert 'value="60"' in answer.content.decode()


def test_a_lead_gives_a_stage_hours_of_its_own(cast: Cast, eva: Member, sign_in: SignIn) -> None:
    client, url = sign_in(eva), reverse("stage_target", args=["planning"])
    assert "24 / 72 / 240 / 480" in client.get(reverse("stage_targets")).content.decode()
    assert "(optional)" not in client.get(url).content.decode()
    hours = {"u1_now": "10", "u2_72h": "20", "u3_2w": "30", "u4_routine": "40"}
    assert "Fill in all four fields" in client.post(url, hours | {"u3_2w": ""}).content.decode()
    assert client.post(url, hours | {"u1_now": "many"}).status_code == 200
    refused = client.post(url, hours | {"u1_now": "41"})
    assert refused.status_code == 403
    assert 'value="41"' in refused.content.decode()
    assert client.post(url, hours).status_code == 302
    assert "10 / 20 / 30 / 40" in client.get(reverse("stage_targets")).content.decode()
    assert 'value="10"' in client.get(url).content.decode()
    assert client.post(url, dict.fromkeys(hours, "")).status_code == 302
    assert not StageTarget.objects.exists()
    for unknown in ("asylum_appeal", "nowhere"):
        assert client.get(reverse("stage_target", args=[unknown])).status_code == 404


def test_ten_more_rules_cost_the_list_nothing(
    cast: Cast, eva: Member, sign_in: SignIn, django_assert_num_queries: Any, django_assert_max_num_queries: Any
) -> None:
    client, url = sign_in(eva), reverse("country_rules")
    client.get(url)
    with django_assert_max_num_queries(20) as few:
        client.get(url)
    for version in range(2, 12):
        CountryRule.objects.create(
            country="KZ", kind="per_year", version=version, limit_days=9, effective_from=TODAY, source="x"
        )
    with django_assert_num_queries(len(few.captured_queries)):
        client.get(url)


def test_urgency_alone_does_not_outrun_a_date(cast: Cast) -> None:
    case = make_case(cast, urgency=Urgency.ROUTINE)
    told: dict[str, Any] = {"actor": cast.boris.person, "now": START}
    made = deadlines.set_deadline(case, DeadlineKind.APPEAL, TODAY, version=case.version, **told)
    stages.change_urgency(case, Urgency.NOW, version=case.version, **told)
    assert case.due_at == dt.datetime.combine(TODAY, dt.time(), dt.UTC)
    settled = {"version": case.version} | told
    deadlines.settle_deadline(made, DeadlineEnd.CALLED_OFF, **settled)
    case.refresh_from_db()
    assert case.due_at == START + dt.timedelta(hours=2)
