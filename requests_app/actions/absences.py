"""Say that somebody is away: their clocks are the deputy's for those days, computed from the dates and from nothing else."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from caseworker import audit
from caseworker.enums import AccountStatus, AuditVerb, Role
from caseworker.exceptions import PolicyRefused
from caseworker.models.absences import Absence
from caseworker.models.accounts import Caseworker
from caseworker.permissions import Permission, check
from requests_app.models.cases import Case
from requests_app.models.membership import circles_of

LONGEST_ABSENCE = dt.timedelta(days=90)


def _record(person: Caseworker, verb: AuditVerb, *, actor: Caseworker, now: dt.datetime) -> None:
    audit.record(actor=actor, verb=verb, kind="caseworker", object_id=person.id, now=now)


def _check_whose(person: Caseworker, actor: Caseworker) -> None:
    if actor.role != Role.LEAD and person.id != actor.id:
        raise PolicyRefused(_("Only a lead records somebody else's absence."))
    if person.role != Role.COORDINATOR:
        raise PolicyRefused(_("Only coordinators have cases that a deputy can look after."))


def _check_days(from_on: dt.date, until_on: dt.date, today: dt.date) -> None:
    if until_on < from_on or until_on < today:
        raise PolicyRefused(_("The last day lies before the first one, or is over already."))
    if until_on - from_on > LONGEST_ABSENCE:
        raise PolicyRefused(_("An absence is at most 90 days long. Hand the cases over instead."))


def _check_deputy(person: Caseworker, deputy: Caseworker) -> None:
    """Refuse a deputy who could not act in every circle where *person* has open cases."""
    if deputy.id == person.id or deputy.status != AccountStatus.ACTIVE or deputy.role != Role.COORDINATOR:
        raise PolicyRefused(_("The deputy is another active coordinator."))
    unread = Case.objects.open().filter(owner=person).exclude(circle__in=circles_of(deputy))
    if unread.exists():
        raise PolicyRefused(_("The deputy cannot read every case of this person. Choose a member of the same circles."))


def _check_free(person: Caseworker, deputy: Caseworker, from_on: dt.date, until_on: dt.date) -> None:
    """Refuse a second absence in the same days, and a deputy who is away then."""
    same_days = Absence.objects.filter(from_on__lte=until_on, until_on__gte=from_on, ended_on__isnull=True)
    if same_days.filter(person=person).exists():
        raise PolicyRefused(_("An absence in these days is recorded already. End it first."))
    if same_days.filter(person=deputy).exists():
        raise PolicyRefused(_("The deputy is away in these days. Choose somebody else."))
    if same_days.filter(deputy=person).exists():
        raise PolicyRefused(
            _("This person is somebody's deputy in these days. End that absence or name another deputy first.")
        )


@transaction.atomic
def record_absence(
    person: Caseworker, deputy: Caseworker, from_on: dt.date, until_on: dt.date, *, actor: Caseworker, now: dt.datetime
) -> Absence:
    """Record that *person* is away from *from_on* to *until_on*, both days included, and that *deputy* answers for them.

    One's own, or anybody's for a lead. Raises ``PolicyRefused`` for days in the wrong order, for a deputy who cannot read the person's
    cases or is away too, and for a second absence in the same days.
    """
    check(actor, Permission.RECORD_ABSENCE)
    _check_whose(person, actor)
    _check_days(from_on, until_on, now.date())
    _check_deputy(person, deputy)
    list(Caseworker.objects.select_for_update().filter(id__in=[person.id, deputy.id]).order_by("id"))
    _check_free(person, deputy, from_on, until_on)
    made = Absence.objects.create(person=person, deputy=deputy, from_on=from_on, until_on=until_on)
    _record(person, AuditVerb.RECORD_ABSENCE, actor=actor, now=now)
    return made


@transaction.atomic
def end_absence(absence: Absence, *, actor: Caseworker, now: dt.datetime) -> None:
    """End an absence before its last day: the person is back."""
    check(actor, Permission.RECORD_ABSENCE)
    _check_whose(absence.person, actor)
    if Absence.objects.filter(id=absence.id, ended_on__isnull=True).update(ended_on=now.date()) != 1:
        raise PolicyRefused(_("This absence has ended already."))
    _record(absence.person, AuditVerb.END_ABSENCE, actor=actor, now=now)
