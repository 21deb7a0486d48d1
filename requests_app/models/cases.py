"""One person's path: the case and its history of spells."""

from __future__ import annotations

import datetime as dt
import uuid

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from caseworker.enums import Role
from caseworker.models.absences import Absence
from caseworker.models.accounts import Caseworker
from caseworker.models.keys import Circle
from requests_app.clocks import FAR
from requests_app.enums import Category, Condition, DocumentStatus, Outcome, ReasonCode, Situation, Stage, Urgency
from requests_app.models.access import AccessGrant
from requests_app.models.membership import acts, circles_of

MAX_VERIFICATION = 4


class CaseQuerySet(models.QuerySet["Case"]):
    """Saved questions about cases."""

    def visible_to(self, person: Caseworker, *, now: dt.datetime) -> CaseQuerySet:
        """Keep what *person* may know of: their circles' cases and those granted to them; leads all coded rows; others none.

        Border hush: while a case is at the border only its owner and one named deputy see it, unless nobody of them can act,
        when leads do, so that nobody is lost between two of them. A lead who breaks the glass sees it for three hours.
        """
        if person.role not in (Role.COORDINATOR, Role.LEAD):
            return self.none()
        return self._reachable_by(person, now=now).filter(_not_hushed(person, now=now))

    def _reachable_by(self, person: Caseworker, *, now: dt.datetime) -> CaseQuerySet:
        if person.role == Role.LEAD:
            return self
        granted = AccessGrant.objects.live(now=now).filter(person=person).values("case_id")
        return self.filter(Q(circle__in=circles_of(person)) | Q(id__in=granted))

    def open(self) -> CaseQuerySet:
        """Keep open cases."""
        return self.filter(is_open=True)

    def frozen(self) -> CaseQuerySet:
        """Keep open compromised cases, for the security officer, who is shown none of their facts."""
        return self.filter(condition=Condition.COMPROMISED, is_open=True)


def in_care_of(person: Caseworker, day: dt.date, *, case: str = "") -> Q:
    """Say in SQL that *person* answers for the case on this day: its owner, or their deputy while they are away.

    The deputy named on the case comes before the one named for the whole absence. *case* is the way to the case, like ``"case__"``.
    """
    away = Absence.objects.on(day)
    owner, owners, deputy = f"{case}owner", f"{case}owner__in", f"{case}deputy"
    named = Q(**{deputy: person, owners: away.values("person_id")})
    general = Q(**{f"{deputy}__isnull": True, owners: away.filter(deputy=person).values("person_id")})
    return Q(**{owner: person}) | named | general


def nobody_acts(day: dt.date) -> Q:
    """Say in SQL that nobody who answers for the case can: no owner, one who cannot act, or one who is away with no deputy who can."""
    away = Absence.objects.on(day).filter(person_id=OuterRef("owner_id"))
    deputies = away.filter(acts("deputy_id", OuterRef("circle_id")))
    deputy_acts = Q(acts("deputy_id", "circle_id")) | Q(Q(deputy__isnull=True) & Q(Exists(deputies)))
    return Q(owner__isnull=True) | ~Q(acts("owner_id", "circle_id")) | Q(Exists(away)) & ~deputy_acts


def _not_hushed(person: Caseworker, *, now: dt.datetime) -> Q:
    """Say in SQL that the case is not on a border, or is this person's to see there."""
    visible = ~Q(stage=Stage.BORDER_CROSSING) | Q(deputy=person) | in_care_of(person, now.date())
    if person.role == Role.LEAD:
        broken = AccessGrant.objects.live(now=now).broken_glass().filter(person=person)
        visible |= Q(id__in=broken.values("case_id")) | nobody_acts(now.date())
    return visible


class Case(models.Model):
    """The coded side of a path; notes and contacts are sealed records owned by ``id``. Only ``actions.stages`` moves it.

    ``due_at``, ``check_in_due_at`` and ``stay_ends_on`` are what ``queries.due`` computed from the stored facts at the last write; no job keeps them true.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference = models.CharField(max_length=9, unique=True)
    codename = models.CharField(max_length=40)
    circle = models.ForeignKey(Circle, on_delete=models.PROTECT, related_name="+")
    stage = models.CharField(_("stage"), max_length=24, choices=Stage)
    condition = models.CharField(_("condition"), max_length=16, choices=Condition, default=Condition.ACTIVE)
    urgency = models.CharField(_("urgency"), max_length=12, choices=Urgency)
    urgency_rank = models.PositiveSmallIntegerField()
    category = models.CharField(_("category"), max_length=24, choices=Category)
    exit_context = models.CharField(_("where from"), max_length=20, choices=Situation, default=Situation.UNKNOWN)
    document_status = models.CharField(
        _("documents"), max_length=24, choices=DocumentStatus, default=DocumentStatus.UNKNOWN
    )
    country = models.CharField(_("country"), max_length=2, default="XX")
    language = models.CharField(max_length=8, default="ru")
    verification_level = models.PositiveSmallIntegerField(default=0)
    asked_level = models.PositiveSmallIntegerField(default=0)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="owned_cases", db_index=False
    )
    deputy = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    claimed_until = models.DateTimeField(null=True)
    opened_month = models.DateField()
    closed_month = models.DateField(null=True)
    outcome = models.CharField(max_length=24, choices=Outcome, default="", blank=True)
    is_open = models.BooleanField(default=True)
    due_at = models.DateTimeField()
    clock_started_at = models.DateTimeField()
    condition_at = models.DateTimeField()
    paused_seconds = models.PositiveIntegerField(default=0)
    stay_ends_on = models.DateField(null=True)
    moved_at = models.DateTimeField()
    contacted_at = models.DateTimeField(null=True)
    check_in_due_at = models.DateTimeField(default=FAR)
    next_action_on = models.DateField(null=True)
    touched_on = models.DateField()
    erase_after = models.DateField(null=True)
    erasure_due_at = models.DateTimeField(null=True)
    erased_on = models.DateField(null=True)
    archived_on = models.DateField(null=True)
    locked_on = models.DateField(null=True)
    texts_erased_on = models.DateField(null=True)
    merged_into = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="absorbed")
    version = models.PositiveIntegerField(default=1)

    objects = CaseQuerySet.as_manager()

    class Meta:
        """Row rules."""

        ordering = ("urgency_rank", "due_at", "id")
        indexes = (
            models.Index(
                fields=("urgency_rank", "due_at", "id", "is_open"), name="case_queue", condition=Q(is_open=True)
            ),
            models.Index(
                fields=("owner", "urgency_rank", "due_at", "id", "is_open"),
                name="case_queue_of_owner",
                condition=Q(is_open=True),
            ),
            models.Index(
                fields=("stay_ends_on", "id", "is_open"),
                name="case_stay_ends",
                condition=Q(is_open=True, stay_ends_on__isnull=False),
            ),
            models.Index(
                fields=("check_in_due_at", "id", "is_open"), name="case_check_in_due", condition=Q(is_open=True)
            ),
            models.Index(
                fields=("urgency_rank", "due_at", "id", "is_open"),
                name="case_queue_closed",
                condition=Q(is_open=False),
            ),
            models.Index(
                fields=("urgency_rank", "due_at", "id", "is_open"),
                name="case_queue_unowned",
                condition=Q(is_open=True, owner__isnull=True),
            ),
            models.Index(
                fields=("urgency_rank", "due_at", "id", "is_open", "claimed_until"),
                name="case_queue_claimed",
                condition=Q(is_open=True, claimed_until__isnull=False),
            ),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(is_open=True, outcome="", closed_month__isnull=True)
                | (Q(is_open=False, closed_month__isnull=False) & ~Q(outcome="")),
                name="closed_case_has_outcome",
            ),
            models.CheckConstraint(
                condition=(Q(is_open=True) & ~Q(stage=Stage.CLOSED)) | Q(is_open=False, stage=Stage.CLOSED),
                name="closed_case_is_at_closed",
            ),
            models.CheckConstraint(
                condition=Q(verification_level__lte=MAX_VERIFICATION), name="case_verification_in_range"
            ),
            models.CheckConstraint(
                condition=Q(asked_level__gte=F("verification_level"), asked_level__lte=MAX_VERIFICATION),
                name="case_asks_at_least_its_level",
            ),
            models.CheckConstraint(condition=Q(stage__in=Stage.values), name="case_stage_known"),
            models.CheckConstraint(condition=Q(condition__in=Condition.values), name="case_condition_known"),
            models.CheckConstraint(condition=Q(opened_month__day=1), name="case_opened_month_is_a_month"),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | (Q(is_open=False) & ~Q(merged_into=F("id"))),
                name="merged_case_is_closed",
            ),
        )

    def __str__(self) -> str:
        """Show the reference."""
        return self.reference


class StageSpell(models.Model):
    """A stretch of time in one stage and condition: the truth about the path."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="spells", db_index=False)
    seq = models.PositiveIntegerField()
    stage = models.CharField(max_length=24, choices=Stage)
    condition = models.CharField(max_length=16, choices=Condition)
    entered_on = models.DateField()
    left_on = models.DateField(null=True)
    is_estimated = models.BooleanField(default=False)
    moved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    reason = models.CharField(max_length=24, choices=ReasonCode, default="", blank=True)

    class Meta:
        """Row rules."""

        ordering = ("seq", "id")
        constraints = (
            models.UniqueConstraint(fields=("case", "seq"), name="spell_seq_once"),
            models.UniqueConstraint(
                fields=("case",), condition=Q(left_on__isnull=True), name="case_has_one_open_spell"
            ),
            models.CheckConstraint(
                condition=Q(left_on__isnull=True) | Q(left_on__gte=F("entered_on")), name="spell_left_after_entered"
            ),
        )

    def __str__(self) -> str:
        """Show the place in the path."""
        return f"{self.seq}:{self.stage}"
