"""Where somebody wants to be reminded to look in. Off unless they choose it; nothing in a notice is about anybody."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from caseworker.enums import AccountStatus, NoticeChannel, NoticeLevel, NoticeProblem


class NoticeChoiceQuerySet(models.QuerySet["NoticeChoice"]):
    """Saved questions about choices."""

    def sendable(self) -> NoticeChoiceQuerySet:
        """Keep what was confirmed, of people who may sign in."""
        return self.filter(confirmed_at__isnull=False, person__status=AccountStatus.ACTIVE)


class NoticeChoice(models.Model):
    """What one person chose, and how sending went. The address is sealed under a key of the server that is not in the database."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="notice_choice"
    )
    level = models.CharField(max_length=12, choices=NoticeLevel)
    channel = models.CharField(max_length=8, choices=NoticeChannel)
    address = models.BinaryField()
    chosen_at = models.DateTimeField()
    code_hash = models.CharField(max_length=64, default="", blank=True)
    code_sent_at = models.DateTimeField(null=True)
    code_tries = models.PositiveSmallIntegerField(default=0)
    confirmed_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)
    looked_at = models.DateTimeField(null=True)
    tried_at = models.DateTimeField(null=True)
    failures = models.PositiveSmallIntegerField(default=0)
    problem = models.CharField(max_length=12, choices=NoticeProblem, default="", blank=True)

    objects = NoticeChoiceQuerySet.as_manager()

    class Meta:
        """Row rules."""

        constraints = (
            models.CheckConstraint(condition=Q(level__in=NoticeLevel.values), name="notice_level_known"),
            models.CheckConstraint(condition=Q(channel__in=NoticeChannel.values), name="notice_channel_known"),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True, looked_at__isnull=True, reminded_at__isnull=True)
                | Q(confirmed_at__isnull=False, looked_at__isnull=False, reminded_at__isnull=False, code_hash=""),
                name="notice_is_confirmed_whole",
            ),
        )

    def __str__(self) -> str:
        """Show the level, nothing of the address."""
        return self.level
