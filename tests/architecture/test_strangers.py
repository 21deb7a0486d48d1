"""A stranger gets one answer for everything: whether an address exists, whose it is, whether an id is right, panic or not."""

import re
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connections
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import URLPattern, reverse

from caseworker.actions.panic import lock_everyone
from caseworker.middleware import GateMiddleware
from tests.architecture.access import address, patterns, subjects
from tests.cast import START, Cast

pytestmark = pytest.mark.django_db
NOWHERE = (
    "/nothing/", "/cases/x/", "/cases", "/people/1/", "/admin/", "/.env", "/static/none.css", "/cases/%00/", "/sign-in/x/", "/claim/no/",
    f"/cases/{uuid.UUID(int=2)}/", f"/cases/{uuid.UUID(int=2)}/nothing/", "/" + "x" * 300, "/дело/", "/releases/2/csv/", "//cases//",
)  # fmt: skip


def is_public(pattern: URLPattern) -> bool:
    return bool(getattr(pattern.callback, "is_public", False))


def addresses(cast: Cast) -> Iterator[str]:
    """Every closed address with ids that exist and with ids that do not, without its last slash, and many that lead nowhere."""
    known = subjects(cast)
    for pattern in patterns():
        if not is_public(pattern):
            yield (right := address(pattern, known))
            yield address(pattern, {"kind": "csv"})
            yield right.rstrip("/") or "/"
    yield from NOWHERE


def plain(answer: HttpResponse, path: str) -> tuple[Any, ...]:
    """The answer without the token of the form and without the caller's own address, which tells the caller nothing."""
    own = {quote(path), quote(quote(path)), path}
    headers = dict(answer.headers)
    place = headers.get("Location", "")
    headers["Location"] = place.partition("?")[0]
    assert not place or place.partition("?next=")[2].rstrip("/").replace("%25", "%") in {
        one.rstrip("/") for one in own
    } | {place.partition("?next=")[2].rstrip("/")}
    body = re.sub(rb'name="csrfmiddlewaretoken" value="\w+"', b"", answer.content)
    cookies = sorted((name, one["path"], one["samesite"]) for name, one in answer.cookies.items())
    return (answer.status_code, headers, body, cookies)


METHODS = [(name, False) for name in ("get", "head", "options", "post", "put", "delete", "patch")]


@pytest.mark.parametrize(("method", "panic"), [*METHODS, ("get", True), ("post", True)])
def test_every_address_answers_a_stranger_alike(cast: Cast, method: str, panic: bool) -> None:
    paths = list(addresses(cast))
    if panic:
        lock_everyone(actor=None, now=START)
    answers = {path: plain(getattr(Client(), method)(path), path) for path in paths}
    expected = answers[reverse("home")]
    assert {path for path, answer in answers.items() if answer != expected} == set()
    assert len(paths) > 200


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_normal_time_and_a_panic_look_the_same(cast: Cast, method: str) -> None:
    path = reverse("case_queue")
    before = plain(getattr(Client(), method)(path), path)
    lock_everyone(actor=None, now=START)
    assert plain(getattr(Client(), method)(path), path) == before


def test_without_a_token_too(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    known = address(next(one for one in patterns() if one.name == "add_note"), subjects(cast))
    answers = {client.post(path, {"text": "x"}).status_code for path in (known, "/nothing/", reverse("log_request"))}
    assert answers == {401}


def test_no_table_is_asked_before_the_door(cast: Cast) -> None:
    known = subjects(cast)
    with CaptureQueriesContext(connections["default"]) as asked:
        for pattern in patterns():
            if not is_public(pattern):
                Client().get(address(pattern, known))
                Client().post(address(pattern, known))
    assert asked.captured_queries == []


def test_public_pages_go_on(cast: Cast) -> None:
    for panic in (False, True):
        if panic:
            lock_everyone(actor=None, now=START)
        for name in ("sign_in", "welcome", "claim", "neutral"):
            assert Client().get(reverse(name)).status_code == 200, name
        assert Client().get(reverse("health_live")).status_code == 204
        assert Client().get(reverse("health_ready")).status_code == 204
        assert Client().post(reverse("quick_exit")).status_code == 302
    static = Client().get("/static/caseworker/css/style.css")
    assert static.status_code == 200
    static.close()


def test_a_public_address_without_its_slash_is_helped(cast: Cast) -> None:
    answer = Client().get("/claim")
    assert (answer.status_code, answer["Location"]) == (301, "/claim/")


def test_the_inner_door_is_shut_as_well(rf: Any) -> None:
    request = rf.get("/cases/")
    request.user = type("Stranger", (), {"is_authenticated": False})()
    answer = GateMiddleware(lambda _request: HttpResponse()).process_view(request, lambda: None, (), {})
    assert answer is not None
    assert answer.status_code == 302
