"""The main job in a real browser: from the volunteer's sign-in to the published month, by keyboard, with JavaScript off."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from requests_app.demo.organization import demo_words
from tests.journeys.browser import LARGE, Keyboard, chromium, demo_server

pytestmark = pytest.mark.journey
CONTACT, NAME = "@fx_journey_walker_0007", "Дорога"
STORY = "He was wounded and will be discharged from hospital in three days. He does not want to go back."
PHONE = {"width": 320, "height": 640}
DESKTOP = {"width": 1200, "height": 800}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("journey") / "demo"
    folder.mkdir()
    with demo_server(folder, limit=LARGE) as url:
        yield url


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


def person(
    browser: Browser,
    address: str,
    alias: str,
    *,
    viewport: dict[str, int] = DESKTOP,
    dark: bool = False,
    walks: bool = False,
) -> Keyboard:
    context = browser.new_context(
        java_script_enabled=False, viewport=viewport, color_scheme="dark" if dark else "light", accept_downloads=True
    )
    keyboard = Keyboard(context.new_page(), address, walks=walks)
    keyboard.page.set_default_timeout(30_000)
    keyboard.go("/sign-in/")
    keyboard.type("#id_alias", alias)
    keyboard.type("#id_words", demo_words(alias))
    with keyboard.page.expect_navigation():
        keyboard.page.keyboard.press("Enter")
    assert "/sign-in/" not in keyboard.page.url, keyboard.page.locator("main").inner_text()
    return keyboard


def log_a_request(anna: Keyboard) -> str:
    anna.type("#id_contacts", CONTACT)
    anna.type("#id_name", NAME)
    anna.choose("#id_requester", "relative")
    anna.choose("#id_category", "mobilized")
    anna.choose("#id_situation", "hospital")
    anna.choose("#id_urgency", "u2_72h")
    anna.choose("#id_country", "RU")
    anna.choose("#id_channel", "signal")
    anna.type("#id_story", STORY)
    anna.press("#id_agreed", "Space")
    anna.shot("intake-form")
    anna.press("main form .actions button")
    assert not any(secret in anna.text for secret in (CONTACT, NAME, STORY))
    anna.shot("receipt")
    return str(anna.page.locator(".receipt .code").first.inner_text()).strip()


def step(keyboard: Keyboard, there: str) -> None:
    keyboard.open_form("/move/")
    keyboard.choose("#move-there", there)
    keyboard.press('form[action$="/move/"] .actions button')
    assert not keyboard.page.locator(".errors").count(), keyboard.page.locator(".errors").inner_text()


def check(keyboard: Keyboard, code: str) -> None:
    keyboard.open_form("/check/")
    keyboard.choose("#check-code", code)
    keyboard.choose("#check-outcome", "yes")
    keyboard.press('form[action$="/check/"] .actions button')
    assert not keyboard.page.locator(".errors").count()


def test_from_the_first_call_to_the_published_month(browser: Browser, address: str) -> None:
    anna = person(browser, address, "anna", viewport=PHONE, walks=True)
    reference = log_a_request(anna)

    boris = person(browser, address, "boris", walks=True)
    boris.shot("today")
    boris.go("/triage/")
    boris.shot("triage")
    boris.press(f'main a:has-text("{reference}")')
    boris.reach('form[action*="/reveal/"] select')
    boris.press('form[action*="/reveal/"] button')
    assert all(secret in boris.text for secret in (CONTACT, NAME, STORY))
    boris.choose("#id_decision", "promote")
    boris.press('form[action$="/decide/"] .actions button')
    case = boris.page.url.removeprefix(address)
    assert "/cases/" in case

    for there in ("verification", "legal_consult"):
        step(boris, there)
    check(boris, "coherent_story")
    check(boris, "independent_detail")
    galina = person(browser, address, "galina", dark=True, walks=True)
    galina.go(case)
    check(galina, "vouched")
    eva = person(browser, address, "eva", walks=True)
    eva.go(case)
    eva.open_form("/approve/")
    eva.press('form[action$="/approve/"] .actions button')
    boris.go(case)
    for there in ("planning", "hospital_exit"):
        step(boris, there)
    boris.shot("case")
    galina.go(case)
    galina.shot("case-dark")
    for there in ("border_crossing", "transit_arrival", "asylum_filing"):
        step(boris, there)
    assert CONTACT not in boris.text
    boris.page.set_viewport_size(PHONE)
    boris.shot("case-phone")
    boris.go("/cases/")
    boris.shot("queue-phone")

    dmitri = person(browser, address, "dmitri", walks=True)
    dmitri.go("/counts/")
    dmitri.shot("counts")
    dmitri.press('form[action$="/releases/propose/"] button[value="2024-12"]')
    release = dmitri.page.url.removeprefix(address)
    eva.go(release)
    eva.press('form[action$="/approve/"] button')
    dmitri.page.wait_for_timeout(1000)
    for _ in range(60):
        dmitri.go(release)
        if dmitri.page.locator('form[action$="/publish/"]').count():
            break
        dmitri.page.wait_for_timeout(500)
    dmitri.press('form[action$="/publish/"] button')
    dmitri.shot("release")
    numbers = [int(cell) for cell in dmitri.page.locator("td.num").all_inner_texts()]
    assert numbers
    assert all(number % 5 == 0 for number in numbers)
    desk = dmitri.page.viewport_size or DESKTOP
    dmitri.page.set_viewport_size(PHONE)
    assert dmitri.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    dmitri.page.set_viewport_size(desk)
    with dmitri.page.expect_download() as download:
        dmitri.reach('form[action$="/csv/"] button')
        dmitri.page.keyboard.press("Enter")
    saved = Path(download.value.path()).read_bytes()
    assert saved.startswith(b"\xef\xbb\xbfperiod,table")

    olga = person(browser, address, "olga", walks=True)
    olga.go("/audit/")
    assert olga.page.locator('.notice[data-tone="good"]').count(), olga.text[:400]
    olga.shot("audit")


def test_what_was_typed_survives_a_lost_session(browser: Browser, address: str) -> None:
    anna = person(browser, address, "anna")
    anna.type("#id_contacts", "@fx_survivor_0001")
    anna.type("#id_story", "Typed for a long time.")
    anna.press("#id_agreed", "Space")
    context = anna.page.context
    kept = [cookie for cookie in context.cookies() if not cookie["name"].endswith("-key")]
    context.clear_cookies()
    context.add_cookies(kept)
    anna.press("main form .actions button")
    assert anna.page.locator("#id_words").count()
    anna.type("#id_alias", "anna")
    anna.type("#id_words", demo_words("anna"))
    anna.page.keyboard.press("Enter")
    anna.page.wait_for_selector(".receipt")
    assert "@fx_survivor_0001" not in anna.text


def test_the_quick_exit_is_the_first_stop_of_the_tab_key(browser: Browser, address: str) -> None:
    boris = person(browser, address, "boris")
    boris.go("/today/")
    boris.page.keyboard.press("Tab")
    assert boris.page.locator(".exit button").evaluate("element => element === document.activeElement")
    boris.page.keyboard.press("Enter")
    boris.page.wait_for_url("**/weather/")
    boris.go("/today/")
    assert "/sign-in/" in boris.page.url
