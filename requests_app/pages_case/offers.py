"""The forms of the case page as one table: which, for whom, when, in which section."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from caseworker.enums import Role
from caseworker.models.accounts import Caseworker
from caseworker.permissions import Permission, permits
from requests_app.enums import CheckCode, CheckOutcome, Condition, ReasonCode, Stage
from requests_app.forms import cases as forms
from requests_app.forms import stays, work
from requests_app.forms.handovers import HandoverForm
from requests_app.forms.locks import LiftForm, LockForm
from requests_app.forms.retention import HoldForm, LiftHoldForm
from requests_app.models.cases import Case
from requests_app.pages_case import clocks, retention
from requests_app.pages_case.sight import Offer, ShownForm, Sight
from requests_app.queries.handovers import receivers
from requests_app.rules import CONSEQUENCES, LEAD_FROM, borne_level
from requests_app.stages import CONDITIONS, STAGES, MoveRefusal, refusal_of_move


def open_moves(case: Case, person: Caseworker) -> list[tuple[Any, Any]]:
    """Return the stages the case may move to, in two groups: the route's next ones, and those that need a reason."""
    here, role = Stage(case.stage), Role(person.role)

    def is_open(there: Stage) -> bool:
        condition, level = Condition(case.condition), case.verification_level
        refusal = refusal_of_move(here, there, condition=condition, level=level, role=role, reason=ReasonCode.OTHER)
        return refusal in {None, MoveRefusal.VERIFICATION}

    steps = [stage for stage in STAGES[here].next if is_open(stage)]
    others = [stage for stage in Stage if stage not in steps and is_open(stage)]
    groups = ((_("Next on the route"), steps), (_("Skips or goes back: needs a reason"), others))
    return [(title, [(stage.value, stage.label) for stage in stages]) for title, stages in groups if stages]


def _with_facts(form: Any, sight: Sight) -> Any:
    case = sight.case
    facts = {"country": case.country, "document_status": case.document_status, "category": case.category}
    return form(initial=facts | {"version": case.version})


def _with_people(form: Any, sight: Sight) -> Any:
    return form(initial={"version": sight.case.version}, people=sight.colleagues)


def _with_next(form: Any, sight: Sight) -> Any:
    return form(initial={"version": sight.case.version, "there": sight.there})


def _with_checklist(form: Any, sight: Sight) -> Any:
    return form(items=sight.checklist)


def _with_receivers(form: Any, sight: Sight) -> Any:
    return form(initial={"version": sight.case.version}, receivers=receivers(sight.person))


def is_open(sight: Sight) -> bool:
    """Show while the case is open."""
    return sight.case.is_open


def is_kept(sight: Sight) -> bool:
    """Show until the person is erased."""
    return sight.case.erased_on is None


def is_grantable(sight: Sight) -> bool:
    """Show while the case is open and its condition lets others in."""
    return sight.case.is_open and not CONSEQUENCES[Condition(sight.case.condition)].ends_grants


def _has_moves(sight: Sight) -> bool:
    return sight.case.is_open and bool(open_moves(sight.case, sight.person))


def _is_unowned(sight: Sight) -> bool:
    return sight.case.is_open and sight.case.owner_id is None


def _takes_notes(sight: Sight) -> bool:
    return is_kept(sight) and (sight.case.is_open or sight.case.texts_erased_on is None)


def _waits_for_lead(sight: Sight) -> bool:
    """Show where an approval can succeed: the checks bear a level from three upwards that the case has not."""
    case = sight.case
    if not case.is_open or case.asked_level <= case.verification_level:
        return False
    checks = (one for one in sight.dossier.checks if one.outcome == CheckOutcome.YES and not one.is_void)
    passed = [(CheckCode(one.code), one.checked_by.alias if one.checked_by else None) for one in checks]
    return borne_level(passed) >= max(LEAD_FROM, case.verification_level + 1)


def _has_checklist(sight: Sight) -> bool:
    """Show in a closed case too: closing has questions of its own, and they are answered then."""
    return is_kept(sight) and bool(sight.checklist)


def _can_hold(sight: Sight) -> bool:
    return _can_reopen(sight)


def _can_lift(sight: Sight) -> bool:
    return permits(sight.person, Permission.KEEP_RETENTION) and sight.hold is not None


def _can_reopen(sight: Sight) -> bool:
    return not sight.case.is_open and sight.case.erased_on is None


def _can_lock(sight: Sight) -> bool:
    return sight.case.erased_on is None and not sight.is_locked


def _is_locked(sight: Sight) -> bool:
    return sight.is_locked


OFFERS: tuple[Offer, ...] = (
    Offer("next", Permission.CLAIM_CASE, forms.VersionForm, _is_unowned, "claim_case", _("Take this case"), _("Take"), is_first=True),
    Offer("next", Permission.MOVE_CASE, forms.MoveForm, _has_moves, "move_case", _("Move to the next stage"), _("Move"), _with_next),
    Offer("next", Permission.WORK_CASE, forms.NoteForm, _takes_notes, "add_note", _("Add a note"), _("Seal the note")),
    Offer("checklist", Permission.WORK_CASE, work.AnswersForm, _has_checklist, "answer_checklist", _("Answer the questions"), _("Keep the answers"), _with_checklist),
    Offer("verification", Permission.VERIFY, forms.CheckForm, is_open, "record_check", _("Record a check"), _("Record")),
    Offer("verification", Permission.APPROVE_VERIFICATION, work.ApproveForm, _waits_for_lead, "approve_verification", _("Approve the level"), _("Approve")),
    Offer("next", Permission.MOVE_CASE, forms.ConditionForm, is_open, "set_condition", _("Change the condition"), _("Change")),
    Offer("tasks", Permission.WORK_CASE, work.TaskForm, is_open, "add_task", _("Add a task"), _("Add")),
    Offer("more", Permission.WORK_CASE, forms.FactsForm, is_open, "change_facts", _("Correct the facts"), _("Correct"), _with_facts),
    Offer("more", Permission.WORK_CASE, forms.UrgencyForm, is_open, "change_urgency", _("Change the urgency"), _("Change")),
    Offer("contact", Permission.WORK_CASE, work.ContactForm, is_open, "record_contact", _("Record a contact"), _("Record")),
    Offer("clocks", Permission.WORK_CASE, stays.DeadlineForm, is_open, "set_deadline", _("Set a date"), _("Set")),
    Offer("clocks", Permission.WORK_CASE, stays.SettleForm, clocks.has_open_dates, "settle_deadline", _("Settle a date"), _("Settle"), clocks.with_dates),
    Offer("stay", Permission.WORK_CASE, stays.EntryForm, is_open, "record_entry", _("Record an entry"), _("Write down")),
    Offer("stay", Permission.WORK_CASE, stays.ExitForm, clocks.has_open_stay, "record_exit", _("Record an exit"), _("Write down")),
    Offer("more", Permission.ASSIGN_CASE, forms.AssignForm, is_open, "assign_case", _("Name owner and deputy"), _("Assign"), _with_people),
    Offer("more", Permission.OFFER_HANDOVER, HandoverForm, is_open, "offer_handover", _("Hand the case over"), _("Offer"), _with_receivers),
    Offer("more", Permission.GRANT_ACCESS, forms.GrantForm, is_grantable, "grant_access", _("Grant access"), _("Grant"), _with_people),
    Offer("more", Permission.CLOSE_CASE, forms.CloseForm, is_open, "close_case", _("Close the case"), _("Close")),
    Offer("more", Permission.REOPEN_CASE, forms.ReopenForm, _can_reopen, "reopen_case", _("Reopen the case"), _("Reopen")),
    Offer("more", Permission.ERASE_CASE, forms.EraseForm, is_kept, "erase_case", _("Erase the person"), _("Erase for good"), tone="alert", in_lock=True),
    Offer("more", Permission.LOCK_CASE, LockForm, _can_lock, "lock_case", _("Lock this case"), _("Lock it now"), tone="alert"),
    Offer("next", Permission.LIFT_CASE_LOCK, LiftForm, _is_locked, "lift_case_lock", _("Lift the lock"), _("Lift it"), is_first=True, in_lock=True),
    Offer("more", Permission.KEEP_RETENTION, HoldForm, _can_hold, "set_hold", _("Hold back from erasure"), _("Hold")),
    Offer("more", Permission.KEEP_RETENTION, LiftHoldForm, _can_lift, "lift_hold", _("Lift the hold"), _("Lift")),
)  # fmt: skip


def _fit_choices(form: Any, sight: Sight) -> None:
    """Offer only moves and conditions that the tables allow from here."""
    if form.slot == "move":
        form.fields["there"].choices = open_moves(sight.case, sight.person)
    if form.slot in retention.SAID_BEFORE:
        form.erasure = retention.SAID_BEFORE[form.slot](sight.case, sight.now.date())
    if form.slot == "condition":
        following = CONDITIONS[Condition(sight.case.condition)].next
        form.fields["there"].choices = [forms.NOTHING, *((one.value, one.label) for one in following)]


def _is_bound(offer: Offer, sight: Sight) -> bool:
    return sight.bound is not None and sight.bound.slot == offer.form.slot


def _shown(offer: Offer, sight: Sight) -> ShownForm:
    form = sight.bound if _is_bound(offer, sight) else offer.make(offer.form, sight)
    _fit_choices(form, sight)
    return ShownForm(
        form=form,
        url=reverse(offer.url_name, args=[sight.case.id]),
        title=offer.title,
        submit=offer.submit,
        tone=offer.tone,
        is_open=offer.is_first or bool(form.errors) or (form.slot == "move" and sight.there is not None),
    )


def _is_offered(offer: Offer, sight: Sight) -> bool:
    """Tell whether the form is shown: when it may be used, and when it was refused, so that nothing typed is lost."""
    if sight.is_paused:
        return False
    works = sight.reaches if offer.in_lock else sight.works
    return _is_bound(offer, sight) or (permits(sight.person, offer.permission) and works and offer.when(sight))


def shown_forms(section: str, sight: Sight) -> list[ShownForm]:
    """Return the forms of a section that this person may use now."""
    return [_shown(offer, sight) for offer in OFFERS if offer.section == section and _is_offered(offer, sight)]
