"""The route as data: what each stage and condition allows. Pure, total, walked by tests; only ``actions.stages`` acts on it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from types import MappingProxyType

from caseworker.enums import Role
from requests_app.enums import Condition, ReasonCode, Stage, Urgency


class Phase(IntEnum):
    """Parts of the route in their order."""

    INTAKE = 0
    EXIT = 1
    BORDER = 2
    TRANSIT = 3
    ASYLUM = 4
    END = 5


class TargetKind(StrEnum):
    """Where the target date of a stage comes from."""

    HOURS = "hours"
    COUNTRY = "country"
    APPOINTMENT = "appointment"
    DEADLINE = "deadline"
    NONE = "none"


@dataclass(frozen=True)
class Target:
    """How soon a stage should be left, in hours by urgency; or a date that is typed in, never guessed."""

    kind: TargetKind
    hours: Mapping[Urgency, int] | None = None


def _hours(now: int, days_3: int, weeks_2: int, routine: int) -> Target:
    values = {Urgency.NOW: now, Urgency.DAYS_3: days_3, Urgency.WEEKS_2: weeks_2, Urgency.ROUTINE: routine}
    return Target(TargetKind.HOURS, MappingProxyType(values))


BY_COUNTRY = Target(TargetKind.COUNTRY)
BY_APPOINTMENT = Target(TargetKind.APPOINTMENT)
BY_DEADLINE = Target(TargetKind.DEADLINE)
NO_TARGET = Target(TargetKind.NONE)


@dataclass(frozen=True)
class StageRow:
    """One stage: its phase, where the route goes on, its target, its check-in rhythm in hours, the verification it needs.

    ``coarsens``: when it is left, its days become the Monday of their week, because exact exit and border days are never kept.
    """

    phase: Phase
    next: tuple[Stage, ...]
    target: Target
    checkin_hours: int | None = None
    min_level: int = 0
    coarsens: bool = False


STAGES: Mapping[Stage, StageRow] = MappingProxyType(
    {
        Stage.RECEIVED: StageRow(
            Phase.INTAKE,
            (Stage.VERIFICATION, Stage.LEGAL_CONSULT, Stage.CLOSED),
            _hours(2, 12, 48, 96),
            checkin_hours=None,
        ),
        Stage.VERIFICATION: StageRow(
            Phase.INTAKE,
            (Stage.LEGAL_CONSULT, Stage.PLANNING, Stage.CLOSED),
            _hours(6, 24, 72, 120),
            checkin_hours=None,
        ),
        Stage.LEGAL_CONSULT: StageRow(
            Phase.INTAKE,
            (Stage.ADVICE, Stage.PLANNING, Stage.IN_HIDING, Stage.TRAVEL_DOCUMENT, Stage.ASYLUM_FILING, Stage.CLOSED),
            _hours(12, 48, 120, 240),
            checkin_hours=None,
        ),
        Stage.ADVICE: StageRow(
            Phase.INTAKE,
            (Stage.LEGAL_CONSULT, Stage.PLANNING, Stage.CLOSED),
            _hours(336, 336, 336, 336),
            checkin_hours=None,
        ),
        Stage.PLANNING: StageRow(
            Phase.INTAKE,
            (
                Stage.HOSPITAL_EXIT,
                Stage.LEAVE_EXIT,
                Stage.UNIT_EXIT,
                Stage.IN_HIDING,
                Stage.BORDER_CROSSING,
                Stage.TRANSIT_ARRIVAL,
                Stage.LEGAL_CONSULT,
                Stage.CLOSED,
            ),
            _hours(24, 72, 240, 480),
            checkin_hours=72,
            min_level=2,
        ),
        Stage.HOSPITAL_EXIT: StageRow(
            Phase.EXIT,
            (Stage.IN_HIDING, Stage.BORDER_CROSSING, Stage.PLANNING, Stage.CLOSED),
            _hours(48, 96, 336, 336),
            checkin_hours=48,
            min_level=3,
            coarsens=True,
        ),
        Stage.LEAVE_EXIT: StageRow(
            Phase.EXIT,
            (Stage.IN_HIDING, Stage.BORDER_CROSSING, Stage.PLANNING, Stage.CLOSED),
            _hours(48, 96, 336, 336),
            checkin_hours=48,
            min_level=3,
            coarsens=True,
        ),
        Stage.UNIT_EXIT: StageRow(
            Phase.EXIT,
            (Stage.IN_HIDING, Stage.BORDER_CROSSING, Stage.PLANNING, Stage.CLOSED),
            _hours(48, 96, 240, 240),
            checkin_hours=24,
            min_level=3,
            coarsens=True,
        ),
        Stage.IN_HIDING: StageRow(
            Phase.EXIT,
            (Stage.BORDER_CROSSING, Stage.LEGAL_CONSULT, Stage.TRAVEL_DOCUMENT, Stage.CLOSED),
            _hours(168, 336, 720, 720),
            checkin_hours=168,
        ),
        Stage.BORDER_CROSSING: StageRow(
            Phase.BORDER,
            (Stage.TRANSIT_ARRIVAL, Stage.IN_HIDING, Stage.CLOSED),
            _hours(24, 72, 72, 72),
            checkin_hours=24,
            min_level=3,
            coarsens=True,
        ),
        Stage.TRANSIT_ARRIVAL: StageRow(
            Phase.TRANSIT,
            (Stage.LOCAL_REGISTRATION, Stage.ONWARD_TRAVEL, Stage.TRAVEL_DOCUMENT, Stage.ASYLUM_FILING, Stage.CLOSED),
            _hours(24, 72, 120, 120),
            checkin_hours=72,
        ),
        Stage.LOCAL_REGISTRATION: StageRow(
            Phase.TRANSIT,
            (Stage.TRAVEL_DOCUMENT, Stage.HUMANITARIAN_VISA, Stage.ASYLUM_FILING, Stage.ONWARD_TRAVEL, Stage.CLOSED),
            BY_COUNTRY,
            checkin_hours=336,
        ),
        Stage.TRAVEL_DOCUMENT: StageRow(
            Phase.TRANSIT,
            (
                Stage.HUMANITARIAN_VISA,
                Stage.ONWARD_TRAVEL,
                Stage.ASYLUM_FILING,
                Stage.LOCAL_REGISTRATION,
                Stage.IN_HIDING,
                Stage.BORDER_CROSSING,
                Stage.CLOSED,
            ),
            _hours(720, 720, 1440, 1440),
            checkin_hours=336,
        ),
        Stage.HUMANITARIAN_VISA: StageRow(
            Phase.TRANSIT,
            (Stage.ONWARD_TRAVEL, Stage.LOCAL_REGISTRATION, Stage.ASYLUM_FILING, Stage.CLOSED),
            _hours(2160, 2160, 4320, 4320),
            checkin_hours=336,
        ),
        Stage.ONWARD_TRAVEL: StageRow(
            Phase.TRANSIT,
            (Stage.ASYLUM_FILING, Stage.LOCAL_REGISTRATION, Stage.AFTERCARE, Stage.CLOSED),
            _hours(72, 168, 336, 720),
            checkin_hours=72,
        ),
        Stage.ASYLUM_FILING: StageRow(
            Phase.ASYLUM,
            (
                Stage.RESPONSIBILITY_CHECK,
                Stage.ASYLUM_INTERVIEW,
                Stage.ASYLUM_DECISION,
                Stage.ONWARD_TRAVEL,
                Stage.CLOSED,
            ),
            _hours(48, 168, 336, 720),
            checkin_hours=336,
        ),
        Stage.RESPONSIBILITY_CHECK: StageRow(
            Phase.ASYLUM,
            (Stage.ASYLUM_INTERVIEW, Stage.ASYLUM_APPEAL, Stage.ONWARD_TRAVEL, Stage.CLOSED),
            _hours(2160, 2160, 2160, 2160),
            checkin_hours=336,
        ),
        Stage.ASYLUM_INTERVIEW: StageRow(
            Phase.ASYLUM, (Stage.ASYLUM_DECISION, Stage.CLOSED), BY_APPOINTMENT, checkin_hours=336
        ),
        Stage.ASYLUM_DECISION: StageRow(
            Phase.ASYLUM,
            (Stage.AFTERCARE, Stage.ASYLUM_APPEAL, Stage.CLOSED),
            _hours(4320, 4320, 4320, 4320),
            checkin_hours=720,
        ),
        Stage.ASYLUM_APPEAL: StageRow(
            Phase.ASYLUM,
            (Stage.AFTERCARE, Stage.ASYLUM_DECISION, Stage.ASYLUM_INTERVIEW, Stage.ONWARD_TRAVEL, Stage.CLOSED),
            BY_DEADLINE,
            checkin_hours=336,
        ),
        Stage.AFTERCARE: StageRow(
            Phase.ASYLUM,
            (Stage.ASYLUM_FILING, Stage.LEGAL_CONSULT, Stage.CLOSED),
            _hours(2160, 2160, 2160, 2160),
            checkin_hours=2160,
        ),
        Stage.CLOSED: StageRow(Phase.END, (), NO_TARGET, checkin_hours=None),
    }
)

OWN_TARGETS = tuple(stage for stage, row in STAGES.items() if row.target.kind is TargetKind.HOURS)
"""Stages whose target is a number of hours, and not a date: an organization may have hours of its own for these."""


@dataclass(frozen=True)
class ConditionRow:
    """One condition: what may follow, whether the path moves in it, what it does to contact and reveal, and who may end it.

    ``ended_by_another``: the person who set it cannot undo it alone. ``clock_hours``: the time to act, by urgency.
    """

    next: tuple[Condition, ...]
    moves: bool = False
    reveals: bool = True
    may_contact: bool = True
    needs_date: bool = False
    ended_by_another: bool = False
    ended_by: tuple[Role, ...] = (Role.COORDINATOR, Role.LEAD)
    clock_hours: Mapping[Urgency, int] | None = None


_ALARMS = (Condition.LOST_CONTACT, Condition.DETAINED, Condition.EXTRADITION, Condition.RETURNED)
_ENDS = (Condition.COMPROMISED, Condition.WITHDRAWN, Condition.DECEASED)

CONDITIONS: Mapping[Condition, ConditionRow] = MappingProxyType(
    {
        Condition.ACTIVE: ConditionRow((Condition.PAUSED, *_ALARMS, *_ENDS), moves=True),
        Condition.PAUSED: ConditionRow((Condition.ACTIVE, *_ALARMS, *_ENDS), needs_date=True),
        Condition.LOST_CONTACT: ConditionRow(
            (Condition.ACTIVE, Condition.DETAINED, Condition.EXTRADITION, Condition.RETURNED, *_ENDS),
            clock_hours=_hours(72, 336, 720, 1440).hours,
        ),
        Condition.DETAINED: ConditionRow(
            (Condition.ACTIVE, Condition.EXTRADITION, Condition.LOST_CONTACT, Condition.RETURNED, *_ENDS),
            may_contact=False,
            ended_by_another=True,
            clock_hours=_hours(3, 3, 12, 12).hours,
        ),
        Condition.EXTRADITION: ConditionRow(
            (Condition.ACTIVE, Condition.DETAINED, Condition.LOST_CONTACT, Condition.RETURNED, *_ENDS),
            moves=True,
            clock_hours=_hours(4, 4, 12, 12).hours,
        ),
        Condition.RETURNED: ConditionRow(
            (Condition.ACTIVE, Condition.DETAINED, Condition.LOST_CONTACT, *_ENDS), may_contact=False
        ),
        Condition.COMPROMISED: ConditionRow(
            (Condition.ACTIVE,),
            reveals=False,
            may_contact=False,
            ended_by_another=True,
            ended_by=(Role.SECURITY_OFFICER,),
        ),
        Condition.WITHDRAWN: ConditionRow((Condition.ACTIVE, Condition.DECEASED), may_contact=False, reveals=False),
        Condition.DECEASED: ConditionRow((Condition.ACTIVE,), may_contact=False, ended_by=(Role.LEAD,)),
    }
)


class MoveKind(StrEnum):
    """How a move relates to the route."""

    STEP = "step"
    SKIP = "skip"
    STEP_BACK = "step_back"
    FAR_BACK = "far_back"
    CLOSING = "closing"
    REOPENING = "reopening"
    NOWHERE = "nowhere"


class MoveRefusal(StrEnum):
    """Why a move is refused; ``policies`` has the sentences."""

    NOWHERE = "nowhere"
    CLOSE_INSTEAD = "close_instead"
    REOPEN_INSTEAD = "reopen_instead"
    CONDITION = "condition"
    REASON_MISSING = "reason_missing"
    LEAD_ONLY = "lead_only"
    VERIFICATION = "verification"


ORDER: Mapping[Stage, int] = MappingProxyType({stage: place for place, stage in enumerate(STAGES)})
LEVEL_WAIVERS = frozenset({ReasonCode.ALREADY_LEFT, ReasonCode.ALREADY_ABROAD})


def move_kind(here: Stage, there: Stage) -> MoveKind:
    """Classify a move: a step of the route, a skip ahead, one step back, further back, closing or reopening."""
    if here == there:
        return MoveKind.NOWHERE
    if there == Stage.CLOSED:
        return MoveKind.CLOSING
    if here == Stage.CLOSED:
        return MoveKind.REOPENING
    if there in STAGES[here].next:
        return MoveKind.STEP
    if ORDER[there] > ORDER[here]:
        return MoveKind.SKIP
    return MoveKind.STEP_BACK if here in STAGES[there].next else MoveKind.FAR_BACK


_NEVER: Mapping[MoveKind, MoveRefusal] = MappingProxyType(
    {
        MoveKind.NOWHERE: MoveRefusal.NOWHERE,
        MoveKind.CLOSING: MoveRefusal.CLOSE_INSTEAD,
        MoveKind.REOPENING: MoveRefusal.REOPEN_INSTEAD,
    }
)
NEEDS_REASON = frozenset({MoveKind.SKIP, MoveKind.STEP_BACK, MoveKind.FAR_BACK})


def refusal_of_move(
    here: Stage, there: Stage, *, condition: Condition, level: int, role: Role, reason: ReasonCode | None
) -> MoveRefusal | None:
    """Return why the move may not happen, or None.

    A skip ahead needs a reason (many write when they are already abroad) and is recorded as one spell. Going back needs a reason, and
    the lead when it is more than one step. Planning needs verification 2 and an exit 3, unless the person has already left.
    """
    kind = move_kind(here, there)
    if kind in _NEVER:
        return _NEVER[kind]
    if not CONDITIONS[condition].moves:
        return MoveRefusal.CONDITION
    if kind in NEEDS_REASON and reason is None:
        return MoveRefusal.REASON_MISSING
    if kind is MoveKind.FAR_BACK and role != Role.LEAD:
        return MoveRefusal.LEAD_ONLY
    if level < STAGES[there].min_level and reason not in LEVEL_WAIVERS:
        return MoveRefusal.VERIFICATION
    return None


class ConditionRefusal(StrEnum):
    """Why a change of condition is refused."""

    NOT_FROM_HERE = "not_from_here"
    CLOSED = "closed"
    ANOTHER_PERSON = "another_person"
    ROLE = "role"
    DATE_MISSING = "date_missing"


def refusal_of_condition(
    here: Condition, there: Condition, *, stage: Stage, role: Role, is_same_person: bool, has_date: bool
) -> ConditionRefusal | None:
    """Return why the condition may not change so, or None; *is_same_person*: the one who set the present one."""
    row = CONDITIONS[here]
    if stage == Stage.CLOSED:
        return ConditionRefusal.CLOSED
    if there not in row.next:
        return ConditionRefusal.NOT_FROM_HERE
    if role not in row.ended_by:
        return ConditionRefusal.ROLE
    if row.ended_by_another and is_same_person:
        return ConditionRefusal.ANOTHER_PERSON
    if CONDITIONS[there].needs_date and not has_date:
        return ConditionRefusal.DATE_MISSING
    return None
