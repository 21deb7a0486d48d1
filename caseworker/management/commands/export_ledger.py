"""Write the erasure ledger to a folder of one's choice, to be kept away from this machine."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from caseworker import clock
from caseworker.backups.problems import BackupRefused, Problem
from caseworker.backups.writing import write_ledger


class Command(BaseCommand):
    """The file is sealed to the recovery keys; without a sheet it tells its length and nothing else."""

    help = "Write the sealed erasure ledger into a folder."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the folder."""
        parser.add_argument("folder", type=Path)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Write the file and name it."""
        folder: Path = options["folder"]
        if not folder.is_dir():
            raise CommandError(str(Problem.NO_FOLDER.label))
        try:
            written = write_ledger(folder, now=clock.now())
        except BackupRefused as refusal:
            raise CommandError(str(refusal.message)) from None
        for part in written.parts.values():
            self.stdout.write(f"{folder / part.name}  {part.summary.total} lines")
