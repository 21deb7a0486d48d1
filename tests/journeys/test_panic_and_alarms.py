"""Everyone is locked out and let in again, and a honeytoken rings: in a real browser, by keyboard, with JavaScript off."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from requests_app.demo.organization import demo_words
from tests.journeys.browser import SMALL, Keyboard, chromium, demo_server
from tests.journeys.test_main_job import PHONE, log_a_request, person
from tests.journeys.test_people_and_keys import enrol, is_out, main_text, sign_in, stranger, submit

pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("panic") / "demo"
    folder.mkdir()
    with demo_server(folder, limit=SMALL) as url:
        yield url


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


def plant(sofia: Keyboard) -> str:
    """Plant a honeytoken and return its reference."""
    sofia.go("/security/")
    sofia.open_form("/security/honeytokens/")
    sofia.press('form[action$="/security/honeytokens/"] .actions button')
    return str(sofia.page.locator('tr:has(form[action$="/remove/"]) .code').first.inner_text())


def look_at_it(browser: Browser, sofia: Keyboard) -> None:
    """Keep pictures of the officer's page: desktop, phone, dark."""
    sofia.go("/security/")
    sofia.shot("security-page")
    sofia.page.set_viewport_size(PHONE)
    assert sofia.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    sofia.shot("security-phone")
    sofia.page.emulate_media(color_scheme="dark")
    sofia.shot("security-dark")


def test_a_touched_honeytoken_is_seen_by_the_officer(browser: Browser, address: str) -> None:
    sofia, boris = person(browser, address, "sofia"), person(browser, address, "boris")
    reference = plant(sofia)
    boris.go("/cases/?owner=none")
    row = boris.page.locator(f'a:has-text("{reference}")').first
    assert row.count(), "the honeytoken is in the queue"
    boris.page.goto(address + str(row.get_attribute("href")))
    assert "honeytoken" not in boris.text.lower()
    boris.press('form[action*="/reveal/"] button')
    assert "fx_" in boris.text
    assert "Open alarm" not in boris.text
    sofia.go("/people/")
    assert "A honeytoken was touched" in sofia.text
    look_at_it(browser, sofia)
    while sofia.page.locator('form[action*="/security/alarms/"] button').count():
        sofia.press('form[action*="/security/alarms/"] button')
        sofia.go("/security/")
    sofia.go("/people/")
    assert "Open alarm" not in sofia.text


def test_everyone_is_locked_out_and_two_officers_let_them_in(browser: Browser, address: str) -> None:
    sofia, boris = person(browser, address, "sofia"), person(browser, address, "boris")
    stella, stellas_words = enrol(browser, address, sofia, "stella", "security_officer")
    anna = person(browser, address, "anna", viewport=PHONE)

    boris.go("/cases/")
    boris.press('.foot a[href="/panic/"]')
    boris.shot("security-lock-everyone")
    boris.press("main form button")
    assert "Everyone is locked out" in main_text(boris)
    boris.shot("security-locked-out")
    assert is_out(boris)
    assert is_out(sofia)
    assert log_a_request(anna)
    sign_in(boris, "boris", demo_words("boris"))
    assert "This did not open" in main_text(boris)

    for officer, alias, words in ((sofia, "sofia", demo_words("sofia")), (stella, "stella", stellas_words)):
        sign_in(officer, alias, words)
        officer.go("/panic/lift/")
        if alias == "stella":
            officer.shot("security-lift")
        officer.type("#id_words", words)
        submit(officer)
    assert "Nobody is locked out" in main_text(stella)
    again = stranger(browser, address)
    sign_in(again, "boris", demo_words("boris"))
    assert not is_out(again)
