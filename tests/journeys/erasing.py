"""A person's whole life in an installation, through the pages, then their erasure; and the needles that must not be found afterwards.

Run as a module inside an installation. ``live`` prints the needles of somebody who is there; ``erase`` erases them and scrubs.
"""

import datetime as dt
import json
import sys
import uuid

from tests.journeys.inside import present_cast  # first: it sets Django up

from django.db import connection, transaction  # isort: skip
from django.test import Client
from django.urls import reverse

from caseworker import clock
from caseworker.models.keys import CircleKey
from caseworker.vault.records import data_key_info
from caseworker.vault.sealing import open_sealed
from requests_app import tasks
from requests_app.actions.erasure import erase_due
from requests_app.actions.intake import IntakeData, SealedTexts, log_request
from requests_app.models.cases import Case
from requests_app.models.help_requests import HelpRequest
from requests_app.models.sealed import RecordKey, SealedField, SealedRecord
from tests.cast import Cast, Member
from tests.journeys.test_seizure import MARKERS

NOTES, OTHERS = 3, 40


def _signed_in(member: Member) -> Client:
    client = Client()
    answer = client.post(reverse("sign_in"), {"alias": member.person.alias, "words": member.words, "code": ""})
    assert answer.status_code == 302
    return client


def _crowd(cast: Cast, number: int) -> None:
    """Log other people's requests, so that pages fill and split around the one who will be erased."""
    for n in range(number):
        texts = SealedTexts(f"@fx_crowd_{n:04d}", "Reed", "Somebody else asks. " * (n % 9 + 1))
        log_request(IntakeData(texts=texts, form_token=uuid.uuid4()), actor=cast.anna.person, now=clock.now())


def _live(cast: Cast) -> HelpRequest:
    """Log the request through the page, decide, write notes, reveal, correct; return it."""
    anna, boris = _signed_in(cast.anna), _signed_in(cast.boris)
    form = {
        "contacts": f"{MARKERS[0]}\n{MARKERS[1]}", "name": MARKERS[2], "story": f"{MARKERS[3]}. {MARKERS[4]}",
        "requester": "self", "category": "mobilized", "situation": "hospital", "urgency": "u1_now", "country": "RU",
        "channel": "signal", "may_write": "yes", "may_call": "no", "may_leave_message": "unknown", "hours_band": "unknown",
        "time_zone": "", "agreed": "on", "form_token": str(uuid.uuid4()), "warned": "1",
    }  # fmt: skip
    known = set(HelpRequest.objects.values_list("id", flat=True))
    assert anna.post(reverse("log_request"), form).status_code == 302
    request = HelpRequest.objects.exclude(id__in=known).get()
    boris.post(reverse("decide", args=[request.id]), {"decision": "promote"})
    request.refresh_from_db()
    case = Case.objects.get(id=request.case_id)
    for _ in range(NOTES):
        boris.post(reverse("add_note", args=[case.id]), {"version": case.version, "text": MARKERS[5]})
    for record in SealedRecord.objects.filter(owner_id__in=(request.id, case.id)):
        shown = boris.post(reverse("reveal_record", args=[case.id]), {"record": record.id, "reason": "assess_request"})
        assert shown.status_code == 200
    boris.post(reverse("add_note", args=[case.id]), {"version": "x", "text": MARKERS[5] * 900})
    return request


def _needles(cast: Cast, request: HelpRequest) -> dict[str, str]:
    """Return what must be gone, in hexadecimal: ciphertext, sealed keys, the data keys themselves, commitments, the token of the form."""
    needles = {"form token": request.form_token.bytes.hex()}
    ring = cast.boris.keyring()
    for n, record in enumerate(SealedRecord.objects.filter(owner_id__in=(request.id, request.case_id))):
        needles[f"commitment {n}"] = bytes(record.commitment).hex()
        for field in SealedField.objects.filter(record=record):
            needles[f"field {n} {field.name}"] = field.envelope.raw[2:26].hex()
            needles[f"end of field {n} {field.name}"] = field.envelope.raw[-24:].hex()
        for key in RecordKey.objects.filter(record=record):
            needles[f"sealed key {n} {key.recipient}"] = bytes(key.sealed)[2:34].hex()
            needles[f"end of sealed key {n} {key.recipient}"] = bytes(key.sealed)[-24:].hex()
        mine = RecordKey.objects.get(record=record, circle_key__isnull=False)
        circle = CircleKey.objects.get(id=mine.circle_key_id)
        grant = bytes(circle.grants.get(staff_key_id=ring.staff_key_id).sealed)  # type: ignore[attr-defined]
        seed = ring.open_circle(circle.id, circle.version, grant, circle.suite, bytes(circle.public_key)).seed
        info = data_key_info(record.id, record.generation, circle.id)
        needles[f"data key {n}"] = open_sealed(bytes(mine.sealed), seed=seed, info=info).hex()
    return needles


def _traces(wanted: set[str]) -> list[str]:
    """Return ``table.column`` of every cell of the whole database that holds one of these ids or hashes."""
    found = set()
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            columns = [column[0] for column in cursor.description]
            for row in cursor.fetchall():
                found |= {
                    f"{table}.{column}" for column, cell in zip(columns, row, strict=True) if _text(cell) in wanted
                }
    return sorted(found)


def _text(cell: object) -> str:
    """Return a cell as hexadecimal or text; ids without dashes."""
    if isinstance(cell, bytes | memoryview):
        return bytes(cell).hex()
    return cell.hex if isinstance(cell, uuid.UUID) else str(cell)


def live() -> dict[str, object]:
    """Let somebody live here among others."""
    cast = present_cast()
    _crowd(cast, OTHERS)
    request = _live(cast)
    _crowd(cast, OTHERS)
    owners = [request.id, request.case_id]
    records = list(SealedRecord.objects.filter(owner_id__in=owners).values_list("id", flat=True))
    return {
        "needles": _needles(cast, request),
        "person": [request.id.hex, str(request.case_id).replace("-", "")],
        "code": [request.claim_code_hash],
        "records": [one.hex for one in records],
    }


def erase(person: list[str], code: list[str], records: list[str]) -> dict[str, object]:
    """Let the worker erase somebody whose pause is over, and do the nightly scrub; return where opaque ids still stand."""
    due = clock.now()
    with transaction.atomic():
        HelpRequest.objects.filter(id=person[0]).update(erasure_due_at=due)
        Case.objects.filter(id=person[1]).update(erasure_due_at=due)
    assert erase_due(due + dt.timedelta(seconds=1)) == 1
    _crowd(present_cast(), 3)
    tasks.scrub_erased()
    if connection.vendor == "postgresql":
        _as_after_an_hour()
    return {"person": _traces(set(person)), "code": _traces(set(code)), "records": _traces(set(records))}


def _as_after_an_hour() -> None:
    """Do what docs/deploy makes the server do by itself: leave the present log file, and drop those a checkpoint needs no more."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        for _ in range(2):
            cursor.execute("SELECT pg_switch_wal()")
            cursor.execute("CHECKPOINT")


if __name__ == "__main__":
    print(json.dumps(live() if sys.argv[1] == "live" else erase(*json.loads(sys.argv[2]))), flush=True)
