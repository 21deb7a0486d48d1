"""People, keys and erasure in a real browser, by keyboard, with JavaScript off: what happens at three in the morning."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from playwright.sync_api import Browser

from tests.journeys.browser import ROOT, SMALL, Keyboard, chromium, demo_server, keep_picture
from tests.journeys.test_main_job import DESKTOP, PHONE, log_a_request, person
from tests.mailing import MailServer, mail_server

pytestmark = pytest.mark.journey
WORD = "ol.code li code"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("people") / "demo"
    made.mkdir()
    return made


@pytest.fixture(scope="module")
def mail() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture(scope="module")
def address(folder: Path, mail: MailServer) -> Iterator[str]:
    sent = {"NOTICES": "both", "NOTICE_FROM": "quiet@example.net", "EMAIL_SECURITY": "none"}
    where = {"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(mail.port)}
    with demo_server(folder, limit=SMALL, **sent, **where) as url:
        yield url


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


def stranger(browser: Browser, address: str, *, viewport: dict[str, int] = DESKTOP, dark: bool = False) -> Keyboard:
    """Return somebody who is not signed in."""
    context = browser.new_context(
        java_script_enabled=False, viewport=viewport, color_scheme="dark" if dark else "light"
    )
    context.set_default_timeout(30_000)
    return Keyboard(context.new_page(), address)


def words_on(page: Keyboard) -> str:
    """Read the words that a page shows."""
    return " ".join(page.page.locator(WORD).all_inner_texts())


def main_text(page: Keyboard) -> str:
    return page.page.locator("main").inner_text()


def submit(page: Keyboard) -> None:
    with page.page.expect_navigation():
        page.page.keyboard.press("Enter")


def sign_in(page: Keyboard, alias: str, words: str) -> None:
    page.go("/sign-in/")
    page.type("#id_alias", alias)
    page.type("#id_words", words)
    submit(page)


def invite(sofia: Keyboard, alias: str, role: str) -> str:
    """Invite somebody as the security officer and return the code that is read to them."""
    sofia.go("/people/new/")
    sofia.type("#id_alias", alias)
    sofia.choose("#id_role", role)
    if role == "volunteer":
        sofia.reach("#id_intake_circle")
        sofia.page.keyboard.press("ArrowDown")
    sofia.press("main form .actions button")
    return words_on(sofia)


def accept(newcomer: Keyboard, alias: str, code: str) -> str:
    """Accept an invitation, mistype the words once, type them back; return them."""
    newcomer.go("/welcome/")
    newcomer.type("#id_alias", alias)
    newcomer.type("#id_code", code)
    submit(newcomer)
    words = words_on(newcomer)
    assert len(words.split()) == 6
    newcomer.type("#id_words", " ".join(reversed(words.split())))
    submit(newcomer)
    assert "Compare them one by one" in main_text(newcomer)
    assert words_on(newcomer) == words
    newcomer.page.locator("#id_words").fill("")
    newcomer.type("#id_words", words)
    submit(newcomer)
    return words


def enrol(browser: Browser, address: str, sofia: Keyboard, alias: str, role: str) -> tuple[Keyboard, str]:
    """Bring somebody from the invitation to the first page; return them and their words."""
    newcomer = stranger(browser, address)
    words = accept(newcomer, alias, invite(sofia, alias, role))
    sign_in(newcomer, alias, words)
    return newcomer, words


def fingerprint_of(someone: Keyboard) -> str:
    someone.go("/profile/")
    return someone.page.locator("#key ~ .code").inner_text().strip()


def let_in(member: Keyboard, alias: str, compared: str) -> None:
    """Compare the fingerprint on the circles page with what was read aloud, and let the person in."""
    member.go("/circles/")
    card = f'form[action$="/admit/"]:has(strong:text-is("{alias}"))'
    assert member.page.locator(f"{card} code").inner_text() == compared
    member.press(f"{card} button")
    assert "Call the person and compare the fingerprint first" in main_text(member)
    member.press(f'{card} [type="checkbox"]', "Space")
    member.press(f"{card} button")


def is_out(someone: Keyboard) -> bool:
    someone.go("/profile/")
    return "/sign-in/" in someone.page.url


def open_person(sofia: Keyboard, alias: str) -> None:
    sofia.go("/people/")
    sofia.press(f'main a:text-is("{alias}")')


def totp(secret: str) -> str:
    return str(format_hotp_value(hotp_value(secret.replace(" ", ""), next(iter(yield_hotp_counters_from_time())))))


def test_from_the_invitation_into_a_circle_and_out_again(browser: Browser, address: str) -> None:
    sofia, boris = person(browser, address, "sofia"), person(browser, address, "boris")
    code = invite(sofia, "vera", "coordinator")
    sofia.shot("people-invitation")
    vera = stranger(browser, address, viewport=PHONE)
    vera.go("/welcome/")
    words = accept(vera, "vera", code)
    sign_in(vera, "vera", words)
    vera.go("/circles/")
    assert "You are in no circle yet" in main_text(vera)

    vera.go("/profile/second-factor/")
    vera.type("#id_code", totp(vera.page.locator("main ol code").inner_text()))
    submit(vera)
    assert vera.page.locator("ul.code li").count() >= 8
    let_in(boris, "vera", fingerprint_of(vera))
    boris.shot("circles")
    vera.go("/circles/")
    assert "Intake" in main_text(vera)
    vera.go("/cases/")
    assert vera.page.locator("main table tbody tr").count()

    sofia.go("/circles/")
    sofia.press('li:has(strong:text-is("vera")) a')
    sofia.shot("circles-take-out")
    sofia.press("main form button")
    assert "ask a member to sign in" in main_text(sofia)
    sofia.shot("circles-rotation")
    assert is_out(vera)
    galina = person(browser, address, "galina")
    rotation = sofia.page.url.split("?")[0].removeprefix(address)
    sofia.go(rotation)
    assert "The old one is destroyed" in main_text(sofia)
    galina.go("/circles/")
    assert "vera" not in galina.page.locator("ul.grid").inner_text()


def test_a_member_takes_out_and_watches_the_rotation(browser: Browser, address: str) -> None:
    sofia, boris = person(browser, address, "sofia"), person(browser, address, "boris", dark=True)
    yana, _words = enrol(browser, address, sofia, "yana", "coordinator")
    let_in(boris, "yana", fingerprint_of(yana))
    boris.go("/circles/")
    boris.press('li:has(strong:text-is("yana")) a')
    boris.press("main form button")
    assert "/rotation/" in boris.page.url
    assert "The old one is destroyed" in main_text(boris)
    assert is_out(yana)
    boris.go("/circles/")
    boris.press('form[action$="/renew/"] button')
    assert "The old one is destroyed" in main_text(boris)


def test_reminders_are_chosen_proven_and_dropped_on_a_phone(browser: Browser, address: str, mail: MailServer) -> None:
    boris = person(browser, address, "boris", viewport=PHONE)
    boris.go("/profile/")
    boris.press('main a[href$="/notices/"]')
    boris.type("#id_address", "fx_look_in@example.org")
    boris.press('main section[aria-labelledby="choose"] .actions button')
    found = re.search(r"(\d{4}) (\d{4})", mail.wait_for_text())
    assert found
    assert "Not confirmed yet" in main_text(boris)
    boris.shot("notices-phone")
    boris.type("#id_code", "".join(found.groups()))
    submit(boris)
    assert "Confirmed" in main_text(boris)
    assert "fx_look_in" not in boris.text
    boris.press('form[action$="/drop/"] button')
    assert "Chosen now" not in main_text(boris)


def test_own_sessions_and_new_words(browser: Browser, address: str) -> None:
    sofia = person(browser, address, "sofia")
    here, words = enrol(browser, address, sofia, "mira", "lead")
    elsewhere = stranger(browser, address)
    sign_in(elsewhere, "mira", words)
    before = fingerprint_of(here)
    assert len(re.findall(r"ends \d\d:\d\d if nothing is done, \d\d:\d\d at the latest", main_text(here))) == 2
    here.shot("people-profile")
    here.press('form[action$="/sessions/"]:has([name="session"]) button')
    assert is_out(elsewhere)
    assert not is_out(here)

    for exposed in (False, True):
        sign_in(elsewhere, "mira", words)
        here.go("/profile/words/")
        here.type("#id_words", words)
        if exposed:
            here.press("#id_exposed", "Space")
        here.press("main form .actions button")
        fresh = words_on(here)
        if exposed:
            here.shot("people-new-words")
        here.type("#id_words", fresh)
        submit(here)
        assert is_out(elsewhere)
        assert (fingerprint_of(here) != before) is exposed
        sign_in(elsewhere, "mira", words)
        assert "/sign-in/" in elsewhere.page.url
        words = fresh
    sign_in(elsewhere, "mira", words)
    assert not is_out(elsewhere)


def test_forgotten_words_and_back_into_the_circle(browser: Browser, address: str) -> None:
    sofia, boris = person(browser, address, "sofia"), person(browser, address, "boris")
    nina, words = enrol(browser, address, sofia, "nina", "coordinator")
    first = fingerprint_of(nina)
    let_in(boris, "nina", first)
    open_person(sofia, "nina")
    sofia.shot("people-person")
    sofia.type("#id_words_typed", "nina")
    sofia.press('form[action$="/words/"] button')
    code = words_on(sofia)
    assert is_out(nina)
    sign_in(nina, "nina", words)
    assert "/sign-in/" in nina.page.url
    fresh = accept(nina, "nina", code)
    sign_in(nina, "nina", fresh)
    nina.go("/circles/")
    assert "You are in no circle yet" in main_text(nina)
    second = fingerprint_of(nina)
    assert second != first
    let_in(boris, "nina", second)
    nina.go("/circles/")
    assert "Intake" in main_text(nina)


def test_suspension_ends_a_session_at_once_and_a_role_changes(browser: Browser, address: str) -> None:
    sofia = person(browser, address, "sofia")
    oleg, words = enrol(browser, address, sofia, "oleg", "volunteer")
    oleg.type("#id_contacts", "@fx_suspended_0001")
    open_person(sofia, "oleg")
    sofia.press('form[action$="/suspend/"] button')
    oleg.press("main form .actions button")
    assert oleg.page.locator("#id_alias").count()
    sign_in(oleg, "oleg", words)
    assert "/sign-in/" in oleg.page.url
    sofia.press('form[action$="/restore/"] button')
    sign_in(oleg, "oleg", words)
    places = oleg.page.locator(".nav").inner_text()
    open_person(sofia, "oleg")
    sofia.choose("#id_role", "lead")
    sofia.press('form[action$="/role/"] .actions button')
    assert is_out(oleg)
    sign_in(oleg, "oleg", words)
    assert oleg.page.locator(".nav").inner_text() != places


def claim(visitor: Keyboard, words: str) -> None:
    visitor.go("/claim/")
    visitor.type("#id_words", words)
    submit(visitor)


def test_the_requester_asks_thinks_again_and_a_lead_erases(browser: Browser, address: str) -> None:
    anna = person(browser, address, "anna")
    reference = log_a_request(anna)
    words = anna.page.locator(".receipt .code").nth(1).inner_text()
    visitor = stranger(browser, address, viewport=PHONE)
    claim(visitor, words)
    visitor.press('form[action$="/held/"] button')
    assert re.search(r"Contact lines\s+1", main_text(visitor))
    visitor.shot("claim-held")
    visitor.press('form[action$="/erase/"] button')
    assert "Everything about you is erased after" in main_text(visitor)
    visitor.shot("claim-pause")

    boris = person(browser, address, "boris")
    boris.go("/triage/")
    assert "asked to be erased" in main_text(boris)
    visitor.press('form[action$="/leave/"] button')
    visitor.go("/claim/choices/")
    assert visitor.page.url.endswith("/claim/")
    claim(visitor, words)
    visitor.press('form[action$="/keep/"] button')
    assert "Taken back" in main_text(visitor)

    boris.go("/triage/")
    boris.press(f'main a:has-text("{reference}")')
    boris.choose("#id_decision", "promote")
    boris.press('form[action$="/decide/"] .actions button')
    case = boris.page.url.removeprefix(address)
    eva = person(browser, address, "eva")
    eva.go(case)
    eva.open_form("/erase/")
    eva.type('form[action$="/erase/"] [name="reference"]', eva.page.locator(".identity dd").first.inner_text())
    form = eva.page.locator('details:has(form[action$="/erase/"])')
    keep_picture(form, "erasure-by-a-lead")
    eva.press('form[action$="/erase/"] .actions button')
    assert "This person was erased" in main_text(eva)
    claim(visitor, words)
    assert "Nothing is kept about you" in main_text(visitor)
    visitor.shot("claim-erased")


def test_an_archived_case_says_who_can_still_open_it(browser: Browser, address: str, folder: Path) -> None:
    script = (
        "from caseworker import clock; from caseworker.models.accounts import Caseworker;"
        "from requests_app.tasks import archive_due; from requests_app.models.cases import Case; archive_due();"
        "seen = Case.objects.visible_to(Caseworker.objects.get(alias='boris'), now=clock.now());"
        "print(seen.filter(archived_on__isnull=False, merged_into__isnull=True).first().id)"
    )
    environment = os.environ | {
        "VAR_DIR": str(folder), "RUNTIME_DIR": str(folder / "run"), "CASEWORK_DEMO": "yes",
        "DJANGO_SETTINGS_MODULE": "config.settings.development",
    }  # fmt: skip
    command = [sys.executable, "manage.py", "shell", "-c", script]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    boris = person(browser, address, "boris")
    boris.go(f"/cases/{done.stdout.split()[-1]}/")
    assert "only with the recovery sheet" in main_text(boris)
    assert not boris.page.locator('form[action*="/reveal/"]').count()
