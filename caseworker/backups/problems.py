"""What can go wrong with a backup, in sentences that say what to do."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from caseworker.exceptions import CaseworkError


class Problem(TextChoices):
    """Why there is no backup, or why it cannot be restored."""

    NO_FOLDER = (
        "no_folder",
        _("There is no folder for backups. Set BACKUP_DIR to a folder that this program may write to."),
    )
    BUSY = "busy", _("Another backup is being made. Nothing was written.")
    DISK_FULL = (
        "disk_full",
        _("The disk is full. No backup was made and no half file is left: make room and try again."),
    )
    NOT_WRITTEN = (
        "not_written",
        _("The backup could not be written. No half file is left: look at the folder and the disk."),
    )
    NOT_VERIFIED = (
        "not_verified",
        _("The backup was read back and is not what was written. It was deleted: look at the disk."),
    )
    NO_KEY = "no_key", _("There is no recovery key on paper that the backup could be sealed to.")
    NOT_READ = "not_read", _("A file cannot be read. Nothing was changed.")
    NOT_A_BACKUP = (
        "not_a_backup",
        _("A file is not a backup of a version that this program knows. Nothing was changed."),
    )
    NOT_OPENED = (
        "not_opened",
        _("A file does not open: it was altered or cut off, or this is not its key. Nothing was changed."),
    )
    WRONG_FILES = "wrong_files", _("Give one main file, and its key file if there is one. Nothing was changed.")
    NOT_TOGETHER = "not_together", _("The two files are not of one backup. Nothing was changed.")
    OTHER_VERSION = (
        "other_version",
        _(
            "The backup was made by another version. Install that version, restore, then bring it up to date. Nothing was changed."
        ),
    )
    NOT_EMPTY = "not_empty", _("This database is not empty. Nothing was changed.")
    NO_LEDGER = (
        "no_ledger",
        _("There is no erasure ledger: people who were erased after this backup would come back. Nothing was changed."),
    )
    LEDGER_NOT_REPLAYED = (
        "ledger_not_replayed",
        _("The erasure ledger names somebody who cannot be erased. Nothing was changed."),
    )
    CHAIN_BROKEN = (
        "chain_broken",
        _("The audit chain is not whole, or does not hold the head that was kept. Nothing was changed."),
    )
    NOT_FITTING = "not_fitting", _("The rows do not fit together. Nothing was changed.")
    NO_BACKUP = "no_backup", _("There is no backup in the folder.")
    SHEET_REFUSED = "sheet_refused", _("That is not the recovery sheet this backup asks for. Nothing was changed.")


class BackupRefused(CaseworkError):
    """A backup was not made or not restored; :attr:`problem` says why."""

    def __init__(self, problem: Problem) -> None:
        """Keep the problem; its label is the message."""
        self.problem = problem
        super().__init__(problem.label)
