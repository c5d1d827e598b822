"""The demo's city: organisations, people, one project in mid-selection. Run again, it goes on.

Each step looks first whether it is done, so a demo that was cut short is finished the next time.
Every act is done by the officer whose work it is, through the operations that the pages call.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from anju.cli.demo_accounts import (
    DemoAccount,
    is_prepared,
    mark_prepared,
    new_family,
    new_officer,
    read_accounts,
    write_accounts,
)
from anju.cli.demo_departments import write_demo_register
from anju.cli.demo_draws import DemoDraws
from anju.cli.demo_reviews import DemoReviews
from anju.cli.demo_stock import DemoStock
from anju.cli.demo_titles import DemoTitles
from anju.foundation.access.context import reading
from anju.foundation.access.operations import (
    HouseholdKey,
    create_account,
    create_household_accounts,
    open_organisation,
)
from anju.foundation.access.queries import actor_by_id, list_accounts, list_organisations
from anju.foundation.access.types import Actor, OrganisationRow, Tier, system_actor
from anju.foundation.core.clock import read_clock
from anju.foundation.exchange.operations import receive_upload
from anju.foundation.exchange.types import ImportKind
from anju.foundation.policies.operations import freeze_rule_set
from anju.foundation.policies.queries import rule_set_in_force
from anju.jobs.autoplay import keep_families
from anju.resettlement.households.queries import registered_households
from anju.resettlement.intake.operations import open_project, run_import
from anju.resettlement.inventory.queries import homes_of
from anju.resettlement.offline.example import write_example
from anju.resettlement.preferences.queries import wishes_of_household
from anju.resettlement.projects.queries import find_project
from anju.resettlement.projects.types import ProjectRow
from anju.resettlement.scoring.operations import score_project
from anju.resettlement.scoring.queries import latest_scoring
from anju.resettlement.selection.auto_play import choose_by_wishes, sign_for_missing
from anju.resettlement.selection.operations.batches import close_batch, open_batch
from anju.resettlement.selection.operations.choosing import choose_homes
from anju.resettlement.selection.operations.drawing import rehearse_draw
from anju.resettlement.selection.operations.turns import call_next
from anju.resettlement.selection.queries import called_turn, places_of
from anju.resettlement.selection.queries import desk as desk_of
from anju_rules.values import Refusal

CITY, DISTRICT, STREET = "3701", "370105", "370105901"
PROJECT = "LA-2026"
HOMES, HOUSEHOLDS = 1296, 1200
DONE_BATCHES = 3
"""Batches that are through when the demo begins; the next one is half way."""
DONE_TURNS = 11
FAMILIES_AHEAD = 3
TURNS = """signatures = 2       # 住户和工作人员都签字 · household and office sign
hot_from_wishes = 8  # 八户以上填报的房屋另请人复核 · a third person checks
desks = 3            # 三张选房台同时叫号 · three desks call at once
"""
"""What the demo's plan says of turns beside the example's: a hall as it is on the day."""
_ORGANISATIONS = (
    (CITY, "演示市征收安置中心", Tier.CITY),
    (DISTRICT, "演示区征收安置办", Tier.DISTRICT),
    (STREET, "柳岸街道办事处", Tier.STREET),
)
_OFFICERS = (
    ("administrator", "系统管理员", "admin", CITY),
    ("city-officer", "市级经办", "city", CITY),
    ("district-officer", "区县经办", "district", DISTRICT),
    ("street-officer", "街道经办", "street", STREET),
    ("selection-officer", "选房现场工作人员", "desk", STREET),
    ("notary", "公证员", "notary", DISTRICT),
    ("supervisor", "监督员", "supervisor", DISTRICT),
    ("representative", "被征收人代表", "representative", STREET),
    ("builder", "施工单位", "builder", DISTRICT),
)
_POSTED = frozenset({"street-officer", "selection-officer", "representative", "builder"})
"""Officers who are posted to the project: it is the district's, and lies over their street."""


@dataclass(slots=True, kw_only=True)
class DemoCity:
    """The demo of one installation, while it is being made."""

    home: Path
    say: Callable[[str], None]
    homes: int = HOMES
    households: int = HOUSEHOLDS
    done_batches: int = DONE_BATCHES
    done_turns: int = DONE_TURNS
    turns: str = TURNS
    """What the plan says of turns beside the example's."""
    _taken: set[UUID] = field(default_factory=set, init=False)
    """Homes that were chosen while this demo was made: asking for them again is no use."""

    def prepare(self) -> None:
        """Make whatever is not there yet."""
        self._keep_officers()
        organisations = self._open_organisations()
        self._open_officers(organisations, posted_to=None)
        project = self._open_project()
        self._open_officers(organisations, posted_to=project.id)
        self._fill_registers(project)
        write_demo_register(self.home)
        self._score(project)
        DemoReviews(
            home=self.home,
            project=project,
            division=STREET,
            officer=self.officer,
            say=self.say,
        ).prepare()
        DemoStock(
            project=find_project(code=PROJECT) or project,
            households=self.households,
            officer=self.officer,
            say=self.say,
        ).prepare()
        self._draw(project)
        self._choose(project)
        DemoDraws(
            project=project,
            officer=self.officer,
            accounts={account.login: account for account in read_accounts(self.home)},
            say=self.say,
        ).prepare()
        titles = DemoTitles(
            home=self.home,
            division=STREET,
            district_office=organisations[DISTRICT].id,
            officer=self.officer,
            say=self.say,
        )
        titles.prepare()
        self._open_families(project)
        titles.open_owners()

    def _keep_officers(self) -> None:
        """Write the secrets down before any account is opened with them."""
        if not read_accounts(self.home):
            write_accounts(
                self.home,
                [
                    new_officer(role=role, title=title, login=login)
                    for role, title, login, _ in _OFFICERS
                ],
            )

    def _open_organisations(self) -> dict[str, OrganisationRow]:
        system = system_actor(name="平台")
        known = {row.division: row for row in list_organisations(by=system)}
        for division, name, tier in _ORGANISATIONS:
            if division not in known:
                known[division] = open_organisation(
                    division=division, name=name, tier=tier, by=system, at=read_clock()
                )
        return known

    def _open_officers(
        self, organisations: dict[str, OrganisationRow], *, posted_to: UUID | None
    ) -> None:
        system = system_actor(name="平台")
        known = {account.login for account in list_accounts(by=system)}
        secrets = {account.login: account for account in read_accounts(self.home)}
        for role, title, login, division in _OFFICERS:
            is_posted = role in _POSTED
            if login in known or is_posted != (posted_to is not None):
                continue
            create_account(
                login=login,
                password=secrets[login].password,
                name=f"{title}（演示）",
                role=role,
                organisation_id=organisations[division].id,
                project_id=posted_to,
                totp_secret=secrets[login].totp,
                by=system,
                at=read_clock(),
            )

    def officer(self, login: str) -> Actor:
        """Give an officer as an actor, with what is in sight now."""
        accounts = list_accounts(by=system_actor())
        found = next(account for account in accounts if account.login == login)
        return actor_by_id(account_id=found.id, address="127.0.0.1", request_id="demo")

    def _open_project(self) -> ProjectRow:
        plan = self.home / "plan"
        if not (plan / "plan.toml").exists():
            write_example(plan, homes=self.homes, households=self.households)
            file = plan / "plan.toml"
            head = "[rules.turns]\n"
            text = file.read_text(encoding="utf-8").replace(head, head + self.turns)
            file.write_text(text, encoding="utf-8")
        project = find_project(code=PROJECT)
        if project is not None:
            return project
        self.say("开立项目……")
        text = (plan / "plan.toml").read_text(encoding="utf-8")
        return open_project(plan_text=text, by=self.officer("city"), at=read_clock())

    def _fill_registers(self, project: ProjectRow) -> None:
        by = self.officer("city")
        with reading(by=by):
            has_homes = bool(homes_of(project_id=project.id))
            has_households = bool(registered_households(project_id=project.id))
        tables: tuple[tuple[ImportKind, str, bool], ...] = (
            ("units", "units.xlsx", has_homes),
            ("households", "households.csv", has_households),
            ("wishes", "wishes.csv", rule_set_in_force(project_id=project.id) is not None),
        )
        for kind, name, is_there in tables:
            if is_there:
                continue
            self.say(f"导入 {name}……")
            upload = receive_upload(
                project_id=project.id,
                kind=kind,
                data=(self.home / "plan" / name).read_bytes(),
                file_name=name,
                is_dry_run=False,
                by=by,
                at=read_clock(),
            )
            done = run_import(import_id=upload.id, by=by, at=read_clock())
            if done.state != "done":
                raise Refusal("demo.not-made", home=str(self.home))

    def _score(self, project: ProjectRow) -> None:
        by = self.officer("city")
        if rule_set_in_force(project_id=project.id) is None:
            self.say("冻结规则……")
            freeze_rule_set(project_id=project.id, by=by, at=read_clock())
        if latest_scoring(project_id=project.id) is None:
            self.say("评分……")
            score_project(project_id=project.id, by=by, at=read_clock())

    def _draw(self, project: ProjectRow) -> None:
        current = find_project(code=project.code)
        if current is not None and current.state == "open":
            self.say("摇号（演练）……")
            rehearse_draw(project_id=project.id, by=self.officer("city"), at=read_clock())

    def _choose(self, project: ProjectRow) -> None:
        """Let batches choose until the demo's beginning is reached; never beyond, never back."""
        by = self.officer("desk")
        desk = desk_of(project_id=project.id, by=by)
        closed = sum(batch.state == "closed" for batch in desk.batches)
        through = 0 if desk.open_batch is None else desk.open_batch.through
        for batch in desk.batches[closed : self.done_batches + 1]:
            is_last = batch.batch > self.done_batches
            self.say(f"第 {batch.batch} 批选房……")
            if desk.open_batch is None or desk.open_batch.batch != batch.batch:
                open_batch(project_id=project.id, batch=batch.batch, by=by, at=read_clock())
                through = 0
            wanted = min(self.done_turns, batch.households) if is_last else batch.households
            for _ in range(through, wanted):
                self._choose_next(project, by=by)
            if not is_last:
                close_batch(project_id=project.id, by=by, at=read_clock())
        with suppress(Refusal):  # until every desk is busy, or nobody is left
            while True:
                call_next(project_id=project.id, by=by, at=read_clock())

    def _choose_next(self, project: ProjectRow, *, by: Actor) -> None:
        """Let the household that is next choose its first wish, else whatever autoplay finds."""
        turn = called_turn(project_id=project.id)
        if turn is None:
            turn = call_next(project_id=project.id, by=by, at=read_clock())
        with reading(by=by):
            wishes = wishes_of_household(project_id=project.id, household_id=turn.household_id)
        for wish in wishes:
            if not self._taken.isdisjoint(wish):
                continue
            with suppress(Refusal):
                choice = choose_homes(
                    project_id=project.id, turn_id=turn.id, unit_ids=wish, by=by, at=read_clock()
                )
                if not choice.is_made:
                    sign_for_missing(turn=turn, at=read_clock())
                self._taken.update(wish)
                return
            break
        choose_by_wishes(turn=turn, by=by, at=read_clock())

    def _open_families(self, project: ProjectRow) -> None:
        """Open the accounts of some families: one that has chosen, some that come soon, one later.

        A household's PIN costs as much to check as a password, so not all 1,200 are made here.
        """
        kept = [one for one in read_accounts(self.home) if one.role != "household"]
        by = self.officer("desk")
        desk = desk_of(project_id=project.id, by=by)
        with reading(by=by):
            later = places_of(project_id=project.id, batch=len(desk.batches))
        chosen = [turn for turn in desk.turns if turn.state == "chosen"]
        ahead = [turn for turn in desk.turns if turn.state in {"called", "waiting"}]
        wanted: list[tuple[str, UUID]] = []
        if chosen:
            wanted.append(("已选房的一户", chosen[-1].household_id))
        wanted += [
            ("正在选房的一户" if turn.is_called else f"第 {turn.place} 位的一户", turn.household_id)
            for turn in ahead[1 : 1 + FAMILIES_AHEAD]
        ]
        if later:
            wanted.append(("排在最后一批的一户", later[-1].household_id))
        families = [
            new_family(title=title, household=str(household)) for title, household in wanted
        ]
        # Their codes first: an account whose code nobody knows could never be opened again.
        write_accounts(self.home, [*kept, *families])
        keep_families(self.home, [UUID(family.household) for family in families])
        create_household_accounts(
            project_id=project.id,
            keys=[_key(family) for family in families],
            by=self.officer("city"),
            at=read_clock(),
        )


def _key(family: DemoAccount) -> HouseholdKey:
    return HouseholdKey(household_id=UUID(family.household), code=family.login, pin=family.password)


def prepare_demo(home: Path) -> None:
    """Make the demo in ``home``, or what is missing of it; says on standard output what it does."""
    if not is_prepared(home):
        DemoCity(home=home, say=_say).prepare()
        mark_prepared(home)


def _say(words: str) -> None:
    sys.stdout.write(words + "\n")
    sys.stdout.flush()
