"""Words for what an event of the audit trail is about: kinds of records, the reason of a reveal, the stage of a target."""

from collections.abc import Mapping
from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from requests_app.enums import ReasonCode, Stage

KINDS: Mapping[str, str | Promise] = {
    "alarm": _("alarm"),
    "asset": _("dependency"),
    "backup": _("backup"),
    "bulk_batch": _("change of several cases"),
    "case": _("case"),
    "caseworker": _("person here"),
    "checklist": _("checklist"),
    "circle": _("circle"),
    "circle_key": _("circle key"),
    "country_rule": _("country rule"),
    "duplicate_pair": _("two requests"),
    "help_request": _("request"),
    "honeytoken": _("honeytoken"),
    "organization": _("organization"),
    "person_link": _("link between two people"),
    "recovery_key": _("recovery key"),
    "recovery_request": _("recovery request"),
    "release": _("release"),
    "saved_view": _("saved view"),
    "sealed_record": _("sealed record"),
    "search": _("search"),
    "task": _("task"),
}
LABELS: Mapping[str, str | Promise] = MappingProxyType(
    {one.value: one.label for vocabulary in (Stage, ReasonCode) for one in vocabulary} | dict(KINDS)
)
