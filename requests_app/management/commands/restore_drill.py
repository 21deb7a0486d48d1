"""Try to restore the newest backup into a scratch database, and forget it again. Once a year at least, with the sheet from its envelope."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.module_loading import import_string

from caseworker import clock
from caseworker.actions.backups import record_drill
from caseworker.backups.databases import scratch
from caseworker.backups.folder import backup_folder
from caseworker.backups.problems import BackupRefused, Problem
from caseworker.backups.progress import Progress
from caseworker.backups.sheets import ask_sheets, open_with_sheets, sheets_of
from requests_app.actions.restoring import Restored, Source, restore_backup
from requests_app.recovery_sample import sample_opens
from requests_app.restoring import as_source, ask_on_terminal, newest_in, report_lines


class Command(BaseCommand):
    """The outcome is kept for the security page, whatever it is; the scratch database is gone at the end."""

    help = "Restore the newest backup into a scratch database and check it; asks for the recovery sheet."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take another scratch database."""
        parser.add_argument(
            "--database-url", default="", help="a PostgreSQL for the scratch schema; else this process's memory"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Try, write down what came of it, and say it."""
        rows, problem = 0, None
        try:
            restored = self._drill(options["database_url"])
            rows = restored.rows
        except BackupRefused as refusal:
            problem = refusal.problem
        record_drill(problem, rows=rows, actor=None, now=clock.now())
        if problem is not None:
            raise CommandError(f"The drill failed. {problem.label}")
        self.stdout.write("The backup can be restored. The scratch database is gone.")

    def _drill(self, url: str) -> Restored:
        chosen = newest_in(backup_folder())
        sheets = ask_sheets(chosen.all, ask=ask_on_terminal, say=self.stdout.write)
        opened = [open_with_sheets(one, sheets) for one in chosen.all]
        settings = import_string("config.databases.database_from_url")(url, fallback=Path(":memory:"))
        with scratch(settings):
            restored = self._restore(as_source(chosen, opened, younger_keys=False))
            opens = sample_opens(sheets_of(chosen.main.header), sheets)
        if opens is False:
            raise BackupRefused(Problem.NOT_OPENED)
        self.stdout.write(f"sample        {'opened with the sheet' if opens else 'no sealed record to open'}")
        return restored

    def _restore(self, source: Source) -> Restored:
        """Restore and say what was found; a row that was left out fails the drill."""
        restored = restore_backup(source, replace=False, report=Progress(self.stdout), actor=None, now=clock.now())
        for line in report_lines(restored):
            self.stdout.write(line)
        if restored.left_out:
            raise BackupRefused(Problem.NOT_FITTING)
        return restored
