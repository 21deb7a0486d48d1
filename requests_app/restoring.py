"""What the two restoring commands share: from the names of files to opened streams, and what is said about a restored database."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from django.core.management.base import CommandError

from caseworker.backups.folder import LEDGER_NAME, Stored, look_at, stored_in
from caseworker.backups.problems import BackupRefused, Problem
from caseworker.backups.reading import Opened
from caseworker.vault.containers import Stream
from requests_app.actions.restoring import Restored, Source


@dataclass(frozen=True)
class Chosen:
    """The files that somebody wants to restore from."""

    main: Stored
    keys: Stored | None
    ledgers: Sequence[Stored]

    @property
    def all(self) -> list[Stored]:
        """Return every file that has to be opened."""
        return [one for one in (self.main, self.keys, *self.ledgers) if one is not None]


def choose(paths: Sequence[Path], ledgers: Sequence[Path]) -> Chosen:
    """Look at the files and at the ledger beside them; raises ``BackupRefused`` unless there is one main file and at most one key file."""
    given = [look_at(path) for path in paths]
    found = {stream: [one for one in given if one.header.stream is stream] for stream in Stream}
    if len(found[Stream.MAIN]) != 1 or len(found[Stream.KEYS]) > 1:
        raise BackupRefused(Problem.WRONG_FILES)
    main = found[Stream.MAIN][0]
    beside = main.path.with_name(LEDGER_NAME)
    known = {path.resolve() for path in ledgers} | ({beside.resolve()} if beside.exists() else set())
    known -= {one.path.resolve() for one in found[Stream.LEDGER]}
    more = [look_at(path) for path in sorted(known)]
    return Chosen(main, next(iter(found[Stream.KEYS]), None), [*found[Stream.LEDGER], *more])


def newest_in(folder: Path) -> Chosen:
    """Return the newest backup whose two streams are there; raises ``BackupRefused`` when there is none."""
    stored = stored_in(folder)
    keys = {one.header.backup_id: one for one in stored if one.header.stream is Stream.KEYS}
    for one in stored:
        if one.header.stream is Stream.MAIN and one.header.backup_id in keys:
            return Chosen(
                one, keys[one.header.backup_id], [own for own in stored if own.header.stream is Stream.LEDGER]
            )
    raise BackupRefused(Problem.NO_BACKUP)


def report_lines(restored: Restored) -> list[str]:
    """Say what was restored in numbers, and the head of the chain."""
    about = restored.main.about
    return [
        f"backup        {about['made_at']}, version {about['software']}",
        f"rows          {restored.rows}, left out {restored.left_out}",
        f"erased again  {restored.erased_again}",
        f"audit chain   whole, {restored.verdict.sequence} events, head {restored.verdict.head}",
    ]


def ask_on_terminal(question: str) -> str:
    """Ask on the terminal; raises ``CommandError`` where there is none."""
    try:
        return input(question)
    except EOFError:
        raise CommandError(
            "This command asks for what is on paper: run it in a terminal. Nothing was changed."
        ) from None


def as_source(chosen: Chosen, opened: list[Opened], *, younger_keys: bool) -> Source:
    """Give each opened file its part."""
    by_path = {one.path: one for one in opened}
    keys = by_path[chosen.keys.path] if chosen.keys else None
    ledgers = [by_path[one.path] for one in chosen.ledgers]
    return Source(by_path[chosen.main.path], keys, ledgers, younger_keys=younger_keys)
