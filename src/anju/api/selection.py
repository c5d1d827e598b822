"""Endpoints of the selection: the board, the draw, batches, turns and choices."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from django.http import HttpRequest
from ninja import Path, Router

from anju.api.permits import actor_of, asks, project_in_sight
from anju.api.schemas import (
    BatchOut,
    ChoiceIn,
    ChosenOut,
    Done,
    ProjectCode,
    Refused,
    TurnOut,
    WaiverIn,
)
from anju.api.selection_rows import BoardOut, board_out
from anju.foundation.core.clock import read_clock
from anju.resettlement.inventory.queries import unit_by_number
from anju.resettlement.selection import queries
from anju.resettlement.selection.operations.batches import close_batch, open_batch
from anju.resettlement.selection.operations.choosing import choose_homes
from anju.resettlement.selection.operations.drawing import rehearse_draw
from anju.resettlement.selection.operations.turns import (
    call_next,
    miss_turn,
    return_turn,
    waive_turn,
)

router = Router(tags=["selection"])
_REFUSED = {401: Refused, 404: Refused, 409: Refused, 422: Refused}
Batch = Annotated[int, Path(ge=1, le=100_000)]


@router.get("/{code}/board", response={200: BoardOut, **_REFUSED})
@asks("selection.see")
def show_board(request: HttpRequest, code: ProjectCode) -> BoardOut:
    """Give what the sunshine wall shows, masked throughout."""
    project = project_in_sight(code, by=actor_of(request))
    return board_out(queries.selection_board(project_id=project.id))


@router.post("/{code}/draw/rehearsal", response={200: Done, **_REFUSED})
@asks("draws.rehearse")
def rehearse(request: HttpRequest, code: ProjectCode) -> Done:
    """Draw by rehearsal: it freezes the register and fixes the order, without effect in law."""
    by = actor_of(request)
    project = project_in_sight(code, by=by)
    rehearse_draw(project_id=project.id, by=by, at=read_clock())
    return Done()


@router.get("/{code}/batches", response={200: list[BatchOut], **_REFUSED})
@asks("selection.run")
def list_batches(request: HttpRequest, code: ProjectCode) -> list[BatchOut]:
    """Give every batch with how many are through."""
    by = actor_of(request)
    project = project_in_sight(code, by=by)
    desk = queries.desk(project_id=project.id, by=by)
    return [BatchOut.from_orm(batch) for batch in desk.batches]


@router.post("/{code}/batches/{batch}/open", response={200: Done, **_REFUSED})
@asks("selection.run")
def open_one(request: HttpRequest, code: ProjectCode, batch: Batch) -> Done:
    """Open the next batch."""
    by = actor_of(request)
    project = project_in_sight(code, by=by)
    open_batch(project_id=project.id, batch=batch, by=by, at=read_clock())
    return Done()


@router.post("/{code}/batches/close", response={200: Done, **_REFUSED})
@asks("selection.run")
def close_open(request: HttpRequest, code: ProjectCode) -> Done:
    """Close the open batch."""
    by = actor_of(request)
    project = project_in_sight(code, by=by)
    close_batch(project_id=project.id, by=by, at=read_clock())
    return Done()


@router.get("/{code}/turns", response={200: list[TurnOut], **_REFUSED})
@asks("selection.run")
def list_turns(request: HttpRequest, code: ProjectCode) -> list[TurnOut]:
    """Give the turns of the open batch, in order."""
    by = actor_of(request)
    project = project_in_sight(code, by=by)
    return [TurnOut.from_orm(turn) for turn in queries.desk(project_id=project.id, by=by).turns]


@router.post("/{code}/turns/next", response={200: TurnOut, **_REFUSED})
@asks("selection.run")
def call(request: HttpRequest, code: ProjectCode) -> TurnOut:
    """Call the household that is next."""
    by = actor_of(request)
    project = project_in_sight(code, by=by)
    return TurnOut.from_orm(call_next(project_id=project.id, by=by, at=read_clock()))


@router.post("/{code}/turns/{turn}/choose", response={200: ChosenOut, **_REFUSED})
@asks("selection.choose")
def choose(request: HttpRequest, code: ProjectCode, turn: UUID, choice: ChoiceIn) -> ChosenOut:
    """Give the called household the homes it names; no home is given twice, whoever is faster."""
    by = actor_of(request)
    project = project_in_sight(code, by=by)
    units = [unit_by_number(project_id=project.id, number=number) for number in choice.homes]
    chosen = choose_homes(
        project_id=project.id,
        turn_id=turn,
        unit_ids=[unit.id for unit in units],
        by=by,
        at=read_clock(),
    )
    return ChosenOut.from_orm(chosen)


@router.post("/{code}/turns/{turn}/miss", response={200: TurnOut, **_REFUSED})
@asks("selection.run")
def miss(request: HttpRequest, code: ProjectCode, turn: UUID) -> TurnOut:
    """Note that the called household did not come in its time."""
    by = actor_of(request)
    project = project_in_sight(code, by=by)
    return TurnOut.from_orm(miss_turn(project_id=project.id, turn_id=turn, by=by, at=read_clock()))


@router.post("/{code}/turns/{turn}/waive", response={200: TurnOut, **_REFUSED})
@asks("selection.choose")
def waive(request: HttpRequest, code: ProjectCode, turn: UUID, waiver: WaiverIn) -> TurnOut:
    """Give up a turn for good."""
    by = actor_of(request)
    project = project_in_sight(code, by=by)
    return TurnOut.from_orm(
        waive_turn(
            project_id=project.id, turn_id=turn, reason=waiver.reason, by=by, at=read_clock()
        )
    )


@router.post("/{code}/turns/{turn}/return", response={200: TurnOut, **_REFUSED})
@asks("selection.run")
def come_back(request: HttpRequest, code: ProjectCode, turn: UUID) -> TurnOut:
    """Let a household that missed its turn come back at the end of its batch."""
    by = actor_of(request)
    project = project_in_sight(code, by=by)
    return TurnOut.from_orm(
        return_turn(project_id=project.id, turn_id=turn, by=by, at=read_clock())
    )
