"""Every visible sentence has its Russian, in the right plural, and the compiled file is the one that was compiled."""

import re

import pytest
from django.utils import translation
from django.utils.translation import ngettext

from requests_app.catalogue import label_pairs
from tests import translations


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"%\(\w+\)[sd]", text))


def test_every_sentence_has_its_russian() -> None:
    wanted = {message.id for message in translations.extracted() if message.id}
    kept = {message.id: message for message in translations.stored() if message.id}
    assert wanted == set(kept), sorted(map(str, wanted ^ set(kept)))
    empty = [str(id_) for id_, message in kept.items() if not translations.is_complete(message.string) or message.fuzzy]
    assert empty == []


def test_placeholders_survive_translation() -> None:
    for message in translations.stored():
        ids = message.id if isinstance(message.id, tuple) else (message.id,)
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        if message.id:
            for string in strings:
                assert placeholders(string) == placeholders(ids[-1]), message.id


def test_the_compiled_file_is_current() -> None:
    assert translations.compiled(translations.stored()) == translations.MO.read_bytes()


def test_labels_are_the_catalogues() -> None:
    pairs = label_pairs()
    with translation.override("ru"):
        for message in translations.stored():
            if message.id in pairs and message.id not in {"Declined"}:
                assert message.string == pairs[str(message.id)]


@pytest.mark.parametrize(
    ("number", "words"),
    [(1, "1 день"), (2, "2 дня"), (5, "5 дней"), (11, "11 дней"), (21, "21 день"), (111, "111 дней")],
)
def test_russian_plurals(number: int, words: str) -> None:
    with translation.override("ru"):
        assert ngettext("%(n)s day", "%(n)s days", number) % {"n": number} == words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Reveal", "Compromised"),
        ("Reveal", "Mark as burned"),
        ("Compromised", "Burned: somebody else reads it"),
        ("Suspected probe", "Verification"),
        ("Close the case", "Lock this case"),
        ("Closed", "Locked"),
        ("Lock", "Lock everyone"),
        ("Lock", "Close"),
        ("Settle", "Close"),
        ("Asylum", "Safe house"),
    ],
)
def test_two_things_do_not_share_a_russian_word(one: str, other: str) -> None:
    stems = [
        {word[:5].lower() for word in re.findall(r"\w{4,}", str(translations.stored()[id_].string))} - {"случа"}
        for id_ in (one, other)
    ]
    assert not stems[0] & stems[1]


def test_words_that_meant_two_things_are_gone() -> None:
    russian = " ".join(str(message.string) for message in translations.stored() if message.id)
    assert re.findall(r"\b(?:раскр|опоры|(?<!по )дело,|касани)\w*", russian, re.IGNORECASE) == []
    assert (translations.stored()["Record"].string, translations.stored()["Name it"].string) == ("Записать", "Назвать")
