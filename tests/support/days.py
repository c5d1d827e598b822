"""A day of choosing for tests of pages: two desks, two signatures, families on their phones."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

from anju.foundation.access.context import reading
from anju.resettlement.preferences.queries import count_wishing
from anju.resettlement.selection.queries import called_turns, find_turn, home_tiles, options_of
from anju.resettlement.selection.types import TurnRow
from tests.support.access import Family, Person, open_officer
from tests.support.halls import PHONE, WIDE
from tests.support.site import Edits, Seeds, serve_site, sign_in_family, sign_in_officer
from tests.support.stages import Stage, staged_project

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

    from anju.foundation.core.postgres.launcher import Cluster

TWO_SIGN: Edits = (("[rules.turns]\n", "[rules.turns]\nsignatures = 2\ndesks = 2\n"),)
BANDS = """kind = "bands"
bands = [
  { persons = [1, 2], area_sqm = ["60", "80"] },
  { persons = [3, 4], area_sqm = ["80", "110"] },
  { persons = [5, 99], area_sqm = ["100", "130"] },
]
"""
SEVERAL_HOMES: Edits = (
    *TWO_SIGN,
    (
        BANDS,
        """kind = "budget"
per_person_sqm = "80"
per = "persons"
excess_at_most_sqm = "20"
most_homes = 2
base_price_fen_per_sqm = 420000
""",
    ),
)


@dataclass(slots=True)
class Day:
    """A live site in the middle of a batch, and the windows of those who take part."""

    site: str
    seeds: Seeds
    browser: Browser
    contexts: list[BrowserContext] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def window(self, *, phone: bool = False, javascript: bool = True) -> Page:
        """Open a browser of somebody's own."""
        context = self.browser.new_context(
            viewport=PHONE if phone else WIDE,  # type: ignore[arg-type]
            java_script_enabled=javascript,
            reduced_motion="reduce",
        )
        self.contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on(
            "console",
            lambda told: (
                self.complaints.append(told.text)
                if "Content Security Policy" in told.text
                else None
            ),
        )
        return page

    def at_desk(self, number: int = 1, *, who: Person | None = None) -> Page:
        """Sit an officer down at a desk."""
        return self.at_page(f"turns/?desk={number}", who=who or self.seeds.clerk)

    def at_page(self, rest: str, *, who: Person) -> Page:
        """Open a page of the desk for an officer; a code serves once, so one window each."""
        page = self.window()
        sign_in_officer(page, self.site, who)
        page.goto(self.address(rest))
        return page

    def at_home(self, household_id: UUID, *, javascript: bool = True, phone: bool = True) -> Page:
        """Sign a family in, on its phone."""
        page = self.window(phone=phone, javascript=javascript)
        sign_in_family(page, self.site, self.family(household_id))
        page.goto(f"{self.site}/me/")
        return page

    def address(self, rest: str = "") -> str:
        return f"{self.site}/desk/{self.seeds.code}/{rest}"

    def family(self, household_id: UUID) -> Family:
        return self.seeds.family(household_id)

    def officer(self, login: str, *, role: str = "selection-officer") -> Person:
        """Open the account of another officer of the same street."""
        organisation_id = self.seeds.clerk.actor.organisation_id
        assert organisation_id is not None
        return open_officer(
            login, role=role, organisation_id=organisation_id, project_id=self.seeds.project_id
        )

    def called(self, desk: int = 1) -> TurnRow:
        return next(
            turn for turn in called_turns(project_id=self.seeds.project_id) if turn.desk == desk
        )

    def turn(self, household_id: UUID) -> TurnRow:
        turn = find_turn(project_id=self.seeds.project_id, household_id=household_id)
        assert turn is not None
        return turn

    def states(self) -> dict[str, int]:
        """Count the homes of each state."""
        counts: dict[str, int] = {}
        for tile in home_tiles(project_id=self.seeds.project_id):
            counts[tile.state] = counts.get(tile.state, 0) + 1
        return counts

    def homes_for(self, household_id: UUID, *, hot: bool = False) -> list[UUID]:
        """Give the lawful homes of a household that many wish for, or that few do."""
        project_id = self.seeds.project_id
        options = options_of(
            project_id=project_id, household_id=household_id, by=self.seeds.officer
        )
        lawful = [option.tile.unit_id for option in options if option.is_lawful]
        with reading(by=self.seeds.officer):
            counts = count_wishing(project_id=project_id, unit_ids=lawful)
        return [unit_id for unit_id in lawful if (counts[unit_id] >= 3) == hot]


@contextmanager
def run_day(
    cluster: Cluster, browser: Browser, *, edits: Edits = TWO_SIGN, stage: Stage = Stage.CHOOSING
) -> Iterator[Day]:
    """Serve a project on the day of choosing until the block ends."""
    with staged_project(cluster, stage, edits=edits) as seeds, serve_site() as site:
        day = Day(site=site, seeds=seeds, browser=browser)
        try:
            yield day
        finally:
            # Before the server ends: an open page goes on asking.
            for context in day.contexts:
                context.close()


def write_name(page: Page) -> None:
    """Write something like a name on the glass, once its script has begun to look."""
    page.wait_for_load_state()
    glass = page.locator("canvas")
    glass.scroll_into_view_if_needed()
    box = glass.bounding_box()
    assert box is not None
    for stroke in (((30, 40), (120, 15), (60, 95)), ((170, 40), (250, 35), (210, 110))):
        (x, y), *rest = stroke
        page.mouse.move(box["x"] + x, box["y"] + y)
        page.mouse.down()
        for x, y in rest:
            page.mouse.move(box["x"] + x, box["y"] + y, steps=5)
        page.mouse.up()
