"""Every stored field in exactly one zone: sealed (unreadable without somebody's key), coded (clear, about a case), or operations.

A test walks all models: a new field without a zone fails, so that nobody adds a clear column by accident. What stands under ``CODED`` is what
a seized database tells about people who asked for help; SECURITY.md says so in words.
"""

from collections.abc import Mapping

from requests_app.zone_codes import Zone
from requests_app.zones_connections import CONNECTION_ZONES
from requests_app.zones_people import ZONES_OF_PEOPLE

ZONES_OF_THE_ORGANIZATION: dict[str, Mapping[Zone, tuple[str, ...]]] = {
    "Absence": {
        Zone.OPERATIONS: ("id", "person", "deputy", "from_on", "until_on", "ended_on"),
    },
    "Alarm": {
        Zone.OPERATIONS: ("id", "kind", "actor_id", "object_id", "hour", "acknowledged_by", "acknowledged_on"),
    },
    "AttemptCounter": {
        Zone.OPERATIONS: ("key", "failures", "window_started_at", "blocked_until"),
    },
    "AuditEvent": {
        Zone.OPERATIONS: ("sequence", "hour", "actor_id", "verb", "object_kind", "object_id", "previous_hash", "hash"),
    },
    "AuditHead": {
        Zone.OPERATIONS: ("id", "sequence", "hash"),
    },
    "BackupRun": {
        Zone.OPERATIONS: ("id", "kind", "ran_at", "problem", "main_bytes", "key_bytes", "rows", "audit_sequence"),
    },
    "Caseworker": {
        Zone.OPERATIONS: (
            "password",
            "id",
            "alias",
            "role",
            "status",
            "language",
            "time_zone",
            "uses_shortcuts",
            "intake_circle",
            "last_channel",
            "created_on",
        ),
    },
    "Circle": {
        Zone.OPERATIONS: ("id", "code", "name", "is_intake"),
    },
    "CircleEscrow": {
        Zone.SEALED: ("sealed",),
        Zone.OPERATIONS: ("id", "circle_key", "recovery_key"),
    },
    "CircleGrant": {
        Zone.SEALED: ("sealed", "vouch"),
        Zone.OPERATIONS: ("id", "circle_key", "staff_key", "proof", "granted_by", "granted_on"),
    },
    "CircleKey": {
        Zone.OPERATIONS: (
            "id",
            "circle",
            "version",
            "state",
            "suite",
            "public_key",
            "retiring_since",
            "rotated_count",
            "distrusted_on",
            "proof",
        ),
    },
    "Invitation": {
        Zone.OPERATIONS: ("person", "code_hash", "expires_at"),
    },
    "JobDelivery": {
        Zone.OPERATIONS: ("queue_id", "function", "deliveries", "delivered_at", "started_at", "parked_at"),
    },
    "NoticeChoice": {
        Zone.SEALED: ("address",),
        Zone.OPERATIONS: (
            "person",
            "level",
            "channel",
            "chosen_at",
            "code_hash",
            "code_sent_at",
            "code_tries",
            "confirmed_at",
            "reminded_at",
            "looked_at",
            "tried_at",
            "failures",
            "problem",
        ),
    },
    "PanicState": {
        Zone.OPERATIONS: (
            "id",
            "is_locked",
            "locked_at",
            "locked_by",
            "proposed_at",
            "proposed_by",
            "lifted_by",
            "by_console",
        ),
    },
    "RecoveryKey": {
        Zone.OPERATIONS: ("id", "suite", "public_key", "fingerprint", "created_on", "is_prepared", "retired_on"),
    },
    "RecoveryDrill": {
        Zone.OPERATIONS: ("id", "recovery_key", "done_on", "done_by"),
    },
    "RecoveryItem": {
        Zone.OPERATIONS: ("id", "request", "object_id"),
    },
    "RecoveryRequest": {
        Zone.OPERATIONS: (
            "id",
            "kind",
            "staff_key",
            "circle_key",
            "case_id",
            "digest",
            "made_by",
            "made_on",
            "answered_on",
        ),
    },
    "SessionRow": {
        Zone.SEALED: ("payload",),
        Zone.OPERATIONS: ("id_hash", "person_id", "created_at", "seen_at", "expires_at"),
    },
    "StaffKey": {
        Zone.SEALED: ("salt", "verifier", "wrapped_seed"),
        Zone.OPERATIONS: (
            "id",
            "person",
            "generation",
            "suite",
            "public_key",
            "memory_kib",
            "iterations",
            "lanes",
            "retired_at",
        ),
    },
    "BulkBatch": {
        Zone.OPERATIONS: ("id", "made_by", "made_at", "kind", "code", "new_owner"),
    },
    "ChecklistItem": {
        Zone.OPERATIONS: (
            "id",
            "item",
            "version",
            "stage",
            "place",
            "text_en",
            "text_ru",
            "is_current",
            "is_on",
            "made_on",
            "made_by",
        ),
    },
    "CountCell": {
        Zone.OPERATIONS: ("id", "month", "table", "cls", "count"),
    },
    "CountryRule": {
        Zone.OPERATIONS: (
            "id",
            "country",
            "kind",
            "version",
            "limit_days",
            "window_days",
            "effective_from",
            "source",
            "verified_on",
            "reverify_by",
        ),
    },
    "Honeytoken": {
        Zone.OPERATIONS: ("id", "mark"),
    },
    "PrivacyLedgerEntry": {
        Zone.OPERATIONS: ("id", "release", "epoch", "period", "table", "kind", "epsilon", "cumulative"),
    },
    "PublicStatement": {
        Zone.OPERATIONS: ("id", "said_on", "table", "cls", "from_month", "to_month", "value", "registered_by"),
    },
    "Release": {
        Zone.OPERATIONS: (
            "id",
            "epoch",
            "period",
            "kind",
            "state",
            "made_by",
            "approved_by",
            "proposed_on",
            "frozen_on",
            "published_on",
            "software",
            "previous_hash",
            "content_hash",
        ),
    },
    "ReleaseCell": {
        Zone.OPERATIONS: ("id", "release", "table", "version", "cls", "value"),
    },
    "SavedView": {
        Zone.OPERATIONS: (
            "id",
            "owner",
            "circle",
            "name",
            "queue",
            "stage",
            "condition",
            "urgency",
            "category",
            "country",
            "whose",
            "of_person",
            "in_circle",
            "created_on",
        ),
    },
    "Reveal": {
        Zone.OPERATIONS: ("id", "person", "record", "case", "is_own", "reason", "hour"),
    },
    "RetentionHold": {
        Zone.CODED: ("case", "reason", "set_on", "until", "lifted_on"),
        Zone.OPERATIONS: ("id", "set_by"),
    },
    "StageTarget": {
        Zone.OPERATIONS: ("stage", "now_hours", "days_3_hours", "weeks_2_hours", "routine_hours"),
    },
}

ZONES: Mapping[str, Mapping[Zone, tuple[str, ...]]] = {
    **ZONES_OF_THE_ORGANIZATION,
    **ZONES_OF_PEOPLE,
    **CONNECTION_ZONES,
}
