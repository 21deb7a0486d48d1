"""Merging two cases of one person: everything moves, nothing protective is lost, and it can be taken apart again."""

import datetime as dt
import threading
from typing import Any

import pytest
from django.db import close_old_connections, connection, transaction

from caseworker.actions.circles import admit_member
from caseworker.backups.reading import LedgerLine
from caseworker.exceptions import CaseworkError, PermissionRefused, PolicyRefused, StaleVersion
from requests_app.actions import casework, closure, stages
from requests_app.actions.claims import ask_for_erasure
from requests_app.actions.erasure import erase_case
from requests_app.actions.handovers import Receiver, offer_handover
from requests_app.actions.merging import UNDO_WITHIN, merge_cases, undo_merge
from requests_app.actions.restoring import replay_ledger
from requests_app.actions.retention import erase_texts
from requests_app.actions.tagging import compare_batch
from requests_app.enums import Condition, Outcome, ReasonCode, Stage, Urgency
from requests_app.honeytokens import mark_of
from requests_app.models.access import AccessGrant
from requests_app.models.cases import Case, StageSpell
from requests_app.models.counts import CountCell
from requests_app.models.deadlines import Deadline
from requests_app.models.duplicates import CaseMerge, DuplicateEntry, DuplicatePair
from requests_app.models.erasure import ErasureEntry
from requests_app.models.help_requests import HelpRequest
from requests_app.models.honeytokens import Honeytoken
from requests_app.models.notes import Note
from requests_app.models.sealed import SealedRecord
from requests_app.models.stays import CountryStay
from requests_app.queries.cases import open_case_by_reference
from requests_app.queries.connections import other_end
from requests_app.queries.duplicates import older_first
from requests_app.sealed import open_record
from tests.cast import START, Cast, audit_verbs
from tests.factories import make_case

pytestmark = pytest.mark.django_db


def merge(cast: Cast, younger: Case, older: Case, **kwargs: Any) -> CaseMerge:
    return merge_cases(younger, older, **({"actor": cast.boris.person, "now": START} | kwargs))


def two_cases(cast: Cast, **younger: Any) -> tuple[Case, Case]:
    return make_case(cast), make_case(cast, now=START + dt.timedelta(days=40), **younger)


def snapshot(case: Case) -> tuple[Any, ...]:
    """Return where everything of a case is, and what the case says."""
    case.refresh_from_db()
    return (
        set(HelpRequest.objects.filter(case=case).values_list("id", flat=True)),
        set(Note.objects.filter(case=case).values_list("id", flat=True)),
        set(SealedRecord.objects.filter(owner_id=case.id).values_list("id", flat=True)),
        (case.stage, case.condition, case.urgency, case.outcome, case.is_open, case.owner_id, case.merged_into_id),
    )


def test_everything_moves_and_comes_back(cast: Cast) -> None:
    older, younger = two_cases(cast)
    note = casework.add_note(younger, "fx_note", actor=cast.boris.person, now=START)
    before, cells = (snapshot(older), snapshot(younger)), list(CountCell.objects.values_list("id", "count"))
    done = merge(cast, younger, older)
    assert snapshot(younger)[:3] == (set(), set(), set())
    assert snapshot(older)[0] == before[0][0] | before[1][0]
    assert open_record(SealedRecord.objects.get(owner_id=older.id), keyring=cast.boris.keyring())["text"] == "fx_note"
    younger.refresh_from_db()
    assert (younger.merged_into_id, younger.stage, younger.outcome) == (older.id, "closed", "duplicate")
    later = casework.add_note(older, "fx_later", actor=cast.boris.person, now=START)
    undo_merge(done, actor=cast.boris.person, now=START + UNDO_WITHIN)
    assert snapshot(younger) == before[1]
    assert snapshot(older)[:2] == (before[0][0], {later.id})
    assert Note.objects.get(id=note.id).case_id == younger.id
    assert list(CountCell.objects.values_list("id", "count")) == cells
    assert StageSpell.objects.filter(case=younger, left_on__isnull=True).get().reason == ReasonCode.ENTERED_BY_MISTAKE
    assert [verb for verb in audit_verbs() if "merge" in verb] == ["merge_cases", "undo_merge"]


def test_the_more_urgent_half_wins(cast: Cast) -> None:
    older, younger = two_cases(cast, urgency=Urgency.NOW)
    Case.objects.filter(id=older.id).update(owner=None)
    soonest = min(older.due_at, younger.due_at)
    merge(cast, younger, older)
    older.refresh_from_db()
    assert (older.urgency, older.urgency_rank) == (Urgency.NOW, 0)
    assert older.due_at <= soonest
    assert older.owner_id == cast.boris.person.id


def test_dates_and_stays_move_and_are_counted(cast: Cast) -> None:
    """A typed date of an appeal that stayed behind in a closed case would be missed."""
    older, younger = two_cases(cast)
    appeal = START.date() + dt.timedelta(days=3)
    typed = Deadline.objects.create(case=younger, kind="appeal", due_on=appeal, set_on=START.date())
    stay = CountryStay.objects.create(case=younger, country="KZ", entered_on=START.date())
    Case.objects.filter(id=older.id).update(due_at=START + dt.timedelta(days=50))
    done = merge(cast, younger, older)
    older.refresh_from_db()
    assert {typed.case_id, stay.case_id} == {younger.id}
    typed.refresh_from_db(), stay.refresh_from_db()
    assert {typed.case_id, stay.case_id} == {older.id}
    assert older.due_at.date() <= appeal
    undo_merge(done, actor=cast.boris.person, now=START)
    typed.refresh_from_db(), stay.refresh_from_db(), younger.refresh_from_db()
    assert {typed.case_id, stay.case_id} == {younger.id}
    assert younger.due_at.date() <= appeal


def test_the_older_case_comes_first(cast: Cast) -> None:
    first, second = two_cases(cast)
    assert older_first(second, first) == (first, second)
    same_month = make_case(cast, now=START + dt.timedelta(days=1))
    assert older_first(same_month, first) == (first, same_month)
    StageSpell.objects.filter(case=same_month).delete()
    assert older_first(first, same_month)[0] == same_month


def test_of_cases_of_one_day_the_one_promoted_first_is_older(cast: Cast) -> None:
    made = [make_case(cast) for _ in range(6)]
    for place, case in enumerate(made):
        assert all(older_first(later, case) == (case, later) for later in made[place + 1 :])


def test_a_merged_case_leads_on_and_is_worked_no_more(cast: Cast) -> None:
    older, younger = two_cases(cast)
    oldest = make_case(cast, now=START - dt.timedelta(days=40))
    boris = cast.boris.person
    done = merge(cast, younger, older)
    older.refresh_from_db(), younger.refresh_from_db()
    second = merge(cast, older, oldest)
    assert open_case_by_reference(younger.reference, person=boris, now=START) == oldest
    assert other_end(younger.reference, person=boris, now=START)[1] == oldest
    assert other_end(younger.reference, person=cast.clara.person, now=START) == (None, None)
    for refused in (
        lambda: casework.add_note(younger, "x", actor=boris, now=START),
        lambda: closure.reopen_case(
            younger, ReasonCode.CAME_BACK, version=younger.version, actor=cast.eva.person, now=START
        ),
        lambda: erase_case(younger, actor=cast.eva.person, now=START),
        lambda: undo_merge(done, actor=boris, now=START),
    ):
        with pytest.raises(PolicyRefused):
            refused()
    undo_merge(second, actor=boris, now=START)
    undo_merge(done, actor=boris, now=START)
    assert Case.objects.filter(is_open=True).count() == 3


def test_a_closed_case_goes_into_an_open_one_and_stays_as_it_was(cast: Cast) -> None:
    older, younger = two_cases(cast)
    closure.close_case(younger, Outcome.REFERRED, version=younger.version, actor=cast.boris.person, now=START)
    done = merge(cast, younger, older)
    undo_merge(done, actor=cast.boris.person, now=START)
    younger.refresh_from_db()
    assert (younger.is_open, younger.outcome, younger.merged_into_id) == (False, "referred", None)


def _closed(older: Case, younger: Case, cast: Cast) -> None:
    closure.close_case(older, Outcome.REFERRED, version=older.version, actor=cast.boris.person, now=START)


def _border(older: Case, younger: Case, cast: Cast) -> None:
    Case.objects.filter(id=younger.id).update(stage=Stage.BORDER_CROSSING)


def _compromised(older: Case, younger: Case, cast: Cast) -> None:
    stages.set_condition(younger, Condition.COMPROMISED, version=younger.version, actor=cast.boris.person, now=START)


def _paused(older: Case, younger: Case, cast: Cast) -> None:
    ask_for_erasure(HelpRequest.objects.get(case=younger), now=START)


def _erased(older: Case, younger: Case, cast: Cast) -> None:
    erase_case(younger, actor=cast.eva.person, now=START)


def _other_circle(older: Case, younger: Case, cast: Cast) -> None:
    admit_member(cast.south, cast.boris.person, keyring=cast.clara.keyring(), actor=cast.clara.person, now=START)
    Case.objects.filter(id=younger.id).update(circle=cast.south)


def _offered(older: Case, younger: Case, cast: Cast) -> None:
    to = Receiver(cast.clara.person, cast.south)
    ring = cast.boris.keyring()
    offer_handover(younger, to, ReasonCode.EXPERTISE, keyring=ring, actor=cast.boris.person, now=START)


def _both_abroad(older: Case, younger: Case, cast: Cast) -> None:
    for case in (older, younger):
        CountryStay.objects.create(case=case, country="KZ", entered_on=START.date(), left_on=START.date())


def _locked(older: Case, younger: Case, cast: Cast) -> None:
    Case.objects.filter(id=older.id).update(locked_on=START.date())


def _planted(older: Case, younger: Case, cast: Cast) -> None:
    Honeytoken.objects.create(mark=mark_of(older.id))


@pytest.mark.parametrize(
    "change",
    [_locked, _both_abroad, _offered, _closed, _border, _compromised, _paused, _erased, _other_circle],
)
def test_what_protects_somebody_is_not_merged_away(cast: Cast, change: Any) -> None:
    older, younger = two_cases(cast)
    change(older, younger, cast)
    older.refresh_from_db(), younger.refresh_from_db()
    with pytest.raises(PolicyRefused):
        merge(cast, younger, older)
    assert not CaseMerge.objects.exists()


def test_a_planted_case_is_not_merged_and_nothing_false_is_said_of_it(cast: Cast) -> None:
    older, younger = two_cases(cast)
    _planted(older, younger, cast)
    with pytest.raises(StaleVersion):
        merge(cast, younger, older)
    assert not CaseMerge.objects.exists()


def test_a_case_at_a_border_that_is_not_mine_is_not_merged(cast: Cast) -> None:
    older, younger = two_cases(cast)
    Case.objects.filter(id=younger.id).update(stage=Stage.BORDER_CROSSING, owner=None)
    with pytest.raises(PolicyRefused):
        merge(cast, younger, older)


def test_only_coordinators_of_the_circle_merge_and_undo(cast: Cast) -> None:
    older, younger = two_cases(cast)
    for who, refusal in ((cast.clara, PolicyRefused), (cast.eva, PermissionRefused), (cast.mallory, PermissionRefused)):
        with pytest.raises(refusal):
            merge(cast, younger, older, actor=who.person)
    done = merge(cast, younger, older)
    for who, refusal in ((cast.clara, PolicyRefused), (cast.eva, PermissionRefused)):
        with pytest.raises(refusal):
            undo_merge(done, actor=who.person, now=START)
    admit_member(cast.north, cast.clara.person, keyring=cast.boris.keyring(), actor=cast.boris.person, now=START)
    assert undo_merge(done, actor=cast.clara.person, now=START) == younger
    with pytest.raises(StaleVersion):
        undo_merge(done, actor=cast.boris.person, now=START)


def test_what_was_granted_on_the_merged_case_ends(cast: Cast) -> None:
    older, younger = two_cases(cast)
    AccessGrant.objects.create(
        case=younger,
        person=cast.clara.person,
        scope="coded",
        granted_by=cast.eva.person,
        reason="other",
        expires_at=START + dt.timedelta(days=9),
    )
    merge(cast, younger, older)
    assert not AccessGrant.objects.exists()


def test_after_thirty_days_or_at_a_border_nothing_is_undone(cast: Cast) -> None:
    older, younger = two_cases(cast)
    done = merge(cast, younger, older)
    with pytest.raises(PolicyRefused):
        undo_merge(done, actor=cast.boris.person, now=START + UNDO_WITHIN + dt.timedelta(days=1))
    Case.objects.filter(id=older.id).update(stage=Stage.BORDER_CROSSING, owner=None)
    with pytest.raises(PolicyRefused):
        undo_merge(done, actor=cast.boris.person, now=START)


def test_an_undone_merge_is_asked_about_again(cast: Cast) -> None:
    older, younger = two_cases(cast)
    compare_batch(cast.north, keyring=cast.boris.keyring(), actor=cast.boris.person, now=START)
    done = merge(cast, younger, older)
    pair = DuplicatePair.objects.get()
    assert (pair.decision, pair.decided_by) == ("same", cast.boris.person)
    undo_merge(done, actor=cast.boris.person, now=START)
    assert DuplicatePair.objects.undecided().get() == pair


def test_erasing_the_surviving_case_erases_those_that_went_into_it(cast: Cast) -> None:
    older, younger = two_cases(cast, country="KZ")
    oldest = make_case(cast, now=START - dt.timedelta(days=40))
    merge(cast, younger, older)
    older.refresh_from_db()
    merge(cast, older, oldest)
    oldest.refresh_from_db()
    erase_case(oldest, actor=cast.eva.person, now=START)
    for case in Case.objects.all():
        assert (case.erased_on, case.country, case.outcome) == (START.date(), "XX", "erased_on_request")
    assert not SealedRecord.objects.exists()
    assert not StageSpell.objects.exists()
    assert not CaseMerge.objects.exists()
    assert ErasureEntry.objects.count() == 6


def test_a_restored_merge_does_not_keep_somebody_who_was_erased_apart(cast: Cast) -> None:
    """The backup is from while two cases were merged; since then the merge was undone and one of the two people erased."""
    older, younger = two_cases(cast)
    oldest = make_case(cast, now=START - dt.timedelta(days=40))
    note = casework.add_note(younger, "fx_note", actor=cast.boris.person, now=START)
    request = HelpRequest.objects.get(case=younger)
    younger.refresh_from_db()
    merge(cast, younger, older)
    older.refresh_from_db()
    merge(cast, older, oldest)
    lines = [
        LedgerLine("case", younger.id, START.date(), None),
        LedgerLine("help_request", request.id, START.date(), None),
    ]
    assert replay_ledger(lines, now=START) == 1
    assert set(Case.objects.filter(erased_on__isnull=False)) == {younger}
    assert HelpRequest.objects.get(id=request.id).erased_on == START.date()
    assert not Note.objects.filter(id=note.id).exists()
    assert SealedRecord.objects.count() == 2


def test_the_emptied_case_is_erased_by_itself_and_nobody_with_it(cast: Cast) -> None:
    """Two years after, retention erases what is left of a merged case; neither that nor a restore touches the person, who lives on in the other."""
    older, younger = two_cases(cast)
    merge(cast, younger, older)
    younger.refresh_from_db()
    with transaction.atomic():
        erase_case(younger, actor=None, now=START)
        assert HelpRequest.objects.filter(case=older, erased_on__isnull=True).count() == 2
        transaction.set_rollback(True)
    assert replay_ledger([LedgerLine("case", younger.id, START.date(), None)], now=START) == 1
    assert set(Case.objects.filter(erased_on__isnull=False)) == {younger}
    assert HelpRequest.objects.filter(case=older, erased_on__isnull=True).count() == 2


def test_texts_that_are_past_their_time_take_the_pairs_along(cast: Cast) -> None:
    case, _other = two_cases(cast)
    compare_batch(cast.north, keyring=cast.boris.keyring(), actor=cast.boris.person, now=START)
    closure.close_case(case, Outcome.REFERRED, version=case.version, actor=cast.boris.person, now=START)
    erase_texts(case, actor=None, now=START)
    assert not DuplicatePair.objects.exists()
    assert DuplicateEntry.objects.count() == 1


def test_a_case_changed_meanwhile_is_not_merged(cast: Cast) -> None:
    older, younger = two_cases(cast)
    Case.objects.filter(id=older.id).update(version=older.version + 1)
    with pytest.raises(StaleVersion):
        merge(cast, younger, older)


@pytest.mark.django_db(transaction=True)
def test_of_two_merges_in_opposite_directions_one_succeeds(cast: Cast) -> None:
    one, other = two_cases(cast)
    won, lost, barrier = [], [], threading.Barrier(2)

    def run(first: Case, second: Case) -> None:
        mine = Case.objects.get(id=first.id), Case.objects.get(id=second.id)
        barrier.wait()
        try:
            won.append(merge(cast, *mine))
        except CaseworkError as refusal:
            lost.append(type(refusal))
        finally:
            close_old_connections()
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in ((one, other), (other, one))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(won), lost) == (1, [StaleVersion])
    assert Case.objects.filter(merged_into__isnull=False).count() == 1
    assert audit_verbs().count("merge_cases") == 1
