#!/usr/bin/env python3
"""Run the project. On a bare machine with Python 3.11 it first makes its own environment in ``.venv`` from the lock file.

``python3 manage.py demo`` serves the demo year; ``python3 manage.py test`` runs every test. An environment of your own, in which Django
can be imported, is used as it is. Only the standard library is needed until then, and nothing is written outside this folder.
"""

import hashlib
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
OLDEST = (3, 11)
PROBES = {
    "run": ("django", "django_q", "cryptography", "allauth"),
    "test": ("django", "pytest", "xdist", "playwright", "axe_playwright_python"),
}
OWN_COMMAND = {"test": "test"}


def say(text: str) -> None:
    """Print one line at once."""
    print(text, flush=True)


def is_ready(kind: str) -> bool:
    """Tell whether this interpreter can import what *kind* of work needs."""
    return all(importlib.util.find_spec(name) for name in PROBES[kind])


def venv_python() -> Path:
    """Return the interpreter of the project's own environment."""
    return VENV / ("Scripts" if os.name == "nt" else "bin") / "python"


def make_venv() -> None:
    """Make ``.venv``, or say in one line what is missing."""
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        sys.exit("Python's venv module is missing. On Debian or Ubuntu: apt-get install python3-venv")
    say("Making an environment in .venv (once) …")
    subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)


def install(kind: str) -> None:
    """Install the lock file of *kind*, with hashes, unless this very file was installed before."""
    lock = ROOT / "requirements" / f"{kind}.lock"
    stamp = VENV / f"{kind}-{hashlib.sha256(lock.read_bytes()).hexdigest()[:16]}.installed"
    if stamp.exists():
        return
    say(f"Installing the packages of requirements/{kind}.lock (once) …")
    command = [str(venv_python()), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    outcome = subprocess.run([*command, "--require-hashes", "--no-deps", "--requirement", str(lock)], check=False)
    if outcome.returncode:
        sys.exit(
            "The packages could not be installed. Check the network or your pip settings, then run the same command again."
        )
    stamp.touch()


def bootstrap(kind: str) -> None:
    """Go on inside the project's own environment unless this one is good already."""
    if is_ready(kind):
        return
    if sys.version_info < OLDEST:
        sys.exit("Python 3.11 or newer is needed. Run this with a newer python3.")
    if not venv_python().exists():
        make_venv()
    install(kind)
    if Path(sys.prefix).resolve() == VENV.resolve():
        sys.exit("The environment in .venv is incomplete. Delete .venv and run the same command again.")
    sys.stdout.flush()
    os.execv(str(venv_python()), [str(venv_python()), *sys.argv])


def main() -> None:
    """Set up if needed, then run the command."""
    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    bootstrap(OWN_COMMAND.get(command, "run"))
    if command == "test":
        from tests.run import run_tests

        sys.exit(run_tests(sys.argv[2:]))
    if command == "demo":
        os.environ["CASEWORK_DEMO"] = "yes"
        os.environ.setdefault("VAR_DIR", str(ROOT / "var" / "demo"))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.development")
    from django.core.management import execute_from_command_line

    from config.env import SettingWrong

    try:
        execute_from_command_line(sys.argv)
    except SettingWrong as wrong:
        sys.exit(str(wrong))


if __name__ == "__main__":
    main()
