"""What a volunteer writes: a request, and corrections to it. All of it is sealed at once; nothing here can read it back."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from caseworker import audit
from caseworker.claim_codes import new_claim_code
from caseworker.compiled import find_first, insert, update
from caseworker.enums import AuditVerb
from caseworker.exceptions import InvalidInput, PolicyRefused
from caseworker.models.accounts import Caseworker
from caseworker.models.keys import Circle
from caseworker.permissions import Permission, check
from requests_app.actions.consents import first_consent
from requests_app.actions.handovers import circles_to_seal
from requests_app.connection_codes import ConsentWay
from requests_app.contacts import parse_lines
from requests_app.enums import (
    Category,
    Channel,
    Country,
    HoursBand,
    Requester,
    SafeAnswer,
    SealedKind,
    Situation,
    Urgency,
)
from requests_app.models.contacts import ContactPoint
from requests_app.models.help_requests import HelpRequest
from requests_app.models.notes import Note
from requests_app.models.sealed import SealedRecord
from requests_app.references import new_reference
from requests_app.sealed import seal_record

TRIES = 5
"""Fresh references drawn before giving up: five collisions in a row mean something else is wrong."""


@dataclass(frozen=True)
class Safety:
    """How a contact may be used. Unknown behaves as no."""

    may_write: str = SafeAnswer.UNKNOWN
    may_call: str = SafeAnswer.UNKNOWN
    may_leave_message: str = SafeAnswer.UNKNOWN
    hours_band: str = HoursBand.UNKNOWN
    time_zone: str = ""


@dataclass(frozen=True)
class SealedTexts:
    """What a person typed freely: sealed as it stands, and never shown by ``repr``."""

    contacts: str = ""
    name: str = ""
    story: str = ""

    def __repr__(self) -> str:
        """Show nothing."""
        return "<SealedTexts>"

    def as_fields(self) -> dict[str, str]:
        """Return the fields of the sealed record."""
        return {"contacts": self.contacts, "name": self.name, "story": self.story}


@dataclass(frozen=True)
class IntakeData:
    """One first contact: texts to seal, codes to keep, and the id of the form, which counts once."""

    texts: SealedTexts
    safety: Safety = Safety()
    requester: str = Requester.UNKNOWN
    category: str = Category.UNKNOWN
    situation: str = Situation.UNKNOWN
    urgency: str = Urgency.ROUTINE
    country: str = Country.XX
    channel: str = Channel.UNKNOWN
    needs: tuple[str, ...] = ()
    language: str = "ru"
    form_token: uuid.UUID = field(default_factory=uuid.uuid4)


@dataclass(frozen=True)
class Receipt:
    """What remains in the volunteer's hands; ``claim_code`` is empty when the form had been saved before."""

    help_request_id: uuid.UUID
    reference: str
    claim_code: str

    def __repr__(self) -> str:
        """Show nothing of the claim code."""
        return f"<Receipt {self.reference}>"


@transaction.atomic
def log_request(data: IntakeData, *, actor: Caseworker, now: dt.datetime) -> Receipt:
    """Seal and store one first contact, and return its receipt; the same form sent twice gives the same request.

    The texts are sealed to the actor's intake circle and to recovery. Raises ``PermissionRefused`` for another role and
    ``PolicyRefused`` when there is no circle or key to seal to; then nothing is stored.
    """
    check(actor, Permission.LOG_REQUEST)
    circle = _intake_circle(actor)
    help_request, claim_words = _insert_once(data, circle, actor=actor, now=now)
    if not claim_words:
        return Receipt(help_request.id, help_request.reference, "")
    record = seal_record(
        SealedKind.FIRST_CONTACT, data.texts.as_fields(), owner_id=help_request.id, circles=[circle], now=now
    )
    _add_contact_points(help_request, record, data.texts.contacts, data.safety)
    way = ConsentWay.SAID if data.channel == Channel.HOTLINE else ConsentWay.WRITTEN
    insert(first_consent(help_request, way, by=actor, on=now.date()))
    update(Caseworker, {"id": actor.id}, {"last_channel": data.channel})
    audit.record(actor=actor, verb=AuditVerb.LOG_REQUEST, kind="help_request", object_id=help_request.id, now=now)
    return Receipt(help_request.id, help_request.reference, claim_words)


@transaction.atomic
def add_correction(
    help_request: HelpRequest,
    texts: SealedTexts,
    *,
    actor: Caseworker,
    now: dt.datetime,
    safety: Safety = Safety(),
    stop_contact: bool = False,
) -> Note:
    """Append *texts* to the actor's own request as a sealed record of its own; what was sealed before is neither read nor replaced.

    *stop_contact* turns every safety answer of the request to no: a correction may tighten, never loosen. Raises ``PolicyRefused``
    for somebody else's or an erased request.
    """
    check(actor, Permission.LOG_REQUEST)
    _check_correctable(help_request, actor)
    circles = circles_to_seal(help_request.case, now) if help_request.case else [help_request.circle]
    record = seal_record(SealedKind.CORRECTION, texts.as_fields(), owner_id=help_request.id, circles=circles, now=now)
    note = Note.objects.create(help_request=help_request, record=record, author=actor, written_on=now.date())
    _add_contact_points(help_request, record, texts.contacts, safety)
    if stop_contact:
        forbid_contact([help_request], now)
    audit.record(actor=actor, verb=AuditVerb.ADD_CORRECTION, kind="help_request", object_id=help_request.id, now=now)
    return note


def _intake_circle(actor: Caseworker) -> Circle:
    """Return the circle that the actor's requests are sealed to: their own, else the first intake circle."""
    own = actor.intake_circle
    circle = own if own is not None else Circle.objects.filter(is_intake=True).order_by("code", "id").first()
    if circle is None:
        raise PolicyRefused(
            _("There is no circle to read this request yet. Ask the security officer to finish the installation.")
        )
    return circle


def _ask_sent(form_token: uuid.UUID, actor: uuid.UUID) -> QuerySet[HelpRequest]:
    return HelpRequest.objects.filter(form_token=form_token, logged_by=actor)


def _insert_once(data: IntakeData, circle: Circle, *, actor: Caseworker, now: dt.datetime) -> tuple[HelpRequest, str]:
    """Insert the coded row and return it with its new claim words, or the row of the same form and no words.

    The unique columns decide, so two copies of a form that arrive together still make one request.
    """
    for _attempt in range(TRIES):
        earlier = find_first(_ask_sent, data.form_token, actor.id)
        if earlier is not None:
            return earlier, ""
        claim = new_claim_code()
        try:
            with transaction.atomic():
                return _insert(data, circle, claim.stored, actor=actor, now=now), claim.words
        except IntegrityError:
            continue
    raise InvalidInput([_("This form cannot be used again. Open a new one.")])


def _insert(
    data: IntakeData, circle: Circle, claim_code_hash: str, *, actor: Caseworker, now: dt.datetime
) -> HelpRequest:
    made = HelpRequest(
        reference=new_reference(),
        circle=circle,
        channel=data.channel,
        requester=data.requester,
        category=data.category,
        situation=data.situation,
        needs=sorted(set(data.needs)),
        urgency=data.urgency,
        country=data.country,
        language=data.language,
        received_on=now.date(),
        logged_by=actor,
        form_token=data.form_token,
        claim_code_hash=claim_code_hash,
    )
    insert(made)
    return made


def _add_contact_points(help_request: HelpRequest, record: SealedRecord, contacts: str, safety: Safety) -> None:
    """Add one coded row per contact line; they are numbered as in the sealed text."""
    points = (
        ContactPoint(
            help_request=help_request,
            record=record,
            seq=number,
            kind=line.kind,
            may_write=safety.may_write,
            may_call=safety.may_call,
            may_leave_message=safety.may_leave_message,
            hours_band=safety.hours_band,
            time_zone=safety.time_zone,
        )
        for number, line in enumerate(parse_lines(contacts), start=1)
    )
    insert(*points)


def _check_correctable(help_request: HelpRequest, actor: Caseworker) -> None:
    if help_request.logged_by_id != actor.id:
        raise PolicyRefused(_("Only the person who logged a request can correct it."))
    if help_request.erased_on is not None:
        raise PolicyRefused(_("This request was erased. Log a new one."))


def forbid_contact(requests: Sequence[HelpRequest], now: dt.datetime) -> None:
    """Turn every safety answer of *requests* to no, for good: a contact that was stopped is never loosened again."""
    ContactPoint.objects.filter(help_request__in=requests).update(
        may_write=SafeAnswer.NO, may_call=SafeAnswer.NO, may_leave_message=SafeAnswer.NO, stopped_on=now.date()
    )
