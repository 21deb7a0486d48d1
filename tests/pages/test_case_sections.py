"""The registry of the case page: sections and forms fit together, and the page costs the same whatever the history."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.template.loader import get_template
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from requests_app.actions import casework, stages, triage
from requests_app.enums import Condition, ReasonCode, Stage
from requests_app.models.cases import Case
from requests_app.pages_case.offers import OFFERS
from requests_app.pages_case.sections import SECTIONS
from tests.cast import START, Cast, Member
from tests.factories import make_case, make_request, verify_case

SignIn = Callable[[Member], Client]
MOST_QUERIES = {"boris": 12, "eva": 14}
"""A lead reads two lists of people for the forms that name somebody, and whether an alarm rings."""


def test_sections_have_one_name_each_and_every_form_a_section() -> None:
    slugs = [section.slug for section in SECTIONS]
    assert len(slugs) == len(set(slugs))
    assert {offer.section for offer in OFFERS} <= set(slugs)
    assert len({offer.form.slot for offer in OFFERS}) == len(OFFERS)
    for section in SECTIONS:
        if section.template:
            get_template(section.template)


def lengthen(case: Case, cast: Cast, rounds: int) -> None:
    """Give the case a history: moves, conditions, notes, checks, more requests."""
    boris, eva = cast.boris.person, cast.eva.person
    verify_case(cast, case)
    for _ in range(rounds):
        for there in (Stage.LEGAL_CONSULT, Stage.VERIFICATION):
            reason = ReasonCode.PLAN_CHANGED
            stages.move_case(case, there, version=case.version, actor=boris, now=START, reason=reason)
            casework.add_note(case, "All is well.", actor=boris, now=START)
        triage.link_request(make_request(cast), case, actor=boris, now=START)
        for condition, actor in ((Condition.RETURNED, boris), (Condition.ACTIVE, eva)):
            stages.set_condition(case, condition, version=case.version, actor=actor, now=START)


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["boris", "eva"])
def test_the_case_page_costs_the_same_whatever_the_history(cast: Cast, sign_in: SignIn, who: str) -> None:
    case, client = make_case(cast), sign_in(cast.all()[who])
    url = reverse("case", args=[case.id])

    def cost() -> int:
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        return len(queries)

    short = cost()
    lengthen(case, cast, 4)
    assert short == cost() <= MOST_QUERIES[who]


@pytest.mark.django_db
def test_a_refused_form_is_shown_even_where_it_is_no_longer_offered(cast: Cast, sign_in: SignIn) -> None:
    case, client = make_case(cast), sign_in(cast.boris)
    old: Any = {"version": case.version, "there": "verification", "note": "My note that must stay"}
    closed = {"version": case.version, "outcome": "no_response"}
    assert client.post(reverse("close_case", args=[case.id]), closed).status_code == 302
    answer = client.post(reverse("move_case", args=[case.id]), old)
    assert answer.status_code in {403, 409}
    assert "My note that must stay" in answer.content.decode()
