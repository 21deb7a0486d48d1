"""Prepared questions are the compiled ones, word for word: every queue, every role, every hour, filters, saved views and free cases."""

import datetime as dt
import uuid
from typing import Any

import pytest
from django.db import connection

from caseworker.compiled import rows_of, statement_of
from caseworker.enums import Role
from caseworker.models.accounts import Caseworker
from requests_app.models.cases import Case
from requests_app.queries import prepared as kept
from requests_app.queries import queues
from requests_app.queries.connections import _ask_connections
from requests_app.queries.dossier import _ask_parts
from requests_app.queries.prepared import NOBODY, STAND_IN_YEAR, Ask, prepared, prepared_about
from requests_app.queries.queue_table import QUEUES
from tests.cast import START, Cast

pytestmark = pytest.mark.django_db
MOMENTS = (
    *(dt.datetime(2026, 3, 28, hour, 59, 59, 999999, tzinfo=dt.UTC) for hour in range(24)),
    dt.datetime(2024, 2, 29, tzinfo=dt.UTC),
    dt.datetime(2025, 12, 31, 23, 30, 0, 5, tzinfo=dt.UTC),
)
WHO_WORKS_QUEUES = (Role.COORDINATOR, Role.LEAD)
FILTERS: list[dict[str, Any]] = [
    *({"queue": code} for code in QUEUES),
    *({"owner": owner} for owner in ("me", "none", uuid.UUID(int=7))),
    {"queue": "overdue", "owner": "me", "urgency": "now", "stage": "verification", "circle": uuid.UUID(int=8)},
    {"country": "KZ", "category": "mobilized", "condition": "paused"},
]


def same(ask: Ask, person: Caseworker, now: dt.datetime, *codes: Any) -> bool:
    """Tell whether asking the kept way and compiling anew give one text and the same values."""
    return prepared(ask, person, now, *codes) == ask(person, now, *codes)


@pytest.mark.parametrize("role", Role)
def test_every_queue_is_asked_as_it_would_be_compiled(role: Role) -> None:
    person = Caseworker(id=uuid.uuid4(), role=role)
    views = tuple(queues._codes(filters) for filters in FILTERS)
    for now in MOMENTS if role in WHO_WORKS_QUEUES else MOMENTS[::9]:
        assert same(queues._ask_counts, person, now, views)
        assert same(queues._ask_rows, person, now)
    for now in MOMENTS[::9]:
        for codes in views:
            assert same(queues._ask_parts, person, now, codes)
            assert same(queues._ask_free, person, now, codes, (uuid.UUID(int=1), uuid.UUID(int=2)))


@pytest.mark.parametrize("role", Role)
def test_what_a_case_page_asks_is_as_it_would_be_compiled(role: Role) -> None:
    person, case = Caseworker(id=uuid.uuid4(), role=role), uuid.uuid4()
    for now in MOMENTS if role in WHO_WORKS_QUEUES else MOMENTS[::9]:
        for ask, codes in ((_ask_connections, ()), (_ask_parts, ("planning",))):
            assert prepared_about(case, ask, person, now, *codes) == ask(person, now, case, *codes)


def test_a_page_and_counts_are_compiled_once_for_all_people_of_a_role(cast: Cast) -> None:
    kept._compiled.cache_clear()
    for who in ("boris", "clara", "boris"):
        queues.queue_page(cast.all()[who].person, {}, cursor=None, now=START)
        queues.queue_counts(cast.all()[who].person, {}, now=START)
    assert kept._compiled.cache_info().misses == len(("parts", "rows", "counts"))


def test_one_person_is_never_answered_with_anothers_question(cast: Cast) -> None:
    boris, clara = cast.boris.person, cast.clara.person
    for person in (boris, clara):
        ((_sql, values), *_rest) = prepared(queues._ask_parts, person, START, ())
        said = [str(value).replace("-", "") for value in values]
        other = clara if person is boris else boris
        assert person.id.hex in said
        assert other.id.hex not in said
        assert NOBODY.hex not in said
        assert not any(value.startswith(str(STAND_IN_YEAR)) for value in said)


def test_a_question_that_uses_more_of_a_person_than_id_and_role_is_refused(cast: Cast) -> None:
    def nosy(person: Caseworker, _now: dt.datetime) -> Any:
        return (statement_of(Case.objects.filter(owner__alias=person.alias)),)

    with pytest.raises(Caseworker.DoesNotExist):
        prepared(nosy, cast.boris.person, START)


def test_values_come_back_as_the_fields_say(cast: Cast) -> None:
    columns = (Case._meta.get_field("id"), Case._meta.get_field("is_open"))
    id_ = uuid.uuid4()
    is_text = connection.vendor == "sqlite"
    ((found, is_open),) = rows_of(("SELECT %s, %s", (id_.hex if is_text else id_, True)), columns)
    assert (found, is_open) == (id_, True)
    assert isinstance(is_open, bool)
