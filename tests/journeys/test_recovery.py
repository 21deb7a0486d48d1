"""The recovery in a real browser: the only member forgets their words, two people run the ceremony, the member reads again."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from requests_app.demo.organization import demo_sheet, demo_words
from tests.journeys.browser import SMALL, Keyboard, chromium, demo_server
from tests.journeys.test_main_job import PHONE, STORY, log_a_request, person
from tests.offline import Laptop, typed_sheet

pytestmark = pytest.mark.journey
SHEET = typed_sheet(demo_sheet())


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("recovery") / "demo"
    folder.mkdir()
    with demo_server(folder, limit=SMALL) as url:
        yield url


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


def words_on(keyboard: Keyboard) -> str:
    return " ".join(keyboard.page.locator("ol.code code").all_inner_texts())


def come_back(browser: Browser, address: str, code: str) -> Keyboard:
    """Accept the invitation, keep the new words, and sign in with them."""
    boris = Keyboard(browser.new_context(java_script_enabled=False).new_page(), address)
    boris.go("/welcome/")
    boris.type("#id_alias", "boris")
    boris.type("#id_code", code)
    boris.press("main form button")
    words = words_on(boris)
    boris.type("#id_words", words)
    boris.press("main form button")
    boris.type("#id_alias", "boris")
    boris.type("#id_words", words)
    with boris.page.expect_navigation():
        boris.page.keyboard.press("Enter")
    return boris


def saved(keyboard: Keyboard, form: str) -> bytes:
    with keyboard.page.expect_download() as download:
        keyboard.reach(f'form[action$="{form}"] button')
        keyboard.page.keyboard.press("Enter")
    return Path(download.value.path()).read_bytes()


def test_from_forgotten_words_to_reading_again(browser: Browser, address: str, tmp_path: Path) -> None:
    reference = log_a_request(person(browser, address, "anna", viewport=PHONE))
    sofia, laptop = person(browser, address, "sofia"), Laptop(tmp_path)
    sofia.shot("recovery-reminder")
    sofia.go("/circles/")
    sofia.press('li:has-text("galina") a')
    sofia.press("main form button")
    sofia.go("/people/")
    sofia.press('main a:has-text("boris")')
    sofia.type("#id_words_typed", "boris")
    sofia.press('form[action$="/words/"] button')
    boris = come_back(browser, address, words_on(sofia))
    boris.go("/triage/")
    assert reference not in boris.text

    sofia.go("/recovery/person/")
    sofia.page.select_option("#id_person", label="boris")
    sofia.press("#id_circles_0", "Space")
    sofia.shot("recovery-export")
    sofia.press("main form .actions button")
    sofia.shot("recovery-bundle")
    bundle = saved(sofia, "/file/")
    code = sofia.page.locator("dd.code").first.inner_text()
    boris.go("/profile/")
    fingerprint = boris.page.locator("section[aria-labelledby=key] .code").inner_text()
    raw = laptop.answer(bundle, ["yes", SHEET, fingerprint])
    assert code in laptop.run("bundle.json", typed=["no"], bundle=bundle).stdout

    (tmp_path / "answer.json").write_bytes(raw)
    sofia.page.set_input_files("#id_file", str(tmp_path / "answer.json"))
    sofia.type("#id_words", "these are not my words at all")
    sofia.press('form[enctype="multipart/form-data"] button')
    assert sofia.page.locator(".errors").count()
    sofia.page.set_input_files("#id_file", str(tmp_path / "answer.json"))
    sofia.type("#id_words", demo_words("sofia"))
    sofia.press('form[enctype="multipart/form-data"] button')
    assert sofia.page.locator('.notice[data-tone="good"]').count(), sofia.page.locator("main").inner_text()
    sofia.shot("recovery-answered")

    boris.go("/triage/")
    boris.press(f'main a:has-text("{reference}")')
    boris.press('form[action*="/reveal/"] button')
    assert STORY in boris.text


def test_a_drill_with_the_printed_sheet(browser: Browser, address: str, tmp_path: Path) -> None:
    sofia, laptop = person(browser, address, "sofia", viewport=PHONE), Laptop(tmp_path)
    sofia.go("/recovery/")
    sofia.shot("recovery-phone")
    sofia.press('form[action$="/drill/"] button')
    done = laptop.run("bundle.json", typed=["yes", SHEET], bundle=saved(sofia, "/file/"))
    sofia.type("#id_code", done.stdout.split("into the page: ")[1].split()[0])
    sofia.shot("recovery-drill-phone")
    sofia.press('form[enctype="multipart/form-data"] button')
    assert not sofia.page.locator('.notice[data-tone="warn"]').count()
    for path in ("/recovery/", "/recovery/keys/", "/recovery/person/", "/recovery/archive/"):
        sofia.go(path)
        assert sofia.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"], path
    sofia.go("/recovery/keys/")
    sofia.shot("recovery-keys-phone")
