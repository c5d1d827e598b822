"""The board as the API gives it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from ninja import Schema

from anju.api.schemas import BatchOut, ChosenOut, HomeOut
from anju.resettlement.selection.types import Board


class CalledOut(Schema):
    """Whose turn it is, at which desk, and what it has named."""

    place: int
    ticket: str
    masked_name: str
    stratum: str
    budget: str
    called_at: datetime
    limit_at: datetime
    desk: int
    named: list[HomeOut]
    sign_by: datetime | None
    signed: list[str]


class CountsOut(Schema):
    """Where the project stands."""

    households: int
    chosen: int
    missed: int
    waived: int
    to_come: int
    homes: int
    homes_taken: int
    homes_named: int
    homes_free: int


class LayoutOut(Schema):
    """What is left of one layout."""

    layout: str
    least_sqm: Decimal
    most_sqm: Decimal
    total: int
    free: int


class DrawOut(Schema):
    """One stratum's draw, and what it is checked by."""

    draw_number: str
    stratum: str
    is_rehearsal: bool
    households: int
    root: str
    announcement: str
    seed: str
    drawn_at: datetime
    event_id: UUID


class BoardOut(Schema):
    """A project's selection as anyone may see it."""

    code: str
    name: str
    mode: str
    stage: str
    is_rehearsal: bool
    rules_version: str
    counts: CountsOut
    batches: int
    batch: BatchOut | None
    called: list[CalledOut]
    next_tickets: list[str]
    homes: list[HomeOut]
    layouts: list[LayoutOut]
    choices: list[ChosenOut]
    draws: list[DrawOut]


def board_out(board: Board) -> BoardOut:
    """Lay a board out for programs: its homes as one list, the façades being a matter of pages."""
    return BoardOut(
        code=board.code,
        name=board.name,
        mode=board.mode,
        stage=board.stage,
        is_rehearsal=board.is_rehearsal,
        rules_version=board.rules_version,
        counts=CountsOut.from_orm(board.counts),
        batches=board.batches,
        batch=None if board.batch is None else BatchOut.from_orm(board.batch),
        called=[CalledOut.from_orm(called) for called in board.called],
        next_tickets=list(board.next_tickets),
        homes=[
            HomeOut.from_orm(home)
            for building in board.buildings
            for floor in building.floors
            for home in floor.homes
        ],
        layouts=[LayoutOut.from_orm(layout) for layout in board.layouts],
        choices=[ChosenOut.from_orm(choice) for choice in board.choices],
        draws=[DrawOut.from_orm(draw) for draw in board.draws],
    )
