"""What cases are connected with, in codes and only what the person may know of: for the case page, its pages beside, and what is burned."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, Count, DateField, F, Q, QuerySet, UUIDField, Value
from django.db.models.functions import Coalesce
from django.shortcuts import get_object_or_404

from caseworker.compiled import Statement, rows_of, statement_of
from caseworker.models.accounts import Caseworker
from requests_app.connection_codes import AssetKind, ReferralState
from requests_app.models.cases import Case, CaseQuerySet
from requests_app.models.connections import Asset, AssetUse, Consent, PartnerKey, PersonLink, Referral
from requests_app.models.contacts import ContactPoint
from requests_app.models.help_requests import HelpRequest
from requests_app.queries.cases import case_with_reference
from requests_app.queries.prepared import prepared_about

PAGE = 50
OVER = (ReferralState.REFUSED, ReferralState.DONE, ReferralState.STOPPED)


@dataclass(frozen=True)
class Connection:
    """One line of the case page: what it is (*table*), its code and words, a day, and where it leads."""

    table: str
    code: str
    words: str
    state: str
    day: dt.date | None
    id: uuid.UUID


def _text(value: str) -> Value:
    return Value(value, output_field=CharField())


def _columns(rows: QuerySet[Any], table: str, code: Any, words: Any, state: Any, day: Any, id_: Any) -> QuerySet[Any]:
    """Lay rows out in the six columns that all parts have."""
    made = rows.order_by().annotate(
        c_table=_text(table), c_code=code, c_words=words, c_state=state, c_day=day, c_id=id_
    )
    columns: QuerySet[Any] = made.values_list("c_table", "c_code", "c_words", "c_state", "c_day", "c_id")
    return columns


def _links(case: uuid.UUID, side: str, other: str, person: Caseworker, now: dt.datetime) -> QuerySet[Any]:
    rows = PersonLink.objects.seen_from(case, side, person, now=now)
    words = Coalesce(F(f"{other}__case__reference"), F(f"{other}__reference"), output_field=CharField())
    leads_to = Coalesce(F(f"{other}__case_id"), F(f"{other}_id"), output_field=UUIDField())
    is_case = Coalesce(F(f"{other}__case__codename"), _text(""), output_field=CharField())
    day = Value(None, output_field=DateField())
    return _columns(rows, f"link_{side}", F("kind"), words, is_case, day, leads_to)


def _ask_connections(person: Caseworker, now: dt.datetime, case: uuid.UUID) -> tuple[Statement, ...]:
    uses = AssetUse.objects.filter(case=case)
    ending = Consent.objects.filter(case=case, until__isnull=False).standing()
    referrals = Referral.objects.filter(case=case).exclude(state__in=OVER)
    parts = [
        _columns(uses, "use", F("asset__kind"), F("asset__codename"), F("asset__burned_as"), F("asset__burned_on"), F("asset_id")),
        _columns(ending, "consent", F("scope"), Coalesce(F("partner__codename"), _text("")), _text(""), F("until"), F("id")),
        _columns(referrals, "referral", F("service"), F("partner__codename"), F("state"), F("ask_on"), F("id")),
        _links(case, "low", "high", person, now),
        _links(case, "high", "low", person, now),
    ]  # fmt: skip
    return (statement_of(parts[0].union(*parts[1:], all=True)),)


_FIELDS: tuple[Any, ...] = (None, None, None, None, Case._meta.get_field("touched_on"), Case._meta.get_field("id"))


def connections_of(case: Case, *, person: Caseworker, now: dt.datetime) -> list[Connection]:
    """Return what the case is connected with, for its page, which *person* sees: links, what it depends on, consents that end, referrals that stand.

    One query.
    """
    (statement,) = prepared_about(case.id, _ask_connections, person, now)
    rows = rows_of(statement, _FIELDS)
    return sorted((Connection(*row) for row in rows), key=lambda one: (one.table, one.words, str(one.id)))


def all_points(case: Case) -> list[ContactPoint]:
    """Return every contact line of the case, those out of use last. One query."""
    points = ContactPoint.objects.filter(help_request__case=case).select_related("record")
    return list(points.order_by(F("retired_on").asc(nulls_first=True), "help_request_id", "record_id", "seq", "id"))


def point_or_404(point_id: uuid.UUID, *, case: Case) -> ContactPoint:
    """Return a contact line of this case, else 404."""
    found: ContactPoint = get_object_or_404(ContactPoint, id=point_id, help_request__case=case)
    return found


def links_of(case: Case, *, person: Caseworker, now: dt.datetime) -> list[PersonLink]:
    """Return the links of a case that *person* may see. One query."""
    links = PersonLink.objects.visible_to(person, now=now).of(case).select_related("low__case", "high__case")
    return list(links.order_by("linked_on", "id"))


def link_or_404(link_id: uuid.UUID, *, case: Case, person: Caseworker, now: dt.datetime) -> PersonLink:
    """Return a link of this case that *person* may see, else 404."""
    found: PersonLink = get_object_or_404(PersonLink.objects.visible_to(person, now=now).of(case), id=link_id)
    return found


def first_request(case: Case) -> HelpRequest:
    """Return the request that stands for a case in a link, else 404."""
    found: HelpRequest | None = HelpRequest.objects.filter(case=case).order_by("received_on", "id").first()
    return found if found is not None else get_object_or_404(HelpRequest, id=case.id)


def other_end(reference: str, *, person: Caseworker, now: dt.datetime) -> tuple[HelpRequest | None, Case | None]:
    """Return the request with this reference, or that of the case with it or that it was merged into, and the case; only what *person* may see and nobody paused."""
    cases = Case.objects.visible_to(person, now=now).filter(erasure_due_at__isnull=True, erased_on__isnull=True)
    case = case_with_reference(reference, cases)
    if case is not None:
        return HelpRequest.objects.filter(case=case).order_by("received_on", "id").first(), case
    requests = HelpRequest.objects.visible_to(person).filter(erasure_due_at__isnull=True, erased_on__isnull=True)
    seen = requests.filter(Q(case__isnull=True) | Q(case__in=cases))
    found: HelpRequest | None = seen.filter(reference=reference).select_related("case").first()
    return found, found.case if found else None


def uses_of(case: Case) -> list[AssetUse]:
    """Return what the case depends on, what is burned first. One query."""
    uses = AssetUse.objects.filter(case=case).select_related("asset")
    return list(uses.order_by(F("asset__burned_on").desc(nulls_last=True), "asset__codename", "id"))


def use_or_404(use_id: uuid.UUID, *, case: Case) -> AssetUse:
    """Return one thing this case depends on, else 404."""
    found: AssetUse = get_object_or_404(AssetUse.objects.select_related("case", "asset"), id=use_id, case=case)
    return found


def usable_assets(case: Case, *kinds: AssetKind) -> list[Asset]:
    """Return what a case may be put on. One query."""
    assets = Asset.objects.usable().filter(circle_id=case.circle_id, kind__in=kinds or AssetKind.values)
    return list(assets.order_by("kind", "codename", "id"))


def consents_on(case: Case) -> list[Consent]:
    """Return every answer, the latest first. One query."""
    consents = Consent.objects.of(case).select_related("partner", "recorded_by")
    return list(consents.order_by(F("replaced_on").asc(nulls_first=True), "-given_on", "id")[:PAGE])


def consent_or_404(consent_id: uuid.UUID, *, case: Case) -> Consent:
    """Return a consent of this case, else 404."""
    found: Consent = get_object_or_404(Consent.objects.of(case), id=consent_id)
    return found


def referrals_of(case: Case) -> list[Referral]:
    """Return the referrals, the latest first. One query."""
    return list(
        Referral.objects.filter(case=case).select_related("partner", "made_by").order_by("-made_on", "id")[:PAGE]
    )


def referral_or_404(referral_id: uuid.UUID, *, case: Case) -> Referral:
    """Return a referral of this case, else 404."""
    found: Referral = get_object_or_404(Referral.objects.select_related("case"), id=referral_id, case=case)
    return found


def assets_seen_by(person: Caseworker, *, now: dt.datetime) -> list[Asset]:
    """Return what *person* may know of, what is burned first, each with how many open cases they see that depend on it. One query."""
    cases = Case.objects.visible_to(person, now=now).open().values("id")
    count = Count("uses", filter=Q(uses__case__in=cases))
    assets = Asset.objects.visible_to(person).select_related("circle").annotate(cases=count)
    return list(assets.order_by(F("burned_on").desc(nulls_last=True), "retired_on", "kind", "codename", "id"))


def asset_or_404(asset_id: uuid.UUID, *, person: Caseworker) -> Asset:
    """Return something that *person* may know of, else 404."""
    visible = Asset.objects.visible_to(person).select_related("circle", "record", "burned_by")
    found: Asset = get_object_or_404(visible, id=asset_id)
    return found


def cases_on(asset: Asset, *, person: Caseworker, now: dt.datetime) -> Sequence[Case]:
    """Return the open cases that depend on it and that *person* may see, most urgent first. One query."""
    cases: CaseQuerySet = Case.objects.visible_to(person, now=now).open().filter(uses__asset=asset)
    return list(cases.select_related("owner").order_by("urgency_rank", "due_at", "id"))


def key_of(asset: Asset) -> PartnerKey | None:
    """Return the present key of a partner, genuine or not."""
    return PartnerKey.objects.filter(partner=asset, retired_on__isnull=True).select_related("added_by").first()
