"""Records for tests, made by calling the same actions as the pages."""

import datetime as dt
import uuid
from importlib import import_module
from typing import Any

from django.apps import apps
from django.db import connection

from requests_app.actions.intake import IntakeData, Safety, SealedTexts, log_request
from requests_app.actions.triage import promote_request
from requests_app.actions.verification import approve_verification, record_check
from requests_app.enums import CheckCode, CheckOutcome, SafeAnswer
from requests_app.models.cases import Case
from requests_app.models.help_requests import HelpRequest
from requests_app.models.work import ChecklistItem
from requests_app.rules import LEAD_FROM
from tests.cast import START, Cast

MARKERS = ("+44 7700 900123", "@fx_grove_heron_0001", "Тихий", "He left the hospital and asks what to do.")
CONTACTS, NAME, STORY = f"{MARKERS[0]}\n{MARKERS[1]}", MARKERS[2], MARKERS[3]


def make_request(cast: Cast, *, now: dt.datetime = START, **codes: Any) -> HelpRequest:
    """Log one request as Anna."""
    safety = Safety(may_write=SafeAnswer.YES, may_call=SafeAnswer.NO)
    data = IntakeData(texts=SealedTexts(CONTACTS, NAME, STORY), safety=safety, form_token=uuid.uuid4(), **codes)
    receipt = log_request(data, actor=cast.anna.person, now=now)
    return HelpRequest.objects.get(id=receipt.help_request_id)


def make_case(cast: Cast, *, now: dt.datetime = START, **codes: Any) -> Case:
    """Promote one request as Boris."""
    return promote_request(make_request(cast, now=now, **codes), actor=cast.boris.person, now=now)


def verify_case(cast: Cast, case: Case, level: int = 4, *, now: dt.datetime = START) -> Case:
    """Raise the verification of *case* step by step: from level three on Boris and Eva both check, and Eva approves as a lead."""
    ladder = (CheckCode.COHERENT_STORY, CheckCode.INDEPENDENT_DETAIL, CheckCode.VOUCHED, CheckCode.DOCUMENT_SEEN)
    for step, code in enumerate(ladder[:level]):
        for member in (cast.boris, cast.eva) if step >= 2 else (cast.boris,):
            record_check(case, code, CheckOutcome.YES, version=case.version, actor=member.person, now=now)
    if level >= LEAD_FROM:
        approve_verification(case, version=case.version, actor=cast.eva.person, now=now)
    return case


def plant_checklists() -> None:
    """Write the first wording of the checklists, unless it stands there: a test that empties the tables takes it away."""
    if not ChecklistItem.objects.exists():
        import_module("requests_app.migrations.0003_first_checklists").fill_in(apps, connection.schema_editor())
