"""One spelling for every way to write a contact. What is pinned here may change only together with ``NORMALIZER_VERSION``."""

import hashlib
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from requests_app.duplicate_codes import TagKind
from requests_app.normalize import (
    NORMALIZER_VERSION,
    Form,
    ambiguous_lines,
    contact_forms,
    fold,
    forms_of,
    forms_of_query,
    name_key,
    normalize_phone,
)

ONE_PHONE = (
    "+7 000 123-45-67",
    "8 (000) 123-45-67",
    "8-000-123-45-67",
    "70001234567",
    "007 000 123 45 67",
    "+7(000)1234567",
    "tel:+7 000 123 45 67",
    "＋７ ０００ １２３ ４５ ６７",
    "+7\u00a0000\u2011123\u201145\u201167",
    "\u200e+7\u200b000 1234567",
    "WhatsApp: +7 000 123 45 67",
    "https://wa.me/70001234567",
    "https://api.whatsapp.com/send?phone=70001234567",
    "https://t.me/+70001234567",
    "٧٠٠٠١٢٣٤٥٦٧",
    "+7.000.123.45.67 (сестра)",
    "Signal 8 000 123 45 67",
    "https://signal.me/#p/+70001234567",
    "тг 80001234567",
    "+7 000 123 45 67, звонить вечером",
)
OTHER_PHONES = {
    "+44 7700 900123": "+447700900123",
    "0044 7700 900123": "+447700900123",
    "+84 9 1234 5678": "+84912345678",
    "0612345678": "0612345678",
    "900 123 45 67": "+79001234567",
    "771 234 56 78": "+77712345678",
    "8 000 123": "8000123",
}
ONE_HANDLE = (
    "@fx_grove_heron",
    "@FX_Grove_Heron",
    "t.me/fx_grove_heron",
    "https://t.me/fx_grove_heron",
    "https://telegram.me/fx_grove_heron/12?x=1",
    "http://www.t.me/s/fx_grove_heron",
    "tg://resolve?domain=fx_grove_heron",
    "fx_grove_heron.t.me",
    "telegram: fx_grove_heron",
    "тг @fx_grove_heron",
    "fx_grove_heron",
)
OTHER_LINES = {
    "tg://user?id=1234567": [(TagKind.TELEGRAM, "id 1234567")],
    "telegram id 1234567": [(TagKind.TELEGRAM, "id 1234567")],
    "tg 123456789": [(TagKind.TELEGRAM, "id 123456789")],
    "fx_Mail@Example.ORG": [(TagKind.EMAIL, "fx_mail@example.org")],
    "mailto:fx_mail@example.org": [(TagKind.EMAIL, "fx_mail@example.org")],
    "<fx_mail@example.org>,": [(TagKind.EMAIL, "fx_mail@example.org")],
    "fx_Name.01": [(TagKind.SIGNAL, "fx_name.01")],
    "Signal: fx_name.01": [(TagKind.SIGNAL, "fx_name.01")],
    "https://t.me/joinchat/AbCdEf": [],
    "https://t.me/+AbCdEfGh": [],
    "https://t.me/c/1234567890/12": [],
    "ask his mother": [],
    "Ivan": [],
}
ONE_NAME = (
    ("Дмитрий", "Dmitry", "Dmitriy", "Dmitrii", "Dmitrij", "Dmitri"),
    ("Фёдор", "Федор", "Fedor", "Fyodor", "Fiodor"),
    ("Сергей", "Sergey", "Sergei", "Sergej"),
    ("Юлия", "Yulia", "Julia", "Iuliia", "Yuliya"),
    ("Щербаков", "Shcherbakov", "Scherbakov", "Sherbakov", "Ščerbakov"),
    ("Евгений", "Yevgeny", "Evgenii", "Evgeniy", "Jevgenij"),
    ("Алексей", "Alexey", "Aleksei", "Alexei", "Aleksej"),
    ("Соловьёв", "Solovyov", "Soloviev", "Solovyev", "Solovev"),
    ("Наталья", "Наталия", "Natalia", "Natalya", "Nataliya"),
    ("Жанна", "Zhanna", "Žanna"),
    ("Хасан", "Khasan", "Hasan"),
    ("Чайковский", "Tchaikovsky", "Chaikovskii", "Čajkovskij"),
    ("Пётр Смирнов", "Smirnov, Petr", "Pyotr Smirnoff", "СМИРНОВ ПЁТР"),
    ("Ольга", "Olga", "Ol'ga"),
    ("Ерғали", "Ergali", "Yergali"),
)
TEXTS = st.text(max_size=80)
CROOKED = st.text(alphabet="+0789 @._/:tme:gidfxabc?=()T-\n", max_size=40)
LETTERS = st.text(alphabet="shcktzxqiyjeofabwп щьёяюйkйgпff'’", max_size=24)


def pairs(text: str) -> list[tuple[TagKind, str]]:
    return [(form.kind, form.text) for form in contact_forms(text)]


def test_known_answers_of_this_version() -> None:
    """A change here without a new version leaves tags that match nothing."""
    tables = (*ONE_PHONE, *OTHER_PHONES, *ONE_HANDLE, *OTHER_LINES)
    names = [name_key(name) for spellings in ONE_NAME for name in spellings]
    said = "\n".join([*(f"{kind}|{text}" for line in tables for kind, text in pairs(line)), *names])
    assert (NORMALIZER_VERSION, hashlib.sha256(said.encode()).hexdigest()[:16]) == (1, "2c487b66bf3b3f72")


def test_twelve_spellings_and_more_are_one_phone() -> None:
    assert len(ONE_PHONE) >= 12
    assert {tuple(pairs(written)) for written in ONE_PHONE} == {((TagKind.PHONE, "+70001234567"),)}


@pytest.mark.parametrize("written", OTHER_PHONES)
def test_other_phones(written: str) -> None:
    assert pairs(written) == [(TagKind.PHONE, OTHER_PHONES[written])]


@pytest.mark.parametrize("written", ["", "+", "12 34 56", "+1234567890123456", "1" * 40])
def test_what_is_no_phone(written: str) -> None:
    assert normalize_phone(written) is None


def test_two_phones_on_one_line_are_two() -> None:
    both = [(TagKind.PHONE, "+70001234567"), (TagKind.PHONE, "+70007654321")]
    for line in ("8 000 123 45 67 / 8 000 765 43 21", "+7 000 1234567 +7 000 7654321", "80001234567 80007654321"):
        assert pairs(line) == both


def test_ten_digits_with_a_seven_are_ambiguous() -> None:
    assert ambiguous_lines("+44 7700 900123\n771 234 56 78\nt.me/fx_grove_heron") == [2]
    assert ambiguous_lines("900 123 45 67") == []


def test_telegram_handles_are_one() -> None:
    assert {tuple(pairs(written)) for written in ONE_HANDLE} == {((TagKind.TELEGRAM, "fx_grove_heron"),)}


@pytest.mark.parametrize("line", OTHER_LINES)
def test_other_lines(line: str) -> None:
    assert pairs(line) == OTHER_LINES[line]


@pytest.mark.parametrize("spellings", ONE_NAME, ids=lambda spellings: spellings[1])
def test_names_are_one_in_both_scripts(spellings: tuple[str, ...]) -> None:
    assert len({name_key(name) for name in spellings}) == 1
    assert name_key(spellings[0])


def test_different_names_stay_different() -> None:
    names = ["Дмитрий", "Денис", "Саша", "Даша", "Маша", "Миша", "Женя", "Юра", "Яна", "Инна", "Анна", "გიორგი", "Արամ"]
    assert len({name_key(name) for name in names}) == len(names)
    assert name_key(" – ") == ""


def test_only_a_contact_or_a_name_of_several_words_stands_alone() -> None:
    alone = {form.text: form.stands_alone for form in [*forms_of("+7 000 1234567", "Тихий"), *forms_of("", "Ann Lee")]}
    assert alone == {"+70001234567": True, "tihi": False, "an le": True}


def test_a_query_is_read_as_every_thing_it_may_be() -> None:
    assert Form(TagKind.TELEGRAM, "heron") in forms_of_query(" Heron ")
    assert Form(TagKind.NAME, "heron") in forms_of_query("Heron")
    assert forms_of_query("8 000 123-45-67") == [Form(TagKind.PHONE, "+70001234567")]


def test_forms_show_their_kind_only() -> None:
    assert repr(Form(TagKind.PHONE, "+70001234567")) == "<Form phone>"
    assert repr(normalize_phone("+70001234567")) == "<Phone>"


def test_the_page_for_coordinators_shows_these_examples() -> None:
    page = (Path(__file__).parents[2] / "docs" / "how-to" / "duplicates.md").read_text(encoding="utf-8")
    for shown in re.findall(r"^\| `([^`]+)` \| `([^`]+)` \|$", page, re.MULTILINE):
        found = [form.text for form in forms_of_query(shown[0])]
        assert shown[1] in found, shown


@settings(max_examples=200, deadline=None)
@given(TEXTS | CROOKED, TEXTS | LETTERS)
def test_nothing_that_is_typed_breaks_it(contacts: str, name: str) -> None:
    forms_of(contacts, name)
    forms_of_query(contacts)
    ambiguous_lines(contacts)
    assert fold(fold(contacts)) == fold(contacts)


@settings(max_examples=200, deadline=None)
@given(CROOKED)
def test_what_comes_out_comes_out_again(pasted: str) -> None:
    for form in contact_forms(pasted):
        is_id, is_handle = form.text.startswith("id "), form.kind is TagKind.TELEGRAM
        again = f"tg://user?id={form.text[3:]}" if is_id else f"@{form.text}" if is_handle else form.text
        assert form in contact_forms(again)


@settings(max_examples=200, deadline=None)
@given(TEXTS | LETTERS)
def test_a_key_is_its_own_key(name: str) -> None:
    assert name_key(name_key(name)) == name_key(name)
