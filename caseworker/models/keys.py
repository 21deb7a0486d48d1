"""Public keys, wrapped seeds and grants: the hierarchy of ``docs/encryption.md`` as tables.

Nothing in this module can decrypt anything: private seeds appear only wrapped (under a person's words) or sealed (to a key).
"""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from caseworker.enums import CircleKeyState


class RecoveryKey(models.Model):
    """The public half of a key that exists only on paper."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    suite = models.PositiveSmallIntegerField()
    public_key = models.BinaryField()
    fingerprint = models.CharField(max_length=20)
    created_on = models.DateField()
    is_prepared = models.BooleanField(default=False)
    retired_on = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        """Show the fingerprint, which is public."""
        return self.fingerprint

    @property
    def key_id(self) -> uuid.UUID:
        """The id, as the vault calls it."""
        return self.id


class Circle(models.Model):
    """The set of people who may read what is sealed to it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    code = models.SlugField(max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=60)
    is_intake = models.BooleanField(default=False)

    class Meta:
        """Row rules."""

        ordering = ("code", "id")

    def __str__(self) -> str:
        """Show the name."""
        return self.name


class CircleKey(models.Model):
    """One version of a circle's key pair; the seed is sealed to members and to recovery only."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    circle = models.ForeignKey(Circle, on_delete=models.PROTECT, related_name="keys", db_index=False)
    version = models.PositiveIntegerField()
    state = models.CharField(max_length=12, choices=CircleKeyState, default=CircleKeyState.ACTIVE)
    suite = models.PositiveSmallIntegerField()
    public_key = models.BinaryField()
    retiring_since = models.DateField(null=True, blank=True)
    rotated_count = models.PositiveIntegerField(default=0)
    distrusted_on = models.DateField(null=True, blank=True)
    proof = models.BinaryField(null=True)

    class Meta:
        """Row rules."""

        constraints = (
            models.UniqueConstraint(fields=("circle", "version"), name="circle_key_version_once"),
            models.UniqueConstraint(
                fields=("circle",), condition=models.Q(state="active"), name="circle_has_one_active_key"
            ),
            models.CheckConstraint(condition=models.Q(state__in=CircleKeyState.values), name="circle_key_state_known"),
        )

    def __str__(self) -> str:
        """Show the version."""
        return f"v{self.version}"


class StaffKey(models.Model):
    """A person's key pair, its seed wrapped under the Argon2id root of their words."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="staff_keys", db_index=False
    )
    generation = models.PositiveIntegerField(default=1)
    suite = models.PositiveSmallIntegerField()
    public_key = models.BinaryField()
    salt = models.BinaryField()
    memory_kib = models.PositiveIntegerField()
    iterations = models.PositiveSmallIntegerField()
    lanes = models.PositiveSmallIntegerField()
    verifier = models.BinaryField()
    wrapped_seed = models.BinaryField()
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        """Row rules."""

        constraints = (
            models.UniqueConstraint(fields=("person", "generation"), name="staff_key_generation_once"),
            models.UniqueConstraint(
                fields=("person",), condition=models.Q(retired_at__isnull=True), name="person_has_one_staff_key"
            ),
        )

    def __str__(self) -> str:
        """Show the generation."""
        return f"g{self.generation}"


class CircleGrant(models.Model):
    """A circle seed sealed to one staff key: membership is this row, and without it no page can read."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    circle_key = models.ForeignKey(CircleKey, on_delete=models.CASCADE, related_name="grants", db_index=False)
    staff_key = models.ForeignKey(StaffKey, on_delete=models.CASCADE, related_name="grants")
    sealed = models.BinaryField()
    vouch = models.BinaryField(default=bytes)
    proof = models.BinaryField(null=True)
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    granted_on = models.DateField()

    class Meta:
        """Row rules."""

        constraints = (models.UniqueConstraint(fields=("circle_key", "staff_key"), name="circle_grant_once"),)

    def __str__(self) -> str:
        """Show nothing of the key."""
        return "grant"


class CircleEscrow(models.Model):
    """A circle seed sealed to a recovery key."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    circle_key = models.ForeignKey(CircleKey, on_delete=models.CASCADE, related_name="escrows", db_index=False)
    recovery_key = models.ForeignKey(RecoveryKey, on_delete=models.PROTECT, related_name="escrows")
    sealed = models.BinaryField()

    class Meta:
        """Row rules."""

        constraints = (models.UniqueConstraint(fields=("circle_key", "recovery_key"), name="circle_escrow_once"),)

    def __str__(self) -> str:
        """Show nothing of the key."""
        return "escrow"
