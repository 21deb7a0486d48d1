"""Default deny, and reads that cannot write."""

from typing import Any

import pytest
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from caseworker.middleware import GateMiddleware, ReadOnlyGetMiddleware, WriteOnRead
from caseworker.models.accounts import Caseworker
from caseworker.models.keys import Circle
from tests.cast import Cast, Member

pytestmark = pytest.mark.django_db


def undeclared(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("open")


def at_gate(person: Any) -> Any:
    request = RequestFactory().get("/")
    request.user, request.session, request.resolver_match = person, {}, None  # type: ignore[assignment]
    return GateMiddleware(undeclared).process_view(request, undeclared, (), {})


def test_a_view_that_declares_nothing_is_refused(boris: Member) -> None:
    answer = at_gate(boris.person)
    assert answer is not None
    assert answer.status_code == 403


@pytest.mark.parametrize("method", ["get", "head", "options"])
def test_a_read_that_writes_is_found_at_once(cast: Cast, method: str) -> None:
    def writes(_request: HttpRequest) -> HttpResponse:
        Circle.objects.filter(code="north").update(name="written")
        return HttpResponse()

    request = getattr(RequestFactory(), method)("/")
    with pytest.raises(WriteOnRead), transaction.atomic():
        ReadOnlyGetMiddleware(writes)(request)
    assert Circle.objects.get(code="north").name == "North"


def test_a_post_may_write_and_a_read_may_read(cast: Cast) -> None:
    def answer(_request: HttpRequest) -> HttpResponse:
        return HttpResponse(str(Caseworker.objects.count()))

    assert ReadOnlyGetMiddleware(answer)(RequestFactory().get("/")).status_code == 200
    assert ReadOnlyGetMiddleware(answer)(RequestFactory().post("/")).status_code == 200
