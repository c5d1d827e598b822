"""Hand-overs as desk and family see them: which home, how it stands, who has signed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from anju.resettlement.delivery.types import HandOverRow
from anju.resettlement.inventory.queries import units_by_ids
from anju.titles.partners.types import Service
from anju.web.public.saying import say_area, say_home, say_moment
from anju.web.rating_codes import address_of_rating


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOverCard:
    """One hand-over."""

    id: UUID
    masked_name: str
    home: str
    state: str
    words: str
    accepted: str
    keys: int
    meters: tuple[tuple[str, str, str], ...]
    """Name, reading and unit of each meter."""
    office_signed: str
    household_signed: str
    ended: str
    late_days: int
    rate: str
    """Where it is rated once it is over; empty before."""


def lay_out_hand_overs(
    *, project_id: UUID, rows: Sequence[HandOverRow], names: Mapping[UUID, str]
) -> list[HandOverCard]:
    """Lay hand-overs out as cards, in their order; ``names``: masked, by household."""
    units = units_by_ids(project_id=project_id, unit_ids={row.unit_id for row in rows})
    homes = {
        unit.id: f"{say_home(unit.home)} · {say_area(unit.home.area_sqm)} ㎡" for unit in units
    }
    return [
        HandOverCard(
            id=row.id,
            masked_name=names.get(row.household_id, ""),
            home=homes[row.unit_id],
            state=row.state,
            words=_say_state(row),
            accepted=row.accepted_on.isoformat(),
            keys=row.keys,
            meters=_meters(row),
            office_signed=say_moment(row.office_signed_at) if row.office_signed_at else "",
            household_signed=say_moment(row.household_signed_at) if row.household_signed_at else "",
            ended=say_moment(row.ended_at) if row.ended_at else "",
            late_days=row.late_days,
            rate=_rate(project_id, row),
        )
        for row in rows
    ]


def _rate(project_id: UUID, row: HandOverRow) -> str:
    if row.state != "handed-over":
        return ""
    return address_of_rating(Service(project_id=project_id, kind="delivery", id=row.id))


def _say_state(row: HandOverRow) -> str:
    if row.state == "handed-over":
        return "已交房"
    if row.state == "withdrawn":
        return "已撤回"
    if row.office_signed_at is None and row.household_signed_at is None:
        return "等双方签字"
    return "等家庭签字" if row.household_signed_at is None else "等经办人签字"


def _meters(row: HandOverRow) -> tuple[tuple[str, str, str], ...]:
    told = (
        ("水表", row.readings.water, "吨"),
        ("电表", row.readings.power, "度"),
        ("燃气表", row.readings.gas, "立方米"),
    )
    return tuple(one for one in told if one[1])
