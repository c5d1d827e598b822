"""A community with problems for tests: its buildings answered, its cases brought to their end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from anju.foundation.access.context import reading
from anju.foundation.casework.operations import take_action
from anju.foundation.casework.types import CaseRow, HandedIn, NewAction
from anju.foundation.core.crypto import new_id
from anju.foundation.core.legacy import default_blockers
from anju.titles.communities.operations import enter_homes, lay_community, lay_homes
from anju.titles.communities.queries import find_community
from anju.titles.communities.types import CommunityTerms, NewHome
from anju.titles.legacy.models import PlanRecord
from anju.titles.legacy.operations.triage import answer_building
from anju.titles.legacy.queries import blockers_of
from anju.titles.legacy.types import Answer, BlockerRow
from anju_rules.procedures.states import ActionKind
from anju_rules.triage.easy_first import Means
from anju_rules.triage.plan_records import digest_plan, public_part, show_plan
from anju_rules.triage.planning import plan_community
from anju_rules.triage.types import Community
from tests.support.access import Person as Officer
from tests.support.access import open_officer, recorded
from tests.support.communities import AT, STREET, Town, new_homes, open_town, unit_code

NONE: Mapping[str, Answer] = {kind: Answer(stands=False) for kind in default_blockers()}
"""Every question answered: no such problem."""


_NOBODY = Community(code="none", homes=(), blockers=())
_EMPTY = show_plan(
    community=_NOBODY,
    plan=plan_community(_NOBODY, kinds=default_blockers(), means=Means()),
    kinds=default_blockers(),
    means=Means(),
    is_separated=False,
)


def lay_file(*, project_id: UUID, code: str) -> None:
    """Give a resettlement project a community's file with one home, and a frozen plan of it."""
    with recorded(project_id=project_id):
        terms = CommunityTerms(code=code, name="回迁小区", division=STREET)
        if find_community(community_id=project_id) is None:
            lay_community(community_id=project_id, terms=terms, origin="resettled", at=AT)
        lay_homes(project_id=project_id, homes=[NewHome(building="L", number="L-101")])
        PlanRecord.objects.create(
            project_id=project_id,
            id=new_id(),
            version=1,
            is_separated=False,
            content=_EMPTY,
            digest=digest_plan(_EMPTY),
            public_digest=digest_plan(public_part(_EMPTY)),
            frozen_at=AT,
            frozen_by=new_id(),
            second_id=new_id(),
            event_id=new_id(),
        )


def problem(facts: str = "现场核实", **told: object) -> Answer:
    """Give the answer that there is such a problem."""
    return replace(Answer(stands=True, facts=facts), **told)  # type: ignore[arg-type]


def old_yard(*, homes: int = 8) -> Town:
    """Open a community of two buildings: half of its homes in each."""
    town = open_town(homes=homes // 2)
    more = [
        replace(home, building="2", number=f"2-{home.number[2:]}", unit_code=unit_code(2, place))
        for place, home in enumerate(new_homes(homes - homes // 2), start=1)
    ]
    entered = enter_homes(project_id=town.project_id, homes=more, by=town.officer(), at=AT)
    return replace(town, homes=(*town.homes, *entered))


def answer(town: Town, building: str, **found: Answer) -> list[BlockerRow]:
    """Answer every question about a building: none but ``found`` (``land_papers=problem()``)."""
    told = {**NONE, **{kind.replace("_", "-"): one for kind, one in found.items()}}
    return answer_building(
        project_id=town.project_id, building=building, answers=told, by=town.officer(), at=AT
    )


def rows_of(town: Town) -> dict[str, BlockerRow]:
    """Give the newest answers by their codes."""
    with reading(by=town.officer()):
        return {row.code: row for row in blockers_of(project_id=town.project_id)}


def second_officer(town: Town) -> Officer:
    """Open a second officer of the district."""
    office = town.officer().organisation_id
    assert office is not None
    return open_officer("second", role="district-officer", organisation_id=office)


def act(
    town: Town,
    case_id: UUID,
    *,
    at: datetime = AT,
    second: Officer | None = None,
    materials: tuple[str, ...] = (),
    **told: object,
) -> CaseRow:
    """Decide a step of a case: ``step=…, outcome=…``."""
    return take_action(
        project_id=town.project_id,
        case_id=case_id,
        act=NewAction(
            kind=ActionKind.DECIDE,
            materials=tuple(HandedIn(code=code) for code in materials),
            why="已核实",
            **told,  # type: ignore[arg-type]
        ),
        second=second.actor if second is not None else None,
        by=town.officer(),
        at=at,
    )


def solve(
    town: Town, row: BlockerRow, *, remedy: str, second: Officer, at: datetime = AT
) -> CaseRow:
    """Bring the case of a problem to its good end by ``remedy``."""
    assert row.case_id is not None
    paper = ("result-paper",)
    act(town, row.case_id, step="examine", outcome=remedy, at=at)
    act(town, row.case_id, step=remedy, outcome="cleared", materials=paper, at=at)
    return act(town, row.case_id, step="confirm", outcome="solved", second=second, at=at)
