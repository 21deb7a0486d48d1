"""Run every test: on SQLite, and the database tests once more on PostgreSQL. Called by ``manage.py test``.

Arguments go on to pytest; with arguments only the first run is made, unless ``--postgres`` is among them.
"""

import os
import subprocess
import sys
from pathlib import Path

from tests.postgres import NoPostgres, postgres
from tests.templates import OWN_SERVER, close_folder, open_folder

ROOT = Path(__file__).resolve().parent.parent
NO_TESTS = 5
WORKERS = str((os.cpu_count() or 1) + 2)
"""Two more than there are processors: journeys and databases make their worker wait."""
DATABASE_TESTS = "django_db and not journey and not benchmark and not one_database"


def _pytest(arguments: list[str], environment: dict[str, str]) -> int:
    command = [sys.executable, "-m", "pytest", *arguments]
    return subprocess.run(command, cwd=ROOT, env=os.environ | environment, check=False).returncode


def _on_postgres(arguments: list[str]) -> int:
    """Run the database tests against a throw-away server; without one this is a failure in CI and said aloud elsewhere."""
    try:
        with postgres() as url:
            print("\n== database tests on PostgreSQL ==", flush=True)
            own = {} if "TEST_DATABASE_URL" in os.environ else {OWN_SERVER: url}
            environment = own | {"TEST_DATABASE_URL": url, "EXPECT_VENDOR": "postgresql"}
            return _pytest([*arguments, "-m", DATABASE_TESTS], environment)
    except NoPostgres:
        print("\nNo PostgreSQL was found: the database tests ran on SQLite only.", flush=True)
        return 1 if os.environ.get("CI") else 0


def _measure() -> int:
    """Run the benchmarks one by one, with nothing beside them and no coverage, which slows Python and not the database."""
    print("\n== measurements ==", flush=True)
    return _pytest(["tests/benchmarks", "-q"], {"EXPECT_VENDOR": "sqlite"})


def run_tests(arguments: list[str]) -> int:
    """Return 0 when everything passed on both databases; what is built once in a run is built once for all of them."""
    ours = open_folder()
    try:
        return _run(arguments)
    finally:
        close_folder(ours)


def _run(arguments: list[str]) -> int:
    chosen = [argument for argument in arguments if argument != "--postgres"]
    shape = [] if any(argument.startswith("-n") for argument in chosen) else ["-n", WORKERS, "--dist", "worksteal"]
    if not arguments:
        shape += ["--cov=caseworker", "--cov=requests_app", "--cov-branch", "--cov-report=term:skip-covered", "-q"]
    together = [] if arguments else ["-m", "not benchmark"]
    print("== all tests on SQLite ==", flush=True)
    on_sqlite = _pytest([*shape, *together, *chosen], {"EXPECT_VENDOR": "sqlite"})
    if arguments and "--postgres" not in arguments:
        return on_sqlite
    measured = 0 if arguments else _measure()
    plain = [part for part in shape if not part.startswith("--cov")]
    on_postgres = _on_postgres([*plain, *chosen])
    return on_sqlite or measured or (0 if on_postgres == NO_TESTS and chosen else on_postgres)
