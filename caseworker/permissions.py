"""Who may do what: one table. *Whether it may happen to this record now* is a policy and lives beside the record."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Protocol

from caseworker.enums import AccountStatus, Role
from caseworker.exceptions import PermissionRefused


class Permission(StrEnum):
    """One thing a role may do."""

    LOG_REQUEST = "log_request"
    VIEW_OWN_REQUESTS = "view_own_requests"
    TRIAGE = "triage"
    VIEW_CASES = "view_cases"
    REVEAL = "reveal"
    WORK_CASE = "work_case"
    MOVE_CASE = "move_case"
    CLOSE_CASE = "close_case"
    CLAIM_CASE = "claim_case"
    ASSIGN_CASE = "assign_case"
    SAVE_VIEW = "save_view"
    VIEW_WORKLOAD = "view_workload"
    GRANT_ACCESS = "grant_access"
    HAND_KEYS = "hand_keys"
    BREAK_GLASS = "break_glass"
    OFFER_HANDOVER = "offer_handover"
    ANSWER_HANDOVER = "answer_handover"
    RECORD_ABSENCE = "record_absence"
    REOPEN_CASE = "reopen_case"
    VERIFY = "verify"
    APPROVE_VERIFICATION = "approve_verification"
    EDIT_CHECKLISTS = "edit_checklists"
    CLEAR_COMPROMISE = "clear_compromise"
    VIEW_ASSETS = "view_assets"
    KEEP_ASSETS = "keep_assets"
    BURN_ASSET = "burn_asset"
    REFER = "refer"
    ERASE_CASE = "erase_case"
    KEEP_RULES = "keep_rules"
    KEEP_RETENTION = "keep_retention"
    SEARCH = "search"
    DECIDE_DUPLICATES = "decide_duplicates"
    VIEW_RELEASES = "view_releases"
    VIEW_TRUE_COUNTS = "view_true_counts"
    PROPOSE_RELEASE = "propose_release"
    APPROVE_RELEASE = "approve_release"
    PUBLISH_RELEASE = "publish_release"
    DOWNLOAD_RELEASE = "download_release"
    VIEW_LEDGER = "view_ledger"
    VIEW_CIRCLES = "view_circles"
    OPEN_CIRCLE = "open_circle"
    ADMIT_MEMBER = "admit_member"
    REMOVE_MEMBER = "remove_member"
    RENEW_CIRCLE = "renew_circle"
    RECOVER = "recover"
    VIEW_PEOPLE = "view_people"
    ENROL_PERSON = "enrol_person"
    SUSPEND_PERSON = "suspend_person"
    CHANGE_ROLE = "change_role"
    VIEW_AUDIT = "view_audit"
    OWN_ACCOUNT = "own_account"
    LOCK_EVERYONE = "lock_everyone"
    UNLOCK_EVERYONE = "unlock_everyone"
    VIEW_SECURITY = "view_security"
    ACKNOWLEDGE_ALARM = "acknowledge_alarm"
    LOCK_CASE = "lock_case"
    LOCK_CASE_BY_REFERENCE = "lock_case_by_reference"
    LIFT_CASE_LOCK = "lift_case_lock"
    PLANT_HONEYTOKEN = "plant_honeytoken"


_CASEWORK = frozenset(
    {
        Permission.VIEW_CASES,
        Permission.REVEAL,
        Permission.WORK_CASE,
        Permission.MOVE_CASE,
        Permission.CLOSE_CASE,
        Permission.SAVE_VIEW,
        Permission.VIEW_WORKLOAD,
        Permission.VERIFY,
        Permission.VIEW_ASSETS,
        Permission.OFFER_HANDOVER,
        Permission.RECORD_ABSENCE,
        Permission.LOCK_CASE,
        Permission.LOCK_EVERYONE,
        Permission.OWN_ACCOUNT,
    }
)

ROLE_PERMISSIONS: Mapping[Role, frozenset[Permission]] = {
    Role.VOLUNTEER: frozenset({Permission.LOG_REQUEST, Permission.VIEW_OWN_REQUESTS, Permission.OWN_ACCOUNT}),
    Role.COORDINATOR: _CASEWORK
    | {
        Permission.TRIAGE,
        Permission.CLAIM_CASE,
        Permission.HAND_KEYS,
        Permission.ANSWER_HANDOVER,
        Permission.REFER,
        Permission.SEARCH,
        Permission.DECIDE_DUPLICATES,
        Permission.VIEW_CIRCLES,
        Permission.ADMIT_MEMBER,
        Permission.REMOVE_MEMBER,
        Permission.RENEW_CIRCLE,
    },
    Role.LEAD: _CASEWORK
    | {
        Permission.ASSIGN_CASE,
        Permission.GRANT_ACCESS,
        Permission.BREAK_GLASS,
        Permission.REOPEN_CASE,
        Permission.APPROVE_VERIFICATION,
        Permission.EDIT_CHECKLISTS,
        Permission.ERASE_CASE,
        Permission.KEEP_RULES,
        Permission.KEEP_ASSETS,
        Permission.BURN_ASSET,
        Permission.LIFT_CASE_LOCK,
        Permission.KEEP_RETENTION,
        Permission.VIEW_RELEASES,
        Permission.APPROVE_RELEASE,
        Permission.DOWNLOAD_RELEASE,
    },
    Role.STATISTICIAN: frozenset(
        {
            Permission.VIEW_RELEASES,
            Permission.VIEW_TRUE_COUNTS,
            Permission.PROPOSE_RELEASE,
            Permission.PUBLISH_RELEASE,
            Permission.DOWNLOAD_RELEASE,
            Permission.VIEW_LEDGER,
            Permission.OWN_ACCOUNT,
        }
    ),
    Role.SECURITY_OFFICER: frozenset(
        {
            Permission.VIEW_PEOPLE,
            Permission.ENROL_PERSON,
            Permission.SUSPEND_PERSON,
            Permission.CHANGE_ROLE,
            Permission.CLEAR_COMPROMISE,
            Permission.VIEW_CIRCLES,
            Permission.OPEN_CIRCLE,
            Permission.REMOVE_MEMBER,
            Permission.RECOVER,
            Permission.VIEW_AUDIT,
            Permission.VIEW_SECURITY,
            Permission.ACKNOWLEDGE_ALARM,
            Permission.LOCK_EVERYONE,
            Permission.UNLOCK_EVERYONE,
            Permission.LOCK_CASE,
            Permission.LOCK_CASE_BY_REFERENCE,
            Permission.VIEW_ASSETS,
            Permission.BURN_ASSET,
            Permission.PLANT_HONEYTOKEN,
            Permission.OWN_ACCOUNT,
        }
    ),
    Role.AUDITOR: frozenset(
        {
            Permission.VIEW_AUDIT,
            Permission.VIEW_RELEASES,
            Permission.VIEW_LEDGER,
            Permission.DOWNLOAD_RELEASE,
            Permission.OWN_ACCOUNT,
        }
    ),
}


class Actor(Protocol):
    """The part of an account that permissions look at."""

    role: str
    status: str


def permits(actor: Actor, permission: Permission) -> bool:
    """Tell whether the role of *actor* includes *permission*; a suspended account may do nothing."""
    return actor.status == AccountStatus.ACTIVE and permission in ROLE_PERMISSIONS[Role(actor.role)]


def check(actor: Actor, permission: Permission) -> None:
    """Raise ``PermissionRefused`` unless *actor* may."""
    if not permits(actor, permission):
        raise PermissionRefused
