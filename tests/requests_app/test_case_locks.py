"""A case is locked by one and lifted by another; meanwhile nothing of it moves or shows."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from caseworker.actions.people import enrol_person
from caseworker.enums import AuditVerb, Role
from caseworker.exceptions import PermissionRefused, PolicyRefused
from requests_app.actions import casework, closure, erasure, grants, locks, reveals, stages, triage, verification
from requests_app.actions.tasks import add_task
from requests_app.enums import CheckCode, CheckOutcome, Condition, Outcome, ReasonCode, Stage, Urgency
from requests_app.enums_work import TaskKind
from requests_app.models.cases import Case
from requests_app.models.locks import CaseLock
from requests_app.models.sealed import SealedRecord
from tests.cast import START, Cast, Member, audit_verbs
from tests.factories import make_case, make_request

pytestmark = pytest.mark.django_db
SignIn = Callable[[Member], Client]


def locked_case(cast: Cast, *, by: str = "boris") -> Case:
    case = make_case(cast)
    locks.lock_case(case, ReasonCode.SAFETY, actor=cast.all()[by].person, now=START)
    case.refresh_from_db()
    return case


@pytest.mark.parametrize("who", ["boris", "eva", "sofia"])
def test_these_may_lock(cast: Cast, who: str) -> None:
    assert locked_case(cast, by=who).locked_on == START.date()
    assert audit_verbs()[-1] == AuditVerb.LOCK_CASE


@pytest.mark.parametrize(
    ("who", "refusal"), [("clara", PolicyRefused), ("anna", PermissionRefused), ("olga", PermissionRefused)]
)
def test_these_may_not(cast: Cast, who: str, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        locked_case(cast, by=who)


def test_nothing_of_it_moves_opens_or_is_granted(cast: Cast) -> None:
    stale, now = make_case(cast), START
    record = SealedRecord.objects.get()
    locks.lock_case(stale, ReasonCode.SAFETY, actor=cast.boris.person, now=now)
    case, boris, eva = Case.objects.get(id=stale.id), cast.boris.person, cast.eva.person
    who = {"actor": boris, "now": now}
    attempts: list[Callable[[], object]] = [
        lambda: reveals.reveal_record(record, case=case, reason=ReasonCode.SAFETY, keyring=cast.boris.keyring(), **who),
        lambda: stages.move_case(case, Stage.VERIFICATION, version=case.version, **who),
        lambda: stages.set_condition(case, Condition.DETAINED, version=case.version, **who),
        lambda: stages.change_urgency(case, Urgency.NOW, version=case.version, **who),
        lambda: casework.add_note(case, "a note", **who),
        lambda: verification.record_check(
            case, CheckCode.COHERENT_STORY, CheckOutcome.YES, version=case.version, **who
        ),
        lambda: grants.grant_access(
            case, cast.clara.person, until=now.replace(day=9), reason=ReasonCode.ABSENCE, actor=eva, now=now
        ),
        lambda: casework.assign_case(case, boris, version=case.version, actor=eva, now=now),
        lambda: closure.close_case(case, Outcome.ADVICE_ONLY, version=case.version, **who),
        lambda: triage.link_request(make_request(cast), case, **who),
    ]
    for attempt in attempts:
        with pytest.raises(PolicyRefused):
            attempt()
    with pytest.raises(PolicyRefused), transaction.atomic():
        locks.lock_case(case, ReasonCode.SAFETY, **who)


@pytest.mark.parametrize("meanwhile", [{"locked_on": START.date()}, {"erasure_due_at": START}, {"version": 9}])
def test_a_page_opened_before_the_lock_or_the_wish_writes_nothing(cast: Cast, meanwhile: dict[str, Any]) -> None:
    stale = make_case(cast)
    Case.objects.filter(id=stale.id).update(**meanwhile)
    with pytest.raises(Exception, match="StaleVersion"):
        stages.move_case(stale, Stage.VERIFICATION, version=stale.version, actor=cast.boris.person, now=START)


def test_the_pages_show_codes_only(cast: Cast, boris: Member, sign_in: SignIn) -> None:
    case, client = locked_case(cast), sign_in(boris)
    page = client.get(reverse("case", args=[case.id])).content.decode()
    assert "This case is locked" in page
    assert "/reveal/" not in page.replace(reverse("reveal_record", args=[case.id]), "")
    assert 'name="record"' not in page
    assert "masked" not in page
    assert "/move/" not in page
    triage_page = client.get(reverse("triage_request", args=[case.help_requests.get().id])).content.decode()
    assert 'name="record"' not in triage_page
    assert "locked" in client.get(reverse("case_queue")).content.decode()


@pytest.mark.parametrize("who", ["boris", "eva"])
def test_what_the_lock_hides_does_not_look_erased(cast: Cast, sign_in: SignIn, who: str) -> None:
    case = locked_case(cast)
    page = sign_in(cast.all()[who]).get(reverse("case", args=[case.id])).content.decode()
    hidden = "This case is locked: what is here is not shown."
    for slug in ("connections", "contacts", "sealed"):
        assert hidden in page.split(f'<h2 id="{slug}">', 1)[1].split("</section>", 1)[0], slug
    assert page.count(hidden) == 3
    for erased in ("Nothing is recorded.", "No contact is kept.", "Nothing sealed."):
        assert erased not in page


@pytest.mark.parametrize("who", ["boris", "eva"])
def test_a_locked_case_offers_no_next_stage_and_no_end_of_a_task(cast: Cast, sign_in: SignIn, who: str) -> None:
    case, client = make_case(cast), sign_in(cast.all()[who])
    task = add_task(case, TaskKind.MONEY, START, actor=cast.boris.person, now=START)
    url, offered = reverse("case", args=[case.id]), ("?there=", reverse("end_task", args=[task.id]))
    assert all(one in client.get(url).content.decode() for one in offered)
    locks.lock_case(case, ReasonCode.SAFETY, actor=cast.boris.person, now=START)
    page = client.get(url).content.decode()
    assert not any(one in page for one in offered)
    assert reverse("task", args=[task.id]) in page


def test_a_lead_who_is_somebody_else_lifts_it(cast: Cast, eva: Member, sign_in: SignIn) -> None:
    case = locked_case(cast)
    with pytest.raises(PermissionRefused):
        locks.lift_case_lock(case, actor=cast.boris.person, now=START)
    client = sign_in(eva)
    assert "/lift/" in client.get(reverse("case", args=[case.id])).content.decode()
    assert client.post(reverse("lift_case_lock", args=[case.id]), {"version": case.version}).status_code == 302
    case.refresh_from_db()
    assert case.locked_on is None
    assert audit_verbs()[-1] == AuditVerb.LIFT_CASE_LOCK
    stages.move_case(case, Stage.VERIFICATION, version=case.version, actor=cast.boris.person, now=START)


def test_whoever_locked_does_not_lift(cast: Cast, eva: Member, sign_in: SignIn) -> None:
    case = locked_case(cast, by="eva")
    answer = sign_in(eva).post(reverse("lift_case_lock", args=[case.id]), {"version": case.version})
    assert answer.status_code == 403
    assert "Another lead" in answer.content.decode()
    with pytest.raises(IntegrityError), transaction.atomic():
        CaseLock.objects.update(lifted_by=eva.person, lifted_on=START.date())
    with pytest.raises(IntegrityError), transaction.atomic():
        CaseLock.objects.update(lifted_on=START.date())
    with pytest.raises(IntegrityError), transaction.atomic():
        CaseLock.objects.create(case=case, reason="safety", locked_by=eva.person, locked_on=START.date())
    other = enrol_person("elena", Role.LEAD, actor=None, now=START, words="elena has six words to say").person
    assert locks.lift_case_lock(case, actor=other, now=START).lifted_by == other
    with pytest.raises(PolicyRefused):
        locks.lift_case_lock(case, actor=other, now=START)


def test_locking_through_the_page(cast: Cast, boris: Member, sign_in: SignIn) -> None:
    case, client = make_case(cast), sign_in(boris)
    url = reverse("lock_case", args=[case.id])
    assert client.post(url, {"version": case.version, "reason": "because"}).status_code == 200
    assert client.post(url, {"version": case.version, "reason": "safety"}).status_code == 302
    assert client.post(url, {"version": case.version, "reason": "safety"}).status_code == 403


def test_what_was_typed_when_the_lock_came_stays(cast: Cast, boris: Member, sign_in: SignIn) -> None:
    case, client = make_case(cast), sign_in(boris)
    locks.lock_case(case, ReasonCode.SAFETY, actor=cast.eva.person, now=START)
    answer = client.post(reverse("add_note", args=[case.id]), {"version": case.version, "text": "typed for long"})
    assert answer.status_code == 403
    assert "typed for long" in answer.content.decode()


def test_erasure_goes_on_and_archiving_waits(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    case = make_case(cast)
    closure.close_case(case, Outcome.ADVICE_ONLY, version=case.version, actor=cast.boris.person, now=START)
    locks.lock_case(case, ReasonCode.SAFETY, actor=cast.boris.person, now=START)
    late = START.replace(year=2026)
    assert erasure.archive_due(late, after=late - START) == 0
    Case.objects.filter(id=case.id).update(erasure_due_at=START)
    assert erasure.erase_due(late) == 1
    assert not CaseLock.objects.exists()
    with pytest.raises(PolicyRefused):
        locks.lock_case(Case.objects.get(id=case.id), ReasonCode.SAFETY, actor=cast.boris.person, now=late)
