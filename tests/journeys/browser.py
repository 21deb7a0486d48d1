"""Drive the distribution's Chromium by keyboard alone, with JavaScript off."""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, sync_playwright

from tests.templates import copy_demo

ROOT = Path(__file__).resolve().parent.parent.parent
SHOTS = ROOT / "docs" / "screenshots"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
]  # fmt: skip
MOST_TABS = 150
IS_STOP = "element => (element.focus(), element === document.activeElement && element.tabIndex >= 0)"
SMALL, LARGE = 60, 250
"""Requests in a demo: two sizes, each built once in a run."""
READY = re.compile(rb"Open (http://127\.0\.0\.1:\d+)/")


def chromium_path() -> str:
    """Return the browser; without one, CI fails and everybody else is told why the journey is skipped."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if not found and os.environ.get("CI"):
        pytest.fail("CI needs chromium")
    if not found:
        pytest.skip("no chromium on this machine")
    return found


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """Yield a headless browser."""
    path = chromium_path()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


def free_port() -> int:
    """Return a port that is free now."""
    with contextlib.closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def demo_server(folder: Path, *, limit: int, **settings: str) -> Iterator[str]:
    """Start ``manage.py demo`` on a copy of its own and yield its address; it and its children end afterwards.

    *settings* are set beside those of the demo.
    """
    copy_demo(limit, folder)
    command = [sys.executable, "manage.py", "demo", "--limit", str(limit), "--port", str(free_port())]
    environment = (
        os.environ
        | {
            "VAR_DIR": str(folder),
            "RUNTIME_DIR": str(folder / "run"),
            "DJANGO_SETTINGS_MODULE": "config.settings.development",
        }
        | settings
    )
    log = folder.parent / "demo.log"
    with log.open("wb") as out:
        server = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=subprocess.STDOUT)
    try:
        yield _wait_until_ready(server, log)
    finally:
        server.terminate()
        try:
            server.wait(timeout=60)
        except subprocess.TimeoutExpired:
            server.kill()


def _wait_until_ready(server: "subprocess.Popen[bytes]", log: Path) -> str:
    for _ in range(480):
        found = READY.search(log.read_bytes())
        with contextlib.suppress(OSError):
            if found and urllib.request.urlopen(found.group(1).decode() + "/sign-in/", timeout=5).status == 200:
                return found.group(1).decode()
        if server.poll() is not None:
            break
        time.sleep(0.25)
    raise AssertionError("the demo did not start:\n" + log.read_text(errors="replace")[-2000:])


def keep_picture(what: Page | Locator, name: str, **options: bool) -> None:
    """Keep a picture for the documentation, where ``PICTURES=yes`` asks for new ones."""
    if os.environ.get("PICTURES") == "yes":
        SHOTS.mkdir(parents=True, exist_ok=True)
        what.screenshot(path=str(SHOTS / f"{name}.png"), **options)  # type: ignore[arg-type]


class Keyboard:
    """One person at one page, with a keyboard and nothing else."""

    def __init__(self, page: Page, address: str, *, walks: bool = False) -> None:
        """*walks* presses Tab from stop to stop; else the focus jumps, to where Tab leads too."""
        self.page, self.address, self.walks = page, address, walks

    def go(self, path: str) -> None:
        """Type an address."""
        self.page.goto(self.address + path)

    def reach(self, selector: str) -> None:
        """Press Tab until the element has the focus, or let it jump there if Tab would stop at it."""
        wanted = self.page.locator(selector).first
        assert wanted.count(), f"nothing matches {selector} on {self.page.url}"
        if not self.walks:
            assert wanted.evaluate(IS_STOP), f"Tab does not stop at {selector}"
            return
        for _ in range(MOST_TABS):
            if wanted.evaluate("element => element === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab never reaches {selector}")

    def type(self, selector: str, text: str) -> None:
        """Type into a field."""
        self.reach(selector)
        self.page.keyboard.type(text)

    def choose(self, selector: str, value: str) -> None:
        """Choose an option with the arrow keys."""
        self.reach(selector)
        field = self.page.locator(selector).first
        for key in ("Home", *("ArrowDown",) * 60):
            if field.input_value() == value:
                return
            self.page.keyboard.press(key)
        raise AssertionError(f"{value} cannot be chosen in {selector}")

    def press(self, selector: str, key: str = "Enter") -> None:
        """Reach something and press it, then wait for the next page."""
        self.reach(selector)
        if key != "Enter":
            self.page.keyboard.press(key)
            return
        with self.page.expect_navigation():
            self.page.keyboard.press(key)

    def open_form(self, action: str) -> None:
        """Open the folded form that posts to *action*."""
        if self.walks:
            self.page.keyboard.press("Tab")
        self.reach(f'details:has(form[action$="{action}"]) > summary')
        if not self.page.locator(f'details[open]:has(form[action$="{action}"])').count():
            self.page.keyboard.press("Enter")

    def shot(self, name: str) -> None:
        """Keep a picture of the whole page."""
        keep_picture(self.page, name, full_page=True)

    @property
    def text(self) -> str:
        """The text of the page."""
        return self.page.content()
