"""The recovery ceremony on the server's side: export what the sheets are asked to do, take the answer once, keep the drills.

The server cannot open anything here. It checks that an answer belongs to a request that waits, that nothing changed since the export,
and that whoever made it had the sheets; what the answer holds is sealed to the keys named in the request.
"""

import datetime as dt
import hmac
import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from caseworker import audit
from caseworker.actions.circle_keys import USABLE
from caseworker.enums import AccountStatus, AuditVerb, CircleKeyState, RecoveryKind, Role
from caseworker.exceptions import PolicyRefused
from caseworker.key_proofs import grant_proof
from caseworker.models.accounts import Caseworker
from caseworker.models.keys import Circle, CircleGrant, CircleKey, StaffKey
from caseworker.models.recovery import RecoveryDrill, RecoveryItem, RecoveryRequest
from caseworker.permissions import Permission, check
from caseworker.recovery_keys import pinned_recovery_keys, recovery_set
from caseworker.vault.ceremony import decoded, drill_code, read_answer
from caseworker.vault.errors import VaultError
from requests_app.bundles import Bundle, NotRecoverable, bundle_of
from requests_app.models.cases import Case
from requests_app.policies import check_not_erased, check_not_paused
from requests_app.queries.recovery import shut_records
from requests_app.sealed_recovery import archived_records, store_for_circle, store_resealed

BOXES_PER_BUNDLE = 400
"""Sealed keys of one bundle: answer and bundle stay under the megabyte that an upload may have."""


class AnswerRefused(PolicyRefused):
    """The file is no answer to this request."""

    message = _("This file is no answer to this bundle, or it was cut or altered on its way. Nothing was changed.")


class AnsweredBefore(PolicyRefused):
    """A bundle is imported once."""

    message = _("The answer to this bundle was imported already. Nothing was changed.")


class ChangedMeanwhile(PolicyRefused):
    """What was exported is no longer what stands in the tables."""

    message = _("Keys changed since this bundle was exported. Nothing was changed: export a new bundle.")


@dataclass(frozen=True)
class Order:
    """What the sheets shall be asked to do."""

    kind: RecoveryKind
    items: Sequence[uuid.UUID] = field(default_factory=list)
    staff_key: StaffKey | None = None
    circle_key: CircleKey | None = None
    case_id: uuid.UUID | None = None


def order_circles(person: Caseworker, circles: Iterable[Circle]) -> Order:
    """Ask for all usable versions of the circles; raises ``PolicyRefused`` for somebody who cannot be in one, or is in it."""
    staff_key = StaffKey.objects.filter(person=person, retired_at__isnull=True).first()
    if person.status != AccountStatus.ACTIVE or person.role != Role.COORDINATOR or staff_key is None:
        raise PolicyRefused(_("Only an active coordinator can join a circle."))
    keys = CircleKey.objects.filter(circle__in=list(circles), state__in=USABLE).exclude(grants__staff_key=staff_key)
    items = list(keys.order_by("id").values_list("id", flat=True))
    if not items:
        raise PolicyRefused(_("This person reads these circles already."))
    return Order(RecoveryKind.CIRCLES, items, staff_key=staff_key)


def order_case(case: Case) -> Order:
    """Ask for the records of a case that only the recovery sheet opens, archived or not, to be opened by its circle again.

    Raises ``PolicyRefused`` when its circle opens everything.
    """
    check_not_erased(case)
    check_not_paused(case)
    items = shut_records(case.id)
    if not items:
        raise PolicyRefused(_("This case is not archived: its circle opens it."))
    circle_key = CircleKey.objects.get(circle_id=case.circle_id, state=CircleKeyState.ACTIVE)
    return Order(RecoveryKind.RECORDS, items, circle_key=circle_key, case_id=case.id)


def order_reseal() -> Order:
    """Ask for the next archived records that only the old sheets open; raises ``PolicyRefused`` when there are none."""
    to = recovery_set()
    limit = BOXES_PER_BUNDLE // max(len(to.keys), 1)
    items = list(archived_records(lacking=to).values_list("id", flat=True)[:limit])
    if not items:
        raise PolicyRefused(_("No archived record is left under the old sheets alone."))
    return Order(RecoveryKind.RESEAL, items)


@transaction.atomic
def export_bundle(order: Order, *, actor: Caseworker, now: dt.datetime) -> RecoveryRequest:
    """Keep what is asked and the digest of what goes out; the bundle itself is made anew at each download.

    Raises ``PolicyRefused`` when the recovery keys are not those on paper, and ``NotRecoverable`` when no one set of sheets opens it all.
    """
    check(actor, Permission.RECOVER)
    request = RecoveryRequest.objects.create(
        kind=order.kind,
        staff_key=order.staff_key,
        circle_key=order.circle_key,
        case_id=order.case_id,
        made_by=actor,
        made_on=now.date(),
    )
    RecoveryItem.objects.bulk_create(RecoveryItem(request=request, object_id=one) for one in order.items)
    request.digest = bundle_of(request).digest.hex()
    request.save(update_fields=["digest"])
    audit.record(actor=actor, verb=AuditVerb.EXPORT_BUNDLE, kind="recovery_request", object_id=request.id, now=now)
    return request


def unchanged_bundle(request: RecoveryRequest) -> Bundle:
    """Return the bundle of a request that waits for its answer.

    Raises :class:`AnsweredBefore`, and :class:`ChangedMeanwhile` when a key of it is not the one that was exported.
    """
    if request.answered_on is not None:
        raise AnsweredBefore
    try:
        bundle = bundle_of(request)
    except NotRecoverable:
        raise ChangedMeanwhile from None
    if bundle.digest.hex() != request.digest:
        raise ChangedMeanwhile
    return bundle


def _proven_answer(request: RecoveryRequest, raw: bytes) -> dict[str, Any]:
    """Return the answer in *raw*; raises :class:`AnswerRefused` unless it is one to exactly this bundle, by somebody with the sheets."""
    bundle = unchanged_bundle(request)
    try:
        answer = read_answer(raw)
    except VaultError:
        raise AnswerRefused from None
    named = (answer.get("request"), answer.get("bundle"), answer.get("kind"))
    mac = str(answer.get("mac", "")).encode("ascii", "replace")
    proven = hmac.compare_digest(mac, bundle.mac_of(answer).encode("ascii"))
    if not proven or named != (str(request.id), request.digest, request.kind):
        raise AnswerRefused
    return answer


def _waiting(request: RecoveryRequest, *kinds: RecoveryKind) -> RecoveryRequest:
    """Return the request, locked until the transaction ends, so that an answer is taken once."""
    locked = RecoveryRequest.objects.select_for_update(of=("self",)).get(id=request.id)
    if locked.kind not in kinds:
        raise AnswerRefused
    return locked


def _close(request: RecoveryRequest, now: dt.datetime) -> None:
    RecoveryRequest.objects.filter(id=request.id).update(answered_on=now.date())


def _parts(answer: Mapping[str, Any], name: str, key: str, wanted: Iterable[uuid.UUID]) -> dict[uuid.UUID, Any]:
    """Return the parts of an answer by id; raises :class:`AnswerRefused` unless they are for exactly what was asked."""
    try:
        found = {uuid.UUID(part[key]): part for part in answer[name]}
    except (KeyError, TypeError, ValueError, AttributeError):
        raise AnswerRefused from None
    if set(found) != set(wanted):
        raise AnswerRefused
    return found


def _box(part: Mapping[str, Any], name: str) -> bytes:
    try:
        return decoded(part.get(name))
    except VaultError:
        raise AnswerRefused from None


@transaction.atomic
def import_grants(request: RecoveryRequest, raw: bytes, *, actor: Caseworker, now: dt.datetime) -> list[CircleGrant]:
    """Let the person named in the bundle read its circles: grants and vouches as the offline tool made them from the true seeds.

    Raises :class:`AnswerRefused`, :class:`AnsweredBefore` or :class:`ChangedMeanwhile`; then nothing was changed. A circle that a
    colleague let them into meanwhile is left as it is.
    """
    check(actor, Permission.RECOVER)
    locked = _waiting(request, RecoveryKind.CIRCLES)
    answer = _proven_answer(locked, raw)
    staff_key = StaffKey.objects.select_related("person").get(id=str(locked.staff_key_id))
    person = staff_key.person
    if person.status != AccountStatus.ACTIVE or person.role != Role.COORDINATOR:
        raise PolicyRefused(_("Only an active coordinator can join a circle."))
    parts = _parts(answer, "grants", "circle", locked.items.values_list("object_id", flat=True))
    has = set(CircleGrant.objects.filter(staff_key=staff_key).values_list("circle_key_id", flat=True))
    made = [
        CircleGrant(
            circle_key_id=key_id,
            staff_key=staff_key,
            sealed=_box(part, "sealed"),
            vouch=_box(part, "vouch"),
            granted_by=actor,
            granted_on=now.date(),
        )
        for key_id, part in parts.items()
        if key_id not in has
    ]
    for grant in made:
        grant.proof = grant_proof(grant)
    CircleGrant.objects.bulk_create(made)
    _close(locked, now)
    audit.record(actor=actor, verb=AuditVerb.IMPORT_GRANTS, kind="caseworker", object_id=person.id, now=now)
    return made


def _store_case(request: RecoveryRequest, parts: Mapping[uuid.UUID, Mapping[str, Any]]) -> None:
    circle_key = CircleKey.objects.get(id=str(request.circle_key_id))
    store_for_circle(circle_key.id, {one: _box(part, "sealed") for one, part in parts.items()})
    Case.objects.filter(id=str(request.case_id)).update(archived_on=None)


def _store_resealed(request: RecoveryRequest, parts: Mapping[uuid.UUID, Mapping[str, Any]]) -> None:
    to = recovery_set()
    wanted = {str(key.key_id) for key in to.keys}
    boxes = {record: part.get("boxes") for record, part in parts.items()}
    if any(not isinstance(made, dict) or set(made) != wanted for made in boxes.values()):
        raise AnswerRefused
    store_resealed(
        to, {record: {uuid.UUID(one): _box(made, one) for one in made} for record, made in boxes.items() if made}
    )


STORES: Mapping[str, Callable[[RecoveryRequest, Mapping[uuid.UUID, Mapping[str, Any]]], None]] = MappingProxyType(
    {RecoveryKind.RECORDS: _store_case, RecoveryKind.RESEAL: _store_resealed}
)


@transaction.atomic
def import_record_keys(request: RecoveryRequest, raw: bytes, *, actor: Caseworker, now: dt.datetime) -> int:
    """Store the data keys that the offline tool sealed to a circle, or to the new sheets; return how many records they are of.

    Raises like :func:`import_grants`. A case that is opened so is archived again at night, unless somebody reopens it.
    """
    check(actor, Permission.RECOVER)
    locked = _waiting(request, RecoveryKind.RECORDS, RecoveryKind.RESEAL)
    answer = _proven_answer(locked, raw)
    parts = _parts(answer, "keys", "record", locked.items.values_list("object_id", flat=True))
    STORES[locked.kind](locked, parts)
    _close(locked, now)
    audit.record(actor=actor, verb=AuditVerb.IMPORT_RECORD_KEYS, kind="recovery_request", object_id=locked.id, now=now)
    return len(parts)


@transaction.atomic
def pass_drill(request: RecoveryRequest, code: str, *, actor: Caseworker, now: dt.datetime) -> list[RecoveryDrill]:
    """Note that the sheets opened the challenge: with "any" the one sheet whose code it is, with "all" every one.

    Raises ``PolicyRefused`` when the code is none of the bundle's.
    """
    check(actor, Permission.RECOVER)
    locked = _waiting(request, RecoveryKind.DRILL)
    bundle, typed = unchanged_bundle(locked), "".join(code.upper().split()).encode("utf-8")
    right = {key.id: drill_code(bundle.challenge, key.id).encode("ascii") for key in pinned_recovery_keys()}
    shown = [key_id for key_id, one in right.items() if hmac.compare_digest(one, typed)]
    if not shown:
        raise PolicyRefused(_("This is not the code that the tool shows for this bundle. Compare and type it again."))
    proven = list(right) if bundle.recovery.policy == "all" else shown
    made = RecoveryDrill.objects.bulk_create(
        RecoveryDrill(recovery_key_id=key_id, done_on=now.date(), done_by=actor) for key_id in proven
    )
    _close(locked, now)
    audit.record(actor=actor, verb=AuditVerb.PASS_DRILL, kind="recovery_request", object_id=locked.id, now=now)
    return made
