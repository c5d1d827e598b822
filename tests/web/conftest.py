"""A browser for the tests of pages: the machine's own Chromium, with no network."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from anju.resettlement.offline.pages import write_pages
from tests.support.sample_bundle import Sample, write_sample_bundle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CHROMIUM = Path("/usr/bin/chromium")
SWITCHES = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass(slots=True)
class Opened:
    """A page and everything it complained of."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    """Every address the page asked for."""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start Chromium once for all tests, or skip and say what is missing."""
    if not CHROMIUM.exists():
        pytest.skip(
            f"no Chromium at {CHROMIUM}: install it (apt-get install chromium) to test pages"
        )
    # Playwright's loop runs in this thread for as long as the browser does; Django takes any test
    # of the database after it for asynchronous code, which it is not.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=SWITCHES)
        yield started
        started.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Opened]]:
    """Open a file from disk as somebody with a stick would; ``phone`` is 390 px wide."""
    contexts = []

    def open_file(file: Path, *, phone: bool = False, javascript: bool = True) -> Opened:
        size = {"width": 390, "height": 844} if phone else {"width": 1440, "height": 1000}
        context = browser.new_context(
            viewport=size,  # type: ignore[arg-type]
            java_script_enabled=javascript,
            reduced_motion="reduce",
            offline=True,
        )
        contexts.append(context)
        page = context.new_page()
        opened = Opened(page)
        page.on("console", lambda told: _note(opened, told.type, told.text))
        page.on("pageerror", lambda error: opened.complaints.append(str(error)))
        page.on("request", lambda asked: opened.requests.append(asked.url))
        page.goto(file.as_uri())
        return opened

    yield open_file
    for context in contexts:
        context.close()


def _note(opened: Opened, kind: str, text: str) -> None:
    if kind in {"error", "warning"}:
        opened.complaints.append(text)


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixty households, one building without floors among the homes."""
    folder = write_sample_bundle(tmp_path_factory.mktemp("small"))
    write_pages(folder)
    return folder


@pytest.fixture(scope="session")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty thousand households."""
    folder = write_sample_bundle(
        tmp_path_factory.mktemp("large"), Sample(households=20_000, homes=21_000)
    )
    write_pages(folder)
    return folder


@pytest.fixture
def copied(small: Path, tmp_path: Path) -> Path:
    """A copy of the small bundle, to be spoilt."""
    return Path(shutil.copytree(small, tmp_path / "copy"))
