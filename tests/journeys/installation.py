"""An installation of its own, for processes that are killed, raced or searched: a folder, a database, the fixed cast with cheap keys."""

import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.postgres import NoPostgres, postgres
from tests.templates import copy_into, migrated_file, template

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDERS = ("var", "tmp", "memory-one")


@dataclass(frozen=True)
class Installation:
    """Where the data of one installation lie; an empty *url* is SQLite in *home*. Each host has a boot key of its own."""

    home: Path
    url: str

    def environment(self, host: str = "one") -> dict[str, str]:
        """Return the environment of a process on *host*."""
        memory = self.home / f"memory-{host}"
        return os.environ | {
            "VAR_DIR": str(self.home / "var"), "RUNTIME_DIR": str(memory), "DATABASE_URL": self.url, "CASEWORK_DEMO": "yes",
            "DJANGO_SETTINGS_MODULE": "config.settings.development", "TMPDIR": str(self.home / "tmp"), "PYTHONWARNINGS": "",
        }  # fmt: skip

    def start(self, *arguments: str, host: str = "one") -> "subprocess.Popen[bytes]":
        """Start a module of the tests, or anything else Python runs, as a process of its own."""
        with (self.home / "var" / f"{host}.log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, *arguments],
                cwd=ROOT,
                env=self.environment(host),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
            )

    def finish(self, process: "subprocess.Popen[bytes]", host: str = "one") -> str:
        """Wait for a process, which must end well; return what it printed."""
        out, _nothing = process.communicate(timeout=300)
        log = (self.home / "var" / f"{host}.log").read_text(errors="replace")
        assert process.returncode == 0, out.decode(errors="replace")[-2000:] + log[-4000:]
        return out.decode()

    def run(self, *arguments: str, host: str = "one") -> str:
        """Start and wait."""
        return self.finish(self.start(*arguments, host=host), host)

    def open_host(self, host: str) -> None:
        """Make the ephemeral database of a host, as after its boot."""
        memory = self.home / f"memory-{host}"
        memory.mkdir(exist_ok=True)
        shutil.copy(migrated_file("ephemeral"), memory)


@contextlib.contextmanager
def _own_server(data: Path | None = None, *, keep: Path | None = None) -> Iterator[str]:
    """Yield the address of a fresh PostgreSQL; without one, CI fails and everybody else is told why the test is skipped."""
    given = os.environ.pop("TEST_DATABASE_URL", None)
    try:
        with postgres(data, keep=keep) as url:
            yield url
    except NoPostgres:
        if os.environ.get("CI"):
            raise
        pytest.skip("no PostgreSQL on this machine")
    finally:
        if given is not None:
            os.environ["TEST_DATABASE_URL"] = given


def _installed(kind: str) -> Path:
    """Return a stopped installation of a kind, with the cast in it; the data of a PostgreSQL lie in ``server``."""

    def build(home: Path) -> None:
        for folder in FOLDERS:
            (home / folder).mkdir()
        Installation(home, "").open_host("one")
        if kind == "sqlite":
            shutil.copy(migrated_file("default"), home / "var")
            Installation(home, "").run("-m", "tests.journeys.inside")
            return
        with _own_server(keep=home / "server") as url:
            made = Installation(home, url)
            made.run("manage.py", "migrate", "-v0")
            made.run("-m", "tests.journeys.inside")

    return template(f"installed-{kind}", build)


@contextlib.contextmanager
def installation(kind: str, home: Path) -> Iterator[Installation]:
    """Yield a migrated installation with the fixed cast in it."""
    made = _installed(kind)
    for folder in FOLDERS:
        copy_into(made / folder, home / folder)
    with contextlib.ExitStack() as stack:
        url = "" if kind == "sqlite" else stack.enter_context(_own_server(made / "server"))
        yield Installation(home, url)
