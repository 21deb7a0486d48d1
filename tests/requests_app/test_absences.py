"""While somebody is away their clocks are their deputy's: from the dates alone, whether or not any job ran."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from caseworker.actions.circles import admit_member
from caseworker.exceptions import PermissionRefused, PolicyRefused
from caseworker.models.absences import Absence
from requests_app.actions import absences
from requests_app.enums import Stage
from requests_app.models.cases import Case, in_care_of
from tests.cast import START, Cast, Member, audit_verbs
from tests.factories import make_case

pytestmark = pytest.mark.django_db
SignIn = Callable[[Member], Client]
TODAY = START.date()


def day(number: int) -> dt.date:
    return TODAY + dt.timedelta(days=number)


def let_clara_in(cast: Cast) -> None:
    admit_member(cast.north, cast.clara.person, keyring=cast.boris.keyring(), actor=cast.boris.person, now=START)


def away(cast: Cast, *, first: int = 0, last: int = 7, by: Member | None = None) -> Absence:
    return absences.record_absence(
        cast.boris.person, cast.clara.person, day(first), day(last), actor=(by or cast.boris).person, now=START
    )


def cares(member: Member, case: Case, on: dt.date) -> bool:
    return Case.objects.filter(in_care_of(member.person, on), id=case.id).exists()


def test_a_deputy_answers_on_every_day_of_the_absence_and_on_no_other(cast: Cast) -> None:
    let_clara_in(cast)
    case = make_case(cast)
    away(cast, first=1, last=3)
    assert [cares(cast.clara, case, day(n)) for n in range(6)] == [False, True, True, True, False, False]
    assert all(cares(cast.boris, case, day(n)) for n in range(6))


def test_the_deputy_named_on_the_case_comes_before_the_general_one(cast: Cast) -> None:
    let_clara_in(cast)
    case = make_case(cast)
    away(cast)
    Case.objects.update(deputy=cast.mallory.person)
    assert not cares(cast.clara, case, TODAY)
    assert cares(cast.mallory, case, TODAY)
    assert not cares(cast.mallory, case, day(9))


def test_at_a_border_the_deputy_sees_the_case_while_the_owner_is_away(cast: Cast) -> None:
    let_clara_in(cast)
    case = make_case(cast)
    Case.objects.update(stage=Stage.BORDER_CROSSING)
    assert not Case.objects.visible_to(cast.clara.person, now=START).exists()
    away(cast)
    assert Case.objects.visible_to(cast.clara.person, now=START).get() == case
    assert not Case.objects.visible_to(cast.clara.person, now=START + dt.timedelta(days=8)).exists()


def test_who_comes_back_early_has_their_clocks_again(cast: Cast) -> None:
    let_clara_in(cast)
    case, absence = make_case(cast), away(cast)
    absences.end_absence(absence, actor=cast.eva.person, now=START)
    assert not cares(cast.clara, case, TODAY)
    with pytest.raises(PolicyRefused):
        absences.end_absence(absence, actor=cast.boris.person, now=START)
    assert audit_verbs()[-2:] == ["record_absence", "end_absence"]


@pytest.mark.parametrize(
    ("person", "deputy", "first", "last", "by"),
    [
        ("boris", "clara", 3, 2, "boris"),
        ("boris", "clara", -9, -2, "boris"),
        ("boris", "clara", 0, 91, "boris"),
        ("boris", "boris", 0, 2, "boris"),
        ("boris", "eva", 0, 2, "boris"),
        ("boris", "mallory", 0, 2, "boris"),
        ("boris", "clara", 0, 2, "clara"),
        ("eva", "clara", 0, 2, "eva"),
    ],
)
def test_wrong_absences_are_refused(cast: Cast, person: str, deputy: str, first: int, last: int, by: str) -> None:
    let_clara_in(cast)
    one = {name: member.person for name, member in cast.all().items()}
    with pytest.raises(PolicyRefused):
        absences.record_absence(one[person], one[deputy], day(first), day(last), actor=one[by], now=START)
    assert not Absence.objects.exists()


def test_a_deputy_reads_every_case_and_is_not_away_or_needed_elsewhere(cast: Cast) -> None:
    make_case(cast)
    with pytest.raises(PolicyRefused):
        away(cast)
    let_clara_in(cast)
    away(cast, by=cast.eva)
    with pytest.raises(PolicyRefused):
        away(cast, first=7, last=9)
    away(cast, first=8, last=9)
    with pytest.raises(PolicyRefused):
        absences.record_absence(
            cast.clara.person, cast.boris.person, day(3), day(4), actor=cast.clara.person, now=START
        )
    absences.record_absence(cast.clara.person, cast.boris.person, day(20), day(24), actor=cast.clara.person, now=START)
    with pytest.raises(PolicyRefused):
        away(cast, first=22, last=23)
    with pytest.raises(PermissionRefused):
        away(cast, by=cast.anna)


def test_a_deputy_who_is_away_then_is_refused(cast: Cast) -> None:
    let_clara_in(cast)
    galina = cast.mallory.person
    galina.status = "active"
    galina.save(update_fields=["status"])
    absences.record_absence(cast.clara.person, galina, day(0), day(2), actor=cast.clara.person, now=START)
    with pytest.raises(PolicyRefused):
        away(cast, first=2, last=4)
    with pytest.raises(PolicyRefused):
        absences.record_absence(galina, cast.boris.person, day(2), day(4), actor=cast.eva.person, now=START)


def test_the_table_forbids_days_backwards_and_oneself_as_deputy(cast: Cast) -> None:
    for deputy, last in ((cast.clara, -1), (cast.boris, 1)):
        with pytest.raises(IntegrityError), transaction.atomic():
            Absence.objects.create(person=cast.boris.person, deputy=deputy.person, from_on=TODAY, until_on=day(last))


def test_the_page_lists_records_and_ends(cast: Cast, sign_in: SignIn) -> None:
    let_clara_in(cast)
    boris, address = sign_in(cast.boris), reverse("absences")
    today = dt.datetime.now(dt.UTC).date()
    data = {
        "person": str(cast.boris.person.id), "deputy": str(cast.clara.person.id),
        "from_on": today.isoformat(), "until_on": (today + dt.timedelta(days=3)).isoformat(),
    }  # fmt: skip
    wrong = boris.post(address, data | {"from_on": "tomorrow"}).content.decode()
    assert "Write a day as YYYY-MM-DD" in wrong
    assert "tomorrow" in wrong
    assert boris.post(address, data).status_code == 302
    refused = boris.post(address, data)
    assert refused.status_code == 403
    assert "recorded already" in refused.content.decode()
    assert "boris is away" in sign_in(cast.clara).get(address).content.decode()
    assert "boris is away" in sign_in(cast.eva).get(address).content.decode()
    absence = Absence.objects.get()
    assert boris.post(reverse("end_absence", args=[absence.id])).status_code == 302
    assert boris.post(reverse("end_absence", args=[absence.id])).status_code == 404
    assert sign_in(cast.clara).post(reverse("end_absence", args=[absence.id])).status_code == 404
