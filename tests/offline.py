"""The offline laptop: an empty folder with the one file, and a Python that has ``cryptography`` and nothing else."""

import json
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

from caseworker.offline import caseworker_recover
from caseworker.vault.recovery import sheet_groups
from caseworker.vault.sealing import KeyPair

START = """import runpy, sys
sys.path.insert(0, sys.argv[1])
for forbidden in ("django", "caseworker", "requests_app", "config"):
    try:
        __import__(forbidden)
    except ImportError:
        continue
    raise SystemExit("this laptop has too much on it")
sys.argv = sys.argv[2:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""
NEEDED = ("cryptography", "cffi", "_cffi_backend*")


def typed_sheet(pair: KeyPair) -> str:
    """Return a sheet as somebody types it in one line."""
    return " ".join(sheet_groups(pair)).lower()


class Laptop:
    """A folder that knows nothing of the project."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.libraries = folder / "laptop", folder / "libraries"
        self.folder.mkdir()
        self.libraries.mkdir()
        for place in {Path(sysconfig.get_path(name)) for name in ("purelib", "platlib")}:
            for found in (one for pattern in NEEDED for one in place.glob(pattern)):
                (self.libraries / found.name).symlink_to(found)
        source = Path(caseworker_recover.__file__)
        (self.folder / source.name).write_bytes(source.read_bytes())
        (folder / "start.py").write_text(START)
        self.start = folder / "start.py"

    def run(self, *arguments: str, typed: list[str], bundle: bytes | None = None) -> "subprocess.CompletedProcess[str]":
        """Run the tool on *bundle* with what somebody types, line by line."""
        if bundle is not None:
            (self.folder / "bundle.json").write_bytes(bundle)
        command = [sys.executable, "-I", "-S", str(self.start), str(self.libraries), "caseworker_recover.py"]
        return subprocess.run(
            [*command, *arguments],
            cwd=self.folder,
            input="\n".join(typed) + "\n",
            capture_output=True,
            text=True,
            timeout=60,
        )

    def answer(self, bundle: bytes, typed: list[str]) -> bytes:
        """Return the answer to *bundle*, taken out of the folder."""
        done = self.run("bundle.json", typed=typed, bundle=bundle)
        assert done.returncode == 0, done.stdout + done.stderr
        raw = (self.folder / "answer.json").read_bytes()
        (self.folder / "answer.json").unlink()
        return raw


def altered(raw: bytes, **parts: Any) -> bytes:
    """Return a JSON file with other parts."""
    return json.dumps(json.loads(raw) | parts).encode()
