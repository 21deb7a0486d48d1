"""Write what goes to the offline laptop into a folder: the tool, and the bundle of a request that waits."""

import uuid
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from caseworker.exceptions import CaseworkError
from caseworker.models.recovery import RecoveryRequest
from requests_app.actions.recovery import unchanged_bundle
from requests_app.bundles import bundle_code, tool_digest, tool_file


class Command(BaseCommand):
    """For a stick that is mounted on the server: nothing private is written, and nothing is overwritten."""

    help = "Write caseworker_recover.py, and with --request the bundle, into a folder."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the folder and the id that the address of the bundle's page ends in."""
        parser.add_argument("folder", type=Path)
        parser.add_argument("--request", type=uuid.UUID, default=None)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Write and say what to compare."""
        self._write(options["folder"] / "caseworker_recover.py", tool_file())
        self.stdout.write(f"caseworker_recover.py  SHA-256 {tool_digest()}")
        if options["request"] is None:
            return
        asked = RecoveryRequest.objects.filter(id=options["request"]).first()
        if asked is None:
            raise CommandError("There is no such bundle. Take the id from the address of its page.")
        try:
            self._write(options["folder"] / "bundle.json", unchanged_bundle(asked).file())
        except CaseworkError as refusal:
            raise CommandError(str(refusal.message)) from None
        self.stdout.write(f"bundle.json            code {bundle_code(asked)}")

    def _write(self, path: Path, content: bytes) -> None:
        try:
            with path.open("xb") as file:
                file.write(content)
        except FileExistsError:
            raise CommandError(f"{path.name} is there already. Move it away first.") from None
        except OSError:
            raise CommandError("This folder cannot be written to.") from None
