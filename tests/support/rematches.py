"""Selections that are over, with households left without a home: for tests of the re-match."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from anju.foundation.access.context import reading
from anju.resettlement.rematch.operations import (
    carry_out_rematch,
    freeze_rematch,
    hand_in_rematch_wishes,
    open_rematch,
)
from anju.resettlement.rematch.queries import homes_to_wish
from anju.resettlement.rematch.types import RoundRow
from anju.resettlement.selection.auto_play import play_step
from anju.resettlement.selection.leftovers import EndedTurn, ended_turns
from anju.resettlement.selection.operations.turns import miss_turn, waive_turn
from anju.resettlement.selection.queries import called_turn
from tests.support.kept import kept
from tests.support.selections import AT, Selected, drawn_project, officer

OPENED = AT + timedelta(days=90)
CLOSES = OPENED + timedelta(days=14)
QUARTER = "2026-Q3"


@kept
def ended_project(
    *, missed: Collection[int] = (3, 5), waived: Collection[int] = (2,), code: str = ""
) -> Selected:
    """Give a project whose batches are all closed; the households at these places have no home."""
    project = drawn_project(late="refused", homes=16, households=12, code=code)
    end_selection(project, missed=missed, waived=waived)
    return project


def end_selection(
    project: Selected,
    *,
    missed: Collection[int] = (),
    waived: Collection[int] = (),
    at: datetime = AT,
) -> None:
    """Let the day run by itself to its end, but for those who miss or waive their turn."""
    while True:
        called = called_turn(project_id=project.id)
        if called is not None and called.place in waived:
            waive_turn(project_id=project.id, turn_id=called.id, by=project.officer, at=at)
        elif called is not None and called.place in missed:
            at = (called.limit_at or at) + timedelta(seconds=1)
            miss_turn(project_id=project.id, turn_id=called.id, by=project.officer, at=at)
        elif play_step(project_id=project.id, by=project.officer, at=at) == "done":
            return


def turn_at(project: Selected, place: int) -> EndedTurn:
    """Give the turn of the household at a place, with the homes it holds now."""
    return next(turn for turn in ended_turns(project_id=project.id) if turn.place == place)


def open_round(project: Selected, *, quarter: str = QUARTER, at: datetime = OPENED) -> RoundRow:
    """Open a re-match with two weeks for wishes."""
    return open_rematch(
        project_id=project.id,
        quarter=quarter,
        closes_at=at + timedelta(days=14),
        by=project.officer,
        at=at,
    )


def wish(
    project: Selected, place: int, *homes: UUID, offers: UUID | None = None, at: datetime = OPENED
) -> None:
    """Hand in the wishes of the household at a place, as the household itself."""
    household_id = turn_at(project, place).household_id
    hand_in_rematch_wishes(
        project_id=project.id,
        household_id=household_id,
        unit_ids=homes,
        offered_id=offers,
        by=project.household(household_id),
        at=at,
    )


def wishable(project: Selected, place: int, *, offers: UUID | None = None) -> list[UUID]:
    """Give the vacant homes that the household at a place may wish for."""
    household_id = turn_at(project, place).household_id
    with reading(by=project.officer):
        found = homes_to_wish(
            project_id=project.id,
            household_id=household_id,
            offered_id=offers,
            by=project.officer,
        )
    return [one.unit_id for one in found if one.is_vacant]


def freeze_and_carry_out(project: Selected, *, at: datetime = CLOSES) -> RoundRow:
    """Freeze the list and carry it out, two people signing."""
    freeze_rematch(project_id=project.id, by=project.officer, at=at)
    return carry_out_rematch(project_id=project.id, by=project.officer, second=officer(), at=at)
