"""What the tests of the result pages share: reading the bundle, and pressing the button."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

CHECKED = 12
"""How many of the numbered checks the page makes by itself."""


def read_rows(folder: Path, name: str) -> list[dict[str, Any]]:
    """Read the rows of one JSON file of a bundle."""
    rows: list[dict[str, Any]] = json.loads((folder / name).read_text(encoding="utf-8"))
    return rows


def run_checks(page: Page) -> str:
    """Press the button and give what the page says in the end."""
    page.click("#check-run")
    return page.locator("#check .verdict").inner_text(timeout=60_000)
