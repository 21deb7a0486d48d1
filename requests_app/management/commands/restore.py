"""Put a backup into this database: after ``migrate``, before anything is served."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from caseworker import clock
from caseworker.backups.problems import BackupRefused, Problem
from caseworker.backups.progress import Progress
from caseworker.backups.sheets import ask_sheets, open_with_key_file, open_with_sheets, read_key_file
from caseworker.scrubbing import scrub_after_commit
from caseworker.sessions import end_every_session
from requests_app.actions.restoring import Source, check_together, restore_backup
from requests_app.restoring import Chosen, as_source, ask_on_terminal, choose, report_lines


class Command(BaseCommand):
    """Nothing is changed unless everything was restored, the ledger was replayed and the audit chain is whole."""

    help = "Restore a backup: one main file and its key file."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the files and what is to be allowed."""
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="the main file and its key file")
        parser.add_argument("--ledger", action="append", default=[], type=Path, help="an erasure ledger kept elsewhere")
        parser.add_argument("--without-ledger", action="store_true", help="nobody was erased since the backup")
        parser.add_argument("--without-keys", action="store_true", help="coded facts only: nothing sealed will open")
        parser.add_argument("--younger-keys", action="store_true", help="take the keys of a younger backup")
        parser.add_argument("--replace", action="store_true", help="delete what is in this database first")
        parser.add_argument("--key-file", type=Path, help="a one-time key file instead of the recovery sheet")
        parser.add_argument("--head", default=None, help="an audit head that was written on paper")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Restore, or say in one sentence why not."""
        try:
            self._restore(options)
        except BackupRefused as refusal:
            raise CommandError(str(refusal.message)) from None

    def _restore(self, options: dict[str, Any]) -> None:
        chosen = choose(options["paths"], options["ledger"])
        if chosen.keys is None and not options["without_keys"]:
            raise BackupRefused(Problem.WRONG_FILES)
        if not chosen.ledgers and not options["without_ledger"]:
            raise BackupRefused(Problem.NO_LEDGER)
        source = self._opened(chosen, options)
        ended = end_every_session()
        restored = restore_backup(
            source,
            replace=options["replace"],
            anchor=options["head"],
            report=Progress(self.stdout),
            actor=None,
            now=clock.now(),
        )
        scrub_after_commit()
        for line in [*report_lines(restored), f"sessions      {ended} ended"]:
            self.stdout.write(line)
        self.stdout.write("Compare the head with the one on paper, then start the server.")

    def _opened(self, chosen: Chosen, options: dict[str, Any]) -> Source:
        if options["key_file"]:
            keys = read_key_file(options["key_file"])
            opened = [open_with_key_file(one, keys) for one in chosen.all]
        else:
            sheets = ask_sheets(chosen.all, ask=ask_on_terminal, say=self.stdout.write)
            opened = [open_with_sheets(one, sheets) for one in chosen.all]
        source = as_source(chosen, opened, younger_keys=options["younger_keys"])
        check_together(source)
        return source
