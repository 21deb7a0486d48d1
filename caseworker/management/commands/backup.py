"""Make a backup now, and delete what is past its age."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from caseworker import clock
from caseworker.actions.backups import make_backup, prune_backups
from caseworker.backups.problems import BackupRefused
from caseworker.backups.progress import Progress
from caseworker.vault.containers import Stream


class Command(BaseCommand):
    """Exit with 1 and one sentence when there is no verified backup at the end."""

    help = "Make an encrypted backup in BACKUP_DIR, verify it, and delete backups past their age."

    def handle(self, *_args: Any, **_options: Any) -> None:
        """Make it and say what it is."""
        try:
            written = make_backup(now=clock.now(), report=Progress(self.stdout))
            gone = prune_backups(now=clock.now())
        except BackupRefused as refusal:
            raise CommandError(str(refusal.message)) from None
        for part in written.parts.values():
            self.stdout.write(f"{part.name}  {part.size} bytes  {part.summary.total} rows  verified")
        self.stdout.write(f"audit  {written.sequence} events, head {written.head}")
        self.stdout.write(f"deleted  {gone[Stream.KEYS]} key files, {gone[Stream.MAIN]} main files")
