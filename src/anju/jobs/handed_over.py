"""Homes that were handed over: each opens its title case, with what is known filled in (TTL-10).

Asked again after a crash at any point, the same is done and nothing twice: the community's file
carries the project's id, a home its number, the case the hand-over's own id.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import structlog

from anju.foundation.access.context import reading, sensitive_reading
from anju.foundation.access.types import Actor, system_actor
from anju.foundation.casework.queries import cases_by_id
from anju.foundation.casework.types import HandedIn
from anju.resettlement.delivery.queries import hand_overs_of
from anju.resettlement.delivery.types import HandOverRow
from anju.resettlement.households.queries import household_file
from anju.resettlement.inventory.queries import units_by_ids
from anju.resettlement.inventory.types import UnitRow
from anju.resettlement.projects.queries import list_projects
from anju.resettlement.projects.types import ProjectRow
from anju.titles.cases.operations import open_title_case
from anju.titles.communities.operations import enter_homes, open_resettled_community
from anju.titles.communities.queries import find_community, homes_of
from anju.titles.communities.types import CommunityTerms, NewHome, Person
from anju_rules.values import Fen, Refusal

_SHORTEST_DIVISION = 6
"""A title is registered in a county; a project that names only its city waits for it."""
_KNOWN = tuple(
    HandedIn(code=code)
    for code in ("identity-proof", "household-register", "contract-record", "completion-record")
)
"""What the project has examined already, and nobody is asked for again (registration rules 24): who
the family is, its register, its agreement, and the acceptance that the hand-over rests on."""
_log = structlog.get_logger(__name__)


def open_titles_of_handed_over(*, at: datetime) -> int:
    """Open the title case of every handed-over home that has none; give how many were opened.

    What cannot be opened yet (no first registration is filed) is tried again the next time.
    """
    by = system_actor(request_id="titles.handed-over")
    return sum(
        _open_all(project, waiting, by=by, at=at)
        for project in list_projects()
        if (waiting := _without_case(project.id, by=by))
    )


def _without_case(project_id: UUID, *, by: Actor) -> list[HandOverRow]:
    with reading(by=by):
        done = [row for row in hand_overs_of(project_id=project_id) if row.state == "handed-over"]
        opened = cases_by_id(project_id=project_id, case_ids=[row.id for row in done])
    return [row for row in done if row.id not in opened]


def _open_all(project: ProjectRow, waiting: list[HandOverRow], *, by: Actor, at: datetime) -> int:
    if len(project.division_code) < _SHORTEST_DIVISION:
        _log.warning("titles.no-county", project=str(project.id), waiting=len(waiting))
        return 0
    with reading(by=by):
        is_new = find_community(community_id=project.id) is None
        units = units_by_ids(project_id=project.id, unit_ids=[row.unit_id for row in waiting])
    if is_new:
        open_resettled_community(project_id=project.id, terms=_terms_of(project), by=by, at=at)
    with reading(by=by):
        homes = {home.number: home.id for home in homes_of(project_id=project.id)}
    known = {unit.id: unit for unit in units}
    opened = 0
    for row in waiting:
        try:
            _open_one(row, known[row.unit_id], homes, by=by, at=at)
        except Refusal as refusal:
            _log.info("titles.waits", hand_over=str(row.id), code=refusal.code)
        else:
            opened += 1
    return opened


def _terms_of(project: ProjectRow) -> CommunityTerms:
    return CommunityTerms(code=project.code, name=project.name, division=project.division_code)


def _open_one(
    row: HandOverRow, unit: UnitRow, homes: Mapping[str, UUID], *, by: Actor, at: datetime
) -> None:
    """Enter a home with its family into the community's file, and file for its title."""
    home_id = homes.get(str(unit.number))
    if home_id is None:
        entered = enter_homes(
            project_id=row.project_id,
            homes=[_home_from(row, unit, person=_person_of(row, by=by, at=at))],
            by=by,
            at=at,
        )
        home_id = entered[0].id
    open_title_case(
        project_id=row.project_id,
        kind="transfer",
        home_id=home_id,
        household_id=row.household_id,
        case_id=row.id,
        materials=_KNOWN,
        facts={"is_for_expropriated": True},
        # Both sides signed the hand-over, and the agreement before it (order 590, art. 25).
        is_joint=True,
        by=by,
        at=at,
    )


def _person_of(row: HandOverRow, *, by: Actor, at: datetime) -> Person:
    with sensitive_reading(
        by=by,
        permits="households.see",
        purpose="交房后申请不动产登记",
        target=str(row.id),
        household_id=row.household_id,
        project_id=row.project_id,
        at=at,
    ):
        file = household_file(project_id=row.project_id, household_id=row.household_id)
    return Person(name=file.name, identity_number=file.identity_number, phone=file.phone)


def _home_from(row: HandOverRow, unit: UnitRow, *, person: Person) -> NewHome:
    price = unit.price_fen_per_sqm
    return NewHome(
        building=unit.home.building or str(unit.number),
        number=str(unit.number),
        floor=unit.home.floor,
        contracted_sqm=unit.home.area_sqm,
        price_fen_per_sqm=None if price is None else Fen(price),
        people=(person,),
        household_id=row.household_id,
    )
