"""Codes of clocks, stays and deadlines. ASCII, stable, never reused."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class RuleKind(TextChoices):
    """How a country counts days (``clocks`` says what each means)."""

    ROLLING = "rolling", _("Days in any period")
    PER_YEAR = "per_year", _("Days in a calendar year")
    FROM_ENTRY = "from_entry", _("Days from each entry")
    REGISTRATION = "registration", _("Days until registration")


class StayBasis(TextChoices):
    """On what grounds somebody is in a country; only a stay without a visa runs against the country's limits."""

    VISA_FREE = "visa_free", _("Without a visa")
    PERMIT = "permit", _("Visa or residence permit")
    ASYLUM = "asylum", _("Asylum procedure")


class DeadlineKind(TextChoices):
    """What a typed date is about."""

    APPEAL = "appeal", _("Appeal must be filed")
    INTERVIEW = "interview", _("Asylum interview")
    HEARING = "hearing", _("Court hearing")
    APPOINTMENT = "appointment", _("Appointment with an authority")
    PERMIT_END = "permit_end", _("Visa or permit ends")
    DOCUMENT_END = "document_end", _("Document ends")
    OTHER = "other", _("Other date")


class DeadlineEnd(TextChoices):
    """How a date was settled."""

    DONE = "done", _("Done in time")
    MISSED = "missed", _("Missed")
    MOVED = "moved", _("Moved to another day")
    CALLED_OFF = "called_off", _("Called off")
