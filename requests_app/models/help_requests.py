"""One contact attempt by a person who asks for help."""

from __future__ import annotations

import datetime as dt
import uuid

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from caseworker.enums import Role
from caseworker.models.accounts import Caseworker
from caseworker.models.keys import Circle
from requests_app.enums import Category, Channel, Requester, RequestState, Situation, TriageDecision, Urgency
from requests_app.models.cases import Case
from requests_app.models.membership import circles_of


class HelpRequestQuerySet(models.QuerySet["HelpRequest"]):
    """Saved questions about requests."""

    def visible_to(self, person: Caseworker) -> HelpRequestQuerySet:
        """Keep what *person* may know of: volunteers their own, coordinators their circles', leads all coded rows, others none."""
        match person.role:
            case Role.VOLUNTEER:
                return self.filter(logged_by=person)
            case Role.COORDINATOR:
                return self.filter(circle__in=circles_of(person))
            case Role.LEAD:
                return self
        return self.none()

    def shown_to(self, person: Caseworker, *, now: dt.datetime) -> HelpRequestQuerySet:
        """Keep what is :meth:`visible_to` them and not behind a case that they may not know of: a border hushes its requests too."""
        seen = Case.objects.visible_to(person, now=now).filter(id=OuterRef("case_id"))
        behind = Q(case__isnull=True) | Q(Exists(seen))
        return self.visible_to(person).filter(behind)

    def awaiting_triage(self) -> HelpRequestQuerySet:
        """Keep those nobody has decided on."""
        return self.filter(state=RequestState.NEW)


class HelpRequest(models.Model):
    """What is known in codes about one request; contacts, name and story are sealed records owned by ``id``."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(max_length=9, unique=True)
    circle = models.ForeignKey(Circle, on_delete=models.PROTECT, related_name="+", db_index=False)
    channel = models.CharField(_("channel"), max_length=20, choices=Channel)
    requester = models.CharField(_("who writes"), max_length=20, choices=Requester, default=Requester.UNKNOWN)
    category = models.CharField(_("category"), max_length=24, choices=Category, default=Category.UNKNOWN)
    situation = models.CharField(_("situation"), max_length=20, choices=Situation, default=Situation.UNKNOWN)
    needs = models.JSONField(default=list)
    urgency = models.CharField(_("urgency"), max_length=12, choices=Urgency, default=Urgency.ROUTINE)
    country = models.CharField(_("country now"), max_length=2, default="XX")
    language = models.CharField(_("language"), max_length=8, default="ru")
    state = models.CharField(max_length=12, choices=RequestState, default=RequestState.NEW)
    decision = models.CharField(max_length=20, choices=TriageDecision, default="", blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    decided_on = models.DateField(null=True)
    received_on = models.DateField()
    logged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    case = models.ForeignKey("requests_app.Case", on_delete=models.PROTECT, null=True, related_name="help_requests")
    form_token = models.UUIDField(unique=True)
    claim_code_hash = models.CharField(max_length=64, unique=True)
    version = models.PositiveIntegerField(default=1)
    erasure_due_at = models.DateTimeField(null=True)
    erased_on = models.DateField(null=True)

    objects = HelpRequestQuerySet.as_manager()

    class Meta:
        """Row rules."""

        ordering = ("urgency", "received_on", "id")
        indexes = (
            models.Index(
                fields=("circle", "urgency", "received_on", "id", "state"),
                name="request_triage_queue",
                condition=models.Q(state="new"),
            ),
            models.Index(
                fields=("urgency", "received_on", "id", "state"),
                name="request_triage_order",
                condition=models.Q(state="new"),
            ),
            models.Index(fields=("logged_by", "-received_on", "id"), name="request_own_receipts"),
        )
        constraints = (
            models.CheckConstraint(
                condition=models.Q(decision__in=(TriageDecision.PROMOTE, TriageDecision.LINK), case__isnull=False)
                | (~models.Q(decision__in=(TriageDecision.PROMOTE, TriageDecision.LINK)) & models.Q(case__isnull=True)),
                name="request_has_case_when_promoted_or_linked",
            ),
            models.CheckConstraint(
                condition=models.Q(state=RequestState.NEW, decision="", decided_on__isnull=True)
                | (~models.Q(state=RequestState.NEW) & ~models.Q(decision="") & models.Q(decided_on__isnull=False)),
                name="request_decided_when_not_new",
            ),
        )

    def __str__(self) -> str:
        """Show the reference."""
        return self.reference
