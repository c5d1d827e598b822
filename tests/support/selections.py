"""Projects for tests of the selection: registered, scored and, if wanted, drawn; in a moment."""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg

from anju.foundation.access.operations import register_project_scope
from anju.foundation.access.types import Actor
from anju.foundation.core.crypto import new_id
from anju.foundation.policies.operations import freeze_rule_set, store_rule_set
from anju.resettlement.households.operations import store_households
from anju.resettlement.households.queries import compare_households, household_numbers
from anju.resettlement.inventory.operations import store_units
from anju.resettlement.inventory.queries import compare_units, unit_numbers
from anju.resettlement.offline.plan import Plan, RegisteredHousehold
from anju.resettlement.offline.plan_terms import read_draw_terms, read_project
from anju.resettlement.offline.plan_text import Section
from anju.resettlement.preferences.operations import store_wishes
from anju.resettlement.preferences.queries import compare_wishes
from anju.resettlement.projects.operations import store_project
from anju.resettlement.projects.types import ProjectTerms
from anju.resettlement.scoring.operations import score_project
from anju.resettlement.selection.auto_play import Step, play_step
from anju.resettlement.selection.operations.batches import open_batch
from anju.resettlement.selection.operations.drawing import rehearse_draw
from anju.resettlement.selection.operations.turns import call_next
from anju.resettlement.selection.queries import options_of
from anju.resettlement.selection.types import TurnRow
from anju_rules.policy import read_rule_set
from anju_rules.values import AreaSqm, Home, Household, HouseholdNumber, UnitNumber
from tests.support.access import recorded
from tests.support.databases import Database
from tests.support.kept import kept

AT = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)
LATER = AT + timedelta(seconds=10)
TOO_LATE = AT + timedelta(seconds=181)
TURN_ENDS = frozenset({"named", "chosen", "waived", "missed", "waiting", "done"})
"""Steps of a rehearsal that leave a turn over, or that wait for people."""
DIVISION = "3701"


def officer(role: str = "city-officer") -> Actor:
    """Give an officer who sees every project; the accounts behind are another test's."""
    return Actor(
        id=new_id(),
        kind="officer",
        role=role,
        projects=None,
        division=DIVISION,
        address="10.1.2.3",
        request_id="tests",
        has_second_factor=True,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Selected:
    """A project for tests, and who runs it."""

    id: UUID
    plan: Plan
    officer: Actor
    households: dict[str, UUID]
    units: dict[str, UUID]

    def household(self, household_id: UUID) -> Actor:
        """Give a household as it is signed in."""
        return Actor(
            id=new_id(),
            kind="household",
            role="household",
            projects=frozenset(),
            household_id=household_id,
            project_id=self.id,
            address="120.1.2.3",
            request_id="tests",
        )

    def household_value(self, household_id: UUID) -> Household:
        """Give a household as the rules see it."""
        number = next(number for number, known in self.households.items() if known == household_id)
        return self.plan.households[number].household  # type: ignore[index]


PLAN = """
[project]
code = "XF-2026"
name = "选房测试项目"
mode = "{mode}"
strata = ["优先户", "普通户"]
batch_size = {batch_size}

[facts]
signed_early = "flag"

[rules]
version = "1"
effective_on = 2026-06-01
scoring_clause = "plan/scoring"

[[rules.scoring]]
code = "population"
label = "户籍人口"
points = "0.3"
per = "persons"
clause = "plan/scoring#1"
source = "方案第九条"
certainty = "C"

[[rules.scoring]]
code = "early-signing"
label = "提前签约"
points = "1"
when = {{ fact = "signed_early", is = true }}
clause = "plan/scoring#2"
source = "方案第九条"
certainty = "C"

[rules.entitlement]
kind = "budget"
per_person_sqm = "40"
per = "persons"
excess_at_most_sqm = "10"
most_homes = 2
clause = "plan/selection#3"

[rules.turns]
late = "{late}"
{turns}
clause = "plan/selection#6"

[[rules.needs]]
need = "elderly"
home = {{ any = [{{ has_lift = true }}, {{ floor_at_most = 3 }}] }}
reserved_opens_after_stratum = "优先户"
clause = "plan/needs#1"

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
"""40 m² a person and 10 m² more; two layouts, 78 and 88 m²; homes 1 and 2 are kept for a need."""


def small_plan(
    *,
    homes: int = 24,
    households: int = 20,
    mode: str = "score",
    late: str = "allowed",
    batch_size: int = 6,
    last_layout: int = 0,
    turns: str = "",
) -> tuple[Plan, bytes]:
    """Give a plan made in memory, and its text; every fourth household chooses first.

    The last ``last_layout`` homes are of the layout 大三居; ``turns``: more lines of
    ``[rules.turns]``.
    """
    text = PLAN.format(mode=mode, late=late, batch_size=batch_size, turns=turns)
    told = tomllib.loads(text)
    section = Section(name="project", values=told["project"])
    project = read_project(section)
    rules_table = {"facts": told["facts"], "rules": told["rules"]}
    listed = [_home(place, homes, last_layout) for place in range(1, homes + 1)]
    numbers = [home.number for home in listed]
    people = [_household(place) for place in range(1, households + 1)]
    plan = Plan(
        project=project,
        rules=read_rule_set(rules_table),
        rules_table=rules_table,
        homes={home.number: home for home in listed},
        unit_rows={number: {} for number in numbers},
        households={row.household.number: row for row in people},
        wishes={
            row.household.number: tuple((numbers[(5 * place + rank) % homes],) for rank in range(3))
            for place, row in enumerate(people)
            if place % 3
        },
        choices=(),
        lottery_numbers={},
        draw=read_draw_terms(Section(name="draw", values=told["draw"]), strata=project.strata),
    )
    return plan, text.encode()


def _home(place: int, homes: int, last_layout: int) -> Home:
    floor = (place - 1) // 4 + 1
    is_last = place > homes - last_layout
    layout, area = ("两居", "78.00") if place % 2 else ("三居", "88.00")
    return Home(
        number=UnitNumber(f"1-1-{floor}0{(place - 1) % 4 + 1}"),
        area_sqm=AreaSqm(Decimal("90.00" if is_last else area)),
        community="柳岸新村",
        building="1",
        stair="1",
        floor=floor,
        total_floors=homes // 4 + 1,
        room=f"{floor}0{(place - 1) % 4 + 1}",
        layout="大三居" if is_last else layout,
        rooms=3,
        has_lift=True,
        reserved_for="elderly" if place <= 2 else "",
    )


def _household(place: int) -> RegisteredHousehold:
    return RegisteredHousehold(
        household=Household(
            number=HouseholdNumber(f"H{place:04d}"),
            stratum="普通户" if place % 4 else "优先户",
            facts={"persons": 2 + place % 3, "signed_early": place % 2 == 0},
            needs=frozenset({"elderly"}) if place == 4 else frozenset(),
        ),
        name=f"王测{chr(0x4E00 + place)}",
        street="泺口街道",
    )


def register_plan(plan: Plan, text: bytes, *, code: str = "") -> Selected:
    """Store a plan's registers as a project with frozen rules."""
    by = officer()
    told = tomllib.loads(text.decode())
    code = code or plan.project.code
    plan = replace(plan, project=replace(plan.project, code=code))
    with recorded(by=by):
        project = store_project(
            terms=ProjectTerms(
                code=code,
                name=plan.project.name,
                division_code=plan.project.division,
                mode=plan.project.mode,
                strata=plan.project.strata,
                batch_size=plan.project.batch_size,
                plan_text=text.decode(),
                plan=json.loads(json.dumps(told, default=str)),
            ),
            at=AT,
        )
        register_project_scope(project_id=project.id, division_code="370105")
        store_rule_set(project_id=project.id, rules=plan.rules, at=AT)
        store_units(
            project_id=project.id,
            changes=compare_units(project_id=project.id, homes=plan.homes, beside=plan.unit_rows),
            import_id=new_id(),
        )
        store_households(
            project_id=project.id,
            changes=compare_households(
                project_id=project.id, households=plan.households, lottery_numbers={}
            ),
        )
        units = unit_numbers(project_id=project.id)
        households = household_numbers(project_id=project.id)
        wishes = {
            households[number]: tuple(tuple(units[home] for home in wish) for wish in told_wishes)
            for number, told_wishes in plan.wishes.items()
        }
        store_wishes(
            project_id=project.id, changes=compare_wishes(project_id=project.id, wishes=wishes)
        )
    freeze_rule_set(project_id=project.id, by=by, at=AT)
    return Selected(
        id=project.id,
        plan=plan,
        officer=by,
        households={str(number): known for number, known in households.items()},
        units={str(number): known for number, known in units.items()},
    )


@kept
def scored_project(*, code: str = "", **shape: Any) -> Selected:
    """Give a project of :func:`small_plan` that is scored and not drawn yet."""
    plan, text = small_plan(**shape)
    project = register_plan(plan, text, code=code)
    score_project(project_id=project.id, by=project.officer, at=AT)
    return project


@kept
def drawn_project(*, code: str = "", **shape: Any) -> Selected:
    """Give a project of :func:`small_plan` that is drawn by rehearsal."""
    project = scored_project(code=code, **shape)
    rehearse_draw(project_id=project.id, by=project.officer, at=AT)
    return project


def free_homes(project: Selected, household_id: UUID) -> list[UUID]:
    """Give the homes a household may choose now."""
    options = options_of(project_id=project.id, household_id=household_id, by=project.officer)
    return [option.tile.unit_id for option in options if option.is_lawful]


def call_first(project: Selected, *, at: datetime = AT) -> TurnRow:
    """Open the first batch and call its first household."""
    open_batch(project_id=project.id, batch=1, by=project.officer, at=at)
    return call_next(project_id=project.id, by=project.officer, at=at)


def play_turn(*, project_id: UUID, by: Actor, at: datetime) -> Step:
    """Take steps until one turn is over; ``done`` where nobody is left to choose."""
    while True:
        step = play_step(project_id=project_id, by=by, at=at)
        if step in TURN_ENDS:
            return step


def call_everyone(project: Selected, database: Database) -> dict[UUID, UUID]:
    """Call every household at once, as no operation can: a superuser writes the turns.

    Each at a desk of its own. For races that turns make impossible. Gives each turn's household.
    """
    with psycopg.connect(database.superuser_url) as connection:
        # As a replica applies changes: no trigger asks for an entry.
        connection.execute("SET session_replication_role = replica")
        rows = connection.execute(
            """
            INSERT INTO selection_turn (project_id, id, place, batch, household_id, state,
                                        called_at, limit_at, times_called, has_come_back, desk)
            SELECT project_id, gen_random_uuid(), place, batch, household_id, 'called',
                   %s, %s, 1, false, place
            FROM selection_place WHERE project_id = %s
            RETURNING id, household_id
            """,
            [AT, AT + timedelta(seconds=180), project.id],
        ).fetchall()
    return dict(rows)


def drop_home_constraint(database: Database) -> None:
    """Take away what keeps a home from being given twice: for controls."""
    with psycopg.connect(database.superuser_url) as connection:
        connection.execute("DROP INDEX selection_choice_unit_once")
