"""Found the organization: print the recovery sheets once, have them typed back, prove that they open, then keep the rest."""

import uuid
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from caseworker import clock
from caseworker.actions.founding import FirstPerson, Founding, check_nothing_founded, found_organization
from caseworker.enums import Role
from caseworker.exceptions import CaseworkError
from caseworker.recovery_keys import recovery_set
from caseworker.vault import recovery
from caseworker.vault.envelope import Place
from caseworker.vault.records import open_recovered
from caseworker.vault.sealing import KeyPair, generate_key_pair
from caseworker.vault.shares import open_from_set
from requests_app.enums import SealedKind
from requests_app.models.sealed import RecordKey, SealedField, SealedRecord
from requests_app.sealed import SEALED_KINDS, destroy_records, seal_record

TRIES = 3
MOST_SHEETS = 7
TEST_TEXT = "The recovery sheet opens this."
FIRST = (
    ("security", Role.SECURITY_OFFICER),
    ("security-2", Role.SECURITY_OFFICER),
    ("lead", Role.LEAD),
    ("coordinator", Role.COORDINATOR),
    ("statistician", Role.STATISTICIAN),
    ("auditor", Role.AUDITOR),
    ("volunteer", Role.VOLUNTEER),
)


class Command(BaseCommand):
    """Nothing is stored unless everything was: one transaction around all of it."""

    help = "Found the organization: recovery sheet, first circle, first accounts."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take names that others will read, and how many recovery sheets there shall be."""
        parser.add_argument("--circle", default="Intake", help="name of the first circle")
        parser.add_argument("--language", default="en", choices=["en", "ru"])
        parser.add_argument(
            "--sheets", type=int, default=1, help="how many recovery sheets, each with a key of its own"
        )
        parser.add_argument("--policy", default="any", choices=["any", "all"], help="any one opens, or all are needed")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run the ceremony."""
        if not 1 <= options["sheets"] <= MOST_SHEETS:
            raise CommandError(f"Make 1 to {MOST_SHEETS} sheets.")
        if options["policy"] != settings.RECOVERY_POLICY:
            raise CommandError(f"Set RECOVERY_POLICY={options['policy']} first, then run this again.")
        try:
            check_nothing_founded()
            typed = [self._make_sheet(number + 1, options["sheets"]) for number in range(options["sheets"])]
            with transaction.atomic():
                first = [FirstPerson(alias, role) for alias, role in FIRST]
                made = found_organization(
                    typed, first, circle_name=options["circle"], now=clock.now(), language=options["language"]
                )
                self._prove(made, typed)
                self._hand_over(made)
        except CaseworkError as refusal:
            raise CommandError(str(refusal.message)) from None
        fingerprints = ",".join(recovery.sheet_fingerprint(pair) for pair in typed)
        self.stdout.write(f"\nFounded. Set RECOVERY_FINGERPRINTS={fingerprints}")
        self.stdout.write(
            f"and RECOVERY_POLICY={options['policy']}, then run: manage.py check --deploy --database default"
        )

    def _make_sheet(self, number: int, of: int) -> KeyPair:
        """Print one sheet and return its key as it was read back from paper."""
        pair = generate_key_pair()
        groups = recovery.sheet_groups(pair)
        self.stdout.write(
            f"\nRECOVERY SHEET {number} of {of}. Write it on paper now, twice. It is shown only here and stored nowhere.\n"
        )
        for start in range(0, len(groups), 4):
            numbered = (f"{start + n + 1:>2} {group}" for n, group in enumerate(groups[start : start + 4]))
            self.stdout.write("   ".join(numbered))
        self.stdout.write(f"\nFingerprint, for RECOVERY_FINGERPRINTS: {recovery.sheet_fingerprint(pair)}\n")
        self.stdout.write("Now type the whole sheet back from the paper; several groups in one line are fine.")
        return self._typed_back(groups)

    def _typed_back(self, groups: list[str]) -> KeyPair:
        """Ask for every group from the paper; returns the pair as it is on the sheet, read through the sheet's own parser."""
        typed: list[str] = []
        tries = TRIES
        while len(typed) < len(groups):
            given = self._ask(f"Type group {len(typed) + 1} from your paper: ").upper().split()
            right = groups[len(typed) : len(typed) + len(given)]
            if given and given == right:
                typed += given
                tries = TRIES
                continue
            tries -= 1
            if not tries:
                raise CommandError(
                    "The sheet was not written down as it is. Nothing was founded; run the command again."
                )
            self.stderr.write("That is not what the sheet says. Look at the paper and type it again.")
        return recovery.parse_sheet(" ".join(typed))

    def _ask(self, question: str) -> str:
        try:
            return input(question).strip()
        except EOFError:
            raise CommandError(
                "This command asks for what is on paper: run it in a terminal. Nothing was founded."
            ) from None

    def _prove(self, made: Founding, typed: list[KeyPair]) -> None:
        """Seal a test record and open it with the sheets; a failure undoes the founding."""
        owner, spec = uuid.uuid4(), SEALED_KINDS[SealedKind.NOTE]
        record = seal_record(
            SealedKind.NOTE, {"text": TEST_TEXT}, owner_id=owner, circles=[made.circle], now=clock.now()
        )
        rows = RecordKey.objects.filter(record=record, recovery_key__isnull=False)
        boxes = {row.recipient_key_id: bytes(row.sealed) for row in rows}
        seeds = {key.id: pair.seed for key, pair in zip(made.recovery_keys, typed, strict=True)}
        opened = open_recovered(
            open_from_set(boxes, seeds, recovery_set(), "dek", record.id, record.generation),
            place=Place(record.id, record.generation, spec.schema),
            commitment=bytes(SealedRecord.objects.get(id=record.id).commitment),
            envelopes={field.name: field.envelope for field in SealedField.objects.filter(record=record)},
            names=spec.names,
        )
        if opened["text"] != TEST_TEXT:
            raise CommandError("The test record did not open with the sheet. Nothing was founded.")
        destroy_records([owner])
        self.stdout.write("A test record was opened with the recovery sheets.")

    def _hand_over(self, made: Founding) -> None:
        """Show the words before anything is kept: a terminal that dies here loses nothing, the command is run again."""
        self._print_accounts(made)
        if self._ask("\nEverything written down? Type yes to found the organization: ").lower() != "yes":
            raise CommandError("Nothing was founded, and these words open nothing. Run the command again.")

    def _print_accounts(self, made: Founding) -> None:
        self.stdout.write("\nFirst accounts. Hand the words over now: they are stored nowhere.\n")
        for alias, enrolment in made.people.items():
            self.stdout.write(f"  {alias:<14}{enrolment.words}")
        self.stdout.write("\nEverybody sets up a second factor at the first sign-in.")
