"""The command that says what can be read without keys, and fails when something new can. CI fails with it."""

import base64
import json
from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import call_command
from django.db import connection

from caseworker import second_factor
from requests_app.models.sealed import SealedField, SealedRecord
from requests_app.queries.seizure import listed_zones, seems_clear, seen_tables
from tests.cast import Cast, Member
from tests.factories import MARKERS, make_case

pytestmark = pytest.mark.django_db


def report(**options: str) -> tuple[str, int]:
    out = StringIO()
    try:
        call_command("what_if_seized", stdout=out, **options)
    except SystemExit as end:
        return out.getvalue(), int(str(end.code))
    return out.getvalue(), 0


def test_every_column_of_both_databases_is_listed_and_sealed_ones_are(cast: Cast) -> None:
    make_case(cast)
    faults = [(table.name, column.name) for table in seen_tables() for column in table.columns if column.fault]
    assert faults == []
    assert {table.database for table in seen_tables()} == {"default", "ephemeral"}


def test_the_report_shows_codes_and_no_secret(cast: Cast) -> None:
    case = make_case(cast)
    text, code = report()
    assert code == 0
    assert "no contact, name, story or note can be read" in text
    assert case.reference in text
    assert not any(marker in text for marker in MARKERS)
    assert case.help_requests.get().claim_code_hash not in text
    assert "boris" not in text


def test_it_speaks_russian(cast: Cast) -> None:
    assert "Без ключей" in report(language="ru")[0]


def test_a_new_clear_column_fails(cast: Cast) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE requests_app_case ADD COLUMN phone varchar(20)")
    text, code = report()
    assert code == 1
    assert "NOT ON THE LIST" in text


def test_a_new_table_fails(cast: Cast) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE notes_of_somebody (text varchar(200))")
    assert report()[1] == 1


@pytest.mark.parametrize("planted", ["Тихий", "+44 7700 900123"])
def test_clear_text_in_a_sealed_column_fails(cast: Cast, planted: str) -> None:
    make_case(cast)
    SealedRecord.objects.update(commitment=planted.encode())
    text, code = report()
    assert code == 1
    assert "SEALED BUT READABLE" in text
    assert planted not in text


def test_padded_but_not_encrypted_text_fails(cast: Cast) -> None:
    make_case(cast)
    table, padded = SealedField._meta.db_table, b"\x00\x05Hello".ljust(128, b"\0")
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET envelope = %s", [padded])
    assert report()[1] == 1


def test_a_table_that_must_stay_empty_fails_when_it_is_not(cast: Cast) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO auth_group (name) VALUES ('x')")
    text, code = report()
    assert code == 1
    assert "MUST STAY EMPTY" in text


def test_second_factors_are_wrapped_inside_their_json(cast: Cast, boris: Member) -> None:
    second_factor.activate(boris.person, second_factor.new_secret())
    assert report()[1] == 0
    Authenticator.objects.filter(type="totp").update(data={"secret": "JBSWY3DPEHPK3PXP"})
    assert report()[1] == 1


WRAPPED = base64.b64encode(b"\x01\x01" + bytes(range(40))).decode()


@pytest.mark.parametrize(
    ("value", "clear"),
    [
        (None, False),
        (b"", False),
        (b"\x01\x02\xff\xfe\x90", False),
        (memoryview(b"plain"), True),
        (bytes(64), True),
        (7, True),
        ("", False),
        ("not json", True),
        (json.dumps({"seed": WRAPPED, "used": 3}), False),
        ({"seed": [WRAPPED]}, False),
        ({"seed": "!!"}, True),
        ({"seed": base64.b64encode(b"plain text").decode()}, True),
    ],
)
def test_what_seems_clear(value: object, clear: bool) -> None:
    assert seems_clear(value) is clear


def test_every_table_of_the_models_is_listed() -> None:
    assert {"requests_app_case", "caseworker_sessionrow", "mfa_authenticator"} <= set(listed_zones())
