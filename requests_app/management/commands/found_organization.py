"""Found the organization: print the recovery sheet once, prove that it was written down, prove that it opens, then keep the rest."""

import secrets
import uuid
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from caseworker import clock
from caseworker.actions.founding import FirstPerson, Founding, check_nothing_founded, found_organization
from caseworker.enums import Role
from caseworker.exceptions import CaseworkError
from caseworker.vault import recovery
from caseworker.vault.records import open_record
from caseworker.vault.sealing import KeyPair, generate_key_pair
from requests_app.enums import SealedKind
from requests_app.models.sealed import RecordKey, SealedField, SealedRecord
from requests_app.sealed import SEALED_KINDS, destroy_records, seal_record

ASKED_GROUPS = 4
TRIES = 3
TEST_TEXT = "The recovery sheet opens this."
FIRST = (
    ("security", Role.SECURITY_OFFICER),
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
        """Take names that others will read."""
        parser.add_argument("--circle", default="Intake", help="name of the first circle")
        parser.add_argument("--language", default="en", choices=["en", "ru"])

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run the ceremony."""
        try:
            check_nothing_founded()
            pair = generate_key_pair()
            self._print_sheet(pair)
            typed = self._typed_back(pair)
            with transaction.atomic():
                first = [FirstPerson(alias, role) for alias, role in FIRST]
                made = found_organization(
                    pair, first, circle_name=options["circle"], now=clock.now(), language=options["language"]
                )
                self._prove(made, typed)
        except CaseworkError as refusal:
            raise CommandError(str(refusal.message)) from None
        self._print_accounts(made)

    def _print_sheet(self, pair: KeyPair) -> None:
        groups = recovery.sheet_groups(pair)
        self.stdout.write(
            "\nRECOVERY SHEET — write it on paper now, twice. It is shown only here and stored nowhere.\n"
        )
        for start in range(0, len(groups), 4):
            numbered = (f"{start + n + 1:>2} {group}" for n, group in enumerate(groups[start : start + 4]))
            self.stdout.write("   ".join(numbered))
        self.stdout.write(f"\nFingerprint, for RECOVERY_FINGERPRINTS: {recovery.sheet_fingerprint(pair)}\n")

    def _typed_back(self, pair: KeyPair) -> KeyPair:
        """Ask for some groups from the paper; returns the pair as it is on the sheet, read through the sheet's own parser."""
        groups = recovery.sheet_groups(pair)
        for place in sorted(secrets.SystemRandom().sample(range(len(groups)), ASKED_GROUPS)):
            groups[place] = self._group(place, groups[place])
        return recovery.parse_sheet(" ".join(groups))

    def _group(self, place: int, right: str) -> str:
        for _ in range(TRIES):
            if self._ask(place) == right:
                return right
            self.stderr.write("That is not what the sheet says. Look at the paper and type it again.")
        raise CommandError("The sheet was not written down as it is. Nothing was founded; run the command again.")

    def _ask(self, place: int) -> str:
        try:
            return input(f"Type group {place + 1} from your paper: ").strip().upper()
        except EOFError:
            raise CommandError(
                "This command asks for what is on paper: run it in a terminal. Nothing was founded."
            ) from None

    def _prove(self, made: Founding, typed: KeyPair) -> None:
        """Seal a test record and open it with the sheet; a failure undoes the founding."""
        owner, spec = uuid.uuid4(), SEALED_KINDS[SealedKind.NOTE]
        record = seal_record(
            SealedKind.NOTE, {"text": TEST_TEXT}, owner_id=owner, circles=[made.circle], now=clock.now()
        )
        opened = open_record(
            record_id=record.id,
            generation=record.generation,
            commitment=bytes(SealedRecord.objects.get(id=record.id).commitment),
            envelopes={field.name: field.envelope for field in SealedField.objects.filter(record=record)},
            names=spec.names,
            schema=spec.schema,
            sealed_key=bytes(RecordKey.objects.get(record=record, recovery_key=made.recovery_key).sealed),
            recipient=recovery.RecoverySeed(made.recovery_key.id, typed.seed),
        )
        if opened["text"] != TEST_TEXT:
            raise CommandError("The test record did not open with the sheet. Nothing was founded.")
        destroy_records([owner])
        self.stdout.write("A test record was opened with the recovery sheet.")

    def _print_accounts(self, made: Founding) -> None:
        self.stdout.write("\nFirst accounts. Hand the words over now: they are stored nowhere.\n")
        for alias, enrolment in made.people.items():
            self.stdout.write(f"  {alias:<14}{enrolment.words}")
        self.stdout.write("\nEverybody sets up a second factor at the first sign-in.")
