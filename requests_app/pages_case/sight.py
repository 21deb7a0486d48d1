"""One look at a case, and what a section and a form of its page are. What several sections need is read once."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any
from uuid import UUID

from django.utils.functional import Promise

from caseworker.enums import Role
from caseworker.models.accounts import Caseworker
from caseworker.permissions import Permission
from requests_app.enums import Stage
from requests_app.models.cases import Case
from requests_app.models.contacts import ContactPoint
from requests_app.models.deadlines import Deadline
from requests_app.models.help_requests import HelpRequest
from requests_app.models.retention import RetentionHold
from requests_app.models.work import ChecklistItem
from requests_app.policies import may_work
from requests_app.queries import cases as queries
from requests_app.queries import work
from requests_app.queries.connections import Connection, connections_of
from requests_app.queries.dossier import Dossier, dossier_of
from requests_app.queries.retention import hold_on
from requests_app.queries.stays import Stays, stays_of


@dataclass
class Sight:
    """Who looks at which case when; *bound* is a form that was refused, *opened* the fields of a record just revealed."""

    case: Case
    person: Caseworker
    now: dt.datetime
    bound: Any = None
    opened: Mapping[UUID, Any] = field(default_factory=dict)
    there: Stage | None = None
    asks_words: bool = False

    @property
    def is_paused(self) -> bool:
        """Tell whether the person's wish to be erased waits: then nothing of theirs is opened or changed."""
        return self.case.erasure_due_at is not None

    @property
    def is_locked(self) -> bool:
        """Tell whether somebody locked the case: then nothing of it is opened, changed or shown but its codes."""
        return self.case.locked_on is not None

    @property
    def is_masked(self) -> bool:
        """Tell whether contacts and sealed records are left out altogether."""
        return self.is_paused or self.is_locked

    @cached_property
    def reaches(self) -> bool:
        """Tell whether the case is the person's to work on, be it masked now or not."""
        reads = getattr(self.case, "reads_circle", None)
        return may_work(self.case, self.person) if reads is None else reads or self.person.role == Role.LEAD

    @property
    def works(self) -> bool:
        """Tell whether the person may change the case now."""
        return not self.is_masked and self.reaches

    @cached_property
    def requests(self) -> list[HelpRequest]:
        """Return the requests behind the case."""
        return queries.requests_of(self.case)

    @cached_property
    def points(self) -> list[ContactPoint]:
        """Return the contact lines in use, in codes; none of somebody whose case is masked."""
        return [] if self.is_masked else queries.contact_points(self.requests)

    @cached_property
    def checklist(self) -> list[ChecklistItem]:
        """Return the questions of the present stage with their answers."""
        return work.checklist_of(self.case)

    @cached_property
    def colleagues(self) -> list[Caseworker]:
        """Return the active coordinators, each marked with ``reads_circle``."""
        return queries.coordinators(self.case.circle_id)

    @cached_property
    def hold(self) -> RetentionHold | None:
        """Return what holds the case back from erasure."""
        return None if self.case.is_open else hold_on(self.case, day=self.now.date())

    @cached_property
    def connections(self) -> list[Connection]:
        """Return what the case is connected with."""
        return connections_of(self.case, person=self.person, now=self.now)

    @cached_property
    def stays(self) -> Stays:
        """Return where the person has been and under which rules."""
        return stays_of(self.case)

    @cached_property
    def deadlines(self) -> list[Deadline]:
        """Return the typed dates of the case."""
        return self.dossier.deadlines

    @cached_property
    def dossier(self) -> Dossier:
        """Return what has happened in the case and what waits in it."""
        return dossier_of(self.case, person=self.person, now=self.now)


def versioned(form: Any, sight: Sight) -> Any:
    """Make a form that carries the version of the case."""
    return form(initial={"version": sight.case.version})


@dataclass(frozen=True)
class Offer:
    """A form of the case page: in which section, who may use it, in which state of the case, where it is sent and how it is made.

    ``is_first``: it is shown opened. ``in_lock``: it stays while the case is locked.
    """

    section: str
    permission: Permission
    form: Any
    when: Callable[[Sight], bool]
    url_name: str
    title: str | Promise
    submit: str | Promise
    make: Callable[[Any, Sight], Any] = versioned
    tone: str = ""
    is_first: bool = False
    in_lock: bool = False


@dataclass(frozen=True)
class ShownForm:
    """A form with its words and its address, as the fragment ``_form.html`` takes it."""

    form: Any
    url: str
    title: str | Promise
    submit: str | Promise
    tone: str
    is_open: bool


def title_of(bound: Any, shown: Iterable[ShownForm]) -> str | Promise:
    """Return the title of the form that was refused, so that what is wrong can name it; nothing when it is not shown."""
    return next((one.title for one in shown if bound is not None and one.form is bound), "")


class Place(StrEnum):
    """Where a section stands: beside each other on a wide screen, below each other in this order on a phone."""

    LEFT = "left"
    RIGHT = "right"
    BELOW = "below"


def always(_sight: Sight) -> bool:
    """Show in every state of the case."""
    return True


def nothing(_sight: Sight) -> dict[str, Any]:
    """Prepare no values: the section is forms only."""
    return {}


@dataclass(frozen=True)
class Section:
    """A part of the page: its heading, its fragment, and the prepared values it shows (``values.…`` in the fragment).

    The forms of ``offers.OFFERS`` that name the slug follow as ``shown_forms``; a section with neither forms nor a template is left out.
    ``hides_in_lock``: while the case is locked a sentence stands in place of the fragment, so that nobody takes it for erased.
    """

    slug: str
    title: str | Promise
    place: Place
    template: str = ""
    values: Callable[[Sight], Mapping[str, Any]] = nothing
    when: Callable[[Sight], bool] = always
    hides_in_lock: bool = False


@dataclass(frozen=True)
class ShownSection:
    """A section as the template takes it; *hidden* says why its fragment is not shown."""

    slug: str
    title: str | Promise
    template: str
    values: Mapping[str, Any]
    shown_forms: list[ShownForm]
    hidden: str = ""
