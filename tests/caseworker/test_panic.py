"""Everyone is locked out by one, and let in by two officers; volunteers and requesters stay."""

import datetime as dt
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from caseworker import panic as state
from caseworker.actions import invitations, panic, people
from caseworker.actions.people import enrol_person
from caseworker.enums import AlarmKind, AuditVerb, Role
from caseworker.exceptions import PermissionRefused, PolicyRefused
from caseworker.jobs import HELD_IN_PANIC
from caseworker.models.accounts import Caseworker
from caseworker.models.alarms import Alarm
from caseworker.models.ephemeral import SessionRow
from caseworker.models.panic import PanicState
from caseworker.queries_panic import few_officers
from caseworker.vault.passphrase import derive_root
from config.schedule import SCHEDULES
from requests_app import tasks
from requests_app.actions import erasure
from requests_app.models.help_requests import HelpRequest
from tests.cast import START, Cast, Member, audit_verbs
from tests.pages.intake_form import filled

pytestmark = pytest.mark.django_db
SignIn = Callable[[Member], Client]


@pytest.fixture
def stella(cast: Cast) -> Member:
    """A second security officer."""
    made = enrol_person("stella", Role.SECURITY_OFFICER, actor=None, now=START, words="stella has six words to say")
    return Member(made.person, made.words)


def sign_in_as(member: Member) -> Any:
    return Client().post(reverse("sign_in"), {"alias": member.person.alias, "words": member.words, "code": ""})


def is_inside(client: Client) -> bool:
    return client.get(reverse("profile")).status_code == 200


def lock(cast: Cast, at: dt.datetime = START) -> None:
    panic.lock_everyone(actor=cast.boris.person, now=at)


class TestLocking:
    @pytest.mark.parametrize("who", ["boris", "eva", "sofia"])
    def test_one_press_and_one_confirmation_lock_everyone(self, cast: Cast, sign_in: SignIn, who: str) -> None:
        clients = {name: sign_in(member) for name, member in cast.all().items() if name != "mallory"}
        assert clients[who].get(reverse("lock_everyone")).status_code == 200
        assert not state.everyone_is_locked()
        answer = clients[who].post(reverse("lock_everyone"))
        assert "Everyone is locked out" in answer.content.decode()
        assert [name for name, client in clients.items() if is_inside(client)] == ["anna"]
        assert audit_verbs()[-2:] == [AuditVerb.LOCK_EVERYONE, AuditVerb.RAISE_ALARM]
        assert Alarm.objects.get().kind == AlarmKind.PANIC

    @pytest.mark.parametrize("who", ["anna", "dmitri", "olga"])
    def test_others_cannot(self, cast: Cast, sign_in: SignIn, who: str) -> None:
        assert sign_in(cast.all()[who]).post(reverse("lock_everyone")).status_code == 403
        with pytest.raises(PermissionRefused):
            panic.lock_everyone(actor=cast.all()[who].person, now=START)
        assert not state.everyone_is_locked()

    def test_the_right_words_of_somebody_locked_out_look_wrong(self, cast: Cast) -> None:
        def text(answer: Any) -> str:
            page: str = answer.content.decode().split("<main")[1].split("csrfmiddlewaretoken")[0]
            return page.replace("boris", "ALIAS").replace("nobody", "ALIAS")

        wrong = Client().post(reverse("sign_in"), {"alias": "nobody", "words": "no such six words at all"})
        lock(cast)
        right = sign_in_as(cast.boris)
        assert (right.status_code, text(right)) == (wrong.status_code, text(wrong))
        assert audit_verbs()[-1] == AuditVerb.SIGN_IN_REFUSED

    def test_the_same_work_is_done_for_them(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        lock(cast)
        runs: list[str] = []

        def derive(words: str, **cost: Any) -> Any:
            runs.append(words)
            return derive_root(words, **cost)

        monkeypatch.setattr("caseworker.unlocking.derive_root", derive)
        sign_in_as(cast.boris)
        assert runs == [cast.boris.words]

    def test_a_second_factor_is_not_used_up(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        asked: list[object] = []
        monkeypatch.setattr("caseworker.backends.second_factor_accepts", lambda *_one: asked.append(1) or True)
        lock(cast)
        assert sign_in_as(cast.boris).status_code == 403
        assert asked == []

    def test_a_session_that_slipped_through_is_ended(self, cast: Cast, boris: Member, sign_in: SignIn) -> None:
        client = sign_in(boris)
        PanicState.objects.filter(id=1).update(is_locked=True, locked_at=START)
        assert is_inside(client) is False
        assert client.get(reverse("case_queue"))["Location"].startswith(reverse("sign_in"))
        assert not SessionRow.objects.filter(person_id=boris.person.id).exists()

    def test_a_locked_session_of_theirs_is_not_unlocked(self, cast: Cast, boris: Member, sign_in: SignIn) -> None:
        client = sign_in(boris)
        client.post(reverse("lock"))
        PanicState.objects.filter(id=1).update(is_locked=True, locked_at=START)
        assert client.post(reverse("unlock"), {"words": boris.words}).status_code == 401

    def test_pressed_twice_it_keeps_who_was_first_and_drops_a_proposal(self, cast: Cast, sofia: Member) -> None:
        lock(cast)
        panic.propose_unlock(actor=sofia.person, now=START)
        panic.lock_everyone(actor=cast.eva.person, now=START + dt.timedelta(minutes=5))
        row = PanicState.objects.get()
        assert (row.locked_by, row.locked_at, row.proposed_by) == (cast.boris.person, START, None)

    def test_the_console_locks(self, cast: Cast) -> None:
        call_command("panic_lock", stdout=StringIO())
        assert state.everyone_is_locked()
        assert PanicState.objects.get().locked_by is None


class TestWhoStays:
    def test_a_volunteer_signs_in_and_logs_a_request(self, cast: Cast, anna: Member, sign_in: SignIn) -> None:
        lock(cast)
        client = sign_in(anna)
        answer = client.post(reverse("log_request"), filled(client))
        assert answer.status_code == 302
        assert client.get(answer["Location"]).status_code == 200
        assert HelpRequest.objects.count() == 1

    def test_erasure_cannot_be_stopped(self, cast: Cast) -> None:
        lock(cast)
        assert Client().get(reverse("claim")).status_code == 200
        assert "erase_due" not in HELD_IN_PANIC

    def test_held_jobs_come_again_and_do_nothing_meanwhile(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        assert {f"requests_app.tasks.{name}" for name in HELD_IN_PANIC} <= {one.function for one in SCHEDULES}
        ran: list[str] = []
        monkeypatch.setattr(erasure, "archive_due", lambda *_a, **_k: ran.append("archive"))
        monkeypatch.setattr(erasure, "erase_due", lambda *_a, **_k: ran.append("erase"))
        lock(cast)
        tasks.archive_due()
        tasks.erase_due()
        assert ran == ["erase"]

    def test_an_officer_reaches_the_security_page_and_little_else(
        self, cast: Cast, sofia: Member, sign_in: SignIn
    ) -> None:
        lock(cast)
        client = sign_in(sofia)
        assert {client.get(reverse(name)).status_code for name in ("security", "people", "audit_trail")} == {200}
        for name in ("enrol", "circles", "open_circle", "new_words"):
            assert client.get(reverse(name)).status_code == 403
        for name in ("change_role", "restore_person", "reset_words", "reset_second_factor"):
            assert client.post(reverse(name, args=[cast.boris.person.id])).status_code == 403

    def test_nobody_becomes_an_officer_meanwhile(self, cast: Cast, sofia: Member) -> None:
        code = invitations.invite_person("newcomer", Role.SECURITY_OFFICER, actor=sofia.person, now=START)
        newcomer = Caseworker.objects.get(alias="newcomer")
        lock(cast)
        with pytest.raises(PolicyRefused) as refusal:
            invitations.accept_invitation(newcomer, "six words of a new officer here", now=START)
        assert refusal.value.message == invitations.LAPSED
        assert invitations.invited("newcomer", code, START) == newcomer


class TestLifting:
    def test_two_officers_lift_it(self, cast: Cast, sofia: Member, stella: Member, sign_in: SignIn) -> None:
        lock(cast)
        first, second, url = sign_in(sofia), sign_in(stella), reverse("unlock_everyone")
        assert first.post(url, {"words": sofia.words}).status_code == 302
        assert state.everyone_is_locked()
        assert "sofia proposed" in second.get(url).content.decode()
        assert second.post(url, {"words": stella.words}).status_code == 302
        assert not state.everyone_is_locked()
        assert sign_in_as(cast.boris).status_code == 302
        assert "Nobody is locked out" in first.get(url).content.decode()

    def test_the_pages_say_what_one_officer_needs(
        self, cast: Cast, sofia: Member, boris: Member, sign_in: SignIn
    ) -> None:
        client, other = sign_in(sofia), sign_in(boris)
        alone, one = "You are the only active officer", "Only one security officer is active"
        assert alone in client.get(reverse("lock_everyone")).content.decode()
        assert one in other.get(reverse("lock_everyone")).content.decode()
        lock(cast)
        page = sign_in(sofia).get(reverse("unlock_everyone")).content.decode()
        assert alone in page
        assert "Two security officers are needed" not in page
        Caseworker.objects.filter(id=sofia.person.id).update(status="suspended")
        assert "nobody can lift it for a week" in few_officers(viewer=boris.person)

    def test_two_officers_are_not_told_they_are_few(
        self, cast: Cast, sofia: Member, stella: Member, sign_in: SignIn
    ) -> None:
        page = sign_in(sofia).get(reverse("lock_everyone")).content.decode()
        assert "only active officer" not in page
        assert few_officers(viewer=cast.boris.person) == ""

    def test_one_officer_alone_cannot(self, cast: Cast, sofia: Member, sign_in: SignIn) -> None:
        lock(cast)
        client, url = sign_in(sofia), reverse("unlock_everyone")
        for _ in range(2):
            client.post(url, {"words": sofia.words})
        assert state.everyone_is_locked()
        panic.propose_unlock(actor=sofia.person, now=START)
        with pytest.raises(PolicyRefused):
            panic.unlock_everyone(actor=sofia.person, now=START)

    def test_a_stolen_session_without_words_cannot(
        self, cast: Cast, sofia: Member, stella: Member, sign_in: SignIn
    ) -> None:
        lock(cast)
        panic.propose_unlock(actor=sofia.person, now=dt.datetime.now(dt.UTC))
        client = sign_in(stella)
        answer = client.post(reverse("unlock_everyone"), {"words": "not these words of hers at all"})
        assert "not your words" in answer.content.decode()
        assert state.everyone_is_locked()

    @pytest.mark.parametrize(("minutes", "lifts"), [(0, True), (59, True), (60, False), (-1, False)])
    def test_a_proposal_stands_for_an_hour(
        self, cast: Cast, sofia: Member, stella: Member, minutes: int, lifts: bool
    ) -> None:
        lock(cast)
        panic.propose_unlock(actor=sofia.person, now=START)
        at = START + dt.timedelta(minutes=minutes)
        if lifts:
            panic.unlock_everyone(actor=stella.person, now=at)
        else:
            with pytest.raises(PolicyRefused):
                panic.unlock_everyone(actor=stella.person, now=at)
        assert state.everyone_is_locked() is not lifts

    def test_a_standing_proposal_is_confirmed_not_replaced(self, cast: Cast, sofia: Member, stella: Member) -> None:
        lock(cast)
        panic.propose_unlock(actor=sofia.person, now=START)
        with pytest.raises(PolicyRefused):
            panic.propose_unlock(actor=stella.person, now=START)
        panic.propose_unlock(actor=stella.person, now=START + dt.timedelta(hours=2))
        assert PanicState.objects.get().proposed_by == stella.person

    def test_a_race_is_said_on_the_form(
        self, cast: Cast, sofia: Member, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        lock(cast)

        def refuse(**_kwargs: object) -> None:
            raise PolicyRefused("Somebody was faster.")

        monkeypatch.setattr("caseworker.views.panic.panic.propose_unlock", refuse)
        answer = sign_in(sofia).post(reverse("unlock_everyone"), {"words": sofia.words})
        assert "Somebody was faster." in answer.content.decode()

    @pytest.mark.parametrize("who", ["boris", "eva", "olga"])
    def test_only_officers_may(self, cast: Cast, who: str) -> None:
        lock(cast)
        for act in (panic.propose_unlock, panic.unlock_everyone):
            with pytest.raises(PermissionRefused):
                act(actor=cast.all()[who].person, now=START)

    def test_nothing_to_lift(self, cast: Cast, sofia: Member) -> None:
        for act in (panic.propose_unlock, panic.unlock_everyone):
            with pytest.raises(PolicyRefused):
                act(actor=sofia.person, now=START)

    def test_the_console_is_the_second_hand_of_the_last_officer_only(
        self, cast: Cast, sofia: Member, stella: Member, sign_in: SignIn
    ) -> None:
        lock(cast)
        with pytest.raises(CommandError):
            call_command("panic_unlock", stdout=StringIO())
        client = sign_in(sofia)
        client.post(reverse("unlock_everyone"), {"words": sofia.words})
        with pytest.raises(CommandError):
            call_command("panic_unlock", stdout=StringIO())
        client.post(reverse("suspend_person", args=[stella.person.id]))
        call_command("panic_unlock", stdout=StringIO())
        assert not state.everyone_is_locked()
        assert PanicState.objects.get().by_console

    @pytest.mark.parametrize(("days", "refused"), [(0, True), (6, True), (7, False)])
    def test_the_console_makes_no_officer_in_the_first_week(
        self, cast: Cast, monkeypatch: pytest.MonkeyPatch, days: int, refused: bool
    ) -> None:
        assert not state.is_freshly_locked(START)
        lock(cast)
        assert state.is_freshly_locked(START + dt.timedelta(days=days)) is refused
        monkeypatch.setattr(
            "caseworker.management.commands.appoint_officer.clock.now", lambda: START + dt.timedelta(days=days)
        )
        monkeypatch.setattr("sys.stdin", StringIO("somebody else\n"))
        with pytest.raises(CommandError, match="less than a week" if refused else "not the alias"):
            call_command("appoint_officer", "vera", stdout=StringIO())
        assert not Caseworker.objects.filter(alias="vera").exists()


class TestTheRow:
    def test_a_missing_row_counts_as_locked(self, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        none = PanicState.objects.none()
        monkeypatch.setattr("caseworker.panic.PanicState.objects.filter", lambda **_k: none)
        assert state.everyone_is_locked()
        assert sign_in_as(cast.boris).status_code == 403

    def test_the_database_refuses_one_person_for_both(self, cast: Cast, sofia: Member) -> None:
        lock(cast)
        panic.propose_unlock(actor=sofia.person, now=START)
        for wrong in ({"lifted_by": sofia.person}, {}, {"by_console": True, "locked_at": None}):
            with pytest.raises(IntegrityError), transaction.atomic():
                PanicState.objects.filter(id=1).update(is_locked=False, **wrong)

    def test_the_database_refuses_to_skip_the_proposal_and_to_lose_the_row(
        self, cast: Cast, sofia: Member, stella: Member
    ) -> None:
        lock(cast)
        skipped = {"proposed_by": sofia.person, "proposed_at": START, "lifted_by": stella.person}
        with pytest.raises(DatabaseError), transaction.atomic():
            PanicState.objects.filter(id=1).update(is_locked=False, **skipped)
        with pytest.raises(DatabaseError), transaction.atomic():
            PanicState.objects.all().delete()
        with pytest.raises(IntegrityError), transaction.atomic():
            PanicState.objects.create(id=2)

    def test_a_row_that_was_taken_away_comes_back_locked(self, cast: Cast) -> None:
        assert state._state_of(has_people=True)["is_locked"] is True
        assert state._state_of(has_people=False)["is_locked"] is False
        state.make_state(using="ephemeral")
        state.make_state()
        assert not state.everyone_is_locked()

    def test_where_its_table_is_gone_it_makes_no_row(
        self, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
    ) -> None:
        monkeypatch.setattr(connection.introspection, "table_names", list)
        with django_assert_num_queries(0):
            state.make_state()

    def test_it_is_one_query(self, cast: Cast, django_assert_num_queries: Any) -> None:
        with django_assert_num_queries(1):
            state.everyone_is_locked()
        with django_assert_num_queries(0):
            state.is_shut(Role.VOLUNTEER, state.stands_in_panic(lambda: None))


class TestOneself:
    def test_all_own_sessions_end_with_one_press(self, cast: Cast, boris: Member, eva: Member, sign_in: SignIn) -> None:
        here, elsewhere, other = sign_in(boris), sign_in(boris), sign_in(eva)
        page = here.get(reverse("profile")).content.decode()
        assert reverse("lock_everywhere") in page
        here.post(reverse("lock_everywhere"))
        assert [is_inside(one) for one in (here, elsewhere, other)] == [False, False, True]
        assert audit_verbs()[-1] == AuditVerb.LOCK_EVERYWHERE

    def test_it_works_locked(self, boris: Member, sign_in: SignIn) -> None:
        client = sign_in(boris)
        client.post(reverse("lock"))
        client.post(reverse("lock_everywhere"))
        assert not SessionRow.objects.exists()


def test_suspending_still_works_while_locked(cast: Cast, sofia: Member) -> None:
    lock(cast)
    people.suspend_person(cast.eva.person, actor=sofia.person, now=START)
    assert not Caseworker.objects.get(id=cast.eva.person.id).is_active
