"""The security officer's pages: accounts come, rest and return; words are shown once."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from caseworker import audit, second_factor
from caseworker.actions import invitations, people
from caseworker.enums import AccountStatus, AuditVerb, Role
from caseworker.exceptions import PermissionRefused, PolicyRefused
from caseworker.models.accounts import Caseworker
from caseworker.models.keys import CircleGrant
from tests.cast import START, Cast, Member, audit_verbs

pytestmark = pytest.mark.django_db
SignIn = Callable[[Member], Client]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({"alias": "boris", "role": "lead", "language": "en"}, "taken"),
        ({"alias": "BORIS", "role": "lead", "language": "en"}, "taken"),
        ({"alias": "a b", "role": "lead", "language": "en"}, "letters, digits"),
        ({"alias": "v", "role": "lead", "language": "en"}, "letters, digits"),
        ({"alias": "vera", "role": "volunteer", "language": "en"}, "Choose the circle"),
        ({"alias": "vera", "role": "superuser", "language": "en"}, "Select a valid choice"),
        ({}, "required"),
    ],
)
def test_wrong_enrolments_say_what_to_do_and_keep_what_was_typed(
    sofia: Member, sign_in: SignIn, data: dict[str, str], says: str
) -> None:
    before = Caseworker.objects.count()
    page = sign_in(sofia).post(reverse("enrol"), data).content.decode()
    assert says in page
    assert data.get("alias", "") in page
    assert Caseworker.objects.count() == before


def test_nobody_suspends_or_resets_themselves(sofia: Member) -> None:
    for action in (people.suspend_person, people.record_leaving, people.reset_second_factor, invitations.reset_words):
        with pytest.raises(PolicyRefused):
            action(sofia.person, actor=sofia.person, now=START)


def test_restoring_and_resetting(cast: Cast, sofia: Member, mallory: Member, sign_in: SignIn) -> None:
    client = sign_in(sofia)
    client.post(reverse("restore_person", args=[mallory.person.id]))
    assert Caseworker.objects.get(id=mallory.person.id).status == AccountStatus.ACTIVE
    assert client.post(reverse("restore_person", args=[mallory.person.id])).status_code == 403
    assert Client().post(reverse("restore_person", args=[mallory.person.id])).status_code == 401
    second_factor.activate(mallory.person, second_factor.new_secret())
    client.post(reverse("reset_second_factor", args=[mallory.person.id]))
    assert not second_factor.has_second_factor(mallory.person)
    assert audit_verbs()[-1] == "reset_second_factor"


def test_the_profile_keeps_language_and_zone(boris: Member, sign_in: SignIn) -> None:
    client = sign_in(boris)
    client.post(reverse("profile"), {"language": "ru", "time_zone": "Asia/Almaty"})
    assert client.get(reverse("profile"))["Content-Language"] == "ru"
    assert client.post(reverse("profile"), {"language": "xx", "time_zone": "Mars"}).status_code == 200


def test_other_sessions_end_from_here(boris: Member, sign_in: SignIn) -> None:
    elsewhere, here = sign_in(boris), sign_in(boris)
    here.post(reverse("end_sessions"))
    assert elsewhere.get(reverse("profile")).status_code == 302
    assert here.get(reverse("profile")).status_code == 200


def test_the_audit_page_pages(cast: Cast, sofia: Member, sign_in: SignIn) -> None:
    client = sign_in(sofia)
    assert "The chain is whole" in client.get(reverse("audit_trail")).content.decode()
    for nonsense in ("5", "-1", "x", "9" * 40):
        assert client.get(reverse("audit_trail"), {"before": nonsense}).status_code == 200


def test_the_audit_page_has_words_for_what_it_is_about(cast: Cast, sofia: Member, sign_in: SignIn) -> None:
    for kind in ("contact_person", "help_request", "onward_travel"):
        audit.record(actor=sofia.person, verb=AuditVerb.REVEAL, kind=kind, object_id=None, now=START)
    page = sign_in(sofia).get(reverse("audit_trail")).content.decode()
    for label, code in (("To contact the person", "contact_person"), ("Onward travel", "onward_travel")):
        assert label in page
        assert code not in page
    assert "help_request" not in page


def test_the_language_of_the_sign_in_page(client: Client) -> None:
    client.post(reverse("choose_language"), {"language": "ru"})
    assert client.get(reverse("sign_in"))["Content-Language"] == "ru"
    client.post(reverse("choose_language"), {"language": "xx"})
    assert client.get(reverse("sign_in"))["Content-Language"] == "ru"


@pytest.mark.parametrize(
    ("asked", "shown"), [("ru-RU,ru;q=0.9,en;q=0.5", "ru"), ("de,en;q=0.5", "en"), ("fr", "en"), ("", "en")]
)
def test_the_sign_in_page_follows_the_browser(client: Client, asked: str, shown: str) -> None:
    answer = client.get(reverse("sign_in"), headers={"accept-language": asked})
    assert answer["Content-Language"] == shown
    assert "Accept-Language" in answer["Vary"]
    client.post(reverse("choose_language"), {"language": "en"})
    assert client.get(reverse("sign_in"), headers={"accept-language": asked})["Content-Language"] == "en"


def test_the_language_of_the_profile_stays_after_signing_out(boris: Member, sign_in: SignIn) -> None:
    client = sign_in(boris)
    client.post(reverse("profile"), {"language": "ru", "time_zone": "Asia/Almaty"})
    assert client.get(reverse("profile"), headers={"accept-language": "en"})["Content-Language"] == "ru"
    client.post(reverse("sign_out"))
    assert client.get(reverse("sign_in"), headers={"accept-language": "en"})["Content-Language"] == "ru"


def test_the_profile_offers_real_zones_and_no_reminders_that_are_not_sent(
    boris: Member, sign_in: SignIn, settings: object
) -> None:
    client = sign_in(boris)
    page = client.get(reverse("profile")).content.decode()
    assert '"Asia/Almaty"' in page
    assert not any(f'"{name}"' in page for name in ("Factory", "localtime", "posixrules"))
    settings.NOTICE_CHANNELS = []  # type: ignore[attr-defined]
    assert "Choose reminders" not in client.get(reverse("profile")).content.decode()
    settings.NOTICE_CHANNELS = ["email"]  # type: ignore[attr-defined]
    assert "Choose reminders" in client.get(reverse("profile")).content.decode()


def test_a_wrong_sign_in_does_not_say_that_the_words_were_kept(client: Client) -> None:
    page = client.post(reverse("sign_in"), {"alias": "boris", "words": "", "code": ""}).content.decode()
    assert "type them again" in page
    assert "Nothing you typed was lost" not in page


def test_a_member_lets_somebody_in_after_comparing(cast: Cast, boris: Member, clara: Member, sign_in: SignIn) -> None:
    client, url = sign_in(boris), reverse("admit_member", args=[cast.north.id])
    page = client.get(reverse("circles")).content.decode()
    shown = sign_in(clara).get(reverse("profile")).content.decode()
    fingerprint = shown.split("into a circle:")[1].split("<strong>")[1].split("</strong>")[0]
    assert fingerprint in page
    data = {"person": clara.person.id, "fingerprint": fingerprint}
    assert "compare the fingerprint first" in client.post(url, data).content.decode()
    swapped = data | {
        "fingerprint": fingerprint.replace(fingerprint[0], "0" if fingerprint[0] != "0" else "1"),
        "compared": "on",
    }
    assert client.post(url, swapped).status_code == 403
    assert client.post(url, data | {"compared": "on"}).status_code == 302
    assert CircleGrant.objects.filter(staff_key__person=clara.person).count() == 2
    assert client.post(url, data | {"compared": "on"}).status_code == 403


def test_nobody_is_let_into_a_circle_of_others(
    cast: Cast, boris: Member, clara: Member, eva: Member, sign_in: SignIn
) -> None:
    data = {"person": boris.person.id, "compared": "on", "fingerprint": "0000"}
    assert sign_in(boris).post(reverse("admit_member", args=[cast.south.id]), data).status_code == 404
    assert sign_in(eva).post(reverse("admit_member", args=[cast.north.id]), data).status_code == 403
    for unfit in (eva.person, cast.mallory.person, cast.anna.person):
        answer = sign_in(clara).post(
            reverse("admit_member", args=[cast.south.id]), {"person": unfit.id, "compared": "on", "fingerprint": "0000"}
        )
        assert answer.status_code == 403


def test_nobody_but_an_officer_enrols(cast: Cast) -> None:
    with pytest.raises(PermissionRefused):
        people.enrol_person("vera", Role.LEAD, actor=cast.eva.person, now=START)
    assert people.enrol_person("vera", Role.LEAD, actor=cast.sofia.person, now=START).person.role == Role.LEAD
