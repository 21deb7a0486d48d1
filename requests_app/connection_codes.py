"""Codes of what a case is connected with: what it depends on, other people, consents, partners. ASCII, stable, never reused."""

from collections.abc import Mapping
from types import MappingProxyType

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class AssetKind(TextChoices):
    """What the work leans on."""

    PARTNER = "partner", _("Partner organization")
    PHONE = "phone", _("Phone of the organization")
    ACCOUNT = "account", _("Account of the organization")
    DEVICE = "device", _("Device of the organization")
    GUIDE = "guide", _("Guide")
    SAFE_HOUSE = "safe_house", _("Safe house")
    ROUTE_STEP = "route_step", _("Step of a route")


NAMELESS = (AssetKind.GUIDE, AssetKind.SAFE_HOUSE, AssetKind.ROUTE_STEP)
"""Drivers, hosts and border points are never recorded, not even sealed: these have a codename and nothing else."""


class BurnReason(TextChoices):
    """Why something must not be used any more."""

    SEIZED = "seized", _("Seized")
    TAKEN_OVER = "taken_over", _("Taken over by somebody else")
    DETAINED = "detained", _("Somebody of it was detained")
    INFORMER = "informer", _("Passes on what it learns")
    WATCHED = "watched", _("Watched or followed")
    PUBLISHED = "published", _("Known in public")
    SILENT = "silent", _("Does not answer as agreed")
    OTHER = "other", _("Other")


class LinkKind(TextChoices):
    """What the second person of a link is to the first."""

    TOGETHER = "together", _("Belong together")
    SPOUSE = "spouse", _("Spouse or partner")
    PARENT = "parent", _("Parent")
    CHILD = "child", _("Child")
    SIBLING = "sibling", _("Brother or sister")
    RELATIVE = "relative", _("Other relative")
    FRIEND = "friend", _("Friend")
    TRAVELS = "travels", _("Travels together")
    SAME_UNIT = "same_unit", _("Same unit")
    UNKNOWN = "unknown", _("Unknown")
    OTHER = "other", _("Other")


INVERSE: Mapping[LinkKind, LinkKind] = MappingProxyType(
    {kind: kind for kind in LinkKind} | {LinkKind.PARENT: LinkKind.CHILD, LinkKind.CHILD: LinkKind.PARENT}
)
"""What the first person is to the second."""


class ConsentScope(TextChoices):
    """What somebody was asked."""

    KEEP = "keep", _("To keep what they told us")
    COUNT = "count", _("To be counted without a name")
    FAMILY = "family", _("To contact the family")
    REFERRAL = "referral", _("To be referred to a partner")


ENDLESS = (ConsentScope.KEEP, ConsentScope.COUNT)
"""Has no last day of its own: retention ends it."""


class ConsentDecision(TextChoices):
    """What they said. No record is no consent."""

    GIVEN = "given", _("Agreed")
    REFUSED = "refused", _("Did not agree")


class ConsentWay(TextChoices):
    """How they said it."""

    SAID = "said", _("Said")
    WRITTEN = "written", _("Written")
    UNKNOWN = "unknown", _("Unknown")


class ReferralState(TextChoices):
    """Life of a referral."""

    SENT = "sent", _("Waiting for the partner")
    ACCEPTED = "accepted", _("Accepted")
    REFUSED = "refused", _("Refused")
    NO_ANSWER = "no_answer", _("No answer")
    DONE = "done", _("Done")
    RECALLED = "recalled", _("Consent withdrawn: tell the partner")
    STOPPED = "stopped", _("Partner told to stop")


REFERRAL_NEXT: Mapping[ReferralState, tuple[ReferralState, ...]] = MappingProxyType(
    {
        ReferralState.SENT: (ReferralState.ACCEPTED, ReferralState.REFUSED, ReferralState.NO_ANSWER),
        ReferralState.ACCEPTED: (ReferralState.DONE, ReferralState.REFUSED, ReferralState.NO_ANSWER),
        ReferralState.REFUSED: (),
        ReferralState.NO_ANSWER: (ReferralState.ACCEPTED, ReferralState.REFUSED),
        ReferralState.DONE: (),
        ReferralState.RECALLED: (ReferralState.STOPPED,),
        ReferralState.STOPPED: (),
    }
)
"""Which outcome may follow. Only the withdrawal of a consent recalls."""
STANDING = (ReferralState.SENT, ReferralState.ACCEPTED, ReferralState.NO_ANSWER)
"""The partner may still act on the packet."""
WAITING = (ReferralState.SENT, ReferralState.ACCEPTED)
"""Somebody has to ask how it went."""


class CodedPart(TextChoices):
    """A coded fact of a case that a packet may hold."""

    CATEGORY = "category", _("Category")
    SITUATION = "exit_context", _("Situation")
    STAGE = "stage", _("Stage")
    URGENCY = "urgency", _("Urgency")
    COUNTRY = "country", _("Country now")
    DOCUMENTS = "document_status", _("Documents")
    LANGUAGE = "language", _("Language")
