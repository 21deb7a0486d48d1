"""The queues in a real browser: with the keys of the optional script, and all of it again without JavaScript."""

from collections.abc import Callable, Iterator
from functools import partial

import pytest
from playwright.sync_api import Browser

from requests_app.demo.organization import demo_words
from tests.journeys.browser import LARGE, Keyboard, chromium, demo_server, keep_picture
from tests.journeys.test_main_job import DESKTOP, PHONE, person

pytestmark = pytest.mark.journey


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("queues") / "demo"
    folder.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SHORTCUTS", "yes")
        with demo_server(folder, limit=LARGE) as url:
            yield url


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


def with_script(browser: Browser, address: str, alias: str) -> Keyboard:
    """Sign in with JavaScript allowed, and turn the keys on in the profile."""
    keyboard = Keyboard(browser.new_context(viewport=DESKTOP).new_page(), address)
    keyboard.page.set_default_timeout(30_000)
    keyboard.go("/sign-in/")
    keyboard.type("#id_alias", alias)
    keyboard.type("#id_words", demo_words(alias))
    with keyboard.page.expect_navigation():
        keyboard.page.keyboard.press("Enter")
    keyboard.go("/profile/")
    keyboard.page.locator("#id_uses_shortcuts").check()
    with keyboard.page.expect_navigation():
        keyboard.page.locator("main form:has(#id_uses_shortcuts) button").click()
    return keyboard


def look(keyboard: Keyboard, name: str) -> None:
    """Keep a picture of what fits on the screen: a whole queue is very long."""
    keep_picture(keyboard.page, name)


def focused(keyboard: Keyboard) -> str:
    """Return the address of the case that has the focus."""
    return str(keyboard.page.evaluate("document.activeElement.getAttribute('href') || ''"))


def test_the_keys_move_choose_open_filter_and_claim(browser: Browser, address: str) -> None:
    boris = with_script(browser, address, "boris")
    faults: list[str] = []
    boris.page.on("pageerror", lambda fault: faults.append(str(fault)))
    boris.go("/cases/")
    links = [link.get_attribute("href") for link in boris.page.locator("[data-rows] th a").all()]
    keys = boris.page.keyboard
    for key, place in (("j", 0), ("j", 1), ("j", 2), ("k", 1)):
        keys.press(key)
        assert focused(boris) == links[place]
    boxes = boris.page.locator("[data-rows] [type=checkbox]")
    keys.press("x")
    assert [boxes.nth(n).is_checked() for n in range(3)] == [False, True, False]
    keys.press("x")
    assert not boxes.nth(1).is_checked()
    keys.press("?")
    assert boris.page.locator('[data-key="?"]').get_attribute("open") is not None
    keys.press("/")
    assert boris.page.evaluate("document.activeElement.name") == "queue"
    keys.press("j")
    assert boris.page.evaluate("document.activeElement.name") == "queue", "typing in a field moves nothing"
    boris.go("/cases/")
    keys.press("j")
    with boris.page.expect_navigation():
        keys.press("Enter")
    assert boris.page.url == address + str(links[0])
    boris.go("/cases/?queue=unassigned")
    assert boris.page.locator("[data-rows] tr").count() or boris.page.locator(".empty").count()
    with boris.page.expect_navigation():
        keys.press("c")
    claimed = boris.page.locator('.identity dt:has-text("Owner") + dd')
    assert claimed.inner_text() == "boris" if "/cases/" in boris.page.url else boris.page.locator(".empty").count()
    boris.go("/today/")
    with boris.page.expect_navigation():
        boris.page.locator('form[action="/claim-next/"] button').click()
    assert boris.page.locator("h1").inner_text() in {"Case", "Claim next"}
    assert faults == []


def test_a_cyrillic_layout_finds_the_same_keys(browser: Browser, address: str) -> None:
    boris = with_script(browser, address, "boris")
    boris.go("/cases/")
    boris.page.evaluate(
        "document.dispatchEvent(Object.defineProperty(new KeyboardEvent('keydown', {key: 'о', code: 'KeyJ', bubbles: true}),"
        " 'target', {value: document.body}))"
    )
    assert "/cases/" in focused(boris)


def test_everything_works_without_the_script(browser: Browser, address: str) -> None:
    boris = person(browser, address, "galina")
    boris.go("/today/")
    boris.go("/cases/")
    assert not boris.page.locator("script").count()
    look(boris, "queue-cases")
    boris.page.locator('summary:has-text("With the chosen cases")').click()
    boxes = boris.page.locator("[data-rows] [type=checkbox]")
    for place in range(3):
        boxes.nth(place).check()
    look(boris, "queue-bar")
    boris.page.locator("#bulk-urgency").select_option("u1_now")
    with boris.page.expect_navigation():
        boris.page.locator('button[value="urgency"]').click()
    boris.shot("queue-preview")
    with boris.page.expect_navigation():
        boris.page.locator('form[action$="/bulk/run/"] button').click()
    boris.shot("queue-batch")
    with boris.page.expect_navigation():
        boris.page.locator('form[action$="/take-back/"] button').click()
    assert boris.page.locator(".pill[data-tone=info]").count() == 3
    boris.go("/cases/?queue=overdue&urgency=u1_now")
    boris.page.locator('summary:has-text("Save this view")').click()
    boris.page.locator("#view-name").select_option("calls")
    with boris.page.expect_navigation():
        boris.page.locator('form[action$="/views/save/"] button').click()
    boris.shot("queue-views")
    boris.go("/today/")
    assert boris.page.locator('.tile:has-text("To call")').count() == 1


def both_schemes(keyboard: Keyboard, picture: Callable[[str], None], name: str) -> None:
    """Keep a picture in light and one in dark."""
    for scheme, ending in (("light", ""), ("dark", "-dark")):
        keyboard.page.emulate_media(color_scheme=scheme)
        picture(f"{name}{ending}")


def top_of(keyboard: Keyboard, place: str) -> float:
    """Return how far down the page something begins."""
    box = keyboard.page.locator(place).first.bounding_box()
    assert box is not None
    return box["y"]


def speak(keyboard: Keyboard, language: str) -> None:
    """Choose the language of the profile."""
    keyboard.go("/profile/")
    keyboard.page.locator("#id_language").select_option(language)
    with keyboard.page.expect_navigation():
        keyboard.page.locator("main form:has(#id_language) button").click()


def test_a_phone_shows_the_page_and_not_the_menu_first(browser: Browser, address: str) -> None:
    eva = person(browser, address, "eva", viewport=PHONE)
    for language in ("ru", "en"):
        speak(eva, language)
        eva.go("/today/")
        with eva.page.expect_navigation():
            eva.page.locator("a.tile[href*=queue]").first.click()
        header = eva.page.locator(".top").bounding_box()
        assert header is not None
        assert header["height"] < 64
        assert top_of(eva, ".exit") < 20
        assert top_of(eva, "h1") < 200
        assert top_of(eva, ".empty, [data-rows] tbody tr") < 640
        assert eva.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_no_queue_is_wider_than_a_phone(browser: Browser, address: str) -> None:
    eva = person(browser, address, "eva", viewport=PHONE)
    for name, path in (
        ("today", "/today/"),
        ("cases", "/cases/"),
        ("requests", "/triage/"),
        ("workload", "/workload/"),
        ("views", "/views/"),
    ):
        eva.go(path)
        for summary in eva.page.locator("main summary").all():
            summary.click()
        assert eva.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path
        if name == "cases":
            eva.go(path)
            eva.page.locator("main summary").first.scroll_into_view_if_needed()
            eva.page.mouse.wheel(0, 500)
            eva.page.wait_for_timeout(200)
            both_schemes(eva, partial(look, eva), "queue-cases-phone")
        if name == "workload":
            eva.shot("queue-workload-phone")
    eva.page.set_viewport_size(DESKTOP)
    eva.go("/today/")
    both_schemes(eva, eva.shot, "queue-today")
