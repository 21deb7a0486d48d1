"""Codes of the daily work on a case: tasks, and how a contact went. ASCII, stable, never reused."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class TaskKind(TextChoices):
    """What is to be done. A code, so that no task can name anybody; what must be said stands in its sealed note."""

    LAWYER_NOW = "lawyer_now", _("Find a lawyer at once")
    LAWYER = "lawyer", _("Find a lawyer")
    WRITE_AGAIN = "write_again", _("Write again through the same channel, nothing but the code word")
    OTHER_CHANNEL = "other_channel", _("Try every other channel that is safe")
    ASK_TRUSTED = "ask_trusted", _("Ask the one who was named for silence")
    ASK_LAWYERS = "ask_lawyers", _("Ask lawyers and lists of the detained; decide with a lead what follows")
    ASK_AGAIN = "ask_again", _("Ask the person again")
    NEW_CONTACT = "new_contact", _("Agree a new contact by a way that is safe")
    REGISTRATION = "registration", _("Arrange the registration")
    APPOINTMENT = "appointment", _("Enter the appointment")
    APPEAL_DEADLINE = "appeal_deadline", _("Enter the deadline from the decision itself")
    CALL_BACK = "call_back", _("Get back to the person")
    DOCUMENTS = "documents", _("Documents")
    SHELTER = "shelter", _("Shelter")
    MONEY = "money", _("Money")
    MEDICAL = "medical", _("Doctor")
    PSYCHOLOGIST = "psychologist", _("Psychologist")
    FAMILY = "family", _("Family")
    TRANSLATION = "translation", _("Translation")
    OTHER = "other", _("Other")


class TaskState(TextChoices):
    """Whether a task is still to be done. *Overdue* is computed from its due time, never stored."""

    OPEN = "open", _("Open")
    DONE = "done", _("Done")
    DROPPED = "dropped", _("Dropped")


class ContactResult(TextChoices):
    """How an attempt to reach the person went."""

    MADE = "made", _("Contact made")
    NO_ANSWER = "no_answer", _("Tried, no answer")
    MESSAGE_LEFT = "message_left", _("Message left")
