"""What countries allow, and who is in which: coded, because queues and clocks read it while nobody's keys are open.

A stay abroad is the one place where the day of a crossing is kept exactly: a clock of thirty or ninety days is wrong without it. It becomes a
week as soon as no rule can count the day any more, and at the latest when the case is closed.
"""

from __future__ import annotations

import datetime as dt
import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from requests_app.clock_codes import RuleKind, StayBasis
from requests_app.clocks import LONGEST_RULE_DAYS, Span, StayRule
from requests_app.enums import Country
from requests_app.models.cases import Case

SHIPPED_SOURCE = "catalogue"


def is_own_source(source: str) -> bool:
    """Tell whether *source* says where a rule was read, and is not the word that shipped rules begin with."""
    return bool(source.strip()) and not source.strip().casefold().startswith(SHIPPED_SOURCE)


class CountryRule(models.Model):
    """One version of one limit of a country. Never deleted and, but for its verification, never altered (triggers): a newer row supersedes it.

    ``limit_days`` empty: from ``effective_from`` on the country no longer has this limit. ``verified_on`` empty: nobody here has verified it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    country = models.CharField(_("country"), max_length=2, choices=Country)
    kind = models.CharField(_("kind"), max_length=16, choices=RuleKind)
    version = models.PositiveSmallIntegerField()
    limit_days = models.PositiveSmallIntegerField(null=True)
    window_days = models.PositiveSmallIntegerField(null=True)
    effective_from = models.DateField()
    source = models.CharField(max_length=200)
    verified_on = models.DateField(null=True)
    reverify_by = models.DateField(null=True)

    class Meta:
        """Row rules."""

        ordering = ("country", "kind", "version", "id")
        constraints = (
            models.UniqueConstraint(fields=("country", "kind", "version"), name="rule_version_once"),
            models.CheckConstraint(condition=Q(kind__in=RuleKind.values), name="rule_kind_known"),
            models.CheckConstraint(condition=Q(country__in=Country.values), name="rule_country_known"),
            models.CheckConstraint(condition=Q(version__gte=1), name="rule_versions_begin_with_one"),
            models.CheckConstraint(
                condition=Q(limit_days__isnull=True) | Q(limit_days__lte=LONGEST_RULE_DAYS), name="rule_limit_in_range"
            ),
            models.CheckConstraint(
                condition=Q(kind=RuleKind.ROLLING, window_days__isnull=False, window_days__range=(1, LONGEST_RULE_DAYS))
                | (~Q(kind=RuleKind.ROLLING) & Q(window_days__isnull=True)),
                name="rolling_rule_has_window",
            ),
            models.CheckConstraint(
                condition=Q(limit_days__isnull=True)
                | Q(window_days__isnull=True)
                | Q(limit_days__lte=F("window_days")),
                name="rule_limit_within_window",
            ),
            models.CheckConstraint(
                condition=Q(verified_on__isnull=True, reverify_by__isnull=True)
                | Q(verified_on__isnull=False, reverify_by__isnull=False, reverify_by__gt=F("verified_on")),
                name="rule_is_reverified_later",
            ),
            models.CheckConstraint(condition=~Q(source=""), name="rule_has_source"),
        )

    def __str__(self) -> str:
        """Show which rule this is."""
        return f"{self.country} {self.kind} {self.version}"

    @property
    def has_own_source(self) -> bool:
        """Tell whether somebody said where it was read: what came with the software says only that it did."""
        return is_own_source(self.source)

    def rule(self) -> StayRule | None:
        """Return what is computed with, or None when the country has dropped the limit."""
        if self.limit_days is None:
            return None
        return StayRule(RuleKind(self.kind), self.limit_days, self.window_days or 0)

    def is_stale(self, day: dt.date) -> bool:
        """Tell whether somebody should look the rule up again: never verified here, or the day to do so is past."""
        return self.reverify_by is None or self.reverify_by < day


class CountryStay(models.Model):
    """A person's stay in one country. Exact days while a clock needs them; ``is_coarse``: Monday and Sunday of the weeks."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="stays", db_index=False)
    country = models.CharField(_("country"), max_length=2, choices=Country)
    basis = models.CharField(_("grounds"), max_length=12, choices=StayBasis, default=StayBasis.VISA_FREE)
    entered_on = models.DateField()
    left_on = models.DateField(null=True)
    is_estimated = models.BooleanField(default=False)
    is_coarse = models.BooleanField(default=False)
    is_registered = models.BooleanField(default=False)

    class Meta:
        """Row rules."""

        ordering = ("entered_on", "id")
        indexes = (models.Index(fields=("case", "entered_on"), name="stays_of_case"),)
        constraints = (
            models.UniqueConstraint(fields=("case",), condition=Q(left_on__isnull=True), name="case_has_one_open_stay"),
            models.CheckConstraint(
                condition=Q(left_on__isnull=True) | Q(left_on__gte=F("entered_on")), name="stay_left_after_entered"
            ),
            models.CheckConstraint(condition=Q(basis__in=StayBasis.values), name="stay_basis_known"),
            models.CheckConstraint(
                condition=Q(country__in=[code for code in Country.values if code not in {Country.RU, Country.XX}]),
                name="stay_is_abroad",
            ),
        )

    def __str__(self) -> str:
        """Show where."""
        return self.country

    def span(self) -> Span:
        """Return what is computed with; a coarse stay counts whole weeks and is an estimate."""
        return Span(self.entered_on, self.left_on, self.is_estimated or self.is_coarse)


class StayClock(models.Model):
    """Under which version of which rule a stay began: that version keeps running for it, whatever supersedes it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    stay = models.ForeignKey(CountryStay, on_delete=models.CASCADE, related_name="clocks", db_index=False)
    rule = models.ForeignKey(CountryRule, on_delete=models.PROTECT, related_name="clocks")

    class Meta:
        """Row rules."""

        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=("stay", "rule"), name="stay_clock_once"),)

    def __str__(self) -> str:
        """Show the rule."""
        return str(self.rule_id)
