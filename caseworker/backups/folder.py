"""Files of backups: neutral names, mode 0600, written beside and renamed, forgotten by age.

A name is the moment of the backup, eight random digits, and the number of the stream (1 main, 2 keys). The erasure ledger is one file.
"""

import contextlib
import datetime as dt
import errno
import fcntl
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from caseworker.backups.problems import BackupRefused, Problem
from caseworker.vault.containers import Header, Stream, read_header
from caseworker.vault.errors import FormatRefused

SUFFIX, PART, LOCK, LEDGER_NAME = ".bin", ".part", ".lock", "ledger.bin"
KEPT = {Stream.MAIN: dt.timedelta(days=30), Stream.KEYS: dt.timedelta(days=14)}
FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


def backup_folder() -> Path:
    """Return the folder for backups; raises ``BackupRefused`` when there is none."""
    if not settings.BACKUP_DIR or not Path(settings.BACKUP_DIR).is_dir():
        raise BackupRefused(Problem.NO_FOLDER)
    return Path(settings.BACKUP_DIR)


def is_switched_on() -> bool:
    """Tell whether the settings name a folder for backups."""
    return bool(settings.BACKUP_DIR)


@contextlib.contextmanager
def writing_in(folder: Path) -> Iterator[None]:
    """Be the only one that writes in *folder*; what a killed run left half is removed. A fault becomes ``BackupRefused`` and leaves no half file."""
    try:
        with (folder / LOCK).open("ab") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise BackupRefused(Problem.BUSY) from None
            remove_parts(folder)
            try:
                yield
            finally:
                remove_parts(folder)
    except OSError as error:
        full = error.errno in FULL
        raise BackupRefused(Problem.DISK_FULL if full else Problem.NOT_WRITTEN) from None


def remove_parts(folder: Path) -> None:
    """Delete half files; they hold ciphertext only."""
    for path in folder.glob(f"*{PART}"):
        path.unlink(missing_ok=True)


def new_part(folder: Path, name: str) -> BinaryIO:
    """Open a new file beside its place, readable by this account only."""
    descriptor = os.open(folder / f"{name}{PART}", os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
    return os.fdopen(descriptor, "w+b")


def settle(file: BinaryIO) -> int:
    """Bring what was written to the disk, let the next reading come from there, and return the length."""
    file.flush()
    os.fsync(file.fileno())
    os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    return file.seek(0, os.SEEK_END)


def publish(folder: Path, names: list[str]) -> None:
    """Give the parts their names and bring the names to the disk."""
    for name in names:
        (folder / f"{name}{PART}").replace(folder / name)
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def file_name(header: Header) -> str:
    """Return the neutral name of a stream's file."""
    if header.stream is Stream.LEDGER:
        return LEDGER_NAME
    moment = dt.datetime.fromtimestamp(header.made_at, tz=dt.UTC)
    return f"{moment:%Y%m%dT%H%M%SZ}-{header.backup_id.hex[:8]}-{header.stream:d}{SUFFIX}"


@dataclass(frozen=True)
class Stored:
    """A backup file and its header."""

    path: Path
    header: Header
    size: int

    @property
    def made_at(self) -> dt.datetime:
        """When it was made, as the header says."""
        return dt.datetime.fromtimestamp(self.header.made_at, tz=dt.UTC)


def look_at(path: Path) -> Stored:
    """Read the header of a file; raises ``BackupRefused``."""
    try:
        with path.open("rb") as file:
            header, _raw = read_header(file)
            return Stored(path, header, os.fstat(file.fileno()).st_size)
    except OSError:
        raise BackupRefused(Problem.NOT_READ) from None
    except FormatRefused:
        raise BackupRefused(Problem.NOT_A_BACKUP) from None


def stored_in(folder: Path) -> list[Stored]:
    """Return the backup files in *folder* whose headers are readable, newest first; others are not ours to judge."""
    found = []
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        with contextlib.suppress(BackupRefused):
            found.append(look_at(path))
    return sorted(found, key=lambda one: one.header.made_at, reverse=True)


def _born(one: Stored) -> dt.datetime:
    """Return the earlier of what header and file system say: a copied file is not younger, a clock that ran ahead kept nothing longer."""
    return min(one.made_at, dt.datetime.fromtimestamp(one.path.stat().st_mtime, tz=dt.UTC))


def _forget(path: Path) -> None:
    """Overwrite the header, without which nothing opens, then delete the file."""
    with path.open("r+b") as file:
        _header, raw = read_header(file)
        file.seek(0)
        file.write(bytes(len(raw)))
        settle(file)
    path.unlink()


def prune(folder: Path, *, now: dt.datetime) -> dict[Stream, int]:
    """Delete key streams older than 14 days and main streams older than 30; return how many of each.

    Also when no younger backup could be made: the promise to those who were erased does not wait, and the security page is loud from the second
    day on.
    """
    gone = dict.fromkeys(KEPT, 0)
    with writing_in(folder):
        for one in stored_in(folder):
            kept = KEPT.get(one.header.stream)
            if kept is not None and now - _born(one) > kept:
                _forget(one.path)
                gone[one.header.stream] += 1
    return gone
