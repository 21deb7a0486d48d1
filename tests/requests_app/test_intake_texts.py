"""The pure parts of intake: the linter, contact lines, references, and text that is cleaned but never cut."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from requests_app.contacts import kind_of, parse_lines
from requests_app.enums import ContactKind
from requests_app.forms.fields import clean_text
from requests_app.linter import FIELD_RULES, IN_CONTACTS, PATTERNS, LintRule, broken_rules
from requests_app.references import ALPHABET, new_reference, parse_reference

P, U, L, S = LintRule.PASSPORT, LintRule.UNIT, LintRule.LONG_NUMBER, LintRule.SURNAME


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("паспорт 4510 123456", {P, L}),
        ("45 10 №123456", {P}),
        ("загран 75 1234567", {P, L}),
        ("751234567", {P, L}),
        ("служит в/ч 12345", {U}),
        ("служит В/Ч № 12345", {U}),
        ("из в.ч. 54321", {U}),
        ("войсковая часть 12345", {U}),
        ("в войсковой части № 61899", {U}),
        ("military unit 12345", {U}),
        ("v/ch 12345", {U}),
        ("звонить 8 (916) 123-45-67", {L}),
        ("112-233-445 95", {L}),
        ("Иванов И.И. лежит", {S}),
        ("Иванов И. И.", {S}),
        ("Иванов И.", {S}),
        ("И. И. Иванов", {S}),
        ("И.И.Иванов", {S}),
        ("Салтыков-Щедрин М.Е.", {S}),
        ("Ivanov I.I.", {S}),
        ("I. I. Ivanov", {S}),
        ("O'Neil P.", {S}),
    ],
)
def test_what_should_not_be_written_down_is_seen(text: str, rules: set[LintRule]) -> None:
    assert set(broken_rules(text)) == rules


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Лежит после ранения, выписка через несколько дней.",
        "Мобилизован в 2022. Ушёл 3 мес. назад. В части был 2 года.",
        "Отпуск с 1 по 15. Просит писать вечером, после 18.",
        "He left in 2023 and lives with friends. A lawyer answered.",
        "в части 12 человек",
        "Клён",
    ],
)
def test_plain_stories_are_left_alone(text: str) -> None:
    assert broken_rules(text) == []


def test_contacts_may_hold_long_numbers() -> None:
    assert broken_rules("+7 916 123-45-67\n9161234567", FIELD_RULES["contacts"]) == []
    assert broken_rules("@fx_ash, в/ч 12345", FIELD_RULES["contacts"]) == [U]


def test_every_rule_has_a_pattern_and_stands_somewhere() -> None:
    assert set(PATTERNS) == set(LintRule) == set().union(*FIELD_RULES.values())
    assert set(LintRule) > IN_CONTACTS


@pytest.mark.parametrize(
    "piece", ["1", "1 ", "А", "Аа", "А.", "в", "в/ч ", "A-", "(", "\u0301", "войсков ", "military unit "]
)
def test_hostile_text_takes_no_time(piece: str) -> None:
    begun = time.perf_counter()
    broken_rules(piece * (100_000 // len(piece)))
    assert time.perf_counter() - begun < 2


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("+7 916 123-45-67", ContactKind.PHONE),
        ("8(916)1234567", ContactKind.PHONE),
        ("+44 7700 900123", ContactKind.PHONE),
        ("@fx_ash_heron", ContactKind.TELEGRAM),
        ("https://t.me/fx_ash", ContactKind.TELEGRAM),
        ("телеграм: Клён", ContactKind.TELEGRAM),
        ("tg://resolve?domain=fx", ContactKind.TELEGRAM),
        ("fx_ash.42", ContactKind.SIGNAL),
        ("Signal +44 7700 900123", ContactKind.SIGNAL),
        ("WhatsApp +44 7700 900123", ContactKind.WHATSAPP),
        ("wa.me/447700900123", ContactKind.WHATSAPP),
        ("fx_ash@example.org", ContactKind.EMAIL),
        ("Пишите на fx_ash@example.org", ContactKind.EMAIL),
        ("через жену", ContactKind.UNKNOWN),
        ("123", ContactKind.UNKNOWN),
        ("1" * 40, ContactKind.UNKNOWN),
        ("https://vk.example/id1", ContactKind.UNKNOWN),
        ("watch out", ContactKind.UNKNOWN),
    ],
)
def test_the_kind_of_a_contact_is_told_from_its_shape(line: str, kind: ContactKind) -> None:
    assert kind_of(line) == kind


def test_lines_keep_their_order_and_text() -> None:
    lines = parse_lines("  +44 7700 900123 \n\n\r\n@fx_ash\n")
    assert [line.text for line in lines] == ["+44 7700 900123", "@fx_ash"]


def test_a_contact_line_does_not_show_itself() -> None:
    assert "7700" not in repr(parse_lines("+44 7700 900123"))


@given(st.text())
def test_any_text_is_parsed(text: str) -> None:
    assert all(line.text == line.text.strip() and line.text for line in parse_lines(text))


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("a\r\nb\rc", "a\nb\nc"),
        ("a\x00b\x07c\x9fd", "abcd"),
        ("a\tb", "a\tb"),
        ("\ud800x", "\ufffdx"),
        ("👩‍🚀 Клён \u202eabc", "👩‍🚀 Клён \u202eabc"),
        ("{{ 7*7 }} '; DROP TABLE x;--", "{{ 7*7 }} '; DROP TABLE x;--"),
    ],
)
def test_text_loses_only_what_cannot_be_seen(typed: str, kept: str) -> None:
    assert clean_text(typed) == kept


@given(st.text(st.characters(codec=None)))
@settings(max_examples=200)
def test_cleaned_text_can_always_be_stored_and_is_clean(text: str) -> None:
    cleaned = clean_text(text)
    cleaned.encode("utf-8")
    assert clean_text(cleaned) == cleaned


def test_references_are_short_random_and_say_no_look_alikes() -> None:
    drawn = {new_reference() for _ in range(200)}
    assert len(drawn) > 195
    assert all(
        len(reference) == 7 and reference[2] == "-" and set(reference) <= set(ALPHABET) | {"-"} for reference in drawn
    )
    assert not set(ALPHABET) & set("01OIL")


@given(st.integers(0, 30), st.integers(0, 5), st.integers(0, 30))
def test_one_wrong_character_is_found(start: int, place: int, other: int) -> None:
    bare = new_reference(randbelow=lambda _n: start).replace("-", "")
    wrong = bare[:place] + ALPHABET[other] + bare[place + 1 :]
    assert (parse_reference(wrong) is not None) == (wrong == bare)


def test_two_neighbours_swapped_are_found() -> None:
    for _ in range(50):
        bare = new_reference().replace("-", "")
        for n in range(len(bare) - 1):
            swapped = bare[:n] + bare[n + 1] + bare[n] + bare[n + 2 :]
            assert (parse_reference(swapped) is not None) == (swapped == bare)


@pytest.mark.parametrize("spelling", ["{}", " {} ", "#{}", "{}."])
def test_a_reference_is_read_in_any_spelling(spelling: str) -> None:
    reference = new_reference()
    assert parse_reference(spelling.format(reference).lower()) == reference


@pytest.mark.parametrize("text", ["", "K7", "K7-4MQTX", "\x00", "ЁЁ-ЁЁЁЁ", "2" * 100])
def test_what_is_no_reference_is_none(text: str) -> None:
    assert parse_reference(text) is None
