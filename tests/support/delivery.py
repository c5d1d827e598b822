"""A home that a household holds and that may be handed over, for tests."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from uuid import UUID

from anju.foundation.access.types import Actor
from anju.foundation.core.crypto import new_id
from anju.resettlement.delivery.operations import prepare_hand_over, sign_hand_over
from anju.resettlement.delivery.types import HandOverRow, MeterReadings
from anju.resettlement.inventory.operations import name_responsible, sign_stage
from anju.resettlement.inventory.queries import unit_briefs
from anju.resettlement.selection.operations.choosing import choose_homes
from anju_rules.quality import Part, Stage
from tests.support.selections import AT, LATER, Selected, call_first, drawn_project, free_homes

HANDED_ON = datetime(2026, 9, 1, 2, 0, tzinfo=UTC)
ACCEPTED, PROMISED = date(2026, 8, 20), date(2026, 8, 31)
READINGS = MeterReadings(water="12.5", power="301", gas="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A project in which one household holds one home."""

    project: Selected
    household_id: UUID
    unit_id: UUID

    def office(self, role: str = "district-officer") -> Actor:
        """Give somebody of the office."""
        return replace(self.project.officer, id=new_id(), role=role)

    @property
    def family(self) -> Actor:
        """Give the household as it is signed in."""
        return self.project.household(self.household_id)

    def prepare(self, *, readings: MeterReadings = READINGS, keys: int = 4) -> HandOverRow:
        """Prepare the hand-over."""
        return prepare_hand_over(
            project_id=self.project.id,
            unit_id=self.unit_id,
            accepted_on=ACCEPTED,
            promised_on=PROMISED,
            keys=keys,
            readings=readings,
            by=self.office(),
            at=HANDED_ON,
        )

    def sign(self, row: HandOverRow, by: Actor) -> HandOverRow:
        """Sign it as somebody."""
        return sign_hand_over(project_id=self.project.id, hand_over_id=row.id, by=by, at=HANDED_ON)

    def hand_over(self) -> HandOverRow:
        """Hand the home over, both sides signing."""
        row = self.prepare()
        self.sign(row, self.office())
        return self.sign(row, self.family)


def held_home(*, is_ready: bool = True) -> Held:
    """Have a household choose one home; ready: its quality trace misses nothing."""
    project = drawn_project(households=8)
    turn = call_first(project)
    (unit_id,) = free_homes(project, turn.household_id)[:1]
    choose_homes(
        project_id=project.id, turn_id=turn.id, unit_ids=[unit_id], by=project.officer, at=LATER
    )
    if is_ready:
        _complete_trace(project)
    return Held(project=project, household_id=turn.household_id, unit_id=unit_id)


def _complete_trace(project: Selected) -> None:
    units = unit_briefs(project_id=project.id)
    told = {"project_id": project.id, "at": AT}
    for stage in Stage:
        for role in ("builder", "supervisor", "representative"):
            by = replace(project.officer, id=new_id(), role=role)
            sign_stage(unit_ids=[unit.id for unit in units], stage=stage, by=by, **told)  # type: ignore[arg-type]
    for community, building in sorted({(one.home.community, one.home.building) for one in units}):
        for part in Part:
            name_responsible(
                community=community,
                building=building,
                part=part,
                organisation="第一建筑公司",
                responsible="总工程师 李工",
                by=project.officer,
                **told,  # type: ignore[arg-type]
            )
