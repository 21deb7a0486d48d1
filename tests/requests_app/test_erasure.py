"""Erase a person whole or not at all, archive what is closed, and let nobody slip between the two."""

import datetime as dt
import inspect
import random
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from caseworker.exceptions import PermissionRefused, PolicyRefused, StaleVersion
from caseworker.models.audit import AuditEvent
from requests_app import tasks
from requests_app.actions import casework, closure, erasure, grants, stages, verification
from requests_app.actions.claims import ask_for_erasure
from requests_app.actions.erasure import archive_due, erase_case, erase_due, erase_request
from requests_app.clocks import ARCHIVE_AFTER_CLOSING, FAR
from requests_app.enums import CheckCode, CheckOutcome, GrantScope, Outcome, ReasonCode, Stage, Urgency
from requests_app.models.access import AccessGrant, VerificationCheck
from requests_app.models.cases import Case, StageSpell
from requests_app.models.contacts import ContactPoint
from requests_app.models.counts import CountCell
from requests_app.models.erasure import ErasureEntry
from requests_app.models.help_requests import HelpRequest
from requests_app.models.notes import Note
from requests_app.models.sealed import RecordKey, SealedField, SealedRecord
from requests_app.sealed import Archived, open_record
from tests.cast import START, Cast, Member
from tests.factories import make_case, make_request

pytestmark = pytest.mark.django_db
SignIn = Callable[[Member], Client]
LATER = START + dt.timedelta(days=91)


def _whole_life(cast: Cast) -> Case:
    """Make a case with everything that can hang on a person."""
    case = make_case(cast, country="KZ", category="mobilized", urgency=Urgency.DAYS_3)
    boris, eva = cast.boris.person, cast.eva.person
    casework.add_note(case, "fx_note", actor=boris, now=START)
    verification.record_check(
        case, CheckCode.COHERENT_STORY, CheckOutcome.YES, version=case.version, actor=boris, now=START
    )
    grants.grant_access(
        case, cast.clara.person, until=START + dt.timedelta(days=3), reason=ReasonCode.OTHER, actor=eva, now=START
    )
    assert AccessGrant.objects.get().scope == GrantScope.CODED
    return case


def _state() -> tuple[int, ...]:
    """Count every table that an erasure touches."""
    tables = (RecordKey, SealedField, SealedRecord, ContactPoint, Note, VerificationCheck, AccessGrant, StageSpell)
    return (*(table.objects.count() for table in tables), ErasureEntry.objects.count(), AuditEvent.objects.count())


def test_an_erased_person_leaves_a_husk_and_ledger_lines(cast: Cast) -> None:
    case = _whole_life(cast)
    help_request, cells = HelpRequest.objects.get(), CountCell.objects.count()
    assert erase_case(case, actor=cast.eva.person, now=LATER) == 2
    assert _state()[:8] == (0,) * 8
    assert set(ErasureEntry.objects.values_list("subject_id", flat=True)) == {case.id, help_request.id}
    assert CountCell.objects.count() == cells
    husk, left = Case.objects.get(), HelpRequest.objects.get()
    assert (husk.stage, husk.outcome, husk.is_open, husk.due_at) == ("closed", "erased_on_request", False, FAR)
    assert (husk.category, husk.country, husk.urgency, husk.owner, husk.codename) == (
        "unknown",
        "XX",
        Urgency.ROUTINE,
        None,
        "—",
    )
    assert husk.opened_month == husk.closed_month == LATER.date().replace(day=1)
    assert (left.category, left.country, left.channel, left.logged_by, left.needs) == (
        "unknown",
        "XX",
        "unknown",
        None,
        [],
    )
    assert left.received_on == LATER.date().replace(day=1)
    assert left.claim_code_hash != help_request.claim_code_hash
    assert left.form_token != help_request.form_token


def test_a_request_without_a_case_is_erased_alone(cast: Cast) -> None:
    help_request, other = make_request(cast), make_request(cast)
    assert erase_request(help_request, actor=cast.eva.person, now=LATER) == 1
    left = HelpRequest.objects.get(id=help_request.id)
    assert (left.state, left.erased_on) == ("set_aside", LATER.date())
    assert SealedRecord.objects.get().owner_id == other.id
    with pytest.raises(PolicyRefused):
        erase_request(help_request, actor=None, now=LATER)
    with pytest.raises(PermissionRefused):
        erase_request(other, actor=cast.boris.person, now=LATER)
    with pytest.raises(PolicyRefused):
        erase_request(make_case(cast).help_requests.get(), actor=None, now=LATER)  # type: ignore[attr-defined]


def test_a_lead_erases_a_lone_request_by_its_reference(cast: Cast, sign_in: SignIn) -> None:
    help_request, other = make_request(cast), make_request(cast)
    client, page = sign_in(cast.eva), reverse("triage_request", args=[help_request.id])
    assert "Erase this request" in client.get(page).content.decode()
    assert "Erase this request" not in sign_in(cast.boris).get(page).content.decode()
    typed = {"reference": other.reference, "version": 1}
    refused = client.post(page + "erase/", typed)
    assert refused.status_code == 403
    assert "reference of another request" in refused.content.decode()
    assert other.reference in refused.content.decode()
    assert client.post(page + "erase/", {"reference": "nonsense", "version": 1}).status_code == 200
    assert SealedRecord.objects.count() == 2
    assert client.post(page + "erase/", {"reference": help_request.reference, "version": 1})["Location"] == page
    assert "This request was erased" in client.get(page).content.decode()
    assert client.post(page + "erase/", {"reference": help_request.reference, "version": 1}).status_code == 403


def test_the_ledger_still_refuses_every_change(cast: Cast) -> None:
    erase_request(make_request(cast), actor=None, now=LATER)
    for change in (lambda: ErasureEntry.objects.update(erased_on=START.date()), ErasureEntry.objects.all().delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_a_change_at_the_same_moment_is_not_erased_unseen(cast: Cast) -> None:
    case = make_case(cast)
    Case.objects.filter(id=case.id).update(version=case.version + 1)
    before = _state()
    with pytest.raises(StaleVersion):
        erase_case(case, actor=None, now=LATER)
    assert _state() == before


class Killed(Exception):
    """The process is gone."""


def _kill_after(statements: int) -> Any:
    """Return a wrapper that stops the program at its n-th statement."""
    left = statements

    def stop(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal left
        left -= 1
        if left == 0:
            raise Killed
        return execute(sql, params, many, context)

    return connection.execute_wrapper(stop)


def test_killed_at_twenty_places_an_erasure_is_whole_or_not_there(cast: Cast) -> None:
    case, rng = _whole_life(cast), random.Random(7)
    ask_for_erasure(HelpRequest.objects.get(), now=START)
    before, due = _state(), START + dt.timedelta(hours=48)
    for _ in range(20):
        with pytest.raises(Killed), transaction.atomic(), _kill_after(rng.randrange(2, 30)):
            erase_due(due)
        assert _state() == before
        assert Case.objects.get(id=case.id).erased_on is None
    assert erase_due(due) == 1
    assert _state()[:8] == (0,) * 8
    assert erase_due(due) == 0


def test_the_worker_erases_those_whose_pause_is_over_and_no_others(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    alone, of_case = make_request(cast), _whole_life(cast)
    ask_for_erasure(alone, now=START)
    ask_for_erasure(of_case.help_requests.get(), now=START)  # type: ignore[attr-defined]
    waiting = make_request(cast)
    ask_for_erasure(waiting, now=START + dt.timedelta(hours=1))
    monkeypatch.setattr(tasks.clock, "now", lambda: START + dt.timedelta(hours=48))
    tasks.erase_due()
    assert set(HelpRequest.objects.filter(erased_on__isnull=True)) == {waiting}
    assert ErasureEntry.objects.count() == 3


def test_one_that_cannot_be_erased_keeps_nobody_else_waiting(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    cases = sorted((make_case(cast), make_case(cast)), key=lambda case: case.id)
    for case in cases:
        ask_for_erasure(HelpRequest.objects.get(case=case), now=START)
    genuine = erasure.erase_case

    def stuck(case: Case, **kwargs: Any) -> int:
        if case.id == cases[0].id:
            raise StaleVersion
        return genuine(case, **kwargs)

    monkeypatch.setattr(erasure, "erase_case", stuck)
    with pytest.raises(StaleVersion):
        erase_due(START + dt.timedelta(hours=48))
    assert list(Case.objects.filter(erased_on__isnull=False)) == cases[1:]


def test_a_case_reopened_meanwhile_keeps_its_keys(cast: Cast) -> None:
    """The worker chose the case while it was closed; an open case without the circle's keys would be lost to everybody."""
    case = _whole_life(cast)
    closure.close_case(case, Outcome.SAFE_ABROAD, version=case.version, actor=cast.boris.person, now=START)
    chosen = Case.objects.get(id=case.id)
    closure.reopen_case(case, ReasonCode.CAME_BACK, version=case.version, actor=cast.eva.person, now=LATER)
    assert erasure.archive_case(chosen, actor=None, now=LATER) == 0
    record = SealedRecord.objects.get(owner_id=case.id)
    assert open_record(record, keyring=cast.boris.keyring())


@pytest.mark.parametrize("who", ["boris", "eva"])
def test_during_the_pause_nobody_opens_or_changes_anything(cast: Cast, sign_in: SignIn, who: str) -> None:
    case = _whole_life(cast)
    record = SealedRecord.objects.filter(owner_id=case.id).get()
    ask_for_erasure(HelpRequest.objects.get(), now=START)
    client, member = sign_in(cast.all()[who]), cast.all()[who].person
    page = client.get(reverse("case", args=[case.id])).content.decode()
    assert "asked to be erased" in page
    assert str(record.id) not in page
    assert "+44" not in page
    assert "asked to be erased" in client.get(reverse("case_queue")).content.decode()
    fresh = Case.objects.get(id=case.id)
    with pytest.raises(PolicyRefused):
        casework.add_note(fresh, "x", actor=member, now=START)
    with pytest.raises(PolicyRefused):
        stages.move_case(fresh, Stage.VERIFICATION, version=fresh.version, actor=member, now=START)
    with pytest.raises(PolicyRefused):
        closure.close_case(fresh, Outcome.ADVICE_ONLY, version=fresh.version, actor=member, now=START)
    answer = client.post(reverse("reveal_record", args=[case.id]), {"record": record.id, "reason": "assess_request"})
    assert answer.status_code == 403
    with pytest.raises(StaleVersion):
        stages.move_case(case, Stage.VERIFICATION, version=fresh.version, actor=cast.boris.person, now=START)


def test_a_request_that_waits_for_triage_pauses_too(cast: Cast, sign_in: SignIn) -> None:
    help_request = make_request(cast)
    record = SealedRecord.objects.get()
    ask_for_erasure(help_request, now=START)
    client, address = sign_in(cast.boris), reverse("triage_request", args=[help_request.id])
    page = client.get(address).content.decode()
    assert "asked to be erased" in page
    assert str(record.id) not in page
    assert "asked to be erased" in client.get(reverse("triage_queue")).content.decode()
    assert client.post(address + "reveal/", {"record": record.id, "reason": "assess_request"}).status_code == 403
    assert client.post(address + "decide/", {"decision": "promote"}).status_code == 403
    assert not Case.objects.exists()


def test_closed_cases_are_archived_after_ninety_days(
    cast: Cast, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, still_open = _whole_life(cast), make_case(cast)
    closure.close_case(case, Outcome.SAFE_ABROAD, version=case.version, actor=cast.boris.person, now=START)
    assert archive_due(START + dt.timedelta(days=89), after=ARCHIVE_AFTER_CLOSING) == 0
    monkeypatch.setattr(tasks.clock, "now", lambda: START + dt.timedelta(days=90))
    tasks.archive_due()
    tasks.archive_due()
    archived = Case.objects.get(id=case.id)
    assert archived.archived_on == (START + dt.timedelta(days=90)).date()
    assert Case.objects.get(id=still_open.id).archived_on is None
    owners = [case.id, *case.help_requests.values_list("id", flat=True)]  # type: ignore[attr-defined]
    kept = RecordKey.objects.filter(record__owner_id__in=owners)
    assert kept.count() == 2
    assert not kept.filter(circle_key__isnull=False).exists()
    with pytest.raises(Archived):
        open_record(SealedRecord.objects.get(owner_id=case.id), keyring=cast.boris.keyring())
    page = sign_in(cast.boris).get(reverse("case", args=[case.id])).content.decode()
    assert "This case is archived" in page
    assert page.count("only the recovery sheet opens it") == 2
    assert "reveal/" not in page
    closure.reopen_case(archived, ReasonCode.CAME_BACK, version=archived.version, actor=cast.eva.person, now=LATER)
    note = casework.add_note(archived, "fx_new", actor=cast.boris.person, now=LATER)
    assert open_record(note.record, keyring=cast.boris.keyring())["text"] == "fx_new"


def test_no_job_takes_the_id_of_a_person(cast: Cast) -> None:
    """Job rows hold no request or case id, so an erasure has nothing to look for in them."""
    jobs = {name: job.__wrapped__ for name, job in vars(tasks).items() if hasattr(job, "__wrapped__")}
    takes = {name: list(inspect.signature(job).parameters) for name, job in jobs.items()}
    assert {name: names for name, names in takes.items() if names} == {"freeze_release": ["release_id"]}
