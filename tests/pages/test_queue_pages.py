"""The pages of the queues: Today, filters, saved views, workload, and several cases at once."""

import datetime as dt
import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from caseworker import clock
from caseworker.exceptions import PolicyRefused
from caseworker.models.absences import Absence
from caseworker.models.accounts import Caseworker
from requests_app.actions import saved_views as actions
from requests_app.enums import Condition, Stage, Urgency, ViewName
from requests_app.models.cases import Case
from requests_app.models.queues import BulkBatch, BulkChange, SavedView
from requests_app.queries.colleagues import active_coordinators_for, views_of
from tests.cast import START, Cast, Member, audit_verbs
from tests.factories import MARKERS, make_case, make_request
from tests.requests_app.test_queues import fill

pytestmark = pytest.mark.django_db
SignIn = Callable[[Member], Client]


@pytest.fixture(autouse=True)
def on_the_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the pages stand on the day of the cast."""
    monkeypatch.setattr(clock, "now", lambda: START)


def text(answer: Any) -> str:
    return str(answer.content.decode())


class TestToday:
    def test_loud_queues_stand_first_with_their_counts(self, cast: Cast, sign_in: SignIn) -> None:
        make_request(cast)
        Case.objects.filter(id=make_case(cast).id).update(condition=Condition.DETAINED, due_at=START)
        page = text(sign_in(cast.boris).get(reverse("today")))
        tiles = re.findall(r'data-tone="(\w+)" href="([^"]+)"><strong>(\d+)</strong>', page)
        assert tiles[0] == ("alert", "/cases/?queue=alerts", "1")
        tones = [tone for tone, _url, _count in tiles]
        assert tones == sorted(tones, key=["alert", "warn", "info", "quiet"].index)
        assert ("warn", "/triage/", "1") in tiles
        assert all(tone == "quiet" for tone, _url, count in tiles if count == "0")
        assert "Claim next" in page

    def test_costs_the_same_for_ten_more_cases(self, cast: Cast, sign_in: SignIn) -> None:
        client = sign_in(cast.boris)
        numbers = []
        for seed in (1, 2):
            fill(cast, 10, seed=seed)
            with CaptureQueriesContext(connection) as captured:
                client.get(reverse("today"))
            numbers.append(len(captured))
        assert numbers[0] == numbers[1]

    def test_a_lead_claims_nothing_and_sees_the_workload(self, cast: Cast, sign_in: SignIn) -> None:
        make_case(cast)
        client = sign_in(cast.eva)
        assert "Claim next" not in text(client.get(reverse("today")))
        page = text(client.get(reverse("workload")))
        assert re.search(r">boris</a>.*?<td[^>]*>1</td>", page, re.DOTALL)
        assert ">clara</a>" in page
        assert ">clara</a>" not in text(sign_in(cast.boris).get(reverse("workload")))

    def test_who_is_away_and_what_nobody_can_act_on_is_marked(self, cast: Cast, sign_in: SignIn) -> None:
        case, client, day = make_case(cast), sign_in(cast.eva), START.date()
        page = text(client.get(reverse("workload")))
        assert "away until" not in page
        assert "Nobody" not in page
        away = Absence.objects.create(
            person=cast.boris.person, deputy=cast.clara.person, from_on=day, until_on=day + dt.timedelta(days=3)
        )
        page = text(client.get(reverse("workload")))
        assert "away until 6 March 2025, deputy clara" in page
        assert re.search(r"Nobody.*?nobody can act.*?<td[^>]*>1</td>", page, re.DOTALL)
        away.delete()
        Case.objects.filter(id=case.id).update(owner=cast.mallory.person)
        page = text(client.get(reverse("workload")))
        assert re.search(r"mallory</a>.*?Suspended", page, re.DOTALL)
        assert re.search(r"Nobody.*?<td[^>]*>1</td>", page, re.DOTALL)
        Case.objects.filter(id=case.id).update(owner=None)
        assert "queue=owner_away" in text(client.get(reverse("workload")))
        Case.objects.filter(id=case.id).update(owner=cast.boris.person)
        assert "Nobody" not in text(client.get(reverse("workload")))


class TestTheQueue:
    def test_unknown_codes_are_named_and_left_out(self, cast: Cast, sign_in: SignIn) -> None:
        case = make_case(cast)
        answer = sign_in(cast.boris).get(
            reverse("case_queue"), {"stage": "<b>nowhere", "urgency": case.urgency, "owner": "x"}
        )
        page = text(answer)
        assert "Not understood and left out:" in page
        assert "Owner, Stage" in page
        assert "nowhere" not in page
        assert case.reference in page

    def test_who_asked_to_be_erased_shows_the_day_of_it(self, cast: Cast, sign_in: SignIn) -> None:
        Case.objects.filter(id=make_case(cast).id).update(erasure_due_at=START + dt.timedelta(days=2))
        page = text(sign_in(cast.boris).get(reverse("case_queue"), {"queue": "erasure_due"}))
        assert "erased on 5 March 2025" in page
        assert "asked to be erased" in page

    @pytest.mark.parametrize(
        ("query", "found"),
        [("owner=me", True), ("owner=none", False), ("circle=north", True), ("circle=south", True), ("category=mobilized", False),
         ("queue=closed", False), ("queue=mine", True), ("after=forged", True)],
    )  # fmt: skip
    def test_filters(self, cast: Cast, sign_in: SignIn, query: str, found: bool) -> None:
        case = make_case(cast)
        assert (case.reference in text(sign_in(cast.boris).get(f"/cases/?{query}"))) is found

    def test_a_person_is_a_filter(self, cast: Cast, sign_in: SignIn) -> None:
        case, client = make_case(cast), sign_in(cast.eva)
        assert case.reference in text(client.get("/cases/", {"owner": str(cast.boris.person.id)}))
        assert case.reference not in text(client.get("/cases/", {"owner": str(cast.clara.person.id)}))

    @pytest.mark.parametrize("status", ["left", "invited", "suspended"])
    def test_who_does_not_work_here_is_offered_nowhere(self, cast: Cast, sign_in: SignIn, status: str) -> None:
        make_case(cast)
        client, name = sign_in(cast.eva), ">clara</option>"
        assert name in text(client.get("/cases/"))
        Caseworker.objects.filter(id=cast.clara.person.id).update(status=status)
        assert name not in text(client.get("/cases/"))
        assert list(active_coordinators_for(cast.eva.person)) == [cast.boris.person]

    def test_the_next_page_keeps_the_filters(self, cast: Cast, sign_in: SignIn) -> None:
        fill(cast, 120)
        client = sign_in(cast.boris)
        first = text(client.get("/cases/?owner=none"))
        following = re.search(r'rel="next" href="([^"]+)"', first)
        assert following
        second = text(client.get(following[1].replace("&amp;", "&")))
        references = [set(re.findall(r'class="code">(\w+)<', page)) for page in (first, second)]
        assert [len(found) for found in references] == [50, 50]
        assert not references[0] & references[1]
        assert 'rel="prev" href="/cases/?owner=none"' in second

    def test_the_requests_are_filtered_by_codes(self, cast: Cast, sign_in: SignIn) -> None:
        help_request, client = make_request(cast, urgency=Urgency.NOW), sign_in(cast.boris)
        assert help_request.reference in text(client.get("/triage/?urgency=u1_now"))
        assert help_request.reference not in text(client.get("/triage/?urgency=u2_72h"))
        assert "Not understood" in text(client.get("/triage/?country=QQ&after=x"))

    def test_nothing_sealed_is_on_a_page(self, cast: Cast, sign_in: SignIn) -> None:
        make_case(cast)
        client = sign_in(cast.boris)
        for name in ("today", "case_queue", "triage_queue", "workload", "saved_views"):
            assert not any(marker in text(client.get(reverse(name))) for marker in MARKERS)


class TestClaimNext:
    def test_opens_the_case(self, cast: Cast, sign_in: SignIn) -> None:
        case = make_case(cast)
        Case.objects.update(owner=None)
        client = sign_in(cast.boris)
        answer = client.post(reverse("claim_next"), {"filters": "country=XX"})
        assert answer["Location"] == reverse("case", args=[case.id])
        assert "Nobody in your circles waits" in text(client.post(reverse("claim_next"), {"filters": "country=XX"}))
        assert "Nobody in your circles waits" in text(client.post(reverse("claim_next")))

    def test_a_lapsed_claim_shows_no_owner(self, cast: Cast, sign_in: SignIn) -> None:
        make_case(cast)
        Case.objects.update(claimed_until=START - dt.timedelta(hours=1))
        page = text(sign_in(cast.boris).get("/cases/?queue=unassigned"))
        assert re.search(r'data-label="Owner">—<', page)


class TestSavedViews:
    def save(self, client: Client, **data: str) -> Any:
        return client.post(
            reverse("save_view"), {"filters": "stage=planning&owner=me&circle=north", "scope": "", "name": ""} | data
        )

    def test_is_named_by_its_filters_and_counted_on_today(self, cast: Cast, sign_in: SignIn) -> None:
        client = sign_in(cast.boris)
        assert self.save(client).status_code == 302
        assert audit_verbs()[-1] == "save_view"
        Case.objects.filter(id=make_case(cast).id).update(stage=Stage.PLANNING)
        page = text(client.get(reverse("today")))
        assert "Me · Plan agreed · North" in page
        assert (
            '<a class="tile" data-tone="quiet" href="/cases/?owner=me&amp;stage=planning&amp;circle=north"><strong>1</strong>'
            in page
        )

    def test_of_a_person_and_a_queue(self, cast: Cast, sign_in: SignIn) -> None:
        client, boris = sign_in(cast.eva), cast.boris.person
        self.save(client, filters=f"queue=overdue&owner={boris.id}")
        view = SavedView.objects.get()
        assert (view.of_person, view.whose, view.queue) == (boris, "person", "overdue")
        page = text(client.get(reverse("saved_views")))
        assert "All overdue · boris" in page
        assert f"owner={boris.id}" in page

    def test_of_the_circle_is_seen_and_changed_by_its_members_alone(self, cast: Cast, sign_in: SignIn) -> None:
        boris, clara = sign_in(cast.boris), sign_in(cast.clara)
        self.save(boris, scope="north", name=ViewName.CALLS)
        view = SavedView.objects.get()
        assert view.circle == cast.north
        assert "To call" in text(boris.get(reverse("today")))
        assert "To call" not in text(clara.get(reverse("today")))
        for name in ("name_view", "drop_view"):
            assert clara.post(reverse(name, args=[view.id]), {"name": "watch"}).status_code == 404
        with pytest.raises(PolicyRefused):
            actions.drop_view(view, actor=cast.clara.person, now=START)
        with pytest.raises(PolicyRefused):
            actions.save_view({}, circle=cast.north, name="", actor=cast.clara.person, now=START)
        assert views_of(cast.eva.person) == {}
        assert self.save(sign_in(cast.eva), scope="north").status_code == 400

    def test_is_named_from_the_list_and_deleted(self, cast: Cast, sign_in: SignIn) -> None:
        client = sign_in(cast.boris)
        self.save(client)
        view = SavedView.objects.get()
        client.post(reverse("name_view", args=[view.id]), {"name": "watch"})
        assert "Keep an eye on" in text(client.get(reverse("saved_views")))
        assert client.post(reverse("name_view", args=[view.id]), {"name": "Ivan"}).status_code == 400
        client.post(reverse("name_view", args=[view.id]), {"name": ""})
        view.refresh_from_db()
        assert view.name == ""
        client.post(reverse("drop_view", args=[view.id]))
        assert not SavedView.objects.exists()
        assert audit_verbs()[-3:] == ["name_view", "name_view", "drop_view"]

    def test_the_same_filters_are_kept_once_in_one_place(self, cast: Cast, sign_in: SignIn) -> None:
        client, boris = sign_in(cast.boris), cast.boris.person
        person = f"owner={boris.id}&stage=planning"
        assert self.save(client).status_code == 302
        again = self.save(client, name=ViewName.CALLS)
        assert again.status_code == 403
        assert "These filters are saved already" in text(again)
        assert self.save(client, scope="north").status_code == 302
        assert [self.save(client, filters=person).status_code for _ in range(2)] == [302, 403]
        assert SavedView.objects.count() == 3

    def test_twelve_are_enough(self, cast: Cast, sign_in: SignIn) -> None:
        client = sign_in(cast.boris)
        stages = [stage for stage in Stage if stage != Stage.PLANNING][:12]
        for stage in stages:
            assert self.save(client, filters=f"stage={stage}").status_code == 302
        answer = self.save(client)
        assert answer.status_code == 403
        assert "Twelve views are saved already" in text(answer)
        assert self.save(client, scope="north").status_code == 302


class TestFilterForm:
    @pytest.mark.parametrize(
        ("query", "is_open"),
        [("", False), ("?queue=overdue", False), ("?queue=overdue&urgency=u1_now", True), ("?country=nowhere", True)],
    )
    def test_it_stands_open_when_it_narrows(self, cast: Cast, sign_in: SignIn, query: str, is_open: bool) -> None:
        page = text(sign_in(cast.boris).get(reverse("case_queue") + query))
        assert ('<details data-key="/" open>' in page) is is_open


class TestSeveralCases:
    def chosen(self, *cases: Case) -> list[str]:
        return [f"{case.id}.{case.version}" for case in cases]

    def test_preview_confirm_and_take_back(self, cast: Cast, sign_in: SignIn) -> None:
        cases, client = [make_case(cast), make_case(cast)], sign_in(cast.boris)
        preview = text(
            client.post(reverse("bulk_preview"), {"pick": self.chosen(*cases), "kind": "urgency", "urgency": "u1_now"})
        )
        assert "2 cases will change." in preview
        assert "Nothing is changed yet." in preview
        assert not Case.objects.filter(urgency=Urgency.NOW).exists()
        fields = dict(re.findall(r'name="(kind|urgency|reason|picks|batch)" value="([^"]*)"', preview))
        answer = client.post(reverse("bulk_run"), fields)
        batch = BulkBatch.objects.get()
        assert answer["Location"] == reverse("bulk_batch", args=[batch.id])
        assert client.post(reverse("bulk_run"), fields)["Location"] == answer["Location"]
        page = text(client.get(answer["Location"]))
        assert "2 cases were changed." in page
        assert "Take back (until 09:15)" in page
        client.post(reverse("take_back", args=[batch.id]))
        page = text(client.get(answer["Location"]))
        assert "2 cases were taken back." in page
        assert "were changed" not in page
        assert "Take back (until" not in page
        assert not Case.objects.filter(urgency=Urgency.NOW).exists()

    def test_the_preview_says_why_a_case_will_not_change(self, cast: Cast, sign_in: SignIn) -> None:
        first, second, client = make_case(cast), make_case(cast), sign_in(cast.boris)
        Case.objects.filter(id=second.id).update(verification_level=2, asked_level=2)
        picks = [*self.chosen(first), f"{second.id}.{second.version + 1}", f"{uuid.uuid4()}.1"]
        data = {"pick": picks, "kind": "stage", "stage": "planning", "reason": "new_information"}
        page = text(client.post(reverse("bulk_preview"), data))
        assert "0 cases will change." in page
        assert "2 cases will not." in page
        assert "1 case can no longer be seen." in page
        assert "The verification level is too low" in page
        assert "Somebody changed this case since you chose it." in page

    def test_everything_is_the_first_200_of_the_queue(self, cast: Cast, sign_in: SignIn) -> None:
        fill(cast, 230)
        Case.objects.update(owner=cast.boris.person)
        client = sign_in(cast.boris)
        data = {"everything": "1", "filters": "owner=me", "kind": "urgency", "urgency": "u1_now"}
        preview = text(client.post(reverse("bulk_preview"), data))
        assert "200 cases will change." in preview
        assert "30 more cases of the list are left out: at most 200 are changed at once." in preview
        fields = dict(re.findall(r'name="(kind|urgency|reason|picks|batch)" value="([^"]*)"', preview))
        client.post(reverse("bulk_run"), fields)
        assert BulkChange.objects.count() == 200

    @pytest.mark.parametrize(
        "data",
        [
            {"kind": "urgency", "urgency": "u1_now"},
            {"kind": "urgency", "urgency": "u1_now", "pick": ["x"]},
            {"kind": "urgency", "urgency": "u1_now", "pick": [f"{uuid.uuid4()}.{10**12}"]},
            {"kind": "urgency", "pick": [f"{uuid.uuid4()}.1"]},
            {"kind": "burn", "pick": [f"{uuid.uuid4()}.1"]},
            {},
        ],
    )
    def test_what_is_missing_is_said(self, cast: Cast, sign_in: SignIn, data: dict[str, Any]) -> None:
        client = sign_in(cast.boris)
        answer = client.post(reverse("bulk_preview"), data)
        assert answer.status_code == 400
        assert "Nothing was changed." in text(answer)
        assert client.post(reverse("bulk_run"), data | {"picks": "x"}).status_code == 400

    @pytest.mark.parametrize(
        ("kind", "says"),
        [
            ("urgency", '<a href="#bulk-urgency">Urgency</a>: Choose the urgency.'),
            ("stage", '<a href="#bulk-stage">Next stage</a>: Choose the next stage.'),
            ("close", '<a href="#bulk-outcome">Outcome</a>: Choose the outcome.'),
        ],
    )
    def test_it_is_asked_again_with_the_cases_kept(self, cast: Cast, sign_in: SignIn, kind: str, says: str) -> None:
        picks, client = self.chosen(make_case(cast), make_case(cast)), sign_in(cast.boris)
        data = {"pick": picks, "kind": kind, "filters": "queue=open&owner=me", "reason": "plan_changed"}
        page = text(client.post(reverse("bulk_preview"), data))
        assert says in page
        assert "2 cases are still chosen." in page
        assert '<option value="plan_changed" selected>' in page
        assert 'href="/cases/?queue=open&amp;owner=me"' in page
        fields = re.findall(r'type="hidden" name="(pick|filters)" value="([^"]*)"', page)
        again = {name: [value for one, value in fields if one == name] for name in ("pick", "filters")}
        preview = text(client.post(reverse("bulk_preview"), again | {"kind": "urgency", "urgency": "u1_now"}))
        assert "2 cases will change." in preview
        everything = data | {"pick": [], "everything": "1"}
        assert 'type="hidden" name="everything" value="1"' in text(client.post(reverse("bulk_preview"), everything))

    @pytest.mark.parametrize(("outcome", "day"), [("advice_only", "1 June 2025"), ("safe_abroad", "30 August 2025")])
    def test_closing_says_when_contacts_go(self, cast: Cast, sign_in: SignIn, outcome: str, day: str) -> None:
        data = {"pick": self.chosen(make_case(cast)), "kind": "close", "outcome": outcome}
        page = text(sign_in(cast.boris).post(reverse("bulk_preview"), data))
        assert f"Contacts and texts of all these cases are erased after {day}." in page

    def test_the_queue_leads_back_to_what_can_be_taken_back(
        self, cast: Cast, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        case, client, batch_id = make_case(cast), sign_in(cast.boris), uuid.uuid4()
        words, queue = "Your last change of several cases can be taken back until 09:15.", reverse("case_queue")
        assert words not in text(client.get(queue))
        data = {"kind": "urgency", "urgency": "u1_now", "picks": self.chosen(case)[0], "batch": str(batch_id)}
        answer = client.post(reverse("bulk_run"), data | {"filters": "owner=me"})
        assert answer["Location"] == reverse("bulk_batch", args=[batch_id]) + "?owner=me"
        assert 'href="/cases/?owner=me"' in text(client.get(answer["Location"]))
        assert words in text(client.get(queue))
        assert words not in text(sign_in(cast.eva).get(queue))
        monkeypatch.setattr(clock, "now", lambda: START + dt.timedelta(minutes=16))
        assert words not in text(client.get(queue))
        monkeypatch.setattr(clock, "now", lambda: START)
        back = client.post(reverse("take_back", args=[batch_id]), {"filters": "owner=me"})
        assert back["Location"] == answer["Location"]
        assert words not in text(client.get(queue))

    def test_more_than_200_are_refused(self, cast: Cast, sign_in: SignIn) -> None:
        picks = " ".join(f"{uuid.uuid4()}.1" for _ in range(201))
        data = {"kind": "urgency", "urgency": "u1_now", "picks": picks}
        assert sign_in(cast.boris).post(reverse("bulk_run"), data).status_code == 400

    def test_a_coordinator_is_not_offered_and_not_given_assigning(self, cast: Cast, sign_in: SignIn) -> None:
        case, client = make_case(cast), sign_in(cast.boris)
        assert 'value="assign"' not in text(client.get(reverse("case_queue")))
        data = {"kind": "assign", "owner": str(cast.boris.person.id), "pick": self.chosen(case)}
        assert client.post(reverse("bulk_preview"), data).status_code == 403
        picks = {"picks": self.chosen(case)[0]}
        assert client.post(reverse("bulk_run"), data | picks).status_code == 403
        eva = sign_in(cast.eva)
        assert 'value="assign"' in text(eva.get(reverse("case_queue")))
        assert "1 case will change." in text(eva.post(reverse("bulk_preview"), data))

    def test_a_batch_is_its_makers_alone(self, cast: Cast, sign_in: SignIn) -> None:
        case, batch_id = make_case(cast), uuid.uuid4()
        data = {"kind": "close", "outcome": "advice_only", "picks": self.chosen(case)[0], "batch": str(batch_id)}
        sign_in(cast.boris).post(reverse("bulk_run"), data)
        eva = sign_in(cast.eva)
        assert eva.get(reverse("bulk_batch", args=[batch_id])).status_code == 404
        assert eva.post(reverse("take_back", args=[batch_id])).status_code == 404
        assert eva.post(reverse("bulk_run"), data).status_code == 404

    @pytest.mark.parametrize(
        ("data", "words"),
        [
            ({"kind": "stage", "stage": "verification"}, "Next stage: Verification"),
            ({"kind": "close", "outcome": "advice_only"}, "Close with the outcome: Advice given"),
        ],
    )
    def test_the_preview_says_what_is_done(self, cast: Cast, sign_in: SignIn, data: dict[str, Any], words: str) -> None:
        case = make_case(cast)
        assert words in text(sign_in(cast.boris).post(reverse("bulk_preview"), data | {"pick": self.chosen(case)}))
