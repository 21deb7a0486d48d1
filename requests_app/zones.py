"""Every stored field in exactly one zone: sealed (unreadable without somebody's key), coded (clear, about a case), or operations.

A test walks all models: a new field without a zone fails, so that nobody adds a clear column by accident. What stands under ``CODED`` is what
a seized database tells about people who asked for help; SECURITY.md says so in words.
"""

from collections.abc import Mapping
from enum import StrEnum


class Zone(StrEnum):
    """Who can read a field."""

    SEALED = "sealed"
    CODED = "coded"
    OPERATIONS = "operations"


ZONES: Mapping[str, Mapping[Zone, tuple[str, ...]]] = {
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
    "AccessGrant": {
        Zone.CODED: ("case", "person", "scope", "reason", "expires_at", "seen_by_owner_on"),
        Zone.OPERATIONS: ("id", "granted_by"),
    },
    "BulkBatch": {
        Zone.OPERATIONS: ("id", "made_by", "made_at", "kind", "code", "new_owner"),
    },
    "BulkChange": {
        Zone.CODED: (
            "case",
            "result",
            "refusal",
            "stage_before",
            "urgency_before",
            "clock_started_before",
            "paused_seconds_before",
            "next_action_before",
            "owner_before",
            "deputy_before",
            "claimed_before",
        ),
        Zone.OPERATIONS: ("id", "batch", "version_after"),
    },
    "Case": {
        Zone.CODED: (
            "reference",
            "codename",
            "circle",
            "stage",
            "condition",
            "urgency",
            "urgency_rank",
            "category",
            "exit_context",
            "document_status",
            "country",
            "language",
            "verification_level",
            "owner",
            "deputy",
            "claimed_until",
            "opened_month",
            "closed_month",
            "outcome",
            "is_open",
            "due_at",
            "clock_started_at",
            "condition_at",
            "paused_seconds",
            "stay_ends_on",
            "last_contact_on",
            "next_action_on",
            "touched_on",
            "erase_after",
            "erasure_due_at",
            "erased_on",
            "archived_on",
            "locked_on",
            "texts_erased_on",
            "merged_into",
        ),
        Zone.OPERATIONS: ("id", "version"),
    },
    "CaseMerge": {
        Zone.CODED: ("merged", "survivor", "moved", "was_open", "merged_on", "undone_on"),
        Zone.OPERATIONS: ("id", "merged_by", "undone_by"),
    },
    "CaseLock": {
        Zone.CODED: ("case", "reason", "locked_on", "lifted_on"),
        Zone.OPERATIONS: ("id", "locked_by", "lifted_by"),
    },
    "ContactPoint": {
        Zone.CODED: (
            "help_request",
            "seq",
            "kind",
            "may_write",
            "may_call",
            "may_leave_message",
            "hours_band",
            "time_zone",
            "burned_on",
        ),
        Zone.OPERATIONS: ("id", "record"),
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
    "CountryStay": {
        Zone.CODED: (
            "case",
            "country",
            "basis",
            "entered_on",
            "left_on",
            "is_estimated",
            "is_coarse",
            "is_registered",
        ),
        Zone.OPERATIONS: ("id",),
    },
    "Deadline": {
        Zone.CODED: ("case", "kind", "due_on", "set_on", "done_on", "ended_as"),
        Zone.OPERATIONS: ("id", "set_by"),
    },
    "DuplicateEntry": {
        Zone.SEALED: ("sealed",),
        Zone.OPERATIONS: ("id", "help_request", "record", "circle_key", "seq", "normalizer"),
    },
    "DuplicatePair": {
        Zone.CODED: ("low", "high", "signals", "decision", "decided_on", "found_on"),
        Zone.OPERATIONS: ("id", "decided_by"),
    },
    "ErasureEntry": {
        Zone.OPERATIONS: ("id", "subject_kind", "subject_id", "erased_on", "code_hash"),
    },
    "Handover": {
        Zone.CODED: ("case", "to_person", "to_circle", "reason", "offered_at", "expires_at", "state", "answered_on"),
        Zone.OPERATIONS: ("id", "offered_by"),
    },
    "HelpRequest": {
        Zone.CODED: (
            "reference",
            "circle",
            "channel",
            "requester",
            "category",
            "situation",
            "needs",
            "urgency",
            "country",
            "language",
            "state",
            "decision",
            "decided_on",
            "received_on",
            "case",
            "claim_code_hash",
            "erasure_due_at",
            "erased_on",
        ),
        Zone.OPERATIONS: ("id", "decided_by", "logged_by", "form_token", "version"),
    },
    "Honeytoken": {
        Zone.OPERATIONS: ("id", "mark"),
    },
    "Note": {
        Zone.CODED: ("case", "spell", "help_request", "written_on"),
        Zone.OPERATIONS: ("id", "record", "author"),
    },
    "PrivacyLedgerEntry": {
        Zone.OPERATIONS: ("id", "release", "epoch", "period", "table", "kind", "epsilon", "cumulative"),
    },
    "PublicStatement": {
        Zone.OPERATIONS: ("id", "said_on", "table", "cls", "from_month", "to_month", "value", "registered_by"),
    },
    "RecordKey": {
        Zone.SEALED: ("sealed",),
        Zone.OPERATIONS: ("id", "record", "recipient", "recipient_key_id", "circle_key", "recovery_key", "expires_at"),
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
    "SealedField": {
        Zone.SEALED: ("envelope",),
        Zone.OPERATIONS: ("id", "record", "name"),
    },
    "SealedRecord": {
        Zone.SEALED: ("commitment",),
        Zone.OPERATIONS: ("id", "owner_id", "kind", "generation", "sealed_month"),
    },
    "StageSpell": {
        Zone.CODED: ("case", "seq", "stage", "condition", "entered_on", "left_on", "is_estimated", "reason"),
        Zone.OPERATIONS: ("id", "moved_by"),
    },
    "StageTarget": {
        Zone.OPERATIONS: ("stage", "now_hours", "days_3_hours", "weeks_2_hours", "routine_hours"),
    },
    "StayClock": {
        Zone.CODED: ("stay", "rule"),
        Zone.OPERATIONS: ("id",),
    },
    "VerificationCheck": {
        Zone.CODED: ("case", "code", "outcome", "level_after", "checked_on"),
        Zone.OPERATIONS: ("id", "checked_by"),
    },
}
