"""May this happen to this record now? The sentences of every refusal, in one table each, so that none is without one."""

import datetime as dt
import uuid
from collections.abc import Mapping
from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from caseworker.enums import AccountStatus, Role
from caseworker.exceptions import PolicyRefused, StaleVersion
from caseworker.models.accounts import Caseworker
from requests_app.clocks import MAX_PAUSE
from requests_app.enums import Condition, HandoverState, ReasonCode, RequestState, Stage
from requests_app.models.cases import Case
from requests_app.models.handovers import Handover
from requests_app.models.help_requests import HelpRequest
from requests_app.models.membership import circles_of
from requests_app.models.stays import CountryStay
from requests_app.rules import CONSEQUENCES
from requests_app.stages import CONDITIONS, ConditionRefusal, MoveRefusal, refusal_of_condition, refusal_of_move

MOVE_SENTENCES: Mapping[MoveRefusal, Promise] = MappingProxyType(
    {
        MoveRefusal.NOWHERE: _("The case is already at this stage."),
        MoveRefusal.CLOSE_INSTEAD: _("Close the case with an outcome instead of moving it."),
        MoveRefusal.REOPEN_INSTEAD: _("The case is closed. A lead can reopen it."),
        MoveRefusal.CONDITION: _("The path does not go on in this condition. Change the condition first."),
        MoveRefusal.REASON_MISSING: _("Choose a reason: this move skips ahead or goes back."),
        MoveRefusal.LEAD_ONLY: _("More than one step back is for a lead to decide."),
        MoveRefusal.VERIFICATION: _(
            "The verification level is too low for this stage. Record the missing checks first."
        ),
    }
)

CONDITION_SENTENCES: Mapping[ConditionRefusal, Promise] = MappingProxyType(
    {
        ConditionRefusal.NOT_FROM_HERE: _("This condition cannot follow the present one."),
        ConditionRefusal.CLOSED: _("The case is closed. A lead can reopen it."),
        ConditionRefusal.ANOTHER_PERSON: _("The person who set this condition cannot undo it alone. Ask a colleague."),
        ConditionRefusal.ROLE: _(
            "Your role does not end this condition. Ask a lead, or the security officer for a compromised case."
        ),
        ConditionRefusal.DATE_MISSING: _("Say when to ask again: a day within the next 60 days."),
    }
)


def check_version(case: Case, version: int) -> None:
    """Raise ``StaleVersion`` when the page was opened on an older state: that is said before anything about what may follow the new one."""
    if case.version != version:
        raise StaleVersion


def check_move(case: Case, there: Stage, *, actor: Caseworker, reason: ReasonCode | None) -> None:
    """Raise ``PolicyRefused`` unless the route, the condition and the verification allow the move."""
    refusal = refusal_of_move(
        Stage(case.stage),
        there,
        condition=Condition(case.condition),
        level=case.verification_level,
        role=Role(actor.role),
        reason=reason,
    )
    if refusal:
        raise PolicyRefused(MOVE_SENTENCES[refusal])


def check_condition(
    case: Case, there: Condition, *, actor: Caseworker, set_by: object, until: dt.date | None, now: dt.datetime
) -> None:
    """Raise ``PolicyRefused`` unless the present condition may be followed by *there*, by this person, with this date."""
    if until is not None and not CONDITIONS[there].needs_date:
        raise PolicyRefused(_("A day to ask again belongs to a pause only. Leave it empty."))
    has_date = until is not None and now.date() < until <= now.date() + MAX_PAUSE
    refusal = refusal_of_condition(
        Condition(case.condition),
        there,
        stage=Stage(case.stage),
        role=Role(actor.role),
        is_same_person=set_by == actor.id,
        has_date=has_date,
    )
    if refusal:
        raise PolicyRefused(CONDITION_SENTENCES[refusal])


def reads_circle(circle_id: uuid.UUID, person: Caseworker) -> bool:
    """Tell whether *person* holds a usable key of the circle."""
    return bool(circles_of(person).filter(circle_key__circle_id=circle_id).exists())


def check_reads_circle(circle_id: uuid.UUID, person: Caseworker) -> None:
    """Raise ``PolicyRefused`` unless :func:`reads_circle`."""
    if not reads_circle(circle_id, person):
        raise PolicyRefused(_("Only a member of this circle can do this, with open keys."))


def can_own(person: Caseworker | None, circle_id: uuid.UUID) -> bool:
    """Tell whether *person* can own a case of the circle: an active coordinator who reads it."""
    if person is None or person.status != AccountStatus.ACTIVE or person.role != Role.COORDINATOR:
        return False
    return reads_circle(circle_id, person)


def if_able(person: Caseworker | None, circle_id: uuid.UUID) -> Caseworker | None:
    """Return *person* if they can own a case of the circle; else nobody, so that the case is without an owner, where everybody sees it."""
    return person if can_own(person, circle_id) else None


def whoever_acts(case: Case) -> dict[str, object]:
    """Return owner and deputy of a case that comes back, each only if they can still own it."""
    return {"owner": if_able(case.owner, case.circle_id), "deputy": if_able(case.deputy, case.circle_id)}


def may_work(case: Case, person: Caseworker) -> bool:
    """Tell whether *person* may change the case, not only see it: leads, and those who read its circle. A grant opens codes, no more."""
    if person.role == Role.LEAD:
        return True
    return reads_circle(case.circle_id, person)


def check_may_work(case: Case, person: Caseworker) -> None:
    """Raise ``PolicyRefused`` unless :func:`may_work`."""
    if not may_work(case, person):
        raise PolicyRefused(_("You were given this case to look at. Its circle changes it."))


def check_open(case: Case) -> None:
    """Raise ``PolicyRefused`` when the case is closed or erased."""
    if not case.is_open:
        raise PolicyRefused(_("The case is closed. A lead can reopen it."))


def check_grantable(case: Case) -> None:
    """Raise ``PolicyRefused`` while the condition leaves the case to its owner, its circle and the leads."""
    if CONSEQUENCES[Condition(case.condition)].ends_grants:
        raise PolicyRefused(_("Nobody else is let in while the case is in this condition."))


def check_undecided(help_request: HelpRequest) -> None:
    """Raise ``PolicyRefused`` when somebody has decided on the request already, or the person wants to be erased."""
    check_not_paused(help_request)
    if help_request.state != RequestState.NEW:
        raise PolicyRefused(_("Somebody has already decided on this request."))


def check_not_erased(record: Case | HelpRequest) -> None:
    """Raise ``PolicyRefused`` when contacts and texts were erased."""
    if record.erased_on is not None:
        raise PolicyRefused(_("Contacts and texts of this record were erased."))


def check_keeps_texts(case: Case) -> None:
    """Raise ``PolicyRefused`` when the case is closed and its texts are erased: a new one would go the same way."""
    if not case.is_open and case.texts_erased_on is not None:
        raise PolicyRefused(_("The texts of this closed case were erased. Reopen it first; then a note is kept."))


def check_not_merged(case: Case) -> None:
    """Raise ``PolicyRefused`` when the case was merged into another, where its texts and requests are now."""
    if case.merged_into_id is not None:
        raise PolicyRefused(_("This case was merged into another. Work in that one."))


def check_touchable(case: Case) -> None:
    """Raise ``PolicyRefused`` for a case that is erased, merged into another, paused or locked; a closed one may still be written about."""
    for fits in (check_not_erased, check_not_merged, check_not_paused, check_not_locked):
        fits(case)


BOTH = 2
MERGE_SENTENCES: Mapping[str, Promise] = MappingProxyType(
    {
        "circle": _("Cases of two circles are not merged."),
        "closed": _("The older case is closed. A lead can reopen it first."),
        "border": _("While one of them is at a border, cases are not merged."),
        "condition": _("The two cases are in different conditions. Bring them into the same one first."),
        "stays": _(
            "Both cases record stays abroad. Enter what is true in the older one, and remove it from the younger one first."
        ),
        "offered": _("One of these cases is offered to somebody. Wait for the answer, or take the offer back first."),
        "hidden": _("One of these cases is not yours to see any more."),
    }
)


def check_mergeable(merged: Case, survivor: Case, *, actor: Caseworker, now: dt.datetime) -> None:
    """Raise ``PolicyRefused`` unless nothing that protects the person is lost when *merged* goes into *survivor*.

    Both are seen by *actor*, of one circle, not merged, paused or erased; the survivor is open; neither is at a border, where few may see
    it; neither is on its way to somebody else; the stays of both do not contradict each other; and a condition such as detained or compromised does not disappear in a case that is not.
    """
    for case in (merged, survivor):
        check_not_erased(case)
        check_not_paused(case)
        check_not_locked(case)
        check_not_merged(case)
    seen = set(Case.objects.visible_to(actor, now=now).filter(id__in=(merged.id, survivor.id)))
    rules = {
        "hidden": {merged, survivor} <= seen,
        "circle": merged.circle_id == survivor.circle_id,
        "closed": survivor.is_open,
        "border": Stage.BORDER_CROSSING not in (merged.stage, survivor.stage),
        "offered": not Handover.objects.filter(case__in=(merged, survivor), state=HandoverState.OFFERED).exists(),
        "stays": len(set(CountryStay.objects.filter(case__in=(merged, survivor)).values_list("case_id", flat=True)))
        < BOTH,
        "condition": merged.condition in (Condition.ACTIVE, survivor.condition),
    }
    for rule, holds in rules.items():
        if not holds:
            raise PolicyRefused(MERGE_SENTENCES[rule])


def check_not_paused(record: Case | HelpRequest) -> None:
    """Raise ``PolicyRefused`` while the person's wish to be erased waits its 48 hours."""
    if record.erasure_due_at is not None:
        raise PolicyRefused(_("The person asked to be erased. Nothing of theirs can be opened or changed meanwhile."))


def check_not_locked(case: Case) -> None:
    """Raise ``PolicyRefused`` while the case is locked."""
    if case.locked_on is not None:
        raise PolicyRefused(_("This case is locked. A lead who did not lock it can lift it."))


def check_owner_not_paused(owner_id: uuid.UUID) -> None:
    """Raise ``PolicyRefused`` when the sealed record's owner is a request whose person wants to be erased."""
    help_request = HelpRequest.objects.filter(id=owner_id).only("erasure_due_at").first()
    if help_request is not None:
        check_not_paused(help_request)


def check_reveals(case: Case | None) -> None:
    """Raise ``PolicyRefused`` while the case's condition or the person's wish freezes every reveal."""
    if case is not None:
        check_not_paused(case)
        check_not_locked(case)
    if case is not None and not CONDITIONS[Condition(case.condition)].reveals:
        raise PolicyRefused(_("Reveal is frozen while the case is in this condition."))
