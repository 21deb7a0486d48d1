"""The one script: off by default, small, on nobody's page who did not turn it on."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client, override_settings
from django.urls import reverse

from caseworker.headers import CONTENT_SECURITY_POLICY
from tests.cast import Cast, Member

pytestmark = pytest.mark.django_db
SignIn = Callable[[Member], Client]
ALLOWED = f"{CONTENT_SECURITY_POLICY}; script-src 'self'"
SCRIPT = "caseworker/js/enhance.js"
PROFILE = {"language": "en", "time_zone": "UTC"}


def turn_on(client: Client) -> None:
    assert client.post(reverse("profile"), PROFILE | {"uses_shortcuts": "on"}).status_code == 302


def test_is_small_and_reaches_for_nothing() -> None:
    text = Path(str(finders.find(SCRIPT))).read_text(encoding="utf-8")
    assert len(text.encode()) < 4096
    for forbidden in (
        "fetch",
        "XMLHttp",
        "import",
        "eval",
        "innerHTML",
        "Storage",
        "cookie",
        "http",
        "style",
        "WebSocket",
        "sendBeacon",
    ):
        assert forbidden not in text


def test_is_off_unless_the_server_has_it(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.boris)
    turn_on(client)
    answer = client.get(reverse("case_queue"))
    assert answer["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert "<script" not in answer.content.decode()
    assert "uses_shortcuts" not in client.get(reverse("profile")).content.decode()


@override_settings(SHORTCUTS=True)
@pytest.mark.parametrize("who", ["boris", "eva"])
def test_is_on_for_those_who_turned_it_on(cast: Cast, sign_in: SignIn, who: str) -> None:
    client, other = sign_in(cast.all()[who]), sign_in(cast.clara)
    assert client.get(reverse("case_queue"))["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    turn_on(client)
    answer = client.get(reverse("case_queue"))
    assert answer["Content-Security-Policy"] == ALLOWED
    assert answer.content.decode().count("<script") == 1
    for stranger in (other, Client()):
        refused = stranger.get(reverse("sign_in"))
        assert refused["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
        assert "<script" not in refused.content.decode()
    client.post(reverse("profile"), PROFILE)
    assert client.get(reverse("case_queue"))["Content-Security-Policy"] == CONTENT_SECURITY_POLICY


@override_settings(SHORTCUTS=True)
@pytest.mark.parametrize("who", ["anna", "dmitri", "sofia", "olga"])
def test_is_not_for_roles_without_queues(cast: Cast, sign_in: SignIn, who: str) -> None:
    client = sign_in(cast.all()[who])
    turn_on(client)
    answer = client.get(reverse("profile"))
    assert answer["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert "uses_shortcuts" not in answer.content.decode()


@override_settings(SHORTCUTS=True)
def test_the_choice_survives_while_the_server_has_it_off(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.boris)
    turn_on(client)
    with override_settings(SHORTCUTS=False):
        client.post(reverse("profile"), PROFILE)
    cast.boris.person.refresh_from_db()
    assert cast.boris.person.uses_shortcuts
