"""The context of the case page: the identity bar, and the sections that have something to show."""

import datetime as dt
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from caseworker.models.accounts import Caseworker
from requests_app import pages
from requests_app.enums import Stage
from requests_app.models.cases import Case
from requests_app.pages_case import clocks, connections, retention
from requests_app.pages_case.offers import shown_forms
from requests_app.pages_case.sections import SECTIONS
from requests_app.pages_case.sight import Place, Section, ShownSection, Sight, title_of


def _shown(section: Section, sight: Sight) -> ShownSection:
    values, made = section.values(sight), shown_forms(section.slug, sight)
    is_hidden = section.hides_in_lock and sight.is_locked
    hidden = _("This case is locked: what is here is not shown.") if is_hidden else ""
    return ShownSection(section.slug, section.title, section.template, values, made, hidden)


def _place(place: Place, sight: Sight) -> list[ShownSection]:
    """Return the sections of one place; one with neither a fragment nor a form is left out."""
    wanted = [section for section in SECTIONS if section.place is place and section.when(sight)]
    return [one for one in (_shown(section, sight) for section in wanted) if one.template or one.shown_forms]


def case_values(
    case: Case,
    *,
    person: Caseworker,
    now: dt.datetime,
    bound: Any = None,
    opened: Mapping[UUID, Any] | None = None,
    refusal: Any = "",
    asks_words: bool = False,
    there: str = "",
) -> dict[str, Any]:
    """Return the context of the case page; *bound* is a form that was refused, *opened* the fields of a record just revealed.

    *there* is the stage that a button of the page asked to move to: the form opens with it.
    """
    asked = Stage(there) if there in Stage.values else None
    sight = Sight(case, person, now, bound=bound, opened=opened or {}, there=asked, asks_words=asks_words)
    places = {place.value: _place(place, sight) for place in Place}
    shown = [form for sections in places.values() for section in sections for form in section.shown_forms]
    return places | {
        "facts": pages.case_facts(case, now, due_by=clocks.due_by(sight), held_until=retention.held_until(sight)),
        "shows_text": bool(sight.opened),
        "bound": bound,
        "bound_title": title_of(bound, shown),
        "refusal": refusal,
        "is_erased": case.erased_on is not None,
        "is_paused": sight.is_paused,
        "is_locked": sight.is_locked,
        "archived_on": case.archived_on,
        "retention": retention.notice(sight),
        "cautions": connections.cautions(sight),
    }
