"""A hall for tests of pages: the people of one ceremony, each with a browser of their own."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from anju.foundation.access.context import reading
from anju.foundation.core.clock import read_clock
from anju.foundation.draws.queries import ceremonies_of, ceremony_by_id
from anju.foundation.draws.types import CeremonyRow
from anju.web.officer.ceremony_cards import CardKind, card_text
from anju_rules.ceremony import Step
from anju_rules.draws import Scheme, commit_secret
from anju_rules.hashing import digest
from tests.support.access import Person, open_officer
from tests.support.ceremonies import ROLES, STREETS, Cast
from tests.support.pages import look
from tests.support.site import Seeds, sign_in_officer

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

PHONE, WIDE = {"width": 390, "height": 844}, {"width": 1440, "height": 1000}


@dataclass(slots=True)
class Minutes:
    """A clock that moves on by a minute for every code: a code serves once."""

    at: datetime = field(default_factory=lambda: read_clock() + timedelta(minutes=2))

    def __call__(self) -> datetime:
        return self.at

    def next_code(self, person: Person) -> str:
        self.at += timedelta(minutes=1)
        return person.code(self.at)


@dataclass(slots=True)
class Hall:
    """A live site with the people of one ceremony, each at a machine of their own."""

    site: str
    seeds: Seeds
    cast: Cast
    clock: Minutes
    browser: Browser
    ceremony_id: UUID | None = None
    pages: dict[str, Page] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    """What a form must carry, by who sends it; good for as long as one is signed in."""
    contexts: list[BrowserContext] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def page(self, who: str, *, javascript: bool = True) -> Page:
        """Give somebody's browser, signed in and at the ceremony."""
        if who not in self.pages:
            context = self.browser.new_context(
                viewport=WIDE,  # type: ignore[arg-type]
                java_script_enabled=javascript,
                reduced_motion="reduce",
            )
            self.contexts.append(context)
            page = context.new_page()
            page.on("pageerror", lambda error: self.complaints.append(str(error)))
            sign_in_officer(page, self.site, self.person(who))
            self.pages[who] = page
        page = self.pages[who]
        page.goto(self.address)
        return page

    def person(self, who: str) -> Person:
        return self.cast.parties.get(who) or self.cast.streets[who]

    @property
    def address(self) -> str:
        address = f"{self.site}/desk/{self.seeds.code}/draws/"
        return f"{address}{self.ceremony_id}/" if self.ceremony_id else address

    def row(self) -> CeremonyRow:
        with reading(by=self.seeds.officer):
            if self.ceremony_id is None:
                return ceremonies_of(project_id=self.seeds.project_id)[0]
            return ceremony_by_id(project_id=self.seeds.project_id, ceremony_id=self.ceremony_id)

    def press(self, who: str, button: str, **fields: str) -> None:
        """Fill the form of somebody's turn, with a fresh code where one is asked, and send it."""
        page = self.page(who)
        form = page.locator("#now form.ceremony-form").first
        for name, value in fields.items():
            form.locator(f'[name="{name}"]').fill(value)
        code = form.locator('[name="code"]')
        if code.count():
            code.fill(self.clock.next_code(self.person(who)))
        with page.expect_navigation():
            page.get_by_role("button", name=re.compile(button)).first.click()
        page.goto("about:blank")  # a page that is open goes on asking for news

    def sign(self, step: Step, *whos: str) -> None:
        for who in whos:
            self.press(who, "签字")
        assert self.row().step is step

    def shoot(self, who: str, name: str) -> None:
        """Look at a page at two widths; nothing may stick out. Pictures go to ``ANJU_SHOTS``."""
        page = self.page(who)
        look(page, name)
        page.goto("about:blank")

    def post(self, who: str, act: str, **fields: str) -> tuple[int, str]:
        """Send a form past the page, as somebody out of turn would."""
        if who not in self.tokens:
            token = self.page(who).locator('[name="csrfmiddlewaretoken"]').first
            self.tokens[who] = str(token.get_attribute("value"))
            self.pages[who].goto("about:blank")
        answer = self.pages[who].request.post(
            f"{self.address}act/{act}/",
            form={
                "csrfmiddlewaretoken": self.tokens[who],
                "code": self.clock.next_code(self.person(who)),
                **fields,
            },
            headers={"Referer": self.address},
        )
        return answer.status, answer.text()

    def secret(self, who: str, number: str) -> bytes:
        return digest(f"{who}/{number}".encode())

    def card(self, who: str, number: str, kind: CardKind) -> str:
        """Give what the QR code of a card says."""
        secret = self.secret(who, number)
        made = commit_secret(scheme=Scheme.REHEARSAL, draw_id=number, who=who, secret=secret)
        value = secret if kind is CardKind.SECRET else made
        return card_text(
            kind=kind, scheme=Scheme.REHEARSAL, draw_number=number, who=who, value=value.hex()
        )


def gather_at(seeds: Seeds) -> Cast:
    """Open the accounts of the parties beside the city officer, who operates."""
    organisation_id = seeds.officer.organisation_id
    assert organisation_id is not None
    people = {
        who: open_officer(who, role=role, organisation_id=organisation_id)
        for who, role in ROLES.items()
        if who != "operator"
    }
    streets = {
        street: open_officer(
            f"street{number}", role="street-officer", organisation_id=organisation_id
        )
        for number, street in enumerate(STREETS)
    }
    return Cast(
        project_id=seeds.project_id, parties={"operator": seeds.city, **people}, streets=streets
    )
