"""Wrong input at every form: a page and a sentence, never a 500, never a value in a log, nothing written."""

import contextlib
import logging
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from caseworker.models.accounts import Caseworker
from requests_app.actions.grants import grant_access
from requests_app.enums import ReasonCode
from requests_app.models.cases import Case
from tests.architecture.access import TABLE, address, patterns, subjects
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
    "long": "x" * 20_000,
    "number": "99999999999999999999999999",
    "negative": "-1",
    "uuid": "00000000-0000-0000-0000-000000000001",
    "date": "9999-12-31",
    "emoji": "🕊️" * 50,
    "markup": "=HYPERLINK(1)<script>alert(1)</script>",
    "text": "'; DROP TABLE requests_app_case; -- {{ settings.SECRET_KEY }}{% debug %}\u202e\u2066\r\nSet-Cookie: x=1\r\n\r\nb",
}
OF_COLUMNS = {"nul", "long", "number", "uuid", "date"}
"""What a column of one database may take and of another refuse; the rest is looked at on one."""
ROLES = ("anna", "boris", "eva", "dmitri", "sofia")
REFUSED = {"401", "403", "405"}


def takers(kind: str) -> dict[str, str]:
    """Return who posts where: one of those for whom something is read there, another one for the next kind; else anybody."""
    found, turn = {}, list(HOSTILE).index(kind)
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        name, method, *cells = line.split()
        if method == "post":
            statuses = dict(cell.split("=") for cell in cells)
            able = [who for who in ROLES if statuses[who] not in REFUSED] or ROLES
            found[name] = able[turn % len(able)]
    return found


@contextlib.contextmanager
def as_before(client: Client) -> Iterator[None]:
    """Take back what a post did to both databases and to the session, so that no post ends what the next one needs."""
    with transaction.atomic(), transaction.atomic(using="ephemeral"):
        cookies = client.cookies.copy()
        yield
        client.cookies = cookies
        transaction.set_rollback(True)
        transaction.set_rollback(True, using="ephemeral")


@pytest.mark.parametrize(
    "kind", [kind if kind in OF_COLUMNS else pytest.param(kind, marks=pytest.mark.one_database) for kind in HOSTILE]
)
def test_no_form_breaks(cast: Cast, sign_in: SignIn, kind: str, caplog: pytest.LogCaptureFixture) -> None:
    known, text, who = subjects(cast), HOSTILE[kind], takers(kind)
    clients = {name: sign_in(cast.all()[name]) for name in ROLES}
    data, at_the_door = urlencode(dict.fromkeys(FIELDS, text)), []

    def written() -> tuple[Any, int]:
        return Case.objects.values_list("stage", "version").get(id=known["case_id"]), Caseworker.objects.count()

    before = written()
    with caplog.at_level(logging.DEBUG):
        for pattern in patterns():
            client = clients[who[str(pattern.name)]]
            with as_before(client):
                answer = client.post(address(pattern, known), data, content_type="application/x-www-form-urlencoded")
                assert written() == before, pattern.name
            assert answer.status_code < 500, pattern.name
            assert "Traceback" not in answer.content.decode(errors="replace")
            assert len(text) < 4 or text not in str(answer.headers)
            if kind == "markup":
                assert text not in answer.content.decode()
            at_the_door += [pattern.name] if answer.status_code == 401 else []
    logged = "\n".join(record.getMessage() for record in caplog.records if not record.name.startswith("django.db"))
    assert text not in logged or len(text) < 4
    assert at_the_door == [], "the session ended on the way, and nothing was tried after that"


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
