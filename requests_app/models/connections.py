"""What a case is connected with: what it depends on, people who belong together, consents and referrals. Coded, but for names, which are sealed."""

from __future__ import annotations

import datetime as dt
import uuid

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from caseworker.enums import Role
from caseworker.models.accounts import Caseworker
from caseworker.models.keys import Circle
from requests_app.connection_codes import (
    ENDLESS,
    NAMELESS,
    AssetKind,
    BurnReason,
    ConsentDecision,
    ConsentScope,
    ConsentWay,
    LinkKind,
    ReferralState,
)
from requests_app.enums import Need
from requests_app.models.cases import Case
from requests_app.models.help_requests import HelpRequest
from requests_app.models.membership import circles_of
from requests_app.models.sealed import SealedRecord


class AssetQuerySet(models.QuerySet["Asset"]):
    """Saved questions about what the work leans on."""

    def visible_to(self, person: Caseworker) -> AssetQuerySet:
        """Keep what *person* may know of: coordinators their circles', leads and security officers all, in codes; others none."""
        if person.role in (Role.LEAD, Role.SECURITY_OFFICER):
            return self
        return self.filter(circle__in=circles_of(person)) if person.role == Role.COORDINATOR else self.none()

    def usable(self) -> AssetQuerySet:
        """Keep what is neither burned nor given up."""
        return self.filter(burned_on__isnull=True, retired_on__isnull=True)


class Asset(models.Model):
    """A partner, channel, device, guide, house or step that cases depend on. Known by a random codename; a name, if there is one, is sealed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("kind"), max_length=12, choices=AssetKind)
    codename = models.CharField(max_length=40)
    circle = models.ForeignKey(Circle, on_delete=models.PROTECT, related_name="+", db_index=False)
    record = models.OneToOneField(SealedRecord, on_delete=models.SET_NULL, null=True, related_name="+")
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    added_on = models.DateField()
    burned_on = models.DateField(null=True)
    burned_as = models.CharField(max_length=12, choices=BurnReason, default="", blank=True)
    burned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    retired_on = models.DateField(null=True)

    objects = AssetQuerySet.as_manager()

    class Meta:
        """Row rules."""

        ordering = ("kind", "codename", "id")
        constraints = (
            models.CheckConstraint(condition=Q(kind__in=AssetKind.values), name="asset_kind_known"),
            models.CheckConstraint(
                condition=Q(record__isnull=True) | ~Q(kind__in=NAMELESS), name="asset_without_name_has_none"
            ),
            models.CheckConstraint(
                condition=Q(burned_on__isnull=True, burned_as="")
                | Q(burned_on__isnull=False, burned_as__in=BurnReason.values),
                name="burned_asset_has_reason",
            ),
        )

    def __str__(self) -> str:
        """Show the codename."""
        return self.codename


class PartnerKey(models.Model):
    """A partner's public key, whose fingerprint a lead compared; ``proof`` says that this server wrote it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    partner = models.ForeignKey(Asset, on_delete=models.CASCADE, related_name="keys", db_index=False)
    suite = models.PositiveSmallIntegerField()
    public_key = models.BinaryField()
    proof = models.BinaryField()
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    added_on = models.DateField()
    retired_on = models.DateField(null=True)

    class Meta:
        """Row rules."""

        ordering = ("-added_on", "id")
        constraints = (
            models.UniqueConstraint(
                fields=("partner",), condition=Q(retired_on__isnull=True), name="partner_has_one_key"
            ),
        )

    def __str__(self) -> str:
        """Show nothing."""
        return "partner key"


class AssetUse(models.Model):
    """That a case depends on something, as long as the row is there: what is over leaves no trace."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="uses", db_index=False)
    asset = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="uses")
    since_on = models.DateField()

    class Meta:
        """Row rules."""

        ordering = ("since_on", "id")
        constraints = (models.UniqueConstraint(fields=("case", "asset"), name="asset_used_once"),)

    def __str__(self) -> str:
        """Show nothing."""
        return "use"


def _seen(side: str, person: Caseworker, now: dt.datetime) -> Q:
    """Say in SQL that one end of a link is to be seen: its case, or, where there is none, the request itself; never one that is paused."""
    alone = HelpRequest.objects.visible_to(person).filter(id=OuterRef(f"{side}_id"), case__isnull=True)
    case = Case.objects.visible_to(person, now=now).filter(id=OuterRef(f"{side}__case_id"))
    return Q(Exists(alone) | Exists(case)) & _is_free(side)


def _is_free(side: str) -> Q:
    return Q(**{f"{side}__erasure_due_at__isnull": True, f"{side}__erased_on__isnull": True})


class PersonLinkQuerySet(models.QuerySet["PersonLink"]):
    """Saved questions about links."""

    def visible_to(self, person: Caseworker, *, now: dt.datetime) -> PersonLinkQuerySet:
        """Keep links both ends of which *person* may know of. A link lets nobody see an end."""
        if person.role not in (Role.COORDINATOR, Role.LEAD):
            return self.none()
        return self.filter(_seen("low", person, now), _seen("high", person, now))

    def seen_from(
        self, case: Case | uuid.UUID, side: str, person: Caseworker, *, now: dt.datetime
    ) -> PersonLinkQuerySet:
        """Keep the links whose *side* is in *case*, which *person* sees already, and whose other end they may know of."""
        other = "high" if side == "low" else "low"
        near = Q(**{f"{side}__case": case}) & _is_free(side)
        return self.filter(near, _seen(other, person, now)).exclude(**{f"{other}__case": case})

    def of(self, case: Case) -> PersonLinkQuerySet:
        """Keep links of a case with anybody outside it."""
        apart = Q(low__case__isnull=True) | Q(high__case__isnull=True) | ~Q(low__case=F("high__case"))
        return self.filter(apart, Q(low__case=case) | Q(high__case=case))


class PersonLink(models.Model):
    """Two requests whose people belong together: ``kind`` is what the high one is to the low one. It goes along with the requests in a merge."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    low = models.ForeignKey(HelpRequest, on_delete=models.CASCADE, related_name="+", db_index=False)
    high = models.ForeignKey(HelpRequest, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(_("kind"), max_length=12, choices=LinkKind, default=LinkKind.UNKNOWN)
    linked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    linked_on = models.DateField()

    objects = PersonLinkQuerySet.as_manager()

    class Meta:
        """Row rules."""

        ordering = ("linked_on", "id")
        constraints = (
            models.UniqueConstraint(fields=("low", "high"), name="link_once"),
            models.CheckConstraint(condition=Q(low__lt=F("high")), name="link_low_before_high"),
            models.CheckConstraint(condition=Q(kind__in=LinkKind.values), name="link_kind_known"),
        )

    def __str__(self) -> str:
        """Show the kind."""
        return self.kind


class ConsentQuerySet(models.QuerySet["Consent"]):
    """Saved questions about consents."""

    def of(self, case: Case) -> ConsentQuerySet:
        """Keep those of a case and of its requests."""
        return self.filter(Q(case=case) | Q(help_request__case=case))

    def standing(self) -> ConsentQuerySet:
        """Keep what was agreed to and neither withdrawn nor answered anew, over or not."""
        return self.filter(decision=ConsentDecision.GIVEN, withdrawn_on__isnull=True, replaced_on__isnull=True)

    def live(self, *, day: dt.date) -> ConsentQuerySet:
        """Keep what counts on *day*."""
        return self.standing().filter(Q(until__isnull=True) | Q(until__gte=day))


class Consent(models.Model):
    """What a person agreed to or not, how, to whom it was said, and until when. No row is no consent.

    A newer answer to the same question replaces this one; nothing is ever changed back.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, null=True, related_name="consents")
    help_request = models.ForeignKey(HelpRequest, on_delete=models.CASCADE, null=True, related_name="consents")
    scope = models.CharField(_("what for"), max_length=12, choices=ConsentScope)
    partner = models.ForeignKey(Asset, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    decision = models.CharField(_("answer"), max_length=8, choices=ConsentDecision)
    way = models.CharField(_("how"), max_length=8, choices=ConsentWay, default=ConsentWay.UNKNOWN)
    wording = models.PositiveSmallIntegerField()
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    given_on = models.DateField()
    until = models.DateField(null=True)
    withdrawn_on = models.DateField(null=True)
    replaced_on = models.DateField(null=True)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        """Row rules."""

        ordering = ("given_on", "id")
        indexes = (
            models.Index(
                fields=("until", "case"),
                name="consent_ends",
                condition=Q(until__isnull=False, withdrawn_on__isnull=True, replaced_on__isnull=True),
            ),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(case__isnull=False, help_request__isnull=True)
                | Q(case__isnull=True, help_request__isnull=False),
                name="consent_has_one_owner",
            ),
            models.CheckConstraint(condition=Q(scope__in=ConsentScope.values), name="consent_scope_known"),
            models.CheckConstraint(condition=Q(decision__in=ConsentDecision.values), name="consent_decision_known"),
            models.CheckConstraint(
                condition=Q(scope=ConsentScope.REFERRAL, partner__isnull=False)
                | (~Q(scope=ConsentScope.REFERRAL) & Q(partner__isnull=True)),
                name="consent_names_the_partner",
            ),
            models.CheckConstraint(
                condition=Q(scope__in=ENDLESS) | Q(decision=ConsentDecision.REFUSED) | Q(until__isnull=False),
                name="consent_ends_some_day",
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("given_on")), name="consent_ends_after_it_began"
            ),
        )

    def __str__(self) -> str:
        """Show the scope."""
        return self.scope


class Referral(models.Model):
    """That a packet was made for a partner: what for, which parts it held, and what became of it. The packet itself is kept nowhere."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="referrals")
    partner = models.ForeignKey(Asset, on_delete=models.PROTECT, related_name="+", db_index=False)
    consent = models.ForeignKey(Consent, on_delete=models.CASCADE, related_name="referrals")
    service = models.CharField(_("what for"), max_length=16, choices=Need)
    parts = models.JSONField(default=list)
    state = models.CharField(max_length=12, choices=ReferralState, default=ReferralState.SENT)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    made_on = models.DateField()
    ask_on = models.DateField()
    answered_on = models.DateField(null=True)
    packet_code = models.CharField(max_length=15)

    class Meta:
        """Row rules."""

        ordering = ("-made_on", "id")
        indexes = (models.Index(fields=("state", "ask_on", "case"), name="referral_to_ask"),)
        constraints = (
            models.CheckConstraint(condition=Q(state__in=ReferralState.values), name="referral_state_known"),
            models.CheckConstraint(
                condition=Q(state=ReferralState.SENT, answered_on__isnull=True)
                | (~Q(state=ReferralState.SENT) & Q(answered_on__isnull=False)),
                name="referral_answered_when_not_sent",
            ),
        )

    def __str__(self) -> str:
        """Show the state."""
        return self.state
