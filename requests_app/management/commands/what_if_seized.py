"""Print what somebody reads who took this machine and has no key."""

import sys
from collections.abc import Mapping
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from requests_app.queries.seizure import Fault, SeenColumn, SeenTable, seen_tables
from requests_app.zone_codes import Zone

FAULTS: Mapping[Fault, Promise] = {
    Fault.NOT_LISTED: gettext_lazy("NOT ON THE LIST of zones"),
    Fault.CLEAR: gettext_lazy("SEALED BUT READABLE"),
    Fault.NOT_EMPTY: gettext_lazy("MUST STAY EMPTY"),
}


def described(column: SeenColumn) -> str:
    """Say in words what a column gives away."""
    if column.fault:
        return str(FAULTS[column.fault])
    if column.zone is Zone.SEALED:
        return _("sealed, up to %(length)s bytes") % {"length": column.longest}
    if column.zone is Zone.OPERATIONS:
        return _("readable, about the work here")
    samples = ", ".join(column.samples) or "—"
    return _("readable, about a case: %(samples)s") % {"samples": samples}


class Command(BaseCommand):
    """Walk both databases; exit with 1 when a column is not listed, a sealed one can be read, or a table that stays empty is not."""

    help = "Prints, table by table, what can be read without keys; fails when something new can."
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the language of the report."""
        parser.add_argument("--language", choices=("en", "ru"), default="en")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Print the tables, then the verdict."""
        with translation.override(options["language"]):
            tables = seen_tables()
            for table in tables:
                self._print(table)
            faults = sum(table.faults for table in tables)
            self._print_verdict(tables, faults)
        if faults:
            sys.exit(1)

    def _print(self, table: SeenTable) -> None:
        fault = f"  {FAULTS[table.fault]}" if table.fault else ""
        rows = _("%(rows)s rows") % {"rows": table.rows}
        self.stdout.write(f"\n{table.database}: {table.name}, {rows}{fault}")
        if table.reason:
            self.stdout.write(f"  ({table.reason})")
        for column in table.columns:
            self.stdout.write(f"  {column.name:<24} {column.values:>7}  {described(column)}")

    def _print_verdict(self, tables: list[SeenTable], faults: int) -> None:
        sealed = sum(column.values for table in tables for column in table.columns if column.zone is Zone.SEALED)
        coded = sum(1 for table in tables for column in table.columns if column.zone is Zone.CODED)
        self.stdout.write("")
        self.stdout.write(
            _("Without keys: no contact, name, story or note can be read (%(sealed)s sealed values).")
            % {"sealed": sealed}
            if not faults
            else _("BAD: %(faults)s findings above. Do not put this version to work.") % {"faults": faults}
        )
        self.stdout.write(_("Readable about cases: %(coded)s columns of codes and days.") % {"coded": coded})
        self.stdout.write(_("The database “ephemeral” is in memory and gone with the power."))
