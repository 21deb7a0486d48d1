"""Sealed records through the database: what opens, for whom, and what a writer of the database can and cannot do."""

import uuid

import pytest
from django.db import connection, transaction
from django.utils import timezone

from caseworker.actions.circles import admit_member, create_circle
from caseworker.exceptions import PolicyRefused
from caseworker.models.keys import CircleEscrow, CircleGrant, CircleKey, RecoveryKey, StaffKey
from caseworker.vault import records
from caseworker.vault.errors import FormatRefused
from caseworker.vault.formats import ctx
from caseworker.vault.recovery import RecoverySeed, parse_sheet, sheet_groups
from caseworker.vault.sealing import open_sealed
from requests_app.enums import SealedKind
from requests_app.models.sealed import RecordKey, SealedField, SealedRecord
from requests_app.sealed import SEALED_KINDS, NotReadable, destroy_records, open_record, seal_record
from tests.cast import START, Cast, Member
from tests.factories import CONTACTS, MARKERS, NAME, STORY, make_request

pytestmark = pytest.mark.django_db


def seal_note(cast: Cast, text: str = "A note", owner: uuid.UUID | None = None) -> SealedRecord:
    return seal_record(SealedKind.NOTE, {"text": text}, owner_id=owner or uuid.uuid4(), circles=[cast.north], now=START)


def refused(record: SealedRecord, member: Member) -> bool:
    with pytest.raises(NotReadable) as caught:
        open_record(record, keyring=member.keyring())
    return "cannot be opened with your keys" in str(caught.value.message)


def test_kinds_and_their_fields_are_pinned() -> None:
    assert {kind.value: (spec.names, spec.schema) for kind, spec in SEALED_KINDS.items()} == {
        "first_contact": (("contacts", "name", "story"), 1),
        "correction": (("contacts", "name", "story"), 1),
        "contact": (("contacts",), 1),
        "note": (("text",), 1),
        "asset": (("text",), 1),
    }
    assert set(SEALED_KINDS) == set(SealedKind)


def test_a_member_reads_and_nobody_else(cast: Cast) -> None:
    make_request(cast)
    record = SealedRecord.objects.get()
    assert open_record(record, keyring=cast.boris.keyring()) == {"contacts": CONTACTS, "name": NAME, "story": STORY}
    for stranger in (cast.anna, cast.clara, cast.eva, cast.dmitri, cast.sofia, cast.olga):
        assert refused(record, stranger)


def test_recovery_reads_from_the_printed_sheet(cast: Cast) -> None:
    record = seal_note(cast, "Kept for the worst day")
    pair, key = parse_sheet(" ".join(sheet_groups(cast.recovery))), RecoveryKey.objects.get()
    opened = records.open_record(
        record_id=record.id,
        generation=1,
        commitment=bytes(record.commitment),
        envelopes={field.name: field.envelope for field in record.fields.all()},
        names=("text",),
        schema=1,
        sealed_key=bytes(RecordKey.objects.get(record=record, recovery_key=key).sealed),
        recipient=RecoverySeed(key.id, pair.seed),
    )
    assert opened == {"text": "Kept for the worst day"}


def test_recovery_opens_every_circle_from_its_escrow(cast: Cast) -> None:
    for escrow in CircleEscrow.objects.select_related("circle_key"):
        info = ctx("circle-seed-recovery", escrow.circle_key.id, escrow.circle_key.version, escrow.recovery_key_id)
        assert len(open_sealed(bytes(escrow.sealed), seed=cast.recovery.seed, info=info)) == 32


def test_fields_cannot_be_swapped_between_records_or_names(cast: Cast) -> None:
    make_request(cast)
    record = SealedRecord.objects.get()
    name, story = (SealedField.objects.get(record=record, name=one) for one in ("name", "story"))
    SealedField.objects.filter(id=name.id).update(envelope=story.envelope)
    assert refused(record, cast.boris)
    one, two = seal_note(cast, "one"), seal_note(cast, "two")
    SealedField.objects.filter(record=one).update(envelope=SealedField.objects.get(record=two).envelope)
    assert refused(one, cast.boris)


def test_data_keys_and_commitments_cannot_be_swapped(cast: Cast) -> None:
    one, two = seal_note(cast, "one"), seal_note(cast, "two")
    other = RecordKey.objects.get(record=two, circle_key__isnull=False)
    RecordKey.objects.filter(record=one, circle_key__isnull=False).update(sealed=other.sealed)
    assert refused(one, cast.boris)
    SealedRecord.objects.filter(id=two.id).update(commitment=one.commitment)
    assert refused(SealedRecord.objects.get(id=two.id), cast.boris)


def test_a_substituted_circle_key_is_refused(cast: Cast) -> None:
    record = seal_note(cast)
    south = CircleKey.objects.get(circle=cast.south)
    CircleKey.objects.filter(circle=cast.north).update(public_key=south.public_key)
    assert refused(record, cast.boris)


def test_a_forged_grant_opens_nothing(cast: Cast) -> None:
    record, key = seal_note(cast), CircleKey.objects.get(circle=cast.north)
    own = CircleGrant.objects.get(circle_key=key, staff_key__person=cast.boris.person)
    clara = StaffKey.objects.get(person=cast.clara.person)
    CircleGrant.objects.create(circle_key=key, staff_key=clara, sealed=own.sealed, granted_on=START.date())
    assert refused(record, cast.clara)


def test_a_removed_member_reads_no_more(cast: Cast) -> None:
    record, ring = seal_note(cast), cast.boris.keyring()
    assert open_record(record, keyring=ring)
    CircleGrant.objects.filter(staff_key__person=cast.boris.person).delete()
    with pytest.raises(NotReadable):
        open_record(record, keyring=ring)


def test_a_retired_staff_key_reads_no_more(cast: Cast) -> None:
    record, ring = seal_note(cast), cast.boris.keyring()
    StaffKey.objects.filter(person=cast.boris.person).update(retired_at=timezone.now())
    with pytest.raises(NotReadable):
        open_record(record, keyring=ring)


def test_only_a_member_lets_somebody_in(cast: Cast) -> None:
    record = seal_note(cast)
    with pytest.raises(PolicyRefused):
        admit_member(cast.north, cast.clara.person, keyring=cast.clara.keyring(), actor=cast.clara.person, now=START)
    admit_member(cast.north, cast.clara.person, keyring=cast.boris.keyring(), actor=cast.boris.person, now=START)
    assert open_record(record, keyring=cast.clara.keyring()) == {"text": "A note"}


def test_a_circle_needs_a_recovery_key_and_a_member(cast: Cast) -> None:
    key = StaffKey.objects.get(person=cast.boris.person)
    with pytest.raises(PolicyRefused):
        create_circle(code="empty", name="Empty", first_members=[], is_intake=False, now=START)
    RecoveryKey.objects.update(retired_on=START.date())
    with pytest.raises(PolicyRefused):
        create_circle(code="lost", name="Lost", first_members=[key], is_intake=False, now=START)


def test_no_column_of_any_table_holds_what_was_typed(cast: Cast) -> None:
    make_request(cast)
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            stored = repr(cursor.fetchall())
            for marker in MARKERS:
                assert marker not in stored, table
                assert marker.encode().hex() not in stored, table


def test_absent_fields_are_stored_like_present_ones(cast: Cast) -> None:
    make_request(cast)
    sizes = {field.name: len(field.envelope.raw) for field in SealedField.objects.all()}
    assert set(sizes.values()) == {2 + 12 + 128 + 16}


def test_destroying_takes_keys_fields_and_records(cast: Cast) -> None:
    owner = uuid.uuid4()
    seal_note(cast, owner=owner)
    kept = seal_note(cast)
    assert destroy_records([owner]) == 1
    assert set(SealedRecord.objects.values_list("id", flat=True)) == {kept.id}
    assert set(RecordKey.objects.values_list("record_id", flat=True)) == {kept.id}


def test_plain_text_does_not_fit_into_a_sealed_column(cast: Cast) -> None:
    record = seal_note(cast)
    for plain in ("text", b"bytes", 7):
        with pytest.raises(TypeError), transaction.atomic():
            SealedField.objects.create(record=record, name="other", envelope=plain)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE requests_app_sealedfield SET envelope = %s", [b"planted plain text"])
    with pytest.raises(FormatRefused):
        SealedField.objects.get(record=record)


def test_nothing_is_sealed_without_recipients(cast: Cast) -> None:
    with pytest.raises(PolicyRefused):
        seal_record(SealedKind.NOTE, {"text": "x"}, owner_id=uuid.uuid4(), circles=[], now=START)
    with pytest.raises(KeyError):
        seal_record(SealedKind.NOTE, {"secret": "x"}, owner_id=uuid.uuid4(), circles=[cast.north], now=START)
