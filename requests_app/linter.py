"""Warn about what should not be written down, not even sealed. Pure: rules in, names of rules out, never a piece of the text.

A warning is shown once and stops nothing: the volunteer hears the person, this table does not.
"""

import re
from collections.abc import Mapping
from enum import StrEnum


class LintRule(StrEnum):
    """What a text seems to hold."""

    PASSPORT = "passport"
    UNIT = "unit"
    LONG_NUMBER = "long_number"
    SURNAME = "surname"


_NAME = r"(?:[А-ЯЁ][а-яё]+(?:-[А-ЯЁ][а-яё]+)?|[A-Z][a-z]+(?:[-'’][A-Z]?[a-z]+)?)"
_INITIAL = r"[А-ЯЁA-Z]\."
_GAP = r"[\s ]{0,2}"

PATTERNS: Mapping[LintRule, re.Pattern[str]] = {
    # Russian passports: internal 4 + 6 digits, foreign 2 + 7, with the usual spaces and number signs
    LintRule.PASSPORT: re.compile(r"(?<!\d)(?:\d{2}\s?\d{2}\s?[-№#N]?\s?\d{6}|\d{2}\s?[-№#N]?\s?\d{7})(?!\d)"),
    LintRule.UNIT: re.compile(
        r"(?<!\w)в\s?[/\\.]?\s?ч\.?\s?[-№#N]?\s?\d{4,6}(?!\d)"
        r"|войсков\w{0,4}\s+част\w{0,3}\W{0,3}\d{3,6}"
        r"|(?<!\w)v\s?[/\\]\s?ch\.?\s?[-№#N]?\s?\d{4,6}"
        r"|military\s+unit\W{0,3}(?:no\.?\s?)?\d{3,6}",
        re.IGNORECASE,
    ),
    LintRule.LONG_NUMBER: re.compile(r"(?:\d[\s().+-]{0,2}){8}\d"),
    LintRule.SURNAME: re.compile(
        rf"(?<!\w)(?:{_NAME}\s{_INITIAL}(?:{_GAP}{_INITIAL})?|{_INITIAL}{_GAP}(?:{_INITIAL}{_GAP})?{_NAME})"
    ),
}
"""Every repetition is bounded, so the time is linear in the text."""

EVERYWHERE = frozenset(LintRule)
IN_CONTACTS = frozenset({LintRule.UNIT, LintRule.SURNAME})
"""Contacts are long numbers by nature, and a mobile has as many digits as a passport."""

FIELD_RULES: Mapping[str, frozenset[LintRule]] = {"contacts": IN_CONTACTS, "name": EVERYWHERE, "story": EVERYWHERE}


def broken_rules(text: str, rules: frozenset[LintRule] = EVERYWHERE) -> list[LintRule]:
    """Return the *rules* that *text* seems to break, in the order of the table."""
    return [rule for rule, pattern in PATTERNS.items() if rule in rules and pattern.search(text)]


_TELLING = re.compile(r"\d|@|://|\bt\.me\b|\bwww\.", re.IGNORECASE)


def tells_of_a_person(text: str) -> bool:
    """Tell whether a sentence that is kept in clear seems to hold something of one person: any digit, handle, link, unit or surname."""
    return bool(_TELLING.search(text)) or bool(broken_rules(text))
