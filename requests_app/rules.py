"""What happens when a stage or a condition begins: one table for the conditions, one for the stages. Pure; ``actions.consequences`` acts on it.

The hours are those of the route (docs/routing.md). A rule has a version: a task keeps the one it was made under, so that a later change of
the table explains itself.
"""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from requests_app.enums import CheckCode, Condition, Stage
from requests_app.enums_work import TaskKind

DAY = 24
HAND = ""
"""The rule code of a task that somebody made by hand."""


@dataclass(frozen=True)
class TaskRule:
    """A task that begins by itself, due so many hours later; ``hours`` is None where the day to ask again was typed."""

    kind: TaskKind
    hours: int | None
    version: int = 1


@dataclass(frozen=True)
class Consequence:
    """What a condition brings with it.

    ``ends_grants``: leave given to others ends at once and none is given meanwhile. ``drops_tasks``: whatever was open is dropped.
    ``stays_closed``: closing and reopening does not end it. ``checkin_hours`` rules over the stage's rhythm; with ``stops_checkins`` no
    check-in is due. The tasks of the condition are dropped when it ends.
    """

    tasks: tuple[TaskRule, ...] = ()
    ends_grants: bool = False
    drops_tasks: bool = False
    stays_closed: bool = False
    stops_checkins: bool = False
    checkin_hours: int | None = None


CONSEQUENCES: Mapping[Condition, Consequence] = MappingProxyType(
    {
        Condition.ACTIVE: Consequence(),
        Condition.PAUSED: Consequence((TaskRule(TaskKind.ASK_AGAIN, None),), stops_checkins=True),
        Condition.LOST_CONTACT: Consequence(
            (
                TaskRule(TaskKind.WRITE_AGAIN, DAY),
                TaskRule(TaskKind.OTHER_CHANNEL, 3 * DAY),
                TaskRule(TaskKind.ASK_TRUSTED, 14 * DAY),
                TaskRule(TaskKind.ASK_LAWYERS, 60 * DAY),
            ),
            checkin_hours=14 * DAY,
        ),
        Condition.DETAINED: Consequence(
            (TaskRule(TaskKind.LAWYER_NOW, 3),), ends_grants=True, stays_closed=True, checkin_hours=2 * DAY
        ),
        Condition.EXTRADITION: Consequence((TaskRule(TaskKind.LAWYER_NOW, 3),), checkin_hours=3 * DAY),
        Condition.RETURNED: Consequence(stops_checkins=True),
        Condition.COMPROMISED: Consequence(
            (TaskRule(TaskKind.NEW_CONTACT, DAY),), ends_grants=True, stays_closed=True, stops_checkins=True
        ),
        Condition.WITHDRAWN: Consequence(drops_tasks=True, stops_checkins=True),
        Condition.DECEASED: Consequence(drops_tasks=True, stays_closed=True, stops_checkins=True),
    }
)

STAGE_TASKS: Mapping[Stage, tuple[TaskRule, ...]] = MappingProxyType(
    dict.fromkeys(Stage, ())
    | {
        Stage.TRANSIT_ARRIVAL: (TaskRule(TaskKind.REGISTRATION, 3 * DAY),),
        Stage.ASYLUM_FILING: (TaskRule(TaskKind.LAWYER, 3 * DAY),),
        Stage.ASYLUM_INTERVIEW: (TaskRule(TaskKind.APPOINTMENT, 3 * DAY),),
        Stage.ASYLUM_APPEAL: (TaskRule(TaskKind.APPEAL_DEADLINE, DAY), TaskRule(TaskKind.LAWYER, DAY)),
    }
)
"""Tasks of a stage outlive it: what was not done on arrival is still to be done."""

LEVEL_OF: Mapping[CheckCode, int] = MappingProxyType(
    {
        CheckCode.COHERENT_STORY: 1,
        CheckCode.INDEPENDENT_DETAIL: 2,
        CheckCode.VOUCHED: 3,
        CheckCode.DOCUMENT_SEEN: 4,
        CheckCode.PRESSURE_SIGNS: 0,
    }
)
LEAD_FROM, SEEN_BY_TWO = 3, 4


LEAD_CHECKS = tuple(code for code, level in LEVEL_OF.items() if level >= LEAD_FROM)


def asked_level(checks: Iterable[tuple[CheckCode, Hashable | None]]) -> int:
    """Return the highest level that any of the passed checks points to, however many people stand behind it."""
    return max((LEVEL_OF[code] for code, _person in checks), default=0)


def borne_level(checks: Iterable[tuple[CheckCode, Hashable | None]]) -> int:
    """Return the level that the passed checks bear: three needs two different people, four that two have seen the document."""
    passed = list(checks)
    people = {person for _code, person in passed if person is not None}
    seen_by = {person for code, person in passed if code == CheckCode.DOCUMENT_SEEN and person is not None}
    asked = asked_level(passed)
    if len(seen_by) > 1:
        return SEEN_BY_TWO
    if asked >= LEAD_FROM and len(people) > 1:
        return LEAD_FROM
    return max((LEVEL_OF[code] for code, _person in passed if LEVEL_OF[code] < LEAD_FROM), default=0)
