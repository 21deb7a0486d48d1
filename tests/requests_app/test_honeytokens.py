"""A honeytoken looks like a case, counts for nothing, rings when touched, and goes without a trace."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from caseworker.enums import AlarmKind, AuditVerb
from caseworker.exceptions import PermissionRefused
from caseworker.models.alarms import Alarm
from requests_app import tasks
from requests_app.actions import closure, erasure, honeytokens, stages, triage
from requests_app.actions.intake import SealedTexts
from requests_app.actions.tagging import compare_for
from requests_app.enums import Outcome, RequestState, Stage
from requests_app.honeytokens import is_honeytoken, mark_of, planted_among
from requests_app.models.cases import Case
from requests_app.models.contacts import ContactPoint
from requests_app.models.counts import CountCell
from requests_app.models.help_requests import HelpRequest
from requests_app.models.honeytokens import Honeytoken
from requests_app.models.sealed import SealedRecord
from tests.cast import START, Cast, Member, audit_verbs
from tests.factories import make_case, make_request

pytestmark = pytest.mark.django_db
SignIn = Callable[[Member], Client]
TEXTS = SealedTexts("@fx_planted_heron_0001\n+44 7700 900321", "Полынь", "Asks how long the decision takes.")


def planted(cast: Cast) -> Case:
    return honeytokens.plant_honeytoken(cast.north, TEXTS, actor=cast.sofia.person, now=START)


def kinds() -> list[str]:
    return list(Alarm.objects.values_list("kind", flat=True))


def test_only_an_officer_plants(cast: Cast) -> None:
    for name in ("boris", "eva", "olga"):
        with pytest.raises(PermissionRefused):
            honeytokens.plant_honeytoken(cast.north, TEXTS, actor=cast.all()[name].person, now=START)


def test_it_has_everything_a_case_has_and_counts_for_nothing(cast: Cast) -> None:
    case = planted(cast)
    real = make_case(cast)
    cells = CountCell.objects.count()
    assert is_honeytoken(case.id)
    assert not is_honeytoken(real.id)
    assert case.spells.count() == len(honeytokens.PATH)
    assert case.spells.get(left_on=None).stage == case.stage
    assert HelpRequest.objects.get(case=case).contact_points.count() == 2
    assert case.due_at > START + dt.timedelta(days=60)
    filled = {field.name for field in Case._meta.concrete_fields if getattr(case, field.attname) not in (None, "")}
    expected = {field.name for field in Case._meta.concrete_fields if getattr(real, field.attname) not in (None, "")}
    assert expected - filled == {"owner"}
    assert cells == CountCell.objects.count()


def test_the_chain_does_not_say_which(cast: Cast) -> None:
    planted(cast)
    assert audit_verbs()[-1] == AuditVerb.PLANT_HONEYTOKEN
    mark = Honeytoken.objects.get().mark
    assert mark == mark_of(Case.objects.get().id)


def test_the_mark_needs_the_key(cast: Cast, settings: object) -> None:
    case = planted(cast)
    settings.CLAIM_CODE_KEY = b"\x07" * 32  # type: ignore[attr-defined]
    assert not is_honeytoken(case.id)
    Honeytoken.objects.all().delete()
    assert planted_among([case.id]) == []


def test_its_moves_bear_the_name_of_somebody_who_is_gone(cast: Cast) -> None:
    assert {spell.moved_by for spell in planted(cast).spells.all()} == {cast.mallory.person}
    cast.mallory.person.__class__.objects.filter(id=cast.mallory.person.id).update(role="volunteer")
    assert {spell.moved_by for spell in planted(cast).spells.all()} == {cast.boris.person}


def test_a_coordinator_sees_it_like_any_other_and_the_officer_alone_sees_which(
    cast: Cast, boris: Member, sofia: Member, sign_in: SignIn
) -> None:
    case = planted(cast)
    client = sign_in(boris)
    assert case.reference in client.get(reverse("case_queue")).content.decode()
    page = client.get(reverse("case", args=[case.id]))
    assert page.status_code == 200
    assert "honeytoken" not in page.content.decode().lower()
    assert case.reference in sign_in(sofia).get(reverse("security")).content.decode()


@pytest.mark.parametrize("what", ["reveal", "reveal_in_triage", "grant", "link"])
def test_touching_it_rings(cast: Cast, boris: Member, eva: Member, sign_in: SignIn, what: str) -> None:
    case = planted(cast)
    request, record = HelpRequest.objects.get(), SealedRecord.objects.get()
    coordinator, lead = sign_in(boris), sign_in(eva)
    data = {"record": record.id, "reason": "contact_person"}
    match what:
        case "reveal":
            coordinator.post(reverse("reveal_record", args=[case.id]), data)
        case "reveal_in_triage":
            coordinator.post(reverse("reveal_request", args=[request.id]), data)
        case "grant":
            grant = {"person": cast.clara.person.id, "days": 3, "reason": "absence", "scope": "coded"}
            lead.post(reverse("grant_access", args=[case.id]), grant)
        case _:
            new = make_request(cast)
            coordinator.post(reverse("decide", args=[new.id]), {"decision": "link", "reference": case.reference})
    assert AlarmKind.HONEYTOKEN in kinds()


def test_searching_for_its_contact_rings_and_for_its_reference_does_not(
    cast: Cast, boris: Member, sign_in: SignIn
) -> None:
    case, client = planted(cast), sign_in(boris)
    compare_for(5, keyring=boris.keyring(), member=boris.person, at=START)
    client.post(reverse("search"), {"typed": case.reference})
    assert kinds() == []
    answer = client.post(reverse("search"), {"typed": "@fx_planted_heron_0001"})
    assert case.reference in answer.content.decode()
    assert kinds() == [AlarmKind.HONEYTOKEN]


def test_a_refused_touch_rings_too(cast: Cast, eva: Member, sign_in: SignIn) -> None:
    case, record = planted(cast), SealedRecord.objects.get()
    data = {"record": record.id, "reason": "contact_person"}
    assert sign_in(eva).post(reverse("reveal_record", args=[case.id]), data).status_code == 403
    assert kinds() == [AlarmKind.HONEYTOKEN]


def test_looking_at_the_page_rings_nothing(cast: Cast, boris: Member, sign_in: SignIn) -> None:
    sign_in(boris).get(reverse("case", args=[planted(cast).id]))
    assert kinds() == []


def test_working_on_it_counts_nobody(cast: Cast) -> None:
    case, boris = planted(cast), cast.boris.person
    stages.move_case(case, Stage.AFTERCARE, version=case.version, actor=boris, now=START)
    closure.close_case(case, Outcome.ADVICE_ONLY, version=case.version, actor=boris, now=START)
    assert not CountCell.objects.exists()
    late = START + dt.timedelta(days=200)
    assert erasure.archive_due(late, after=dt.timedelta(days=90)) == 0


def test_it_never_becomes_due(cast: Cast) -> None:
    case, late = planted(cast), START + dt.timedelta(days=170)
    assert honeytokens.keep_quiet(START) == 0
    assert honeytokens.keep_quiet(late) == 1
    case.refresh_from_db()
    assert case.due_at > late + dt.timedelta(days=60)
    assert case.contacted_at is not None
    assert case.touched_on == case.contacted_at.date() < late.date()
    tasks.keep_honeytokens_quiet()


def test_it_goes_without_a_trace(cast: Cast, boris: Member, sofia: Member) -> None:
    case, real = planted(cast), make_request(cast)
    triage.link_request(real, case, actor=boris.person, now=START)
    before = CountCell.objects.count()
    assert honeytokens.remove_honeytoken(case, actor=sofia.person, now=START)
    real.refresh_from_db()
    assert (real.state, real.case) == (RequestState.NEW, None)
    assert HelpRequest.objects.count() == SealedRecord.objects.count() == 1
    assert ContactPoint.objects.filter(help_request=real).count() == 2
    assert not Case.objects.exists()
    assert not Honeytoken.objects.exists()
    assert CountCell.objects.count() == before


def test_a_real_case_is_never_removed_by_this_way(cast: Cast, sofia: Member, sign_in: SignIn) -> None:
    case, client = make_case(cast), sign_in(sofia)
    assert client.post(reverse("remove_honeytoken", args=[case.id])).status_code == 302
    assert client.post(reverse("remove_honeytoken", args=[cast.north.id])).status_code == 302
    assert Case.objects.filter(id=case.id).exists()
    assert AuditVerb.REMOVE_HONEYTOKEN not in audit_verbs()


def test_references_are_drawn_until_one_is_free(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = make_case(cast).reference
    drawn = iter([taken, "F-FREE-22", taken, "F-FREE-33"])
    monkeypatch.setattr(honeytokens, "new_reference", lambda: next(drawn))
    assert planted(cast).reference == "F-FREE-22"
