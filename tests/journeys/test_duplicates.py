"""Two requests of one person: found by their sealed tags, decided, merged, taken apart; and a phone that is searched. JavaScript off."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.journeys.browser import SMALL, Keyboard, chromium, demo_server
from tests.journeys.test_main_job import PHONE, person

pytestmark = pytest.mark.journey
FIRST, SECOND = "+7 000 555-01-77", "8 (000) 5550177"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("duplicates") / "demo"
    folder.mkdir()
    with demo_server(folder, limit=SMALL) as url:
        yield url


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


def log(anna: Keyboard, contact: str) -> str:
    anna.go("/requests/new/")
    anna.page.fill("#id_contacts", contact)
    anna.page.fill("#id_story", "He asks what to do.")
    anna.page.check("#id_agreed")
    with anna.page.expect_navigation():
        anna.page.locator("main form .actions button").first.click()
    return str(anna.page.locator(".receipt .code").first.inner_text()).strip()


def promote(boris: Keyboard, reference: str) -> str:
    boris.go("/triage/")
    boris.press(f'main a:has-text("{reference}")')
    boris.choose("#id_decision", "promote")
    boris.press('form[action$="/decide/"] .actions button')
    return boris.page.url


def search(boris: Keyboard, words: str) -> None:
    boris.go("/search/")
    boris.page.locator('main form input[type="text"], main form input[type="search"]').first.fill(words)
    boris.press('form[action$="/search/"] .actions button')


def test_two_spellings_of_one_phone_become_one_case_and_two_again(browser: Browser, address: str) -> None:
    anna = person(browser, address, "anna", viewport=PHONE)
    references = [log(anna, FIRST), log(anna, SECOND)]
    assert all(word not in anna.text.lower() for word in ("duplicate", "known"))
    boris = person(browser, address, "boris")
    cases = [promote(boris, reference) for reference in references]
    boris.go("/duplicates/")
    boris.press('form[action$="/compare/"] button')
    boris.go("/duplicates/")
    boris.shot("duplicates-queue")
    boris.press("main tbody a")
    boris.shot("duplicates-pair")
    boris.page.set_viewport_size(PHONE)
    assert boris.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    boris.shot("duplicates-pair-phone")
    boris.press('[name="decision"][value="same"]', "Space")
    boris.press('section[aria-labelledby="decision"] .actions button')
    assert "/merge/" in boris.page.url
    boris.press("main form .actions button")
    leads_to = {}
    for case in cases:
        boris.page.goto(case)
        leads_to[case] = boris.page.url
    assert len(set(leads_to.values())) == 1, "one case leads to the other; of two of one day either may be the older"
    merged = next(case for case in cases if leads_to[case] != case)
    search(boris, "+7 000 555 01 77")
    assert boris.page.locator("main tbody tr").count() >= 1
    assert "555" not in boris.page.url + boris.page.title()
    boris.shot("search-phone")
    search(boris, "+7 000 555 99 99")
    assert boris.page.locator("main .empty").count() == 1
    boris.go("/duplicates/")
    boris.press('main a[href$="/undo/"]')
    boris.press("main form .actions button")
    boris.page.goto(merged)
    assert boris.page.url == merged


def test_a_volunteer_finds_no_way_to_search(browser: Browser, address: str) -> None:
    anna = person(browser, address, "anna")
    for path in ("/search/", "/duplicates/"):
        anna.go(path)
        assert anna.page.locator("main form").count() == 0
