"""Endpoints of the selection: the board, the draw, batches, turns and choices."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from django.http import HttpRequest
from ninja import Header, Path, Router

from anju.api.permits import act_on, actor_of, asks, project_in_sight
from anju.api.schemas import (
    BatchOut,
    CallIn,
    ChoiceIn,
    ChosenOut,
    Done,
    DropIn,
    NamingIn,
    OfCall,
    ProjectCode,
    Refused,
    SignatureIn,
    TurnOut,
    WaiverIn,
)
from anju.api.selection_rows import BoardOut, board_out
from anju.resettlement.inventory.queries import unit_ids
from anju.resettlement.selection import queries
from anju.resettlement.selection.operations.batches import close_batch, open_batch
from anju.resettlement.selection.operations.choosing import choose_homes, name_homes
from anju.resettlement.selection.operations.drawing import rehearse_draw
from anju.resettlement.selection.operations.signing import drop_naming, sign_choice
from anju.resettlement.selection.operations.turns import (
    call_next,
    miss_turn,
    return_turn,
    waive_turn,
)

router = Router(tags=["selection"])
_REFUSED = {401: Refused, 404: Refused, 409: Refused, 422: Refused}
Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=100,
        description="同一个编号的同一请求只办一次；断线后用它再问，得到当时的回答",
    ),
]
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
    rehearse_draw(**act_on(request, code))
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
    open_batch(**act_on(request, code), batch=batch)
    return Done()


@router.post("/{code}/batches/close", response={200: Done, **_REFUSED})
@asks("selection.run")
def close_open(request: HttpRequest, code: ProjectCode) -> Done:
    """Close the open batch."""
    close_batch(**act_on(request, code))
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
def call(
    request: HttpRequest, code: ProjectCode, told: CallIn | None = None, *, key: Key = None
) -> TurnOut:
    """Call the household that is next, to a desk."""
    desk = None if told is None else told.desk
    return TurnOut.from_orm(call_next(**act_on(request, code), desk=desk, key=key))


@router.post("/{code}/turns/{turn}/choose", response={200: ChosenOut, **_REFUSED})
@asks("selection.choose")
def choose(
    request: HttpRequest, code: ProjectCode, turn: UUID, choice: ChoiceIn, *, key: Key = None
) -> ChosenOut:
    """Name homes for the called household and sign for one's side; no home is given twice."""
    asked = act_on(request, code)
    chosen = choose_homes(
        **asked,
        turn_id=turn,
        unit_ids=unit_ids(project_id=asked["project_id"], numbers=choice.homes),
        by_wishes=choice.by_wishes,
        call=choice.call,
        key=key,
    )
    return ChosenOut.from_orm(chosen)


@router.post("/{code}/turns/{turn}/name", response={200: ChosenOut, **_REFUSED})
@asks("selection.choose")
def name(
    request: HttpRequest, code: ProjectCode, turn: UUID, naming: NamingIn, *, key: Key = None
) -> ChosenOut:
    """Name homes for the called household; they are held while they are signed for."""
    asked = act_on(request, code)
    named = name_homes(
        **asked,
        turn_id=turn,
        unit_ids=unit_ids(project_id=asked["project_id"], numbers=naming.homes),
        add=naming.add,
        by_wishes=naming.by_wishes,
        call=naming.call,
        key=key,
    )
    return ChosenOut.from_orm(named)


@router.post("/{code}/turns/{turn}/sign", response={200: ChosenOut, **_REFUSED})
@asks("selection.sign")
def sign(
    request: HttpRequest, code: ProjectCode, turn: UUID, signature: SignatureIn, *, key: Key = None
) -> ChosenOut:
    """Sign for one's side what is named; the last signature makes the choice."""
    signed = sign_choice(
        **act_on(request, code),
        turn_id=turn,
        step=signature.step,
        signature_document=signature.document,
        call=signature.call,
        key=key,
    )
    return ChosenOut.from_orm(signed)


@router.post("/{code}/turns/{turn}/drop", response={200: TurnOut, **_REFUSED})
@asks("selection.sign")
def drop(
    request: HttpRequest, code: ProjectCode, turn: UUID, drop: DropIn, *, key: Key = None
) -> TurnOut:
    """Let the named homes go before every side has signed."""
    asked = act_on(request, code)
    return TurnOut.from_orm(
        drop_naming(**asked, turn_id=turn, reason=drop.reason, call=drop.call, key=key)
    )


@router.post("/{code}/turns/{turn}/miss", response={200: TurnOut, **_REFUSED})
@asks("selection.run")
def miss(
    request: HttpRequest,
    code: ProjectCode,
    turn: UUID,
    told: OfCall | None = None,
    *,
    key: Key = None,
) -> TurnOut:
    """Note that the called household did not come in its time."""
    call = None if told is None else told.call
    return TurnOut.from_orm(miss_turn(**act_on(request, code), turn_id=turn, call=call, key=key))


@router.post("/{code}/turns/{turn}/waive", response={200: TurnOut, **_REFUSED})
@asks("selection.choose")
def waive(
    request: HttpRequest, code: ProjectCode, turn: UUID, waiver: WaiverIn, *, key: Key = None
) -> TurnOut:
    """Give up a turn for good."""
    asked = act_on(request, code)
    return TurnOut.from_orm(
        waive_turn(**asked, turn_id=turn, reason=waiver.reason, call=waiver.call, key=key)
    )


@router.post("/{code}/turns/{turn}/return", response={200: TurnOut, **_REFUSED})
@asks("selection.run")
def come_back(request: HttpRequest, code: ProjectCode, turn: UUID) -> TurnOut:
    """Let a household that missed its turn come back at the end of its batch."""
    return TurnOut.from_orm(return_turn(**act_on(request, code), turn_id=turn))
