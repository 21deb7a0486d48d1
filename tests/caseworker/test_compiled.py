"""Statements that are compiled once say and do what Django's own would."""

import datetime as dt
import uuid
from typing import Any

import pytest
from django.core.exceptions import FieldDoesNotExist
from django.db import IntegrityError, connection, models, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from caseworker import audit, compiled
from caseworker.compiled import NOTHING, NotPlain, find, insert, update
from caseworker.enums import AuditVerb
from caseworker.models.audit import AuditEvent, AuditHead
from requests_app.actions.counting import count_new_person
from requests_app.enums import Category, Country, SealedKind, Stage
from requests_app.models.cases import Case, StageSpell
from requests_app.models.counts import CountCell
from requests_app.models.sealed import SealedField
from requests_app.sealed import seal_record
from tests.cast import START, Cast
from tests.factories import make_case

pytestmark = pytest.mark.django_db
OTHER_DAY, OTHER_MOMENT = dt.date(2026, 2, 28), dt.datetime(2026, 2, 28, 23, 59, 59, 123456, tzinfo=dt.UTC)
PLANTED = {
    models.CharField: "x",
    models.DateField: OTHER_DAY,
    models.DateTimeField: OTHER_MOMENT,
    models.UUIDField: uuid.UUID(int=9),
    models.BooleanField: True,
}
"""A value for each kind of column, which no row has yet."""


def _spells(case: uuid.UUID) -> models.QuerySet[StageSpell]:
    return StageSpell.objects.filter(case=case).order_by("seq")


def _spells_at(stage: str, case: uuid.UUID) -> models.QuerySet[StageSpell]:
    return _spells(case).filter(stage=stage)


def _forgetful(case: uuid.UUID) -> models.QuerySet[StageSpell]:
    return StageSpell.objects.filter(seq=case.int % 7)


def _at_once_and_within(code: str) -> models.QuerySet[Case]:
    return Case.objects.filter(models.Q(reference=code) | models.Q(codename__icontains=code))


def _turned_round(case: uuid.UUID) -> models.QuerySet[Any, Any]:
    names = [field.attname for field in StageSpell._meta.concrete_fields]
    return _spells(case).values_list(*reversed(names))


def _with_people(case: uuid.UUID) -> models.QuerySet[StageSpell]:
    return _spells(case).select_related("moved_by")


def _sent(run: Any) -> list[str]:
    with CaptureQueriesContext(connection) as queries:
        run()
    return [query["sql"] for query in queries]


def test_records_are_found_as_django_finds_them(cast: Cast) -> None:
    first, second = make_case(cast), make_case(cast)
    for case in (first, second, first):
        found = find(_spells, case.id)
        assert [one.__dict__ | {"_state": None} for one in found] == [
            one.__dict__ | {"_state": None} for one in _spells(case.id)
        ]
        assert not found[0]._state.adding
        assert find(_spells_at, Stage.RECEIVED, case.id) == found
        assert find(_spells_at, Stage.ADVICE, case.id) == []
    assert find(_spells, NOTHING) == []
    assert _sent(lambda: find(_spells, first.id)) == _sent(lambda: list(_spells(first.id)))
    for question in (_forgetful, _turned_round, _with_people):
        with pytest.raises(NotPlain):
            find(question, first.id)
    for stage in (None, Stage.RECEIVED):
        with pytest.raises(NotPlain):
            find(_spells_at, stage, None)
    with pytest.raises(NotPlain):
        find(_at_once_and_within, first.reference)


@pytest.mark.django_db(transaction=True)
def test_rows_are_locked_in_a_transaction_or_not_at_all() -> None:
    for _ in range(2):
        with transaction.atomic():
            (sent,) = _sent(lambda: find(audit._ask_head))
        assert sent.endswith("FOR UPDATE") or connection.vendor == "sqlite"
        with pytest.raises(transaction.TransactionManagementError):
            find(audit._ask_head)


def test_a_record_is_inserted_as_django_inserts_it(cast: Cast) -> None:
    case = make_case(cast)
    made = [
        StageSpell(case=case, seq=seq, stage=Stage.ADVICE, condition="active", entered_on=OTHER_DAY, left_on=OTHER_DAY)
        for seq in (8, 9)
    ]
    ours, theirs = _sent(lambda: insert(made[0])), _sent(lambda: made[1].save(force_insert=True))
    assert [text.split("VALUES")[0] for text in ours] == [text.split("VALUES")[0] for text in theirs]
    assert (made[0]._state.adding, made[0]._state.db) == (made[1]._state.adding, made[1]._state.db)
    ignored = {"_state": None, "id": None, "seq": None}
    read = [StageSpell.objects.get(id=one.id).__dict__ | ignored for one in made]
    assert read[0] == read[1]


@pytest.mark.parametrize("model", [Case, StageSpell, AuditEvent, AuditHead, CountCell])
def test_every_column_is_set_and_asked_as_django_does_it(
    db: None, model: type[models.Model], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(compiled, "_UPDATES", {})
    values = {field.name: PLANTED.get(type(field), 7) for field in model._meta.concrete_fields if not field.is_relation}
    other = dict.fromkeys(values) | {name: value for name, value in values.items() if name[0] < "m"}
    asked = {name: value for name, value in values.items() if value is not True}
    for changes in (other, values, other):
        ours = _sent(lambda changes=changes: update(model, asked, changes))
        theirs = _sent(lambda changes=changes: model._base_manager.filter(**asked).update(**changes))
        assert ours == theirs


def test_an_update_finds_who_is_meant_and_nobody_else(cast: Cast) -> None:
    case, other = make_case(cast), make_case(cast)
    asked = {"version": case.version, "locked_on__isnull": True, "id": case.id}
    for stage in (Stage.ADVICE, Stage.PLANNING):
        changes = {"stage": stage, "owner": cast.eva.person, "deputy": None, "claimed_until": None}
        assert update(Case, asked, changes) == 1
    assert (
        update(
            Case,
            asked | {"version": 99},
            {"stage": Stage.CLOSED, "owner": None, "deputy": None, "claimed_until": START},
        )
        == 0
    )
    assert update(Case, {"version": case.version, "locked_on__isnull": False, "id": case.id}, changes) == 0
    case.refresh_from_db()
    assert (case.stage, case.owner, case.claimed_until) == (Stage.PLANNING, cast.eva.person, None)
    other.refresh_from_db()
    assert other.stage == Stage.RECEIVED


def test_a_number_goes_up_by_one_in_the_database(db: None) -> None:
    cell = {"month": OTHER_DAY.replace(day=1), "table": "T0", "cls": "all"}
    assert update(CountCell, cell, {}, raised="count") == 0
    CountCell.objects.create(**cell, count=4)
    assert update(CountCell, cell, {}, raised="count") == 1
    assert CountCell.objects.get(**cell).count == 5
    numbers = ("verification_level", "asked_level", "paused_seconds", "version")
    for number in numbers:
        (sent,) = _sent(lambda number=number: update(Case, {"id": NOTHING}, {}, raised=number))
        assert [other for other in numbers if f'"{other}" = (' in sent] == [number]


@pytest.mark.parametrize(
    ("where", "changes"),
    [({"id": None}, {"version": 2}),
        ({"is_open": True}, {"version": 2}), ({"id": uuid.UUID(int=1)}, {"version": F("version") + 1}), ({"pk__gt": uuid.UUID(int=1)}, {"version": 2})],
)  # fmt: skip
def test_what_is_no_plain_value_is_refused(db: None, where: Any, changes: Any) -> None:
    with pytest.raises((NotPlain, FieldDoesNotExist)):
        update(Case, where, changes)


def test_a_failing_statement_undoes_its_transaction(cast: Cast) -> None:
    case = make_case(cast)
    twice = StageSpell(
        case=case, seq=1, stage=Stage.ADVICE, condition="active", entered_on=OTHER_DAY, left_on=OTHER_DAY
    )
    with transaction.atomic():
        with pytest.raises(IntegrityError):
            insert(twice)
        with pytest.raises(transaction.TransactionManagementError):
            StageSpell.objects.count()
    assert StageSpell.objects.filter(case=case).count() == 1


def test_the_text_is_kept_for_the_shape_and_not_for_the_values(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled, "_UPDATES", {})
    for sequence in range(3):
        update(AuditHead, {"id": 1}, {"sequence": sequence, "hash": "0" * 64})
    assert len(compiled._UPDATES) == 1
    update(AuditHead, {"id": 1}, {"sequence": 4})
    assert len(compiled._UPDATES) == 2


def test_several_records_go_in_together_and_numbers_are_the_databases(cast: Cast) -> None:
    record = seal_record(SealedKind.NOTE, {"text": "fx"}, owner_id=cast.north.id, circles=[cast.north], now=START)
    field = SealedField.objects.get(record=record)
    made = [SealedField(record=record, name=f"more-{number}", envelope=field.envelope) for number in range(3)]
    insert(*made)
    read = SealedField.objects.filter(record=record).exclude(id=field.id).order_by("name")
    assert [(one.name, one.envelope.raw) for one in read] == [(one.name, field.envelope.raw) for one in made]
    assert len({one.id for one in read}) == 3
    assert not any(one._state.adding for one in made)
    assert _sent(insert) == []
    with pytest.raises(ValueError, match="too many"):
        insert(made[0], record)


def test_a_record_without_an_id_is_refused(db: None) -> None:
    with pytest.raises(NotPlain):
        insert(AuditEvent(hour=START, verb="sign_in", object_kind="case", previous_hash="0" * 64, hash="1" * 64))


def test_a_kept_text_takes_no_value_that_django_would_not(cast: Cast) -> None:
    case = make_case(cast)
    asked, changes = {"id": case.id, "owner": cast.eva.person}, {"codename": "x", "circle": cast.north}
    assert update(Case, asked, changes) == 0
    for where in ({}, asked | {"owner": None}, asked | {"owner": cast.north}):
        with pytest.raises(NotPlain):
            update(Case, where, changes)
    for wrong in ({"codename": cast.eva.person}, {"circle": cast.eva.person}):
        with pytest.raises(NotPlain):
            update(Case, asked, changes | wrong)


def test_the_end_of_the_chain_is_read_under_its_lock(cast: Cast) -> None:
    for _ in range(2):
        read, *written = _sent(
            lambda: audit.record(actor=None, verb=AuditVerb.MOVE_STAGE, kind="case", object_id=None, now=START)
        )
        assert read.endswith("FOR UPDATE") or connection.vendor == "sqlite"
        assert len(written) == 2


def test_the_first_of_a_month_counts_as_one(db: None) -> None:
    for number in (1, 2):
        count_new_person(country=Country.GE, category=Category.CONSCRIPT, now=START)
        assert set(CountCell.objects.values_list("count", flat=True)) == {number}
