"""Play the planned year through the same actions as the web pages, in the order in which things happened."""

import datetime as dt
import heapq
import random
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count

from django.db import transaction

from caseworker.enums import Role
from caseworker.models.accounts import Caseworker
from requests_app.actions import casework, closure, intake, releases, stages, stays, triage, verification
from requests_app.demo.organization import DemoCast
from requests_app.demo.people import NOTES, invent_persona
from requests_app.demo.planning import CLOSED_PREFIX, PlannedRequest, Step, load_distributions
from requests_app.enums import CheckCode, CheckOutcome, Condition, Country, Outcome, ReasonCode, SafeAnswer, Stage
from requests_app.models.cases import Case
from requests_app.models.counts import CountCell
from requests_app.models.help_requests import HelpRequest
from requests_app.models.stays import CountryStay
from requests_app.rules import LEAD_FROM
from requests_app.stages import CONDITIONS, NEEDS_REASON, STAGES, MoveKind, move_kind
from requests_app.statistics.periods import release_day
from requests_app.statistics.sampler import RandBelow

END = dt.datetime(2025, 2, 20, 10, 0, tzinfo=dt.UTC)
BATCH = 250
LADDER = (CheckCode.COHERENT_STORY, CheckCode.INDEPENDENT_DETAIL, CheckCode.VOUCHED, CheckCode.DOCUMENT_SEEN)
ADVICE_PATH = ("verification", "closed:advice_only")
FROZEN_UNTIL = dt.date(2024, 11, 1)
ARRIVALS = {Stage.TRANSIT_ARRIVAL: "transit_country_if_abroad", Stage.ASYLUM_FILING: "asylum_country_if_filed"}
ABROAD = {"abroad_transit", "abroad_eu"}

Progress = Callable[[int, int], None]
Happening = tuple[dt.datetime, int, Callable[[dt.datetime], None]]


class DemoMismatch(Exception):
    """A month's counters differ from the plan: a fault of the program."""


@dataclass
class Player:
    """Carries out one plan; ``now`` is always the moment of the happening, never the real clock."""

    cast: DemoCast
    rng: random.Random
    randbelow: RandBelow
    cases: dict[int, uuid.UUID] = field(default_factory=dict)
    requests: dict[int, uuid.UUID] = field(default_factory=dict)

    @property
    def coordinators(self) -> tuple[Caseworker, Caseworker]:
        """The two coordinators, in random order."""
        pair = (self.cast["boris"], self.cast["galina"])
        return pair if self.rng.random() < 0.5 else (pair[1], pair[0])

    def log(self, plan: PlannedRequest, now: dt.datetime) -> None:
        """Log the request as the volunteer."""
        codes = plan.codes
        persona = invent_persona(self.rng, channel=codes["channel"], situation=codes["situation"])
        texts = intake.SealedTexts("\n".join(persona.contacts), persona.name, persona.story)
        safety = intake.Safety(may_write=SafeAnswer.YES, may_call=self.rng.choice(list(SafeAnswer)))
        data = intake.IntakeData(
            texts=texts,
            safety=safety,
            needs=plan.needs,
            form_token=uuid.UUID(int=self.rng.getrandbits(128), version=4),
            **{
                name: codes[name]
                for name in ("requester", "category", "situation", "urgency", "country", "channel", "language")
            },
        )
        self.requests[plan.number] = intake.log_request(data, actor=self.cast["anna"], now=now).help_request_id

    def triage(self, plan: PlannedRequest, now: dt.datetime) -> None:
        """Confirm the person: advice at once for those who need no more, a case for everybody else."""
        help_request = HelpRequest.objects.get(id=self.requests[plan.number])
        actor = self.coordinators[0]
        if tuple(step.target for step in plan.steps) == ADVICE_PATH:
            triage.advise_request(help_request, actor=actor, now=now)
            return
        self.cases[plan.number] = triage.promote_request(help_request, actor=actor, now=now).id

    def step(self, plan: PlannedRequest, step: Step, now: dt.datetime) -> None:
        """Carry out one step of the path, if there is a case that is still open."""
        open_cases = Case.objects.filter(is_open=True)
        case = open_cases.filter(id=self.cases[plan.number]).first() if plan.number in self.cases else None
        if case is None:
            return
        if step.target.startswith(CLOSED_PREFIX):
            outcome = Outcome(step.target.removeprefix(CLOSED_PREFIX))
            closure.close_case(case, outcome, version=case.version, actor=self._owner(case), now=now)
        elif step.target in Condition.values:
            self.change_condition(case, Condition(step.target), now)
        else:
            self.move(case, Stage(step.target), plan, now)

    def _owner(self, case: Case) -> Caseworker:
        people = (self.cast["boris"], self.cast["galina"])
        return next((one for one in people if one.id == case.owner_id), people[0])

    def change_condition(self, case: Case, there: Condition, now: dt.datetime) -> None:
        """Change the condition as somebody who may: another person than the owner, or the lead where only a lead can."""
        here = CONDITIONS[Condition(case.condition)]
        if there == case.condition or there not in here.next:
            return
        others = [one for one in self.coordinators if one.id != case.owner_id]
        actor = (
            self.cast["eva"]
            if Role.COORDINATOR not in here.ended_by
            else others[0]
            if here.ended_by_another
            else self._owner(case)
        )
        if case.condition == Condition.COMPROMISED:
            officer = self.cast["sofia"]
            stages.clear_compromise(case, burns_contacts=False, version=case.version, actor=officer, now=now)
            return
        until = (now + dt.timedelta(days=21)).date() if CONDITIONS[there].needs_date else None
        stages.set_condition(case, there, version=case.version, actor=actor, now=now, until=until)

    def verify(self, case: Case, level: int, now: dt.datetime) -> None:
        """Record the checks that are missing up to *level*: one coordinator the first two, both from there on; a lead approves."""
        both = (self.cast["boris"], self.cast["galina"])
        for place in range(case.verification_level, level):
            for actor in both if place + 1 >= LEAD_FROM else both[:1]:
                verification.record_check(
                    case, LADDER[place], CheckOutcome.YES, version=case.version, actor=actor, now=now
                )
        if level >= LEAD_FROM > case.verification_level:
            verification.approve_verification(case, version=case.version, actor=self.cast["eva"], now=now)

    def move(self, case: Case, there: Stage, plan: PlannedRequest, now: dt.datetime) -> None:
        """Move the case; end a condition that holds it, record missing checks, give the reason where one is needed."""
        if not CONDITIONS[Condition(case.condition)].moves:
            self.change_condition(case, Condition.ACTIVE, now)
        kind = move_kind(Stage(case.stage), there)
        if kind is MoveKind.NOWHERE:
            return
        reason = None
        if kind in NEEDS_REASON:
            abroad = plan.codes["situation"] in ABROAD
            reason = ReasonCode.ALREADY_ABROAD if abroad else ReasonCode.PLAN_CHANGED
        self.verify(case, STAGES[there].min_level, now)
        actor = self.cast["eva"] if kind is MoveKind.FAR_BACK else self._owner(case)
        note = self.rng.choice(NOTES) if self.rng.random() < 0.2 else ""
        self.arrive(case, there, now)
        casework.move_case_with_note(case, there, version=case.version, actor=actor, now=now, reason=reason, note=note)

    def arrive(self, case: Case, there: Stage, now: dt.datetime) -> None:
        """Correct the country of somebody who has arrived in another one."""
        shares = ARRIVALS.get(there)
        if shares is not None:
            data = load_distributions()[shares]
            country = self.rng.choices(list(data), weights=list(data.values()))[0]
            facts = {"country": country, "document_status": case.document_status, "category": case.category}
            casework.change_facts(case, **facts, version=case.version, actor=self._owner(case), now=now)
            self.enter(case, Country(country), now)

    def enter(self, case: Case, country: Country, now: dt.datetime) -> None:
        """Record the entry, so that the stay has its clocks."""
        is_there = CountryStay.objects.filter(case=case, country=country, left_on__isnull=True).exists()
        if country in stays.ABROAD and not is_there:
            told = stays.StayFacts(country, now.date())
            stays.record_entry(case, told, version=case.version, actor=self._owner(case), now=now)

    def release(self, month: dt.date, expected: int, now: dt.datetime) -> None:
        """Propose, approve, freeze and publish a month; before that, its counters must equal the plan."""
        counted = CountCell.objects.filter(month=month, table="T0").values_list("count", flat=True)
        if list(counted) != [expected]:
            raise DemoMismatch
        made = releases.propose_release(month, actor=self.cast["dmitri"], now=now)
        releases.approve_release(made, actor=self.cast["eva"], now=now)
        frozen = releases.freeze_release(made.id, now=now, randbelow=self.randbelow)
        releases.publish_release(frozen, actor=self.cast["dmitri"], now=now)


def _bind(run: Callable[..., None], *arguments: object) -> Callable[[dt.datetime], None]:
    return lambda now: run(*arguments, now)


def happenings(player: Player, plans: Sequence[PlannedRequest], *, with_releases: bool) -> Iterator[Happening]:
    """Yield everything that happens until the end of the demo, in the order of time."""
    order, heap = count(), []
    for plan in plans:
        heap.append((plan.received_at, next(order), _bind(player.log, plan)))
        heap.append((plan.triaged_at, next(order), _bind(player.triage, plan)))
        heap += [(step.at, next(order), _bind(player.step, plan, step)) for step in plan.steps]
    if with_releases:
        for code, expected in load_distributions()["by_month"].items():
            month = dt.date.fromisoformat(f"{code}-01")
            if month <= FROZEN_UNTIL:
                at = dt.datetime.combine(release_day(month), dt.time(9), dt.UTC)
                heap.append((at, next(order), _bind(player.release, month, expected)))
    heapq.heapify(heap)
    while heap and heap[0][0] < END:
        yield heapq.heappop(heap)


def play(player: Player, plans: Sequence[PlannedRequest], *, progress: Progress, with_releases: bool = True) -> int:
    """Play the plans in transactions of 250 happenings; returns how many there were."""
    todo = list(happenings(player, plans, with_releases=with_releases))
    for start in range(0, len(todo), BATCH):
        with transaction.atomic():
            for at, _order, run in todo[start : start + BATCH]:
                run(at)
        progress(min(start + BATCH, len(todo)), len(todo))
    return len(todo)


def fill_gaps(player: Player) -> None:
    """Put one open case into every stage and every condition that the year happened to leave empty, so that each can be seen."""
    now = END - dt.timedelta(hours=5)
    with transaction.atomic():
        for stage in Stage:
            if stage != Stage.CLOSED and not Case.objects.filter(stage=stage, is_open=True).exists():
                _bring_to_stage(player, stage, now)
        for condition in Condition:
            if not Case.objects.filter(condition=condition, is_open=True).exists():
                _bring_to_condition(player, condition, now)


def _bring_to_stage(player: Player, stage: Stage, now: dt.datetime) -> None:
    case = Case.objects.filter(stage=Stage.IN_HIDING, condition=Condition.ACTIVE, is_open=True).order_by("id").first()
    if case is None:
        return
    kind = move_kind(Stage(case.stage), stage)
    player.verify(case, STAGES[stage].min_level, now)
    reason = ReasonCode.PLAN_CHANGED if kind in NEEDS_REASON else None
    stages.move_case(case, stage, version=case.version, actor=player.cast["eva"], now=now, reason=reason)


def _bring_to_condition(player: Player, condition: Condition, now: dt.datetime) -> None:
    case = (
        Case.objects.filter(stage=Stage.LOCAL_REGISTRATION, condition=Condition.ACTIVE, is_open=True)
        .order_by("id")
        .first()
    )
    if case is not None:
        player.change_condition(case, condition, now)


def log_fresh_requests(player: Player, plans: Sequence[PlannedRequest], number: int) -> None:
    """Log a few more requests in the last hours, which nobody has decided on yet."""
    for place, plan in enumerate(plans[-number:]):
        player.log(plan, END - dt.timedelta(hours=2 * place, minutes=11))
