"""The real selection event as a project of the platform, chosen again through the HTTP API.

The order is the recorded one: the queue number is the score. Homes, areas, budgets and rules are
the event's own; a household that the record skips waives.
"""

from __future__ import annotations

import http.client
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from threading import Lock, Thread
from time import monotonic, sleep
from typing import Any

from anju.foundation.access.operations import issue_token
from anju.foundation.core.clock import read_clock
from anju.resettlement.offline.plan import Plan, RegisteredHousehold
from anju.resettlement.offline.plan_terms import read_draw_terms, read_project
from anju.resettlement.offline.plan_text import Section
from anju.resettlement.scoring.operations import score_project
from anju.resettlement.selection.operations.drawing import rehearse_draw
from anju_rules.policy import read_rule_set
from anju_rules.replay import RecordedChoice
from anju_rules.values import HouseholdNumber, UnitNumber
from tests.support.access import open_officer, open_tier
from tests.support.choice_mutations import PLAN as EVENT_PLAN
from tests.support.choice_mutations import SelectionEvent
from tests.support.selections import AT, Selected, register_plan

CODE = "EVENT-2026"
LAST = 10_000
"""Above every queue number: what is left of it is the score."""
DESKS = 3

_TEXT = """
[project]
code = "EVENT-2026"
name = "真实选房记录"
mode = "score"
strata = ["全体"]
batch_size = 30

[facts]
persons = "integer"
confirmed_area_sqm = "area"
queue = "integer"

[[rules.scoring]]
code = "queue"
label = "原次序"
points = "0.1"
per = "queue"
clause = "plan/scoring#1"
source = "原记录"
certainty = "C"

[draw]
scheme = "anju-draw-1"
freeze_at = "2026-05-23T17:00:00+08:00"
beacon_at = "2026-05-26T15:30:00+08:00"
beacon_rule = "balls:6x00-99"
redraw_rule = "void-causes-1"

[draw.rehearsal]
beacon_at = "2026-03-30T15:30:00+08:00"
beacon = ["07 41 58 03 96 22"]
"""


def order_of(event: SelectionEvent) -> list[HouseholdNumber]:
    """Give the households in their order; of two with one number, as 611, who chose first."""
    first: dict[HouseholdNumber, int] = {}
    for choice in event.choices:
        first.setdefault(choice.household, choice.seq)
    numbers = event.lottery_numbers
    return sorted(numbers, key=lambda one: (numbers[one], first.get(one, len(event.choices))))


def event_plan(event: SelectionEvent) -> tuple[Plan, bytes]:
    """Give the event's plan and its text: its own rules, one signature, three desks."""
    told = tomllib.loads(_TEXT)
    rules = tomllib.loads(EVENT_PLAN.read_text(encoding="utf-8"))["rules"]
    turns = {**rules["turns"], "signatures": 1, "desks": DESKS, "seconds": 10}
    told["rules"] = {
        **rules,
        **told["rules"],
        "scoring_clause": "plan/scoring",
        "turns": turns,
        "effective_on": rules["effective_on"],
    }
    section = Section(name="project", values=told["project"])
    project = read_project(section)
    rules_table = {"facts": told["facts"], "rules": told["rules"]}
    households = {}
    for place, number in enumerate(order_of(event), start=1):
        household = event.households[number]
        facts = {**household.facts, "queue": LAST - place}
        households[number] = RegisteredHousehold(
            household=replace(household, stratum="全体", facts=facts), name="", street=""
        )
    plan = Plan(
        project=project,
        rules=read_rule_set(rules_table),
        rules_table=rules_table,
        homes=dict(event.homes),
        unit_rows={number: {} for number in event.homes},
        households=households,
        wishes={},
        choices=(),
        lottery_numbers={},
        draw=read_draw_terms(Section(name="draw", values=told["draw"]), strata=project.strata),
    )
    return plan, _TEXT.encode()


def ready_event(event: SelectionEvent) -> Selected:
    """Give the event as a project that is drawn; nobody is called yet."""
    plan, text = event_plan(event)
    project = register_plan(plan, text)
    score_project(project_id=project.id, by=project.officer, at=AT)
    rehearse_draw(project_id=project.id, by=project.officer, at=AT)
    return project


def desk_token(project: Selected, desk: int) -> str:
    """Open the account of a desk's officer; gives its token for the API."""
    clerk = open_officer(
        f"desk-{desk}",
        role="selection-officer",
        organisation_id=open_tier(f"37010500{desk}"),
        project_id=project.id,
    )
    return issue_token(label="desk", lifetime=timedelta(days=1), by=clerk.actor, at=read_clock())


@dataclass(frozen=True, slots=True)
class Desk:
    """One desk's line to the API."""

    site: str
    token: str

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """Ask, and give status and answer."""
        line = http.client.HTTPConnection(self.site.removeprefix("http://"), timeout=60)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        try:
            line.request(
                method,
                f"/api/projects/{CODE}/{path}",
                None if body is None else json.dumps(body),
                headers,
            )
            answer = line.getresponse()
            told = answer.read()
            return answer.status, json.loads(told) if told else None
        finally:
            line.close()


@dataclass(slots=True)
class Replay:
    """The event, chosen again: one place after the other is called, at whichever desk is free."""

    event: SelectionEvent
    desks: list[Desk]
    speed: float = 0.0
    """How many times as fast as it was; 0: as fast as the platform answers."""
    unlawful: Mapping[HouseholdNumber, list[tuple[list[str], str]]] = field(default_factory=dict)
    """What a household asks for first, and the code that refuses it."""
    faults: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    _choices: dict[HouseholdNumber, list[RecordedChoice]] = field(default_factory=dict)
    _late: set[HouseholdNumber] = field(default_factory=set)
    _lock: Lock = field(default_factory=Lock)
    _begun: float = 0.0

    def __post_init__(self) -> None:
        """Group the choices, and find who came after others with a higher number."""
        highest = 0
        for choice in self.event.choices:
            number = self.event.lottery_numbers[choice.household]
            if number < highest:
                self._late.add(choice.household)
            highest = max(highest, number)
            self._choices.setdefault(choice.household, []).append(choice)

    def run(self, *, batches: int) -> None:
        """Replay so many batches."""
        order = order_of(self.event)
        self._begun = monotonic()
        for batch in range(1, batches + 1):
            self._expect(200, *self.desks[0].ask("POST", f"batches/{batch}/open"))
            waiting = order[(batch - 1) * 30 : batch * 30]
            late: list[tuple[str, HouseholdNumber]] = []
            threads = [
                Thread(target=self._serve, args=(place, desk, waiting, late))
                for place, desk in enumerate(self.desks, start=1)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self._let_late_ones_come(late)
            self._expect(200, *self.desks[0].ask("POST", "batches/close"))

    def homes_of(self, household: HouseholdNumber) -> list[UnitNumber]:
        """Give what a household chose."""
        return [choice.unit for choice in self._choices.get(household, ())]

    def _serve(
        self,
        number: int,
        desk: Desk,
        waiting: list[HouseholdNumber],
        late: list[tuple[str, HouseholdNumber]],
    ) -> None:
        while True:
            with self._lock:  # who is called next is decided by the platform; whom to expect, here
                if not waiting:
                    return
                household = waiting.pop(0)
                self._await(household)
                status, turn = desk.ask("POST", "turns/next", {"desk": number})
            if not self._expect(200, status, turn):
                return
            if household in self._late:
                late.append((turn["id"], household))
                return  # it is called, and does not come: the desk waits for it
            self._choose(desk, turn, household)

    def _choose(self, desk: Desk, turn: dict[str, Any], household: HouseholdNumber) -> None:
        homes = self.homes_of(household)
        path = f"turns/{turn['id']}"
        if not homes:
            self._expect(200, *desk.ask("POST", f"{path}/waive", {}))
            return
        for wrong, code in self.unlawful.get(household, ()):
            status, told = desk.ask("POST", f"{path}/choose", {"homes": wrong})
            if status == 409 and told["refused"][0]["code"] == code:
                self.refused.append(code)
            else:
                self.faults.append(f"{household} {wrong}: {status} {told}, not {code}")
        told = {"homes": homes, "call": turn["times_called"]}
        self._expect(200, *desk.ask("POST", f"{path}/choose", told))

    def _let_late_ones_come(self, late: list[tuple[str, HouseholdNumber]]) -> None:
        desk = self.desks[0]
        for turn, _ in late:
            status, told = desk.ask("POST", f"turns/{turn}/miss")
            while status == 409 and told["refused"][0]["code"] == "selection.turn-still-running":
                sleep(0.5)
                status, told = desk.ask("POST", f"turns/{turn}/miss")
            self._expect(200, status, told)
        for turn, _ in late:
            self._expect(200, *desk.ask("POST", f"turns/{turn}/return"))
        for _, household in late:
            status, turn_told = desk.ask("POST", "turns/next", {"desk": 1})
            if self._expect(200, status, turn_told):
                self._choose(desk, turn_told, household)

    def _await(self, household: HouseholdNumber) -> None:
        chosen = self._choices.get(household)
        if self.speed and chosen and household not in self._late:
            seconds = chosen[0].seconds or 0
            sleep(max(0.0, self._begun + seconds / self.speed - monotonic()))

    def _expect(self, wanted: int, status: int, told: object) -> bool:
        if status != wanted:
            self.faults.append(f"{status}: {told}")
        return status == wanted
