"""Codes of the organization itself: roles, account states, key states, audit verbs. ASCII, stable, never reused."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    """What a person does here. Roles are disjoint: nobody holds two (see ``permissions``)."""

    VOLUNTEER = "volunteer", _("Volunteer")
    COORDINATOR = "coordinator", _("Coordinator")
    LEAD = "lead", _("Lead")
    STATISTICIAN = "statistician", _("Statistician")
    SECURITY_OFFICER = "security_officer", _("Security officer")
    AUDITOR = "auditor", _("Auditor")


class AccountStatus(TextChoices):
    """Whether a person may sign in."""

    INVITED = "invited", _("Invited")
    ACTIVE = "active", _("Active")
    SUSPENDED = "suspended", _("Suspended")
    LEFT = "left", _("Left")


class CircleKeyState(TextChoices):
    """Life of one circle key version."""

    ACTIVE = "active", _("Active")
    RETIRING = "retiring", _("Retiring")
    DESTROYED = "destroyed", _("Destroyed")


class RecoveryKind(TextChoices):
    """What the recovery sheets are asked to do."""

    CIRCLES = "circles", _("let a person read circles again")
    RECORDS = "records", _("open an archived case")
    RESEAL = "reseal", _("move archived records to new sheets")
    DRILL = "drill", _("drill")


class BackupKind(TextChoices):
    """What was tried."""

    BACKUP = "backup", _("Backup")
    LEDGER = "ledger", _("Erasure ledger")
    DRILL = "drill", _("Restore drill")


class NoticeLevel(TextChoices):
    """How much somebody wants to be told outside of this server."""

    DIGEST = "digest", _("A reminder at the fixed times")
    IMMEDIATE = "immediate", _("The reminder, and at once when a check-in is missed or an alert comes up")


class NoticeChannel(TextChoices):
    """Which way a notice goes."""

    EMAIL = "email", _("E-mail")
    WEBHOOK = "webhook", _("Webhook")


class NoticeProblem(TextChoices):
    """Why the last notice did not arrive."""

    UNREACHABLE = "unreachable", _("Nobody answered at the address.")
    REFUSED = "refused", _("The other side refused the notice.")
    INSIDE = "inside", _("The address leads into a private network, where this server sends nothing.")
    UNREADABLE = "unreadable", _("The address can no longer be read. Enter it again.")


class AuditVerb(TextChoices):
    """What happened. Each verb is written by exactly one action (a test walks them)."""

    FOUND_ORGANIZATION = "found_organization", _("founded the organization")
    ENROL_PERSON = "enrol_person", _("enrolled a person")
    SUSPEND_PERSON = "suspend_person", _("suspended a person")
    RESTORE_PERSON = "restore_person", _("restored a person")
    INVITE_PERSON = "invite_person", _("invited a person")
    ACCEPT_INVITATION = "accept_invitation", _("accepted an invitation")
    CHANGE_ROLE = "change_role", _("changed a role")
    RECORD_LEAVING = "record_leaving", _("recorded that a person left")
    RESET_WORDS = "reset_words", _("reset forgotten words")
    CHANGE_WORDS = "change_words", _("changed their words")
    REPLACE_KEY = "replace_key", _("replaced their key")
    SET_SECOND_FACTOR = "set_second_factor", _("set up a second factor")
    RESET_SECOND_FACTOR = "reset_second_factor", _("reset a second factor")
    SIGN_IN = "sign_in", _("signed in")
    SIGN_IN_REFUSED = "sign_in_refused", _("was refused at sign-in")
    SIGN_OUT = "sign_out", _("signed out")
    UNLOCK = "unlock", _("unlocked their keys")
    LOCK = "lock", _("locked their keys")
    QUICK_EXIT = "quick_exit", _("left by the quick exit")
    END_SESSION = "end_session", _("ended one of their sessions")
    CHANGE_PROFILE = "change_profile", _("changed their profile")
    CHOOSE_NOTICES = "choose_notices", _("chose to get notices")
    CONFIRM_NOTICES = "confirm_notices", _("confirmed where notices go")
    DROP_NOTICES = "drop_notices", _("chose to get no notices")
    GRANT_CIRCLE = "grant_circle", _("let a person into a circle")
    OPEN_CIRCLE = "open_circle", _("made a circle")
    REMOVE_MEMBER = "remove_member", _("took a person out of a circle")
    RENEW_CIRCLE = "renew_circle", _("gave a circle a new key")
    ROTATE_KEYS = "rotate_keys", _("moved records to a circle's new key")
    DESTROY_CIRCLE_KEY = "destroy_circle_key", _("destroyed an old key of a circle")
    DISTRUST_KEY = "distrust_key", _("found a false key of a circle")
    DROP_RECORD_KEY = "drop_record_key", _("dropped a record key that opens nothing")
    EXPORT_BUNDLE = "export_bundle", _("exported a recovery bundle")
    IMPORT_GRANTS = "import_grants", _("let a person read again by the recovery sheet")
    IMPORT_RECORD_KEYS = "import_record_keys", _("opened archived records by the recovery sheet")
    PASS_DRILL = "pass_drill", _("passed a drill with the recovery sheet")
    PREPARE_RECOVERY_KEY = "prepare_recovery_key", _("prepared a new recovery key")
    RESEAL_TO_RECOVERY = "reseal_to_recovery", _("sealed records to the new recovery sheets")
    RETIRE_RECOVERY_KEYS = "retire_recovery_keys", _("retired the old recovery keys")
    RELEASE_CASE = "release_case", _("left a case without an owner")
    LOG_REQUEST = "log_request", _("logged a request")
    ADD_CORRECTION = "add_correction", _("added a correction")
    PROMOTE_REQUEST = "promote_request", _("opened a case from a request")
    LINK_REQUEST = "link_request", _("linked a request to a case")
    ADVISE_REQUEST = "advise_request", _("closed a request with advice")
    DECLINE_REQUEST = "decline_request", _("declined a request")
    MARK_DUPLICATE = "mark_duplicate", _("marked a request as a duplicate")
    MARK_PROBE = "mark_probe", _("marked a request as a suspected probe")
    COMPARE_REQUESTS = "compare_requests", _("compared requests by their sealed tags")
    DECIDE_PAIR = "decide_pair", _("decided on two requests with a contact in common")
    ADOPT_DUPLICATE = "adopt_duplicate", _("linked a duplicate to the case of its first request")
    MERGE_CASES = "merge_cases", _("merged a case into another")
    UNDO_MERGE = "undo_merge", _("undid a merge of cases")
    SEARCH = "search", _("searched for a person")
    SEARCH_TOO_OFTEN = "search_too_often", _("searched more often than is allowed")
    REVEAL = "reveal", _("revealed a sealed record")
    ADD_NOTE = "add_note", _("added a note")
    ADD_CONTACT = "add_contact", _("added a contact")
    CHANGE_SAFETY = "change_safety", _("changed how a contact may be used")
    RETIRE_CONTACT = "retire_contact", _("took a contact out of use")
    ADD_ASSET = "add_asset", _("added something that cases depend on")
    BURN_ASSET = "burn_asset", _("marked something as burned")
    RETIRE_ASSET = "retire_asset", _("gave up something that cases depended on")
    ADD_PARTNER_KEY = "add_partner_key", _("added the key of a partner")
    USE_ASSET = "use_asset", _("wrote down what a case depends on")
    LEAVE_ASSET = "leave_asset", _("wrote down that a case no longer depends on something")
    LINK_PEOPLE = "link_people", _("linked two people who belong together")
    UNLINK_PEOPLE = "unlink_people", _("removed a link between two people")
    RECORD_CONSENT = "record_consent", _("recorded a consent")
    END_CONSENT = "end_consent", _("recorded that a consent was withdrawn")
    REFER = "refer", _("made a packet for a partner")
    SETTLE_REFERRAL = "settle_referral", _("recorded what became of a referral")
    MOVE_STAGE = "move_stage", _("moved a case")
    SET_CONDITION = "set_condition", _("set a condition")
    CHANGE_FACTS = "change_facts", _("corrected the facts of a case")
    CHANGE_URGENCY = "change_urgency", _("changed the urgency")
    CLOSE_CASE = "close_case", _("closed a case")
    REOPEN_CASE = "reopen_case", _("reopened a case")
    ASSIGN_CASE = "assign_case", _("assigned a case")
    CLAIM_CASE = "claim_case", _("took a case")
    CHANGE_IN_BULK = "change_in_bulk", _("changed several cases at once")
    TAKE_BACK = "take_back", _("took back a change of several cases")
    SAVE_VIEW = "save_view", _("saved a view")
    NAME_VIEW = "name_view", _("named a view")
    DROP_VIEW = "drop_view", _("deleted a view")
    GRANT_ACCESS = "grant_access", _("granted access to a case")
    RENEW_GRANT = "renew_grant", _("renewed access to a case")
    END_GRANT = "end_grant", _("ended access to a case")
    HAND_KEYS = "hand_keys", _("handed over the keys to a case's texts")
    BREAK_GLASS = "break_glass", _("broke the glass on a case")
    SEE_BROKEN_GLASS = "see_broken_glass", _("saw that the glass was broken")
    OFFER_HANDOVER = "offer_handover", _("offered to hand a case over")
    ACCEPT_HANDOVER = "accept_handover", _("took a case over")
    DECLINE_HANDOVER = "decline_handover", _("declined to take a case over")
    WITHDRAW_HANDOVER = "withdraw_handover", _("withdrew an offer to hand a case over")
    RETURN_HANDOVER = "return_handover", _("returned an offer that was not answered")
    RECORD_ABSENCE = "record_absence", _("recorded an absence")
    END_ABSENCE = "end_absence", _("ended an absence")
    RECORD_CHECK = "record_check", _("recorded a verification check")
    APPROVE_VERIFICATION = "approve_verification", _("approved a verification level")
    CLEAR_COMPROMISE = "clear_compromise", _("let a compromised case go on")
    ADD_TASK = "add_task", _("added a task")
    FINISH_TASK = "finish_task", _("did a task")
    DROP_TASK = "drop_task", _("dropped a task")
    ASSIGN_TASK = "assign_task", _("gave a task to somebody")
    ANSWER_CHECKLIST = "answer_checklist", _("answered a checklist")
    ADD_CHECKLIST_ITEM = "add_checklist_item", _("added a checklist question")
    CHANGE_CHECKLIST_ITEM = "change_checklist_item", _("changed a checklist question")
    RECORD_ENTRY = "record_entry", _("recorded an entry into a country")
    RECORD_EXIT = "record_exit", _("recorded an exit from a country")
    CORRECT_STAY = "correct_stay", _("corrected a stay")
    REMOVE_STAY = "remove_stay", _("removed a stay")
    SET_DEADLINE = "set_deadline", _("set a date")
    SETTLE_DEADLINE = "settle_deadline", _("settled a date")
    RECORD_CONTACT = "record_contact", _("recorded a contact")
    ADD_RULE_VERSION = "add_rule_version", _("added a country rule")
    REVERIFY_RULE = "reverify_rule", _("verified a country rule again")
    SET_STAGE_TARGET = "set_stage_target", _("changed the target of a stage")
    ASK_WHAT_IS_HELD = "ask_what_is_held", _("asked with the claim code what is held")
    WITHDRAW_CONSENT = "withdraw_consent", _("withdrew consent with the claim code")
    ASK_FOR_ERASURE = "ask_for_erasure", _("asked for erasure with the claim code")
    KEEP_AFTER_ALL = "keep_after_all", _("took back the wish to be erased")
    ARCHIVE_CASE = "archive_case", _("archived a case")
    ERASE_TEXTS = "erase_texts", _("erased the texts of a closed case")
    SET_HOLD = "set_hold", _("held a case back from erasure")
    LIFT_HOLD = "lift_hold", _("lifted a hold")
    ERASE_REQUEST = "erase_request", _("erased a request")
    ERASE_CASE = "erase_case", _("erased a case")
    MAKE_BACKUP = "make_backup", _("made a backup")
    RESTORE_BACKUP = "restore_backup", _("restored a backup")
    DRILL_RESTORE = "drill_restore", _("tried to restore a backup")
    PROPOSE_RELEASE = "propose_release", _("proposed a release")
    APPROVE_RELEASE = "approve_release", _("approved a release")
    REJECT_RELEASE = "reject_release", _("rejected a release")
    FREEZE_RELEASE = "freeze_release", _("froze a release")
    PUBLISH_RELEASE = "publish_release", _("published a release")
    DOWNLOAD_RELEASE = "download_release", _("downloaded a release")
    VIEW_TRUE_COUNTS = "view_true_counts", _("looked at true counts")
    LOCK_EVERYWHERE = "lock_everywhere", _("ended all their own sessions")
    LOCK_EVERYONE = "lock_everyone", _("locked everyone out")
    PROPOSE_UNLOCK = "propose_unlock", _("proposed to let everyone in again")
    UNLOCK_EVERYONE = "unlock_everyone", _("let everyone in again, as the second officer")
    RAISE_ALARM = "raise_alarm", _("set off an alarm")
    ACKNOWLEDGE_ALARM = "acknowledge_alarm", _("took note of an alarm")
    LOCK_CASE = "lock_case", _("locked a case")
    LIFT_CASE_LOCK = "lift_case_lock", _("lifted the lock of a case")
    PLANT_HONEYTOKEN = "plant_honeytoken", _("planted a honeytoken")
    REMOVE_HONEYTOKEN = "remove_honeytoken", _("removed a honeytoken")


class AlarmKind(TextChoices):
    """What two people should know of at once."""

    REVEALS_PER_HOUR = "reveals_per_hour", _("More reveals in an hour than one needs")
    REVEALS_PER_DAY = "reveals_per_day", _("More reveals in a day than one needs")
    OUTSIDE_OWN = "outside_own", _("Reveals in several cases of others")
    IN_SEQUENCE = "in_sequence", _("Reveals in one case after the other")
    ODD_HOUR = "odd_hour", _("A reveal at an odd hour")
    HONEYTOKEN = "honeytoken", _("A honeytoken was touched")
    PANIC = "panic", _("Everyone was locked out")
    AUDIT_BROKEN = "audit_broken", _("The audit chain is broken")
    FALSE_KEY = "false_key", _("A false key of a circle was found")
