"""Prepared values of the recovery pages: what a bundle is about, in fingerprints and names that stay here."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from caseworker.enums import RecoveryKind
from caseworker.models.keys import CircleKey
from caseworker.models.recovery import RecoveryRequest
from caseworker.queries_keys import grouped, key_fingerprint
from requests_app.models.cases import Case


@dataclass(frozen=True)
class BundleLine:
    """One thing that a bundle names, and the fingerprint of its key."""

    label: str
    fingerprint: str


def bundle_lines(asked: RecoveryRequest) -> list[BundleLine]:
    """Return what the bundle is about: the tool shows the same fingerprints, without the names."""
    lines: list[BundleLine] = []
    ids = list(asked.items.values_list("object_id", flat=True)) if asked.kind == RecoveryKind.CIRCLES else []
    for key in CircleKey.objects.filter(id__in=ids).select_related("circle").order_by("circle__code", "version"):
        label = _("Circle %(name)s, version %(version)s") % {"name": key.circle.name, "version": key.version}
        lines.append(BundleLine(label, grouped(key_fingerprint(key))))
    if asked.staff_key:
        label = _("For %(alias)s") % {"alias": asked.staff_key.person.alias}
        lines.append(BundleLine(label, grouped(key_fingerprint(asked.staff_key))))
    if asked.circle_key and asked.case_id:
        case = Case.objects.filter(id=asked.case_id).first()
        lines.append(BundleLine(case.reference if case else "", grouped(key_fingerprint(asked.circle_key))))
    return lines
