"""Corrections of scores in words, for the desk and for the family: what changed, who moves."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from anju.resettlement.scoring.types import CorrectionRow, CorrectionState, FactChange
from anju.web.context import role_title
from anju.web.public.facts import name_facts, say_fact
from anju_rules.moves import Direction, Standing
from anju_rules.values import points_from_tenths

STATES: Mapping[CorrectionState, str] = {
    CorrectionState.PROPOSED: "等第二人签字",
    CorrectionState.SIGNED: "已更正",
    CorrectionState.DECLINED: "没有签",
    CorrectionState.WITHDRAWN: "已撤回",
}
DIRECTIONS: Mapping[Direction, str] = {
    Direction.UP: "前移",
    Direction.DOWN: "后移",
    Direction.EITHER: "看抽签",
    Direction.STAYS: "名次不变",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRow:
    """One corrected fact."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionCard:
    """One correction as its readers meet it."""

    id: UUID
    household_id: UUID
    number: str
    state: CorrectionState
    told: str
    """The state in words."""
    changes: tuple[ChangeRow, ...]
    points_before: str
    points_after: str
    places: str
    """How the household itself moves, once signed; empty where the lot decides."""
    moved: str
    """How many it moved which way, once signed."""
    reason: str
    closing_reason: str
    proposed_role: str
    proposed_at: datetime
    closed_role: str
    closed_at: datetime | None
    event_id: UUID | None

    @property
    def is_open(self) -> bool:
        """Whether it waits for the second person."""
        return self.state is CorrectionState.PROPOSED


def say_places(standing: Standing) -> str:
    """Say a span of places.

    >>> from anju_rules.values import Tenths
    >>> say_places(Standing(total=Tenths(9), first=3, last=3))
    '第 3 位'
    >>> say_places(Standing(total=Tenths(9), first=3, last=5))
    '第 3–5 位'
    """
    if standing.ties:
        return f"第 {standing.first}–{standing.last} 位"
    return f"第 {standing.first} 位"


def say_moved(counts: Mapping[Direction, int]) -> str:
    """Say how many households move which way.

    >>> say_moved({Direction.UP: 1, Direction.DOWN: 4})
    '1 户前移，4 户后移'
    """
    told = [f"{counts[one]} 户{words}" for one, words in DIRECTIONS.items() if counts.get(one)]
    return "，".join(told)


def lay_out_changes(
    changes: Iterable[FactChange], *, names: Mapping[str, str]
) -> tuple[ChangeRow, ...]:
    """Put corrected facts into words."""
    return tuple(
        ChangeRow(
            label=names.get(one.fact, one.fact),
            before=say_fact(one.before),
            after=say_fact(one.after),
        )
        for one in changes
    )


def lay_out_corrections(
    rows: Iterable[CorrectionRow], *, plan: Mapping[str, object]
) -> tuple[CorrectionCard, ...]:
    """Lay corrections out; ``plan`` names the facts."""
    names = name_facts(plan)
    return tuple(_card(row, names) for row in rows)


def _card(row: CorrectionRow, names: Mapping[str, str]) -> CorrectionCard:
    move = row.own_move
    return CorrectionCard(
        id=row.id,
        household_id=row.household_id,
        number=row.number,
        state=row.state,
        told=STATES[row.state],
        changes=lay_out_changes(row.facts, names=names),
        points_before=points_from_tenths(row.total_before),
        points_after=points_from_tenths(row.total_after),
        places=f"{say_places(move.before)} → {say_places(move.after)}" if move else "",
        moved=say_moved(row.moved),
        reason=row.reason,
        closing_reason=row.closing_reason,
        proposed_role=role_title(row.proposed_role),
        proposed_at=row.proposed_at,
        closed_role=role_title(row.closed_role),
        closed_at=row.closed_at,
        event_id=row.event_id,
    )
