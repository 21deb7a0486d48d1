"""What many tests begin with is built once in a run and copied afterwards: migrated databases, demos, installations with the cast.

Nothing here is kept between runs, so that no test begins with what older code has built.
"""

import fcntl
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

ROOT = Path(__file__).resolve().parent.parent
FOLDER = "CASEWORK_TEMPLATES"
"""The environment variable that names the folder of this run: the same in every worker and in both database runs."""
OWN_SERVER = "CASEWORK_OWN_SERVER"
"""The environment variable with the address of a PostgreSQL that lives as long as this run, where a template may be left behind."""
TEMPLATE_DATABASE = "casework_migrated"
NOT_COPIED = ("boot.key", "*.sqlite3-wal", "*.sqlite3-shm")
"""What no two installations share, and what a reader of a finished template leaves beside it for a moment."""
MIGRATE = """
import django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0, run_syncdb=True)
"""
MIGRATE_EPHEMERAL = """
call_command("migrate", "caseworker", database="ephemeral", verbosity=0)
call_command("createcachetable", database="ephemeral", verbosity=0)
"""


def open_folder() -> Path | None:
    """Make the folder of this run and return it; None when this process belongs to a run that has one."""
    if FOLDER in os.environ:
        return None
    made = Path(tempfile.mkdtemp(prefix="cwtpl", dir="/tmp"))
    made.chmod(0o711)
    os.environ[FOLDER] = str(made)
    return made


def has_folder() -> bool:
    """Tell whether this run has one."""
    return FOLDER in os.environ


def close_folder(made: Path | None) -> None:
    """Remove what ``open_folder`` made."""
    if made is not None:
        shutil.rmtree(made, ignore_errors=True)
        os.environ.pop(FOLDER, None)


def template(name: str, build: Callable[[Path], None]) -> Path:
    """Return the folder *name*, built by whoever asks first; others wait. A build that fails is tried again by the next one."""
    run = Path(os.environ[FOLDER])
    made = run / name
    with (run / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (run / f"{name}.built").exists():
            shutil.rmtree(made, ignore_errors=True)
            made.mkdir()
            build(made)
            (run / f"{name}.built").touch()
    return made


def copy_into(made: Path, home: Path) -> None:
    """Copy a template into an empty folder, without what belongs to one host alone."""
    shutil.copytree(made, home, dirs_exist_ok=True, symlinks=True, ignore=shutil.ignore_patterns(*NOT_COPIED))


def _run(folder: Path, *arguments: str, **changes: str) -> None:
    environment = os.environ | {
        "VAR_DIR": str(folder), "RUNTIME_DIR": str(folder / "run"), "DATABASE_URL": "", "CASEWORK_DEMO": "yes",
        "DJANGO_SETTINGS_MODULE": "config.settings.development",
    } | changes  # fmt: skip
    done = subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-1000:] + done.stderr[-3000:]


def _checkpoint(folder: Path) -> None:
    for path in folder.rglob("*.sqlite3"):
        with sqlite3.connect(path) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()


def migrated() -> Path:
    """Return a folder with both databases as SQLite files, migrated and empty, laid out as ``VAR_DIR`` is."""

    def build(folder: Path) -> None:
        _run(folder, "-c", MIGRATE + MIGRATE_EPHEMERAL)
        _checkpoint(folder)

    return template("migrated", build)


def migrated_file(alias: str) -> Path:
    """Return the migrated SQLite file of a database."""
    return migrated() / ("run/ephemeral.sqlite3" if alias == "ephemeral" else "casework.sqlite3")


def migrated_on(address: str) -> str:
    """Return the name of a migrated and empty database on the PostgreSQL at *address*, for others to be made from."""

    def build(folder: Path) -> None:
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {TEMPLATE_DATABASE}")
        there = urlsplit(address)._replace(path=f"/{TEMPLATE_DATABASE}").geturl()
        _run(folder, "-c", MIGRATE, DATABASE_URL=there)

    template("postgres", build)
    return TEMPLATE_DATABASE


def demo(limit: int) -> Path:
    """Return the data of a demo of *limit* requests."""

    def build(folder: Path) -> None:
        copy_into(migrated(), folder)
        _run(folder, "manage.py", "seed_demo", "--limit", str(limit))
        _run(folder, "manage.py", "sync_schedules")
        (folder / "static").mkdir()
        _checkpoint(folder)

    return template(f"demo-{limit}", build)


def copy_demo(limit: int, folder: Path) -> None:
    """Put a demo into *folder*, built this second as far as its calendar knows."""
    copy_into(demo(limit), folder)
    (folder / "ready").write_text(str(int(time.time())), encoding="ascii")
