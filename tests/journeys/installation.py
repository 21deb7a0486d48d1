"""An installation of its own, for processes that are killed, raced or searched: a folder, a database, the fixed cast with cheap keys."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.postgres import NoPostgres, postgres

ROOT = Path(__file__).resolve().parent.parent.parent


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
        self.run("manage.py", "migrate", "--database", "ephemeral", "-v0", host=host)
        self.run("manage.py", "createcachetable", "--database", "ephemeral", "-v0", host=host)


@contextlib.contextmanager
def database(kind: str) -> Iterator[str]:
    """Yield the address of a fresh database; without a PostgreSQL, CI fails and everybody else is told why the test is skipped."""
    if kind == "sqlite":
        yield ""
        return
    given = os.environ.pop("TEST_DATABASE_URL", None)
    try:
        with postgres() as url:
            yield url
    except NoPostgres:
        if os.environ.get("CI"):
            raise
        pytest.skip("no PostgreSQL on this machine")
    finally:
        if given is not None:
            os.environ["TEST_DATABASE_URL"] = given


@contextlib.contextmanager
def installation(kind: str, home: Path) -> Iterator[Installation]:
    """Yield a migrated installation with the fixed cast in it."""
    for folder in ("var", "tmp", "memory-one"):
        (home / folder).mkdir()
    with database(kind) as url:
        made = Installation(home, url)
        made.run("manage.py", "migrate", "-v0")
        made.open_host("one")
        made.run("-m", "tests.journeys.inside")
        yield made
