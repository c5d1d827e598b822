"""A live site for tests of pages: the real WSGI application on a port of its own, and a project.

Everything is seeded through the operations that officers use, so the ledger knows all of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING
from uuid import UUID

from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from django.db import connections
from django.test import Client

from anju.foundation.access.codes import new_household_code, new_pin
from anju.foundation.access.context import reading
from anju.foundation.access.operations import HouseholdKey, create_household_accounts
from anju.foundation.access.queries import find_actor
from anju.foundation.access.types import Actor
from anju.foundation.core.clock import read_clock
from anju.foundation.exchange.operations import receive_upload
from anju.foundation.exchange.types import ImportKind, ImportRow
from anju.foundation.policies.operations import freeze_rule_set
from anju.resettlement.households.queries import household_numbers
from anju.resettlement.intake.operations import open_project, run_import
from anju.resettlement.offline.example import write_example
from anju.resettlement.scoring.operations import score_project
from anju.resettlement.selection.operations.batches import open_batch
from anju.resettlement.selection.operations.choosing import choose_homes
from anju.resettlement.selection.operations.drawing import rehearse_draw
from anju.resettlement.selection.operations.turns import call_next
from anju.resettlement.selection.queries import find_turn, options_of
from tests.support.access import (
    PASSWORD,
    SYSTEM,
    Family,
    Person,
    open_officer,
    open_tier,
)
from tests.support.pages import press

if TYPE_CHECKING:
    from playwright.sync_api import Page

CITY, DISTRICT = "3701", "370105"
TABLES: dict[ImportKind, str] = {
    "units": "units.xlsx",
    "households": "households.csv",
    "wishes": "wishes.csv",
}


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_told: object) -> None:
        """Say nothing: what went wrong is seen in the page."""


@contextmanager
def serve_site() -> Iterator[str]:
    """Serve the site until the block ends; gives its address."""
    application = get_wsgi_application()
    server = ThreadedWSGIServer(("127.0.0.1", 0), _Quiet)
    server.daemon_threads = True
    server.set_app(application)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=10)
        connections.close_all()


@dataclass(slots=True)
class Seeds:
    """One project with its people; steps are taken one by one, as a test needs them."""

    folder: Path = field(repr=False)
    city: Person
    clerk: Person
    """Selection officer of the district."""
    stranger: Person
    """Officer of another district, who must see nothing."""
    project_id: UUID
    code: str

    @property
    def officer(self) -> Actor:
        """The city officer as an actor, with what is in sight now."""
        return self.city.actor

    def register(self, *kinds: ImportKind) -> list[ImportRow]:
        """Import the example's tables (all of them unless named)."""
        return [self.send(kind, self.table(kind)) for kind in kinds or tuple(TABLES)]

    def table(self, kind: ImportKind) -> bytes:
        """Give one of the example's tables."""
        return (self.folder / TABLES[kind]).read_bytes()

    def send(self, kind: ImportKind, data: bytes, *, is_dry_run: bool = False) -> ImportRow:
        """Send a table and have it read at once."""
        received = receive_upload(
            project_id=self.project_id,
            kind=kind,
            data=data,
            file_name=TABLES[kind],
            is_dry_run=is_dry_run,
            by=self.officer,
            at=read_clock(),
        )
        return run_import(import_id=received.id, by=self.officer, at=read_clock())

    def freeze(self) -> None:
        """Freeze the rules."""
        freeze_rule_set(project_id=self.project_id, by=self.officer, at=read_clock())

    def score(self) -> None:
        """Score everyone."""
        score_project(project_id=self.project_id, by=self.officer, at=read_clock())

    def draw(self) -> None:
        """Rehearse the draw."""
        rehearse_draw(project_id=self.project_id, by=self.officer, at=read_clock())

    def open(self, batch: int = 1) -> None:
        """Open a batch."""
        open_batch(project_id=self.project_id, batch=batch, by=self.officer, at=read_clock())

    def call(self, *, seconds: int = 180, at: datetime | None = None) -> UUID:
        """Call the next household; gives its id."""
        turn = call_next(
            project_id=self.project_id, seconds=seconds, by=self.officer, at=at or read_clock()
        )
        return turn.household_id

    def choose_next(self, *, seconds: int = 180) -> UUID:
        """Call the next household and choose its first lawful home at the desk; gives its id."""
        household_id = self.call(seconds=seconds)
        turn = find_turn(project_id=self.project_id, household_id=household_id)
        assert turn is not None
        options = options_of(project_id=self.project_id, household_id=household_id, by=self.officer)
        home = next(option.tile for option in options if option.is_lawful)
        choose_homes(
            project_id=self.project_id,
            turn_id=turn.id,
            unit_ids=[home.unit_id],
            by=self.officer,
            at=read_clock(),
        )
        return household_id

    def family(self, household_id: UUID) -> Family:
        """Open a household's account."""
        code, pin = new_household_code(), new_pin()
        ids = create_household_accounts(
            project_id=self.project_id,
            keys=[HouseholdKey(household_id=household_id, code=code, pin=pin)],
            by=SYSTEM,
            at=read_clock(),
        )
        return Family(
            id=household_id, account_id=ids[0], project_id=self.project_id, code=code, pin=pin
        )

    def household_ids(self) -> list[UUID]:
        """Give every household's id, by number."""
        with reading(by=self.officer):
            known = household_numbers(project_id=self.project_id)
        return [known[number] for number in sorted(known)]


Edits = tuple[tuple[str, str], ...]
"""What the example's plan says, and what it is to say instead."""


def seed_project(
    folder: Path, *, homes: int = 60, households: int = 40, edits: Edits = ()
) -> Seeds:
    """Open a project from a small example, its plan edited, with an officer of each kind."""
    write_example(folder, seed=7, homes=homes, households=households)
    plan = folder / "plan.toml"
    told = plan.read_text(encoding="utf-8")
    for old, new in edits:
        assert old in told, f"the example's plan says no {old!r}"
        told = told.replace(old, new)
    plan.write_text(told, encoding="utf-8")
    city = open_officer("city", role="city-officer", organisation_id=open_tier(CITY))
    open_tier(DISTRICT)
    other = open_tier("370102")
    stranger = open_officer("stranger", role="district-officer", organisation_id=other)
    project = open_project(
        plan_text=(folder / "plan.toml").read_text(encoding="utf-8"),
        by=city.actor,
        at=read_clock(),
    )
    clerk = open_officer(
        "clerk",
        role="selection-officer",
        organisation_id=open_tier(f"{DISTRICT}001"),
        project_id=project.id,
    )
    return Seeds(
        folder=folder,
        city=city,
        clerk=clerk,
        stranger=stranger,
        project_id=project.id,
        code=project.code,
    )


def client_of(account_id: UUID) -> Client:
    """Sign somebody in without a browser."""
    found = find_actor(account_id=account_id)
    assert found is not None
    client = Client()
    client.force_login(found[0])
    return client


def sign_in_officer(page: Page, site: str, person: Person) -> None:
    """Sign an officer in by the form."""
    page.goto(f"{site}/sign-in/")
    page.fill("#login", person.login)
    page.fill("#password", PASSWORD)
    page.fill("#code", person.code(read_clock()))
    press(page.locator("form button.btn").first)


def sign_in_family(page: Page, site: str, family: Family) -> None:
    """Sign a household in by the form."""
    page.goto(f"{site}/sign-in/")
    page.fill("#login", family.code)
    page.fill("#password", family.pin)
    press(page.locator("form button.btn").first)
