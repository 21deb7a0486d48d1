"""Every page that a role can walk to, looked at by axe-core: WCAG 2.2 AA, in light and in dark, on a phone and on a desk."""

import re
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from urllib.parse import urljoin

import pytest
from playwright.sync_api import Browser, Page

from requests_app.demo.organization import demo_words
from tests.journeys.browser import SMALL, chromium, demo_server

pytestmark = pytest.mark.journey
ROLES = ("anna", "boris", "eva", "dmitri", "sofia", "olga")
OPEN_PAGES = ("/sign-in/", "/welcome/", "/claim/", "/weather/")
RULES = (
    "{runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],"
    " rules: {'meta-refresh': {enabled: false}}}"
)
"""An unattended page must go blank by itself, without JavaScript: the exception of WCAG 2.2.1 for what is essential."""
VARYING = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d{4}-\d{2}|\?.*")
MOST_PAGES = 40
PHONE, DESK = {"width": 320, "height": 640}, {"width": 1200, "height": 800}


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("accessibility") / "demo"
    folder.mkdir()
    with demo_server(folder, limit=SMALL, NOTICES="both") as url:
        yield url


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture(scope="module")
def axe() -> str:
    return (resources.files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


def faults(page: Page, axe: str) -> list[str]:
    """Return what axe finds on the page as it stands: the rule, and where."""
    page.evaluate(axe)
    found = page.evaluate(f"axe.run(document, {RULES}).then(result => result.violations)")
    return [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in found]


@pytest.fixture(scope="module")
def account_pages() -> set[str]:
    """Return the kinds of pages of one's own account that some role has been to: they are the same for every role."""
    return set()


def kinds_of_page(page: Page, account_pages: set[str]) -> Iterator[str]:
    """Walk from link to link and stop at one page of each kind: addresses that differ only in an id or a month are alike."""
    seen: set[str] = set(account_pages)
    waiting = [str(link.get_attribute("href")) for link in page.locator("nav a, footer a").all()]
    while waiting and len(seen) < MOST_PAGES + len(account_pages):
        path = waiting.pop(0)
        kind = VARYING.sub("*", path)
        if not path.startswith("/") or kind in seen:
            continue
        seen.add(kind)
        if kind.startswith("/profile/"):
            account_pages.add(kind)
        answer = page.goto(urljoin(page.url, path))
        if answer and answer.status == 200 and "text/html" in answer.headers["content-type"]:
            yield path
            waiting += [str(link.get_attribute("href")) for link in page.locator("main a[href]").all()]


def signed_in(page: Page, address: str, alias: str) -> None:
    page.goto(address + "/sign-in/")
    page.fill("#id_alias", alias)
    page.fill("#id_words", demo_words(alias))
    with page.expect_navigation():
        page.keyboard.press("Enter")


@pytest.mark.parametrize("alias", ROLES)
def test_axe_finds_nothing_on_any_page_of_a_role(
    browser: Browser, address: str, axe: str, alias: str, account_pages: set[str]
) -> None:
    page = browser.new_page(bypass_csp=True, viewport=PHONE)
    signed_in(page, address, alias)
    wrong: dict[str, list[str]] = {}
    for path in kinds_of_page(page, account_pages):
        for scheme, size in (("light", PHONE), ("dark", DESK)):
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size(size)
            if found := faults(page, axe):
                wrong[f"{path} {scheme}"] = found
            if size is PHONE and page.evaluate("document.documentElement.scrollWidth") > PHONE["width"]:
                wrong[f"{path} is wider than a phone"] = []
    page.close()
    assert wrong == {}


@pytest.mark.parametrize("path", OPEN_PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_open_pages(browser: Browser, address: str, axe: str, path: str, scheme: str) -> None:
    page = browser.new_page(bypass_csp=True, viewport=PHONE, color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(address + path)
    assert faults(page, axe) == []
    page.close()


def test_axe_would_notice(browser: Browser, tmp_path: Path, axe: str) -> None:
    """A page with a field that has no label must fail, or the tests above prove nothing."""
    page = browser.new_page()
    page.set_content("<html lang='en'><title>x</title><main><h1>x</h1><input></main></html>")
    assert any(fault.startswith("label") for fault in faults(page, axe))
    page.close()
