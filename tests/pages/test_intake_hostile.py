"""Whatever is typed into the intake form: no fault, nothing lost, nothing in a log."""

import logging
import uuid
from collections.abc import Callable

import pytest
from django.test import Client

from requests_app.forms.intake import IntakeForm
from requests_app.models.help_requests import HelpRequest
from requests_app.models.sealed import SealedRecord
from requests_app.sealed import open_record
from tests.cast import Member
from tests.pages.intake_form import NEW, filled

pytestmark = pytest.mark.django_db
HOSTILE = (
    "a\x00b",
    "\udcff\ud800 lone",
    "\u202egnp.exe\u2066 marks \u200f",
    "👩🏽‍🚀🇺🇦 emoji " * 3,
    "line\r\nSet-Cookie: x=1\r\n\r\n<html>",
    "{{ 7*7 }}{% debug %}${7*7}",
    "'; DROP TABLE requests_app_helprequest;-- \" ` \\",
    "=HYPERLINK(1)\t+1-1@SUM",
    "<script>alert(1)</script><img src=x onerror=1>",
    "../../../../etc/passwd%00",
    "%s %n %d {0} {x.__class__}",
    "ﬁ ﷽ Z̸̧̛a̵l̶g̷o̶ İı",
    "ⅷ ①② ٣٤٥ ௧௨",
    "0",
    "null",
    "9" * 400,
    "\u2028\u2029\x0b\x0c\x1c\x85",
)


@pytest.fixture
def client(anna: Member, sign_in: Callable[[Member], Client]) -> Client:
    return sign_in(anna)


class TestHostileInput:
    FIELDS = (*IntakeForm.field_order, "form_token", "_for", "warned", "csrfmiddlewaretoken")

    @pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
    def test_no_field_breaks_the_page_or_reaches_a_log(
        self, client: Client, text: str, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
    ) -> None:
        caplog.set_level(logging.DEBUG)
        base, sendable = filled(client), text.encode("utf-8", "replace").decode()
        marker = f"needle{uuid.uuid4().hex}"
        for name in self.FIELDS:
            answer = client.post(NEW, base | {"form_token": str(uuid.uuid4()), name: sendable + marker})
            assert answer.status_code in {200, 302}, name
        client.post(f"/requests/mine/{sendable.encode().hex()}/", {"x": marker})
        assert marker not in caplog.text + "".join(capsys.readouterr())

    @pytest.mark.parametrize("text", HOSTILE[:-2], ids=range(len(HOSTILE) - 2))
    def test_what_was_typed_is_sealed_as_it_stands(self, client: Client, boris: Member, text: str) -> None:
        sendable = text.encode("utf-8", "replace").decode()
        sent = filled(client, contacts=sendable, name=sendable[:80], story=sendable, warned="yes")
        assert client.post(NEW, sent).status_code == 302
        opened = open_record(SealedRecord.objects.get(), keyring=boris.keyring())
        expected = sendable.replace("\r\n", "\n").replace("\x00", "").strip()
        assert opened["story"] == opened["contacts"] == expected

    def test_a_text_of_almost_a_megabyte_is_kept_on_the_page(self, client: Client) -> None:
        text = "needle " * 140_000
        answer = client.post(NEW, filled(client, story=text))
        assert answer.status_code == 200
        assert text.strip() in answer.content.decode()

    def test_repeated_and_missing_fields_are_no_error(self, client: Client) -> None:
        assert client.post(NEW, {"contacts": ["a", "b"], "needs": ["legal"] * 50}).status_code == 200
        assert client.post(NEW, {}).status_code == 200
        assert client.post(NEW, b"\xff\xfe{", content_type="application/json").status_code == 200
        assert client.post(NEW, b"\xff%ff=%00&&;=", content_type="application/x-www-form-urlencoded").status_code == 200
        assert not HelpRequest.objects.exists()
