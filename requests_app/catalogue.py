"""The vocabularies with their English and Russian words, as data: what enums, stages and translations are held against by tests."""

import json
from functools import cache
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).parent / "catalogue_data" / "catalogue.json"


@cache
def load_catalogue() -> dict[str, Any]:
    """Return the parsed catalogue."""
    loaded: dict[str, Any] = json.loads(SOURCE.read_text(encoding="utf-8"))
    return loaded


def label_pairs() -> dict[str, str]:
    """Return the Russian words for every English label of the catalogue."""
    lists = (rows for rows in load_catalogue().values() if isinstance(rows, list))
    return {row["en"]: row["ru"] for rows in lists for row in rows if isinstance(row, dict)}


CHECKLISTS = SOURCE.with_name("checklists.json")


@cache
def load_checklists() -> dict[str, list[tuple[str, str]]]:
    """Return the first wording of every stage's checklist, English and Russian; from then on a lead edits them."""
    loaded: dict[str, Any] = json.loads(CHECKLISTS.read_text(encoding="utf-8"))
    return {stage: [(en, ru) for en, ru in rows] for stage, rows in loaded.items() if isinstance(rows, list)}
