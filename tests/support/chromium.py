"""The machine's own Chromium, for tests of pages: one a process, with no network."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, expect, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
PATIENCE_MS = 30_000
"""How long a page may take: four processes share two cores, and what is there costs no waiting."""
UNSEEN = [
    "HttpsUpgrades",
    "InitialWebUI",
    "MediaRouter",
    "OptimizationHints",
    "PaintHolding",
    "PreloadTopChromeWebUI",
    "SpareRendererForSitePerProcess",
    "WebUIOmniboxAimPopup",
    "WebUIOmniboxFullPopup",
    "WebUIOmniboxPopup",
    "WebUIReloadButton",
    "WebUIToolbar",
]
"""What draws a window that nobody sees: without it a context takes half the time."""
SWITCHES = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--disable-features={','.join(UNSEEN)}",
]

# Five seconds would be the rule; whatever else waits for a page waits half a minute already.
expect.set_options(timeout=PATIENCE_MS)


@contextmanager
def run_chromium() -> Iterator[Browser]:
    """Run Chromium until the block ends."""
    # Playwright's loop runs in this thread for as long as the browser does; Django takes any test
    # of the database after it for asynchronous code, which it is not.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=SWITCHES)
        yield started
        started.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
