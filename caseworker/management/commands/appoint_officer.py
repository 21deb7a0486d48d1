"""Make a security officer from the server's own terminal: the way back when no officer can sign in any more."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from caseworker import clock
from caseworker.actions.people import enrol_person
from caseworker.enums import Role
from caseworker.exceptions import CaseworkError
from caseworker.forms.accounts import ALIAS_RULE
from caseworker.panic import is_freshly_locked


class Command(BaseCommand):
    """The account holds no circle key and reads nothing; that nobody who is signed in made it stands in the audit chain."""

    help = "Make a security officer when none can sign in: prints six words once."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take an alias that is used nowhere else."""
        parser.add_argument("alias", help="a new alias, used nowhere else")
        parser.add_argument("--language", default="en", choices=["en", "ru"])

    def handle(self, *_args: Any, **options: Any) -> None:
        """Ask once more, then make the account and show its words."""
        alias = options["alias"].strip()
        if is_freshly_locked(clock.now()):
            raise CommandError(
                "Everyone is locked out since less than a week. Two officers lift it, or one and panic_unlock: nobody is made meanwhile."
            )
        self.stdout.write(f"This makes a security officer. It stays visible in the audit chain. Type {alias} again.")
        if not alias or self._typed() != alias:
            raise CommandError("That is not the alias. Nothing was changed.")
        try:
            ALIAS_RULE(alias)
            made = enrol_person(alias, Role.SECURITY_OFFICER, actor=None, now=clock.now(), language=options["language"])
        except ValidationError as wrong:
            raise CommandError(str(wrong.messages[0])) from None
        except CaseworkError as refusal:
            raise CommandError(str(refusal.message)) from None
        self.stdout.write(
            f"words  {made.words}\nWrite them on paper. They are not shown again. Then clear this terminal."
        )

    def _typed(self) -> str:
        try:
            return input().strip()
        except EOFError:
            raise CommandError("Run this in a terminal. Nothing was changed.") from None
