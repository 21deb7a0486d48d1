"""The version, read from the changelog: one place says it."""

import re
from pathlib import Path

CHANGELOG = Path(__file__).resolve().parent.parent / "CHANGELOG.md"


def read_version(text: str) -> str:
    """Return the newest version that a changelog names in a heading such as ``## 0.1.0 — 2026-11-24``."""
    found = re.search(r"^## (\d+\.\d+\.\d+)", text, re.MULTILINE)
    return found.group(1) if found else "0.0.0"


VERSION = read_version(CHANGELOG.read_text(encoding="utf-8"))
