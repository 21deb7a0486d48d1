"""Is this case a honeytoken? A keyed hash answers: whoever holds the tables without the key cannot ask."""

import hashlib
import hmac
from collections.abc import Iterable
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from caseworker.compiled import find_first
from requests_app.models.cases import Case
from requests_app.models.honeytokens import Honeytoken


def mark_of(case_id: UUID) -> str:
    """Return the mark of a case: HMAC-SHA256 (hex) under a key of the settings."""
    return hmac.new(settings.CLAIM_CODE_KEY, b"honeytoken|" + case_id.bytes, hashlib.sha256).hexdigest()


def _ask_mark(mark: str) -> QuerySet[Honeytoken]:
    return Honeytoken.objects.filter(mark=mark)


def is_honeytoken(case_id: UUID) -> bool:
    """Tell whether the case was planted. One query."""
    return find_first(_ask_mark, mark_of(case_id)) is not None


def planted_among(case_ids: Iterable[UUID]) -> list[UUID]:
    """Return those of *case_ids* that were planted: one query, and one hash for each id (about a microsecond)."""
    marks = set(Honeytoken.objects.values_list("mark", flat=True))
    return [case_id for case_id in case_ids if mark_of(case_id) in marks] if marks else []


def planted_cases() -> list[Case]:
    """Return the planted cases, by reference. One hash for each case there is."""
    ids = planted_among(Case.objects.values_list("id", flat=True))
    return list(Case.objects.filter(id__in=ids).select_related("circle").order_by("reference"))
