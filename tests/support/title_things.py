"""What addresses of titles name, in a project of the tests: home, settlement, case, batch."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from anju.foundation.core.clock import read_clock
from anju.titles.cases.batches.operations import receive_batch
from anju.titles.cases.operations import open_title_case
from anju.titles.cases.settlements.operations import settle_home, state_area_terms
from anju.titles.communities.operations import enter_homes
from anju.titles.communities.types import NewHome, Person
from anju_rules.area import TermsFrom, settle_at_actual
from anju_rules.values import AreaSqm, Fen
from tests.support.access import SYSTEM
from tests.support.batches import make_files, packed
from tests.support.selections import Selected


def titles_of(project: Selected, household_id: UUID, *, home: int) -> dict[str, Any]:
    """Give a home of a household's with its settlement and its title case."""
    told: dict[str, Any] = {"project_id": project.id, "by": SYSTEM, "at": read_clock()}
    new = NewHome(
        building="T",
        number=f"T-{home}",
        contracted_sqm=AreaSqm(Decimal(90)),
        registered_sqm=AreaSqm(Decimal(91)),
        price_fen_per_sqm=Fen(800_000),
        people=(Person(name="王一"),),
        household_id=household_id,
    )
    (row,) = enter_homes(homes=[new], **told)
    if home == 1:
        open_title_case(kind="first", **told)
        terms = settle_at_actual(source=TermsFrom.PLAN, clause="plan/area#1")
        state_area_terms(**{**told, "by": project.officer}, terms=terms)
    settled = settle_home(**{**told, "by": project.officer}, home_id=row.id)
    case = open_title_case(kind="transfer", home_id=row.id, household_id=household_id, **told)
    return {"home_id": row.id, "settlement_id": settled.id, "title_case_id": case.id}


def batch_of(project: Selected) -> UUID:
    """Send a pack of one home, only to be checked."""
    return receive_batch(
        project_id=project.id,
        data=packed(make_files(1)),
        file_name="pack.zip",
        is_dry_run=True,
        by=project.officer,
        at=read_clock(),
    ).id
