"""Wrong input at every form: a page and a sentence, never a 500, never a value in a log, nothing written."""

import logging
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from caseworker.models.accounts import Caseworker
from requests_app.actions.grants import grant_access
from requests_app.enums import ReasonCode
from requests_app.models.cases import Case
from tests.architecture.access import address, patterns, subjects
from tests.cast import START, Cast, Member

pytestmark = pytest.mark.django_db
SignIn = Callable[[Member], Client]
FIELDS = (
    "alias", "words", "code", "next", "carry", "language", "time_zone", "role", "intake_circle", "version", "there", "reason", "entered_on",
    "is_estimated", "note", "until", "urgency", "text", "outcome", "owner", "deputy", "person", "days", "record", "decision", "reference",
    "month", "country", "category", "document_status", "compared", "contacts", "name", "story", "channel", "form_token", "_for",
)  # fmt: skip
HOSTILE = {
    "nul": "a\x00b",
    "right to left": "\u202e\u2066abc",
    "long": "x" * 20_000,
    "template": "{{ settings.SECRET_KEY }}{% debug %}",
    "sql": "'; DROP TABLE requests_app_case; --",
    "markup": "<script>alert(1)</script>",
    "formula": "=HYPERLINK(1)",
    "number": "99999999999999999999999999",
    "negative": "-1",
    "uuid": "00000000-0000-0000-0000-000000000001",
    "date": "9999-12-31",
    "emoji": "🕊️" * 50,
    "lines": "a\r\nSet-Cookie: x=1\r\n\r\nb",
}
ENDS_THE_SESSION = {"sign_out", "quick_exit", "claim_leave", "lock"}


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize("who", ["anna", "boris", "eva", "dmitri", "sofia"])
def test_no_form_breaks(cast: Cast, sign_in: SignIn, who: str, kind: str, caplog: pytest.LogCaptureFixture) -> None:
    known, client, text = subjects(cast), sign_in(cast.all()[who]), HOSTILE[kind]
    data = dict.fromkeys(FIELDS, text)
    before = Case.objects.values_list("stage", "version").get(id=known["case_id"]), Caseworker.objects.count()
    with caplog.at_level(logging.DEBUG):
        for pattern in patterns():
            if pattern.name not in ENDS_THE_SESSION:
                answer = client.post(address(pattern, known), data)
                assert answer.status_code < 500, pattern.name
                assert "Traceback" not in answer.content.decode(errors="replace")
                assert len(text) < 4 or text not in str(answer.headers)
                if kind == "markup":
                    assert text not in answer.content.decode()
    logged = "\n".join(record.getMessage() for record in caplog.records if not record.name.startswith("django.db"))
    assert text not in logged or len(text) < 4
    assert (Case.objects.values_list("stage", "version").get(id=known["case_id"]), Caseworker.objects.count()) == before


@pytest.mark.parametrize("kind", HOSTILE)
def test_no_address_breaks(cast: Cast, boris: Member, sign_in: SignIn, kind: str) -> None:
    client, text = sign_in(boris), HOSTILE[kind].encode("utf-8", "replace").decode()
    for name in ("case_queue", "triage_queue", "today", "circles", "profile"):
        query: Any = {"stage": text, "after": text, "page": text, "before": text, "next": text}
        assert client.get(reverse(name), query).status_code < 500


def test_a_grant_shows_codes_and_changes_nothing(cast: Cast, clara: Member, sign_in: SignIn) -> None:
    case = Case.objects.get(id=subjects(cast)["case_id"])
    until = START.replace(year=START.year + 1)
    client = sign_in(clara)
    assert client.get(reverse("case", args=[case.id])).status_code == 404
    with pytest.raises(Exception, match="PolicyRefused"):
        grant_access(case, clara.person, until=until, reason=ReasonCode.ABSENCE, actor=cast.eva.person, now=START)


def test_whoever_was_granted_a_look_cannot_move_the_case(
    cast: Cast, clara: Member, sign_in: SignIn, settings: Any
) -> None:
    case = Case.objects.get(id=subjects(cast)["case_id"])
    settings.CLOCK_OFFSET = START - START.now(START.tzinfo)
    grant_access(
        case,
        clara.person,
        until=START.replace(day=START.day + 20),
        reason=ReasonCode.ABSENCE,
        actor=cast.eva.person,
        now=START,
    )
    client = sign_in(clara)
    page = client.get(reverse("case", args=[case.id])).content.decode()
    assert case.reference in page
    assert "/move/" not in page
    answer = client.post(reverse("move_case", args=[case.id]), {"there": "verification", "version": case.version})
    assert answer.status_code == 403
    assert Case.objects.get(id=case.id).stage == "received"
