"""Codes of duplicates: what two requests may have in common, and what was decided about them."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class TagKind(TextChoices):
    """What two requests may have in common; the order is that of the tags in a sealed row, and is never changed."""

    PHONE = "phone", _("Phone")
    TELEGRAM = "telegram", _("Telegram")
    EMAIL = "email", _("E-mail")
    SIGNAL = "signal", _("Signal")
    NAME = "name", _("Name to use")


class PairDecision(TextChoices):
    """What a coordinator said about two requests that have something in common."""

    SAME = "same", _("The same person")
    RELATED = "related", _("Two people who belong together")
    DIFFERENT = "different", _("Two different people")
