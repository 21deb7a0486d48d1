"""One spelling for every way to write the same contact: fixed, versioned, pure. What comes out is compared as a sealed tag, never stored.

A change of any rule changes tags that were made before: raise ``NORMALIZER_VERSION`` with it, and every request is compared anew
when a member next unlocks. ``docs/how-to/duplicates.md`` has the table of examples; a test of known answers pins them.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from requests_app.contacts import FEWEST_DIGITS, MOST_DIGITS, parse_lines
from requests_app.duplicate_codes import TagKind
from requests_app.enums import ContactKind

NORMALIZER_VERSION = 1
NATIONAL_DIGITS = 10
LONGEST_LINE = 400
"""Characters of a line that are looked at: longer ones are text, not a contact."""

_SEPARATORS = r"[\s().\-‐-―/–]"
_NUMBER = re.compile(rf"(?<![\w@])\+?\d(?:{_SEPARATORS}{{0,3}}\d){{{FEWEST_DIGITS - 1},{MOST_DIGITS + 1}}}(?![\w@])")
_EMAIL = re.compile(r"\w[^\s@,;<>:\"()]{0,63}@[^\s@,;<>:\"()]{1,255}\.[^\s@,;<>:\"'().]{2,63}")
_HANDLE = r"[a-z][a-z0-9_]{3,31}"
_AT_HANDLE = re.compile(rf"(?<![\w.@])@({_HANDLE})(?![\w.])", re.ASCII)
_BARE_HANDLE = re.compile(rf"(?<![\w.@/:])({_HANDLE})(?![\w.@/:])", re.ASCII)
_ONE_WORD = re.compile(rf"{_HANDLE}", re.ASCII)
_TELEGRAM_HOST = r"(?<![\w.-])(?:www\.)?(?:t|telegram)\.me/"
_TELEGRAM_LINK = re.compile(rf"{_TELEGRAM_HOST}(?:s/)?@?({_HANDLE})(?!\w)", re.ASCII)
_TELEGRAM_SUBDOMAIN = re.compile(rf"(?<![\w.-])({_HANDLE})\.t\.me(?![\w.])", re.ASCII)
_TELEGRAM_RESOLVE = re.compile(rf"tg://resolve/?\?(?:\S*&)?domain=@?({_HANDLE})(?!\w)", re.ASCII)
_TELEGRAM_ID = re.compile(r"tg://(?:user|openmessage)/?\?(?:\S*&)?(?:user_)?id=(\d{5,15})(?!\d)")
_TELEGRAM_WORD = re.compile(r"^\W*(?:telegram|tg|телеграмм?|тг)\b(?!\.me|://)", re.IGNORECASE)
_BARE_ID = re.compile(r"(?<![\w+@])(?:id\s?:?\s?)?(\d{5,12})(?![\w@])")
_INTERNATIONAL_LINK = re.compile(
    rf"(?:wa\.me/|phone=|signal\.me/#p/|{_TELEGRAM_HOST}\+)\+?(\d{{{FEWEST_DIGITS},{MOST_DIGITS}}})(?!\w)"
)
_SIGNAL_NAME = re.compile(r"(?<![\w.@])([a-z_]\w{2,31}\.\d{2,10})(?![\w.@])", re.ASCII)
_TELEGRAM_ADDRESS = re.compile(rf"{_TELEGRAM_HOST}\S*")
_BETWEEN = re.compile(r"\s*[,;|]\s*|\s+/\s*|/\s+|\s{2,}")
_PLAIN_NUMBER = re.compile(rf"(?<![\w@+])\+?\d{{{FEWEST_DIGITS},{MOST_DIGITS}}}(?![\w@])")
_RESERVED = frozenset(
    {"joinchat", "addstickers", "addemoji", "share", "proxy", "socks", "login", "invoice", "setlanguage"}
)
"""First words of links that are no person's name."""


@dataclass(frozen=True)
class Form:
    """One contact, or a name, in its one spelling; shown as its kind only."""

    kind: TagKind
    text: str

    def __repr__(self) -> str:
        """Show the kind only."""
        return f"<Form {self.kind.value}>"

    @property
    def stands_alone(self) -> bool:
        """Tell whether two requests that have nothing else in common are worth a look: any contact, or a name of several words."""
        return self.kind is not TagKind.NAME or " " in self.text


def fold(text: str) -> str:
    """Return *text* in NFKC, without format characters, every decimal digit of every script as 0–9, in lower case."""
    shown = "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf")
    digits = "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in shown)
    return unicodedata.normalize("NFKC", digits.casefold())


# -- phones ----------------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Phone:
    """A number in its one spelling, and whether its country had to be guessed."""

    text: str
    is_ambiguous: bool = False

    def __repr__(self) -> str:
        """Show nothing of the number."""
        return "<Phone>"


def normalize_phone(written: str) -> Phone | None:
    """Return the number in *written*, or None when there are fewer than 7 or more than 15 digits.

    ``00`` is ``+``; without ``+``, 8 or 7 and ten more digits are ``+7``, as are ten digits that start with 9. Ten digits that start
    with 7 are Kazakhstan without its ``+7``, or some other country without its ``+``: taken as the former, and said to be ambiguous.
    """
    folded = fold(written)
    digits = "".join(c for c in folded if c in "0123456789")
    is_international = "+" in folded.split(digits[0], 1)[0] if digits else False
    if not is_international and digits.startswith("00"):
        digits, is_international = digits[2:], True
    if not FEWEST_DIGITS <= len(digits) <= MOST_DIGITS:
        return None
    if is_international:
        return Phone("+" + digits)
    if len(digits) == NATIONAL_DIGITS + 1 and digits[0] in "78":
        return Phone("+7" + digits[1:])
    if len(digits) == NATIONAL_DIGITS and digits[0] in "79":
        return Phone("+7" + digits, is_ambiguous=digits[0] == "7")
    return Phone(digits)


def _phones(line: str) -> Iterator[Phone]:
    for link in _INTERNATIONAL_LINK.finditer(line):
        yield Phone("+" + link[1])
    without = _TELEGRAM_ADDRESS.sub(" ", _INTERNATIONAL_LINK.sub(" ", line))
    for piece in _BETWEEN.split(without):
        for number in _NUMBER.findall(piece) or _PLAIN_NUMBER.findall(piece):
            if phone := normalize_phone(number):
                yield phone


def ambiguous_lines(pasted: str) -> list[int]:
    """Return which contact lines, counted from 1, hold a phone whose country has to be asked for."""
    lines = enumerate(parse_lines(pasted), start=1)
    return [number for number, line in lines if any(phone.is_ambiguous for phone in _phones(_looked_at(line.text)))]


# -- the kinds -------------------------------------------------------------------------------------------------------------------------------


def _looked_at(text: str) -> str:
    return fold(text[:LONGEST_LINE])


def _phone_forms(line: str, kind: ContactKind) -> Iterator[str]:
    if kind is ContactKind.TELEGRAM and _TELEGRAM_WORD.search(line):
        line = _BARE_ID.sub(lambda found: " " if _is_bare_id(found) else found[0], line)
    without = _TELEGRAM_ID.sub(" ", _EMAIL.sub(" ", line))
    for phone in _phones(without):
        yield phone.text


def _is_bare_id(found: re.Match[str]) -> bool:
    """Tell whether bare digits after the word Telegram are an id and no phone: no ``+7`` comes out of them."""
    phone = normalize_phone(found[1])
    return phone is None or phone.is_ambiguous or not phone.text.startswith("+")


def _telegram_forms(line: str, kind: ContactKind) -> Iterator[str]:
    without = _EMAIL.sub(" ", line)
    links = (_AT_HANDLE, _TELEGRAM_LINK, _TELEGRAM_SUBDOMAIN, _TELEGRAM_RESOLVE)
    for pattern in links:
        yield from (found[1] for found in pattern.finditer(without) if found[1] not in _RESERVED)
    yield from (f"id {found[1].lstrip('0')}" for found in _TELEGRAM_ID.finditer(line))
    if word := _TELEGRAM_WORD.search(line):
        rest = without[word.end() :]
        yield from (found[1] for found in _BARE_HANDLE.finditer(rest))
        yield from (f"id {found[1].lstrip('0')}" for found in _BARE_ID.finditer(rest) if _is_bare_id(found))
    elif kind is ContactKind.UNKNOWN and _ONE_WORD.fullmatch(line.strip()) and re.search(r"[\d_]", line):
        yield line.strip()


def _email_forms(line: str, _kind: ContactKind) -> Iterator[str]:
    for found in _EMAIL.finditer(line):
        yield found[0]


def _signal_forms(line: str, _kind: ContactKind) -> Iterator[str]:
    for found in _SIGNAL_NAME.finditer(_EMAIL.sub(" ", line)):
        yield found[1]


_READERS: Mapping[TagKind, Callable[[str, ContactKind], Iterator[str]]] = MappingProxyType(
    {
        TagKind.PHONE: _phone_forms,
        TagKind.TELEGRAM: _telegram_forms,
        TagKind.EMAIL: _email_forms,
        TagKind.SIGNAL: _signal_forms,
    }
)


def contact_forms(pasted: str) -> list[Form]:
    """Return every contact in the pasted lines in its one spelling, each once, in the order of the lines. Never raises."""
    forms = [
        Form(kind, text)
        for line in parse_lines(pasted)
        for kind, read in _READERS.items()
        for text in read(_looked_at(line.text), line.kind)
    ]
    return list(dict.fromkeys(forms))


# -- names -----------------------------------------------------------------------------------------------------------------------------------

_CYRILLIC: Mapping[str, str] = MappingProxyType(
    dict(
        zip(
            "абвгдезийклмнопрстуфхыэіїєґ",
            [
                "a",
                "b",
                "v",
                "g",
                "d",
                "e",
                "z",
                "i",
                "i",
                "k",
                "l",
                "m",
                "n",
                "o",
                "p",
                "r",
                "s",
                "t",
                "u",
                "f",
                "h",
                "i",
                "e",
                "i",
                "i",
                "e",
                "g",
            ],
            strict=True,
        )
    )
    | {"ё": "e", "ц": "ts", "щ": "ш", "ю": "iu", "я": "ia", "ъ": "", "ь": "", "ў": "u"}
    | dict(zip("әғқңөұүһҗ", ["a", "g", "k", "n", "o", "u", "u", "h", "ж"], strict=True))
)
_SOUNDS: tuple[tuple[str, str], ...] = (
    ("shch", "ш"), ("stsch", "ш"), ("sch", "ш"), ("sh", "ш"), ("zh", "ж"), ("tsch", "ч"), ("tch", "ч"), ("ch", "ч"), ("kh", "h"),
    ("ck", "k"), ("ph", "f"), ("th", "t"), ("tz", "ts"), ("x", "ks"), ("q", "k"), ("c", "k"), ("w", "v"), ("y", "i"), ("j", "i"),
)  # fmt: skip
_NOT_LETTER = re.compile(r"[\W\d_]+")
_REPEATED = re.compile(r"(.)\1+")
_MARKED = MappingProxyType(
    {"ž": "zh", "š": "sh", "č": "ch", "ł": "l", "ø": "o", "đ": "d", "ı": "i", "’": "", "'": "", "ʹ": "", "`": ""}
)


def _one_script(word: str) -> str:
    """Write Cyrillic letters as Latin ones, and Latin letters without their marks."""
    composed = "".join(_CYRILLIC.get(c, _MARKED.get(c, c)) for c in unicodedata.normalize("NFC", word))
    return "".join(c for c in unicodedata.normalize("NFD", composed) if not unicodedata.combining(c))


def _reduced(word: str) -> str:
    spelled = _NOT_LETTER.sub("", _one_script(word)).removesuffix("ff") + "v" * word.endswith("ff")
    for letters, sound in _SOUNDS:
        spelled = spelled.replace(letters, sound)
    return _REPEATED.sub(r"\1", spelled).replace("ie", "e").replace("io", "e")


def _word_key(word: str) -> str:
    """Reduce until nothing changes: a key is its own key."""
    key = _reduced(word)
    while (again := _reduced(key)) != key:
        key = again
    return key


def name_key(name: str) -> str:
    """Return one key for the spellings of a name in Cyrillic and Latin: a class a sound, doubles single, the words sorted; "" for none.

    Дмитрий, Dmitry, Dmitrii and Dmitrij are one, Фёдор, Fedor and Fyodor are one. Short forms (Саша) are names of their own.
    """
    words = re.split(r"[\s.,;/\\|()\-‐-―_]+", fold(name[:LONGEST_LINE]))
    return " ".join(sorted(filter(None, {_word_key(word) for word in words})))


def forms_of(contacts: str, name: str) -> list[Form]:
    """Return what a request can be found by: its contacts, and the key of the name."""
    key = name_key(name)
    return contact_forms(contacts) + ([Form(TagKind.NAME, key)] if key else [])


def forms_of_query(typed: str) -> list[Form]:
    """Return what somebody who typed this may be looking for: a contact as it would be pasted, a name, and a handle without its @."""
    handle = _looked_at(typed).strip()
    guesses = [Form(TagKind.TELEGRAM, handle)] if _ONE_WORD.fullmatch(handle) else []
    return list(dict.fromkeys(forms_of(typed, "" if re.search(r"[\d@]", handle) else typed) + guesses))
