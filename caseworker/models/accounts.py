"""The people who work here."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX as UNUSABLE
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.translation import gettext_lazy as _

from caseworker.enums import AccountStatus, Role
from caseworker.models.keys import Circle


class CaseworkerQuerySet(models.QuerySet["Caseworker"]):
    """Saved questions about people."""

    def active(self) -> CaseworkerQuerySet:
        """Keep those who may sign in."""
        return self.filter(status=AccountStatus.ACTIVE)

    def members_of(self, circle_id: uuid.UUID) -> CaseworkerQuerySet:
        """Keep those whose present staff key holds a grant for the circle's usable keys."""
        return self.filter(
            staff_keys__retired_at__isnull=True,
            staff_keys__grants__circle_key__circle_id=circle_id,
            staff_keys__grants__circle_key__state__in=("active", "retiring"),
        ).distinct()


class CaseworkerManager(BaseUserManager["Caseworker"].from_queryset(CaseworkerQuerySet)):  # type: ignore[misc]
    """Natural keys for authentication."""


class Caseworker(AbstractBaseUser):
    """An account: an alias, one role, and nothing that names the person behind it.

    There is no superuser and no staff flag: what an account may do follows from its role, and what it may *read* from the circle
    keys sealed to it. The inherited password column is always unusable; the words are checked only by unlocking the key.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    alias = models.CharField(_("alias"), max_length=40, unique=True)
    role = models.CharField(_("role"), max_length=20, choices=Role)
    status = models.CharField(_("status"), max_length=12, choices=AccountStatus, default=AccountStatus.ACTIVE)
    language = models.CharField(_("language"), max_length=5, default="en")
    time_zone = models.CharField(_("time zone"), max_length=40, default="UTC")
    intake_circle = models.ForeignKey(Circle, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    uses_shortcuts = models.BooleanField(_("keyboard shortcuts"), default=False)
    last_channel = models.CharField(max_length=20, default="", blank=True)
    created_on = models.DateField()

    last_login = None

    USERNAME_FIELD = "alias"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["role"]

    objects: ClassVar[CaseworkerManager] = CaseworkerManager()

    class Meta:
        """Row rules."""

        ordering = ("alias", "id")
        constraints = (
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="caseworker_role_known"),
            models.CheckConstraint(condition=models.Q(status__in=AccountStatus.values), name="caseworker_status_known"),
            models.CheckConstraint(
                condition=models.Q(password__startswith=UNUSABLE), name="caseworker_has_no_second_hash"
            ),
        )

    def is_called(self, typed: str) -> bool:
        """Tell whether *typed* is this person's alias, in whatever case and with spaces around."""
        return typed.strip().casefold() == self.alias.casefold()

    def __str__(self) -> str:
        """Show the alias, which is all there is."""
        return self.alias

    @property
    def is_active(self) -> bool:  # type: ignore[override]
        """Tell whether the account may sign in."""
        return self.status == AccountStatus.ACTIVE


class Invitation(models.Model):
    """A way in for one person, once: a keyed hash of the code that was read to them, and when it lapses."""

    person = models.OneToOneField(Caseworker, on_delete=models.CASCADE, primary_key=True, related_name="invitation")
    code_hash = models.CharField(max_length=64)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        """Show nothing of the code."""
        return "invitation"
