"""Duplicates by sealed tags: tagged in batches, compared across versions of a key, decided by people, gone with the person."""

import datetime as dt
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, close_old_connections, connection, transaction
from django.test import Client
from django.urls import reverse

from caseworker.actions.circle_keys import open_own_grants
from caseworker.actions.circles import admit_member, renew_circle
from caseworker.enums import CircleKeyState
from caseworker.exceptions import CaseworkError, PermissionRefused, PolicyRefused, StaleVersion
from caseworker.models.accounts import Caseworker
from caseworker.models.keys import CircleGrant, CircleKey
from caseworker.scrubbing import ERASED_FROM
from requests_app import sealed_tags
from requests_app.actions import closure, duplicates, tagging
from requests_app.actions.claims import ask_for_erasure, keep_after_all
from requests_app.actions.erasure import archive_case, erase_case, erase_due, erase_request
from requests_app.actions.handovers import Receiver, accept_handover, offer_handover
from requests_app.actions.intake import IntakeData, SealedTexts, add_correction, log_request
from requests_app.actions.rotation import rotate_for, rotate_step
from requests_app.actions.same_person import adopt_duplicates
from requests_app.actions.searching import search_tags
from requests_app.actions.tagging import Compared, compare_batch, compare_for, continue_comparing
from requests_app.actions.triage import advise_request, mark_duplicate, promote_request
from requests_app.duplicate_codes import PairDecision, TagKind
from requests_app.enums import Outcome, ReasonCode
from requests_app.models.cases import Case
from requests_app.models.counts import CountCell
from requests_app.models.duplicates import CaseMerge, DuplicateEntry, DuplicatePair
from requests_app.models.help_requests import HelpRequest
from requests_app.models.sealed import RecordKey, SealedField, SealedRecord
from requests_app.normalize import forms_of
from requests_app.queries.duplicates import pairs_to_decide
from tests.cast import START, Cast, Member, audit_verbs

pytestmark = pytest.mark.django_db
SignIn = Callable[[Member], Client]
PHONE, SAME_PHONE, HANDLE = "+44 7700 900123", "0044 (7700) 900-123", "@fx_grove_heron"


def log(cast: Cast, contacts: str, name: str = "", *, now: dt.datetime = START) -> HelpRequest:
    receipt = log_request(IntakeData(texts=SealedTexts(contacts, name, "")), actor=cast.anna.person, now=now)
    return HelpRequest.objects.get(id=receipt.help_request_id)


def compare(cast: Cast, member: Member | None = None, **kwargs: Any) -> Compared:
    who = member or cast.boris
    return compare_batch(cast.north, keyring=who.keyring(), actor=who.person, now=START, **kwargs)


def renew(cast: Cast) -> None:
    renew_circle(cast.north, keyring=cast.boris.keyring(), actor=cast.boris.person, now=START)


def signals() -> list[list[str]]:
    return [pair.signals for pair in DuplicatePair.objects.order_by("found_on", "id")]


def found(cast: Cast, typed: str) -> set[Any]:
    answer = search_tags(typed, keyring=cast.boris.keyring(), actor=cast.boris.person, now=START)
    return set(answer.hits)


def promoted(cast: Cast, help_request: HelpRequest) -> Case:
    help_request.refresh_from_db()
    return promote_request(help_request, actor=cast.boris.person, now=START)


def decide(cast: Cast, decision: PairDecision, pair: DuplicatePair | None = None) -> Any:
    return duplicates.decide_pair(pair or DuplicatePair.objects.get(), decision, actor=cast.boris.person, now=START)


# -- tagging and pairs ----------------------------------------------------------------------------------------------------------------------


def test_the_same_phone_in_another_spelling_makes_a_pair(cast: Cast) -> None:
    first, second, other = log(cast, PHONE, "Тихий"), log(cast, SAME_PHONE, "Tikhiy"), log(cast, "+44 7700 900999")
    assert compare(cast) == Compared(3, 1)
    pair = DuplicatePair.objects.get()
    assert {pair.low_id, pair.high_id} == {first.id, second.id}
    assert pair.low_id < pair.high_id
    assert pair.signals == ["phone", "name"]
    assert compare(cast) == Compared(0, 0)
    assert audit_verbs().count("compare_requests") == 1
    assert DuplicateEntry.objects.filter(help_request=other).count() == 1


@pytest.mark.parametrize(
    ("first", "second", "kind"),
    [
        (PHONE, f"WhatsApp {SAME_PHONE}", "phone"),
        (HANDLE, "https://t.me/FX_grove_heron", "telegram"),
        ("fx_a@example.org", "FX_A@Example.org", "email"),
        ("fx_name.01", "Signal: FX_Name.01", "signal"),
    ],
)
def test_every_kind_of_contact_makes_a_pair(cast: Cast, first: str, second: str, kind: str) -> None:
    log(cast, first), log(cast, second)
    compare(cast)
    assert signals() == [[kind]]


def test_a_name_of_several_words_makes_a_pair_and_a_first_name_does_not(cast: Cast) -> None:
    for contact, name in (("+44 7700 900001", "Саша"), ("+44 7700 900002", "Sasha"), ("+44 7700 900003", "Пётр Ёж")):
        log(cast, contact, name)
    log(cast, "+44 7700 900004", "Yozh, Pyotr")
    compare(cast)
    assert signals() == [["name"]]


def test_every_one_of_many_contacts_counts(cast: Cast) -> None:
    """Six phones are six rows of one record; the last one is found like the first."""
    log(cast, "\n".join(f"+44 7700 90010{n}" for n in range(6)))
    compare(cast)
    assert DuplicateEntry.objects.count() == 6
    log(cast, "+44 7700 900105")
    assert compare(cast) == Compared(1, 1)


def test_a_correction_adds_contacts(cast: Cast) -> None:
    first, second = log(cast, PHONE), log(cast, HANDLE)
    compare(cast)
    assert signals() == []
    add_correction(second, SealedTexts(SAME_PHONE, "", ""), actor=cast.anna.person, now=START)
    assert compare(cast) == Compared(1, 1)
    add_correction(first, SealedTexts(HANDLE, "", ""), actor=cast.anna.person, now=START)
    assert compare(cast) == Compared(1, 0)
    assert signals() == [["phone", "telegram"]]


def test_different_is_remembered(cast: Cast) -> None:
    log(cast, PHONE), log(cast, PHONE)
    compare(cast)
    decide(cast, PairDecision.DIFFERENT)
    renew(cast)
    DuplicateEntry.objects.all().delete()
    assert compare(cast) == Compared(2, 0)
    pair = DuplicatePair.objects.get()
    assert (pair.decision, pair.decided_by, pair.signals) == ("different", cast.boris.person, ["phone"])
    assert not DuplicatePair.objects.visible_to(cast.boris.person, now=START).undecided().exists()


def test_requests_of_one_case_make_no_pair(cast: Cast) -> None:
    first, second = log(cast, PHONE), log(cast, PHONE)
    case = promoted(cast, first)
    HelpRequest.objects.filter(id=second.id).update(case=case, decision="link", state="accepted", decided_on=START)
    assert compare(cast) == Compared(2, 0)


def test_a_contact_in_many_requests_makes_few_pairs(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tagging, "MOST_PARTNERS", 2)
    for _ in range(6):
        log(cast, PHONE)
    compare(cast)
    assert 6 <= DuplicatePair.objects.count() <= 12
    assert len(found(cast, PHONE)) == 6


def test_batches_are_cut_and_go_on(cast: Cast) -> None:
    for _ in range(3):
        log(cast, PHONE)
    assert compare(cast, limit=2).records == 2
    assert compare(cast, limit=2).records == 1
    assert DuplicatePair.objects.count() == 3


def test_unlocking_compares(cast: Cast, boris: Member, sign_in: SignIn) -> None:
    log(cast, PHONE), log(cast, PHONE)
    sign_in(boris)
    assert signals() == [["phone"]]
    continue_comparing(cast.eva.person, cast.eva.keyring(), START)
    assert audit_verbs().count("compare_requests") == 1


def test_comparing_stops_when_time_is_up(cast: Cast, boris: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    log(cast, PHONE), log(cast, PHONE)
    batch = tagging.compare_batch
    monkeypatch.setattr(tagging, "compare_batch", lambda circle, **kwargs: batch(circle, **kwargs, limit=1))
    assert compare_for(0, keyring=boris.keyring(), member=boris.person, at=START) == Compared(1, 0)
    assert compare_for(60, keyring=boris.keyring(), member=boris.person, at=START) == Compared(1, 1)


def test_strangers_compare_and_search_nothing(cast: Cast, clara: Member, eva: Member) -> None:
    log(cast, PHONE), log(cast, PHONE)
    compare(cast)
    with pytest.raises(PolicyRefused):
        compare(cast, clara)
    with pytest.raises(PermissionRefused):
        compare(cast, eva)
    with pytest.raises(PermissionRefused):
        search_tags(PHONE, keyring=eva.keyring(), actor=eva.person, now=START)
    assert not search_tags(PHONE, keyring=clara.keyring(), actor=clara.person, now=START).hits
    for who in (clara, eva, cast.anna, cast.sofia, cast.dmitri):
        assert not DuplicatePair.objects.visible_to(who.person, now=START).exists()


def test_somebody_without_the_active_version_compares_nothing(cast: Cast) -> None:
    log(cast, PHONE)
    renew(cast)
    CircleGrant.objects.filter(circle_key__state=CircleKeyState.ACTIVE, staff_key__person=cast.boris.person).delete()
    assert compare(cast) == Compared(0, 0)


def test_a_record_that_does_not_open_is_tried_once(cast: Cast) -> None:
    broken, whole = log(cast, PHONE), log(cast, PHONE)
    record = SealedRecord.objects.get(owner_id=broken.id)
    SealedField.objects.filter(record=record, name="story").delete()
    assert compare(cast) == Compared(2, 0)
    assert compare(cast) == Compared(0, 0)
    assert found(cast, PHONE) == {whole.id}


def test_a_row_swapped_with_anothers_finds_nobody_and_is_made_anew(cast: Cast) -> None:
    """Somebody who can write the database cannot let one person be found by another's contact."""
    first, second = log(cast, PHONE), log(cast, HANDLE)
    compare(cast)
    mine, other = DuplicateEntry.objects.get(help_request=first), DuplicateEntry.objects.get(help_request=second)
    DuplicateEntry.objects.filter(id=mine.id).update(sealed=other.sealed)
    assert found(cast, HANDLE) == {second.id}
    assert not DuplicateEntry.objects.filter(help_request=first).exists()
    compare(cast)
    assert found(cast, PHONE) == {first.id}


def test_rows_of_an_older_normalizer_are_made_anew(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    help_request = log(cast, PHONE)
    compare(cast)
    monkeypatch.setattr(sealed_tags, "NORMALIZER_VERSION", 2)
    answer = search_tags(PHONE, keyring=cast.boris.keyring(), actor=cast.boris.person, now=START)
    assert (answer.hits, answer.is_behind) == ({}, True)
    assert repr(answer) == "<Found>"
    assert compare(cast) == Compared(1, 0)
    assert found(cast, PHONE) == {help_request.id}
    assert set(DuplicateEntry.objects.values_list("normalizer", flat=True)) == {2}


def test_a_request_being_changed_is_left_for_the_next_batch(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    log(cast, PHONE)
    monkeypatch.setattr(tagging, "_locked", lambda records: list(records)[:0])
    assert compare(cast) == Compared(0, 0)
    monkeypatch.undo()
    assert compare(cast).records == 1


# -- rotation -------------------------------------------------------------------------------------------------------------------------------


def test_nothing_is_missed_at_any_step_of_a_rotation(cast: Cast, boris: Member) -> None:
    requests = [log(cast, f"+44 7700 90020{n}") for n in range(4)]
    compare(cast)
    renew(cast)
    late = [log(cast, f"+44 7700 90020{n}") for n in range(4)]
    for _ in range(20):
        everybody = {one.id for n in range(4) for one in (requests[n],)}
        assert everybody <= {id_ for n in range(4) for id_ in found(cast, f"+44 7700 90020{n}")}
        step = rotate_step(cast.north, keyring=boris.keyring(), actor=boris.person, now=START, limit=1)
        if step.finished:
            break
    assert step.finished
    compare(cast)
    assert {(pair.low_id, pair.high_id) for pair in DuplicatePair.objects.all()} == {
        (min(one.id, other.id), max(one.id, other.id)) for one, other in zip(requests, late, strict=True)
    }
    old = CircleKey.objects.get(circle=cast.north, version=1)
    assert old.state == CircleKeyState.DESTROYED
    assert not DuplicateEntry.objects.filter(circle_key=old).exists()


def test_a_version_is_not_destroyed_while_people_are_found_by_its_tags_only(cast: Cast, boris: Member) -> None:
    log(cast, PHONE), log(cast, HANDLE)
    compare(cast)
    renew(cast)
    ring = boris.keyring()
    tagged = []
    for _ in range(2):
        step = rotate_step(cast.north, keyring=ring, actor=boris.person, now=START, limit=1)
        tagged.append(step.tagged)
    assert tagged == [1, 1]
    renew(cast)
    assert rotate_for(60, cast.north, keyring=ring, member=boris.person, at=START).tagged == 2


def test_two_records_of_different_versions_still_make_a_pair(cast: Cast, boris: Member) -> None:
    first = log(cast, PHONE)
    compare(cast)
    renew(cast)
    second = log(cast, PHONE)
    RecordKey.objects.filter(record__owner_id=first.id, circle_key__isnull=False).delete()
    assert compare(cast) == Compared(1, 1)
    assert found(cast, PHONE) == {first.id, second.id}


def test_tags_of_somebody_paused_die_with_the_version_and_come_back(cast: Cast, boris: Member) -> None:
    help_request = log(cast, PHONE)
    compare(cast)
    ask_for_erasure(help_request, now=START)
    renew(cast)
    assert rotate_for(60, cast.north, keyring=boris.keyring(), member=boris.person, at=START).finished
    assert not DuplicateEntry.objects.exists()
    keep_after_all(help_request, now=START)
    compare(cast)
    assert found(cast, PHONE) == {help_request.id}


def test_a_newcomer_finds_what_was_tagged_before(cast: Cast, boris: Member, clara: Member) -> None:
    help_request = log(cast, PHONE)
    compare(cast)
    renew(cast)
    admit_member(cast.north, clara.person, keyring=boris.keyring(), actor=boris.person, now=START)
    assert len(open_own_grants(cast.north.id, clara.keyring())) == 2
    answer = search_tags(PHONE, keyring=clara.keyring(), actor=clara.person, now=START)
    assert answer.hits == {help_request.id: {TagKind.PHONE}}


# -- erased, archived, paused -----------------------------------------------------------------------------------------------------------------


def test_whoever_wants_to_be_erased_is_in_no_pair_and_no_search(cast: Cast) -> None:
    first, _second = log(cast, PHONE), log(cast, PHONE)
    compare(cast)
    ask_for_erasure(first, now=START)
    pairs = DuplicatePair.objects.visible_to(cast.boris.person, now=START)
    assert not pairs.exists()
    assert first.id not in found(cast, PHONE)
    log(cast, PHONE)
    assert compare(cast) == Compared(1, 1)
    keep_after_all(first, now=START)
    assert pairs.count() == 2


def test_an_erased_person_leaves_no_tag_and_no_pair(cast: Cast) -> None:
    alone, of_case = log(cast, PHONE), log(cast, PHONE)
    case = promoted(cast, of_case)
    compare(cast)
    ask_for_erasure(alone, now=START)
    erase_due(START + dt.timedelta(hours=48))
    assert not DuplicatePair.objects.exists()
    assert set(DuplicateEntry.objects.values_list("help_request", flat=True)) == {of_case.id}
    erase_case(case, actor=cast.eva.person, now=START)
    assert not DuplicateEntry.objects.exists()
    assert compare(cast) == Compared(0, 0)
    for model in (DuplicateEntry, DuplicatePair, CaseMerge):
        assert model._meta.label in ERASED_FROM


def test_an_erased_request_leaves_none(cast: Cast) -> None:
    first = log(cast, PHONE)
    log(cast, PHONE)
    compare(cast)
    erase_request(first, actor=cast.eva.person, now=START)
    assert (DuplicatePair.objects.count(), DuplicateEntry.objects.count()) == (0, 1)


def test_an_archived_person_is_found_no_more(cast: Cast) -> None:
    help_request = log(cast, PHONE)
    log(cast, PHONE)
    case = promoted(cast, help_request)
    compare(cast)
    closure.close_case(case, Outcome.SAFE_ABROAD, version=case.version, actor=cast.boris.person, now=START)
    archive_case(case, actor=None, now=START)
    assert not DuplicatePair.objects.exists()
    assert help_request.id not in found(cast, PHONE)
    assert compare(cast) == Compared(0, 0)


def test_a_case_handed_to_another_circle_is_found_there_and_not_here(cast: Cast, clara: Member) -> None:
    help_request = log(cast, PHONE)
    case = promoted(cast, help_request)
    compare(cast)
    to, ring = Receiver(clara.person, cast.south), cast.boris.keyring()
    offer = offer_handover(case, to, ReasonCode.EXPERTISE, keyring=ring, actor=cast.boris.person, now=START)
    accept_handover(offer, actor=clara.person, now=START)
    assert not DuplicateEntry.objects.exists()
    assert found(cast, PHONE) == set()
    compare_batch(cast.south, keyring=clara.keyring(), actor=clara.person, now=START)
    answer = search_tags(PHONE, keyring=clara.keyring(), actor=clara.person, now=START)
    assert set(answer.hits) == {help_request.id}


# -- decisions ------------------------------------------------------------------------------------------------------------------------------


def test_the_same_person_is_linked_to_the_case(cast: Cast) -> None:
    first, second = log(cast, PHONE), log(cast, PHONE)
    case = promoted(cast, first)
    compare(cast)
    cells = list(CountCell.objects.order_by("id").values_list("id", "count"))
    assert decide(cast, PairDecision.SAME) == case
    second.refresh_from_db()
    assert (second.case_id, second.decision, second.state) == (case.id, "link", "accepted")
    assert list(CountCell.objects.order_by("id").values_list("id", "count")) == cells
    assert audit_verbs()[-2:] == ["link_request", "decide_pair"]


def test_a_closed_case_must_be_reopened_before_somebody_is_linked_to_it(cast: Cast) -> None:
    first = log(cast, PHONE)
    log(cast, PHONE)
    case = promoted(cast, first)
    closure.close_case(case, Outcome.SAFE_ABROAD, version=case.version, actor=cast.boris.person, now=START)
    compare(cast)
    with pytest.raises(PolicyRefused):
        decide(cast, PairDecision.SAME)
    assert DuplicatePair.objects.get().decision == ""


def test_the_later_of_two_that_wait_is_set_aside_and_follows(cast: Cast) -> None:
    later, earlier = log(cast, PHONE, now=START + dt.timedelta(days=1)), log(cast, PHONE)
    third = log(cast, PHONE, now=START + dt.timedelta(days=2))
    compare(cast)
    pair = DuplicatePair.objects.get(low__in=(later, earlier), high__in=(later, earlier))
    assert decide(cast, PairDecision.SAME, pair).id == later.id
    later.refresh_from_db()
    assert (later.decision, later.case_id) == ("duplicate", None)
    mark_duplicate(third, actor=cast.boris.person, now=START)
    pair = DuplicatePair.objects.get(low__in=(later, third), high__in=(later, third))
    assert decide(cast, PairDecision.SAME, pair) is None
    case = promoted(cast, earlier)
    for one in (later, third):
        one.refresh_from_db()
        assert (one.case_id, one.decision, one.state) == (case.id, "link", "accepted")
    assert audit_verbs().count("adopt_duplicate") == 2
    assert adopt_duplicates(earlier, case, actor=cast.boris.person, now=START) == 0


def test_a_duplicate_that_asked_to_be_erased_is_not_taken_along(cast: Cast) -> None:
    later, earlier = log(cast, PHONE, now=START + dt.timedelta(days=1)), log(cast, PHONE)
    compare(cast)
    decide(cast, PairDecision.SAME)
    ask_for_erasure(later, now=START)
    promoted(cast, earlier)
    later.refresh_from_db()
    assert later.case_id is None


def test_a_request_decided_without_a_case_changes_nothing(cast: Cast) -> None:
    first, second = log(cast, PHONE), log(cast, PHONE)
    advise_request(first, actor=cast.boris.person, now=START)
    compare(cast)
    assert decide(cast, PairDecision.SAME) is None
    second.refresh_from_db()
    assert second.state == "new"


def test_one_answer_holds_for_every_pair_between_two_cases(cast: Cast) -> None:
    first, second = log(cast, PHONE), log(cast, PHONE)
    promoted(cast, first), promoted(cast, second)
    third = log(cast, PHONE)
    HelpRequest.objects.filter(id=third.id).update(
        case=Case.objects.get(help_requests=first), decision="link", state="accepted", decided_on=START.date()
    )
    compare(cast)
    assert DuplicatePair.objects.count() == 2
    assert DuplicatePair.objects.undecided().count_people() == 1
    assert len(pairs_to_decide(cast.boris.person, now=START)) == 1
    decide(cast, PairDecision.RELATED, DuplicatePair.objects.first())
    assert set(DuplicatePair.objects.values_list("decision", flat=True)) == {"related"}


def test_a_pair_is_decided_once(cast: Cast) -> None:
    log(cast, PHONE), log(cast, PHONE)
    compare(cast)
    pair = DuplicatePair.objects.get()
    decide(cast, PairDecision.RELATED, pair)
    with pytest.raises(StaleVersion):
        decide(cast, PairDecision.SAME, pair)


def test_only_somebody_of_the_circle_decides(cast: Cast) -> None:
    log(cast, PHONE), log(cast, PHONE)
    compare(cast)
    pair = DuplicatePair.objects.get()
    for who, refusal in ((cast.clara, PolicyRefused), (cast.eva, PermissionRefused), (cast.anna, PermissionRefused)):
        with pytest.raises(refusal):
            duplicates.decide_pair(pair, PairDecision.SAME, actor=who.person, now=START)


def test_a_case_at_a_border_that_is_not_mine_hides_the_pair(cast: Cast, clara: Member) -> None:
    first, _second = log(cast, PHONE), log(cast, PHONE)
    case = promoted(cast, first)
    compare(cast)
    admit_member(cast.north, clara.person, keyring=cast.boris.keyring(), actor=cast.boris.person, now=START)
    pairs = DuplicatePair.objects.visible_to(Caseworker.objects.get(id=clara.person.id), now=START)
    assert pairs.count() == 1
    Case.objects.filter(id=case.id).update(stage="border_crossing")
    assert not pairs.exists()
    assert DuplicatePair.objects.visible_to(cast.boris.person, now=START).count() == 1


@pytest.mark.parametrize("bad", [{"decision": "maybe"}, {"decision": "same"}, {"decided_on": START.date()}])
def test_the_table_refuses_half_a_decision(cast: Cast, bad: dict[str, Any]) -> None:
    low, high = sorted((log(cast, PHONE), log(cast, PHONE)), key=lambda one: one.id)
    with pytest.raises(IntegrityError), transaction.atomic():
        DuplicatePair.objects.create(low=low, high=high, found_on=START.date(), **bad)
    with pytest.raises(IntegrityError), transaction.atomic():
        DuplicatePair.objects.create(low=high, high=low, found_on=START.date())


@pytest.mark.django_db(transaction=True)
def test_two_who_compare_at_once_miss_no_pair(cast: Cast) -> None:
    for _ in range(4):
        log(cast, PHONE)
    barrier, failed = threading.Barrier(3), []

    def run() -> None:
        ring = cast.boris.keyring()
        barrier.wait()
        try:
            while compare_batch(cast.north, keyring=ring, actor=cast.boris.person, now=START, limit=1).records:
                pass
        except CaseworkError as refusal:
            failed.append(refusal)
        finally:
            close_old_connections()
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert DuplicatePair.objects.count() == 6
    assert DuplicateEntry.objects.count() == 4


def test_no_tag_can_be_told_from_a_random_one_in_the_database(cast: Cast) -> None:
    """The same phone twice: nothing in the two rows is the same, not even eight bytes of them."""
    log(cast, PHONE), log(cast, PHONE)
    compare(cast)
    one, other = (bytes(sealed) for sealed in DuplicateEntry.objects.values_list("sealed", flat=True))
    pieces = {one[at : at + 4] for at in range(2, len(one) - 3)}
    assert len(one) == len(other)
    assert not pieces & {other[at : at + 4] for at in range(2, len(other) - 3)}
    assert forms_of(PHONE, "")[0].text not in repr(DuplicateEntry.objects.values())
    assert reverse("duplicates")
