"""What is past its time goes, what something stands against stays, and what is left says months only."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import FieldError
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from caseworker.exceptions import PermissionRefused, PolicyRefused, StaleVersion
from requests_app import tasks
from requests_app.actions import casework, closure, deadlines, honeytokens, retention, reveals, triage
from requests_app.actions.claims import ask_for_erasure
from requests_app.actions.erasure import archive_due, erase_case
from requests_app.actions.intake import SealedTexts, add_correction
from requests_app.actions.retention import erase_texts, lift_hold, set_hold, sweep_due
from requests_app.clock_codes import DeadlineKind
from requests_app.clocks import ARCHIVE_AFTER_CLOSING
from requests_app.enums import GrantScope, HandoverState, Outcome, ReasonCode
from requests_app.models.access import AccessGrant, VerificationCheck
from requests_app.models.cases import Case, StageSpell
from requests_app.models.contacts import ContactPoint
from requests_app.models.deadlines import Deadline
from requests_app.models.erasure import ErasureEntry
from requests_app.models.handovers import Handover
from requests_app.models.help_requests import HelpRequest
from requests_app.models.notes import Note
from requests_app.models.retention import RetentionHold
from requests_app.models.sealed import RecordKey, SealedField, SealedRecord
from requests_app.queries.retention import blocked_count, unblocked
from requests_app.retention import RULES, Effect, HoldReason, RuleCode
from tests.cast import START, Cast, Member, audit_verbs
from tests.factories import make_case, make_request, verify_case

pytestmark = pytest.mark.django_db
SignIn = Callable[[Member], Client]


def after(days: int) -> dt.datetime:
    return START + dt.timedelta(days=days)


def closed_case(cast: Cast, outcome: Outcome = Outcome.ADVICE_ONLY) -> Case:
    case = make_case(cast)
    casework.add_note(case, "fx_note", actor=cast.boris.person, now=START)
    return closure.close_case(case, outcome, version=case.version, actor=cast.boris.person, now=START)


def correct(cast: Cast, case: Case, now: dt.datetime) -> Note:
    help_request = HelpRequest.objects.filter(case=case).get()
    return add_correction(help_request, SealedTexts(story="fx_more"), actor=cast.anna.person, now=now)


def read(cast: Cast, note: Note, case: Case, now: dt.datetime) -> None:
    reveals.reveal_record(
        note.record,
        case=case,
        reason=ReasonCode.CONTACT_PERSON,
        keyring=cast.boris.keyring(),
        actor=cast.boris.person,
        now=now,
    )


@pytest.mark.parametrize(
    ("code", "since", "last"),
    [
        (RuleCode.PROBE, dt.date(2025, 3, 3), dt.date(2025, 3, 10)),
        (RuleCode.DECIDED, dt.date(2025, 3, 3), dt.date(2025, 4, 2)),
        (RuleCode.TEXTS, dt.date(2025, 6, 1), dt.date(2025, 6, 1)),
        (RuleCode.RECORD, dt.date(2025, 3, 1), dt.date(2027, 3, 31)),
        (RuleCode.RECORD, dt.date(2025, 12, 1), dt.date(2027, 12, 31)),
    ],
)
def test_a_rule_lets_its_last_day_pass_whole(code: RuleCode, since: dt.date, last: dt.date) -> None:
    rule = RULES[code]
    assert rule.last_day(since) == last
    assert rule.newest_due(last) < since <= rule.newest_due(last + dt.timedelta(days=1))


@settings(deadline=None)
@given(since=st.dates(dt.date(2000, 1, 1), dt.date(2100, 1, 1)), days=st.integers(0, 1000))
@pytest.mark.parametrize("code", list(RuleCode))
def test_both_readings_of_a_rule_agree(code: RuleCode, since: dt.date, days: int) -> None:
    rule = RULES[code]
    since = since.replace(day=1) if rule.months else since
    day = since + dt.timedelta(days=days)
    assert (since <= rule.newest_due(day)) == (rule.last_day(since) < day)


@pytest.mark.parametrize(
    ("decide", "days"),
    [
        (triage.mark_suspected_probe, 7),
        (triage.advise_request, 30),
        (triage.decline_request, 30),
        (triage.mark_duplicate, 30),
    ],
)
def test_a_decided_request_goes_after_its_days(cast: Cast, decide: Callable[..., object], days: int) -> None:
    kept, gone = make_request(cast), make_request(cast)
    decide(gone, actor=cast.boris.person, now=START)
    assert sweep_due(after(days)) == 0
    assert sweep_due(after(days + 1)) == 1
    assert list(SealedRecord.objects.values_list("owner_id", flat=True)) == [kept.id]
    assert ErasureEntry.objects.get().subject_id == gone.id
    assert HelpRequest.objects.get(id=gone.id).erased_on == after(days + 1).date()
    assert sweep_due(after(days + 400)) == 0


@pytest.mark.parametrize(("outcome", "days"), [(Outcome.ADVICE_ONLY, 90), (Outcome.SAFE_ABROAD, 180)])
def test_texts_of_a_closed_case_go_and_its_codes_stay(cast: Cast, outcome: Outcome, days: int) -> None:
    case = closed_case(cast, outcome)
    assert sweep_due(after(days)) == 0
    assert SealedRecord.objects.exists()
    assert sweep_due(after(days + 1)) == 1
    for table in (SealedRecord, SealedField, RecordKey, ContactPoint, Note):
        assert not table.objects.exists(), table
    left = Case.objects.get()
    assert (left.outcome, left.reference, left.category) == (outcome, case.reference, case.category)
    assert (left.erase_after, left.erased_on) == (None, None)
    assert left.texts_erased_on == after(days + 1).date().replace(day=1)
    assert not ErasureEntry.objects.exists()
    assert audit_verbs()[-1] == "erase_texts"


def test_what_stays_after_the_texts_says_months_only(cast: Cast) -> None:
    case = make_case(cast)
    verify_case(cast, case)
    boris = cast.boris.person
    dated = deadlines.set_deadline(
        case, DeadlineKind.APPEAL, after(20).date(), version=case.version, actor=boris, now=START
    )
    Deadline.objects.filter(id=dated.id).update(done_on=after(10).date(), ended_as="done")
    Case.objects.update(contacted_at=after(1))
    person = {"case": case, "person": cast.clara.person, "granted_by": cast.eva.person, "reason": ReasonCode.OTHER}
    person["scope"] = GrantScope.CODED
    AccessGrant.objects.create(**person, expires_at=after(9))
    AccessGrant.objects.create(**person, expires_at=after(900))
    offered = {"case": case, "offered_by": boris, "to_person": cast.clara.person, "to_circle": cast.north}
    offered["reason"] = ReasonCode.HANDOVER
    Handover.objects.create(
        **offered, state=HandoverState.DECLINED, answered_on=START.date(), offered_at=START, expires_at=after(1)
    )
    case.refresh_from_db()
    closure.close_case(case, Outcome.ADVICE_ONLY, version=case.version, actor=boris, now=after(11))
    assert sweep_due(after(110)) == 1
    left = Case.objects.get()
    days = [
        left.touched_on,
        left.contacted_at,
        left.clock_started_at,
        left.condition_at,
        left.moved_at,
        left.texts_erased_on,
    ]
    for table, names in (
        (StageSpell, ("entered_on", "left_on")),
        (VerificationCheck, ("checked_on",)),
        (Deadline, ("set_on", "due_on", "done_on")),
        (HelpRequest, ("received_on", "decided_on")),
    ):
        assert table.objects.exists()
        days += [getattr(row, name) for row in table.objects.all() for name in names]
    assert {day.day for day in days if day is not None} == {1}
    assert not Handover.objects.exists()
    assert AccessGrant.objects.get().expires_at == after(900)


def test_the_record_goes_after_24_months_and_leaves_the_ledger_line(cast: Cast) -> None:
    case = closed_case(cast)
    sweep_due(after(91))
    last = dt.datetime(2027, 3, 31, 23, 0, tzinfo=dt.UTC)
    assert sweep_due(last) == 0
    assert sweep_due(last + dt.timedelta(hours=2)) == 1
    left = Case.objects.get()
    assert (left.codename, left.owner, left.texts_erased_on) == ("—", None, None)
    assert ErasureEntry.objects.filter(subject_id=case.id).exists()
    assert not StageSpell.objects.exists()


def test_ten_silent_days_and_a_silent_year_change_nothing(cast: Cast) -> None:
    closed_case(cast)
    assert sweep_due(after(101)) == 1
    assert sweep_due(after(101)) == 0
    other = closed_case(cast)
    assert sweep_due(after(900)) == 3, "the texts of the one, and what is left of both"
    assert Case.objects.get(id=other.id).erased_on is not None


def hold(cast: Cast, case: Case, now: dt.datetime) -> None:
    until = now.date() + dt.timedelta(days=180)
    set_hold(case, HoldReason.COURT_CASE, until, version=case.version, actor=cast.eva.person, now=now)


def date(_cast: Cast, case: Case, now: dt.datetime) -> None:
    Deadline.objects.create(case=case, kind=DeadlineKind.APPEAL, due_on=now.date(), set_on=START.date())


def offer(cast: Cast, case: Case, now: dt.datetime) -> None:
    Handover.objects.create(
        case=case,
        offered_by=cast.boris.person,
        to_person=cast.clara.person,
        to_circle=cast.north,
        reason=ReasonCode.HANDOVER,
        offered_at=now,
        expires_at=now + dt.timedelta(days=1),
    )


BLOCKS: dict[str, Callable[[Cast, Case, dt.datetime], object]] = {
    "Held by a lead": hold,
    "A date is open": date,
    "Locked": lambda _cast, case, now: Case.objects.filter(id=case.id).update(locked_on=now.date()),
    "Offered to somebody": offer,
    "A message that nobody has read": correct,
}
UNBLOCKS: dict[str, Callable[[Cast, Case, dt.datetime], object]] = {
    "Held by a lead": lambda cast, case, now: lift_hold(case, version=case.version, actor=cast.eva.person, now=now),
    "A date is open": lambda _cast, _case, now: Deadline.objects.update(done_on=now.date(), ended_as="done"),
    "Locked": lambda _cast, _case, _now: Case.objects.update(locked_on=None),
    "Offered to somebody": lambda _cast, _case, now: Handover.objects.update(expires_at=now),
    "A message that nobody has read": lambda cast, case, now: read(
        cast, Note.objects.get(help_request__isnull=False), case, now
    ),
}


@pytest.mark.parametrize("label", list(BLOCKS))
@pytest.mark.parametrize("days", [95, 800])
def test_nothing_goes_while_something_stands_against_it(
    cast: Cast, sign_in: SignIn, label: str, days: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, now = closed_case(cast), after(days)
    monkeypatch.setattr("caseworker.clock.now", lambda: now)
    BLOCKS[label](cast, case, now)
    before = SealedRecord.objects.count()
    assert sweep_due(now) == 0
    assert SealedRecord.objects.count() == before
    assert blocked_count(now) == 1
    page = sign_in(cast.eva).get(reverse("retention")).content.decode()
    assert label in page
    assert case.reference in page
    case.refresh_from_db()
    UNBLOCKS[label](cast, case, now)
    assert sweep_due(now) >= 1
    assert not SealedRecord.objects.exists()


def test_an_unread_correction_keeps_a_decided_request_too(cast: Cast) -> None:
    help_request = make_request(cast)
    triage.mark_suspected_probe(help_request, actor=cast.boris.person, now=START)
    note = add_correction(help_request, SealedTexts(story="fx_more"), actor=cast.anna.person, now=after(1))
    assert sweep_due(after(8)) == 0
    reveals.reveal_record(
        note.record,
        case=None,
        reason=ReasonCode.ASSESS_REQUEST,
        keyring=cast.boris.keyring(),
        actor=cast.boris.person,
        now=after(8),
    )
    assert sweep_due(after(8)) == 1


def test_a_case_with_an_unread_message_is_not_archived_either(cast: Cast) -> None:
    case = closed_case(cast, Outcome.SAFE_ABROAD)
    note = correct(cast, case, after(1))
    assert archive_due(after(91), after=ARCHIVE_AFTER_CLOSING) == 0
    read(cast, note, case, after(91))
    assert archive_due(after(91), after=ARCHIVE_AFTER_CLOSING) == 1


def test_what_comes_after_the_texts_went_is_kept_until_read(cast: Cast) -> None:
    case = closed_case(cast)
    sweep_due(after(91))
    case.refresh_from_db()
    with pytest.raises(PolicyRefused):
        casework.add_note(case, "fx_late", actor=cast.boris.person, now=after(92))
    note = correct(cast, case, after(92))
    assert sweep_due(after(93)) == 0
    assert archive_due(after(93), after=ARCHIVE_AFTER_CLOSING) == 0
    read(cast, note, case, after(93))
    assert sweep_due(after(93)) == 1
    assert not SealedRecord.objects.exists()


def test_a_case_whose_texts_went_is_reopened_and_keeps_new_ones(cast: Cast) -> None:
    case = closed_case(cast)
    sweep_due(after(91))
    case.refresh_from_db()
    now = after(92)
    closure.reopen_case(case, ReasonCode.CAME_BACK, version=case.version, actor=cast.eva.person, now=now)
    casework.add_note(case, "fx_new", actor=cast.boris.person, now=now)
    assert sweep_due(after(400)) == 0
    closure.close_case(case, Outcome.ADVICE_ONLY, version=case.version, actor=cast.boris.person, now=after(400))
    assert sweep_due(after(490)) == 0
    assert sweep_due(after(491)) == 1
    assert not SealedRecord.objects.exists()


def test_who_asked_to_be_erased_is_left_to_that_wish(cast: Cast) -> None:
    case = closed_case(cast)
    ask_for_erasure(HelpRequest.objects.get(), now=after(90))
    assert sweep_due(after(91)) == 0
    case.refresh_from_db()
    with pytest.raises(PolicyRefused):
        erase_texts(case, actor=None, now=after(91))


def test_a_stopped_sweep_leaves_each_case_whole_and_the_next_does_the_rest(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    cases = [closed_case(cast) for _ in range(3)]
    destroy, calls = retention._coarsen, []

    def dies(case: Case, now: dt.datetime) -> None:
        calls.append(case)
        if len(calls) == 2:
            raise FieldError
        destroy(case, now)

    monkeypatch.setattr(retention, "_coarsen", dies)
    with pytest.raises(FieldError):
        sweep_due(after(91))
    whole = [Case.objects.get(id=one.id).texts_erased_on is None for one in cases]
    kept = [SealedRecord.objects.filter(owner_id=one.id).exists() for one in cases]
    assert whole == kept
    assert sum(kept) == 2
    assert sweep_due(after(91)) == 2


def test_one_that_fails_keeps_nothing_else_from_its_time(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    cases = sorted((closed_case(cast), closed_case(cast)), key=lambda case: case.id)

    def stuck(case: Case, **kwargs: Any) -> int:
        if case.id == cases[0].id:
            raise StaleVersion
        return erase_texts(case, **kwargs)

    monkeypatch.setitem(retention.EFFECTS, Effect.TEXTS, stuck)  # type: ignore[arg-type]
    with pytest.raises(StaleVersion):
        sweep_due(after(91))
    assert list(Case.objects.filter(texts_erased_on__isnull=False)) == cases[1:]


def test_what_was_blocked_or_gone_meanwhile_is_passed_over(cast: Cast) -> None:
    case = closed_case(cast)
    rule = RULES[RuleCode.TEXTS]
    hold(cast, case, after(91))
    assert retention._sweep_one(rule, case.id, after(91)) == 0
    assert SealedRecord.objects.exists()
    erase_case(case, actor=cast.eva.person, now=after(92))
    assert not RetentionHold.objects.exists()


def test_a_hold_is_a_leads_and_ends_by_itself(cast: Cast) -> None:
    case, eva = closed_case(cast), cast.eva.person
    for until in (START.date(), after(181).date()):
        with pytest.raises(PolicyRefused):
            set_hold(case, HoldReason.SAFETY, until, version=case.version, actor=eva, now=START)
    with pytest.raises(PermissionRefused):
        set_hold(case, HoldReason.SAFETY, after(9).date(), version=1, actor=cast.boris.person, now=START)
    with pytest.raises(PermissionRefused):
        lift_hold(case, version=1, actor=cast.boris.person, now=START)
    with pytest.raises(PolicyRefused):
        lift_hold(case, version=case.version, actor=eva, now=START)
    with pytest.raises(StaleVersion):
        set_hold(case, HoldReason.SAFETY, after(9).date(), version=1, actor=eva, now=START)
    set_hold(case, HoldReason.SAFETY, after(9).date(), version=case.version, actor=eva, now=START)
    set_hold(case, HoldReason.COMPLAINT, after(100).date(), version=case.version, actor=eva, now=after(1))
    assert RetentionHold.objects.filter(lifted_on__isnull=True).get().reason == HoldReason.COMPLAINT
    assert sweep_due(after(100)) == 0
    assert sweep_due(after(101)) == 1
    assert audit_verbs().count("set_hold") == 2
    with pytest.raises(IntegrityError), transaction.atomic():
        RetentionHold.objects.create(case=case, reason="fx", set_on=START.date(), until=after(1).date())


def test_a_hold_is_set_seen_and_lifted_on_the_case(
    cast: Cast, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = closed_case(cast)
    monkeypatch.setattr("caseworker.clock.now", lambda: START)
    client, page = sign_in(cast.eva), reverse("case", args=[case.id])
    assert "Hold back from erasure" in client.get(page).content.decode()
    assert "Hold back from erasure" not in sign_in(cast.boris).get(page).content.decode()
    typed = {"reason": HoldReason.COURT_CASE, "until": "2026-03-03", "version": case.version}
    refused = client.post(page + "hold/", typed)
    assert refused.status_code == 403
    assert "at most 180 days ahead" in refused.content.decode()
    assert "2026-03-03" in refused.content.decode()
    assert client.post(page + "hold/", typed | {"until": "2025-06-03"})["Location"] == page
    shown = client.get(page).content.decode()
    assert "Held back from erasure until 3 June 2025" in shown
    assert "<dt>Contacts are erased after</dt><dd>3 June 2025</dd>" in shown
    row = client.get(reverse("case_queue"), {"queue": "closed"}).content.decode()
    assert "contacts erased after 1 June 2025" in row
    assert "held until 3 June 2025" in row
    assert "no date" not in row
    assert "Lift the hold" in shown
    case.refresh_from_db()
    assert client.post(page + "hold/lift/", {"version": case.version})["Location"] == page
    lifted = client.get(page).content.decode()
    assert "Lift the hold" not in lifted
    assert "<dt>Contacts are erased after</dt><dd>1 June 2025</dd>" in lifted
    assert "held until" not in client.get(reverse("case_queue"), {"queue": "closed"}).content.decode()


def test_the_date_stands_there_before_closing_and_before_reopening(
    cast: Cast, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("caseworker.clock.now", lambda: START)
    case = make_case(cast)
    client, page = sign_in(cast.eva), reverse("case", args=[case.id])
    shown = client.get(page).content.decode()
    for day in ("1 June 2025", "30 August 2025"):
        assert day in shown
    closure.close_case(case, Outcome.SAFE_ABROAD, version=case.version, actor=cast.eva.person, now=START)
    assert "The erasure after 30 August 2025 is called off" in client.get(page).content.decode()
    sweep_due(after(181))
    shown = client.get(page).content.decode()
    assert "The old texts are gone" in shown
    assert "were erased in 2025-08" in shown
    assert "Add a note" not in shown


def test_the_page_says_what_goes_when(cast: Cast, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    case, lone = closed_case(cast), make_request(cast)
    triage.decline_request(lone, actor=cast.boris.person, now=after(50))
    for days, shown in ((76, False), (77, True)):
        now = after(days)
        monkeypatch.setattr("caseworker.clock.now", lambda now=now: now)
        page = sign_in(cast.eva).get(reverse("retention")).content.decode()
        assert (case.reference in page) is shown
        assert lone.reference in page
    assert "erased after its last day" in page
    monkeypatch.setattr("caseworker.clock.now", lambda: after(91))
    assert "erased tonight" in sign_in(cast.eva).get(reverse("retention")).content.decode()


def test_a_honeytoken_is_never_swept_and_never_listed(cast: Cast, sign_in: SignIn) -> None:
    texts = SealedTexts("@fx_planted_heron_0001", "Полынь", "fx_story")
    planted = honeytokens.plant_honeytoken(cast.north, texts, actor=cast.sofia.person, now=START)
    closed = {
        "stage": "closed",
        "outcome": "advice_only",
        "is_open": False,
        "closed_month": START.date().replace(day=1),
    }
    Case.objects.filter(id=planted.id).update(**closed, erase_after=after(1).date())
    assert sweep_due(after(900)) == 0
    assert SealedRecord.objects.exists()
    assert Case.objects.get().erased_on is None
    assert planted.reference not in sign_in(cast.eva).get(reverse("retention")).content.decode()


def test_the_nightly_job_sweeps(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    closed_case(cast)
    monkeypatch.setattr("caseworker.clock.now", lambda: after(91))
    tasks.sweep_retention()
    tasks.sweep_retention()
    assert not SealedRecord.objects.exists()


LIVES = st.lists(st.tuples(st.sets(st.sampled_from(sorted(BLOCKS))), st.integers(0, 820)), min_size=1, max_size=3)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lives=LIVES)
def test_whatever_stands_nothing_blocked_goes_and_nothing_due_stays(
    cast: Cast, lives: list[tuple[set[str], int]]
) -> None:
    with transaction.atomic():
        now = after(max(days for _blocks, days in lives))
        made = [(closed_case(cast), blocks) for blocks, _days in lives]
        for case, blocks in made:
            for label in sorted(blocks):
                BLOCKS[label](cast, case, now)
                case.refresh_from_db()
        sweep_due(now)
        for case, blocks in made:
            left = Case.objects.get(id=case.id)
            touched = left.texts_erased_on is not None or left.erased_on is not None
            assert touched == (not blocks and now > after(90))
        assert not any(unblocked(rule, now).exists() for rule in RULES.values())
        assert sweep_due(now) == 0
        transaction.set_rollback(True)
