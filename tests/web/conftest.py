"""Pages opened from disk and seen at work, for the tests of pages."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Page

from anju.resettlement.offline.pages import write_pages
from tests.support.sample_bundle import write_sample_bundle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass(slots=True)
class Opened:
    """A page and everything it complained of."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    """Every address the page asked for."""


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


@pytest.fixture(scope="module")
def window(browser: Browser) -> Iterator[Page]:
    """Open one window for a file of tests; a page loaded in it knows nothing of the one before."""
    context = browser.new_context(reduced_motion="reduce", offline=True)
    yield context.new_page()
    context.close()


@pytest.fixture
def load_page(window: Page) -> Callable[[Path], Page]:
    """Load files from disk one after another in the one window: many times as fast as a new one."""

    def load(file: Path) -> Page:
        window.set_viewport_size({"width": 1440, "height": 1000})
        window.emulate_media(media="null", color_scheme="null", reduced_motion="reduce")
        window.goto(file.as_uri())
        return window

    return load


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Sixty households, one building without floors among the homes."""
    folder = write_sample_bundle(tmp_path_factory.mktemp("small"))
    write_pages(folder)
    return folder


@pytest.fixture
def copied(small: Path, tmp_path: Path) -> Path:
    """A copy of the small bundle, to be spoilt."""
    return Path(shutil.copytree(small, tmp_path / "copy"))
