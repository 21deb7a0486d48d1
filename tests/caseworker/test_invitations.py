"""People come by an invitation: the officer reads out a code, and only the newcomer ever sees the words."""

import datetime as dt
import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from caseworker import clock
from caseworker.actions.invitations import accept_invitation, invite_person, invited, reset_words
from caseworker.enums import AccountStatus, Role
from caseworker.exceptions import PermissionRefused, PolicyRefused
from caseworker.models.accounts import Caseworker, Invitation
from caseworker.models.keys import CircleGrant, StaffKey
from caseworker.unlocking import active_key_of, unlock
from tests.cast import START, Cast, Member

pytestmark = pytest.mark.django_db
SignIn = Callable[[Member], Client]


def _words_of(page: str) -> str:
    return " ".join(re.findall(r"<li><code>([a-z-]+)</code></li>", page))


def _invite(sofia: Client, cast: Cast, alias: str = "vera") -> str:
    data = {"alias": alias, "role": "volunteer", "language": "en", "intake_circle": cast.north.id}
    return _words_of(sofia.post(reverse("enrol"), data).content.decode())


def test_the_newcomer_alone_sees_the_words(cast: Cast, sofia: Member, sign_in: SignIn) -> None:
    code, newcomer = _invite(sign_in(sofia), cast), Client()
    assert len(code.split()) == 4
    answer = newcomer.post(reverse("welcome"), {"alias": "Vera", "code": code.upper()})
    assert answer["Location"] == reverse("first_words")
    words = _words_of(newcomer.get(reverse("first_words")).content.decode())
    assert len(words.split()) == 6
    assert newcomer.post(reverse("first_words"), {"words": words}).status_code == 302
    vera = Caseworker.objects.get(alias="vera")
    assert unlock(active_key_of(vera), words) is not None
    assert not CircleGrant.objects.filter(staff_key__person=vera).exists()
    assert not Invitation.objects.exists()
    assert newcomer.get(reverse("first_words"))["Location"] == reverse("welcome")
    signed_in = Client().post(reverse("sign_in"), {"alias": "vera", "words": words, "code": ""})
    assert signed_in.status_code == 302


def test_words_typed_back_wrongly_open_nothing_and_stay_on_the_screen(
    cast: Cast, sofia: Member, sign_in: SignIn
) -> None:
    newcomer = Client()
    newcomer.post(reverse("welcome"), {"alias": "vera", "code": _invite(sign_in(sofia), cast)})
    words = _words_of(newcomer.get(reverse("first_words")).content.decode())
    page = newcomer.post(reverse("first_words"), {"words": " ".join(reversed(words.split()))}).content.decode()
    assert _words_of(page) == words
    assert "Compare them one by one" in page
    assert Caseworker.objects.get(alias="vera").status == AccountStatus.INVITED


@pytest.mark.parametrize("alias", ["vera", "nobody-here", "boris"])
def test_wrong_codes_and_unknown_names_get_one_answer(cast: Cast, sofia: Member, sign_in: SignIn, alias: str) -> None:
    _invite(sign_in(sofia), cast)
    stranger = Client()
    answer = stranger.post(reverse("welcome"), {"alias": alias, "code": "abacus abacus abacus abacus"})
    assert answer.status_code == 403
    assert "This did not open" in answer.content.decode()
    for _ in range(4):
        stranger.post(reverse("welcome"), {"alias": alias, "code": "abacus abacus abacus abacus"})
    assert stranger.post(reverse("welcome"), {"alias": alias, "code": "x"}).status_code == 429


def test_a_newer_invitation_ends_one_that_somebody_began_to_use(cast: Cast, sofia: Member, sign_in: SignIn) -> None:
    """The first code was overheard, and its words stand on a stranger's screen when the officer invites anew."""
    stranger = Client()
    stranger.post(reverse("welcome"), {"alias": "vera", "code": _invite(sign_in(sofia), cast)})
    words = _words_of(stranger.get(reverse("first_words")).content.decode())
    vera = Caseworker.objects.get(alias="vera")
    code = reset_words(vera, actor=sofia.person, now=clock.now())
    page = stranger.post(reverse("first_words"), {"words": words})
    assert "was used or has lapsed" in page.content.decode()
    assert active_key_of(Caseworker.objects.get(alias="vera")) is None
    assert invited("vera", code, clock.now()) == vera


def test_an_invitation_lapses_and_works_once(cast: Cast, sofia: Member) -> None:
    code = invite_person("vera", Role.LEAD, actor=sofia.person, now=START)
    vera = Caseworker.objects.get(alias="vera")
    assert invited("vera", code, START) == vera
    assert invited("vera", code, START + dt.timedelta(hours=72)) is None
    with pytest.raises(PolicyRefused):
        accept_invitation(vera, "six words", now=START + dt.timedelta(hours=73))
    accept_invitation(vera, "six words", now=START)
    with pytest.raises(PolicyRefused):
        accept_invitation(vera, "six words", now=START)
    assert invited("vera", code, START) is None


def test_a_lapse_between_two_pages_is_said(cast: Cast, sofia: Member, sign_in: SignIn) -> None:
    newcomer = Client()
    newcomer.post(reverse("welcome"), {"alias": "vera", "code": _invite(sign_in(sofia), cast)})
    words = _words_of(newcomer.get(reverse("first_words")).content.decode())
    Invitation.objects.update(expires_at=clock.now() - dt.timedelta(minutes=1))
    assert "has lapsed" in newcomer.post(reverse("first_words"), {"words": words}).content.decode()


def test_an_account_that_waits_signs_in_with_nothing(cast: Cast, sofia: Member) -> None:
    code = invite_person("vera", Role.LEAD, actor=sofia.person, now=START)
    answer = Client().post(reverse("sign_in"), {"alias": "vera", "words": code, "code": ""})
    assert answer.status_code == 403


def test_forgotten_words_close_everything_until_a_colleague_lets_in(cast: Cast, sofia: Member, boris: Member) -> None:
    code = reset_words(boris.person, actor=sofia.person, now=START, typed="Boris ")
    assert unlock(active_key_of(Caseworker.objects.get(id=boris.person.id)), boris.words) is None
    assert not CircleGrant.objects.filter(staff_key__person=boris.person).exists()
    retired = StaffKey.objects.get(person=boris.person)
    assert not any((bytes(retired.wrapped_seed), bytes(retired.verifier), bytes(retired.salt)))
    person = invited("boris", code, START)
    assert person is not None
    assert accept_invitation(person, "new words", now=START).generation == 2


@pytest.mark.parametrize("who", ["mallory", "sofia"])
def test_forgotten_words_are_not_for_suspended_people_nor_oneself(cast: Cast, sofia: Member, who: str) -> None:
    with pytest.raises(PolicyRefused):
        reset_words(cast.all()[who].person, actor=sofia.person, now=START)


@pytest.mark.parametrize("who", ["anna", "boris", "dmitri", "eva", "olga", "mallory"])
def test_only_a_security_officer_invites(cast: Cast, who: str) -> None:
    with pytest.raises(PermissionRefused):
        invite_person("vera", Role.LEAD, actor=cast.all()[who].person, now=START)
    with pytest.raises(PermissionRefused):
        reset_words(cast.clara.person, actor=cast.all()[who].person, now=START)


def test_the_pages_do_it_too(cast: Cast, sofia: Member, clara: Member, sign_in: SignIn) -> None:
    client = sign_in(sofia)
    url = reverse("reset_words", args=[clara.person.id])
    assert "Please look at this again" in client.post(url).content.decode()
    assert "alias of this person. Nothing was changed" in client.post(url, {"typed": "boris"}).content.decode()
    assert Caseworker.objects.get(id=clara.person.id).status == "active"
    page = client.post(url, {"typed": "clara"}).content.decode()
    assert len(_words_of(page).split()) == 4
    shown = client.get(reverse("person", args=[clara.person.id])).content.decode()
    assert "Invitation lapses" in shown
    assert "Invite anew" in shown
    own = client.get(reverse("person", args=[sofia.person.id])).content.decode()
    assert "This is you" in own
