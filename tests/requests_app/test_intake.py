"""Logging a request and correcting it: sealed once, counted once, audited, and readable only by the circle."""

import datetime as dt
import uuid
from collections.abc import Callable
from dataclasses import replace

import pytest
from django.db import IntegrityError

from caseworker.claim_codes import claim_code_fits
from caseworker.exceptions import InvalidInput, PermissionRefused, PolicyRefused
from caseworker.models.accounts import Caseworker
from caseworker.models.keys import Circle
from requests_app.actions import intake
from requests_app.actions.intake import IntakeData, Safety, SealedTexts, add_correction, log_request
from requests_app.enums import ContactKind, RequestState, SealedKind
from requests_app.models.contacts import ContactPoint
from requests_app.models.help_requests import HelpRequest
from requests_app.models.notes import Note
from requests_app.models.sealed import RecordKey, SealedField, SealedRecord
from requests_app.queries.intake import PAGE_SIZE, own_receipt, own_receipts
from requests_app.sealed import NotReadable, open_record
from tests.cast import START, Cast, Member, audit_verbs

pytestmark = pytest.mark.django_db
NOW = START + dt.timedelta(hours=1)
TEXTS = SealedTexts(contacts="+44 7700 900123\n@fx_ash_heron", name="Клён", story="Лежит после ранения.")


def data(**changes: object) -> IntakeData:
    return replace(IntakeData(texts=TEXTS), form_token=uuid.uuid4(), **changes)


def logged(member: Member, **changes: object) -> HelpRequest:
    return HelpRequest.objects.get(id=log_request(data(**changes), actor=member.person, now=NOW).help_request_id)


def test_a_request_is_kept_in_codes(anna: Member, cast: Cast) -> None:
    found = logged(
        anna, category="mobilized", situation="hospital", needs=("route", "legal"), country="RU", channel="signal"
    )
    assert (found.category, found.situation, found.needs, found.country) == (
        "mobilized",
        "hospital",
        ["legal", "route"],
        "RU",
    )
    assert (found.state, found.circle_id, found.logged_by_id) == (RequestState.NEW, cast.north.id, anna.person.id)
    assert found.received_on == NOW.date()


def test_the_circle_reads_what_was_typed_and_the_volunteer_does_not(anna: Member, boris: Member, clara: Member) -> None:
    record = SealedRecord.objects.get(owner_id=logged(anna).id)
    assert record.kind == SealedKind.FIRST_CONTACT
    assert open_record(record, keyring=boris.keyring()) == TEXTS.as_fields()
    for stranger in (anna, clara):
        with pytest.raises(NotReadable):
            open_record(record, keyring=stranger.keyring())


def test_every_request_is_sealed_to_recovery_too(anna: Member) -> None:
    logged(anna)
    assert set(RecordKey.objects.values_list("recipient", flat=True)) == {"circle", "recovery"}


def test_no_stored_row_holds_what_was_typed(anna: Member) -> None:
    found = logged(anna)
    rows = [*HelpRequest.objects.values(), *ContactPoint.objects.values(), *SealedRecord.objects.values()]
    sealed = b"".join(field.envelope.raw for field in SealedField.objects.all())
    assert found.reference in repr(rows)
    for piece in ("7700 900", "7700900", "fx_ash", "Клён", "ранения"):
        assert piece not in repr(rows)
        assert piece.encode() not in sealed


def test_contact_lines_get_their_kind_and_the_same_safety(anna: Member) -> None:
    points = list(logged(anna, safety=Safety(may_write="yes", may_call="no")).contact_points.all())
    assert [point.kind for point in points] == [ContactKind.PHONE, ContactKind.TELEGRAM]
    assert {(p.may_write, p.may_call, p.may_leave_message) for p in points} == {("yes", "no", "unknown")}


def test_safety_is_unknown_unless_somebody_asked(anna: Member) -> None:
    assert {(p.may_write, p.may_call) for p in logged(anna).contact_points.all()} == {("unknown", "unknown")}


def test_the_claim_code_is_four_words_of_which_a_keyed_hash_is_kept(anna: Member) -> None:
    receipt = log_request(data(), actor=anna.person, now=NOW)
    stored = HelpRequest.objects.get(id=receipt.help_request_id).claim_code_hash
    assert len(receipt.claim_code.split()) == 4
    assert receipt.claim_code not in stored
    assert claim_code_fits(receipt.claim_code.upper(), stored)
    assert not claim_code_fits("some other four words", stored)


def test_nothing_that_carries_texts_or_claim_codes_shows_them(anna: Member) -> None:
    given = data()
    receipt = log_request(given, actor=anna.person, now=NOW)
    shown = repr(given) + repr(receipt)
    assert receipt.claim_code not in shown
    assert "Клён" not in shown
    assert "7700 900" not in shown


def test_the_same_form_sent_twice_is_one_request(anna: Member) -> None:
    given = data()
    first, second = (log_request(given, actor=anna.person, now=NOW) for _ in range(2))
    assert first.help_request_id == second.help_request_id
    assert second.claim_code == ""
    assert (HelpRequest.objects.count(), SealedRecord.objects.count(), audit_verbs().count("log_request")) == (1, 1, 1)


def test_a_copy_that_arrives_between_the_look_and_the_insert_is_still_one_request(
    anna: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    given, insert = data(), intake._insert

    def late_copy(*args: object, **kwargs: object) -> HelpRequest:
        monkeypatch.setattr(intake, "_insert", insert)
        insert(*args, **kwargs)
        raise IntegrityError

    monkeypatch.setattr(intake, "_insert", late_copy)
    receipt = log_request(given, actor=anna.person, now=NOW)
    assert HelpRequest.objects.filter(form_token=given.form_token).count() == 1
    assert receipt.claim_code


def test_a_taken_reference_is_drawn_again(anna: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = logged(anna).reference
    drawn = iter([taken, taken, "22-2222"])
    monkeypatch.setattr(intake, "new_reference", lambda: next(drawn))
    assert log_request(data(), actor=anna.person, now=NOW).reference == "22-2222"


def test_a_form_of_somebody_else_cannot_be_used(anna: Member, cast: Cast) -> None:
    given = data()
    log_request(given, actor=anna.person, now=NOW)
    other = Caseworker.objects.create(
        alias="vera", role="volunteer", password="!", created_on=NOW.date(), intake_circle=cast.north
    )
    with pytest.raises(InvalidInput):
        log_request(given, actor=other, now=NOW)
    assert HelpRequest.objects.count() == 1


def test_the_channel_is_remembered_for_next_time(anna: Member) -> None:
    logged(anna, channel="hotline")
    assert Caseworker.objects.get(id=anna.person.id).last_channel == "hotline"


@pytest.mark.parametrize("name", ["boris", "eva", "dmitri", "sofia", "olga", "mallory"])
def test_only_volunteers_log_requests(cast: Cast, name: str) -> None:
    with pytest.raises(PermissionRefused):
        log_request(data(), actor=cast.all()[name].person, now=NOW)
    assert not HelpRequest.objects.exists()


def test_without_a_circle_nothing_is_half_kept(anna: Member) -> None:
    Caseworker.objects.filter(id=anna.person.id).update(intake_circle=None)
    Circle.objects.update(is_intake=False)
    with pytest.raises(PolicyRefused):
        log_request(data(), actor=Caseworker.objects.get(id=anna.person.id), now=NOW)
    assert not HelpRequest.objects.exists()


def test_a_seal_that_fails_leaves_no_row(anna: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_kwargs: object) -> None:
        raise PolicyRefused

    monkeypatch.setattr(intake, "seal_record", refuse)
    with pytest.raises(PolicyRefused):
        log_request(data(), actor=anna.person, now=NOW)
    assert not HelpRequest.objects.exists()
    assert not ContactPoint.objects.exists()


def test_logging_is_audited_with_an_opaque_id(anna: Member) -> None:
    logged(anna)
    assert audit_verbs()[-1] == "log_request"


class TestCorrections:
    def test_a_correction_is_a_sealed_record_of_its_own(self, anna: Member, boris: Member) -> None:
        found = logged(anna)
        note = add_correction(found, SealedTexts(story="Теперь дома."), actor=anna.person, now=NOW)
        assert note.record.kind == SealedKind.CORRECTION
        assert open_record(note.record, keyring=boris.keyring())["story"] == "Теперь дома."
        first = SealedRecord.objects.get(owner_id=found.id, kind=SealedKind.FIRST_CONTACT)
        assert open_record(first, keyring=boris.keyring()) == TEXTS.as_fields()
        assert audit_verbs()[-1] == "add_correction"

    def test_further_contacts_keep_their_own_safety(self, anna: Member) -> None:
        found = logged(anna, safety=Safety(may_write="no"))
        add_correction(
            found, SealedTexts(contacts="@fx_new_one"), actor=anna.person, now=NOW, safety=Safety(may_write="yes")
        )
        assert list(
            found.contact_points.order_by("record__sealed_month", "may_write").values_list("may_write", flat=True)
        ) == [
            "no",
            "no",
            "yes",
        ]

    def test_stopping_contact_turns_every_answer_to_no(self, anna: Member) -> None:
        found = logged(anna, safety=Safety("yes", "yes", "yes"))
        add_correction(found, SealedTexts(), actor=anna.person, now=NOW, stop_contact=True)
        assert set(found.contact_points.values_list("may_write", "may_call", "may_leave_message")) == {
            ("no", "no", "no")
        }

    def test_somebody_elses_request_cannot_be_corrected(self, anna: Member, cast: Cast) -> None:
        found = logged(anna)
        other = Caseworker.objects.create(
            alias="vera", role="volunteer", password="!", created_on=NOW.date(), intake_circle=cast.north
        )
        with pytest.raises(PolicyRefused):
            add_correction(found, SealedTexts(story="x"), actor=other, now=NOW)
        assert not Note.objects.exists()

    def test_an_erased_request_stays_erased(self, anna: Member) -> None:
        found = logged(anna)
        found.erased_on = NOW.date()
        with pytest.raises(PolicyRefused):
            add_correction(found, SealedTexts(story="x"), actor=anna.person, now=NOW)

    @pytest.mark.parametrize("name", ["boris", "sofia"])
    def test_only_volunteers_correct(self, anna: Member, cast: Cast, name: str) -> None:
        found = logged(anna)
        with pytest.raises(PermissionRefused):
            add_correction(found, SealedTexts(story="x"), actor=cast.all()[name].person, now=NOW)


class TestOwnList:
    def test_newest_day_comes_first_in_pages(self, anna: Member) -> None:
        for day in range(PAGE_SIZE + 1):
            log_request(data(), actor=anna.person, now=NOW + dt.timedelta(days=day))
        first, second = own_receipts(anna.person), own_receipts(anna.person, page=2)
        assert (len(first.receipts), first.has_next) == (PAGE_SIZE, True)
        assert (len(second.receipts), second.has_next) == (1, False)
        assert first.receipts[0].received_on > second.receipts[0].received_on

    def test_ten_more_rows_cost_no_more_queries(
        self, anna: Member, django_assert_num_queries: Callable[[int], object]
    ) -> None:
        for _ in range(2):
            for _ in range(5):
                logged(anna)
            with django_assert_num_queries(1):  # type: ignore[attr-defined]
                own_receipts(anna.person)

    def test_a_stranger_finds_nothing(self, anna: Member, boris: Member, clara: Member, dmitri: Member) -> None:
        found = logged(anna)
        for other in (boris, clara, dmitri):
            assert own_receipt(other.person, found.id) is None
            assert own_receipts(other.person).receipts == ()
        assert own_receipt(anna.person, found.id) is not None

    @pytest.mark.parametrize("page", [-5, 0, 99, 10**9])
    def test_a_page_out_of_range_is_no_error(self, anna: Member, page: int) -> None:
        logged(anna)
        assert len(own_receipts(anna.person, page=page).receipts) == (1 if page < 1 else 0)
