"""Take away everything that a person was connected with. A part of actions that erase, which audit."""

from collections.abc import Sequence

from django.db.models import Q

from requests_app.models.cases import Case
from requests_app.models.connections import AssetUse, Consent, PersonLink, Referral
from requests_app.models.help_requests import HelpRequest


def disconnect(case: Case | None, requests: Sequence[HelpRequest]) -> None:
    """Delete links to other people, referrals, consents, and what the case depended on: afterwards nothing leads from anybody to this person."""
    PersonLink.objects.filter(Q(low__in=requests) | Q(high__in=requests)).delete()
    if case is not None:
        Referral.objects.filter(case=case).delete()
        Consent.objects.filter(case=case).delete()
        AssetUse.objects.filter(case=case).delete()
    Consent.objects.filter(help_request__in=requests).delete()
