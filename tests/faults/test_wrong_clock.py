"""A desk, a hall or a telephone whose clock is minutes off: pages count by the server's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page, expect

from anju.foundation.core.clock import read_clock
from anju.foundation.core.postgres.launcher import Cluster
from anju.jobs.publishing import publish_wall
from anju.resettlement.selection.queries import called_turns
from tests.support.access import Family
from tests.support.peaks import serve_peak
from tests.support.site import Seeds, serve_site, sign_in_family, sign_in_officer
from tests.support.stages import Stage, staged_project

pytestmark = pytest.mark.long

TURN_SECONDS = 1800
NEAR_SECONDS = 60
"""A page may take its time on a busy machine; the clocks are off by far more."""
_SHIFT = """
(() => {
  const off = %d * 60000, Real = Date;
  window.Date = class extends Real {
    constructor(...told) { told.length ? super(...told) : super(Real.now() + off); }
    static now() { return Real.now() + off; }
  };
})();
"""


@pytest.fixture(scope="module")
def calling(database_cluster: Cluster) -> Iterator[tuple[str, Seeds]]:
    """Serve a site where a household has just been called, with time enough for every page."""
    with staged_project(database_cluster, Stage.CHOOSING) as seeds, serve_site() as site:
        seeds.call(seconds=TURN_SECONDS)
        yield site, seeds


@pytest.fixture(scope="module")
def family(calling: tuple[str, Seeds]) -> Family:
    """Give the called household's account."""
    _, seeds = calling
    return seeds.family(called_turns(project_id=seeds.project_id)[0].household_id)


@pytest.fixture
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """Open a page on a device whose clock is off by so many minutes."""
    context = browser.new_context()
    context.add_init_script(_SHIFT % request.param)
    yield context.new_page()
    context.close()


def seconds_left(page: Page) -> int:
    """Read what the page says is left, once it counts."""
    left = page.locator("[data-left]").first
    expect(left).to_have_text(re.compile(r"^\d+:\d\d$"))
    minutes, _, seconds = left.inner_text().partition(":")
    return int(minutes) * 60 + int(seconds)


def truly_left(seeds: Seeds) -> int:
    limit_at = called_turns(project_id=seeds.project_id)[0].limit_at
    assert limit_at is not None
    return int((limit_at - read_clock()).total_seconds())


def by_own_clock(page: Page, seeds: Seeds) -> int:
    """Give what a page that trusted the device would show: the control."""
    limit_at = called_turns(project_id=seeds.project_id)[0].limit_at
    assert limit_at is not None
    return int(page.evaluate("at => (Date.parse(at) - Date.now()) / 1000", limit_at.isoformat()))


def judge(page: Page, seeds: Seeds) -> None:
    assert abs(seconds_left(page) - truly_left(seeds)) < NEAR_SECONDS
    assert abs(by_own_clock(page, seeds) - truly_left(seeds)) > 3 * NEAR_SECONDS


@pytest.mark.threat("T-44")
@pytest.mark.req("SEL-2")
@pytest.mark.parametrize("page", [7], indirect=True)
def test_the_wall_of_a_hall_whose_clock_is_wrong_counts_right(
    calling: tuple[str, Seeds], page: Page
) -> None:
    _, seeds = calling
    publish_wall(seeds.code)
    with serve_peak(Path(settings.HOME)) as port:
        page.goto(f"http://127.0.0.1:{port}/live/{seeds.code}/", wait_until="domcontentloaded")
        expect(page.locator("[data-line]")).to_have_text("直播中")
        judge(page, seeds)


@pytest.mark.threat("T-44")
@pytest.mark.req("SEL-2")
@pytest.mark.parametrize("page", [-23], indirect=True)
def test_a_desk_whose_clock_is_wrong_counts_right(calling: tuple[str, Seeds], page: Page) -> None:
    site, seeds = calling
    sign_in_officer(page, site, seeds.clerk)
    page.goto(f"{site}/desk/{seeds.code}/turns/", wait_until="domcontentloaded")
    judge(page, seeds)


@pytest.mark.threat("T-44")
@pytest.mark.req("SEL-2")
@pytest.mark.parametrize("page", [7], indirect=True)
def test_a_telephone_whose_clock_is_wrong_counts_right(
    calling: tuple[str, Seeds], family: Family, page: Page
) -> None:
    site, seeds = calling
    sign_in_family(page, site, family)
    page.goto(f"{site}/me/", wait_until="domcontentloaded")
    judge(page, seeds)
