"""What a case is connected with, on its page: lines from one query, and sentences for what cannot wait."""

from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from requests_app.connection_codes import (
    INVERSE,
    AssetKind,
    BurnReason,
    ConsentScope,
    LinkKind,
    ReferralState,
)
from requests_app.enums import Need
from requests_app.pages_case.sight import Sight
from requests_app.queries.connections import Connection
from requests_app.queries.queue_table import CONSENT_WARNING


def pages_beside(case_id: object) -> list[tuple[str, str]]:
    """Return addresses and titles of the pages beside the case page."""
    titles = {
        "case_contacts": _("Contacts"),
        "case_connections": _("Links and what it depends on"),
        "case_consents": _("Consents"),
        "case_referrals": _("Referrals"),
    }
    return [(reverse(name, args=[case_id]), title) for name, title in titles.items()]


def _use(one: Connection, _sight: Sight) -> dict[str, Any]:
    pill = BurnReason(one.state).label if one.day else ""
    url = reverse("asset", args=[one.id])
    return {"label": AssetKind(one.code).label, "words": one.words, "url": url, "pill": pill, "tone": "alert"}


def _consent(one: Connection, sight: Sight) -> dict[str, Any]:
    today = sight.now.date()
    ends = one.day is not None and one.day <= today + CONSENT_WARNING
    day = date_format(one.day) if one.day else ""
    words = " · ".join(filter(None, (str(ConsentScope(one.code).label), one.words)))
    pill = _("until %(day)s") % {"day": day}
    return {"label": _("Consent"), "words": words, "url": "", "pill": pill, "tone": "warn" if ends else "quiet"}


def _referral(one: Connection, sight: Sight) -> dict[str, Any]:
    is_recalled = one.state == ReferralState.RECALLED
    is_late = one.day is not None and one.day <= sight.now.date()
    tone = "alert" if is_recalled else "warn" if is_late else "info"
    words = f"{Need(one.code).label} · {one.words}"
    return {"label": _("Referral"), "words": words, "url": "", "pill": ReferralState(one.state).label, "tone": tone}


def _link(one: Connection, _sight: Sight) -> dict[str, Any]:
    kind = LinkKind(one.code) if one.table == "link_low" else INVERSE[LinkKind(one.code)]
    url = reverse("case" if one.state else "triage_request", args=[one.id])
    words = " · ".join(filter(None, (one.words, one.state)))
    return {"label": kind.label, "words": words, "url": url, "pill": "", "tone": "quiet"}


LINES = {"use": _use, "consent": _consent, "referral": _referral, "link_low": _link, "link_high": _link}


def _contact_cautions(sight: Sight) -> list[str]:
    """Say that the person, or whoever wrote for them, asked that nobody writes or calls, or that what is known is burned."""
    if not any(point.stopped_on or point.burned_on for point in sight.points):
        return []
    if all(point.stopped_on or point.burned_on for point in sight.points):
        return [
            _("No contact is safe any more: nobody writes or calls. Find another way, and add it as a new contact.")
        ]
    return [_("Some contacts must not be used any more. Look at the marks beside each before you write or call.")]


def cautions(sight: Sight) -> list[str]:
    """Return what cannot wait: contacts that were stopped, something burned that the case depends on, a partner who has to be told to stop."""
    if sight.is_masked or not has_connections(sight):
        return []
    connections, found = sight.connections, _contact_cautions(sight) if sight.case.is_open else []
    if any(one.table == "use" and one.day for one in connections):
        found.append(_("This case depends on something that is burned. Move it, then take the burned thing off."))
    if any(one.table == "referral" and one.state == ReferralState.RECALLED for one in connections):
        found.append(_("A consent was withdrawn. Tell the partner to stop, and record it."))
    return found


def connection_values(sight: Sight) -> dict[str, Any]:
    """Return the lines and the pages beside; nothing of somebody whose case is masked."""
    connections = [] if sight.is_masked else sight.connections
    return {
        "lines": [LINES[one.table](one, sight) for one in connections],
        "pages": pages_beside(sight.case.id),
    }


def has_connections(sight: Sight) -> bool:
    """Show until the person is erased."""
    return sight.case.erased_on is None
