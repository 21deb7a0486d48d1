"""Files of a release: CSV (two separators) and JSON. Deterministic; every cell is neutralised against spreadsheet formulas."""

import csv
import io
import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

from requests_app.statistics.document import ERROR_95, ReleaseDocument

COLUMNS = (
    "period",
    "table",
    "version",
    "dimension",
    "code",
    "label_en",
    "label_ru",
    "value",
    "error95",
    "mode",
    "release",
)
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
BOM = "\ufeff"


@dataclass(frozen=True)
class Labels:
    """English and Russian words for a code."""

    en: str
    ru: str


LabelTable = Mapping[str, Labels]


def neutralised(cell: str) -> str:
    """Return *cell* so that no spreadsheet runs it: a leading apostrophe before anything that would start a formula.

    Full-width forms (＝＋－＠), byte-order marks and zero-width characters in front do not hide it.
    """
    folded = unicodedata.normalize("NFKC", cell)
    bare = "".join(c for c in folded if unicodedata.category(c) != "Cf").lstrip(" ")
    return "'" + cell if bare.startswith(DANGEROUS) else cell


def csv_file(document: ReleaseDocument, *, dimensions: LabelTable, labels: LabelTable, separator: str = ",") -> bytes:
    """Return one row per cell as UTF-8 with BOM, CRLF line ends (RFC 4180)."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for cell in document.cells:
        words = labels[f"{cell.table}.{cell.cls}"]
        row = (
            document.period,
            cell.table,
            str(cell.version),
            dimensions[cell.table].en,
            cell.cls,
            words.en,
            words.ru,
            str(cell.value),
            str(ERROR_95[cell.table]),
            "blurred",
            document.release_id,
        )
        writer.writerow([neutralised(value) for value in row])
    return (BOM + out.getvalue()).encode("utf-8")


def json_file(document: ReleaseDocument, *, notes: Mapping[str, str]) -> bytes:
    """Return the document with its method note and its hash as indented JSON."""
    body = document.body() | {"notes": dict(notes), "hash": document.content_hash()}
    return (json.dumps(body, sort_keys=True, indent=1, ensure_ascii=False) + "\n").encode("utf-8")
