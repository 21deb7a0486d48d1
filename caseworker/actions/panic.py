"""Lock everyone out, by one; let everyone in again, by two officers within an hour."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from caseworker import audit
from caseworker.actions.alarms import raise_alarm
from caseworker.enums import AccountStatus, AlarmKind, AuditVerb, Role
from caseworker.exceptions import PolicyRefused
from caseworker.models.accounts import Caseworker
from caseworker.models.panic import PanicState
from caseworker.permissions import Permission, check
from caseworker.sessions import end_all_sessions

PROPOSAL_LASTS = dt.timedelta(hours=1)
CLEARED: dict[str, object] = {"proposed_at": None, "proposed_by": None, "lifted_by": None, "by_console": False}


def _state(now: dt.datetime) -> PanicState:
    """Return the one row, locked until the transaction ends; a missing one is made, and counts as locked."""
    PanicState.objects.get_or_create(id=1, defaults={"is_locked": True, "locked_at": now})
    return PanicState.objects.select_for_update().get(id=1)


@transaction.atomic
def lock_everyone(*, actor: Caseworker | None, now: dt.datetime) -> None:
    """End every session but the volunteers', and let nobody but volunteers and officers in until two officers lift it.

    *actor* is None at the machine's console. Pressed again, it takes back a proposal to lift. It is loud: audited, and an alarm.
    """
    if actor is not None:
        check(actor, Permission.LOCK_EVERYONE)
    state = _state(now)
    locked_at = state.locked_at if state.is_locked else now
    locked_by = state.locked_by if state.is_locked else actor
    PanicState.objects.filter(id=1).update(is_locked=True, locked_at=locked_at, locked_by=locked_by, **CLEARED)
    audit.record(actor=actor, verb=AuditVerb.LOCK_EVERYONE, kind="organization", object_id=None, now=now)
    raise_alarm(AlarmKind.PANIC, actor=actor, now=now)
    staying = Caseworker.objects.filter(role=Role.VOLUNTEER).values_list("id", flat=True)
    end_all_sessions(except_of=list(staying))


def _check_locked(state: PanicState) -> None:
    if not state.is_locked:
        raise PolicyRefused(_("Nobody is locked out."))


def is_standing(state: PanicState, now: dt.datetime) -> bool:
    """Tell whether there is a proposal that is not older than an hour, nor from a clock that has jumped back."""
    return state.proposed_at is not None and state.proposed_at <= now < state.proposed_at + PROPOSAL_LASTS


@transaction.atomic
def propose_unlock(*, actor: Caseworker, now: dt.datetime) -> None:
    """Propose to let everyone in again; the proposal stands for an hour. Raises ``PolicyRefused`` while another's stands."""
    check(actor, Permission.UNLOCK_EVERYONE)
    state = _state(now)
    _check_locked(state)
    if is_standing(state, now) and state.proposed_by_id != actor.id:
        raise PolicyRefused(_("Somebody has proposed it already: confirm that."))
    PanicState.objects.filter(id=1).update(proposed_at=now, proposed_by=actor)
    audit.record(actor=actor, verb=AuditVerb.PROPOSE_UNLOCK, kind="organization", object_id=None, now=now)


def _check_confirmable(state: PanicState, actor: Caseworker | None, now: dt.datetime) -> None:
    """Refuse without a standing proposal, by the proposer, and by the console while there are two officers."""
    _check_locked(state)
    if not is_standing(state, now):
        raise PolicyRefused(_("There is no proposal of the last hour. Propose it, then another officer confirms."))
    if actor is not None and state.proposed_by_id == actor.id:
        raise PolicyRefused(_("You proposed it. Another security officer confirms."))
    officers = Caseworker.objects.filter(role=Role.SECURITY_OFFICER, status=AccountStatus.ACTIVE)
    if actor is None and officers.exclude(id=state.proposed_by_id).exists():
        raise PolicyRefused(_("There is another security officer: they confirm, not the console."))


@transaction.atomic
def unlock_everyone(*, actor: Caseworker | None, now: dt.datetime) -> None:
    """Confirm another officer's proposal: everybody may sign in again, nobody is.

    *actor* is None at the machine's console, which confirms only for the one officer who is left. Raises ``PolicyRefused`` otherwise.
    """
    if actor is not None:
        check(actor, Permission.UNLOCK_EVERYONE)
    state = _state(now)
    _check_confirmable(state, actor, now)
    PanicState.objects.filter(id=1).update(is_locked=False, lifted_by=actor, by_console=actor is None)
    audit.record(actor=actor, verb=AuditVerb.UNLOCK_EVERYONE, kind="organization", object_id=None, now=now)
