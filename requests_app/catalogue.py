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
