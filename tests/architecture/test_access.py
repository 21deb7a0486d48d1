"""One definition of who may see what: every address × role × own or foreign equals the checked-in table."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from caseworker.permissions import Permission
from requests_app.models.cases import Case
from requests_app.models.help_requests import HelpRequest
from tests.architecture.access import TABLE, WHO, observed, patterns
from tests.cast import START, Cast, Member
from tests.factories import make_case, make_request

pytestmark = pytest.mark.django_db
SignIn = Callable[[Member], Client]


def test_every_cell_is_as_in_the_table(cast: Cast, sign_in: SignIn) -> None:
    now = observed(cast, sign_in)
    written = TABLE.read_text(encoding="utf-8").splitlines() if TABLE.exists() else []
    assert now == [line for line in written if line and not line.startswith("#")], "\n".join(now)


def test_every_view_is_public_or_names_its_permission() -> None:
    for pattern in patterns():
        view = pattern.callback
        declared = getattr(view, "permission", None)
        assert getattr(view, "is_public", False) or isinstance(declared, Permission), pattern.name


def test_marking_an_account_as_superuser_opens_nothing(cast: Cast, dmitri: Member, sign_in: SignIn) -> None:
    case, help_request, person = make_case(cast), make_request(cast), dmitri.person
    person.is_superuser = person.is_staff = True  # type: ignore[attr-defined]
    assert not Case.objects.visible_to(person, now=START).exists()
    assert not HelpRequest.objects.visible_to(person).exists()
    client = sign_in(dmitri)
    for url in (reverse("case", args=[case.id]), reverse("triage_request", args=[help_request.id])):
        assert client.get(url).status_code == 403


@pytest.mark.parametrize("who", [name for name in WHO if name != "nobody"])
def test_a_locked_session_reaches_no_page(cast: Cast, sign_in: SignIn, who: str) -> None:
    client = sign_in(cast.all()[who])
    client.post(reverse("lock"))
    for name in ("home", "profile", "people", "audit_trail", "case_queue", "triage_queue", "releases", "own_requests"):
        answer = client.get(reverse(name))
        assert answer.status_code == 302
        assert answer["Location"].startswith(reverse("unlock"))


@pytest.mark.parametrize("who", ["boris", "sofia"])
def test_nothing_opens_before_the_second_factor_is_set(cast: Cast, sign_in: SignIn, settings: object, who: str) -> None:
    settings.SECOND_FACTOR_REQUIRED = True  # type: ignore[attr-defined]
    client = sign_in(cast.all()[who])
    for name in ("home", "profile", "people", "case_queue", "releases"):
        assert client.get(reverse(name))["Location"] == reverse("second_factor")


def test_no_get_writes(cast: Cast, sign_in: SignIn) -> None:
    client = sign_in(cast.boris)
    before = Case.objects.count()
    for pattern in patterns():
        if not pattern.pattern.regex.groupindex:
            client.get(reverse(str(pattern.name)))
    assert Case.objects.count() == before
