"""Walk every address as every role: what answers whom. The expected answers are checked in as ``access_table.txt``.

Cells are HTTP statuses. 302 of a stranger is the way to the sign-in page; 404 is "not yours"; 403 is "not your role, or not now".
To see the present table: ``python manage.py test tests/architecture/test_access.py`` and read the difference.
"""

import re
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from caseworker.enums import RecoveryKind
from requests_app.actions.assets import use_asset
from requests_app.actions.linking import link_people
from requests_app.actions.merging import merge_cases
from requests_app.actions.recovery import Order, export_bundle
from requests_app.connection_codes import LinkKind
from requests_app.models.connections import Referral
from requests_app.models.contacts import ContactPoint
from requests_app.models.counts import Release
from requests_app.models.duplicates import DuplicatePair
from requests_app.models.help_requests import HelpRequest
from requests_app.models.stays import CountryRule, CountryStay
from tests.cast import START, Cast
from tests.connections import agree, make_partner
from tests.factories import make_case, make_request
from tests.rules import plant_rules

TABLE = Path(__file__).parent / "access_table.txt"
WHO = ("nobody", "anna", "boris", "clara", "dmitri", "eva", "sofia", "olga")


def patterns(resolver: URLResolver | None = None) -> Iterator[URLPattern]:
    """Yield every address of the project."""
    for one in (resolver or get_resolver()).url_patterns:
        if isinstance(one, URLResolver):
            yield from patterns(one)
        else:
            yield one


def subjects(cast: Cast) -> dict[str, Any]:
    """Make one of each: a north request logged by Anna, a north case, a release, a person."""
    plant_rules()
    release = Release.objects.create(
        period=START.date().replace(day=1), made_by=cast.dmitri.person, proposed_on=START.date(), software="1"
    )
    case = make_case(cast)
    first, second = sorted((make_request(cast), make_request(cast)), key=lambda one: one.id)
    pair = DuplicatePair.objects.create(low=first, high=second, signals=["phone"], found_on=START.date())
    partner = make_partner(cast).asset
    consent = agree(cast, case, partner)
    link = link_people(HelpRequest.objects.get(case=case), first, LinkKind.SIBLING, actor=cast.boris.person, now=START)
    referral = Referral.objects.create(
        case=case, partner=partner, consent=consent, service="legal", made_on=START.date(), ask_on=START.date()
    )
    merge = merge_cases(make_case(cast), make_case(cast), actor=cast.boris.person, now=START)
    return {
        "request_id": first.id,
        "case_id": case.id,
        "pair_id": pair.id,
        "merge_id": merge.id,
        "asset_id": partner.id,
        "consent_id": consent.id,
        "link_id": link.id,
        "point_id": ContactPoint.objects.filter(help_request__case=case).order_by("seq")[0].id,
        "referral_id": referral.id,
        "use_id": use_asset(case, partner, actor=cast.boris.person, now=START).id,
        "stay_id": CountryStay.objects.create(case=case, country="KZ", entered_on=START.date()).id,
        "rule_id": CountryRule.objects.order_by("id")[0].id,
        "stage": "planning",
        "release_id": release.id,
        "person_id": cast.mallory.person.id,
        "circle_id": cast.north.id,
        "kind": "csv",
        "recovery_id": export_bundle(Order(RecoveryKind.DRILL), actor=cast.sofia.person, now=START).id,
    }


def address(pattern: URLPattern, known: dict[str, Any]) -> str:
    """Return the address with the ids it needs."""
    names = pattern.pattern.regex.groupindex if hasattr(pattern.pattern, "regex") else {}
    wanted = set(getattr(pattern.pattern, "converters", {})) | set(names)
    return reverse(pattern.name or "", kwargs={name: known.get(name, uuid.UUID(int=1)) for name in wanted})


def has_bare_form(page: bytes) -> bool:
    """Tell whether a form that is sent by POST carries no token: Django would refuse it, whoever sends it."""
    forms = re.findall(r'<form method="post".*?</form>', page.decode(errors="replace"), re.DOTALL)
    return any('name="csrfmiddlewaretoken"' not in form for form in forms)


def answer(client: Client, method: str, url: str) -> int:
    """Return the status of one request and undo whatever it did in both databases."""
    with transaction.atomic(), transaction.atomic(using="ephemeral"):
        cookies = client.cookies.copy()
        given = getattr(client, method)(url)
        assert given.streaming or not has_bare_form(given.content), url
        client.cookies = cookies
        transaction.set_rollback(True)
        transaction.set_rollback(True, using="ephemeral")
    return int(given.status_code)


def observed(cast: Cast, sign_in: Any) -> list[str]:
    """Return the table as it is now, one line per address and method."""
    known, people = subjects(cast), cast.all()
    clients = {name: Client() if name == "nobody" else sign_in(people[name]) for name in WHO}
    lines = []
    for pattern in sorted(patterns(), key=lambda one: str(one.name)):
        url = address(pattern, known)
        for method in ("get", "post"):
            cells = " ".join(f"{name}={answer(clients[name], method, url)}" for name in WHO)
            lines.append(f"{pattern.name:<22}{method:<5}{cells}")
    return lines
