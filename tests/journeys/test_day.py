"""A day of two coordinators, by keyboard and without JavaScript: twenty requests triaged, moved, handed over; one detained, one lost.

Boris sits at a desk, in light; Galina has a phone of 320 px, in dark. At the end axe looks at the pages they worked on.
"""

from collections.abc import Iterator, Sequence
from importlib import resources

import pytest
from playwright.sync_api import Browser

from tests.journeys.browser import Keyboard, chromium, demo_server
from tests.journeys.test_accessibility import faults, signed_in
from tests.journeys.test_main_job import DESKTOP, PHONE, check, person, step

pytestmark = pytest.mark.journey
LOGGED, PROMOTED = 8, 12
DECISIONS = (
    ("promote",) * PROMOTED + ("advice_given",) * 4 + ("declined", "duplicate", "suspected_probe", "advice_given")
)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("day") / "demo"
    folder.mkdir()
    with demo_server(folder, limit=60) as url:
        yield url


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


def log(anna: Keyboard, number: int) -> None:
    """Log one request with what must be known; the receipt leads to the next."""
    anna.go("/requests/new/")
    anna.type("#id_contacts", f"@fx_day_heron_{number:04}")
    anna.choose("#id_urgency", "u1_now" if number % 2 else "u2_72h")
    anna.press("#id_agreed", "Space")
    anna.press("main form .actions button")
    assert anna.page.locator(".receipt").count(), anna.text[-3000:]


def triage(boris: Keyboard, decision: str) -> str:
    """Decide on the first request that waits; return the address of the case if there is one now."""
    boris.go("/triage/")
    other = boris.page.locator("main tbody th a").last.inner_text().strip()
    boris.press("main tbody th a")
    boris.choose("#id_decision", decision)
    if decision == "duplicate":
        boris.type("#id_reference", other)
    boris.press('form[action$="/decide/"] .actions button')
    return boris.page.url.removeprefix(boris.address) if decision == "promote" else ""


def send(keyboard: Keyboard, action: str, choices: dict[str, str]) -> None:
    """Open a folded form of the case page, choose, and send it; nothing is refused."""
    keyboard.open_form(f"/{action}/")
    for selector, value in choices.items():
        keyboard.choose(selector, value)
    keyboard.press(f'form[action$="/{action}/"] .actions button')
    assert not keyboard.page.locator(".errors").count(), keyboard.page.locator(".errors").inner_text()


def tile(keyboard: Keyboard, title: str) -> int:
    """Return the number on a tile of Today."""
    keyboard.go("/today/")
    text = keyboard.page.locator(f'.tile:has-text("{title}")').first.inner_text()
    return int(text.split()[0])


def fits(keyboard: Keyboard) -> bool:
    """Tell whether nothing is wider than the phone."""
    return bool(keyboard.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"])


def once_by_tab(keyboard: Keyboard, things: Sequence[str]) -> Iterator[str]:
    """Yield *things*; with the first, every Tab on the way is pressed, and the others go the same way."""
    for place, thing in enumerate(things):
        keyboard.walks = place == 0
        yield thing
    keyboard.walks = True


def test_twenty_cases_in_a_day(browser: Browser, address: str) -> None:
    anna = person(browser, address, "anna", viewport=PHONE, walks=True)
    for number in range(LOGGED):
        log(anna, number)
        anna.walks = False

    boris = person(browser, address, "boris", viewport=DESKTOP, walks=True)
    waiting = tile(boris, "New requests")
    assert waiting >= len(DECISIONS)
    boris.shot("day-morning")
    cases = [found for decision in once_by_tab(boris, DECISIONS) if (found := triage(boris, decision))]
    assert len(set(cases)) == PROMOTED
    assert tile(boris, "New requests") == waiting - len(DECISIONS)

    for case in once_by_tab(boris, cases):
        boris.go(case)
        step(boris, "verification")
    planned, detained, lost, given, done = cases[:5]

    boris.go(planned)
    check(boris, "coherent_story")
    check(boris, "independent_detail")
    step(boris, "planning")
    send(boris, "contact", {"#contact-result": "made", "#contact-channel": "signal"})
    boris.open_form("/task/")
    boris.choose("#task-kind", "shelter")
    boris.type("#task-due_on", "02252025")
    boris.press('form[action$="/task/"] .actions button')
    assert "Shelter" in boris.page.locator('section[aria-labelledby="tasks"]').inner_text()
    boris.open_form("/checklist/")
    boris.press('form[action$="/checklist/"] input[value="yes"]', "Space")
    boris.press('form[action$="/checklist/"] .actions button')
    boris.shot("day-case")
    boris.press('section[aria-labelledby="tasks"] button[value="done"]')
    assert "Nothing to do" in boris.page.locator('section[aria-labelledby="tasks"]').inner_text()

    boris.go(given)
    receiver = boris.page.locator('#handover-to option:has-text("galina")').first.get_attribute("value") or ""
    send(boris, "handover", {"#handover-to": receiver, "#handover-reason": "absence"})
    boris.go(done)
    send(boris, "close", {"#close-outcome": "no_response"})

    galina = person(browser, address, "galina", viewport=PHONE, dark=True, walks=True)
    galina.go("/handovers/")
    galina.shot("day-handover-phone")
    galina.press('form[action$="/accept/"] button')
    galina.go(given)
    assert "galina" in galina.page.locator(".identity").first.inner_text()

    alerts = tile(galina, "Detained, extradition, compromised")
    galina.go(detained)
    send(galina, "condition", {"#condition-there": "detained"})
    assert "Do not contact" in galina.page.locator('section[aria-labelledby="contacts"]').inner_text()
    assert "lawyer at once" in galina.page.locator('section[aria-labelledby="tasks"]').inner_text()
    assert fits(galina)
    galina.shot("day-detained-phone")
    assert tile(galina, "Detained, extradition, compromised") == alerts + 1
    galina.go(detained)
    galina.open_form("/condition/")
    galina.choose("#condition-there", "active")
    galina.press('form[action$="/condition/"] .actions button')
    assert "cannot undo it alone" in galina.page.locator(".errors").inner_text()

    silent = tile(boris, "Lost contact")
    boris.go(lost)
    send(boris, "contact", {"#contact-result": "no_answer", "#contact-channel": "signal"})
    send(boris, "condition", {"#condition-there": "lost_contact"})
    assert boris.page.locator('section[aria-labelledby="tasks"] form[action$="/end/"]').count() == 4
    boris.shot("day-lost")
    assert tile(boris, "Lost contact") == silent + 1
    boris.go("/tasks/")
    assert boris.page.locator("main tbody tr").count() >= 4
    boris.shot("day-tasks")
    boris.go("/today/")
    boris.shot("day-evening")
    boris.page.context.close()
    galina.page.context.close()
    _axe_finds_nothing(
        browser, address, (planned, detained, lost, given, done, "/today/", "/tasks/", "/cases/?queue=alerts")
    )


def _axe_finds_nothing(browser: Browser, address: str, paths: tuple[str, ...]) -> None:
    """Look at the pages of the day in both schemes and sizes, folded parts opened."""
    axe = (resources.files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
    page = browser.new_page(bypass_csp=True, viewport=PHONE)
    signed_in(page, address, "boris")
    wrong = {}
    for path in paths:
        page.goto(address + path)
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        for scheme, size in (("light", PHONE), ("dark", PHONE), ("light", DESKTOP), ("dark", DESKTOP)):
            page.emulate_media(color_scheme=scheme)
            page.set_viewport_size(size)
            if found := faults(page, axe):
                wrong[f"{path} {scheme} {size['width']}"] = found
    page.close()
    assert wrong == {}
