"""Looking at a page at the width of a phone and of a desk, for tests in Chromium."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

WIDTHS = (390, 1440)
PAPER_MS = 90_000
"""How long a paper may take: the first of a process reads the fonts."""
POLL_MS = 100
"""How often a page is asked. By itself it would answer with its next frame, and one that lies
behind another on a busy machine draws none."""
SHOTS = os.environ.get("ANJU_SHOTS", "")
"""A folder: pictures of what is looked at are put there."""


def overhang(page: Page) -> int:
    """Give by how many pixels the page is wider than its window; nobody should scroll sideways."""
    # Who clicked a moment ago may be between two documents: there is nothing to measure yet.
    page.wait_for_function("document.body !== null", polling=POLL_MS)
    return int(page.evaluate("document.documentElement.scrollWidth - innerWidth"))


def press(button: Locator) -> None:
    """Press what leads to another page, and be there: a script may send the form by itself.

    A click alone waits for links and plain forms only. What is asked right after it, of the page
    or of the database, would be answered before the act.
    """
    with button.page.expect_navigation(wait_until="domcontentloaded"):
        button.click()


def look(page: Page, name: str) -> None:
    """See that nothing of the page sticks out at either width; take pictures if asked for."""
    kept = page.viewport_size
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        wide = overhang(page)
        assert wide <= 0, f"{name} sticks out {wide} at {width}"
        if SHOTS:
            page.screenshot(path=Path(SHOTS) / f"{name}-{width}.png", full_page=True)
    if kept is not None:
        page.set_viewport_size(kept)
