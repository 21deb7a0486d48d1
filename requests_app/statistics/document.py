"""A frozen release as one document: plain values, from which every file is made, byte for byte the same each time."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from requests_app.statistics.tables import EPSILON_FOR_LIFE, TABLE_BY_CODE, TABLES

SCHEMA = "casework-monthly-counts/1"
ERROR_95: Mapping[str, int] = {"T0": 5, "T1": 5, "T2": 5, "T3": 8}


@dataclass(frozen=True)
class PublishedCell:
    """One published number."""

    table: str
    version: int
    cls: str
    value: int


@dataclass(frozen=True)
class ReleaseDocument:
    """Everything a reader gets about one month; ``previous_hash`` chains it to the month before."""

    release_id: str
    period: str
    kind: str
    software: str
    previous_hash: str
    cells: tuple[PublishedCell, ...]

    def body(self) -> dict[str, Any]:
        """Return the document as plain values, without its own hash."""
        return {
            "schema": SCHEMA,
            "release": {"id": self.release_id, "period": self.period, "kind": self.kind, "software": self.software},
            "method": {
                "mode": "blurred",
                "noise": "discrete Laplace, then multiples of 5 that add up",
                "epsilon_for_life": str(EPSILON_FOR_LIFE),
                "tables": [
                    {"code": t.code, "version": t.version, "epsilon": str(t.epsilon), "cap": t.cap, "base": t.base}
                    for t in TABLES
                ],
            },
            "tables": [
                {
                    "table": cell.table,
                    "version": cell.version,
                    "code": cell.cls,
                    "value": cell.value,
                    "error95": ERROR_95[cell.table],
                    "OBS_STATUS": "A",
                    "CONF_STATUS": "F",
                }
                for cell in self.cells
            ],
            "previous_hash": self.previous_hash,
        }

    def canonical(self) -> bytes:
        """Return the body as canonical JSON: sorted keys, no spaces, UTF-8."""
        return json.dumps(self.body(), sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode("utf-8")

    def content_hash(self) -> str:
        """Return SHA-256 (hex) of the canonical body, which includes the previous release's hash."""
        return hashlib.sha256(self.canonical()).hexdigest()


def ordered(cells: Mapping[tuple[str, str], int]) -> tuple[PublishedCell, ...]:
    """Return the cells of all tables in their pinned order."""
    return tuple(
        PublishedCell(code, spec.version, cls, cells[code, cls])
        for code, spec in TABLE_BY_CODE.items()
        for cls in spec.classes
    )
