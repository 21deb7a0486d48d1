"""The daily work on a case: tasks, checklists and contacts, in codes."""

from __future__ import annotations

import datetime as dt
import uuid

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from caseworker.models.accounts import Caseworker
from requests_app.enums import Channel, CheckOutcome, Stage
from requests_app.enums_work import ContactResult, TaskKind, TaskState
from requests_app.models.cases import Case, in_care_of
from requests_app.models.notes import Note

ITEM_LENGTH = 160


class TaskQuerySet(models.QuerySet["Task"]):
    """Saved questions about tasks."""

    def visible_to(self, person: Caseworker, *, now: dt.datetime) -> TaskQuerySet:
        """Keep tasks of the cases that *person* may know of."""
        return self.filter(Exists(Case.objects.visible_to(person, now=now).filter(id=OuterRef("case_id"))))

    def open(self) -> TaskQuerySet:
        """Keep what is still to be done; the tasks of a closed case sleep until it is reopened."""
        return self.filter(state=TaskState.OPEN, case__is_open=True)

    def of(self, person: Caseworker, *, on: dt.date) -> TaskQuerySet:
        """Keep what falls to *person*: given to them, or given to nobody in a case they answer for on that day."""
        care = in_care_of(person, on, case="case__")
        return self.filter(Q(assigned_to=person) | Q(assigned_to__isnull=True) & care)


class Task(models.Model):
    """Something to be done by a moment. Given to nobody it is the owner's, so that it goes along when the case is handed over.

    ``rule`` is the stage or condition that made it, empty when somebody did by hand; ``rule_version`` the rule as it was then.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="tasks", db_index=False)
    kind = models.CharField(_("task"), max_length=20, choices=TaskKind)
    rule = models.CharField(max_length=24, default="", blank=True)
    rule_version = models.PositiveSmallIntegerField(default=0)
    starts_on = models.DateField()
    due_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=TaskState, default=TaskState.OPEN)
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    note = models.OneToOneField(Note, on_delete=models.SET_NULL, null=True, related_name="task")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    ended_on = models.DateField(null=True)

    objects = TaskQuerySet.as_manager()

    class Meta:
        """Row rules."""

        ordering = ("due_at", "id")
        indexes = (
            models.Index(fields=("case", "state", "due_at", "id"), name="task_of_case"),
            models.Index(
                fields=("assigned_to", "due_at", "id", "state"), name="task_open_of_person", condition=Q(state="open")
            ),
        )
        constraints = (
            models.CheckConstraint(condition=Q(kind__in=TaskKind.values), name="task_kind_known"),
            models.CheckConstraint(
                condition=Q(state=TaskState.OPEN, ended_on__isnull=True)
                | Q(state__in=(TaskState.DONE, TaskState.DROPPED), ended_on__isnull=False),
                name="task_ended_when_not_open",
            ),
            models.CheckConstraint(
                condition=Q(rule="", rule_version=0) | (~Q(rule="") & Q(rule_version__gt=0)),
                name="task_of_a_rule_has_its_version",
            ),
            models.UniqueConstraint(
                fields=("case", "rule", "kind"),
                condition=Q(state=TaskState.OPEN) & ~Q(rule=""),
                name="task_open_once_per_rule",
            ),
        )

    def __str__(self) -> str:
        """Show the kind."""
        return self.kind


class ContactAttempt(models.Model):
    """That somebody tried to reach the person, through which kind of channel, in which hour, and how it went."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="contact_attempts", db_index=False)
    result = models.CharField(_("how it went"), max_length=16, choices=ContactResult)
    channel = models.CharField(_("channel"), max_length=20, choices=Channel, default=Channel.UNKNOWN)
    tried_at = models.DateTimeField()
    tried_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )

    class Meta:
        """Row rules."""

        ordering = ("-tried_at", "id")
        indexes = (models.Index(fields=("case", "-tried_at", "id"), name="contact_of_case"),)
        constraints = (
            models.CheckConstraint(condition=Q(result__in=ContactResult.values), name="contact_result_known"),
        )

    def __str__(self) -> str:
        """Show the result."""
        return self.result


class ChecklistItem(models.Model):
    """One version of one question of a stage's checklist: a sentence of the organization, never about a person.

    A changed sentence is a new version with the same ``item``; only the current one is asked, and one that is switched off is not.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    item = models.UUIDField(default=uuid.uuid4)
    version = models.PositiveSmallIntegerField(default=1)
    stage = models.CharField(_("stage"), max_length=24, choices=Stage)
    place = models.PositiveSmallIntegerField()
    text_en = models.CharField(max_length=ITEM_LENGTH)
    text_ru = models.CharField(max_length=ITEM_LENGTH)
    is_current = models.BooleanField(default=True)
    is_on = models.BooleanField(default=True)
    made_on = models.DateField(null=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )

    class Meta:
        """Row rules."""

        ordering = ("stage", "place", "id")
        indexes = (models.Index(fields=("stage", "place", "id"), name="checklist_asked", condition=Q(is_current=True)),)
        constraints = (
            models.UniqueConstraint(fields=("item", "version"), name="checklist_version_once"),
            models.UniqueConstraint(
                fields=("item",), condition=Q(is_current=True), name="checklist_one_current_version"
            ),
            models.CheckConstraint(condition=Q(stage__in=Stage.values), name="checklist_stage_known"),
        )

    def __str__(self) -> str:
        """Show the place."""
        return f"{self.stage}:{self.place}"


class ChecklistAnswer(models.Model):
    """Yes, no or unclear to one version of a question about one case; a new version is asked anew."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="answers", db_index=False)
    item = models.ForeignKey(ChecklistItem, on_delete=models.PROTECT, related_name="answers", db_index=False)
    answer = models.CharField(max_length=8, choices=CheckOutcome)
    answered_on = models.DateField()
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )

    class Meta:
        """Row rules."""

        ordering = ("item", "id")
        constraints = (
            models.UniqueConstraint(fields=("case", "item"), name="checklist_answered_once"),
            models.CheckConstraint(condition=Q(answer__in=CheckOutcome.values), name="checklist_answer_known"),
        )

    def __str__(self) -> str:
        """Show the answer."""
        return self.answer
