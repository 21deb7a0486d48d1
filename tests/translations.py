"""Extract, merge and compile translations with Babel alone: no system gettext is needed.

``python -m tests.translations`` brings ``requests_app/locale/ru`` up to date: new English sentences appear with an empty Russian one,
sentences that are gone disappear, and the compiled file is written. The tests refuse an empty or fuzzy entry and a stale compilation.
"""

import datetime as dt
import io
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "requests_app" / "locale" / "ru" / "LC_MESSAGES"
PO, MO = FOLDER / "django.po", FOLDER / "django.mo"
KEYWORDS = {
    "_": None, "gettext": None, "gettext_lazy": None, "ngettext": (1, 2), "ngettext_lazy": (1, 2), "gettext_noop": None,
    "pgettext": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3),
}  # fmt: skip
SOURCES = ("caseworker", "requests_app", "config")
PINNED = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def _sources() -> list[tuple[str, str]]:
    """Return (name, text) of everything that may hold sentences, templates turned into what an extractor reads."""
    found = [
        (str(path.relative_to(ROOT)), path.read_text(encoding="utf-8"))
        for folder in SOURCES
        for path in sorted((ROOT / folder).rglob("*.py"))
        if "migrations" not in path.parts
    ]
    for path in sorted((ROOT / "templates").rglob("*.html")):
        found.append((str(path.relative_to(ROOT)), _calls(templatize(path.read_text(encoding="utf-8")))))
    return found


def _calls(templated: str) -> str:
    """Keep the gettext calls of a templatized text, one a line, as Python."""
    lines, rest = [], templated
    while True:
        starts = [
            place
            for name in (" gettext(", " ngettext(", " _(", " pgettext(", "npgettext(")
            if (place := rest.find(name)) >= 0
        ]
        if not starts:
            return "\n".join(lines)
        rest = rest[min(starts) :].lstrip()
        end = _closing(rest)
        lines.append(rest[:end])
        rest = rest[end:]


def _closing(text: str) -> int:
    """Return the place after the bracket that closes the call at the beginning of *text*, strings respected."""
    quote, depth, place = "", 0, 0
    while place < len(text):
        character = text[place]
        if quote:
            place += character == "\\"
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character in "()":
            depth += 1 if character == "(" else -1
            if depth == 0:
                return place + 1
        place += 1
    return len(text)


def extracted() -> Catalog:
    """Return every sentence of the sources."""
    catalog = Catalog(project="casework", version="", charset="utf-8", fuzzy=False)
    for _name, text in _sources():
        for _line, function, messages, _comments in extract_python(io.BytesIO(text.encode()), KEYWORDS, (), {}):
            strings = [messages] if isinstance(messages, str) else [one for one in messages if isinstance(one, str)]
            if not strings or not strings[0]:
                continue
            is_plural = function.startswith("n") and len(strings) > 1
            catalog.add(tuple(strings[:2]) if is_plural else strings[0])
    return catalog


def stored() -> Catalog:
    """Return the Russian catalogue."""
    with PO.open("rb") as file:
        return read_po(file, locale="ru", charset="utf-8")


def compiled(catalog: Catalog) -> bytes:
    """Return the compiled catalogue."""
    out = io.BytesIO()
    write_mo(out, catalog)
    return out.getvalue()


def synchronise() -> int:
    """Merge the sources into the catalogue, compile it, and return how many sentences have no Russian yet."""
    old = stored() if PO.exists() else Catalog(locale="ru", charset="utf-8")
    new = Catalog(
        locale="ru",
        project="casework",
        version="",
        charset="utf-8",
        fuzzy=False,
        header_comment="# Russian. Kept by hand.",
    )
    for message in sorted(extracted(), key=lambda one: str(one.id)):
        if message.id:
            known = old.get(message.id if isinstance(message.id, str) else message.id[0])
            new.add(message.id, string=known.string if known else None, flags=message.flags)
    new.revision_date = new.creation_date = PINNED
    FOLDER.mkdir(parents=True, exist_ok=True)
    with PO.open("wb") as file:
        write_po(file, new, width=120, omit_header=False, no_location=True)
    MO.write_bytes(compiled(stored()))
    return sum(1 for message in new if message.id and not is_complete(message.string))


def is_complete(string: object) -> bool:
    """Tell whether a translation, or each of its plural forms, is there."""
    return all(string) if isinstance(string, (tuple, list)) else bool(string)


if __name__ == "__main__":
    print(f"{synchronise()} sentences have no Russian yet")
