"""Access for a while: two hands for texts, keys that die with it, and glass that does not break unseen."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from caseworker.actions.circles import admit_member
from caseworker.actions.invitations import reset_words
from caseworker.actions.own_keys import change_words
from caseworker.actions.people import suspend_person
from caseworker.exceptions import PermissionRefused, PolicyRefused
from caseworker.models.keys import StaffKey
from caseworker.vault.sealing import fingerprint
from requests_app import tasks
from requests_app.actions import casework, closure, grants
from requests_app.actions.claims import ask_for_erasure
from requests_app.actions.merging import merge_cases
from requests_app.enums import GrantScope, Outcome, ReasonCode, Stage
from requests_app.models.access import AccessGrant
from requests_app.models.cases import Case
from requests_app.models.help_requests import HelpRequest
from requests_app.models.sealed import RecordKey, SealedRecord
from requests_app.sealed import Archived, NotReadable, archive_records, open_record
from tests.cast import START, Cast, Member, audit_verbs
from tests.connections import refused
from tests.factories import make_case, verify_case

pytestmark = pytest.mark.django_db
SignIn = Callable[[Member], Client]
WEEK = START + dt.timedelta(days=7)


def give(cast: Cast, case: Case, scope: GrantScope = GrantScope.CONTENT, *, to: Member | None = None) -> AccessGrant:
    person = (to or cast.clara).person
    return grants.grant_access(
        case, person, until=WEEK, reason=ReasonCode.EXPERTISE, actor=cast.eva.person, now=START, scope=scope
    )


def print_of(member: Member) -> str:
    key = StaffKey.objects.get(person=member.person, retired_at__isnull=True)
    return fingerprint(key.suite, bytes(key.public_key))


def hand(cast: Cast, grant: AccessGrant, *, by: Member | None = None, now: dt.datetime = START) -> int:
    who, grantee = by or cast.boris, next(one for one in cast.all().values() if one.person.id == grant.person_id)
    return grants.hand_keys(grant, compared=print_of(grantee), keyring=who.keyring(), actor=who.person, now=now)


def test_texts_need_a_lead_and_a_member_of_the_circle(cast: Cast) -> None:
    case = make_case(cast)
    record, grant = SealedRecord.objects.get(), give(cast, case)
    with pytest.raises(NotReadable):
        open_record(record, keyring=cast.clara.keyring())
    assert hand(cast, grant) == 1
    assert open_record(record, keyring=cast.clara.keyring())["name"]
    assert hand(cast, grant) == 0
    casework.add_note(case, "fx_later", actor=cast.boris.person, now=START)
    assert hand(cast, grant) == 1
    assert audit_verbs().count("hand_keys") == 3


def test_nobody_else_hands_keys_and_never_to_a_key_that_was_not_compared(cast: Cast) -> None:
    case = make_case(cast)
    grant = give(cast, case)
    with pytest.raises(PermissionRefused):
        hand(cast, grant, by=cast.eva)
    with pytest.raises(PolicyRefused):
        hand(cast, grant, by=cast.clara)
    key = StaffKey.objects.get(person=cast.boris.person)
    StaffKey.objects.filter(person=cast.clara.person).update(public_key=bytes(key.public_key))
    with pytest.raises(PolicyRefused):
        grants.hand_keys(grant, compared="0" * 20, keyring=cast.boris.keyring(), actor=cast.boris.person, now=START)
    assert not RecordKey.objects.filter(recipient="staff").exists()


@pytest.mark.parametrize("what", ["codes", "over", "no key"])
def test_what_opens_no_texts_takes_no_keys(cast: Cast, what: str) -> None:
    case = make_case(cast)
    grant = give(cast, case, GrantScope.CODED if what == "codes" else GrantScope.CONTENT)
    compared = print_of(cast.clara)
    if what == "no key":
        StaffKey.objects.filter(person=cast.clara.person).update(retired_at=START)
    with pytest.raises(PolicyRefused):
        grants.hand_keys(
            grant, compared=compared, keyring=cast.boris.keyring(), actor=cast.boris.person,
            now=WEEK if what == "over" else START,
        )  # fmt: skip


def test_when_access_ends_its_keys_die(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    case = make_case(cast)
    grant = give(cast, case)
    hand(cast, grant)
    grants.renew_grant(grant, until=WEEK + dt.timedelta(days=1), actor=cast.eva.person, now=START)
    monkeypatch.setattr(tasks.clock, "now", lambda: WEEK)
    tasks.end_what_is_over()
    assert RecordKey.objects.filter(recipient="staff").count() == 1
    monkeypatch.setattr(tasks.clock, "now", lambda: WEEK + dt.timedelta(days=1))
    assert not Case.objects.visible_to(cast.clara.person, now=WEEK + dt.timedelta(days=1)).exists()
    tasks.end_what_is_over()
    with pytest.raises(NotReadable):
        open_record(SealedRecord.objects.get(), keyring=cast.clara.keyring())


@pytest.mark.parametrize("end", ["by a lead", "suspended", "words forgotten", "on the case", "archived"])
def test_whatever_ends_access_takes_the_keys_too(cast: Cast, end: str) -> None:
    case = make_case(cast)
    grant = give(cast, case)
    hand(cast, grant)
    give(cast, case, GrantScope.CODED)
    ring = cast.clara.keyring()
    if end == "by a lead":
        grants.end_grant(grant, actor=cast.eva.person, now=START)
    elif end == "suspended":
        suspend_person(cast.clara.person, actor=cast.sofia.person, now=START, typed="clara")
    elif end == "words forgotten":
        reset_words(cast.clara.person, actor=cast.sofia.person, now=START, typed="clara")
    elif end == "on the case":
        grants.end_grants_on(case, keep=(cast.boris.person.id,))
    else:
        archive_records([case.id, *HelpRequest.objects.values_list("id", flat=True)])
    assert not RecordKey.objects.filter(recipient="staff").exists()
    with pytest.raises(Archived if end == "archived" else NotReadable):
        open_record(SealedRecord.objects.get(), keyring=ring)


def test_new_words_keep_what_was_handed_over(cast: Cast) -> None:
    hand(cast, give(cast, make_case(cast)))
    clara = cast.clara
    change_words("six other words of clara now", keyring=clara.keyring(), cookie=None, actor=clara.person, now=START)
    changed = Member(clara.person, "six other words of clara now")
    assert open_record(SealedRecord.objects.get(), keyring=changed.keyring())["name"]


def test_a_lead_grants_nothing_to_themselves_and_nothing_for_too_long(cast: Cast) -> None:
    case, eva = make_case(cast), cast.eva.person
    for person, until in ((eva, WEEK), (cast.clara.person, START + dt.timedelta(days=61)), (cast.clara.person, START)):
        with pytest.raises(PolicyRefused):
            grants.grant_access(case, person, until=until, reason=ReasonCode.OTHER, actor=eva, now=START)


def test_what_cannot_be_renewed(cast: Cast) -> None:
    case = make_case(cast)
    grant, glass = (
        give(cast, case, GrantScope.CODED),
        grants.break_glass(case, ReasonCode.SAFETY, actor=cast.eva.person, now=START, for_texts=True),
    )
    grants.renew_grant(grant, until=WEEK, actor=cast.eva.person, now=START)
    for wrong, until, now in (
        (grant, START + dt.timedelta(days=61), START),
        (grant, START, START),
        (grant, WEEK + dt.timedelta(days=1), WEEK),
        (glass, WEEK, START),
    ):
        with pytest.raises(PolicyRefused):
            grants.renew_grant(wrong, until=until, actor=cast.eva.person, now=now)


def at_the_border(cast: Cast) -> Case:
    case = verify_case(cast, make_case(cast))
    Case.objects.filter(id=case.id).update(stage=Stage.BORDER_CROSSING)
    return Case.objects.get(id=case.id)


def test_broken_glass_opens_a_border_for_three_hours_and_the_owner_is_told(cast: Cast, sign_in: SignIn) -> None:
    case, eva = at_the_border(cast), sign_in(cast.eva)
    page = reverse("case", args=[case.id])
    assert eva.get(page).status_code == 404
    assert "reference" in eva.post(reverse("break_glass"), {"reference": "zz", "reason": "safety"}).content.decode()
    unknown = eva.post(reverse("break_glass"), {"reference": "22-2222", "reason": "safety"}).content.decode()
    assert "22-2222" in unknown
    typed = {"reference": case.reference.lower(), "reason": "safety"}
    assert eva.post(reverse("break_glass"), typed)["Location"] == page
    assert eva.get(page).status_code == 200
    again = eva.post(reverse("break_glass"), typed).content.decode()
    assert "already" in again
    assert f'<a href="{page}">Open the case</a>' in again
    later = AccessGrant.objects.get().expires_at
    assert Case.objects.visible_to(cast.eva.person, now=later - dt.timedelta(seconds=1)).exists()
    assert not Case.objects.visible_to(cast.eva.person, now=later).exists()
    boris, glass = sign_in(cast.boris), AccessGrant.objects.get()
    told = boris.get(reverse("handovers")).content.decode()
    assert f"eva broke the glass on {case.reference}" in told
    assert sign_in(cast.clara).post(reverse("see_broken_glass", args=[glass.id])).status_code == 404
    assert eva.post(reverse("see_broken_glass", args=[glass.id])).status_code == 404
    assert boris.post(reverse("see_broken_glass", args=[glass.id])).status_code == 302
    assert "broke the glass" not in boris.get(reverse("handovers")).content.decode()
    with pytest.raises(PolicyRefused):
        grants.see_broken_glass(glass, actor=cast.boris.person, now=START)


def test_glass_is_not_broken_on_what_one_sees_but_for_its_texts(cast: Cast, sign_in: SignIn) -> None:
    case, eva = make_case(cast), sign_in(cast.eva)
    typed = {"reference": case.reference, "reason": "safety"}
    refused = eva.post(reverse("break_glass"), typed).content.decode()
    assert "You see this case already" in refused
    assert reverse("case", args=[case.id]) in refused
    assert not AccessGrant.objects.exists()
    assert eva.post(reverse("break_glass"), typed | {"for_texts": "on"}).status_code == 302
    assert AccessGrant.objects.count() == 1


def test_glass_follows_the_reference_of_a_merged_case(cast: Cast, sign_in: SignIn) -> None:
    older, younger = make_case(cast), make_case(cast, now=START + dt.timedelta(days=1))
    merge_cases(younger, older, actor=cast.boris.person, now=START + dt.timedelta(days=2))
    typed = {"reference": younger.reference, "reason": "safety"}
    assert reverse("case", args=[older.id]) in sign_in(cast.eva).post(reverse("break_glass"), typed).content.decode()


def test_nobody_is_granted_what_they_see_already(cast: Cast) -> None:
    case = make_case(cast)
    for scope in (GrantScope.CODED, GrantScope.CONTENT):
        with refused("sees the case already"):
            give(cast, case, scope, to=cast.boris)
    give(cast, case, GrantScope.CODED)
    admit_member(cast.north, cast.clara.person, keyring=cast.boris.keyring(), actor=cast.boris.person, now=START)
    with refused("sees the case already"):
        give(cast, case)
    boris = cast.boris.person
    with refused("The deputy is the owner"):
        casework.assign_case(case, boris, version=case.version, actor=cast.eva.person, now=START, deputy=boris)


def test_broken_glass_opens_no_text_without_a_member(cast: Cast) -> None:
    case = make_case(cast)
    glass, record = (
        grants.break_glass(case, ReasonCode.SAFETY, actor=cast.eva.person, now=START, for_texts=True),
        SealedRecord.objects.get(),
    )
    with pytest.raises(NotReadable):
        open_record(record, keyring=cast.eva.keyring())
    assert hand(cast, glass) == 1
    assert open_record(record, keyring=cast.eva.keyring())["story"]
    assert RecordKey.objects.get(recipient="staff").expires_at == START + dt.timedelta(hours=3)


def test_glass_does_not_break_on_what_is_closed_or_paused_nor_for_others(cast: Cast) -> None:
    case = make_case(cast)
    with pytest.raises(PermissionRefused):
        grants.break_glass(case, ReasonCode.SAFETY, actor=cast.boris.person, now=START)
    closure.close_case(case, Outcome.ADVICE_ONLY, version=case.version, actor=cast.boris.person, now=START)
    with pytest.raises(PolicyRefused):
        grants.break_glass(case, ReasonCode.SAFETY, actor=cast.eva.person, now=START)
    other = make_case(cast)
    ask_for_erasure(other.help_requests.get(), now=START)  # type: ignore[attr-defined]
    with pytest.raises(PolicyRefused):
        grants.break_glass(Case.objects.get(id=other.id), ReasonCode.SAFETY, actor=cast.eva.person, now=START)


def test_the_table_forbids_a_grant_to_oneself_that_is_not_broken_glass(cast: Cast) -> None:
    case, eva = make_case(cast), cast.eva.person
    row = {"case": case, "person": eva, "granted_by": eva, "reason": ReasonCode.OTHER, "expires_at": WEEK}
    for scope in ("coded", "content", "anything"):
        with pytest.raises(IntegrityError), transaction.atomic():
            AccessGrant.objects.create(scope=scope, **row)


def test_the_pages_of_a_grant(cast: Cast, sign_in: SignIn) -> None:
    case = make_case(cast)
    eva, boris, clara = sign_in(cast.eva), sign_in(cast.boris), sign_in(cast.clara)
    page = reverse("case", args=[case.id])
    data = {"person": str(cast.clara.person.id), "scope": "content", "days": 3, "reason": "expertise"}
    assert eva.post(reverse("grant_access", args=[case.id]), data).status_code == 302
    grant = AccessGrant.objects.get()
    assert "opens 0 of 1 records" in boris.get(page).content.decode()
    keys = reverse("hand_keys", args=[grant.id])
    shown = boris.get(keys).content.decode()
    assert print_of(cast.clara)[:4] in shown
    assert "compare the fingerprint first" in boris.post(keys, {"fingerprint": print_of(cast.clara)}).content.decode()
    wrong = boris.post(keys, {"fingerprint": "f" * 20, "compared": "on"}).content.decode()
    assert "Nothing was handed over" in wrong
    assert clara.get(keys).status_code == 200
    assert clara.post(keys, {"fingerprint": print_of(cast.clara), "compared": "on"}).status_code == 200
    assert boris.post(keys, {"fingerprint": print_of(cast.clara), "compared": "on"})["Location"] == page
    assert "opens 1 of 1 records" in eva.get(page).content.decode()
    record = SealedRecord.objects.get()
    revealed = clara.post(reverse("reveal_record", args=[case.id]), {"record": record.id, "reason": "prepare_step"})
    assert "+44 7700 900123" in revealed.content.decode()
    assert clara.post(reverse("end_grant", args=[grant.id])).status_code == 403
    assert eva.post(reverse("renew_grant", args=[grant.id]))["Location"] == page
    assert eva.post(reverse("end_grant", args=[grant.id]))["Location"] == page
    assert eva.post(reverse("end_grant", args=[grant.id])).status_code == 404
    assert clara.get(page).status_code == 404
    StaffKey.objects.filter(person=cast.clara.person).update(retired_at=START)
    gone = give(cast, case)
    AccessGrant.objects.filter(id=gone.id).update(expires_at=dt.datetime(2090, 1, 1, tzinfo=dt.UTC))
    assert "no key at the moment" in boris.get(reverse("hand_keys", args=[gone.id])).content.decode()
