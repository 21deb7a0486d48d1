"""Contact lines as they were pasted: split, and the kind of each told from its shape. Pure; nothing is changed or looked up.

The kind is a coded hint (which safety question applies); the line itself is sealed as it stands.
"""

import re
from dataclasses import dataclass

from requests_app.enums import ContactKind

MAX_LINES = 10
FEWEST_DIGITS, MOST_DIGITS = 7, 15  # ITU-T E.164 allows at most 15

_PREFIXES: tuple[tuple[re.Pattern[str], ContactKind], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), kind)
    for pattern, kind in (
        (r"^\W*(signal|сигнал)\b", ContactKind.SIGNAL),
        (r"(^\W*(whats\s?app|wa|ватсап|вотсап|вацап)\b)|\bwa\.me/|whatsapp\.com/", ContactKind.WHATSAPP),
        (r"(^\W*(telegram|tg|телеграмм?|тг)\b)|\b(t|telegram)\.me/|\btg://", ContactKind.TELEGRAM),
        (r"signal\.me/", ContactKind.SIGNAL),
    )
)
_EMAIL = re.compile(r"[^\s@,;<>]+@[^\s@,;<>]+\.[^\s@,;<>.]{2,}")
_HANDLE = re.compile(r"(^|\s)@[A-Za-z]\w{3,31}\b")
_SIGNAL_NAME = re.compile(r"^[A-Za-z_]\w{2,31}\.\d{2,}$", re.ASCII)
_NOT_PHONE = re.compile(r"[^\d\s()+.\-‐-―/–]")


@dataclass(frozen=True)
class ContactLine:
    """One line and what kind of contact it looks like."""

    text: str
    kind: ContactKind

    def __repr__(self) -> str:
        """Show the kind only."""
        return f"<ContactLine {self.kind.value}>"


def _looks_like_phone(text: str) -> bool:
    digits = sum(character.isdecimal() for character in text)
    return FEWEST_DIGITS <= digits <= MOST_DIGITS and not _NOT_PHONE.search(text)


def kind_of(text: str) -> ContactKind:
    """Return the kind that one line looks like; ``unknown`` rather than a guess."""
    for pattern, kind in _PREFIXES:
        if pattern.search(text):
            return kind
    if _EMAIL.search(text):
        return ContactKind.EMAIL
    if _HANDLE.search(text):
        return ContactKind.TELEGRAM
    if _SIGNAL_NAME.match(text):
        return ContactKind.SIGNAL
    return ContactKind.PHONE if _looks_like_phone(text) else ContactKind.UNKNOWN


def parse_lines(pasted: str) -> list[ContactLine]:
    """Return the non-empty lines of *pasted* in their order, trimmed, each with its kind."""
    return [ContactLine(text, kind_of(text)) for line in pasted.splitlines() if (text := line.strip())]
