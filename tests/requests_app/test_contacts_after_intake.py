"""Contacts after intake: unknown is no, tightening always works, loosening does not undo what protects."""

import datetime as dt
from typing import Any

import pytest

from caseworker.exceptions import PermissionRefused, PolicyRefused, StaleVersion
from requests_app.actions import closure, contacts, erasure, stages
from requests_app.actions.claims import ask_for_erasure, withdraw_consent
from requests_app.actions.intake import Safety
from requests_app.actions.tagging import compare_batch
from requests_app.enums import Condition, ContactKind, HoursBand, Outcome, SafeAnswer, SealedKind
from requests_app.models.cases import Case
from requests_app.models.contacts import ContactPoint
from requests_app.models.duplicates import DuplicateEntry
from requests_app.models.help_requests import HelpRequest
from requests_app.models.sealed import SealedRecord
from requests_app.queries.cases import contact_points
from requests_app.queries.queue_table import contactable
from requests_app.sealed import open_record
from tests.cast import START, Cast, audit_verbs
from tests.connections import refused
from tests.factories import make_case

pytestmark = pytest.mark.django_db
YES, NO, UNKNOWN = SafeAnswer.YES, SafeAnswer.NO, SafeAnswer.UNKNOWN
OPEN = Safety(YES, YES, YES, HoursBand.ANY)
NOTHING_SAID = Safety()
SHUT = Safety(NO, NO, NO, HoursBand.UNKNOWN)


def first(case: Case) -> ContactPoint:
    return ContactPoint.objects.filter(help_request__case=case).order_by("seq", "id")[0]


def change(cast: Cast, case: Case, safety: Safety, point: ContactPoint | None = None, **kwargs: Any) -> ContactPoint:
    about: dict[str, Any] = {"version": case.version, "actor": cast.boris.person, "now": START} | kwargs
    return contacts.change_safety(point or first(case), safety, case=case, **about)


def retire(cast: Cast, case: Case, point: ContactPoint, *, is_burned: bool) -> ContactPoint:
    about: dict[str, Any] = {"version": case.version, "actor": cast.boris.person, "now": START}
    return contacts.retire_contact(point, is_burned=is_burned, case=case, **about)


def add(cast: Cast, case: Case, line: str = "@fx_second_line", safety: Safety = NOTHING_SAID) -> ContactPoint:
    return contacts.add_contact(case, line, safety, version=case.version, actor=cast.boris.person, now=START)


def is_contactable(case: Case) -> bool:
    return Case.objects.filter(contactable(START), id=case.id).exists()


@pytest.mark.parametrize(
    ("safety", "expected"),
    [
        (OPEN, True),
        (SHUT, False),
        (Safety(UNKNOWN, UNKNOWN, UNKNOWN, HoursBand.ANY), False),
        (Safety(NO, NO, YES, HoursBand.ANY), False),
        (Safety(YES, NO, NO, HoursBand.UNKNOWN), False),
        (Safety(YES, NO, NO, HoursBand.MORNING, "Etc/UTC"), True),
        (Safety(YES, NO, NO, HoursBand.MORNING, ""), False),
        (Safety(YES, NO, NO, HoursBand.EVENING, "Etc/UTC"), False),
    ],
)
def test_unknown_behaves_as_no_in_the_queue(cast: Cast, safety: Safety, expected: bool) -> None:
    case = make_case(cast)
    for point in ContactPoint.objects.filter(help_request__case=case):
        change(cast, case, safety, point)
    assert is_contactable(case) is expected
    assert audit_verbs()[-1] == "change_safety"


def test_two_who_change_at_once_do_not_loosen_what_one_tightened(cast: Cast) -> None:
    case = make_case(cast)
    old = case.version
    change(cast, case, SHUT)
    with pytest.raises(StaleVersion):
        change(cast, case, OPEN, version=old)
    assert first(case).may_write == NO


@pytest.mark.parametrize("condition", [Condition.DETAINED, Condition.COMPROMISED])
def test_nothing_is_loosened_while_nobody_may_be_contacted(cast: Cast, condition: Condition) -> None:
    case, boris = make_case(cast), cast.boris.person
    change(cast, case, SHUT)
    stages.set_condition(case, condition, version=case.version, actor=boris, now=START)
    for loosen in (lambda: change(cast, case, OPEN), lambda: add(cast, case, safety=OPEN)):
        with refused("Nobody is contacted"):
            loosen()
        case.refresh_from_db()
    assert change(cast, case, Safety(NO, NO, NO, HoursBand.ANY)).hours_band == HoursBand.ANY
    assert add(cast, case).may_write == UNKNOWN


def test_what_the_person_stopped_stays_stopped(cast: Cast) -> None:
    case = make_case(cast)
    withdraw_consent(HelpRequest.objects.get(case=case), now=START)
    assert first(case).stopped_on == START.date()
    with refused("stays as it is"):
        change(cast, case, OPEN)
    ContactPoint.objects.update(may_write=YES, hours_band=HoursBand.ANY)
    assert not is_contactable(case)


@pytest.mark.parametrize("is_burned", [True, False])
def test_out_of_use_is_never_used(cast: Cast, is_burned: bool) -> None:
    case = make_case(cast)
    for point in ContactPoint.objects.filter(help_request__case=case):
        change(cast, case, OPEN, point)
    assert is_contactable(case)
    requests = list(HelpRequest.objects.filter(case=case))
    for point in ContactPoint.objects.filter(help_request__case=case):
        retire(cast, case, point, is_burned=is_burned)
    ContactPoint.objects.update(may_write=YES)
    assert not is_contactable(case)
    shown = contact_points(requests)
    assert [bool(point.burned_on) for point in shown] == ([True, True] if is_burned else [])
    with pytest.raises(PolicyRefused if is_burned else StaleVersion):
        change(cast, case, Safety(YES, YES, YES))
    assert "retire_contact" in audit_verbs()


def test_one_more_contact_is_sealed_found_and_erased(cast: Cast) -> None:
    case = make_case(cast)
    point = add(cast, case, "@fx_heron_second", Safety(YES, NO, UNKNOWN, HoursBand.DAY, "Etc/UTC"))
    assert (point.kind, point.may_write, point.may_call) == (ContactKind.TELEGRAM, YES, NO)
    record = SealedRecord.objects.get(kind=SealedKind.CONTACT)
    assert open_record(record, keyring=cast.boris.keyring()) == {"contacts": "@fx_heron_second"}
    compare_batch(cast.north, keyring=cast.boris.keyring(), actor=cast.boris.person, now=START)
    assert DuplicateEntry.objects.filter(record=record).exists()
    assert "add_contact" in audit_verbs()
    erasure.erase_case(case, actor=cast.eva.person, now=START)
    assert not ContactPoint.objects.exists()
    assert not SealedRecord.objects.exists()


@pytest.mark.parametrize("line", ["", "  ", "@fx_one\n@fx_two"])
def test_one_line_at_a_time(cast: Cast, line: str) -> None:
    case = make_case(cast)
    with refused("one line"):
        add(cast, case, line)


def test_a_case_without_requests_takes_none(cast: Cast) -> None:
    case = make_case(cast)
    HelpRequest.objects.filter(case=case).update(case=None, decision="declined")
    with pytest.raises(PolicyRefused):
        add(cast, case)


@pytest.mark.parametrize("state", ["closed", "paused", "locked"])
def test_nothing_changes_in_a_case_that_may_not_be_changed(cast: Cast, state: str) -> None:
    case, point = make_case(cast), None
    point = first(case)
    if state == "closed":
        closure.close_case(case, Outcome.NO_RESPONSE, version=case.version, actor=cast.boris.person, now=START)
    elif state == "paused":
        ask_for_erasure(HelpRequest.objects.get(case=case), now=START)
    else:
        Case.objects.filter(id=case.id).update(locked_on=START.date())
    case.refresh_from_db()
    for act in (
        lambda: change(cast, case, SHUT),
        lambda: retire(cast, case, point, is_burned=True),
        lambda: add(cast, case),
    ):
        with pytest.raises(PolicyRefused):
            act()


def test_only_who_works_on_cases(cast: Cast) -> None:
    case = make_case(cast)
    for name in ("anna", "dmitri", "sofia", "olga", "mallory"):
        with pytest.raises(PermissionRefused):
            change(cast, case, SHUT, actor=cast.all()[name].person)
    elsewhere = make_case(cast, now=START + dt.timedelta(days=1))
    with pytest.raises(StaleVersion):
        change(cast, case, SHUT, first(elsewhere))
