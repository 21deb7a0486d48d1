"""Backups for tests: files from the present rows, scratch databases that are copies of one migrated file, and the ways in."""

import contextlib
import datetime as dt
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.utils import load_backend

from caseworker.backups import writing
from caseworker.backups.databases import stand_in
from caseworker.backups.folder import look_at
from caseworker.backups.reading import Opened
from caseworker.backups.sheets import open_with_sheets
from caseworker.backups.streams import KEY_TABLES, MAIN_TABLES, models_of
from caseworker.backups.writing import Written, columns_of, rows_of
from caseworker.vault.containers import Stream
from config.databases import sqlite
from requests_app.actions.restoring import Restored, Source, restore_backup
from tests.cast import recovery_pair
from tests.templates import migrated_file


@contextlib.contextmanager
def as_it_is() -> Iterator[None]:
    """Stand for a snapshot inside the transaction of a test, which no other connection can see."""
    yield


def back_up(folder: Path, now: dt.datetime, monkeypatch: Any) -> Written:
    """Make a backup of the rows of this test."""
    with monkeypatch.context() as patch:
        patch.setattr(writing, "snapshot", as_it_is)
        return writing.write_backup(folder, now=now)


def opened(folder: Path, written: Written, stream: Stream) -> Opened:
    """Open one file of a backup with the recovery sheet."""
    return open_with_sheets(look_at(folder / written.parts[stream].name), [recovery_pair()])


def source_of(folder: Path, written: Written, **other: Any) -> Source:
    """Return a whole backup as what is restored from, with its ledger."""
    chosen = {"main": opened(folder, written, Stream.MAIN), "keys": opened(folder, written, Stream.KEYS)}
    return Source(**(chosen | {"ledgers": [opened(folder, written, Stream.LEDGER)]} | other))


def restored(source: Source, *, now: dt.datetime, replace: bool = False, **other: Any) -> Restored:
    """Restore as the command does."""
    return restore_backup(source, replace=replace, actor=None, now=now, **other)


def _memory() -> BaseDatabaseWrapper:
    settings = connections.configure_settings({"default": sqlite(":memory:")})["default"]
    made: BaseDatabaseWrapper = load_backend(settings["ENGINE"]).DatabaseWrapper(settings, "default")
    return made


@contextlib.contextmanager
def blank_sqlite() -> Iterator[None]:
    """Let an empty SQLite be ``default``."""
    made = _memory()
    made.ensure_connection()
    with contextlib.closing(sqlite3.connect(migrated_file("default"))) as migrated:
        migrated.backup(made.connection)
    try:
        with stand_in(made):
            yield
    finally:
        BaseDatabaseWrapper.close(made)


def contents() -> dict[str, list[tuple[Any, ...]]]:
    """Return every row that is kept, in the form that both databases share."""
    return {
        model._meta.label: [tuple(bytes(v) if isinstance(v, memoryview) else v for v in row) for row in rows_of(model)]
        for model in models_of(MAIN_TABLES + KEY_TABLES)
        if columns_of(model)
    }
