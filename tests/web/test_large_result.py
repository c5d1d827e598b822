"""A result of twenty thousand households: its pages, and the checks that they make."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from anju.resettlement.offline.pages import write_pages
from tests.support.result_pages import read_rows, run_checks
from tests.support.sample_bundle import Sample, write_sample_bundle

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.web.conftest import Opened

pytestmark = [pytest.mark.req("DRW-3"), pytest.mark.enable_socket, pytest.mark.long]


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty thousand households."""
    folder = write_sample_bundle(
        tmp_path_factory.mktemp("large"), Sample(households=20_000, homes=21_000)
    )
    write_pages(folder)
    return folder


def test_twenty_thousand_households_are_searched_paged_and_checked(
    large: Path, open_page: Callable[..., Opened]
) -> None:
    opened = open_page(large / "index.html")
    page = opened.page
    assert page.inner_text("#lists-view .count") == "共 20,000 行"
    page.click("#lists-view [data-go=on]")
    assert page.locator("#lists-view td.c-place").first.inner_text() == "26"
    page.fill("#lists-view .pager input", "800")
    page.keyboard.press("Enter")
    assert page.locator("#lists-view td.c-place").last.inner_text() == "20,000"
    last = read_rows(large, "order.json")[-1]["ticket"]
    page.fill("#lists-view input[type=search]", str(last))
    assert page.locator("#lists-view tbody tr").count() == 1
    for wanted in ("王*兰", "金桥街道"):
        page.fill("#lists-view input[type=search]", wanted)
        assert wanted in page.locator("#lists-view tbody").inner_text()
    page.click("#lists-switch [data-key=results]")
    unit = next(u for row in read_rows(large, "choices.json") for u in row["units"])
    page.fill("#lists-view input[type=search]", unit)
    assert page.locator("#lists-view tbody tr").count() == 1
    page.fill("#lists-view input[type=search]", "没有这一户")
    assert "没有找到" in page.inner_text("#lists-view tbody")
    assert run_checks(page).startswith("✓")
    assert "20,000 个签键" in page.inner_text("[data-check='11']")
    assert opened.complaints == []
